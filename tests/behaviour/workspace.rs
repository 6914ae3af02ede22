//! What only Huly's own API has: getting in, changes of many projects in one read, texts by
//! reference, conditional writes, its rate limit.

mod memory;
mod reading;
mod typing;
mod writing;

use std::time::Duration;

use crate::rig::{Backend, Ran, Rig, on_platform};
use crate::support::VibeVersion::V0_0_71;
use crate::support::{Fault, When};

/// A rig over the platform, in the suite that is about it.
fn rig() -> Option<Rig> {
    on_platform().then(|| Rig::with(Backend::Platform, V0_0_71))
}

/// What a pass asked of each service.
fn asked(rig: &Rig, pass: impl FnOnce(&Rig) -> Ran) -> (Ran, crate::support::ServiceCounters) {
    rig.world.huly.reset_counters();
    let ran = pass(rig);
    (ran, rig.world.huly.services())
}

/// A refused login counts: five of them lock the account.
#[test]
fn a_wrong_password_is_said_plainly_and_tried_once() {
    let Some(mut rig) = rig() else { return };
    rig.project();
    let right = rig.value("HULY_PASSWORD");
    rig.set("HULY_PASSWORD", "wrong");

    let ran = rig.sync();

    assert_eq!(ran.exit, 2, "{ran:#?}");
    assert!(ran.stderr.contains("wrong e-mail or password"), "{ran:#?}");
    assert!(!ran.stderr.contains("wrong\""), "{ran:#?}");
    assert_eq!(rig.world.huly.failed_logins(), 1);
    assert!(!rig.state().with_extension("db-wal").exists() || rig.world.vibe.log().is_empty());
    // Nor by the passes that follow, until something is changed, or a person wants it.
    for args in [&["sync"][..], &["sync-project", "PROJ"], &["sync", "--dry-run"]] {
        let again = rig.run(args);
        assert_eq!(again.exit, 2, "{again:#?}");
        assert!(again.json["errors"].to_string().contains("not tried again"), "{again:#?}");
        assert!(!again.json.to_string().contains("wrong\\\""), "{again:#?}");
    }
    assert_eq!(rig.world.huly.failed_logins(), 1);
    rig.run(&["sync", "--full"]);
    assert_eq!(rig.world.huly.failed_logins(), 2);
    rig.tamper("UPDATE meta SET value = substr(value, 1, 33) || '1' WHERE key = 'refused_login'");
    rig.sync();
    assert_eq!(rig.world.huly.failed_logins(), 3, "it was long ago");
    rig.set("HULY_PASSWORD", &right);
    rig.sync_well();
    rig.assert_quiet();
}

/// For a slug that it does not know, the account service selects another workspace.
#[test]
fn a_wrong_slug_does_not_sync_another_workspace() {
    let Some(mut rig) = rig() else { return };
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "One", "", "Todo");
    rig.set("HULY_WORKSPACE", "nope");

    let ran = rig.sync();

    assert_eq!(ran.exit, 2, "{ran:#?}");
    let slug = rig.world.huly.credentials().workspace;
    assert!(ran.stderr.contains("\"nope\"") && ran.stderr.contains(&slug), "{ran:#?}");
    assert!(rig.world.vibe.tasks(&vibe).is_empty());
}

#[test]
fn an_account_with_a_second_factor_is_told_to_use_a_token() {
    let Some(mut rig) = rig() else { return };
    rig.project();
    rig.world.huly.second_factor(true);

    let ran = rig.sync();

    assert_eq!(ran.exit, 2, "{ran:#?}");
    assert!(ran.stderr.contains("huly.token"), "{ran:#?}");

    let token = rig.world.huly.credentials().token;
    std::fs::write(rig.folder.path().join("token"), format!("{token}\n")).unwrap();
    rig.set("HULY_EMAIL", "");
    rig.set("HULY_PASSWORD", "");
    rig.set("HULY_TOKEN_FILE", rig.folder.path().join("token").to_str().unwrap());
    let ran = rig.sync_well();
    assert!(!format!("{ran:?}").contains(&token));
}

/// The server answers 500 to a token that it does not know.
#[test]
fn a_token_that_is_not_known_any_more_ends_with_2_at_once() {
    let Some(mut rig) = rig() else { return };
    rig.project();
    rig.set("HULY_TOKEN", &rig.world.huly.credentials().token);
    rig.sync_well();
    rig.world.huly.revoke_tokens();

    let (ran, asked) = asked(&rig, Rig::sync);

    assert_eq!(ran.exit, 2, "{ran:#?}");
    assert!(asked.transactor + asked.account <= 3, "{asked:?}");
    assert_eq!(ran.json["http"]["huly"]["retries"], 0, "{ran:#?}");
}

#[test]
fn hosts_that_only_the_deployment_knows_are_overridden() {
    let Some(mut rig) = rig() else { return };
    let vibe = rig.project();
    rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
    rig.world.huly.name_internal_hosts(true);
    rig.set("HULY_VIBE_SYNC_HTTP_ATTEMPTS", "1");

    assert_eq!(rig.sync().exit, 75);

    let urls = rig.world.huly.urls();
    for (name, url) in [
        ("ACCOUNTS", &urls.accounts),
        ("TRANSACTOR", &urls.transactor),
        ("COLLABORATOR", &urls.collaborator),
        ("FILES", &urls.files),
    ] {
        rig.set(&format!("HULY_VIBE_SYNC_HULY_{name}_URL"), &url.replace("ws://", "http://"));
    }
    rig.sync_well();
    assert_eq!(rig.world.vibe.tasks(&vibe).len(), 1);
}

