//! Cancels the issue whose task was deleted, where the policy says so.

use crate::huly::{self, IssueWrite, Seen, Written};
use crate::model::Side;
use crate::sync::apply::{Results, target};
use crate::sync::desk::Desk;
use crate::sync::halves::Half;
use crate::sync::outgoing;
use crate::sync::trouble::Result;

use super::{Work, bury, give_up, note, say, survivor};

pub(super) fn cancel_issue(desk: &mut Desk<'_>, work: &Work, results: &mut Results) -> Result<()> {
    let cancelled = Half { status: Some("cancelled".to_owned()), ..Half::default() };
    let Some(now) = survivor(desk, work, results)? else { return Ok(()) };
    let Some(mut status) = outgoing::status_for(desk, &cancelled, Side::Huly) else {
        bury(desk, work, Some(&now), results);
        return Ok(());
    };
    let meaning = outgoing::status_for(desk, &work.pair.huly, Side::Vibe);
    if meaning.as_deref() == Some("cancelled") {
        bury(desk, work, Some(&now), results);
        return Ok(());
    }
    let noted = note(desk, work, &now, Some(&status))?;
    for _ in 0..2 {
        let write = IssueWrite {
            identifier: &work.pair.row.identifier,
            id: work.pair.row.remote_id.as_deref(),
            seen: Some(Seen {
                modified: now.staged.modified,
                title: &now.staged.title,
                status: now.staged.status.as_deref(),
                text_ref: now.staged.text_ref.as_deref(),
            }),
            status: Some(&status),
            ..IssueWrite::default()
        };
        // The issue was read, and this written down, a moment ago.
        match desk.pass.huly.write(&[write], &mut huly::at_once).pop() {
            Some(Ok(Written::NoSuchStatus(names))) => {
                desk.learn_refused(names)?;
                match outgoing::status_for(desk, &cancelled, Side::Huly) {
                    Some(other) => status = other,
                    None => break,
                }
            }
            Some(Ok(written))
                if matches!(written, Written::Done) || is_ours(desk, work, &status)? =>
            {
                results.settled.push(noted.entry);
                desk.report.counts.deleted.huly += 1;
                say(work, "cancelled", Side::Huly);
                let mut after = now;
                after.staged.status = Some(status);
                bury(desk, work, Some(&after), results);
                return Ok(());
            }
            Some(Ok(_)) | None => break,
            Some(Err(error)) => {
                give_up(desk, work, noted, &error, results);
                return Ok(());
            }
        }
    }
    results.settled.push(noted.entry);
    results.removed_losers.extend(noted.losers);
    bury(desk, work, Some(&now), results);
    Ok(())
}

/// Whether a write that found its target moved was carried out all the same: its answer was lost, and it
/// was sent a second time.
fn is_ours(desk: &Desk<'_>, work: &Work, status: &str) -> Result<bool> {
    let identifier = work.pair.row.identifier.as_str();
    let found = target::issues(desk, &[identifier])?.remove(identifier);
    Ok(match found {
        Some(Ok(Some(now))) => now.staged.status.as_deref() == Some(status),
        _ => false,
    })
}
