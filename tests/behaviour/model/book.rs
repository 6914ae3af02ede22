//! The reference: what people did, and so what must be there in the end.

use crate::board::{Board, Card, differences, meaning};
use crate::support::Side;

use super::action::{FIELDS, Field};

/// The status that every create gives, in words that both sides share.
const FRESH: &str = "todo";

/// A field of an item: what both sides last agreed on, and what people made of it since.
#[derive(Clone, Debug, Default)]
pub struct Track {
    pub agreed: String,
    pub huly: Option<String>,
    pub vibe: Option<String>,
    /// The tool may not have got to commit the agreement: what is edited now may meet a rival that
    /// people do not see. It must still be there in the end, or among the losers.
    pub shaky: bool,
}

impl Track {
    pub fn side(&mut self, side: Side) -> &mut Option<String> {
        match side {
            Side::Huly => &mut self.huly,
            Side::Vibe => &mut self.vibe,
        }
    }

    fn of(&self, side: Side) -> Option<&String> {
        match side {
            Side::Huly => self.huly.as_ref(),
            Side::Vibe => self.vibe.as_ref(),
        }
    }
}

/// What a deletion must come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nobody deleted a half of it: both are there.
    Alive,
    /// A half was deleted, and nothing speaks for the other one.
    Dead,
    /// A half was deleted at a time when the tool could not know which of two things happened first.
    Either,
}

/// Something that people know as one thing, on both sides.
#[derive(Clone, Debug)]
pub struct Item {
    pub number: usize,
    /// Identifier and task id, as far as they are there.
    pub huly: Option<String>,
    pub vibe: Option<String>,
    /// Halves of before.
    pub former: Vec<String>,
    pub fate: Fate,
    /// Seen equal after a pass that ended well, both halves still there.
    pub settled: bool,
    /// It was settled at some time, so that the tool knows what belongs together.
    known: bool,
    /// The half that the tool made.
    made: Option<Side>,
    /// It was made anew after a deletion: who knows which status it has now.
    pub revived: bool,
    pub title: Track,
    pub status: Track,
    pub text: Track,
    /// Values that lost to a rival: they must be kept.
    pub lost: Vec<(Field, String)>,
    /// What the edits of a survivor found: with all of them taken back, nothing shows that there
    /// were any.
    found: Vec<(Field, String)>,
}

impl Item {
    pub fn half(&self, side: Side) -> Option<&String> {
        match side {
            Side::Huly => self.huly.as_ref(),
            Side::Vibe => self.vibe.as_ref(),
        }
    }

    pub fn half_mut(&mut self, side: Side) -> &mut Option<String> {
        match side {
            Side::Huly => &mut self.huly,
            Side::Vibe => &mut self.vibe,
        }
    }

    pub fn track(&mut self, field: Field) -> &mut Track {
        match field {
            Field::Title => &mut self.title,
            Field::Status => &mut self.status,
            Field::Text => &mut self.text,
        }
    }

    fn tracked(&self, field: Field) -> &Track {
        match field {
            Field::Title => &self.title,
            Field::Status => &self.status,
            Field::Text => &self.text,
        }
    }

    /// Whether a person changed something on this side since both agreed.
    pub fn is_edited(&self, side: Side) -> bool {
        FIELDS.iter().any(|&field| self.tracked(field).of(side).is_some())
    }

    fn is_shaky(&self) -> bool {
        FIELDS.iter().any(|&field| self.tracked(field).shaky)
    }

    fn bears(&self, name: &str) -> bool {
        self.huly.as_deref() == Some(name)
            || self.vibe.as_deref() == Some(name)
            || self.former.iter().any(|former| former == name)
    }
}

/// All items that ever were.
#[derive(Clone, Debug, Default)]
pub struct Book {
    pub items: Vec<Item>,
    values: usize,
}

pub fn other(side: Side) -> Side {
    match side {
        Side::Huly => Side::Vibe,
        Side::Vibe => Side::Huly,
    }
}

