//! Texts cross unharmed, in whatever way each side gives them back (53–56).

use crate::board::cut;
use crate::calls;
use crate::rig::Backend::{First, Second};
use crate::rig::{Rig, backends, on_platform};
use crate::support::VibeVersion::{V0_0_71, V0_0_117, V0_0_144, V0_1_14};
use crate::support::{BridgeGeneration, Fault, When};

/// One pair of this text, made from the issue; the task's id.
fn pair(rig: &Rig, vibe: &str, text: &str) -> String {
    rig.world.huly.add_issue("PROJ", "One", text, "Todo");
    rig.sync_well();
    rig.world.vibe.tasks(vibe)[0].id.clone()
}

fn description(rig: &Rig, issue: &str) -> String {
    rig.world.huly.issue(issue).unwrap().description
}

fn text(rig: &Rig, task: &str) -> String {
    rig.world.vibe.task(task).unwrap().text().to_owned()
}

/// The issue has this text and the mark of this task: to the letter where Huly keeps Markdown; the
/// platform keeps a mark as a paragraph below a line, and gives that back with a blank line.
fn assert_of_task(rig: &Rig, issue: &str, body: &str, task: &str) {
    let there = description(rig, issue);
    let expected = match on_platform() {
        true => format!("{body}\n\n---\n\nVibe Task: {task}"),
        false => format!("{body}\n\n---\nVibe Task: {task}"),
    };
    assert!(there == expected, "{issue}: {there}");
    assert_eq!(cut(&there).1.as_deref(), Some(task));
}

/// As the task bears it.
fn marked(text: &str) -> String {
    format!("{text}\n\n---\nHuly Issue: PROJ-1")
}

/// 53
#[test]
fn titles_cross_in_both_directions() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let task = pair(&rig, &vibe, "text");

        rig.world.huly.edit_title("PROJ-1", "From Huly");
        rig.sync_well();
        assert_eq!(rig.world.vibe.task(&task).unwrap().title, "From Huly");
        rig.world.vibe.edit_title(&task, "From Vibe");
        rig.sync_well();

        assert_eq!(rig.world.huly.issue("PROJ-1").unwrap().title, "From Vibe");
        rig.assert_quiet();
    }
}

/// 53
#[test]
fn descriptions_cross_in_both_directions_without_the_marker() {
    for full in [false, true] {
        let rig = Rig::new();
        let vibe = rig.project();
        let task = pair(&rig, &vibe, "text");
        let pass = || if full { rig.sync_all() } else { rig.sync_well() };

        rig.world.huly.edit_description("PROJ-1", "from Huly");
        pass();
        assert_eq!(text(&rig, &task), marked("from Huly"));
        rig.world.vibe.edit_description(&task, &marked("from Vibe"));
        pass();

        assert_eq!(description(&rig, "PROJ-1"), "from Vibe");
        assert_eq!(text(&rig, &task), marked("from Vibe"));
        rig.assert_quiet();
    }
}

/// 53, where the issue bears the marker
#[test]
fn descriptions_cross_without_the_marker_of_the_issue() {
    let rig = Rig::new();
    let vibe = rig.project();
    let task = rig.world.vibe.add_task(&vibe, "One", "text", "todo");
    rig.sync_well();

    rig.world.huly.edit_description("PROJ-1", &format!("from Huly\n\n---\nVibe Task: {task}"));
    rig.sync_well();
    assert_eq!(text(&rig, &task), "from Huly");
    rig.world.vibe.edit_description(&task, "from Vibe");
    rig.sync_well();

    let after = description(&rig, "PROJ-1");
    assert_eq!(after, format!("from Vibe\n\n---\n\nVibe Task: {task}"));
    assert_eq!(text(&rig, &task), "from Vibe");
    rig.assert_quiet();
}

