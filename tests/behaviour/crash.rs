//! Killed after each request, the next passes make it good.

use std::time::Instant;

use crate::board::{Board, Card, differences, meaning, words};
use crate::rig::Backend::{self, First, Second};
use crate::rig::{Death, Rig};
use crate::support::VibeVersion::V0_0_71;

/// No pass of such a small world takes more requests; one that never ends should fail.
const MOST: u64 = 400;

const STATUSES: [&str; 6] = ["Backlog", "Todo", "In Progress", "In Review", "Done", "Canceled"];

/// A table, which Huly gives back as HTML, and white space that it takes away.
const TABLE: &str = "| a | b |\n|---|---|\n| one | two |  \n\nBelow.";

/// One world before the pass that is killed.
struct Scene {
    rig: Rig,
    vibe: String,
}

/// A card that must be there on both sides in the end: title, status of the task, text.
struct Wanted {
    title: String,
    status: String,
    text: String,
}

fn wanted(title: &str, status: &str, text: &str) -> Wanted {
    Wanted { title: title.to_owned(), status: status.to_owned(), text: text.to_owned() }
}

fn scene(bridge: Backend) -> Scene {
    let mut rig = Rig::with(bridge, V0_0_71);
    // One after another, so that the k-th request is the same one each time.
    rig.set("HULY_VIBE_SYNC_SYNC_JOBS", "1");
    let vibe = rig.project();
    rig.world.huly.set_statuses("PROJ", &STATUSES);
    Scene { rig, vibe }
}

/// Kills the pass at each request in turn, each time in a new world, until it is not killed. The
/// worlds of one sweep follow each other: the tests themselves run side by side.
fn sweep(death: Death, make: impl Fn() -> Scene, check: impl Fn(&Scene)) {
    let begun = Instant::now();
    for k in 1..MOST {
        let scene = make();
        let told = Told(k, death);
        let ended = scene.rig.sync_killed(k, death);
        if let Some(ran) = &ended {
            assert_eq!(ran.exit, 0, "{ran:#?}");
        }
        for pass in 1..=2 {
            let ran = scene.rig.sync();
            assert_eq!(ran.exit, 0, "clean pass {pass}: {ran:#?}");
        }
        check(&scene);
        scene.rig.assert_quiet();
        std::mem::forget(told);
        if ended.is_some() {
            println!("{death:?}: {} requests, {:?}", k - 1, begun.elapsed());
            return;
        }
    }
    panic!("a pass takes {MOST} requests and more");
}

/// Says which kill it was when a check fails.
struct Told(u64, Death);

impl Drop for Told {
    fn drop(&mut self) {
        eprintln!("failed after the kill at request {} ({:?})", self.0, self.1);
    }
}

/// Both sides have exactly these cards, in pairs, and nothing else but the lone ones.
fn assert_pairs(board: &Board, wanted: &[Wanted], lone_issues: &[&str], lone_tasks: &[&str]) {
    let pairs = board.pairs().unwrap_or_else(|twice| panic!("{twice}\n{board:#?}"));
    for (issue, task) in &pairs {
        let differences = differences(issue, task);
        assert!(differences.is_empty(), "{}: {differences:#?}\n{board:#?}", issue.name);
    }
    for one in wanted {
        let mut found = pairs.iter().filter(|(issue, _)| issue.title == one.title);
        let Some((issue, task)) = found.next() else {
            panic!("no pair {:?}: {board:#?}", one.title)
        };
        assert!(found.next().is_none(), "{:?} is there twice: {board:#?}", one.title);
        assert_eq!(task.status, one.status, "{issue:#?}\n{task:#?}");
        assert_eq!(meaning(&issue.status), one.status, "{issue:#?}\n{task:#?}");
        assert_eq!(words(&task.text), words(&one.text), "{issue:#?}\n{task:#?}");
    }
    let lone = |cards: &[Card], is_paired: &dyn Fn(&Card) -> bool| -> Vec<String> {
        cards.iter().filter(|card| !is_paired(card)).map(|card| card.title.clone()).collect()
    };
    let issues = lone(&board.issues, &|card| pairs.iter().any(|(issue, _)| *issue == card));
    let tasks = lone(&board.tasks, &|card| pairs.iter().any(|(_, task)| *task == card));
    assert_eq!(issues, lone_issues, "{board:#?}");
    assert_eq!(tasks, lone_tasks, "{board:#?}");
    assert_eq!(pairs.len(), wanted.len(), "{board:#?}");
}

