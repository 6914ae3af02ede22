//! Markers under any identifier, and below any text.

use crate::rig::{Backend, Rig, backends, on_platform};
use crate::support::VibeVersion::V0_0_71;
use crate::support::{Fault, When};

/// What Huly makes of names in all scripts.
const IDENTIFIERS: [&str; 24] = [
    "WEB",
    "A1B",
    "MY_PR",
    "ПРОЕК",
    "设计",
    "ÜBER_",
    "R&D_T",
    "R&D",
    "C++",
    "3D_PR",
    "2024_",
    "A/B",
    ".NET",
    "مشروع",
    "_",
    "D'OR",
    "V2.0",
    "1ST",
    "[A]",
    "*A*",
    "<A>",
    "A,B",
    "\"Q\"",
    "A-B",
];

/// Texts that reach over what is put below them.
const OPEN: [&str; 26] = [
    "See\n\n~~~\ncode",
    "See\n\n```\ncode\n``` end",
    "See\n\n```js\nf()```",
    "See\n\n```\ncode\n    ```",
    "```\na\n```\n\n```\nb",
    "Log:\n\n```text\na\n\n\nb",
    "```",
    "~~~~\n~~~\nx",
    "`````\n```\nx\n```",
    "See\n\n```\ncode\n```",
    "|a|\n|-|\n|1|",
    "x\n\n-- \nAda",
    "x\n\n---",
    "- a\n  ```\n  x",
    "1. a\n\n   ~~~\n   x",
    "> ```\n> x",
    "> quote",
    "- item",
    "a\\",
    "x[^1]\n\n[^1]: note",
    "text\n\n    code",
    "text\n\n<!-- a comment",
    "text\n\n<pre>\ncode\n\nmore",
    "text\n\n<div>\nx",
    "title: a\n---\nb: c",
    "[a]: http://x.example\n\ntext",
];

#[test]
fn a_project_of_any_identifier_fares_like_any_other() {
    for identifier in IDENTIFIERS {
        for backend in backends() {
            let rig = Rig::with(backend, V0_0_71);
            rig.world.huly.add_project(identifier, "Project");
            let vibe = rig.world.vibe.add_project("Project");
            rig.world.huly.add_issue(identifier, "With text", "text", "Todo");
            rig.world.huly.add_issue(identifier, "Without", "", "Todo");
            rig.world.vibe.add_task(&vibe, "From Vibe", "text", "todo");

            rig.sync_well();
            rig.assert_quiet();
            let assert_all_is_one = || {
                let (issues, tasks) =
                    (rig.world.huly.issues(identifier), rig.world.vibe.tasks(&vibe));
                assert_eq!((issues.len(), tasks.len()), (3, 3), "{identifier} over {backend:?}");
                for issue in &issues {
                    assert!(!issue.description.contains("from Huly"), "{issue:?}");
                    assert!(!issue.description.contains("Huly Issue"), "{issue:?}");
                }
                for task in tasks.iter().filter(|task| task.title != "From Vibe") {
                    let marks = task.text().matches("Huly").count();
                    assert_eq!(marks, 1, "{task:?}");
                }
            };
            assert_all_is_one();

            rig.lose_state();
            rig.sync_well();
            assert_all_is_one();
            rig.assert_quiet();
        }
    }
}

#[test]
fn the_deletion_of_an_issue_of_any_identifier_is_believed() {
    for identifier in ["D'OR", "A,B", "设计", "R&D"] {
        for backend in backends() {
            let rig = Rig::with(backend, V0_0_71);
            rig.world.huly.add_project(identifier, "Project");
            let vibe = rig.world.vibe.add_project("Project");
            rig.world.huly.add_issue(identifier, "Stays", "text", "Todo");
            let gone = rig.world.huly.add_issue(identifier, "Goes", "text", "Todo");
            rig.sync_well();

            rig.world.huly.delete_issue(&gone);
            rig.sync_all();

            let tasks = rig.world.vibe.tasks(&vibe);
            let status =
                |title: &str| &tasks.iter().find(|task| task.title == title).unwrap().status;
            assert_eq!((status("Goes").as_str(), status("Stays").as_str()), ("cancelled", "todo"));
            rig.assert_quiet();
        }
    }
}

