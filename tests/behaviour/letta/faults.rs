//! What goes wrong with Letta takes nothing back, and is made good later.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use super::{Told, counts, lines};
use crate::board::Board;
use crate::support::{Fault, RetryAfter, When};

/// 61
#[test]
fn letta_is_down_and_the_sync_is_unharmed_and_the_next_push_catches_up() {
    let told = Told::new();
    let vibe = told.rig.project();
    told.rig.world.huly.add_issue("PROJ", "One", "", "Todo");
    told.letta.go_offline();
    let ran = told.rig.sync();
    assert_eq!(ran.exit, 3, "{ran:#?}");
    assert_eq!(ran.project("PROJ")["outcome"], "ok");
    assert!(ran.stderr.contains("letta"), "{}", ran.stderr);
    assert_eq!(Board::of(&told.rig, "PROJ", &vibe).pairs().unwrap().len(), 1);
    assert_eq!(told.push(&[]).exit, 75, "alone it is to be tried later");
    told.letta.come_back();
    told.push_well(&[]);
    assert_eq!(told.letta.agent_of("PROJ").told("board_metrics")["issues"], 1);
    told.assert_quiet();
}

#[test]
fn many_projects_wait_in_one_line_when_letta_is_away() {
    let told = Told::new();
    told.projects(12);
    told.letta.go_offline();
    let ran = told.rig.sync();
    assert_eq!(ran.exit, 3);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("12 projects wait for the next push"), "{}", ran.stderr);
    assert_eq!(counts(&ran, "P7"), [0, 0, 6]);
}

/// Who had nothing to tell called nobody: that Letta is away stays true.
#[test]
fn a_letta_that_is_away_is_to_be_tried_later_whoever_has_nothing_to_tell() {
    for changed in [1, 5] {
        let told = Told::new();
        told.projects(6);
        told.rig.sync_well();
        for number in 0..changed {
            told.rig.world.huly.add_issue(&format!("P{number}"), "More", "", "Todo");
        }
        assert_eq!(told.rig.run(&["sync", "--no-letta"]).exit, 0);
        told.letta.fault(When::always(), Fault::status(503));

        let ran = told.push(&[]);

        assert_eq!(ran.exit, 75, "{changed} changed: {ran:#?}");
        assert!(ran.stderr.contains("503"), "{}", ran.stderr);
        assert!(!ran.stderr.contains("not asked"), "{}", ran.stderr);
    }
}

