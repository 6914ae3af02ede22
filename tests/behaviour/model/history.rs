//! Plays a history in a world of its own, and judges what it came to.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::Value;

use super::action::{self, Action, FIELDS, Field, Trouble};
use super::book::{Book, Fate, card, value};
use crate::board::{Board, differences, meaning};
use crate::rig::Backend;
use crate::rig::{Ran, Rig, on_platform};
use crate::support::{Fault, Side, VibeVersion, When};

const STATUSES: [&str; 6] = ["Backlog", "Todo", "In Progress", "In Review", "Done", "Canceled"];
const TASK_STATUSES: [&str; 6] = ["todo", "inprogress", "inreview", "done", "cancelled", "todo"];

/// What is decided before the first step.
#[derive(Clone, Debug)]
pub struct History {
    pub vibe_wins: bool,
    pub thorough: bool,
    pub actions: Vec<Action>,
}

pub fn histories() -> impl Strategy<Value = History> {
    (any::<bool>(), any::<bool>(), action::history())
        .prop_map(|(vibe_wins, thorough, actions)| History { vibe_wins, thorough, actions })
}

/// A world, what people know of it, and the story so far.
struct Play {
    rig: Rig,
    bridge: Backend,
    vibe: String,
    book: Book,
    thorough: bool,
    /// A pass has ended well: the projects are a pair, whatever they are called.
    paired: bool,
    /// An issue was deleted since the last full pass that ended well.
    gone_unseen: bool,
    story: String,
}

/// Plays it; what was wrong in the end, with the story.
pub fn play(bridge: Backend, history: &History) -> Result<(), String> {
    // As the rig has it.
    let bridge = if on_platform() { Backend::Platform } else { bridge };
    let mut rig = Rig::with(bridge, VibeVersion::V0_0_71);
    for (name, value) in [
        ("SYNC_JOBS", "1"),
        ("GUARD_COUNT", "1000"),
        ("GUARD_CREATE", "1000"),
        ("HTTP_CALL_TIMEOUT", "2s"),
    ] {
        rig.set(&format!("HULY_VIBE_SYNC_{name}"), value);
    }
    if history.vibe_wins {
        for field in ["TITLE", "DESCRIPTION", "STATUS"] {
            rig.set(&format!("HULY_VIBE_SYNC_CONFLICT_{field}"), "vibe");
        }
    }
    if history.thorough {
        rig.set("HULY_VIBE_SYNC_DELETION_ISSUE", "delete");
        rig.set("HULY_VIBE_SYNC_DELETION_TASK", "cancel");
    }
    let vibe = rig.project();
    rig.world.huly.set_statuses("PROJ", &STATUSES);
    let mut play = Play {
        rig,
        bridge,
        vibe,
        book: Book::default(),
        thorough: history.thorough,
        paired: false,
        gone_unseen: false,
        story: String::new(),
    };
    let ended = play.through(&history.actions);
    ended.map_err(|why| format!("{why}\n\nThe story:\n{}", play.story))
}

impl Play {
    fn through(&mut self, actions: &[Action]) -> Result<(), String> {
        for action in actions {
            self.step(action)?;
        }
        for item in &self.book.items {
            if let Some(name) =
                item.huly.as_deref().filter(|name| self.rig.world.huly.issue(name).is_some())
            {
                self.rig.world.huly.status_unknown(name, 0);
                self.rig.world.huly.description_blank(name, 0);
            }
        }
        self.pass(&["sync"], true)?;
        // That an issue is gone, only a full pass can see.
        let args: &[&str] = if self.gone_unseen { &["sync", "--full"] } else { &["sync"] };
        self.pass(args, true)?;
        self.judge()?;
        for args in [&["sync"][..], &["sync", "--full"]] {
            let mark = self.rig.world.mark();
            let ran = self.rig.run(args);
            self.tell(&format!("{args:?}"), &ran, mark);
            let writes = self.rig.world.writes_since(mark);
            if !writes.is_empty() || ran.exit != 0 {
                return Err(format!("{args:?} is not quiet: exit {}, {writes:#?}", ran.exit));
            }
        }
        self.judge()
    }

