//! What went wrong is said when it begins, when it changes, and once a day while it goes on. What a
//! cron's mail says every five minutes is read by nobody.

mod over;
mod quiet;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use log::Level;

use crate::exit::Exit;
use crate::model::{Hash, Millis};
use crate::report::{self, Complaint};
use crate::store::Store;
use crate::store::troubles::{self, Place, Trouble};

use over::{silent_host, tell_over};
pub(super) use quiet::are_quiet;

const DAY_MS: Millis = 24 * 60 * 60 * 1000;

/// One that nobody met with for so long is of a project that is no more.
const FORGOTTEN_MS: Millis = 30 * DAY_MS;

/// Of a project's complaints, and of a run's, those about its agent.
const LETTA: &str = "letta";

/// Of a project's complaints all others.
const SYNC: &str = "sync";

/// The one line of a run in which nothing is news and that did not end well all the same.
pub(super) fn as_before(report: &report::Pass, exit: Exit) -> String {
    let met = Met::of(report, false);
    let mut lines = met.complaints.iter().map(|(place, complaint)| line(place, complaint).1);
    let number = exit.code();
    let Some(first) = lines.next() else {
        return format!("exit code {number}: {}", exit.sentence());
    };
    let more = match lines.count() {
        0 => String::new(),
        more => format!(" (and {more} more, which -v shows)"),
    };
    format!("exit code {number} as before: {first}{more}")
}

/// What a run met with, and where it looked.
#[derive(Debug, Default)]
pub(super) struct Met {
    complaints: Vec<(Place, Complaint)>,
    taken: BTreeSet<Place>,
    /// Projects with a part that was looked at to its end: what is not met with there is over.
    looked_at: BTreeSet<(String, String)>,
}

impl Met {
    /// Of a report. `whole` is whether the command itself came to its end.
    pub(super) fn of(report: &report::Pass, whole: bool) -> Self {
        let mut met = Self::default();
        for complaint in &report.errors {
            met.add("", &report.command, complaint);
        }
        if whole {
            met.looked_at("", &report.command);
        }
        if report.projects.iter().any(|project| project.is_told) {
            met.looked_at("", LETTA);
        }
        for project in &report.projects {
            for complaint in &project.errors {
                met.add(&project.identifier, SYNC, complaint);
            }
            if project.is_whole {
                met.looked_at(&project.identifier, SYNC);
            }
            if project.is_told {
                met.looked_at(&project.identifier, LETTA);
            }
        }
        met
    }

    /// Of those who were to be told of the run.
    pub(super) fn of_watchers(told: Vec<(&str, Option<Complaint>)>) -> Self {
        let mut met = Self::default();
        for (who, complaint) in told {
            met.looked_at("", who);
            if let Some(complaint) = complaint {
                met.add("", who, &complaint);
            }
        }
        met
    }

    fn looked_at(&mut self, project: &str, part: &str) {
        self.looked_at.insert((project.to_owned(), part.to_owned()));
    }

    fn add(&mut self, project: &str, part: &str, complaint: &Complaint) {
        let part = if complaint.of_letta { LETTA } else { part };
        let mut place = Place {
            project: project.to_owned(),
            part: part.to_owned(),
            key: complaint.key.clone(),
        };
        // Two of one kind in one run are two troubles.
        let mut number = 1;
        while !self.taken.insert(place.clone()) {
            number += 1;
            place.key = format!("{} ({number})", complaint.key);
        }
        self.complaints.push((place, complaint.clone()));
    }
}

/// One line of the log.
type Line = (Level, String);

/// Says all of it; whether anything was to be heard without asking for more.
pub(super) fn say_all(met: &Met) -> bool {
    say_lines(met.complaints.iter().map(|(place, complaint)| line(place, complaint)))
}

/// Says what is news, and remembers what was said; whether anything was to be heard.
pub(super) fn say_news(met: &Met, store: &Store, now: Millis) -> bool {
    match remember(met, store, now) {
        Ok(lines) => say_lines(lines.into_iter()),
        Err(error) => {
            say_all(met);
            log::warn!("{error:#}");
            true
        }
    }
}

fn say_lines(lines: impl Iterator<Item = Line>) -> bool {
    let mut is_heard = false;
    for (level, text) in lines {
        log::log!(level, "{text}");
        is_heard |= level <= Level::Warn && log::log_enabled!(level);
    }
    is_heard
}

fn line(place: &Place, complaint: &Complaint) -> Line {
    let text = match place.project.as_str() {
        "" => complaint.text.clone(),
        project => format!("{project}: {complaint}"),
    };
    (complaint.level, text)
}