/// 53
#[test]
fn a_text_over_none_arrives_and_stays() {
    let rig = Rig::new();
    let vibe = rig.project();
    let task = pair(&rig, &vibe, "");

    rig.world.vibe.edit_description(&task, "new text\n\n---\nHuly Issue: PROJ-1");
    rig.sync_well();

    assert_eq!(description(&rig, "PROJ-1"), "new text");
    rig.assert_quiet();
    assert_eq!(description(&rig, "PROJ-1"), "new text");
}

/// 53
#[test]
fn a_bridge_that_cannot_change_descriptions_is_told_once_and_taken_up_when_it_can() {
    if on_platform() {
        return; // any platform can
    }
    let rig = Rig::with(First, V0_0_71);
    let vibe = rig.project();
    let task = pair(&rig, &vibe, "text");

    rig.world.vibe.edit_description(&task, &marked("from Vibe"));
    let mark = rig.world.mark();
    let first = rig.sync_well();

    assert_eq!(first.total("unsupported"), 1, "{first:#?}");
    assert!(first.stderr.contains("cannot change existing descriptions"), "{first:#?}");
    for _ in 0..2 {
        let again = rig.sync_well();
        assert!(!again.stderr.contains("cannot change"), "said once: {again:#?}");
    }
    rig.sync_all();
    let writes = rig.world.writes_since(mark);
    assert!(writes.is_empty(), "{writes:#?}");
    assert_eq!(text(&rig, &task), marked("from Vibe"), "what a person wrote stays");

    rig.world.huly.upgrade_bridge(BridgeGeneration::Second);
    rig.sync_well();

    assert_eq!(description(&rig, "PROJ-1"), "from Vibe");
    rig.assert_quiet();
}

/// 53: the other fields of such a pair
#[test]
fn a_description_that_cannot_cross_holds_up_no_title_and_no_status() {
    let rig = Rig::with(First, V0_0_71);
    let vibe = rig.project();
    let task = pair(&rig, &vibe, "text");

    rig.world.vibe.edit_description(&task, &marked("from Vibe"));
    rig.world.vibe.edit_title(&task, "One, edited");
    rig.world.vibe.edit_status(&task, "done");
    rig.sync_well();

    let issue = rig.world.huly.issue("PROJ-1").unwrap();
    assert_eq!((issue.title.as_str(), issue.status.as_str()), ("One, edited", "Done"));
    rig.assert_quiet();
}

/// What the platform gives back otherwise than it got it.
const REWRITTEN: &str = "| a | b |\n|---|---|\n| 1 | 2 |\n\nspace at the end   \nhard break  \nnext\n\n\n\
                         1) first\n2) second\n\n***\n\nescaped \\* and <b>bold</b>";

/// 54
#[test]
fn a_text_that_huly_rewrites_is_quiet_after_one_pass() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let task = rig.world.vibe.add_task(&vibe, "One", REWRITTEN, "todo");

        rig.sync_well();

        let there = description(&rig, "PROJ-1");
        assert!(there.contains("<table>") || !there.contains("1) first"), "it was rewritten");
        rig.assert_quiet();
        assert_eq!(text(&rig, &task), REWRITTEN, "the task keeps its own words");
        assert_eq!(description(&rig, "PROJ-1"), there);
    }
}

/// 54
#[test]
fn an_edit_that_huly_rewrites_is_quiet_after_one_pass() {
    let rig = Rig::new();
    let vibe = rig.project();
    let task = pair(&rig, &vibe, "text");

    rig.world.vibe.edit_description(&task, &marked(REWRITTEN));
    rig.sync_well();

    let there = description(&rig, "PROJ-1");
    assert!(!there.contains("1) first") && !there.contains("Huly Issue"), "{there:?}");
    rig.assert_quiet();
    assert_eq!(text(&rig, &task), marked(REWRITTEN));

    // Each side's own form is its base: an edit on either side is an edit.
    rig.world.huly.edit_description("PROJ-1", &format!("{there}\n\nadded in Huly"));
    rig.sync_well();
    assert!(text(&rig, &task).contains("added in Huly"));
    rig.assert_quiet();
    assert!(rig.lost().is_empty());
}