    fn say(&mut self, line: &str) {
        let _ = writeln!(self.story, "{line}");
    }

    fn tell(&mut self, what: &str, ran: &Ran, mark: u64) {
        self.say(&format!("{what}: exit {}", ran.exit));
        for entry in self.rig.world.log_since(mark) {
            self.say(&format!("    {entry}"));
        }
        if !ran.stderr.is_empty() {
            self.say(&format!("    {}", ran.stderr.trim_end().replace('\n', "\n    ")));
        }
    }

    fn board(&self) -> Board {
        Board::of(&self.rig, "PROJ", &self.vibe)
    }

    /// A pass in which nothing goes wrong.
    fn pass(&mut self, args: &[&str], last: bool) -> Result<(), String> {
        let mark = self.rig.world.mark();
        let ran = self.rig.run(args);
        self.tell(&format!("{args:?}"), &ran, mark);
        if last && ran.exit != 0 {
            return Err(format!("a clean pass at the end: {ran:#?}"));
        }
        self.paired |= ran.exit == 0;
        self.gone_unseen &= ran.exit != 0 || args.len() == 1;
        self.look(ran.exit == 0)
    }

    fn look(&mut self, clean: bool) -> Result<(), String> {
        let board = self.board();
        self.book.look(&board, clean).map_err(|why| format!("{why}\n{board:#?}"))
    }

    fn step(&mut self, action: &Action) -> Result<(), String> {
        self.say(&format!("{action:?}"));
        match *action {
            Action::Create { side, status, has_text } => self.create(side, status, has_text),
            Action::Edit { side, item, field, status } => {
                let new = match (field, side) {
                    (Field::Title, _) => self.book.fresh("Title"),
                    (Field::Text, _) => self.book.fresh("Text"),
                    (Field::Status, Side::Huly) => STATUSES[status].to_owned(),
                    (Field::Status, Side::Vibe) => TASK_STATUSES[status].to_owned(),
                };
                self.edit(side, item, field, &new, true);
            }
            Action::Clear { side, item } => self.edit(side, item, Field::Text, "", true),
            Action::Unmark { side, item } => {
                let new = self.book.fresh("Text");
                self.edit(side, item, Field::Text, &new, false);
            }
            Action::Comment { item } => {
                if let Some(at) = pick(&self.book.on(Side::Huly), item) {
                    let name = self.book.items[at].huly.clone().unwrap();
                    self.rig.world.huly.comment(&name);
                }
            }
            Action::Move { item, status } => {
                self.edit(Side::Vibe, item, Field::Status, TASK_STATUSES[status], true);
                if let Some(at) = pick(&self.book.on(Side::Vibe), item) {
                    let name = self.book.items[at].vibe.clone().unwrap();
                    self.rig.world.vibe.server_moves(&name, TASK_STATUSES[status]);
                }
            }
            Action::Unresolved { item } => {
                if let Some(at) = pick(&self.book.on(Side::Huly), item) {
                    let name = self.book.items[at].huly.clone().unwrap();
                    self.rig.world.huly.status_unknown(&name, 1);
                }
            }
            Action::Blink { item } => {
                if let Some(at) = pick(&self.book.on(Side::Huly), item) {
                    let item = &self.book.items[at];
                    let name = item.huly.clone().unwrap();
                    // Only a text that was there before can be missed.
                    if item.settled && item.text.huly.is_none() && !item.text.agreed.is_empty() {
                        self.rig.world.huly.description_blank(&name, 1);
                    }
                }
            }
            Action::Waver { side, item, field } => self.waver(side, item, field),
            Action::Delete { side, item } => self.delete(side, item),
            Action::Rename { side } if self.paired => {
                let name = self.book.fresh("Project");
                match side {
                    Side::Huly => self.rig.world.huly.rename_project("PROJ", &name),
                    Side::Vibe => self.rig.world.vibe.rename_project(&self.vibe, &name),
                }
            }
            Action::Rename { .. } => {}
            Action::Pass { full: false } => self.pass(&["sync"], false)?,
            Action::Pass { full: true } => self.pass(&["sync", "--full"], false)?,
            Action::Faulty { side, fault, percent, writes_only } => {
                self.faulty(side, fault, percent, writes_only)?;
            }
            Action::Killed { k, death } => {
                let mark = self.rig.world.mark();
                let ran = self.rig.sync_killed(k, death);
                let exit = ran.as_ref().map(|ran| ran.exit);
                let ran = ran.unwrap_or(Ran { exit: -9, json: Value::Null, stderr: String::new() });
                self.tell("killed", &ran, mark);
                self.paired |= exit == Some(0);
                self.look(exit == Some(0))?;
            }
        }
        Ok(())
    }

