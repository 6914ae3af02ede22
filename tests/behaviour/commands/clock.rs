//! A clock that is wrong, this machine's or Huly's: nothing is lost by it.

use crate::rig::{Ran, Rig};

const HOUR_MS: i64 = 60 * 60 * 1000;
const FOUR_HUNDRED_DAYS_MS: i64 = 400 * 24 * HOUR_MS;

/// A pair whose title Vibe lost to Huly.
fn with_a_losing_value() -> Rig {
    let rig = Rig::new();
    let vibe = rig.project();
    let (issue, task) = rig.linked(&vibe, "Title", "text", "Todo");
    rig.world.huly.edit_title(&issue, "Huly's");
    rig.world.vibe.edit_title(&task, "Vibe's");
    rig.sync_well();
    assert_eq!(kept(&rig), ["Vibe's"]);
    rig
}

fn kept(rig: &Rig) -> Vec<String> {
    let all = rig.run(&["conflicts", "list", "--all"]).json;
    let lost = |one: &serde_json::Value| one["lost"].as_str().unwrap().to_owned();
    all["conflicts"].as_array().unwrap().iter().map(lost).collect()
}

fn runs(rig: &Rig) -> usize {
    rig.run(&["stats"]).json["runs"].as_array().unwrap().len()
}

/// Whoever set the clock ahead by so much sees all that was stored as so much older.
fn set_clock_ahead(rig: &Rig, by: i64) {
    rig.tamper(&format!(
        "UPDATE runs SET started_ms = started_ms - {by}, ended_ms = ended_ms - {by}"
    ));
    for table in ["changes", "losers"] {
        rig.tamper(&format!("UPDATE {table} SET at_ms = at_ms - {by}"));
    }
}

#[test]
fn a_pass_under_a_clock_that_is_a_year_ahead_or_behind_removes_nothing() {
    for by in [FOUR_HUNDRED_DAYS_MS, -FOUR_HUNDRED_DAYS_MS] {
        let rig = with_a_losing_value();
        let before = runs(&rig);
        set_clock_ahead(&rig, by);
        rig.sync_well();
        assert_eq!(kept(&rig), ["Vibe's"], "{by}");
        // And back: what was stored in between bears a time of its own.
        set_clock_ahead(&rig, -by);
        rig.sync_well();
        assert_eq!(rig.run(&["vacuum"]).exit, 0);
        assert_eq!((kept(&rig), runs(&rig)), (vec!["Vibe's".to_owned()], before + 2), "{by}");
    }
}

#[test]
fn what_lost_while_the_clock_had_no_date_is_kept_when_it_has_one() {
    let rig = with_a_losing_value();
    rig.tamper("UPDATE losers SET at_ms = 5000");
    rig.tamper(
        "UPDATE runs SET started_ms = 4000, ended_ms = 6000 WHERE id = (SELECT max(id) FROM runs)",
    );
    for _ in 0..4 {
        rig.sync_well();
    }
    assert_eq!(rig.run(&["vacuum"]).exit, 0);
    assert_eq!(kept(&rig), ["Vibe's"]);
}

#[test]
fn a_success_that_was_dated_in_the_future_does_not_stand_for_the_later_ones() {
    let rig = with_a_losing_value();
    set_clock_ahead(&rig, -FOUR_HUNDRED_DAYS_MS);
    rig.sync_well();
    let stats = rig.run(&["stats"]).json;
    assert_eq!(stats["last_success"], stats["runs"][0]["ended"]);
}

#[test]
fn an_edit_after_huly_s_clock_was_set_back_crosses_in_the_next_pass() {
    let rig = Rig::new();
    let vibe = rig.project();
    let (issue, task) = rig.linked(&vibe, "Title", "text", "Todo");
    rig.world.huly.shift_clock(2 * HOUR_MS);
    rig.world.huly.edit_title(&issue, "Edited ahead");
    rig.sync_well();
    rig.sync_well();

    rig.world.huly.shift_clock(0);
    rig.world.huly.edit_title(&issue, "Edited after");
    let ran = rig.sync_well();

    let title = || rig.world.vibe.task(&task).unwrap().title;
    assert_eq!((title().as_str(), mode(&ran)), ("Edited after", "full"));
    // Once is enough: from then on changes are read by the clock as it is.
    assert_eq!(mode(&rig.sync_well()), "incremental");
    rig.world.huly.edit_title(&issue, "Edited later");
    assert_eq!(mode(&rig.sync_well()), "incremental");
    assert_eq!(title(), "Edited later");
    rig.assert_quiet();
}

fn mode(ran: &Ran) -> &str {
    ran.project("PROJ")["mode"].as_str().unwrap()
}

#[test]
fn check_warns_of_clocks_that_are_apart() {
    let rig = Rig::new();
    rig.project();
    let told = || {
        let findings = rig.run(&["check"]).json["findings"].as_array().unwrap().clone();
        let clocks = findings.into_iter().filter(|finding| finding["subject"] == "clock");
        clocks.map(|finding| finding["what"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(told().is_empty(), "{:?}", told());
    rig.world.vibe.shift_clock(-3 * HOUR_MS - 60_000);
    rig.world.huly.shift_clock(5 * HOUR_MS + 60_000);
    let told = told();
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[0], "this machine's clock is 5 h behind the clock of huly");
    assert_eq!(told[1], "this machine's clock is 3 h ahead of the clock of vibe");
}