/// New tasks and new issues in every status, with and without texts.
fn first_pass(bridge: Backend) -> Scene {
    let scene = scene(bridge);
    let world = &scene.rig.world;
    for (index, status) in STATUSES.iter().enumerate() {
        let text = [TABLE, "", "Plain text."][index % 3];
        world.huly.add_issue("PROJ", &format!("Issue {status}"), text, status);
    }
    for (index, status) in
        ["todo", "inprogress", "inreview", "done", "cancelled"].iter().enumerate()
    {
        let text = [TABLE, "", "Plain text."][index % 3];
        world.vibe.add_task(&scene.vibe, &format!("Task {status}"), text, status);
    }
    scene
}

fn check_first_pass(scene: &Scene) {
    let board = Board::of(&scene.rig, "PROJ", &scene.vibe);
    let text = |index: usize| [TABLE, "", "Plain text."][index % 3];
    let issues = STATUSES
        .iter()
        .enumerate()
        .map(|(index, status)| wanted(&format!("Issue {status}"), meaning(status), text(index)));
    let tasks = ["todo", "inprogress", "inreview", "done", "cancelled"]
        .iter()
        .enumerate()
        .map(|(index, status)| wanted(&format!("Task {status}"), status, text(index)));
    assert_pairs(&board, &issues.chain(tasks).collect::<Vec<_>>(), &[], &[]);
    // Where it came from, nothing was changed.
    for (index, status) in STATUSES.iter().enumerate() {
        assert_eq!(board.issues[index].status, *status, "{board:#?}");
    }
    assert!(scene.rig.lost_by_item().is_empty(), "{:#?}", scene.rig.lost_by_item());
}

fn sweep_first_pass(bridge: Backend, death: Death) {
    sweep(death, || first_pass(bridge), check_first_pass);
}

#[test]
fn a_first_pass_is_killed_before_each_answer() {
    sweep_first_pass(Second, Death::Unanswered);
}

#[test]
fn a_first_pass_is_killed_after_each_answer() {
    sweep_first_pass(Second, Death::Answered);
}

#[test]
fn a_first_pass_is_killed_before_each_answer_of_an_old_bridge() {
    sweep_first_pass(First, Death::Unanswered);
}

#[test]
fn a_first_pass_is_killed_after_each_answer_of_an_old_bridge() {
    sweep_first_pass(First, Death::Answered);
}

/// What becomes of the halves whose other one is deleted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Policy {
    /// The task is cancelled, the issue is left alone.
    Default,
    /// The task is deleted, the issue is cancelled.
    Thorough,
}

/// Pairs that were equal, and then edited and deleted on both sides.
fn edits(bridge: Backend, policy: Policy) -> Scene {
    let mut scene = scene(bridge);
    if policy == Policy::Thorough {
        scene.rig.set("HULY_VIBE_SYNC_DELETION_ISSUE", "delete");
        scene.rig.set("HULY_VIBE_SYNC_DELETION_TASK", "cancel");
    }
    let Scene { rig, vibe } = &scene;
    let (huly, kanban) = (&rig.world.huly, &rig.world.vibe);
    let texts = bridge == Second;
    for name in ["From Huly", "Rivals", "No issue", "No task", "Task goes", "Goes too", "Untouched"]
    {
        huly.add_issue("PROJ", name, &format!("About {name}."), "Todo");
    }
    for name in ["From Vibe", "Issue goes"] {
        kanban.add_task(vibe, name, &format!("About {name}."), "todo");
    }
    rig.sync_well();
    let board = Board::of(rig, "PROJ", vibe);
    let pair = |name: &str| {
        let of =
            |cards: &[Card]| cards.iter().find(|card| card.title == name).unwrap().name.clone();
        (of(&board.issues), of(&board.tasks))
    };
    // Each field, in each direction.
    let (issue, task) = pair("From Huly");
    huly.edit_title(&issue, "From Huly, edited");
    huly.edit_description(&issue, "Written in Huly.");
    kanban.edit_status(&task, "inreview");
    let (issue, task) = pair("From Vibe");
    kanban.edit_title(&task, "From Vibe, edited");
    if texts {
        kanban.edit_description(&task, TABLE);
    }
    huly.edit_status(&issue, "Done");
    // Rivals: Huly's values win.
    let (issue, task) = pair("Rivals");
    huly.edit_title(&issue, "Rivals, Huly's");
    huly.edit_description(&issue, "Huly's words.");
    huly.edit_status(&issue, "In Progress");
    kanban.edit_title(&task, "Rivals, Vibe's");
    kanban.edit_description(&task, &format!("Vibe's words.\n\n---\nHuly Issue: {issue}"));
    kanban.edit_status(&task, "done");
    // Deletions, three of them against an edit, which wins.
    let (issue, _) = pair("No issue");
    huly.delete_issue(&issue);
    let (_, task) = pair("No task");
    kanban.delete_task(&task);
    let (issue, task) = pair("Task goes");
    kanban.delete_task(&task);
    huly.edit_title(&issue, "Task went");
    let (issue, task) = pair("Issue goes");
    huly.delete_issue(&issue);
    kanban.edit_title(&task, "Issue went");
    let (issue, task) = pair("Goes too");
    huly.delete_issue(&issue);
    kanban.edit_title(&task, "Went too");
    // And what is new.
    huly.add_issue("PROJ", "New issue", "", "Done");
    kanban.add_task(vibe, "New task", "New text.", "inprogress");
    scene
}