#[test]
fn a_workspace_that_is_being_upgraded_is_tried_later() {
    let Some(rig) = rig() else { return };
    rig.project();
    rig.sync_well();
    rig.world.huly.workspace_mode("upgrading", 40);

    let ran = rig.sync();

    assert_eq!(ran.exit, 75, "{ran:#?}");
    rig.world.huly.workspace_mode("active", 100);
    rig.sync_well();
}

#[test]
fn two_hulys_are_one_too_many_until_one_is_chosen() {
    let Some(mut rig) = rig() else { return };
    rig.project();
    rig.set("HULY_API_URL", "http://127.0.0.1:9");

    let ran = rig.sync();
    assert_eq!(ran.exit, 2, "{ran:#?}");
    assert!(ran.stderr.contains("huly.backend"), "{ran:#?}");

    rig.set("HULY_VIBE_SYNC_HULY_BACKEND", "platform");
    rig.sync_well();
}

#[test]
fn a_missing_setting_is_named() {
    let Some(mut rig) = rig() else { return };
    for (name, said) in [
        ("HULY_PASSWORD", "huly.password"),
        ("HULY_EMAIL", "huly.token"),
        ("HULY_WORKSPACE", "huly.workspace"),
        ("HULY_URL", "huly.url"),
    ] {
        rig.set(name, "");
        let ran = rig.sync();
        assert_eq!(ran.exit, 2, "{ran:#?}");
        assert!(ran.stderr.contains(said), "{name}: {ran:#?}");
    }
}

/// Many rejections push the window far out: whoever goes on asking is out for minutes.
#[test]
fn a_rate_limit_is_kept_and_a_pass_through_it_ends_well() {
    let Some(mut rig) = rig() else { return };
    let vibe = rig.project();
    for n in 1..=30 {
        rig.world.huly.add_issue("PROJ", &format!("Issue {n}"), "text", "Todo");
    }
    rig.sync_well();
    for task in rig.world.vibe.tasks(&vibe) {
        rig.world.vibe.edit_title(&task.id, &format!("{}, edited", task.title));
    }
    rig.world.huly.rate_limit(20, Duration::from_millis(1500));
    rig.set("HULY_VIBE_SYNC_SYNC_DEADLINE", "60s");

    let ran = rig.sync_well();

    assert_eq!(ran.total("updated.huly"), 30, "{ran:#?}");
    let refused = rig.world.huly.log().iter().filter(|entry| entry.status == 429).count();
    assert!(refused <= 6, "{refused} calls were refused");
}

/// `Retry-After` is on every answer: it counts on a refusal alone.
#[test]
fn a_success_with_a_retry_after_is_not_waited_for() {
    let Some(rig) = rig() else { return };
    rig.project();
    for n in 1..=20 {
        rig.world.huly.add_issue("PROJ", &format!("Issue {n}"), "", "Todo");
    }
    let ran = rig.sync_well();
    assert_eq!(ran.json["http"]["huly"]["waited_ms"], 0, "{ran:#?}");
}

/// A project to whose members the account does not belong reads as one without issues.
#[test]
fn a_project_that_was_left_is_skipped_and_nothing_is_taken_for_deleted() {
    let Some(rig) = rig() else { return };
    let vibe = rig.project();
    for n in 1..=3 {
        rig.world.huly.add_issue("PROJ", &format!("Issue {n}"), "", "Todo");
    }
    rig.sync_well();
    rig.world.huly.add_project("OTHER", "Other");
    rig.world.huly.leave_project("PROJ");

    for args in [&["sync"][..], &["sync", "--full"]] {
        let mark = rig.world.mark();
        let ran = rig.run(args);
        assert_eq!(ran.project("PROJ")["outcome"], "skipped", "{ran:#?}");
        assert!(format!("{:?}", ran.project("PROJ")["errors"]).contains("no member"), "{ran:#?}");
        let writes = rig.world.writes_since(mark);
        let about_tasks = writes.iter().filter(|entry| entry.path.contains("/tasks")).count();
        assert_eq!(about_tasks, 0, "{writes:#?}");
    }

    rig.world.huly.join_project("PROJ");
    rig.world.huly.edit_title("PROJ-1", "Issue 1, edited");
    rig.sync_well();
    assert!(rig.world.vibe.tasks(&vibe).iter().any(|task| task.title == "Issue 1, edited"));
    rig.assert_quiet();
}

/// The membership is lost after the projects were listed, in the middle of a pass.
#[test]
fn a_project_that_is_left_in_the_middle_of_a_pass_proves_no_deletion() {
    let Some(rig) = rig() else { return };
    let vibe = rig.project();
    for n in 1..=3 {
        rig.world.huly.add_issue("PROJ", &format!("Issue {n}"), "", "Todo");
    }
    rig.sync_well();
    let huly = rig.world.huly.clone();
    let listed = When::on("POST", "find-all").body("tracker:class:Project").nth(1);
    rig.world.huly.after(listed, move || huly.leave_project("PROJ"));

    let ran = rig.run(&["sync", "--full"]);

    assert_ne!(ran.exit, 0, "{ran:#?}");
    assert!(rig.world.vibe.tasks(&vibe).iter().all(|task| task.status == "todo"));
}

/// An outage of one service is no emptiness.
#[test]
fn a_500_of_the_transactor_is_no_refused_token() {
    let Some(rig) = rig() else { return };
    rig.project();
    rig.sync_well();
    let body = r#"{"message":"Failed to execute operation","error":"connection terminated"}"#;
    let fault = Fault::Status { code: 500, body: body.to_owned(), retry_after: None };
    rig.world.huly.fault(When::on("POST", "find-all").body("tracker:class:Project"), fault);

    let ran = rig.sync();

    assert_eq!(ran.exit, 1, "{ran:#?}");
    assert!(ran.json["http"]["huly"]["retries"].as_u64().unwrap() > 0, "{ran:#?}");
}