    fn create(&mut self, side: Side, status: usize, has_text: bool) {
        let title = self.book.fresh("Title");
        let text = if has_text { self.book.fresh("Text") } else { String::new() };
        let (name, meant) = match side {
            Side::Huly => {
                let status = STATUSES[status];
                (self.rig.world.huly.add_issue("PROJ", &title, &text, status), meaning(status))
            }
            Side::Vibe => {
                let status = TASK_STATUSES[status];
                (self.rig.world.vibe.add_task(&self.vibe, &title, &text, status), status)
            }
        };
        self.say(&format!("    {name} {title:?}"));
        self.book.add(side, name, &title, meant, &text);
    }

    fn edit(&mut self, side: Side, item: usize, field: Field, new: &str, keeps_marker: bool) {
        let Some(at) = pick(&self.book.on(side), item) else { return };
        let (name, settled) = {
            let item = &self.book.items[at];
            (item.half(side).unwrap().clone(), item.settled)
        };
        // What an old bridge cannot change does not cross: that is said once, and no edit is lost.
        let is_stuck = side == Side::Vibe && self.bridge == Backend::First;
        if field == Field::Text && (is_stuck || !keeps_marker && !settled) {
            return;
        }
        let board = self.board();
        let Some(card) = card(&board, side, &name) else { return };
        let before = value(card, side, field);
        self.say(&format!("    {name} {field:?}: {before:?} -> {new:?}"));
        let marker = card.marker.as_ref().filter(|_| keeps_marker).map(|named| {
            let label = if named.contains("PROJ-") { "Huly Issue" } else { "Vibe Task" };
            format!("\n\n---\n{label}: {named}")
        });
        let text = format!("{new}{}", marker.unwrap_or_default());
        let after = match (side, field) {
            (Side::Huly, Field::Status) => meaning(new),
            _ => new,
        };
        if (side, field) == (Side::Huly, Field::Status) && before == after {
            self.book.shift(at, side);
        }
        let (huly, vibe) = (&self.rig.world.huly, &self.rig.world.vibe);
        match (side, field) {
            (Side::Huly, Field::Title) => huly.edit_title(&name, new),
            (Side::Huly, Field::Status) => huly.edit_status(&name, new),
            (Side::Huly, Field::Text) => huly.edit_description(&name, text.trim_start()),
            (Side::Vibe, Field::Title) => vibe.edit_title(&name, new),
            (Side::Vibe, Field::Status) => vibe.edit_status(&name, new),
            (Side::Vibe, Field::Text) => vibe.edit_description(&name, text.trim_start()),
        }
        self.book.edit(at, side, field, &before, after);
    }

    /// Another value, and the one of before again.
    fn waver(&mut self, side: Side, item: usize, field: Field) {
        let Some(at) = pick(&self.book.on(side), item) else { return };
        let board = self.board();
        let item_now = &self.book.items[at];
        // Changes are found by value: this is none, also not of a survivor.
        if item_now.huly.is_none() || item_now.vibe.is_none() {
            return;
        }
        let name = item_now.half(side).unwrap();
        let Some(card) = card(&board, side, name) else { return };
        let before = match field {
            Field::Title => card.title.clone(),
            Field::Status => card.status.clone(),
            Field::Text => card.text.clone(),
        };
        let other = match (field, side) {
            (Field::Title, _) => self.book.fresh("Title"),
            (Field::Text, _) => self.book.fresh("Text"),
            (Field::Status, Side::Huly) => "In Review".to_owned(),
            (Field::Status, Side::Vibe) => "inreview".to_owned(),
        };
        let said = self.book.items[at].track(field).side(side).clone();
        self.edit(side, item, field, &other, true);
        self.edit(side, item, field, &before, true);
        // Nothing has been said by that, also where the book is not sure of what was agreed on.
        *self.book.items[at].track(field).side(side) = said;
    }

