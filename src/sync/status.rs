//! How statuses translate. Vibe Kanban has five; a Huly project has what it likes.

use std::fmt::Write;

use crate::config;
use crate::huly::{Category, Status};
use crate::model::Hash;

/// Vibe Kanban's statuses.
pub const VIBE: [&str; 5] = ["todo", "inprogress", "inreview", "done", "cancelled"];

/// The status with which Vibe Kanban makes tasks.
pub const NEW_TASK: &str = "todo";

/// A task that is not to be done.
pub const CANCELLED: &str = "cancelled";

/// The status with which Huly makes issues, unless the project says otherwise.
pub const NEW_ISSUE: &str = "Backlog";

/// What a Huly project has.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    /// In the project's own order, as far as it is known.
    pub statuses: Vec<Status>,
    /// Whether these are all; otherwise they are those that were seen.
    pub complete: bool,
    /// They were all a while ago: what they lack is asked for once more.
    pub asks_again: bool,
}

impl Vocabulary {
    fn category(&self, name: &str) -> Option<Category> {
        self.statuses.iter().find(|own| own.name.eq_ignore_ascii_case(name))?.category
    }

    /// Whether the project is known to have this status.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.statuses.iter().any(|own| own.name.eq_ignore_ascii_case(name))
    }
}

/// Where a task's status leads in a Huly project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// This status, which the project has, or may have.
    Name(String),
    /// The project has none for it, and no fallback is configured.
    Nothing,
}

/// How a task's status stands to the issue's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// One means the other, or stands for it in this project.
    Agree,
    /// The issue has the fallback, and its project has the very status by now.
    Outgrown,
    /// The project has no status for the task's.
    Lacking,
    /// They mean different things.
    Differ,
}

/// How the statuses of one project translate.
#[derive(Debug, Clone, Copy)]
pub struct Translator<'a> {
    /// What a person said.
    pub map: &'a config::Status,
    /// What the project has.
    pub project: &'a Vocabulary,
}

