//! A pass that ends before its work does: signal, deadline, memory.

use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use crate::rig::{Ran, Rig, ran};
use crate::support::{Fault, When};

/// Issues that become tasks one after another.
const ISSUES: usize = 30;

fn with_issues() -> (Rig, String) {
    let rig = Rig::new();
    let vibe = rig.project();
    for number in 1..=ISSUES {
        rig.world.huly.add_issue("PROJ", &format!("Issue {number}"), "text", "Todo");
    }
    (rig, vibe)
}

/// Runs a pass, and sends it a signal when its n-th create is done and not answered yet.
fn signalled(rig: &Rig, signal: &'static str, number: u64) -> Ran {
    let process = Arc::new(AtomicI32::new(0));
    let known = Arc::new(Barrier::new(2));
    let (victim, is_known) = (process.clone(), known.clone());
    rig.world.vibe.after(When::on("POST", "/api/tasks").nth(number), move || {
        is_known.wait();
        let id = victim.load(Ordering::SeqCst).to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    });
    let mut command = rig.command(&["sync", "--json"]);
    let child: Child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    process.store(i32::try_from(child.id()).unwrap(), Ordering::SeqCst);
    known.wait();
    let ran = ran(child.wait_with_output().unwrap());
    rig.world.vibe.forget_acts();
    ran
}

#[test]
fn a_signal_ends_the_pass_cleanly_and_the_next_one_goes_on() {
    for signal in ["-TERM", "-INT", "-HUP"] {
        let (rig, vibe) = with_issues();

        let ran = signalled(&rig, signal, 3);

        assert_eq!(ran.exit, 75, "{signal}: {ran:#?}");
        assert!(ran.stderr.contains("a signal came"), "{ran:#?}");
        assert_eq!(ran.json["exit"], 75);
        let made = rig.world.vibe.tasks(&vibe).len();
        assert!((3..ISSUES).contains(&made), "{made} were made");
        assert_eq!(ran.total("created.vibe"), made as u64, "what is told is what was done");

        // Nothing has to be repaired, or made again.
        let mark = rig.world.mark();
        let ran = rig.sync_well();
        assert_eq!(ran.total("created.vibe"), (ISSUES - made) as u64);
        let creates = rig.world.vibe.writes_since(mark);
        assert_eq!(creates.iter().filter(|entry| entry.method == "POST").count(), ISSUES - made);
        assert_eq!(rig.world.vibe.tasks(&vibe).len(), ISSUES);
        rig.assert_quiet();
    }
}