    fn delete(&mut self, side: Side, item: usize) {
        let Some(at) = pick(&self.book.on(side), item) else { return };
        let name = self.book.items[at].half(side).unwrap().clone();
        let board = self.board();
        // The number of the last issue is given out again; a task that is not linked yet would be
        // taken for the next one's, as it is not older by much. The platform counts on.
        let last = board.issues.iter().max_by_key(|card| sequence(&card.name));
        let is_last = side == Side::Huly && last.is_some_and(|card| card.name == name);
        if is_last && self.bridge != Backend::Platform && !self.book.items[at].settled {
            return;
        }
        match side {
            Side::Huly => self.rig.world.huly.delete_issue(&name),
            Side::Vibe => self.rig.world.vibe.delete_task(&name),
        }
        self.gone_unseen |= side == Side::Huly;
        self.book.delete(at, side);
        let fate = self.book.items[at].fate;
        self.say(&format!("    {name} is deleted: {fate:?}"));
    }

    fn faulty(
        &mut self,
        side: Side,
        fault: Trouble,
        percent: u8,
        writes_only: bool,
    ) -> Result<(), String> {
        let late = matches!(fault, Trouble::Late(_));
        let fault = match fault {
            Trouble::Status(code) => Fault::status(code),
            Trouble::Reset => Fault::Reset,
            Trouble::Close => Fault::Close,
            Trouble::LostAnswer => Fault::LostAnswer,
            Trouble::Garbage => Fault::Garbage,
            Trouble::Truncate(after_bytes) => Fault::Truncate { after_bytes },
            Trouble::ShortBody => Fault::ShortBody,
            Trouble::Late(ms) => Fault::ResetThenWrite { after: Duration::from_millis(ms) },
        };
        let mut when = When::always().rate(f64::from(percent) / 100.0);
        if writes_only || late {
            when = when.writes();
        }
        let carried: Arc<Mutex<HashSet<u64>>> = Arc::default();
        let noted = carried.clone();
        self.rig.world.on_effect(move |number, _| {
            noted.lock().unwrap().insert(number);
        });
        match side {
            Side::Huly => self.rig.world.huly.fault(when, fault),
            Side::Vibe => self.rig.world.vibe.fault(when, fault),
        };
        let mark = self.rig.world.mark();
        let ran = self.rig.sync();
        self.rig.world.huly.clear_faults();
        self.rig.world.vibe.clear_faults();
        // What comes late has come before anybody does anything else: a write that comes after
        // another one's is no fault that a client could see.
        let begun = Instant::now();
        let arrived = |writes: &[crate::support::Entry]| {
            writes.iter().all(|entry| carried.lock().unwrap().contains(&entry.sequence))
        };
        while late && !arrived(&self.rig.world.writes_since(mark)) {
            assert!(begun.elapsed() < Duration::from_secs(10), "late writes are carried out");
            std::thread::sleep(Duration::from_millis(2));
        }
        self.rig.world.forget_callbacks();
        self.tell("faulty", &ran, mark);
        if ![0, 1, 3, 4, 75].contains(&ran.exit) {
            return Err(format!("exit {}: {ran:#?}", ran.exit));
        }
        self.paired |= ran.exit == 0;
        self.look(ran.exit == 0)
    }