fn remember(met: &Met, store: &Store, now: Millis) -> Result<Vec<Line>> {
    let known: BTreeMap<Place, Trouble> = store.read(troubles::all)?.into_iter().collect();
    if known.is_empty() && met.complaints.is_empty() {
        return Ok(Vec::new());
    }
    let news = weigh(met, &known, now);
    if news.kept.is_empty() && news.over.is_empty() {
        return Ok(news.lines);
    }
    store.write(|state| {
        news.kept.iter().try_for_each(|(place, trouble)| troubles::put(state, place, trouble))?;
        news.over.iter().try_for_each(|place| troubles::end(state, place))
    })?;
    Ok(news.lines)
}

/// What a run changes in what is known.
#[derive(Debug, Default)]
struct News {
    lines: Vec<Line>,
    kept: Vec<(Place, Trouble)>,
    over: Vec<Place>,
}

/// Decides what is said.
fn weigh(met: &Met, known: &BTreeMap<Place, Trouble>, now: Millis) -> News {
    let mut news = News::default();
    for (place, complaint) in &met.complaints {
        let sense = Hash::of(complaint.sense.as_bytes());
        let before = known.get(place).filter(|before| before.sense == sense);
        let is_loud = complaint.level <= Level::Warn;
        let (level, mut text) = line(place, complaint);
        // A clock that was set back must not keep it quiet for longer.
        let is_due =
            complaint.each_time || before.is_none_or(|before| (now - before.said).abs() >= DAY_MS);
        if let Some(before) = before.filter(|_| is_due && is_loud) {
            text.push_str(&format!(" (since {})", report::time(before.since)));
        }
        news.lines.push((if is_due { level } else { level.max(Level::Info) }, text));
        if is_loud || before.is_some() {
            let trouble = Trouble {
                sense,
                since: before.map_or(now, |before| before.since),
                said: before.filter(|_| !is_due).map_or(now, |before| before.said),
                seen: now,
                message: complaint.text.clone(),
            };
            news.kept.push((place.clone(), trouble));
        }
    }
    let mut over = Vec::new();
    for (place, trouble) in known {
        if met.taken.contains(place) {
            continue;
        }
        if met.looked_at.contains(&(place.project.clone(), place.part.clone())) {
            over.push((place, trouble));
            news.over.push(place.clone());
        } else if (now - trouble.seen).abs() >= FORGOTTEN_MS {
            news.over.push(place.clone());
        }
    }
    let silent: BTreeSet<&str> = met.taken.iter().filter_map(silent_host).collect();
    news.lines.extend(tell_over(&over, &silent));
    news
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{self, Host, Kind};

    const MINUTES: Millis = 60 * 1000;

    /// A state, and what runs after each other said on standard error.
    struct Runs {
        known: BTreeMap<Place, Trouble>,
        now: Millis,
    }

    impl Runs {
        fn new() -> Self {
            Self { known: BTreeMap::new(), now: 1_000 * DAY_MS }
        }

        /// A run so much later, over PROJ, to its end where that is said.
        fn after(&mut self, wait: Millis, complaints: &[Complaint], whole: bool) -> Vec<String> {
            self.now += wait;
            let mut report = report::Pass::new("sync", false, self.now);
            let mut project = report::Project::new("PROJ");
            project.is_whole = whole;
            project.errors = complaints.to_vec();
            report.projects.push(project);
            let news = weigh(&Met::of(&report, whole), &self.known, self.now);
            self.known.extend(news.kept);
            news.over.iter().for_each(|place| drop(self.known.remove(place)));
            let loud = |(level, text): Line| (level <= Level::Warn).then_some(text);
            news.lines.into_iter().filter_map(loud).collect()
        }
    }

    fn refused(why: &str) -> Complaint {
        Complaint::new("refused", why).about("PROJ-1")
    }

    #[test]
    fn what_goes_on_is_said_when_it_begins_when_it_changes_and_once_a_day() {
        let mut runs = Runs::new();
        assert_eq!(runs.after(0, &[refused("3 letters")], true), ["PROJ: PROJ-1: 3 letters"]);
        for _ in 0..10 {
            assert!(runs.after(5 * MINUTES, &[refused("4 letters")], true).is_empty());
        }
        assert_eq!(
            runs.after(5 * MINUTES, &[refused("too long")], true),
            ["PROJ: PROJ-1: too long"]
        );
        let since = report::time(runs.now);
        assert!(runs.after(DAY_MS - 1, &[refused("too long")], true).is_empty());
        let daily = format!("PROJ: PROJ-1: too long (since {since})");
        assert_eq!(runs.after(1, &[refused("too long")], true), [daily.as_str()]);
        assert!(runs.after(5 * MINUTES, &[refused("too long")], true).is_empty());
        // A clock that was set back keeps nobody quiet for longer.
        assert_eq!(runs.after(-2 * DAY_MS, &[refused("too long")], true), [daily]);
    }

    #[test]
    fn what_is_over_is_news_when_it_comes_back_and_what_was_not_looked_at_is_not_over() {
        let mut runs = Runs::new();
        runs.after(0, &[refused("no")], true);
        // Huly is away: nobody knows how the item would fare.
        let away = Complaint::new("huly offline", "away");
        assert_eq!(runs.after(5 * MINUTES, std::slice::from_ref(&away), false).len(), 1);
        assert!(runs.after(5 * MINUTES, &[away], false).is_empty());
        let since = report::time(runs.now - 5 * MINUTES);
        assert_eq!(
            runs.after(5 * MINUTES, &[refused("no")], true),
            [format!("huly answers again; over: away (since {since})")]
        );
        assert_eq!(runs.known.len(), 1, "Huly is back");
        assert_eq!(runs.after(5 * MINUTES, &[], true), ["PROJ: over: PROJ-1: no"]);
        assert!(runs.known.is_empty());
        assert_eq!(runs.after(5 * MINUTES, &[refused("no")], true).len(), 1);
    }

    #[test]
    fn a_system_that_answers_again_is_told_once_and_not_while_it_fails_in_another_way() {
        let mut runs = Runs::new();
        let away = |status: u16| {
            let mut error = http::Error::new(Kind::Offline, Host::Huly, "GET /x", "");
            error.status = Some(status);
            Complaint::from(&error)
        };
        for status in [503, 523] {
            assert_eq!(runs.after(5 * MINUTES, &[away(status)], false).len(), 1, "{status}");
        }
        for status in [503, 523] {
            assert!(runs.after(5 * MINUTES, &[away(status)], false).is_empty(), "{status}");
        }
        assert!(runs.after(5 * MINUTES, &[away(503)], true).is_empty(), "still away");
        let said = runs.after(5 * MINUTES, &[], true);
        assert!(said.len() == 1 && said[0].starts_with("huly answers again; "), "{said:?}");
        assert!(runs.after(5 * MINUTES, &[], true).is_empty(), "once");
    }

    #[test]
    fn what_passed_within_one_run_is_not_told_to_be_over() {
        let mut runs = Runs::new();
        runs.after(0, &[refused("no")], true);
        assert!(runs.after(5 * MINUTES, &[], true).is_empty());
        assert!(runs.known.is_empty());
    }

    #[test]
    fn what_flags_cause_is_told_each_time() {
        let mut runs = Runs::new();
        let slip = Complaint { each_time: true, ..Complaint::new("exit 2", "no project NOPE") };
        for _ in 0..3 {
            assert_eq!(runs.after(5 * MINUTES, std::slice::from_ref(&slip), false).len(), 1);
        }
    }

    #[test]
    fn a_run_without_news_that_did_not_end_well_still_names_one() {
        let mut report = report::Pass::new("sync", false, 0);
        let exit = Exit::Partial;
        assert!(as_before(&report, exit).starts_with("exit code 3: partial"));
        let mut project = report::Project::new("PROJ");
        project.errors = vec![refused("no")];
        report.projects.push(project);
        assert_eq!(as_before(&report, exit), "exit code 3 as before: PROJ: PROJ-1: no");
        report.projects[0].errors.push(refused("too long"));
        assert!(as_before(&report, exit).ends_with("PROJ-1: no (and 1 more, which -v shows)"));
    }

    #[test]
    fn two_of_a_kind_are_two_and_what_is_no_warning_is_not_remembered() {
        let mut runs = Runs::new();
        let two = [Complaint::new("odd", "one"), Complaint::new("odd", "another")];
        assert_eq!(runs.after(0, &two, true).len(), 2);
        assert!(runs.after(5 * MINUTES, &two, true).is_empty());
        runs.after(5 * MINUTES, &[refused("no").at(Level::Info)], true);
        assert!(runs.known.is_empty());
    }

    #[test]
    fn what_nobody_met_with_for_long_is_forgotten() {
        let mut runs = Runs::new();
        runs.after(0, &[refused("no")], true);
        runs.after(FORGOTTEN_MS, &[], false);
        assert!(runs.known.is_empty());
    }
}
