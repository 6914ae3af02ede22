//! The main job, once.

use crate::rig::{Rig, backends};
use crate::support::VibeVersion::V0_0_71;

#[test]
fn issues_become_tasks_and_tasks_become_issues() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "From Huly", "Some *text*.", "In Progress");
        rig.world.vibe.add_task(&vibe, "From Vibe", "Other text.", "done");

        let ran = rig.sync_well();

        assert_eq!(ran.total("created.huly"), 1, "{ran:#?}");
        assert_eq!(ran.total("created.vibe"), 1, "{ran:#?}");
        let issues = rig.world.huly.issues("PROJ");
        let made = issues.iter().find(|issue| issue.title == "From Vibe").unwrap();
        assert_eq!(made.status, "Done");
        let tasks = rig.world.vibe.tasks(&vibe);
        let made = tasks.iter().find(|task| task.title == "From Huly").unwrap();
        assert_eq!(made.status, "inprogress");
        assert!(made.text().ends_with("\n\n---\nHuly Issue: PROJ-1"), "{:?}", made.text());
        rig.assert_quiet();
    }
}

#[test]
fn edits_cross_in_both_directions() {
    let rig = Rig::new();
    let vibe = rig.project();
    let issue = rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    rig.sync_well();
    rig.world.huly.edit_title(&issue, "One, edited");
    let task = rig.world.vibe.tasks(&vibe)[0].id.clone();
    rig.world.vibe.edit_status(&task, "inprogress");
    rig.world.vibe.edit_description(&task, "new text\n\n---\nHuly Issue: PROJ-1");

    let ran = rig.sync_well();

    assert_eq!(ran.total("conflicts"), 0);
    assert_eq!(rig.world.vibe.task(&task).unwrap().title, "One, edited");
    let issue = rig.world.huly.issue(&issue).unwrap();
    assert_eq!((issue.status.as_str(), issue.description.as_str()), ("In Progress", "new text"));
    rig.assert_quiet();
}
