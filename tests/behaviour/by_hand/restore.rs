//! `conflicts restore`: what lost stands again, on both sides.

use serde_json::Value;

use crate::rig::{Backend, Death, Rig, backends};
use crate::support::VibeVersion::V0_0_71;

/// No restore in such a small world takes more requests.
const MOST: u64 = 200;

/// A pair of which both sides changed all fields; `winner` is the policy.
struct Quarrel {
    rig: Rig,
    issue: String,
    task: String,
}

const BASE: [&str; 3] = ["Title", "First line.\n\nSecond line.", "Todo"];
const HULY: [&str; 3] = ["Title of Huly", "First line.\n\nHuly's line.", "Done"];
const VIBE: [&str; 3] = ["Title of Vibe", "First line.\n\nVibe's line.", "inprogress"];

fn quarrel(backend: Backend, winner: &str) -> Quarrel {
    let mut rig = Rig::with(backend, V0_0_71);
    for field in ["TITLE", "DESCRIPTION", "STATUS"] {
        rig.set(&format!("HULY_VIBE_SYNC_CONFLICT_{field}"), winner);
    }
    let vibe = rig.project();
    let (issue, task) = rig.linked(&vibe, BASE[0], BASE[1], BASE[2]);
    edit_issue(&rig, &issue, HULY);
    edit_task(&rig, &issue, &task, VIBE);
    rig.sync_well();
    Quarrel { rig, issue, task }
}

fn edit_issue(rig: &Rig, issue: &str, [title, text, status]: [&str; 3]) {
    rig.world.huly.edit_title(issue, title);
    rig.world.huly.edit_description(issue, text);
    rig.world.huly.edit_status(issue, status);
}

fn edit_task(rig: &Rig, issue: &str, task: &str, [title, text, status]: [&str; 3]) {
    rig.world.vibe.edit_title(task, title);
    rig.world.vibe.edit_description(task, &format!("{text}\n\n---\nHuly Issue: {issue}"));
    rig.world.vibe.edit_status(task, status);
}

impl Quarrel {
    /// What both sides show: title, first words of the last line, status of the task.
    fn shown(&self) -> [(String, String, String); 2] {
        let issue = self.rig.world.huly.issue(&self.issue).unwrap();
        let task = self.rig.world.vibe.task(&self.task).unwrap();
        let line = |text: &str| {
            let text = text.split("\n---\n").next().unwrap_or_default().trim();
            text.lines().last().unwrap_or_default().to_owned()
        };
        let text = task.text().to_owned();
        [
            (issue.title, line(&issue.description), issue.status),
            (task.title, line(&text), task.status),
        ]
    }

    #[track_caller]
    fn assert_shows(&self, title: &str, line: &str, [issue, task]: [&str; 2]) {
        let wanted = |status: &str| (title.to_owned(), line.to_owned(), status.to_owned());
        assert_eq!(self.shown(), [wanted(issue), wanted(task)]);
    }

    fn id(&self, field: &str) -> String {
        let losers = self.rig.losers();
        let of_field = |one: &&Value| one["field"] == field;
        losers.iter().find(of_field).unwrap_or_else(|| panic!("{losers:#?}"))["id"].to_string()
    }

    #[track_caller]
    fn restore(&self, id: &str) -> Value {
        let ran = self.rig.run(&["conflicts", "restore", id]);
        assert_eq!(ran.exit, 0, "{ran:#?}");
        ran.json
    }
}

#[test]
fn what_lost_stands_again_on_both_sides_and_the_next_pass_is_quiet() {
    for backend in backends().into_iter().filter(|backend| *backend != Backend::First) {
        for (winner, title, line, statuses) in [
            ("huly", VIBE[0], "Vibe's line.", ["In Progress", "inprogress"]),
            ("vibe", HULY[0], "Huly's line.", ["Done", "done"]),
        ] {
            let quarrel = quarrel(backend, winner);
            for field in ["title", "description", "status"] {
                quarrel.restore(&quarrel.id(field));
            }
            quarrel.assert_shows(title, line, statuses);
            assert!(quarrel.rig.losers().is_empty(), "all are seen to");
            quarrel.rig.assert_quiet();
            let text = quarrel.rig.world.vibe.task(&quarrel.task).unwrap().text().to_owned();
            assert_eq!(text.matches("Huly Issue: ").count(), 1, "{text}");
        }
    }
}

#[test]
fn a_restore_can_be_undone() {
    let quarrel = quarrel(Backend::Second, "huly");
    for field in ["title", "status"] {
        let told = quarrel.restore(&quarrel.id(field));
        let kept = told["restored"]["replaced"].to_string();
        let shown = quarrel.rig.run(&["conflicts", "show", &kept]).json;
        assert_eq!(shown["kind"], "restored", "{shown:#?}");
        assert!(shown["acked"].is_number(), "nobody has to see to it: {shown:#?}");
        quarrel.restore(&kept);
    }
    quarrel.assert_shows(HULY[0], "Huly's line.", ["Done", "done"]);
    quarrel.rig.assert_quiet();
}

#[test]
fn a_person_wishes_against_the_policy_and_a_newer_edit_is_kept() {
    let quarrel = quarrel(Backend::Second, "huly");
    quarrel.rig.world.huly.edit_title(&quarrel.issue, "Edited meanwhile");
    quarrel.restore(&quarrel.id("title"));
    quarrel.assert_shows(VIBE[0], "Huly's line.", ["Done", "done"]);
    assert!(quarrel.rig.lost().contains(&"Edited meanwhile".to_owned()));
    quarrel.rig.assert_quiet();
}

