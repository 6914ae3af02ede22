//! Laws that hold for any board.

use proptest::prelude::*;

use super::*;
use crate::model::Side;

const NOW: Millis = 1_795_422_776_821;
const DAY: Millis = 24 * 60 * 60 * 1000;

/// A card that owns its parts.
#[derive(Debug, Clone)]
struct Own {
    identifier: String,
    title: String,
    status: Option<String>,
    since: Option<Millis>,
    priority: String,
    created: Option<Millis>,
    linked: bool,
}

impl Own {
    fn new(number: u64, title: &str, status: &str) -> Self {
        Self {
            identifier: format!("P-{number}"),
            title: title.to_owned(),
            status: Some(status.to_owned()),
            since: Some(NOW - DAY),
            priority: "NoPriority".to_owned(),
            created: Some(NOW - 30 * DAY),
            linked: true,
        }
    }

    fn card(&self) -> Card<'_> {
        Card {
            identifier: &self.identifier,
            title: &self.title,
            status: self.status.as_deref(),
            since: self.since,
            priority: &self.priority,
            created: self.created,
            linked: self.linked,
        }
    }
}

fn project() -> Project {
    Project {
        id: 1,
        identifier: "P".to_owned(),
        name: "Project".to_owned(),
        vibe_id: None,
        vibe_name: None,
        repo_path: None,
        cursor: None,
        full: None,
        tried: None,
        success: None,
        outcome: None,
        message: None,
        dirty: false,
        released: false,
        first_status: None,
        statuses_complete: false,
        git_remote: None,
        revision: 0,
    }
}

fn values(cards: &[Own], changes: &[Told], now: Millis) -> [Value; 6] {
    let (project, words, config) = (project(), Vocabulary::default(), Config::default());
    let facts =
        Facts { project: &project, words: &words, config: &config, changes, lost: &[], now };
    let mut board = Board::new(facts);
    cards.iter().for_each(|card| board.take(&card.card()));
    board.values()
}

fn value(label: &str, cards: &[Own]) -> Value {
    let at = KINDS.iter().position(|kind| kind.label == label);
    values(cards, &[], NOW)[at.unwrap_or_default()].clone()
}

fn issues(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(|line| line["issue"].as_str()).collect()
}

fn any_card() -> impl Strategy<Value = Own> {
    let status = prop_oneof![
        Just(None),
        prop::sample::select(vec![
            "Backlog",
            "Todo",
            "In Progress",
            "Done",
            "Canceled",
            "Odd\u{7}"
        ])
        .prop_map(|name| Some(name.to_owned()))
    ];
    let title = prop_oneof!["\\PC{0,30}", "(blocked|a|\"|\\\\|💥|\u{1}|é){0,300}"];
    let times = || prop::option::of(-DAY..NOW + DAY);
    let priority = prop::sample::select(vec!["Urgent", "High", "Medium", "Low", "NoPriority", "?"]);
    (0_u64..500, title, status, times(), priority, times(), any::<bool>()).prop_map(
        |(number, title, status, since, priority, created, linked)| Own {
            identifier: format!("P-{number}"),
            title,
            status,
            since,
            priority: priority.to_owned(),
            created,
            linked,
        },
    )
}

