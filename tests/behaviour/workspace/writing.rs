//! Writing: nothing twice, nothing over somebody's head, and no markup lost.

use serde_json::json;

use super::{asked, rig};
use crate::rig::Rig;
use crate::support::{Fault, When};

#[test]
fn many_new_tasks_take_two_requests_each() {
    let Some(mut rig) = rig() else { return };
    let vibe = rig.project();
    rig.set("HULY_VIBE_SYNC_GUARD_CREATE", "10000");
    for n in 0..300 {
        rig.world.vibe.add_task(&vibe, &format!("Task {n}"), &format!("Text {n}."), "todo");
    }

    let (ran, asked) = asked(&rig, Rig::sync_well);

    assert_eq!(ran.total("created.huly"), 300);
    let all = asked.transactor + asked.collaborator + asked.files;
    assert!(all <= 660, "{asked:?}");
    let mut numbers: Vec<u64> = rig
        .world
        .huly
        .issues("PROJ")
        .iter()
        .map(|issue| issue.identifier.rsplit('-').next().unwrap().parse().unwrap())
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 300, "each has a number of its own");
    rig.assert_quiet();
}

/// The create was carried out and nobody was told: the same create, sent again, is the same issue.
#[test]
fn a_create_whose_answer_is_lost_is_the_same_issue_when_it_is_sent_again() {
    let Some(rig) = rig() else { return };
    let vibe = rig.project();
    for n in 0..5 {
        rig.world.vibe.add_task(&vibe, &format!("Task {n}"), "text", "inprogress");
    }
    rig.world.huly.fault(When::on("POST", "/tx/").body("TxCreateDoc").nth(1), Fault::LostAnswer);

    rig.sync();
    rig.sync_well();

    let mut titles: Vec<String> =
        rig.world.huly.issues("PROJ").into_iter().map(|issue| issue.title).collect();
    titles.sort();
    assert_eq!(titles, ["Task 0", "Task 1", "Task 2", "Task 3", "Task 4"]);
    assert!(rig.world.huly.issues("PROJ").iter().all(|issue| issue.status == "In Progress"));
    rig.assert_quiet();
}

/// The rank of each issue of `PROJ`, in the order of their numbers.
fn ranks(rig: &Rig) -> Vec<String> {
    let mut issues = rig.world.huly.issues("PROJ");
    issues.sort_by_key(|issue| issue.number);
    let rank = |name: &str| rig.world.huly.document(name)["rank"].as_str().unwrap_or("").to_owned();
    issues.iter().map(|issue| rank(&issue.identifier)).collect()
}

/// Platforms before 0.7.411 leave the rank as it was sent; later ones give all creates of one
/// transaction the same.
#[test]
fn new_issues_of_one_batch_have_ranks_of_their_own_in_the_order_of_their_numbers() {
    for version in [400, 422] {
        let Some(rig) = rig() else { return };
        let vibe = rig.project();
        rig.world.huly.platform_version(0, 7, version);
        rig.world.huly.add_issue("PROJ", "First", "", "Todo");
        for n in 0..3 {
            rig.world.vibe.add_task(&vibe, &format!("Task {n}"), "", "todo");
        }
        rig.sync_well();
        // The next batch follows the first.
        for n in 3..5 {
            rig.world.vibe.add_task(&vibe, &format!("Task {n}"), "", "todo");
        }
        rig.sync_well();

        let given = ranks(&rig);
        assert_eq!(given.len(), 6);
        assert!(given.iter().all(|rank| !rank.is_empty()), "{version}: {given:?}");
        assert!(given.windows(2).all(|two| two[0] < two[1]), "{version}: {given:?}");
        rig.assert_quiet();
    }
}

#[test]
fn no_transaction_measures_under_no_name() {
    let Some(rig) = rig() else { return };
    let vibe = rig.project();
    let task = rig.world.vibe.add_task(&vibe, "One", "text", "todo");
    rig.sync_well();
    rig.world.vibe.edit_title(&task, "Another");
    rig.sync_well();

    let log = rig.world.huly.log();
    let sent = log.iter().filter(|call| call.path.contains("/api/v1/tx/"));
    let bodies: Vec<String> =
        sent.map(|call| String::from_utf8_lossy(&call.body).into_owned()).collect();
    assert!(bodies.iter().any(|body| body.contains("TxApplyIf")));
    assert!(!bodies.iter().any(|body| body.contains("measureName")), "{bodies:#?}");
}