/// 54
#[test]
fn an_edit_between_our_write_and_our_reading_back_still_crosses() {
    let rig = Rig::new();
    let vibe = rig.project();
    let task = pair(&rig, &vibe, "text");
    let huly = rig.world.huly.clone();
    let person = move || huly.edit_description("PROJ-1", "a person was quicker");
    rig.world.huly.after(calls::text("PROJ-1").nth(1), person);

    rig.world.vibe.edit_description(&task, &marked("from Vibe"));
    rig.sync();
    rig.sync_well();

    assert_eq!(description(&rig, "PROJ-1"), "a person was quicker");
    assert_eq!(text(&rig, &task), marked("a person was quicker"));
    rig.assert_quiet();
}

/// 54
#[test]
fn an_edit_between_our_create_and_our_reading_back_still_crosses() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let task = rig.world.vibe.add_task(&vibe, "One", "text", "todo");
        let (huly, id) = (rig.world.huly.clone(), task.clone());
        let person = move || {
            let text = format!("a person was quicker\n\n---\nVibe Task: {id}");
            huly.edit_description("PROJ-1", &text);
            huly.edit_title("PROJ-1", "One, edited");
        };
        rig.world.huly.after(calls::create().nth(1), person);

        rig.sync();
        rig.sync_well();

        assert_eq!(text(&rig, &task), "a person was quicker", "{bridge:?}");
        assert_eq!(rig.world.vibe.task(&task).unwrap().title, "One, edited");
        rig.assert_quiet();
    }
}

/// 54, towards Vibe
#[test]
fn an_edit_between_our_write_to_vibe_and_its_answer_still_crosses() {
    let rig = Rig::new();
    let vibe = rig.project();
    let task = pair(&rig, &vibe, "text");
    let (board, id) = (rig.world.vibe.clone(), task.clone());
    let person = move || board.edit_description(&id, &marked("a person was quicker"));
    rig.world.vibe.after(When::on("PUT", "/api/tasks/").nth(1), person);

    rig.world.huly.edit_description("PROJ-1", "from Huly");
    rig.sync();
    rig.sync_well();

    assert_eq!(description(&rig, "PROJ-1"), "a person was quicker");
    rig.assert_quiet();
}

/// Texts that something in between likes to break; as the platform gives them back.
const DELICATE: [(&str, &str); 8] = [
    ("emoji", "party 🎉 family 👩‍👩‍👧‍👦 flag 🇩🇪 skin 👍🏽"),
    ("right to left", "שלום עולם, مرحبا بالعالم \u{200f}mixed\u{200e} text"),
    ("composed", "Gr\u{fc}\u{df}e, \u{e9}t\u{e9}, \u{c5}ngstr\u{f6}m"),
    ("decomposed", "Gru\u{308}ße, e\u{301}te\u{301}, A\u{30a}ngstro\u{308}m"),
    ("rules", "above\n\n---\n\nbetween\n\n---\n\nbelow"),
    ("fences", "```rust\nlet a = \"---\";\n\n    indented\n```\n\nand\n\n```\n---\n```"),
    ("quotes", "he said \"no\", 'never', \\ back and / forth, & <3 {} [] %20 $HOME `code`"),
    ("wide", "再現手順は添付のとおり。全角　空白。 𝔘𝔫𝔦𝔠𝔬𝔡𝔢"),
];

