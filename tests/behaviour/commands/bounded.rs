//! A pass writes as little as it promises, and keeps the state to itself until its end.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;

use huly_vibe_sync::lock::Lock;
use rusqlite::Connection;

use crate::rig::Rig;

/// How many transactions a run commits: each is a flush of the disk. Counted in the write-ahead log, which
/// a reader that is under way keeps from being emptied.
fn commits(rig: &Rig, args: &[&str]) -> usize {
    const HEAD: usize = 32;
    const FRAME_HEAD: usize = 24;
    let reader = Connection::open(rig.state()).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM runs").unwrap();
    let log = || fs::read(rig.folder.path().join("state.db-wal")).unwrap_or_default();
    assert!(log().is_empty(), "nothing is in the log before");
    assert!([0, 3].contains(&rig.run(args).exit));
    let log = log();
    let number = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().unwrap());
    let frame = FRAME_HEAD + number(8) as usize;
    // The last frame of a transaction tells the file's size.
    (HEAD..log.len()).step_by(frame).filter(|&at| number(at + 4) != 0).count()
}

fn with_unpaired_projects(count: usize) -> Rig {
    let mut rig = Rig::new();
    rig.set("STACKS_DIR", "");
    rig.project();
    for number in 0..count {
        rig.world.huly.add_project(&format!("LONE{number}"), &format!("Lonely {number}"));
    }
    rig
}

#[test]
fn a_quiet_pass_over_skipped_projects_commits_no_more_than_one_over_a_single_one() {
    let [few, many] = [1, 30].map(|count| {
        let rig = with_unpaired_projects(count);
        rig.sync_well();
        let ran = rig.sync_well();
        assert_eq!(ran.project("LONE0")["outcome"], "skipped", "{ran:#?}");
        commits(&rig, &["sync"])
    });
    assert_eq!(few, many);
    // Its row is begun and ended, how it went for all projects is one more, and what goes on being wrong.
    assert!(many <= 4, "{many}");
}

#[test]
fn a_pass_has_its_lock_until_the_last_who_is_told_has_heard() {
    let rig = Rig::new();
    rig.project();
    rig.sync_well();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/check", listener.local_addr().unwrap());
    let (sender, heard) = mpsc::channel();
    let state = rig.state();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut from = BufReader::new(stream.try_clone().unwrap());
            let (mut first, mut line, mut length) = (String::new(), String::new(), 0);
            from.read_line(&mut first).unwrap();
            while from.read_line(&mut line).unwrap() > 2 {
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            from.read_exact(&mut vec![0; length]).unwrap();
            let _ = sender.send((first, Lock::is_held(&state).unwrap()));
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        }
    });

    assert_eq!(rig.run(&["sync", "--ping", &url]).exit, 0);

    let told: Vec<_> = heard.try_iter().collect();
    assert!(told.iter().any(|(line, _)| line.contains("/check/0 ")), "{told:?}");
    assert!(told.iter().all(|(_, is_held)| *is_held), "{told:?}");
    assert!(!Lock::is_held(&rig.state()).unwrap());
}

fn count(rig: &Rig, sql: &str) -> u32 {
    let state = Connection::open(rig.state()).unwrap();
    state.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn what_is_remembered_of_items_goes_when_they_are_gone() {
    const GONE: &str = "SELECT count(*) FROM tombstones WHERE gone_age_ms IS NOT NULL";
    const SURPLUS: &str = "SELECT count(*) FROM said WHERE kind = 'surplus'";
    let rig = Rig::new();
    let vibe = rig.project();
    let (issue, task) = rig.linked(&vibe, "Title", "text", "Todo");
    rig.linked(&vibe, "Another", "text", "Todo");
    let text = rig.world.vibe.task(&task).unwrap().text().to_owned();
    let copy = rig.world.vibe.add_task(&vibe, "A copy", &text, "todo");
    rig.sync_all();
    assert_eq!(count(&rig, SURPLUS), 1);

    // One half is gone, and the other one is remembered as long as it is there.
    rig.world.huly.delete_issue(&issue);
    rig.sync_all();
    rig.sync_all();
    assert_eq!(count(&rig, "SELECT count(*) FROM tombstones"), 1);
    assert_eq!(count(&rig, GONE), 0);

    rig.world.vibe.delete_task(&task);
    rig.world.vibe.delete_task(&copy);
    rig.sync_well();
    assert_eq!((count(&rig, GONE), count(&rig, SURPLUS)), (0, 1), "only whole lists tell");
    rig.sync_all();
    assert_eq!((count(&rig, GONE), count(&rig, SURPLUS)), (1, 0));
    rig.assert_quiet();
}