/// A person is quicker than our write, by a moment.
#[test]
fn a_condition_that_fails_defers_the_pair_and_loses_nothing() {
    let Some(rig) = rig() else { return };
    let vibe = rig.project();
    let (issue, task) = rig.linked(&vibe, "One", "", "Todo");
    rig.world.vibe.edit_status(&task, "done");
    let (huly, name) = (rig.world.huly.clone(), issue.clone());
    rig.world.huly.before(When::on("POST", "/tx/").body("TxUpdateDoc").nth(1), move || {
        huly.edit_title(&name, "A person was quicker");
    });

    let ran = rig.sync_well();
    assert_eq!(ran.total("pending"), 1, "{ran:#?}");
    rig.sync_well();

    let now = rig.world.huly.issue(&issue).unwrap();
    assert_eq!((now.title.as_str(), now.status.as_str()), ("A person was quicker", "Done"));
    assert_eq!(rig.world.vibe.task(&task).unwrap().title, "A person was quicker");
    rig.assert_quiet();
}

/// What Markdown cannot say stays where nobody touched it.
#[test]
fn an_edit_in_vibe_leaves_the_markup_of_other_blocks_to_the_letter() {
    let Some(rig) = rig() else { return };
    let vibe = rig.project();
    let issue = rig.world.huly.add_issue("PROJ", "One", "", "Todo");
    let mention = json!({"type": "paragraph", "content": [
        {"type": "reference", "attrs": {"id": "p-1", "objectclass": "contact:class:Person",
            "label": "Ada"}},
        {"type": "text", "text": " and "},
        {"type": "text", "text": "red", "marks": [{"type": "textStyle", "attrs": {"color": "red"}}]}
    ]});
    let todo = |id: &str, text: &str| {
        json!({"type": "todoItem", "attrs": {"checked": false, "todoid": id, "userid": "u-1"},
            "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}]})
    };
    let todos = json!({"type": "todoList", "content": [todo("t-1", "one"), todo("t-2", "two")]});
    let drawing = json!({"type": "drawingBoard", "attrs": {"id": "d-1", "height": 300}});
    let plain =
        |text: &str| json!({"type": "paragraph", "content": [{"type": "text", "text": text}]});
    let document = json!({"type": "doc", "content": [mention, plain("Plain."), todos, drawing]});
    rig.world.huly.set_markup(&issue, &document);
    rig.sync_well();
    let task = rig.world.vibe.tasks(&vibe)[0].clone();
    assert!(task.text().contains("Ada") && task.text().contains("red"), "{task:?}");

    rig.world.vibe.edit_description(&task.id, &task.text().replace("Plain.", "Plainly edited."));
    rig.sync_well();

    let now = rig.world.huly.markup(&issue).unwrap();
    let blocks = now["content"].as_array().unwrap();
    assert_eq!(blocks[0], mention);
    assert_eq!(blocks[1]["content"], plain("Plainly edited.")["content"]);
    assert_eq!(blocks[2], todos);
    assert_eq!(blocks[3], drawing);
    rig.assert_quiet();
}

/// The server checks nothing: a status of another project would be taken.
#[test]
fn what_is_sent_is_known_to_be_right() {
    let Some(rig) = rig() else { return };
    let vibe = rig.project();
    rig.world.vibe.add_task(&vibe, "One", "text", "inprogress");
    rig.sync_well();

    let made = rig.world.huly.document("PROJ-1");
    assert_eq!(made["kind"], "tracker:taskTypes:Issue", "{made:#}");
    assert_eq!(made["space"], rig.world.huly.project_id("PROJ"), "{made:#}");
    assert_eq!(made["status"], "tracker:status:InProgress", "{made:#}");
    assert_eq!(made["attachedTo"], "tracker:ids:NoParent", "{made:#}");
    assert!(rig.world.huly.astray().is_empty());
}