/// 55
#[test]
fn delicate_texts_reach_vibe_to_the_letter() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        rig.world.huly.verbatim(true);
        let vibe = rig.project();
        for (name, text) in DELICATE {
            rig.world.huly.add_issue("PROJ", name, text, "Todo");
        }

        rig.sync_well();

        let tasks = rig.world.vibe.tasks(&vibe);
        for (n, (name, text)) in DELICATE.iter().enumerate() {
            let task = tasks.iter().find(|task| task.title == *name).unwrap();
            assert_eq!(task.text(), format!("{text}\n\n---\nHuly Issue: PROJ-{}", n + 1), "{name}");
        }
        rig.assert_quiet();
        for (n, (name, text)) in DELICATE.iter().enumerate() {
            assert_eq!(description(&rig, &format!("PROJ-{}", n + 1)), *text, "{name}");
        }
    }
}

/// 55
#[test]
fn delicate_texts_reach_huly_to_the_letter() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        rig.world.huly.verbatim(true);
        let vibe = rig.project();
        let ids = DELICATE.map(|(name, text)| rig.world.vibe.add_task(&vibe, name, text, "todo"));

        rig.sync_well();

        for ((name, body), id) in DELICATE.iter().zip(&ids) {
            let issues = rig.world.huly.issues("PROJ");
            let issue = issues.iter().find(|issue| issue.title == *name).unwrap();
            assert_of_task(&rig, &issue.identifier, body, id);
            assert_eq!(text(&rig, id), *body, "{name}");
        }
        rig.assert_quiet();
    }
}

/// 55
#[test]
fn delicate_edits_cross_to_the_letter() {
    let rig = Rig::new();
    rig.world.huly.verbatim(true);
    let vibe = rig.project();
    let task = pair(&rig, &vibe, "text");

    for (name, body) in DELICATE {
        rig.world.huly.edit_description("PROJ-1", body);
        rig.sync_well();
        assert_eq!(text(&rig, &task), marked(body), "{name}, to Vibe");
        rig.world.vibe.edit_description(&task, &marked(&format!("{body}\n\nmore")));
        rig.sync_well();
        assert_eq!(description(&rig, "PROJ-1"), format!("{body}\n\nmore"), "{name}, to Huly");
    }
    rig.assert_quiet();
    assert!(rig.lost().is_empty());
}

/// 55
#[test]
fn delicate_titles_cross_to_the_letter() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let task = pair(&rig, &vibe, "text");
        let titles = DELICATE.iter().filter(|(_, title)| !title.contains('\n'));
        for (name, title) in titles {
            rig.world.vibe.edit_title(&task, title);
            rig.sync_well();
            assert_eq!(rig.world.huly.issue("PROJ-1").unwrap().title, *title, "{name}, to Huly");
            rig.world.huly.edit_title("PROJ-1", &format!("{title} |"));
            rig.sync_well();
            let there = rig.world.vibe.task(&task).unwrap().title;
            assert_eq!(there, format!("{title} |"), "{name}, to Vibe");
        }
        rig.assert_quiet();
    }
}

/// 55
#[test]
fn composed_and_decomposed_letters_are_two_texts() {
    let rig = Rig::new();
    rig.world.huly.verbatim(true);
    let vibe = rig.project();
    let task = pair(&rig, &vibe, "\u{e9}");

    rig.world.vibe.edit_title(&task, "e\u{301}");
    rig.world.vibe.edit_description(&task, &marked("e\u{301}"));
    rig.sync_well();

    assert_eq!(rig.world.huly.issue("PROJ-1").unwrap().title, "e\u{301}");
    assert_eq!(description(&rig, "PROJ-1"), "e\u{301}");
    rig.assert_quiet();
}

/// 55
#[test]
fn line_endings_and_trailing_space_are_no_edits_and_stay_where_they_are() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        let vibe = rig.project();
        let task = pair(&rig, &vibe, "one\n\ntwo\n\nthree");

        let spelled = "one  \r\n\r\ntwo\t\r\n\r\nthree \r\n\r\n---\r\nHuly Issue: PROJ-1\r\n";
        rig.world.vibe.edit_description(&task, spelled);
        rig.world.vibe.edit_title(&task, " One ");
        let mark = rig.world.mark();
        rig.sync_well();
        rig.sync_all();

        let writes = rig.world.writes_since(mark);
        assert!(writes.is_empty(), "{bridge:?}: {writes:#?}");
        assert_eq!(text(&rig, &task), spelled);
    }
}