impl Translator<'_> {
    /// The Vibe status of a Huly status: by configured name, then by category, then by the usual
    /// names. `None` is "no data": neither side is touched for it. A category that is not given is
    /// the one that the project is known to have under that name.
    #[must_use]
    pub fn to_vibe(&self, name: Option<&str>, category: Option<Category>) -> Option<String> {
        let name = name?.trim();
        if !self.map.to_vibe.is_empty()
            && let Some(configured) = self.map.to_vibe.get(&name.to_lowercase())
        {
            return Some(configured.clone());
        }
        let category = category.or_else(|| self.project.category(name));
        let by_category = category.map(|category| match category {
            Category::UnStarted | Category::ToDo => "todo",
            Category::Active if name.to_lowercase().contains("review") => "inreview",
            Category::Active => "inprogress",
            Category::Won => "done",
            Category::Lost => "cancelled",
        });
        by_category.or_else(|| usual(name)).map(str::to_owned)
    }

    /// The Huly status for a task's status: a configured name, the usual first one, any of the
    /// project's own that has this meaning (of those that are to do, those that are begun with), the
    /// configured fallback.
    #[must_use]
    pub fn to_huly(&self, status: &str) -> Wish {
        let own = |name: &str| {
            let found =
                self.project.statuses.iter().find(|own| own.name.eq_ignore_ascii_case(name));
            found.map(|own| own.name.clone())
        };
        let means_it =
            |own: &&Status| self.to_vibe(Some(&own.name), own.category).as_deref() == Some(status);
        let configured = self.map.to_huly.get(status).map(String::as_str);
        if let Some(name) = configured.and_then(own) {
            return Wish::Name(name);
        }
        let fitting: Vec<&Status> = self.project.statuses.iter().filter(means_it).collect();
        let named =
            |name: &&str| fitting.iter().find(|own| own.name.eq_ignore_ascii_case(name)).copied();
        // What stands for "not yet" comes last, whatever its name.
        let ready = |own: &&Status| own.category != Some(Category::UnStarted);
        let chosen = names(status)
            .iter()
            .find_map(|name| named(name).filter(ready))
            .or_else(|| fitting.iter().copied().find(|own| own.category.is_some() && ready(own)))
            .or_else(|| names(status).iter().find_map(named))
            .or_else(|| fitting.first().copied());
        if let Some(chosen) = chosen {
            return Wish::Name(chosen.name.clone());
        }
        // A usual name to which a person gave another meaning is no guess.
        let means = |name: &&str| self.to_vibe(Some(name), None).as_deref() == Some(status);
        let wished = configured.or_else(|| names(status).first().copied().filter(means));
        if let Some(name) = wished.filter(|_| !self.project.complete) {
            return Wish::Name(name.to_owned());
        }
        let fallback = self.map.fallback.get(status).and_then(|name| {
            // One that is not seen yet may still be there.
            own(name).or_else(|| (!self.project.complete).then(|| name.clone()))
        });
        let asked = || wished.filter(|_| self.project.asks_again).map(str::to_owned);
        fallback.or_else(asked).map_or(Wish::Nothing, Wish::Name)
    }

    /// How a task's status stands to the issue's.
    #[must_use]
    pub fn fit(&self, huly: Option<&str>, category: Option<Category>, vibe: Option<&str>) -> Fit {
        if self.to_vibe(huly, category).as_deref() == vibe {
            return Fit::Agree;
        }
        let (Some(huly), Some(vibe)) = (huly.map(str::trim), vibe) else { return Fit::Differ };
        let stands_in = || {
            self.map.fallback.get(vibe).is_some_and(|name| name.trim().eq_ignore_ascii_case(huly))
        };
        match self.to_huly(vibe) {
            Wish::Nothing => Fit::Lacking,
            Wish::Name(name) if name.eq_ignore_ascii_case(huly) => Fit::Agree,
            Wish::Name(name) if stands_in() && self.project.has(&name) => Fit::Outgrown,
            Wish::Name(_) if stands_in() => Fit::Agree,
            Wish::Name(_) => Fit::Differ,
        }
    }

    /// Of how all statuses translate: when this is another one, every pair is looked at again.
    #[must_use]
    pub fn fingerprint(&self) -> Hash {
        let mut text = String::new();
        for status in VIBE {
            let _ = writeln!(text, "{status}={:?}", self.to_huly(status));
        }
        for own in &self.project.statuses {
            let _ = writeln!(text, "{:?}={:?}", own.name, self.to_vibe(Some(&own.name), None));
        }
        Hash::of(text.as_bytes())
    }
}

/// The names that a Huly project usually has for a Vibe status, the first one first.
fn names(status: &str) -> &'static [&'static str] {
    match status {
        "todo" => &["Todo", NEW_ISSUE],
        "inprogress" => &["In Progress"],
        "inreview" => &["In Review"],
        "done" => &["Done"],
        "cancelled" => &["Canceled", "Cancelled"],
        _ => &[],
    }
}