fn any_change() -> impl Strategy<Value = Told> {
    (
        "P-[0-9]{1,3}",
        "(new|status|title)",
        prop::option::of("\\PC{0,40}"),
        prop::option::of("\\PC{0,400}"),
        0..NOW,
    )
        .prop_map(|(identifier, kind, old, new, at)| Told {
            identifier,
            kind,
            side: Side::Huly,
            old,
            new,
            at,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn blocks_of_any_board_are_json_within_their_limits_and_equal_for_equal_boards(
        cards in prop::collection::vec(any_card(), 0..120),
        changes in prop::collection::vec(any_change(), 0..30),
        limit in 2_usize..LIMIT,
    ) {
        let mut cards = cards;
        let told = values(&cards, &changes, NOW);
        cards.reverse();
        // Numbers may be there twice here: then it matters who comes first.
        let mut seen = std::collections::BTreeSet::new();
        let unique = cards.iter().all(|card| seen.insert(card.identifier.clone()));
        if unique {
            prop_assert_eq!(&told, &values(&cards, &changes, NOW));
        }
        for value in told {
            for limit in [limit, LIMIT] {
                let text = fit(value.clone(), limit);
                prop_assert!(text.chars().count() <= limit);
                prop_assert!(serde_json::from_str::<Value>(&text).is_ok());
                prop_assert_eq!(&text, &fit(value.clone(), limit));
            }
        }
    }

    #[test]
    fn every_card_is_counted(cards in prop::collection::vec(any_card(), 0..60)) {
        let metrics = value("board_metrics", &cards);
        prop_assert_eq!(&metrics["issues"], &Value::from(cards.len()));
        let sum: u64 = metrics["by_meaning"].as_object().into_iter().flatten()
            .filter_map(|(_, count)| count.as_u64()).sum();
        prop_assert_eq!(sum, cards.len() as u64);
    }
}

#[test]
fn issues_without_a_task_count_too() {
    let mut cards = [
        Own::new(1, "a", "Todo"),
        Own::new(2, "b", "In Progress"),
        Own::new(3, "c", "Done"),
        Own::new(4, "d", "Canceled"),
    ];
    cards[0].linked = false;
    let metrics = value("board_metrics", &cards);
    assert_eq!((&metrics["issues"], &metrics["with_task"]), (&4.into(), &3.into()));
    assert_eq!(metrics["work_in_progress"], 1);
    assert_eq!(metrics["completion_percent"], 33);
    assert_eq!(value("board_metrics", &[])["completion_percent"], Value::Null);
}

#[test]
fn work_that_lasts_over_seven_days_is_told_with_the_date_that_it_began() {
    let mut cards = [Own::new(1, "old", "In Progress"), Own::new(2, "new", "In Progress")];
    cards[0].since = Some(NOW - 7 * DAY - 1);
    cards[1].since = Some(NOW - 7 * DAY);
    let (project, words, config) = (project(), Vocabulary::default(), Config::default());
    let facts = Facts {
        project: &project,
        words: &words,
        config: &config,
        changes: &[],
        lost: &[],
        now: NOW,
    };
    let mut board = Board::new(facts);
    cards.iter().for_each(|card| board.take(&card.card()));
    assert_eq!(board.until(), NOW + 1, "then the second one crosses the line");
    let told = value("hotspots", &cards);
    let long = &told["in_progress_for_over_7_days"];
    assert_eq!(issues(long), ["P-1"]);
    assert_eq!(long[0]["since"], "2026-11-16");
    // Days later nothing has changed but what crossed the line.
    let later = values(&cards[..1], &[], NOW + 5 * DAY);
    assert_eq!(later, values(&cards[..1], &[], NOW));
}

#[test]
fn done_work_is_no_hotspot() {
    let mut cards = [Own::new(1, "blocked", "Done"), Own::new(2, "blocked", "Todo")];
    for card in &mut cards {
        card.priority = "Urgent".to_owned();
    }
    let told = value("hotspots", &cards);
    assert_eq!(issues(&told["blocked"]), ["P-2"]);
    assert_eq!(issues(&told["important_and_not_begun"]), ["P-2"]);
}

#[test]
fn the_backlog_tells_the_most_important_of_many() {
    let mut cards: Vec<Own> = (1..=40).map(|n| Own::new(n, "x", "Backlog")).collect();
    cards[39].priority = "Urgent".to_owned();
    let told = value("backlog_summary", &cards);
    assert_eq!(told["issues"], 40);
    assert_eq!(told["by_priority"]["NoPriority"], 39);
    let first = issues(&told["first"]);
    assert_eq!((first.len(), &first[..3]), (15, &["P-40", "P-1", "P-2"][..]));
}

#[test]
fn the_change_log_is_bounded_and_newest_first() {
    let change = |at: Millis| Told {
        identifier: format!("P-{at}"),
        kind: "status".to_owned(),
        side: Side::Vibe,
        old: Some("In Progress".to_owned()),
        new: Some("Done".to_owned()),
        at,
    };
    let changes: Vec<Told> = (0..60).rev().map(change).collect();
    let told = values(&[], &changes, NOW)[5]["newest_first"].clone();
    assert_eq!(issues(&told).len(), CHANGES as usize);
    let first = serde_json::json!({
        "issue": "P-59",
        "what": "status",
        "made_in": "Vibe Kanban",
        "was": "In Progress",
        "now": "Done",
    });
    assert_eq!(told[0], first);
}