#[test]
fn commands_take_any_identifier() {
    for identifier in ["ПРОЕК", "R&D", "[A]", "2024_"] {
        let rig = Rig::new();
        rig.world.huly.add_project(identifier, "Project");
        rig.world.huly.add_project("A", "Another");
        let vibe = rig.world.vibe.add_project("Project");
        let issue = rig.world.huly.add_issue(identifier, "One", "text", "Todo");
        let pass = rig.run(&["sync", "--project", identifier]);
        assert_eq!(pass.exit, 0, "{pass:#?}");
        let task = rig.world.vibe.tasks(&vibe)[0].id.clone();

        let lower = issue.to_lowercase();
        for name in [&issue, &lower, &task] {
            let explained = rig.run(&["explain", name]);
            assert_eq!(explained.exit, 0, "{explained:#?}");
        }
        let unseen = format!("{identifier}-99");
        let explained = rig.run(&["explain", &unseen, "--ask"]);
        assert!(explained.stderr.contains("is not known"), "{explained:#?}");
        assert_eq!(rig.run(&["forget", &issue]).exit, 0);
        let linked = rig.run(&["link", &issue, &task]);
        assert_eq!(linked.exit, 0, "{linked:#?}");
        let named = rig.run(&["sync-project", identifier]);
        assert_eq!(named.exit, 0, "{named:#?}");
        let others = rig.run(&["sync", "--exclude", identifier]);
        assert_eq!(others.exit, 0, "{others:#?}");
        rig.assert_quiet();
        assert_eq!(rig.world.vibe.tasks(&vibe).len(), 1);
    }
}

#[test]
fn below_any_text_of_a_task_the_marker_of_its_issue_is_a_block_of_its_own() {
    for text in OPEN {
        for backend in backends() {
            let rig = Rig::with(backend, V0_0_71);
            let vibe = rig.project();
            let task = rig.world.vibe.add_task(&vibe, "One", text, "todo");

            rig.sync_well();
            rig.assert_quiet();

            assert_eq!(rig.world.vibe.task(&task).unwrap().text(), text, "letter by letter");
            let issues = rig.world.huly.issues("PROJ");
            let shown = issues[0].description.trim_end();
            assert!(shown.ends_with(&format!("\nVibe Task: {task}")), "{shown:?} over {backend:?}");
            rig.lose_state();
            rig.sync_well();
            rig.sync_all();
            let counts = (rig.world.huly.issues("PROJ").len(), rig.world.vibe.tasks(&vibe).len());
            assert_eq!(counts, (1, 1), "{text:?} over {backend:?}");
        }
    }
}

/// What a person writes into the task above its marker.
#[test]
fn a_marker_below_what_a_person_left_open_is_still_one() {
    for text in OPEN {
        let rig = Rig::new();
        let vibe = rig.project();
        let (issue, task) = rig.linked(&vibe, "One", "before", "Todo");
        rig.world.vibe.edit_description(&task, &format!("{text}\n\n---\nHuly Issue: {issue}"));

        let ran = rig.sync();
        assert_eq!(ran.exit, 0, "{text:?}: {ran:#?}");
        rig.assert_quiet();

        let shown = rig.world.huly.issue(&issue).unwrap().description;
        assert!(!shown.contains("Huly Issue"), "{shown:?}");
        rig.lose_state();
        rig.sync_well();
        assert_eq!(rig.world.huly.issues("PROJ").len(), 1, "{text:?}");
        assert_eq!(rig.world.vibe.tasks(&vibe).len(), 1, "{text:?}");
    }
}

/// The text of an issue that a bridge keeps as it was written.
#[test]
fn below_a_text_of_huly_that_is_left_open_a_note_keeps_its_fence() {
    if on_platform() {
        return;
    }
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.verbatim(true);
    let (issue, task) = rig.linked(&vibe, "One", "text\n\n~~~\ncode", "Todo");
    let text = rig.world.vibe.task(&task).unwrap().text().to_owned();
    assert_eq!(text, format!("text\n\n~~~\ncode\n~~~\n---\nHuly Issue: {issue}"));
    rig.assert_quiet();
    rig.world.vibe.edit_description(&task, &format!("{text}\n\n~~~\nnote\n~~~"));

    rig.sync_well();
    rig.assert_quiet();

    let shown = rig.world.huly.issue(&issue).unwrap().description;
    assert_eq!(shown, "text\n\n~~~\ncode\n\n~~~\nnote\n~~~");
}

#[test]
fn a_text_that_shows_a_marker_keeps_it() {
    for shown in [
        "so:\n\n    ---\n    Huly Issue: PROJ-1",
        "so:\n\n~~~\n---\nHuly Issue: PROJ-1\n~~~",
        "so:\n\n> ```\n> Huly Issue: PROJ-1\n> ```\n\nend",
        "- a\n\n  ```\n  ---\n  Huly Issue: PROJ-1\n  ```\n\nend",
    ] {
        for backend in backends() {
            let rig = Rig::with(backend, V0_0_71);
            let vibe = rig.project();
            let (issue, task) = rig.linked(&vibe, "One", "text", "Todo");
            assert_eq!(issue, "PROJ-1");
            rig.world.vibe.edit_description(&task, &format!("{shown}\n\n---\nHuly Issue: PROJ-1"));
            rig.world.vibe.add_task(&vibe, "Two", shown, "todo");

            rig.sync_well();
            rig.assert_quiet();

            assert_eq!(rig.world.huly.issues("PROJ").len(), 2, "the other task is no copy");
            if backend != Backend::First {
                let text = rig.world.huly.issue(&issue).unwrap().description;
                assert!(text.contains("Huly Issue: PROJ-1"), "{text:?}");
            }
        }
    }
}