#[test]
fn a_wrong_password_is_said_plainly_and_stops_the_push_and_not_the_sync() {
    let told = Told::new();
    told.projects(3);
    told.letta.set_password(Some("another"));
    let mark = told.rig.world.mark();
    let ran = told.rig.sync();
    assert_eq!(ran.exit, 3, "{ran:#?}");
    assert!(ran.stderr.contains("wrong password"), "{}", ran.stderr);
    assert!(ran.stderr.contains("LETTA_PASSWORD"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("the-password-of-letta"), "{}", ran.stderr);
    assert_eq!(lines(&told.asked_since(mark)), ["GET /v1/agents/"], "it is tried once");
    assert_eq!(ran.total("created.vibe"), 3);
    assert_eq!(told.push(&[]).exit, 2);
}

#[test]
fn a_conflict_on_a_block_is_retried() {
    let told = Told::synced(1);
    told.rig.world.huly.add_issue("PROJ", "More", "", "Todo");
    told.letta.fault(When::on("PATCH", "").first(2), Fault::status(409));
    let ran = told.rig.sync_well();
    assert_eq!(counts(&ran, "PROJ"), [3, 3, 0]);
    assert_eq!(ran.json["http"]["letta"]["retries"], 2);
    told.assert_quiet();
}

#[test]
fn a_conflict_that_stays_is_a_failure_and_tried_again() {
    let told = Told::synced(1);
    told.rig.world.huly.add_issue("PROJ", "More", "", "Todo");
    told.letta.fault(When::on("PATCH", "").body("newest_first"), Fault::status(409));
    let ran = told.rig.sync();
    assert_eq!((ran.exit, counts(&ran, "PROJ")), (3, [2, 3, 1]), "{ran:#?}");
    told.letta.clear_faults();
    told.push_well(&[]);
    told.assert_quiet();
}

#[test]
fn an_answer_that_is_lost_makes_no_second_agent() {
    for fault in [Fault::LostAnswer, Fault::Truncate { after_bytes: 100 }, Fault::Garbage] {
        let told = Told::new();
        told.projects(2);
        told.letta.fault(When::on("POST", "/v1/agents/").nth(1), fault.clone());
        let ran = told.rig.sync();
        assert_eq!(ran.exit, 3, "{fault:?}: {ran:#?}");
        assert_eq!(told.letta.agents().len(), 2, "{fault:?}");
        let asked = told.push_well(&[]);
        assert_eq!(lines(&asked), ["GET /v1/agents/"], "{fault:?}");
        assert_eq!(told.letta.agents().len(), 2, "{fault:?}");
        told.assert_quiet();
    }
}

#[test]
fn a_create_that_is_carried_out_late_makes_no_second_agent() {
    let mut told = Told::new();
    told.projects(1);
    told.rig.set("HULY_VIBE_SYNC_SYNC_CREATE_GRACE", "30s");
    let after = Duration::from_millis(1500);
    told.letta.fault(When::on("POST", "/v1/agents/").nth(1), Fault::ResetThenWrite { after });
    assert_eq!(told.rig.sync().exit, 3);
    // Too early to tell: nothing is made, and it is said why.
    let ran = told.push(&[]);
    assert_eq!(ran.exit, 3, "{ran:#?}");
    assert!(ran.stderr.contains("asked for a moment ago"), "{}", ran.stderr);
    assert!(told.letta.agents().is_empty());
    while told.letta.agents().is_empty() {
        std::thread::sleep(Duration::from_millis(50));
    }
    told.push_well(&[]);
    assert_eq!(told.letta.agents().len(), 1);
    told.assert_quiet();
}

#[test]
fn how_long_a_create_may_still_be_carried_out_counts_from_when_it_was_given_up() {
    let mut told = Told::new();
    told.projects(1);
    told.rig.set("HULY_VIBE_SYNC_LETTA_TIMEOUT", "1s");
    let before = Duration::from_millis(1200);
    let slow = Fault::Slow { before, bytes_per_second: None };
    told.rig.world.vibe.fault(When::on("GET", "/api/tasks").first(1), slow);
    let hang = Fault::Hang { lasting: None, effect: true };
    told.letta.fault(When::on("POST", "/v1/agents/").first(1), hang);
    let state = told.rig.state();
    let asked = move || -> i64 {
        let sql = "SELECT asked_ms - (SELECT max(started_ms) FROM runs) FROM agents";
        let state = rusqlite::Connection::open(&state).unwrap();
        state.query_row(sql, [], |row| row.get(0)).unwrap()
    };
    let (sent, look) = (Arc::new(AtomicI64::new(0)), asked.clone());
    let seen = sent.clone();
    told.letta.before(When::on("POST", "/v1/agents/").first(1), move || {
        seen.store(look(), Ordering::SeqCst);
    });

    assert_eq!(told.rig.sync().exit, 3);

    let sent = sent.load(Ordering::SeqCst);
    assert!(sent >= 1000, "it was sent {sent} ms after the run began");
    assert!(asked() >= sent + 900, "it was given up {} ms after", asked());
}

#[test]
fn a_create_that_came_to_nothing_is_sent_again() {
    for fault in [Fault::Reset, Fault::Close, Fault::status(500), Fault::Html] {
        let told = Told::new();
        told.projects(1);
        let lost = When::on("POST", "/v1/agents/").nth(1);
        told.letta.fault(lost, fault.clone());
        assert_eq!(told.rig.sync().exit, 3, "{fault:?}");
        told.push_well(&[]);
        assert_eq!(told.letta.agents().len(), 1, "{fault:?}");
        told.assert_quiet();
    }
}

#[test]
fn a_model_that_the_server_does_not_have_is_named() {
    let mut told = Told::new();
    told.projects(1);
    told.rig.set("LETTA_MODEL", "openai/nope");
    let ran = told.rig.sync();
    assert_eq!(ran.exit, 3, "{ran:#?}");
    assert!(ran.stderr.contains("openai/nope"), "{}", ran.stderr);
    told.rig.set("LETTA_MODEL", "letta/letta-free");
    told.push_well(&[]);
    assert_eq!(told.letta.agents().len(), 1);
}

#[test]
fn a_server_that_says_when_to_come_again_is_heard() {
    let told = Told::new();
    told.projects(2);
    let busy = Fault::retry_later(429, RetryAfter::Seconds(1));
    told.letta.fault(When::on("POST", "/v1/agents/").nth(1), busy);
    let begun = Instant::now();
    let ran = told.rig.sync_well();
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(told.letta.agents().len(), 2);
    assert_eq!(ran.json["http"]["letta"]["retries"], 1);
}

#[test]
fn a_write_whose_answer_is_lost_is_made_good() {
    let told = Told::synced(1);
    told.rig.world.huly.add_issue("PROJ", "More", "", "Todo");
    told.letta.fault(When::on("PATCH", "").nth(2), Fault::Truncate { after_bytes: 20 });
    let ran = told.rig.sync();
    assert_eq!((ran.exit, counts(&ran, "PROJ")), (3, [2, 3, 1]), "{ran:#?}");
    told.push_well(&[]);
    assert_eq!(told.letta.agent_of("PROJ").told("board_metrics")["issues"], 2);
    told.assert_quiet();
}

#[test]
fn a_server_that_never_answers_does_not_keep_the_pass() {
    let mut told = Told::new();
    told.projects(2);
    told.rig.set("HULY_VIBE_SYNC_SYNC_DEADLINE", "3s");
    told.letta.fault(When::always(), Fault::hang());
    let begun = Instant::now();
    let ran = told.rig.sync();
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    assert_eq!(ran.exit, 75, "{ran:#?}");
    assert_eq!(ran.total("created.vibe"), 2);
    told.letta.clear_faults();
    told.push_well(&[]);
    assert_eq!(told.letta.agents().len(), 2);
}

#[test]
fn a_page_in_place_of_an_answer_is_named_as_what_it_is() {
    let told = Told::new();
    told.projects(1);
    told.letta.fault(When::always(), Fault::Html);
    let ran = told.push(&[]);
    assert_eq!(ran.exit, 2, "there is no state yet: {ran:#?}");
    let ran = told.rig.sync();
    assert_eq!(ran.exit, 3);
    assert!(ran.stderr.contains("answered a web page"), "{}", ran.stderr);
}

#[test]
fn without_an_address_nobody_is_told_and_the_push_says_how_to_set_one() {
    let mut told = Told::new();
    told.rig.set("LETTA_BASE_URL", "");
    told.projects(1);
    let ran = told.rig.sync_well();
    assert!(ran.project("P0").get("blocks").is_none());
    assert!(ran.json["http"].get("letta").is_none());
    assert!(told.letta.log().is_empty());
    let ran = told.push(&[]);
    assert_eq!(ran.exit, 2);
    assert!(ran.stderr.contains("LETTA_BASE_URL"), "{}", ran.stderr);
}