fn usual(name: &str) -> Option<&'static str> {
    // As almost all projects spell them; this is asked several times an item.
    if let Some(status) = VIBE.into_iter().find(|status| names(status).contains(&name)) {
        return Some(status);
    }
    let plain: String =
        name.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect();
    match plain.as_str() {
        "backlog" | "todo" | "open" | "new" | "planned" | "triage" | "ready" | "unstarted" => {
            Some("todo")
        }
        "inprogress" | "doing" | "started" | "active" | "wip" | "indevelopment" => {
            Some("inprogress")
        }
        "inreview" | "review" | "codereview" | "reviewing" => Some("inreview"),
        "done" | "completed" | "complete" | "closed" | "resolved" | "fixed" | "merged" => {
            Some("done")
        }
        "canceled" | "cancelled" | "wontfix" | "wontdo" | "duplicate" | "rejected" => {
            Some("cancelled")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary(names: &[&str], complete: bool) -> Vocabulary {
        let named = |name: &&str| Status { name: (*name).to_owned(), category: None };
        Vocabulary { statuses: names.iter().map(named).collect(), complete, asks_again: false }
    }

    fn to_vibe(
        map: &config::Status,
        name: Option<&str>,
        category: Option<Category>,
    ) -> Option<String> {
        Translator { map, project: &Vocabulary::default() }.to_vibe(name, category)
    }

    fn to_huly(map: &config::Status, status: &str, project: &Vocabulary) -> Wish {
        Translator { map, project }.to_huly(status)
    }

    fn vibe(name: &str) -> Option<String> {
        to_vibe(&config::Status::default(), Some(name), None)
    }

    fn huly(status: &str, project: &Vocabulary) -> Wish {
        to_huly(&config::Status::default(), status, project)
    }

    fn name(name: &str) -> Wish {
        Wish::Name(name.to_owned())
    }

    #[test]
    fn the_usual_names_map_whatever_their_spelling() {
        for (huly, expected) in [
            ("Backlog", "todo"),
            ("Todo", "todo"),
            ("to do", "todo"),
            ("In Progress", "inprogress"),
            ("in_review", "inreview"),
            ("Done", "done"),
            ("Canceled", "cancelled"),
            ("Cancelled", "cancelled"),
        ] {
            assert_eq!(vibe(huly).as_deref(), Some(expected), "{huly}");
        }
    }

    #[test]
    fn a_name_that_maps_to_nothing_is_no_data() {
        assert_eq!(vibe("Coding"), None);
        assert_eq!(to_vibe(&config::Status::default(), None, None), None);
    }

    #[test]
    fn a_configured_name_beats_its_category_and_a_category_beats_the_usual_name() {
        let mut map = config::Status::default();
        map.to_vibe.insert("coding".into(), "inprogress".into());
        let coding = to_vibe(&map, Some("Coding"), Some(Category::Won));
        assert_eq!(coding.as_deref(), Some("inprogress"));
        let done = to_vibe(&map, Some("Done"), Some(Category::Lost));
        assert_eq!(done.as_deref(), Some("cancelled"));
        let review = to_vibe(&map, Some("Peer Review"), Some(Category::Active));
        assert_eq!(review.as_deref(), Some("inreview"));
    }

    #[test]
    fn the_spelling_that_the_project_has_is_the_one_written() {
        assert_eq!(huly("cancelled", &vocabulary(&["Cancelled"], false)), name("Cancelled"));
        assert_eq!(huly("cancelled", &vocabulary(&["Canceled"], true)), name("Canceled"));
        assert_eq!(huly("done", &vocabulary(&["DONE"], true)), name("DONE"));
    }

    #[test]
    fn todo_is_todo_else_backlog() {
        assert_eq!(huly("todo", &vocabulary(&["Backlog", "Todo"], true)), name("Todo"));
        assert_eq!(huly("todo", &vocabulary(&["Backlog"], true)), name("Backlog"));
    }

    #[test]
    fn a_project_whose_statuses_are_not_all_known_is_asked_for_the_usual_name() {
        assert_eq!(huly("inreview", &vocabulary(&["Backlog"], false)), name("In Review"));
        assert_eq!(huly("inreview", &vocabulary(&["Backlog"], true)), Wish::Nothing);
    }

    #[test]
    fn what_a_project_lacks_goes_to_the_fallback() {
        let mut map = config::Status::default();
        map.fallback.insert("inreview".into(), "in progress".into());
        let project = vocabulary(&["Todo", "In Progress"], true);
        assert_eq!(to_huly(&map, "inreview", &project), name("In Progress"));
    }

    #[test]
    fn a_fallback_stands_for_a_status_until_the_project_has_it() {
        let mut map = config::Status::default();
        map.fallback.insert("inreview".into(), "in progress".into());
        let fit = |project: &Vocabulary, huly, vibe| {
            Translator { map: &map, project }.fit(Some(huly), None, Some(vibe))
        };
        let unknown = vocabulary(&["In Progress"], false);
        let without = vocabulary(&["In Progress"], true);
        let with = vocabulary(&["In Progress", "In Review"], true);
        assert_eq!(fit(&unknown, "In Progress", "inreview"), Fit::Agree);
        assert_eq!(fit(&without, "In Progress", "inreview"), Fit::Agree);
        assert_eq!(fit(&with, "In Progress", "inreview"), Fit::Outgrown);
        assert_eq!(fit(&with, "Todo", "inreview"), Fit::Differ);
        assert_eq!(fit(&without, "In Progress", "done"), Fit::Lacking);
    }

    #[test]
    fn what_a_project_lacks_is_asked_for_again_only_where_nothing_else_will_do() {
        let mut map = config::Status::default();
        let mut project = vocabulary(&["In Progress"], true);
        assert_eq!(to_huly(&map, "inreview", &project), Wish::Nothing);
        project.asks_again = true;
        assert_eq!(to_huly(&map, "inreview", &project), name("In Review"));
        map.fallback.insert("inreview".into(), "In Progress".into());
        assert_eq!(to_huly(&map, "inreview", &project), name("In Progress"));
    }

    #[test]
    fn the_fingerprint_moves_with_what_statuses_mean() {
        let print =
            |map: &config::Status, project: &Vocabulary| Translator { map, project }.fingerprint();
        let map = config::Status::default();
        let without = vocabulary(&["In Progress"], true);
        let before = print(&map, &without);
        assert_eq!(before, print(&map, &without.clone()));
        assert_ne!(before, print(&map, &vocabulary(&["In Progress", "In Review"], true)));
        let mut changed = map.clone();
        changed.to_vibe.insert("in progress".into(), "done".into());
        assert_ne!(before, print(&changed, &without));
    }

    #[test]
    fn a_projects_own_name_of_that_meaning_is_found_before_the_fallback() {
        let mut map = config::Status::default();
        map.to_vibe.insert("qa".into(), "inreview".into());
        map.fallback.insert("inreview".into(), "In Progress".into());
        let project = vocabulary(&["In Progress", "QA"], true);
        assert_eq!(to_huly(&map, "inreview", &project), name("QA"));
    }

    #[test]
    fn a_status_goes_to_the_projects_own_of_that_category() {
        use Category::{Active, Lost, ToDo, UnStarted, Won};
        let project = |statuses: &[(&str, Category)]| Vocabulary {
            statuses: statuses
                .iter()
                .map(|&(name, category)| Status { name: name.into(), category: Some(category) })
                .collect(),
            complete: true,
            asks_again: false,
        };
        let own = project(&[
            ("Idea", UnStarted),
            ("Ready", ToDo),
            ("Coding", Active),
            ("Peer review", Active),
            ("Shipped", Won),
            ("Dropped", Lost),
        ]);
        for (status, expected) in [
            ("todo", "Ready"),
            ("inprogress", "Coding"),
            ("inreview", "Peer review"),
            ("done", "Shipped"),
            ("cancelled", "Dropped"),
        ] {
            assert_eq!(huly(status, &own), name(expected));
            let map = config::Status::default();
            let back = Translator { map: &map, project: &own }.to_vibe(Some(expected), None);
            assert_eq!(back.as_deref(), Some(status));
        }
        let both = project(&[("Backlog", UnStarted), ("Ready", ToDo), ("Todo", ToDo)]);
        assert_eq!(huly("todo", &both), name("Todo"));
        assert_eq!(
            huly("todo", &project(&[("Idea", UnStarted), ("Wish", UnStarted)])),
            name("Idea")
        );
        let misnamed = project(&[("Done", Lost), ("Closed", Won)]);
        assert_eq!(huly("done", &misnamed), name("Closed"), "its meaning counts, not its name");
    }
}