#[test]
fn a_note_below_the_short_marker_hides_it_from_nobody() {
    for note in
        ["\n\nnote of an agent", "\nnote", "\n\n```\nnote\n```", "\n\n---\n\nnote\n\n- a\n- b"]
    {
        for backend in backends() {
            let rig = Rig::with(backend, V0_0_71);
            let vibe = rig.project();
            let (issue, task) = rig.linked(&vibe, "One", "", "Todo");
            let short = rig.world.vibe.task(&task).unwrap().text().to_owned();
            assert_eq!(short, format!("Synced from Huly: {issue}"));
            rig.world.vibe.edit_description(&task, &format!("{short}{note}"));

            rig.lose_state();
            for _ in 0..3 {
                rig.sync_well();
            }

            assert_eq!(rig.world.huly.issues("PROJ").len(), 1, "{note:?} over {backend:?}");
            assert_eq!(rig.world.vibe.tasks(&vibe).len(), 1, "{note:?} over {backend:?}");
            rig.assert_quiet();
        }
    }
}

/// The create was carried out, its answer was lost, and somebody was at the task before the next pass.
#[test]
fn a_new_task_without_text_is_found_below_whose_marker_somebody_wrote() {
    for backend in backends() {
        let rig = Rig::with(backend, V0_0_71);
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "One", "", "Todo");
        rig.world.vibe.fault(When::on("POST", "/api/tasks").first(1), Fault::LostAnswer);
        rig.sync();
        let task = rig.world.vibe.tasks(&vibe)[0].clone();
        rig.world.vibe.edit_description(&task.id, &format!("{}\n\nnote", task.text()));

        for _ in 0..3 {
            rig.sync();
        }

        assert_eq!(rig.world.huly.issues("PROJ").len(), 1, "{backend:?}");
        assert_eq!(rig.world.vibe.tasks(&vibe).len(), 1, "{backend:?}");
        if backend != Backend::First {
            assert_eq!(rig.world.huly.issues("PROJ")[0].description.trim_end(), "note");
        }
        rig.assert_quiet();
    }
}

/// What is left of a task's text when a person takes all but the marker away, or writes above it.
const DEAD: [&str; 4] = [
    "Huly Issue: PROJ-1",
    "Synced from Huly: PROJ-1",
    "new\n\n---\nHuly Issue: PROJ-1",
    "new\nHuly Issue: PROJ-1",
];

#[test]
fn a_task_with_a_dead_issues_marker_gets_its_issue_and_ends_with_it() {
    for text in DEAD {
        for backend in backends() {
            for full in [false, true] {
                let rig = Rig::with(backend, V0_0_71);
                let vibe = rig.project();
                let (first, task) = rig.linked(&vibe, "One", "text", "Todo");
                rig.linked(&vibe, "Other", "text", "Todo");
                rig.world.vibe.edit_description(&task, text);
                rig.world.huly.delete_issue(&first);
                rig.sync_all();
                let issues = rig.world.huly.issues("PROJ");
                assert_eq!(issues.len(), 2, "an edit beats a deletion: {text:?} over {backend:?}");
                rig.assert_quiet();
                let issue = issues.iter().find(|issue| issue.title == "One").unwrap().clone();
                assert!(
                    issue.description.trim_end().ends_with(&format!("Vibe Task: {task}")),
                    "{issue:?}"
                );
                if full {
                    rig.sync_all();
                }

                rig.world.huly.delete_issue(&issue.identifier);
                rig.sync_all();

                assert_eq!(rig.world.vibe.task(&task).unwrap().status, "cancelled", "{text:?}");
                assert_eq!(rig.world.huly.issues("PROJ").len(), 1, "{text:?}");
                rig.assert_quiet();
            }
        }
    }
}

#[test]
fn a_task_with_a_dead_issues_marker_ends_when_its_new_issue_moves() {
    if !on_platform() {
        return;
    }
    for text in DEAD {
        for full in [false, true] {
            let rig = Rig::new();
            let vibe = rig.project();
            rig.world.huly.add_project("WEB", "Web");
            let other = rig.world.vibe.add_project("Web");
            let (first, task) = rig.linked(&vibe, "One", "text", "Todo");
            rig.world.vibe.edit_description(&task, text);
            rig.world.huly.delete_issue(&first);
            rig.sync_well();
            if full {
                rig.sync_all();
            }
            let issue = rig.world.huly.issues("PROJ")[0].identifier.clone();

            rig.world.huly.move_issue(&issue, "WEB");
            rig.sync_well();
            rig.sync_all();
            rig.sync_well();

            let tasks = [rig.world.vibe.tasks(&vibe), rig.world.vibe.tasks(&other)].concat();
            let open = tasks.iter().filter(|task| task.status == "todo").count();
            assert_eq!(open, 1, "{text:?}: {tasks:#?}");
            assert_eq!(rig.world.vibe.task(&task).unwrap().status, "cancelled");
            rig.assert_quiet();
        }
    }
}
