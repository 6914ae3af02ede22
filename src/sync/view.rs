//! The two halves of a pair as they are now: what this pass saw, else what was last seen.

use crate::huly::Texts;
use crate::model::{Hash, Side};
use crate::store::issues::{Link, Row};
use crate::store::pending::Reason;

use super::blank;
use super::desk::Desk;
use super::evidence::{self, Evidence};
use super::halves::{Half, Pair};
use super::marker::{self, Own};
use super::merge::{self, Merged, Step};
use super::normal;
use super::outgoing;
use super::staged::Staged;
use super::trouble::Result;

/// Leaves a pair whose issue reads blank, and is not believed yet, for the next pass.
pub(super) fn doubt(desk: &mut Desk<'_>, identifier: &str) {
    let message = "its description reads blank; it is read again before that is believed";
    desk.mark(identifier, Reason::Blank, None, message.to_owned());
}

/// The markers that are no text of this pair.
pub(super) fn own<'a>(row: &'a Row, link: &'a Link) -> Own<'a> {
    Own { issue: Some(&row.identifier), task: Some(&link.task) }
}

/// What the issue shows: staged, else as last seen.
pub(super) fn huly_half(
    desk: &Desk<'_>,
    row: &Row,
    link: &Link,
    staged: Option<&Staged>,
) -> Result<Half> {
    let Some(staged) = staged else {
        return Ok(Half {
            title: row.title.clone(),
            status: row.status.clone(),
            // A blank that is not proven stands until the issue is read.
            text: row.text.or(link.huly.text.filter(|&text| text == normal::BLANK)),
            modified: row.modified,
            ..Half::default()
        });
    };
    Ok(Half {
        title: staged.title.clone(),
        status: staged.status.clone(),
        category: staged.category,
        text: text_of(desk, row, link, staged, &link.task)?,
        changed: staged.modified.filter(|&at| row.modified.is_none_or(|before| at > before)),
        modified: staged.modified,
    })
}

/// What the task shows: staged, else as last seen.
pub(super) fn vibe_half(
    desk: &Desk<'_>,
    row: &Row,
    link: &Link,
    staged: Option<&Staged>,
) -> Result<Half> {
    let Some(staged) = staged else {
        return Ok(Half {
            title: link.task_title.clone(),
            status: Some(link.task_status.clone()),
            text: Some(link.task_text),
            modified: link.task_updated,
            ..Half::default()
        });
    };
    // Vibe's time moves only when the server itself acts: where it did not, nothing is proven.
    let changed = staged.modified.filter(|&at| link.task_updated.is_some_and(|before| at > before));
    Ok(Half {
        title: staged.title.clone(),
        status: staged.status.clone(),
        category: None,
        text: text_of(desk, row, link, staged, &row.identifier)?,
        changed,
        modified: staged.modified,
    })
}

fn text_of(
    desk: &Desk<'_>,
    row: &Row,
    link: &Link,
    staged: &Staged,
    other: &str,
) -> Result<Option<Hash>> {
    if staged.text.is_none() || staged.text_fits(other) {
        return Ok(staged.text);
    }
    let text = desk.stage.text(staged)?;
    Ok(Some(normal::digest(&marker::without_own(&text, own(row, link)))))
}

/// Whether the same text is shown by another backend than last time, in other Markdown: the issue has
/// not changed since it was seen through one that knows no references.
fn is_shown_anew(row: &Row, link: &Link, issue: &Staged) -> bool {
    row.text_ref.is_none()
        && issue.text_ref.is_some()
        && row.modified.is_some()
        && row.modified == issue.modified
        && row.text.is_some()
        && row.text == link.huly.text
}

/// What becomes of a pair whose halves show this.
pub(super) fn merged(desk: &Desk<'_>, row: &Row, link: &Link, huly: &Half, vibe: &Half) -> Merged {
    let merged = merge::pair(desk.rules(), &link.huly, &link.vibe, &huly.shown(), &vibe.shown());
    match &desk.pass.wish {
        Some(wish) => wish.bend(&row.identifier, merged),
        None => merged,
    }
}

/// Whether an earlier pass left the pair because the project had no status for its task's.
fn waited_for_status(desk: &Desk<'_>, row: &Row, link: &Link) -> bool {
    let was = |item: &str| desk.pending.get(item).map(|was| was.reason);
    [was(&row.identifier), was(&link.task)].contains(&Some(Reason::Unmapped))
}

