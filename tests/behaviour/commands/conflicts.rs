//! `conflicts`: what lost, to be looked at and put away.

use super::{keys, plainly, text};
use crate::rig::Rig;

/// A pair whose title and status were changed on both sides, and whom Huly won.
fn quarrel() -> Rig {
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "Title", "text", "Todo");
    rig.sync_well();
    let task = rig.world.vibe.tasks(&vibe)[0].id.clone();
    rig.world.huly.edit_title("PROJ-1", "Title of Huly");
    rig.world.vibe.edit_title(&task, "Title of Vibe");
    rig.world.huly.edit_status("PROJ-1", "Done");
    rig.world.vibe.edit_status(&task, "inprogress");
    let ran = rig.sync_well();
    assert_eq!(ran.total("conflicts"), 2, "{ran:#?}");
    rig
}

#[test]
fn what_lost_is_listed_shown_and_acknowledged() {
    let rig = quarrel();
    let list = rig.run(&["conflicts"]).json;
    assert_eq!(list, rig.run(&["conflicts", "list"]).json);
    assert_eq!((&list["command"], &list["exit"]), (&"conflicts".into(), &0.into()));
    let list = list["conflicts"].as_array().unwrap();
    assert_eq!(list.len(), 2);
    let title = list.iter().find(|one| one["field"] == "title").unwrap();
    assert_eq!(
        keys(title),
        [
            "acked",
            "at",
            "field",
            "id",
            "identifier",
            "kind",
            "lost",
            "project",
            "task",
            "winner",
            "won"
        ]
    );
    assert_eq!((&title["lost"], &title["won"]), (&"Title of Vibe".into(), &"Title of Huly".into()));
    assert_eq!((&title["winner"], &title["kind"]), (&"huly".into(), &"conflict".into()));
    let status = list.iter().find(|one| one["field"] == "status").unwrap();
    assert_eq!((&status["lost"], &status["project"]), (&"inprogress".into(), &"PROJ".into()));

    let id = title["id"].to_string();
    let whole = rig.run(&["conflicts", "show", &id]).json;
    assert!(title.as_object().unwrap().iter().all(|(key, value)| whole[key] == *value), "{whole}");
    assert_eq!(whole["command"], "conflicts");
    let shown = plainly(&rig, &["conflicts", "show", &id]);
    for part in ["PROJ-1", "title", "Title of Vibe", "Title of Huly"] {
        assert!(text(&shown.stdout).contains(part), "{shown:?}");
    }

    let output = plainly(&rig, &["conflicts", "ack", &id]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(rig.losers(), std::slice::from_ref(status));
    assert_eq!(rig.run(&["stats"]).json["open_conflicts"], 1);
    assert!(rig.run(&["conflicts", "show", &id]).json["acked"].is_number(), "it is kept");
    // Twice is once.
    assert_eq!(rig.run(&["conflicts", "ack", &id]).exit, 0);
    rig.assert_quiet();
}

#[test]
fn a_list_for_people_has_a_line_each() {
    let rig = quarrel();
    let output = plainly(&rig, &["conflicts"]);
    assert_eq!(text(&output.stdout).lines().count(), 2, "{output:?}");
    assert!(text(&output.stdout).lines().all(|line| line.contains("PROJ-1")), "{output:?}");
    for one in rig.losers() {
        let id = one["id"].clone();
        let ran = rig.run(&["conflicts", "ack", &id.to_string()]);
        assert_eq!((&ran.json["command"], &ran.json["id"]), (&"conflicts".into(), &id));
    }
    assert_eq!(text(&plainly(&rig, &["conflicts"]).stdout), "no open conflicts\n");
}

#[test]
fn all_that_is_kept_is_listed_on_demand() {
    let rig = quarrel();
    let ids: Vec<i64> = rig.losers().iter().map(|one| one["id"].as_i64().unwrap()).collect();
    assert_eq!(rig.run(&["conflicts", "ack", &ids[0].to_string()]).exit, 0);
    let half_a_year = 180 * 24 * 60 * 60 * 1000_i64;
    rig.tamper(&format!("UPDATE losers SET at_ms = at_ms - {half_a_year} WHERE id = {}", ids[1]));
    assert_eq!(rig.losers().len(), 0);

    let listed = rig.run(&["conflicts", "list", "--all"]).json["conflicts"].clone();

    let listed: Vec<i64> =
        listed.as_array().unwrap().iter().map(|one| one["id"].as_i64().unwrap()).collect();
    assert_eq!(listed, ids, "the newest first");
    let shown = plainly(&rig, &["conflicts", "list", "--all"]);
    let acked = text(&shown.stdout).lines().filter(|line| line.ends_with(" (acknowledged)"));
    assert_eq!(acked.count(), 1, "{shown:?}");
    rig.tamper("DELETE FROM losers");
    let shown = plainly(&rig, &["conflicts", "list", "--all"]);
    assert_eq!(text(&shown.stdout), "no conflicts\n");
}

#[test]
fn a_number_that_is_none_is_a_slip() {
    let rig = quarrel();
    for action in ["show", "ack"] {
        let output = plainly(&rig, &["conflicts", action, "99"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("no conflict 99"), "{output:?}");
        assert_eq!(text(&output.stdout), "");
    }
}