/// About so many bytes, all lines different, as the platform gives it back.
fn long(bytes: usize) -> String {
    let mut text = String::new();
    for n in 0.. {
        if text.len() >= bytes {
            break;
        }
        text += &format!("Paragraph {n}: Größe, שלום, 🎈 and \"quotes\" in one line.\n\n");
    }
    text.trim_end().to_owned()
}

/// More than Huly takes: 102,400 bytes of a bridge, 10 MB of the platform's collaborator.
fn above_the_limit() -> String {
    if on_platform() { "All in one line. ".repeat((10 << 20) / 17 + 1) } else { long(200_000) }
}

/// 55
#[test]
fn a_description_of_200_kb_reaches_vibe_unharmed() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        rig.world.huly.verbatim(true);
        let vibe = rig.project();
        let body = long(200_000);

        let task = pair(&rig, &vibe, &body);
        assert!(text(&rig, &task) == marked(&body), "{bridge:?}");
        rig.assert_quiet();

        let body = format!("edited\n\n{body}");
        rig.world.huly.edit_description("PROJ-1", &body);
        rig.sync_well();
        assert!(text(&rig, &task) == marked(&body), "{bridge:?}");
        rig.assert_quiet();
    }
}

/// 55
#[test]
fn a_description_just_below_the_body_limit_of_the_bridge_reaches_huly() {
    let rig = Rig::new();
    rig.world.huly.verbatim(true);
    let vibe = rig.project();
    let body = long(90_000);
    let task = rig.world.vibe.add_task(&vibe, "One", &body, "todo");
    rig.sync_well();

    assert_of_task(&rig, "PROJ-1", &body, &task);

    let body = format!("edited\n\n{body}");
    rig.world.vibe.edit_description(&task, &body);
    rig.sync_well();
    assert_of_task(&rig, "PROJ-1", &body, &task);
    rig.assert_quiet();
}