/// A field's value in words that both sides share.
pub fn value(card: &Card, side: Side, field: Field) -> String {
    match (field, side) {
        (Field::Title, _) => card.title.clone(),
        (Field::Text, _) => card.text.clone(),
        (Field::Status, Side::Huly) => meaning(&card.status).to_owned(),
        (Field::Status, Side::Vibe) => card.status.clone(),
    }
}

pub fn card<'a>(board: &'a Board, side: Side, name: &str) -> Option<&'a Card> {
    match side {
        Side::Huly => board.issue(name),
        Side::Vibe => board.task(name),
    }
}

impl Book {
    /// A value that nobody has used.
    pub fn fresh(&mut self, what: &str) -> String {
        self.values += 1;
        format!("{what} {}", self.values)
    }

    pub fn add(&mut self, side: Side, name: String, title: &str, status: &str, text: &str) {
        let track = |agreed: &str| Track { agreed: agreed.to_owned(), ..Track::default() };
        let mut item = Item {
            number: self.items.len(),
            huly: None,
            vibe: None,
            former: Vec::new(),
            fate: Fate::Alive,
            settled: false,
            known: false,
            made: None,
            revived: false,
            title: track(title),
            status: track(status),
            text: track(text),
            lost: Vec::new(),
            found: Vec::new(),
        };
        *item.half_mut(side) = Some(name);
        self.items.push(item);
    }

    /// Those with a half on this side.
    pub fn on(&self, side: Side) -> Vec<usize> {
        (0..self.items.len()).filter(|&at| self.items[at].half(side).is_some()).collect()
    }

    /// A person changes a field that shows `before` to `after`.
    pub fn edit(&mut self, at: usize, side: Side, field: Field, before: &str, after: &str) {
        let item = &mut self.items[at];
        let lone = item.half(other(side)).is_none();
        if before != after && lone && item.fate != Fate::Alive {
            // An edit of the survivor makes it a new item. One that a killed pass has made and no
            // other has seen bears the mark of something that nobody knows: it may be left alone.
            let is_stray = item.made == Some(side) && !item.known;
            item.fate = if is_stray { Fate::Either } else { Fate::Alive };
            item.revived = true;
            for field in FIELDS {
                *item.track(field) = Track::default();
            }
            item.title.shaky = true;
            item.status.shaky = true;
            item.text.shaky = true;
            item.found = vec![(field, before.to_owned())];
        } else if lone && !item.found.is_empty() {
            if !item.found.iter().any(|(known, _)| *known == field) {
                item.found.push((field, before.to_owned()));
            }
            item.found.retain(|(known, found)| *known != field || found != after);
            if item.found.is_empty() {
                item.fate = Fate::Either;
            }
        }
        // Put back to what every create gives before a pass has seen it otherwise, it looks like work
        // that a killed pass has left undone, and that is completed.
        let undone = field == Field::Status && after == FRESH;
        if undone && !item.settled && item.made == Some(side) && item.status.shaky {
            *item.status.side(side) = None;
            return;
        }
        let track = item.track(field);
        let back = track.agreed == after && !track.shaky;
        *track.side(side) =
            (!back && (before != after || track.of(side).is_some())).then(|| after.to_owned());
    }

    /// A person moves a survivor to another status that means the same: whether that is an edit,
    /// nobody can say.
    pub fn shift(&mut self, at: usize, side: Side) {
        let item = &mut self.items[at];
        if item.half(other(side)).is_none() && item.fate == Fate::Dead {
            item.fate = Fate::Either;
            item.status.shaky = true;
        }
    }

    /// A person deletes a half.
    pub fn delete(&mut self, at: usize, side: Side) {
        let item = &mut self.items[at];
        let name = item.half_mut(side).take().unwrap();
        item.former.push(name);
        let survivor = other(side);
        item.fate = if item.half(survivor).is_none() {
            Fate::Dead
        } else if !item.settled || item.is_shaky() {
            Fate::Either
        } else if item.is_edited(survivor) {
            item.revived = true;
            // Taken back before a pass has seen them, these edits are none.
            item.found = FIELDS
                .into_iter()
                .filter(|&field| item.tracked(field).of(survivor).is_some())
                .map(|field| (field, item.tracked(field).agreed.clone()))
                .collect();
            Fate::Alive
        } else {
            Fate::Dead
        };
        // What was said on the deleted side goes with it.
        item.settled = false;
        for field in FIELDS {
            *item.track(field).side(side) = None;
        }
    }

