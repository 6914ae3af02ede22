//! A description with the traps of the collaborator that holds it.

use std::time::{Duration, Instant};

/// How long a PATCH on an empty text can be seen before it is gone.
const PASSING: Duration = Duration::from_millis(150);

/// A description.
#[derive(Clone, Debug, Default)]
pub struct Text {
    shown: String,
    /// What the document held before the text was cleared.
    past: Option<String>,
    /// Somebody has read it: from then on PUT changes nothing.
    read: bool,
    /// Somebody has it open in a browser: PUT fails.
    pub open_in_browser: bool,
    passing: Option<(Instant, String)>,
}

impl Text {
    /// A text as it was written at creation.
    pub fn new(shown: String) -> Text {
        Text { shown, ..Text::default() }
    }

    /// What a reader sees now; call `settle` before.
    pub fn seen(&self) -> &str {
        self.passing.as_ref().map_or(&self.shown, |(_, text)| text)
    }

    /// What a reader sees once everything has settled.
    pub fn lasting(&self) -> &str {
        &self.shown
    }

    /// Notes that somebody has read it.
    pub fn was_read(&mut self) {
        self.read |= !self.shown.is_empty();
    }

    /// Forgets what is over; true while something is passing.
    pub fn settle(&mut self, now: Instant) -> bool {
        self.passing.take_if(|(until, _)| *until <= now);
        self.passing.is_some()
    }

    /// When the passing text will be gone.
    pub fn passes_at(&self) -> Option<Instant> {
        self.passing.as_ref().map(|(until, _)| *until)
    }

    /// PUT: a new document, which is lost where one exists already.
    pub fn put(&mut self, new: String) {
        self.passing = None;
        if !self.shown.is_empty() {
            if !self.read {
                self.shown = new;
            }
        } else if new.is_empty() {
            // Nothing over nothing.
        } else if let Some(past) = &self.past {
            self.shown.clone_from(past);
            self.read = true;
        } else {
            self.shown = new;
        }
    }

    /// PATCH (second generation): an edit of the document, which needs one to be there.
    pub fn patch(&mut self, new: String) {
        if !self.shown.is_empty() {
            self.replace(new);
        } else if !new.is_empty() {
            self.passing = Some((Instant::now() + PASSING, new));
        }
    }

    /// What a person does in the browser: it always works.
    pub fn replace(&mut self, new: String) {
        self.passing = None;
        if new.is_empty() && !self.shown.is_empty() {
            self.past = Some(std::mem::take(&mut self.shown));
        } else {
            self.shown = new;
        }
        self.read = true;
    }
}