#[test]
fn a_signal_does_not_wait_for_a_list_that_is_never_answered() {
    let rig = Rig::new();
    rig.project();
    rig.world.vibe.fault(When::on("GET", "/api/tasks?"), Fault::hang());
    let mut command = rig.command(&["sync", "--json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while !rig.world.vibe.log().iter().any(|entry| entry.path.contains("/api/tasks?")) {
        assert!(begun.elapsed() < Duration::from_secs(30), "it never asked for the list");
        thread::sleep(Duration::from_millis(1));
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());

    let ran = ran(child.wait_with_output().unwrap());

    assert_eq!(ran.exit, 75, "{ran:#?}");
    let took = ran.json["duration_ms"].as_u64().unwrap();
    assert!(took < 10_000, "{took} ms");
}

#[test]
fn the_deadline_ends_a_pass_whose_lists_are_slow() {
    for fault in [Fault::hang(), Fault::Slow { before: Duration::ZERO, bytes_per_second: Some(10) }]
    {
        let rig = Rig::new();
        let fine = rig.project();
        rig.world.huly.add_issue("PROJ", "One", "text", "Todo");
        rig.world.huly.add_project("SLOW", "Slow");
        let slow = rig.world.vibe.add_project("Slow");
        rig.world.vibe.add_task(&slow, "A task", "text that drips", "todo");
        let fault = rig.world.vibe.fault(When::on("GET", &format!("project_id={slow}")), fault);

        let ran = rig.run(&["sync", "--deadline", "1s"]);

        assert_eq!(ran.exit, 75, "{ran:#?}");
        let took = ran.json["duration_ms"].as_u64().unwrap();
        assert!((1_000..6_000).contains(&took), "{took} ms");
        assert!(ran.stderr.contains("the deadline is reached"), "{ran:#?}");
        // The other project is done, and stays so.
        assert_eq!(ran.project("PROJ")["outcome"], "ok");
        assert_eq!(rig.world.vibe.tasks(&fine).len(), 1);
        rig.world.vibe.lift_fault(fault);
        let ran = rig.sync_well();
        assert_eq!((ran.total("created.vibe"), ran.total("created.huly")), (0, 1));
        rig.assert_quiet();
    }
}

#[test]
fn a_deadline_of_0_is_none() {
    let (rig, vibe) = with_issues();
    assert_eq!(rig.run(&["sync", "--deadline", "0"]).exit, 0);
    assert_eq!(rig.world.vibe.tasks(&vibe).len(), ISSUES);
}

#[test]
fn the_memory_bound_ends_a_pass_and_says_so() {
    let mut rig = Rig::new();
    for number in 0..20 {
        rig.world.huly.add_project(&format!("P{number}"), &format!("Project {number}"));
        rig.world.huly.add_issue(&format!("P{number}"), "One", "text", "Todo");
    }
    // Less than any process has.
    rig.set("HULY_VIBE_SYNC_SYNC_MAX_MEMORY", "1MiB");
    rig.set("MAX_WORKERS", "1");

    let ran = rig.sync();

    assert_eq!(ran.exit, 75, "{ran:#?}");
    assert!(ran.stderr.contains("sync.max_memory"), "{ran:#?}");
    assert!(ran.json["errors"].to_string().contains("sync.max_memory"), "{ran:#?}");
    let made = rig.world.vibe.projects().len();
    assert!(made < 20, "{made}");
    rig.set("HULY_VIBE_SYNC_SYNC_MAX_MEMORY", "1GiB");
    rig.sync_well();
    assert_eq!(rig.world.vibe.projects().len(), 20);
    rig.assert_quiet();
}

/// The tool under a shell that first does something to its own process.
fn under_shell(rig: &Rig, before: &str, args: &[&str]) -> Command {
    let of_rig = rig.command(args);
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &format!("{before}; exec \"$0\" \"$@\"")]);
    command.arg(of_rig.get_program()).args(of_rig.get_args()).env_clear().stdin(Stdio::null());
    command.envs(of_rig.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command
}

#[test]
fn a_terminal_that_goes_away_ends_nothing_under_nohup() {
    let (rig, vibe) = with_issues();
    let process = Arc::new(AtomicI32::new(0));
    let known = Arc::new(Barrier::new(2));
    let (alive, is_known) = (process.clone(), known.clone());
    rig.world.vibe.after(When::on("POST", "/api/tasks").nth(3), move || {
        is_known.wait();
        let id = alive.load(Ordering::SeqCst).to_string();
        assert!(Command::new("kill").args(["-HUP", &id]).status().unwrap().success());
    });
    let mut command = under_shell(&rig, "trap '' HUP", &["sync", "--json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    process.store(i32::try_from(child.id()).unwrap(), Ordering::SeqCst);
    known.wait();

    let ran = ran(child.wait_with_output().unwrap());

    assert_eq!(ran.exit, 0, "{ran:#?}");
    assert_eq!(rig.world.vibe.tasks(&vibe).len(), ISSUES);
}

#[test]
fn a_limit_on_the_size_of_files_gives_a_message_and_nothing_is_made_twice() {
    let (rig, vibe) = with_issues();
    rig.world.huly.add_issue("PROJ", "Long", &"A long text. ".repeat(100_000), "Todo");
    let mut limited = 0;
    // In blocks of 512 bytes: from nothing at all to more than the state needs.
    for blocks in [0, 1, 16, 64, 128, 256, 1024, 1 << 20] {
        let before = format!("ulimit -f {blocks}");
        let begun = Instant::now();
        let output = under_shell(&rig, &before, &["sync", "--json"]).output().unwrap();
        assert!(begun.elapsed() < Duration::from_secs(60), "{blocks}");
        let ran = ran(output);
        assert!([0, 1].contains(&ran.exit), "{blocks}: {ran:#?}");
        if ran.exit == 1 {
            limited += 1;
            assert!(ran.stderr.contains("ulimit -f"), "{blocks}: {ran:#?}");
        }
    }
    assert!(limited >= 2, "{limited}");
    rig.sync_well();
    assert_eq!(rig.world.vibe.tasks(&vibe).len(), ISSUES + 1);
    rig.assert_quiet();
}
