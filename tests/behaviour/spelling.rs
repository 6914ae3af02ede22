//! Each side spells a text in its own way (54): only an edit is one, and it changes what was edited.

use serde_json::Value;

use crate::board::cut;
use crate::calls;
use crate::rig::{Death, Rig, on_platform};
use crate::spelled::{EDITED, SPELLED};

/// Texts that Huly spells otherwise, and that nobody edits.
const RESPELLED: [&str; 16] = [
    "1. a\n1. b\n1. c",
    "1. a\n   1. x\n   1. y\n1. b",
    "5. a\n9. b\n\n2. c",
    "- [X] ready\n- [ ] open",
    "<a href=\"https://acme.example/x\">link</a> and <a href='y'>one</a>",
    "See [docs][d] and [e].\n\n[d]: https://acme.example/docs\n[e]: <https://acme.example/e>",
    "[a](<https://acme.example/(x>) now, [b](https://acme.example/(y)) then",
    "- a\n- b\n\n* c\n* d\n\n1. e\n2) f",
    "Mail <ann@acme.example> or <mailto:bob@acme.example>",
    "It is slow.[^1]\n\n[^1]: measured once",
    "Text[^n].\n\n[^n]: once",
    "<sub><a href=\"https://acme.example/g?t=1&amp;u=2\">Huly&reg;: <b>WEB-1</b></a></sub>",
    "`` a`b `` and ` c ` and ```d```",
    "Title\n---\n\n***\n\n# closed #",
    "a  \nb\\\nc<br>d",
    "&lt;b&gt; &copy; &#8364; 5 \\> 3",
];

fn edit_word(rig: &Rig, issue: &str, word: &str) -> bool {
    let shown = rig.world.huly.issue(issue).unwrap();
    let Some(mut markup) = shown.markup.filter(|_| on_platform()) else {
        let is_there = shown.description.matches(word).count() == 1;
        let edited = shown.description.replace(word, EDITED);
        rig.world.huly.edit_description(issue, &edited);
        return is_there;
    };
    let changed = edit_node(&mut markup, word);
    rig.world.huly.set_markup(issue, &markup);
    changed == 1
}

/// Changes a word in the text nodes; in how many.
fn edit_node(node: &mut Value, word: &str) -> usize {
    let mut changed = 0;
    if let Some(text) = node["text"].as_str().filter(|text| text.contains(word)) {
        node["text"] = Value::from(text.replacen(word, EDITED, 1));
        changed += 1;
    }
    for child in node["content"].as_array_mut().into_iter().flatten() {
        changed += edit_node(child, word);
    }
    changed
}

/// A task for each of these texts, and an issue for each task; the tasks' ids.
fn tasks(rig: &Rig, texts: &[&str]) -> Vec<(String, String)> {
    let vibe = rig.project();
    let title = |at: usize| format!("Task {at}");
    let ids: Vec<String> = texts
        .iter()
        .enumerate()
        .map(|(at, text)| rig.world.vibe.add_task(&vibe, &title(at), text, "todo"))
        .collect();
    let ran = rig.run(&["sync", "--allow-mass-create"]);
    assert_eq!(ran.exit, 0, "{ran:#?}");
    let issues = rig.world.huly.issues("PROJ");
    let issue = |at: usize| issues.iter().find(|issue| issue.title == title(at)).unwrap();
    (0..texts.len()).map(|at| (issue(at).identifier.clone(), ids[at].clone())).collect()
}

fn text(rig: &Rig, task: &str) -> String {
    rig.world.vibe.task(task).unwrap().text().to_owned()
}

#[test]
fn a_text_that_nobody_edited_is_rewritten_by_nobody() {
    let texts: Vec<&str> =
        RESPELLED.into_iter().chain(SPELLED.iter().map(|one| one.text)).collect();
    let rig = Rig::new();

    let pairs = tasks(&rig, &texts);

    rig.assert_quiet();
    for ((issue, task), given) in pairs.iter().zip(&texts) {
        assert_eq!(text(&rig, task), *given, "{issue}");
        let there = rig.world.huly.issue(issue).unwrap().description;
        assert_eq!(cut(&there).1.as_deref(), Some(task.as_str()), "{there}");
    }
    assert!(rig.lost().is_empty());
}