    /// Takes in what a pass left: the halves it made, and what both sides agree on now.
    pub fn look(&mut self, board: &Board, clean: bool) -> Result<(), String> {
        for side in [Side::Huly, Side::Vibe] {
            self.forget_halves(board, side)?;
        }
        for side in [Side::Huly, Side::Vibe] {
            self.find_halves(board, side)?;
        }
        for item in &mut self.items {
            let (Some(issue), Some(task)) = (&item.huly, &item.vibe) else { continue };
            let (Some(issue), Some(task)) = (board.issue(issue), board.task(task)) else {
                continue;
            };
            for field in FIELDS {
                let now = value(issue, Side::Huly, field);
                if now != value(task, Side::Vibe, field) {
                    continue;
                }
                let both = item.tracked(field).huly.is_some() && item.tracked(field).vibe.is_some();
                if both && !clean && field == Field::Status {
                    // Equal by chance, or by the tool? Only a value that is used once would tell. It may
                    // be agreed on by now; then a later edit of one side has no rival.
                    item.status = Track { agreed: now, shaky: true, ..Track::default() };
                    continue;
                }
                let number = item.number;
                let track = item.track(field);
                let said = [track.huly.take(), track.vibe.take()];
                let had_rival = both || track.shaky;
                if !had_rival {
                    let right = said.iter().flatten().next().unwrap_or(&track.agreed);
                    if *right != now {
                        let why = format!("{field:?} should be {right:?}, and is {now:?}");
                        return Err(format!("item {number}, without a rival: {why}"));
                    }
                }
                let lost = said.into_iter().flatten().filter(|said| *said != now);
                item.lost.extend(lost.map(|said| (field, said)));
                let track = item.track(field);
                let same = track.agreed == now && !both;
                track.shaky = !clean && (track.shaky || !same);
                track.agreed = now;
            }
            if clean && differences(issue, task).is_empty() {
                item.settled = true;
                item.known = true;
                if item.fate == Fate::Either {
                    item.fate = Fate::Alive;
                }
            }
        }
        Ok(())
    }

    /// The cards that the tool deleted, which only those without another half may be.
    fn forget_halves(&mut self, board: &Board, side: Side) -> Result<(), String> {
        for item in &mut self.items {
            let Some(name) = item.half(side).filter(|name| card(board, side, name).is_none())
            else {
                continue;
            };
            if item.fate == Fate::Alive || item.half(other(side)).is_some() {
                return Err(format!("item {}: {name} was deleted by the tool", item.number));
            }
            let name = item.half_mut(side).take();
            item.former.extend(name);
        }
        Ok(())
    }

    /// The cards that the tool made on a side, by their markers.
    fn find_halves(&mut self, board: &Board, side: Side) -> Result<(), String> {
        let cards = match side {
            Side::Huly => &board.issues,
            Side::Vibe => &board.tasks,
        };
        for card in cards {
            if self.items.iter().any(|item| item.half(side) == Some(&card.name))
                || side == Side::Vibe && self.items.iter().any(|item| item.bears(&card.name))
            {
                continue;
            }
            let Some(source) = &card.marker else {
                return Err(format!("nobody made {card:?}"));
            };
            let from = |item: &&mut Item| item.half(other(side)) == Some(source);
            let Some(item) = self.items.iter_mut().find(from) else {
                return Err(format!("{card:?} was made from nothing that is there"));
            };
            if let Some(there) = item.half(side) {
                return Err(format!("{card:?} is there twice: {there} is its first"));
            }
            if item.fate == Fate::Dead {
                return Err(format!("{card:?} was made anew though its other half was deleted"));
            }
            *item.half_mut(side) = Some(card.name.clone());
            item.settled = false;
            item.made = Some(side);
            item.found.clear();
            for field in FIELDS {
                item.track(field).shaky = true;
            }
        }
        Ok(())
    }
}