/// 55
#[test]
fn a_description_above_the_body_limit_is_one_problem_and_title_and_status_still_cross() {
    let rig = Rig::new();
    rig.world.huly.verbatim(true);
    let above = above_the_limit();
    let vibe = rig.project();
    let task = pair(&rig, &vibe, "text");
    rig.world.huly.add_issue("PROJ", "Two", "text", "Todo");
    rig.sync_well();

    let body = marked(&above);
    rig.world.vibe.edit_description(&task, &body);
    rig.world.vibe.edit_title(&task, "One, edited");
    rig.world.vibe.edit_status(&task, "done");
    rig.world.huly.edit_title("PROJ-2", "Two, edited");
    let ran = rig.sync();

    assert_eq!(ran.exit, 3, "{ran:#?}");
    let errors = ran.project("PROJ")["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    let error = errors[0].as_str().unwrap();
    assert!(error.contains("PROJ-1") && error.contains("too large"), "{error}");
    let issue = rig.world.huly.issue("PROJ-1").unwrap();
    assert_eq!((issue.title.as_str(), issue.status.as_str()), ("One, edited", "Done"));
    assert_eq!(issue.description, "text");
    assert!(text(&rig, &task) == body);
    assert!(rig.world.vibe.tasks(&vibe).iter().any(|task| task.title == "Two, edited"));

    // It is not tried again as it is, in neither kind of pass, and nothing is turned back.
    let mark = rig.world.mark();
    for args in [&["sync"][..], &["sync"], &["sync", "--full"]] {
        let again = rig.run(args);
        assert_eq!((again.exit, again.total("pending")), (0, 1), "it is reported once: {again:#?}");
    }
    let writes = rig.world.writes_since(mark);
    assert!(writes.is_empty(), "{} writes", writes.len());

    // A shorter text is taken.
    rig.world.vibe.edit_description(&task, &marked("short"));
    rig.sync_well();
    assert_eq!(description(&rig, "PROJ-1"), "short");
    rig.assert_quiet();
}

/// 55
#[test]
fn a_new_task_above_the_body_limit_is_one_problem_and_the_others_cross() {
    for bridge in backends() {
        let rig = Rig::with(bridge, V0_0_71);
        rig.world.huly.verbatim(true);
        let vibe = rig.project();
        let large = rig.world.vibe.add_task(&vibe, "Large", &above_the_limit(), "todo");
        rig.world.vibe.add_task(&vibe, "Small", "text", "todo");

        let ran = rig.sync();

        assert_eq!(ran.exit, 3, "{ran:#?}");
        let errors = ran.project("PROJ")["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 1, "{errors:#?}");
        assert!(errors[0].as_str().unwrap().contains("too large"), "{errors:#?}");
        let issues = rig.world.huly.issues("PROJ");
        assert!(issues.iter().any(|issue| issue.title == "Small"));

        rig.world.vibe.edit_description(&large, "short");
        rig.sync_well();
        let issues = rig.world.huly.issues("PROJ");
        let titles: Vec<&str> = issues.iter().map(|issue| issue.title.as_str()).collect();
        assert_eq!(titles, ["Small", "Large"]);
        rig.assert_quiet();
    }
}

/// 55: as Markdown it is below the limit, and as markup, which is what is sent, above it.
#[test]
fn a_description_whose_markup_is_above_the_limit_is_one_problem_and_the_others_cross() {
    if !on_platform() {
        return; // a bridge takes Markdown
    }
    let rig = Rig::new();
    let vibe = rig.project();
    let edited = pair(&rig, &vibe, "text");
    // A quotation mark is one byte of Markdown, two in a string, and four in a string in a string.
    let body = "say \"\"\"\"\"\"".repeat(400_000);
    let large = rig.world.vibe.add_task(&vibe, "Large", &body, "todo");
    rig.world.vibe.add_task(&vibe, "Small", "text", "todo");
    rig.world.vibe.edit_description(&edited, &marked(body.trim_end()));
    rig.world.vibe.edit_title(&edited, "One, edited");

    let ran = rig.sync();

    assert_eq!(ran.exit, 3, "{ran:#?}");
    let errors = ran.project("PROJ")["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 2, "{errors:#?}");
    assert!(
        errors.iter().all(|error| error.as_str().unwrap().contains("too large")),
        "{errors:#?}"
    );
    let titles = || -> Vec<String> {
        rig.world.huly.issues("PROJ").into_iter().map(|issue| issue.title).collect()
    };
    assert_eq!(titles(), ["One, edited", "Small"]);
    assert_eq!(description(&rig, "PROJ-1"), "text");
    let mark = rig.world.mark();
    assert_eq!(rig.sync().exit, 0, "reported once");
    assert!(rig.world.writes_since(mark).is_empty());

    rig.world.vibe.edit_description(&large, "short");
    rig.world.vibe.edit_description(&edited, &marked("short"));
    rig.sync_well();
    assert_eq!(titles(), ["One, edited", "Small", "Large"]);
    assert_eq!(description(&rig, "PROJ-1"), "short");
    rig.assert_quiet();
}

/// 55
#[test]
fn a_marker_inside_a_code_fence_is_text() {
    let rig = Rig::new();
    rig.world.huly.verbatim(true);
    let vibe = rig.project();
    let body = "how it looks:\n\n```\n---\nHuly Issue: PROJ-9\n```";
    let task = pair(&rig, &vibe, body);

    assert_eq!(text(&rig, &task), marked(body));
    let other = rig.world.vibe.add_task(&vibe, "From Vibe", body, "todo");
    rig.sync_well();
    assert_of_task(&rig, "PROJ-2", body, &other);
    rig.assert_quiet();
}

/// 56
#[test]
fn a_repository_path_that_is_missing_is_one_clear_message_and_the_others_go_on() {
    for version in [V0_0_71, V0_0_117, V0_0_144, V0_1_14] {
        let rig = Rig::with(Second, version);
        let vibe = rig.project();
        rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
        rig.world.huly.add_project("BAD", "Without a folder");
        rig.world.huly.describe_project("BAD", "Path: /nowhere/at/all");
        rig.world.huly.add_issue("BAD", "Bad", "text", "Todo");

        let ran = rig.sync();

        assert_eq!(ran.exit, 3, "{ran:#?}");
        let errors = ran.project("BAD")["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 1, "{errors:#?}");
        assert!(errors[0].as_str().unwrap().contains("/nowhere/at/all"), "{errors:#?}");
        assert_eq!(ran.stderr.matches("/nowhere/at/all").count(), 1, "{ran:#?}");
        assert!(!std::path::Path::new("/nowhere").exists());
        assert_eq!(rig.world.vibe.tasks(&vibe).len(), 1);
        assert_eq!(rig.world.vibe.projects().len(), 1);
    }
}

/// 56
#[test]
fn a_repository_path_that_is_no_git_repository_is_one_clear_message_until_it_is_one() {
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    let folder = rig.folder.path().join("plain");
    std::fs::create_dir(&folder).unwrap();
    rig.world.huly.add_project("BAD", "Plain folder");
    rig.world.huly.describe_project("BAD", &format!("Filesystem: {}", folder.display()));
    rig.world.huly.add_issue("BAD", "Bad", "text", "Todo");

    for _ in 0..2 {
        let ran = rig.sync();

        assert_eq!(ran.exit, 3, "{ran:#?}");
        let errors = ran.project("BAD")["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 1, "{errors:#?}");
        assert!(errors[0].as_str().unwrap().contains("git repository"), "{errors:#?}");
        assert!(!folder.join(".git").exists(), "the folder is not ours to change");
        assert_eq!(rig.world.vibe.tasks(&vibe).len(), 1);
    }

    std::fs::create_dir(folder.join(".git")).unwrap();
    rig.sync_well();
    assert_eq!(rig.world.vibe.projects().len(), 2);
    rig.assert_quiet();
}

/// 56: a repository that belongs to another Vibe project
#[test]
fn a_repository_that_another_pair_has_is_one_clear_message() {
    let rig = Rig::new();
    let vibe = rig.project();
    let path = rig.world.vibe.projects()[0].repo_path.clone();
    rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    rig.world.huly.add_project("BAD", "Same folder");
    rig.world.huly.describe_project("BAD", &format!("Path: {path}"));
    rig.world.huly.add_issue("BAD", "Bad", "text", "Todo");

    let ran = rig.sync();

    let errors = ran.project("BAD")["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert!(errors[0].as_str().unwrap().contains(&path), "{errors:#?}");
    let tasks = rig.world.vibe.tasks(&vibe);
    assert_eq!(tasks.len(), 1);
    assert_eq!(tasks[0].title, "One");
}

/// 56: the server says nothing that helps
#[test]
fn a_vibe_kanban_that_fails_to_make_a_project_leaves_the_others_alone() {
    let rig = Rig::new();
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    rig.world.huly.add_project("NEW", "New");
    rig.world.huly.add_issue("NEW", "New", "text", "Todo");
    let fault = rig.world.vibe.fault(When::on("POST", "/api/projects"), Fault::status(500));

    let ran = rig.sync();

    assert_eq!(ran.exit, 3, "{ran:#?}");
    assert_eq!(rig.world.vibe.tasks(&vibe).len(), 1);
    rig.world.vibe.lift_fault(fault);
    rig.sync_well();
    assert_eq!(rig.world.vibe.projects().len(), 2);
    rig.assert_quiet();
}