    /// Whether everything is as the book says.
    fn judge(&mut self) -> Result<(), String> {
        let board = self.board();
        let ran = self.rig.run(&["conflicts", "list"]);
        let losers = ran.json["conflicts"].as_array().cloned().unwrap_or_default();
        let mut wrong = Vec::new();
        let mut known: HashSet<&str> = HashSet::new();
        for item in &self.book.items {
            known.extend([&item.huly, &item.vibe].into_iter().flatten().map(String::as_str));
            let found = |side: Side| item.half(side).and_then(|name| card(&board, side, name));
            let (issue, task) = (found(Side::Huly), found(Side::Vibe));
            let mut fail = |why: String| wrong.push(format!("item {}: {why}", item.number));
            match (issue, task) {
                (Some(issue), Some(task)) => {
                    let differences = differences(issue, task);
                    if !differences.is_empty() {
                        fail(format!("not equal: {differences:?}"));
                    }
                    if item.fate == Fate::Dead {
                        fail("it was deleted, and is there".to_owned());
                    }
                    for (field, why) in self.judge_fields(item, issue, &losers) {
                        fail(format!("{field:?}: {why}"));
                    }
                }
                (None, None) if item.fate == Fate::Alive => fail("it is lost".to_owned()),
                (None, None) => {}
                (Some(_), None) | (None, Some(_)) if item.fate == Fate::Alive => {
                    fail("it is there on one side only".to_owned());
                }
                (Some(issue), None) => {
                    let cancelled = issue.status == "Canceled";
                    if self.thorough && item.fate == Fate::Dead && !cancelled {
                        fail(format!("its task was deleted, and it is {}", issue.status));
                    }
                }
                (None, Some(task)) => {
                    if item.fate == Fate::Dead && (self.thorough || task.status != "cancelled") {
                        fail(format!("its issue was deleted, and it is {}", task.status));
                    }
                }
            }
        }
        for card in board.issues.iter().chain(&board.tasks) {
            if !known.contains(card.name.as_str()) {
                wrong.push(format!("nobody knows {card:?}"));
            }
        }
        if wrong.is_empty() {
            return Ok(());
        }
        let book = &self.book;
        Err(format!("{}\n\n{board:#?}\n\n{book:#?}\n\n{losers:#?}", wrong.join("\n")))
    }

    /// What is wrong with the values of an item that is there on both sides.
    fn judge_fields(
        &self,
        item: &super::book::Item,
        issue: &crate::board::Card,
        losers: &[Value],
    ) -> Vec<(Field, String)> {
        let mut wrong = Vec::new();
        let mut item = item.clone();
        let names: Vec<String> =
            item.former.iter().chain(&item.huly).chain(&item.vibe).cloned().collect();
        let is_kept = |field: Field, lost: &str| {
            let name = match field {
                Field::Title => "title",
                Field::Status => "status",
                Field::Text => "description",
            };
            let is_its = |loser: &Value| {
                ["identifier", "task"]
                    .iter()
                    .any(|key| names.iter().any(|name| loser[key] == name.as_str()))
            };
            let words = |value: &str| match field {
                Field::Status if STATUSES.contains(&value) => meaning(value).to_owned(),
                _ => value.to_owned(),
            };
            losers.iter().any(|loser| {
                loser["field"] == name
                    && is_its(loser)
                    && words(loser["lost"].as_str().unwrap_or_default()) == lost
            })
        };
        for field in FIELDS {
            let now = value(issue, Side::Huly, field);
            let track = item.track(field).clone();
            let lost = item.lost.iter().filter(|(of, _)| *of == field).map(|(_, lost)| lost);
            for lost in lost {
                if *lost != now && !lost.is_empty() && !is_kept(field, lost) {
                    wrong.push((field, format!("{lost:?} lost and is not kept")));
                }
            }
            match (&track.huly, &track.vibe) {
                (Some(said), None) | (None, Some(said))
                    if *said != now && !(track.shaky && is_kept(field, said)) =>
                {
                    wrong.push((field, format!("{said:?} did not cross: it is {now:?}")));
                }
                (None, None) if track.agreed != now && !track.shaky => {
                    wrong.push((field, format!("agreed was {:?}, it is {now:?}", track.agreed)));
                }
                _ => {}
            }
        }
        wrong
    }
}

fn pick(from: &[usize], number: usize) -> Option<usize> {
    (!from.is_empty()).then(|| from[number % from.len()])
}

fn sequence(identifier: &str) -> u64 {
    identifier.rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}