#[test]
fn a_text_that_was_edited_in_vibe_and_is_spelled_otherwise_in_huly_is_quiet() {
    let rig = Rig::new();
    let texts = RESPELLED.map(|_| "some text");
    let pairs = tasks(&rig, &texts);

    for ((_, task), given) in pairs.iter().zip(RESPELLED) {
        rig.world.vibe.edit_description(task, given);
    }
    rig.sync_well();

    rig.assert_quiet();
    for ((issue, task), given) in pairs.iter().zip(RESPELLED) {
        assert_eq!(text(&rig, task), given, "{issue}");
    }
}

#[test]
fn the_spelling_of_a_task_outlives_the_state() {
    let rig = Rig::new();
    let pairs = tasks(&rig, &RESPELLED);

    rig.lose_state();
    rig.run(&["sync", "--allow-mass-overwrite"]);

    rig.assert_quiet();
    assert_eq!(rig.world.huly.issues("PROJ").len(), RESPELLED.len());
    for ((issue, task), given) in pairs.iter().zip(RESPELLED) {
        assert_eq!(text(&rig, task), given, "{issue}");
    }
    assert!(rig.lost().is_empty(), "{:#?}", rig.lost());
}

#[test]
fn one_word_edited_in_huly_is_one_word_changed_in_the_task() {
    let texts: Vec<&str> = SPELLED.iter().map(|one| one.text).collect();
    let rig = Rig::new();
    let pairs = tasks(&rig, &texts);
    let is_edited: Vec<bool> = SPELLED
        .iter()
        .zip(&pairs)
        .map(|(one, (issue, _))| edit_word(&rig, issue, one.word))
        .collect();

    rig.sync_well();

    let (mut count, mut wrong) = (0, Vec::new());
    for ((one, (issue, task)), _) in
        SPELLED.iter().zip(&pairs).zip(is_edited).filter(|(_, edited)| *edited)
    {
        count += 1;
        let now = text(&rig, task);
        if now != one.text.replace(one.word, EDITED) {
            let shown = rig.world.huly.issue(issue).unwrap().description;
            wrong.push(format!("{}: {now:?} of {shown:?}", one.name));
        }
    }
    println!("{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count * 100 >= SPELLED.len() * 90, "{count}");
    assert!(wrong.len() * 100 <= count * 5, "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    rig.assert_quiet();
}

/// Killed between the write and the commit: what is found is told by looking.
#[test]
fn a_killed_write_rewrites_no_task() {
    let given =
        "1. a\n1. b\n\n- [X] c\n\n<a href=\"https://acme.example/x\">link</a>, 2<sup>53</sup>";
    for death in [Death::Unanswered, Death::Answered] {
        for k in 1.. {
            let rig = Rig::new();
            let vibe = rig.project();
            let task = rig.world.vibe.add_task(&vibe, "One", given, "todo");
            let ended = rig.sync_killed(k, death).is_some();
            rig.sync();
            rig.sync();
            rig.assert_quiet();
            assert_eq!(text(&rig, &task), given, "{death:?} at {k}");
            assert_eq!(rig.world.huly.issues("PROJ").len(), 1);

            let edited = format!("0. new\n0. more\n\n{given}");
            rig.world.vibe.edit_description(&task, &edited);
            rig.sync_killed(k, death);
            rig.sync();
            rig.sync();
            rig.assert_quiet();
            assert_eq!(text(&rig, &task), edited, "{death:?} at {k}, edited");
            if ended {
                break;
            }
        }
    }
}

/// What our own write stored is our text as long as its reference stands: nobody reads it again.
#[test]
fn a_text_of_our_own_is_not_read_again() {
    if !on_platform() {
        return; // a bridge has no references
    }
    let rig = Rig::new();
    let pairs = tasks(&rig, &RESPELLED);
    let read = |mark| {
        let log = rig.world.log_since(mark).into_iter();
        log.filter(|entry| entry.path.contains("/files/")).count()
    };
    let mark = rig.world.mark();
    rig.sync_well();
    rig.sync_all();
    assert_eq!(read(mark), 0, "after the create");

    for (_, task) in &pairs {
        let edited = format!("{}\n\n1. more\n1. yet", text(&rig, task));
        rig.world.vibe.edit_description(task, &edited);
    }
    rig.sync_well();
    let mark = rig.world.mark();
    rig.sync_well();
    rig.sync_all();
    assert_eq!(read(mark), 0, "after the edit");
}

/// An edit that leaves the words and changes their look is one, also right after our own write.
#[test]
fn a_word_made_bold_between_our_write_and_our_reading_back_crosses() {
    if !on_platform() {
        return; // over a bridge it is taken for its own way of saying it
    }
    let rig = Rig::new();
    let pairs = tasks(&rig, &["some text"]);
    let (issue, task) = pairs[0].clone();
    let (huly, name, mark) = (rig.world.huly.clone(), issue.clone(), task.clone());
    let person = move || {
        huly.edit_description(&name, &format!("some **new** text\n\n---\nVibe Task: {mark}"));
    };
    rig.world.huly.after(calls::text(&issue).nth(1), person);

    rig.world.vibe.edit_description(&task, "some new text");
    rig.sync();
    rig.sync_well();

    assert_eq!(text(&rig, &task), "some **new** text");
    rig.assert_quiet();
}

/// What stands in the task alone and cannot stay is kept.
#[test]
fn a_spelling_that_an_edit_leaves_no_place_for_is_kept() {
    let rig = Rig::new();
    let given = "Limits:\n\n| plan | seats |\n|:-----|------:|\n| one  |     3 |\n\nConfirm them.";
    let pairs = tasks(&rig, &[given, given]);
    let mark = |task: &str| format!("\n\n---\nVibe Task: {task}");
    let [(one, its), (two, other)] = pairs.as_slice() else { panic!("{pairs:?}") };

    // A new row leaves the others as they are, and so does another paragraph.
    let table = "| plan | seats |\n|---|---|\n| one | 3 |\n| two | 9 |";
    let edited = format!("Limits:\n\n{table}\n\nConfirm them.\n\nToday.{}", mark(its));
    rig.world.huly.edit_description(one, &edited);
    // A list in place of the table does not.
    let edited = format!("Limits:\n\n- one has 3 seats\n\nConfirm them.{}", mark(other));
    rig.world.huly.edit_description(two, &edited);
    rig.sync_well();

    let kept = given.replace("\n\nConfirm", "\n| two | 9 |\n\nConfirm");
    assert_eq!(text(&rig, its), format!("{kept}\n\nToday."));
    assert_eq!(text(&rig, other), "Limits:\n\n- one has 3 seats\n\nConfirm them.");
    assert_eq!(rig.lost(), [given]);
    rig.assert_quiet();
}

/// Over Huly's own API all of what was written shows: less is somebody's edit.
#[test]
fn words_taken_out_between_our_write_and_our_reading_back_cross() {
    if !on_platform() {
        return; // a bridge leaves out parts of its own accord
    }
    let rig = Rig::new();
    let vibe = rig.project();
    let (issue, task) = rig.linked(&vibe, "One", "Old text.", "Todo");
    let marker = format!("\n\n---\nHuly Issue: {issue}");
    rig.world.vibe.edit_description(&task, &format!("Do not delete the data.{marker}"));
    let (huly, name) = (rig.world.huly.clone(), issue.clone());
    rig.world.huly.after(calls::text(&issue).nth(1), move || {
        huly.edit_description(&name, "Do delete the data.");
    });

    rig.sync();
    rig.sync_well();

    assert_eq!(rig.world.vibe.task(&task).unwrap().text(), format!("Do delete the data.{marker}"));
    rig.assert_quiet();
}