#[test]
fn the_side_that_is_written_was_edited_meanwhile() {
    let quarrel = quarrel(Backend::Second, "huly");
    quarrel.rig.world.vibe.edit_title(&quarrel.task, "Edited meanwhile");
    let told = quarrel.restore(&quarrel.id("title"));
    let kept = told["restored"]["replaced"].to_string();
    assert_eq!(quarrel.rig.run(&["conflicts", "show", &kept]).json["lost"], "Edited meanwhile");
    quarrel.assert_shows(VIBE[0], "Huly's line.", ["Done", "done"]);
    quarrel.rig.assert_quiet();
}

#[test]
fn what_stands_there_already_is_not_written_again() {
    let quarrel = quarrel(Backend::Second, "huly");
    let id = quarrel.id("title");
    quarrel.restore(&id);
    let mark = quarrel.rig.world.mark();
    let told = quarrel.restore(&id);
    assert!(told["restored"]["replaced"].is_null(), "{told:#?}");
    assert!(quarrel.rig.world.writes_since(mark).is_empty());
}

#[test]
fn a_dry_run_shows_what_would_be_written_and_writes_nothing() {
    let quarrel = quarrel(Backend::Second, "huly");
    let id = quarrel.id("status");
    let mark = quarrel.rig.world.mark();
    let told = quarrel.rig.run(&["conflicts", "restore", &id, "--dry-run"]);
    assert_eq!(told.exit, 0, "{told:#?}");
    let plan = told.json["plan"].as_array().unwrap();
    let values =
        |at: usize| (plan[at]["side"].clone(), plan[at]["from"].clone(), plan[at]["to"].clone());
    assert_eq!(values(0), ("vibe".into(), "done".into(), "inprogress".into()), "{plan:#?}");
    assert_eq!(values(1), ("huly".into(), "Done".into(), "In Progress".into()), "{plan:#?}");
    assert!(quarrel.rig.world.writes_since(mark).is_empty());
    assert_eq!(quarrel.rig.losers().len(), 3, "they are as open as before");
}

#[track_caller]
fn assert_refused(rig: &Rig, id: &str, reason: &str) {
    let mark = rig.world.mark();
    let ran = rig.run(&["conflicts", "restore", id]);
    assert_eq!(ran.exit, 2, "{ran:#?}");
    assert!(ran.stderr.contains(reason), "{ran:#?}");
    assert!(rig.world.writes_since(mark).is_empty());
}

#[test]
fn a_value_that_has_no_place_any_more_says_so() {
    assert_refused(&quarrel(Backend::Second, "huly").rig, "99", "there is no conflict 99");
    assert_refused(&Rig::new(), "1", "there is no state file");

    let mut closed = quarrel(Backend::Second, "huly");
    let id = closed.id("title");
    closed.rig.set("HULY_VIBE_SYNC_SYNC_DIRECTION", "huly-to-vibe");
    assert_refused(&closed.rig, &id, "sync.direction lets nothing into huly");

    let gone = quarrel(Backend::Second, "huly");
    let id = gone.id("title");
    gone.rig.world.vibe.delete_task(&gone.task);
    assert_refused(&gone.rig, &id, "is gone in vibe");
    gone.rig.sync_well();
    assert_refused(&gone.rig, &id, "has no task any more");
}

#[test]
fn a_bridge_that_cannot_change_texts_says_so() {
    if crate::rig::on_platform() {
        return;
    }
    let quarrel = quarrel(Backend::First, "huly");
    assert_refused(&quarrel.rig, &quarrel.id("description"), "cannot change existing descriptions");
    quarrel.restore(&quarrel.id("title"));
    assert_eq!(quarrel.shown()[0].0, VIBE[0]);
    quarrel.rig.assert_quiet();
}

/// Kills the restore at each request in turn: what stands afterwards is the one value or the other,
/// on both sides, and saying it again brings it back.
fn sweep(winner: &str, field: &str, death: Death) {
    for k in 1..MOST {
        let mut quarrel = quarrel(Backend::Second, winner);
        quarrel.rig.set("HULY_VIBE_SYNC_SYNC_JOBS", "1");
        let id = quarrel.id(field);
        let ended = quarrel.rig.killed(&["conflicts", "restore", &id, "--json"], k, death);
        quarrel.rig.sync_well();
        let at = |shown: &(String, String, String)| match field {
            "title" => shown.0.clone(),
            _ => shown.1.clone(),
        };
        let [huly, vibe] = quarrel.shown().map(|one| at(&one));
        assert_eq!(huly, vibe, "after the kill at request {k} ({death:?})");
        quarrel.rig.assert_quiet();
        quarrel.restore(&id);
        let lost = quarrel.rig.run(&["conflicts", "show", &id]).json["lost"].clone();
        let shown = at(&quarrel.shown()[0]);
        assert!(lost.as_str().unwrap().ends_with(&shown), "{lost} {shown}");
        quarrel.rig.assert_quiet();
        if let Some(ran) = ended {
            assert_eq!(ran.exit, 0, "{ran:#?}");
            return;
        }
    }
    panic!("a restore takes {MOST} requests and more");
}

#[test]
fn a_restore_is_killed_before_each_answer() {
    sweep("huly", "description", Death::Unanswered);
    sweep("vibe", "description", Death::Unanswered);
}

#[test]
fn a_restore_is_killed_after_each_answer() {
    sweep("huly", "title", Death::Answered);
    sweep("vibe", "description", Death::Answered);
}