fn check_edits(scene: &Scene, bridge: Backend, policy: Policy) {
    let board = Board::of(&scene.rig, "PROJ", &scene.vibe);
    let text = if bridge == Second { TABLE } else { "About From Vibe." };
    let pairs = [
        wanted("From Huly, edited", "inreview", "Written in Huly."),
        wanted("From Vibe, edited", "done", text),
        wanted("Rivals, Huly's", "inprogress", "Huly's words."),
        wanted("Task went", "todo", "About Task goes."),
        wanted("Issue went", "todo", "About Issue goes."),
        wanted("Went too", "todo", "About Goes too."),
        wanted("Untouched", "todo", "About Untouched."),
        wanted("New issue", "done", ""),
        wanted("New task", "inprogress", "New text."),
    ];
    let lone_tasks: &[&str] = if policy == Policy::Default { &["No issue"] } else { &[] };
    assert_pairs(&board, &pairs, &["No task"], lone_tasks);
    let kept = board.issues.iter().find(|card| card.title == "No task").unwrap();
    let (task, issue) = match policy {
        Policy::Default => (Some("cancelled"), "Todo"),
        Policy::Thorough => (None, "Canceled"),
    };
    assert_eq!(kept.status, issue, "{board:#?}");
    let ended = board.tasks.iter().find(|card| card.title == "No issue");
    assert_eq!(ended.map(|card| card.status.as_str()), task, "{board:#?}");
    let mut losers = scene.rig.lost_by_item();
    losers.sort();
    let lost = [("description", "Vibe's words."), ("status", "done"), ("title", "Rivals, Vibe's")];
    assert_eq!(losers, lost.map(|(field, lost)| (field.to_owned(), lost.to_owned())));
}

fn sweep_edits(bridge: Backend, policy: Policy, death: Death) {
    sweep(death, || edits(bridge, policy), |scene| check_edits(scene, bridge, policy));
}

#[test]
fn a_pass_with_edits_is_killed_before_each_answer() {
    sweep_edits(Second, Policy::Default, Death::Unanswered);
}

#[test]
fn a_pass_with_edits_is_killed_after_each_answer() {
    sweep_edits(Second, Policy::Default, Death::Answered);
}

#[test]
fn a_pass_with_edits_is_killed_before_each_answer_of_an_old_bridge() {
    sweep_edits(First, Policy::Default, Death::Unanswered);
}

#[test]
fn a_pass_with_edits_is_killed_after_each_answer_of_an_old_bridge() {
    sweep_edits(First, Policy::Default, Death::Answered);
}

#[test]
fn a_pass_that_deletes_and_cancels_is_killed_before_each_answer() {
    sweep_edits(Second, Policy::Thorough, Death::Unanswered);
}

#[test]
fn a_pass_that_deletes_and_cancels_is_killed_after_each_answer_of_an_old_bridge() {
    sweep_edits(First, Policy::Thorough, Death::Answered);
}
