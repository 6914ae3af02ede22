//! One pass, for people and for programs.

use std::fmt;

use serde::Serialize;

use super::print::print_json;
use super::{Blocks, Complaint, Counts, Http, Ops, Outcome, Project, Restored, time};
use crate::model::Millis;

/// One pass.
#[derive(Debug, Clone, Serialize)]
pub struct Pass {
    /// `sync`, `sync-project`, `letta-push` or `conflicts restore`.
    pub command: String,
    /// Nothing was written.
    pub dry_run: bool,
    /// Exit code.
    pub exit: u8,
    /// RFC 3339, our clock.
    pub started_at: String,
    /// Wall time.
    pub duration_ms: u64,
    /// By identifier.
    pub projects: Vec<Project>,
    /// Over all projects.
    pub totals: Counts,
    /// Traffic by host.
    pub http: Http,
    /// Largest resident memory; `null` where the system does not tell.
    pub peak_rss_bytes: Option<u64>,
    /// Of `conflicts restore`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restored: Option<Restored>,
    /// What stopped the pass, or kept it from starting.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Complaint>,
    /// Of a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Ops>,
}

impl Pass {
    /// One that has done nothing yet; `started` is our clock.
    #[must_use]
    pub fn new(command: &str, dry_run: bool, started: Millis) -> Self {
        Self {
            command: command.to_owned(),
            dry_run,
            exit: 0,
            started_at: time(started),
            duration_ms: 0,
            projects: Vec::new(),
            totals: Counts::default(),
            http: Http::default(),
            peak_rss_bytes: None,
            restored: None,
            errors: Vec::new(),
            plan: None,
        }
    }

    /// Prints it as one JSON object. A dry run has a plan in it however it ended.
    pub fn print_json(mut self) {
        if self.dry_run {
            self.plan.get_or_insert_default();
        }
        print_json(&self);
    }
}

impl Pass {
    /// Which projects were not synced, in a line.
    fn write_skipped(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 12;
        let skipped = self.projects.iter().filter(|project| project.outcome == Outcome::Skipped);
        let names: Vec<&str> = skipped.map(|project| project.identifier.as_str()).collect();
        if names.is_empty() {
            return Ok(());
        }
        let shown = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
        let more = names.len().saturating_sub(SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let what = if names.len() == 1 { "project" } else { "projects" };
        writeln!(f, "{} {what} skipped: {shown}{more}", names.len())
    }

    /// What Letta was told, in a line; nothing where it was not.
    fn write_blocks(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut agents, mut sum) = (0, Blocks::default());
        for blocks in self.projects.iter().filter_map(|project| project.blocks) {
            agents += 1;
            sum += blocks;
        }
        if agents == 0 && self.command != "letta-push" {
            return Ok(());
        }
        writeln!(
            f,
            "letta: {agents} agents, {} blocks written, {} unchanged, {} failed",
            sum.written, sum.unchanged, sum.failed
        )
    }
}

impl fmt::Display for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(plan) = &self.plan {
            // That the file cannot be read shows as a plan that ends too early.
            plan.each(|op| Ok(writeln!(f, "{op}")?)).map_err(|error| {
                log::error!("{error:#}");
                fmt::Error
            })?;
            return writeln!(f, "{} operations planned, nothing written", plan.len());
        }
        if let Some(restored) = &self.restored {
            writeln!(f, "{restored}")?;
        }
        if self.command == "letta-push" {
            return self.write_blocks(f);
        }
        let totals = self.totals;
        writeln!(
            f,
            "{} projects in {:.1} s: {} issues and {} tasks seen",
            self.projects.len(),
            self.duration_ms as f64 / 1000.0,
            totals.seen.huly,
            totals.seen.vibe
        )?;
        writeln!(
            f,
            "huly: {} created, {} updated, {} cancelled; vibe: {} created, {} updated, {} ended",
            totals.created.huly,
            totals.updated.huly,
            totals.deleted.huly,
            totals.created.vibe,
            totals.updated.vibe,
            totals.deleted.vibe
        )?;
        for (count, what) in [
            (totals.conflicts, "conflicts (see `conflicts`)"),
            (totals.pending, "pending"),
            (totals.failed, "failed"),
            (totals.surplus, "surplus tasks"),
            (totals.unsupported, "descriptions that this bridge cannot change"),
        ] {
            if count > 0 {
                writeln!(f, "{count} {what}")?;
            }
        }
        self.write_skipped(f)?;
        self.write_blocks(f)
    }
}