/// Merges a pair under the rules of this pass.
pub(super) fn pair(
    desk: &Desk<'_>,
    mut row: Row,
    mut link: Link,
    issue: Option<&Staged>,
    task: Option<&Staged>,
) -> Result<Pair> {
    let mut huly = huly_half(desk, &row, &link, issue)?;
    let vibe = vibe_half(desk, &row, &link, task)?;
    // Where texts come by reference, one that could not be read is an error and never blank.
    let may_lie = desk.abilities().texts != Texts::ByReference;
    let unproven = blank::is_unproven(desk, &row, huly.text, issue);
    let suspect = may_lie
        && issue.is_some()
        && !evidence::is_believed(Evidence {
            base: link.huly.text,
            seen: row.text,
            now: huly.text,
            other: vibe.text,
            before: row.modified,
            modified: huly.modified,
            tries: desk.tries(&row.identifier, Reason::Blank),
            others: desk.others,
        });
    if suspect {
        huly.text = None;
    }
    if let Some(issue) = issue.filter(|issue| is_shown_anew(&row, &link, issue)) {
        log::debug!("{}: its text is shown anew", issue.name);
        link.huly.text = huly.text;
    }
    if let Some(issue) = issue {
        row.priority.clone_from(&issue.priority);
        row.created = issue.created.or(row.created);
        row.remote_id = issue.remote_id.clone().or(row.remote_id);
        if issue.text.is_some() {
            row.text_ref.clone_from(&issue.text_ref);
        }
    }
    let mut merged = merged(desk, &row, &link, &huly, &vibe);
    if let Step::Conflict { first_sight: true, .. } = merged.status
        && waited_for_status(desk, &row, &link)
    {
        // It could not cross until the project had it: nobody else has said anything since.
        merged.status = match desk.rules().direction.writes_to(Side::Huly) {
            true => Step::Write(Side::Huly),
            false => Step::Drift,
        };
    }
    let mut pair = Pair {
        row,
        link,
        huly,
        vibe,
        merged,
        suspect,
        unproven,
        unsupported: false,
        unmapped: false,
        read_only: task.is_some_and(|task| task.read_only),
    };
    hold_back(desk, &mut pair);
    Ok(pair)
}

/// Takes out of a pair's merge what cannot be written.
pub(super) fn hold_back(desk: &Desk<'_>, pair: &mut Pair) {
    if pair.merged.text.target() == Some(Side::Huly) && !desk.abilities().edits_text {
        pair.merged.text = Step::Drift;
        pair.unsupported = true;
    }
    if pair.merged.status.target() == Some(Side::Huly)
        && outgoing::status_for(desk, &pair.vibe, Side::Huly).is_none()
    {
        pair.merged.status = Step::Drift;
        pair.unmapped = true;
    }
    if pair.read_only {
        for step in [&mut pair.merged.title, &mut pair.merged.text, &mut pair.merged.status] {
            if step.target() == Some(Side::Vibe) {
                *step = Step::Drift;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::huly::{Issue, Text};
    use crate::model::Side;
    use crate::store::issues::Base;

    #[test]
    fn a_text_that_another_backend_shows_in_other_words_is_no_edit() {
        let issue = |modified, text_ref: Option<&str>| {
            let issue = Issue {
                id: Some("i".into()),
                identifier: "P-1".into(),
                title: "T".into(),
                status: None,
                category: None,
                priority: String::new(),
                created: None,
                modified: Some(modified),
                text: Text::Read("* a".into()),
                text_ref: text_ref.map(str::to_owned),
            };
            Staged::issue(issue, None).0
        };
        let seen = Some(Hash([1; 16]));
        let mut row = crate::sync::unlinked::row_of(&issue(5, None));
        row.text = seen;
        let link = Link {
            task: "t".into(),
            marked: Side::Vibe,
            task_created: None,
            task_updated: None,
            task_title: String::new(),
            task_status: String::new(),
            task_text: Hash([1; 16]),
            huly: Base { text: seen, ..Base::default() },
            vibe: Base::default(),
        };
        assert!(is_shown_anew(&row, &link, &issue(5, Some("blob"))));
        assert!(!is_shown_anew(&row, &link, &issue(6, Some("blob"))), "it was edited");
        assert!(!is_shown_anew(&row, &link, &issue(5, None)), "the same backend");
        let drifted = Row { text: Some(Hash([2; 16])), ..row.clone() };
        assert!(!is_shown_anew(&drifted, &link, &issue(5, Some("blob"))), "not yet agreed on");
    }
}
