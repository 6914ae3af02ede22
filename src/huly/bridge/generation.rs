//! Which of the two bridges this is, and what each can do.

use std::sync::atomic::Ordering;

use super::{BODY_LIMIT, Bridge, error};
use crate::http::{Content, Kind, Request, Result};
use crate::huly::{Abilities, Texts};
use crate::model::Millis;

/// How far a cursor stays behind: `modifiedOn` goes back a little after a status write, and the
/// platform may store late what it accepted early.
const OVERLAP_MS: Millis = 120_000;

/// A written text shows for 150 ms even where it is lost afterwards.
const SETTLE_MS: u64 = 300;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Generation {
    /// October 2025.
    First,
    /// January to March 2026: bulk calls, PATCH, lists without texts.
    Second,
}

impl Generation {
    fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
        }
    }

    pub(super) fn lists_texts(self) -> bool {
        self == Self::First
    }

    pub(super) fn abilities(self) -> Abilities {
        let second = self == Self::Second;
        Abilities {
            identifiers_return: true,
            creates_by_id: false,
            texts: if second { Texts::OnRequest } else { Texts::Inline },
            edits_text: second,
            shared_changes: second,
            conditional_writes: false,
            overlap_ms: OVERLAP_MS,
            settle_ms: if second { SETTLE_MS } else { 0 },
            body_limit: BODY_LIMIT,
        }
    }
}

impl Bridge {
    /// As found out; before that, the oldest.
    pub(super) fn generation(&self) -> Generation {
        if self.generation.load(Ordering::Relaxed) == 2 {
            Generation::Second
        } else {
            Generation::First
        }
    }

    /// Bridges are updated, not set back: "second" is believed, "first" is asked again.
    pub(super) fn find_generation(
        &self,
        remembered: Option<&str>,
        verify: bool,
        project: &str,
    ) -> Result<String> {
        let known = remembered == Some(Generation::Second.name()) && !verify;
        let found = if known { Generation::Second } else { self.ask_generation(project)? };
        self.generation.store(if found == Generation::Second { 2 } else { 1 }, Ordering::Relaxed);
        Ok(found.name().to_owned())
    }

    /// The first has no bulk read: there the path is an issue named `bulk`.
    fn ask_generation(&self, project: &str) -> Result<Generation> {
        let request = Request::get("/api/issues/bulk").query("ids", &format!("{project}-0"));
        let answer = self.server.ask(&request)?;
        match (answer.status, answer.content) {
            (200, _) => Ok(Generation::Second),
            (404, Content::Json) if answer.message() == "Issue bulk not found" => {
                Ok(Generation::First)
            }
            (404, _) => {
                let message = "this is no bridge to Huly, or an unknown version of one";
                Err(error(Kind::Protocol, &request.call(), message))
            }
            _ => Err(answer.error()),
        }
    }
}
