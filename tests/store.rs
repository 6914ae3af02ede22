//! The state file: what it lets in, what it costs, and how its queries find their rows.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use huly_vibe_sync::config::Config;
use huly_vibe_sync::model::{Hash, Side};
use huly_vibe_sync::store::elements::{Element, Known};
use huly_vibe_sync::store::{
    self, Store, VERSION, changes, is_full_or_read_only, issues, losers, prune,
};
use rusqlite::Connection;
use tempfile::TempDir;

const DAY: i64 = 24 * 60 * 60 * 1000;
const NOW: i64 = 1_790_000_000_000;

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.db");
    (folder, state)
}

fn names(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn pragma(store: &Store, name: &str) -> String {
    store
        .read(|state| {
            Ok(state.pragma_query_value(None, name, |row| {
                Ok(match row.get_ref(0)? {
                    rusqlite::types::ValueRef::Integer(value) => value.to_string(),
                    other => other.as_str().unwrap().to_owned(),
                })
            })?)
        })
        .unwrap()
}

fn count(store: &Store, table: &str) -> u64 {
    let sql = format!("SELECT count(*) FROM {table}");
    store.read(|state| Ok(state.query_row(&sql, [], |row| row.get(0))?)).unwrap()
}

#[test]
fn a_new_file_is_private_and_set_up_to_survive_a_crash() {
    let (folder, path) = folder();
    let store = Store::open(&path).unwrap();
    store.write(|state| store::runs::begin(state, "sync", NOW)).unwrap();

    assert_eq!(mode(&path), 0o600);
    assert_eq!(pragma(&store, "journal_mode"), "wal");
    assert_eq!(pragma(&store, "synchronous"), "2", "FULL");
    assert_eq!(pragma(&store, "foreign_keys"), "1");
    assert_eq!(pragma(&store, "auto_vacuum"), "2", "incremental");
    assert_eq!(pragma(&store, "user_version"), VERSION.to_string());
    for name in names(&folder) {
        assert_eq!(mode(&folder.path().join(&name)), 0o600, "{name}");
    }
    drop(store);
    assert_eq!(names(&folder), ["state.db"], "the log is gone with its last user");
}

#[test]
fn a_file_of_this_version_is_not_touched_by_looking_at_it() {
    let (folder, path) = folder();
    let store = Store::open(&path).unwrap();
    store.write(|state| store::runs::begin(state, "sync", NOW)).unwrap();
    drop(store);
    let bytes = fs::read(&path).unwrap();

    drop(Store::open(&path).unwrap());
    drop(Store::open_read_only(&path).unwrap());
    drop(Store::open_copy(&path).unwrap());

    assert!(fs::read(&path).unwrap() == bytes, "it was changed");
    assert_eq!(names(&folder), ["state.db"]);
}

#[test]
fn a_newer_file_is_refused_by_every_way_in() {
    let (folder, path) = folder();
    drop(Store::open(&path).unwrap());
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", VERSION + 1).unwrap();
    connection.close().unwrap();
    let bytes = fs::read(&path).unwrap();

    for error in [
        Store::open(&path).unwrap_err(),
        Store::open_read_only(&path).unwrap_err(),
        Store::open_copy(&path).unwrap_err(),
    ] {
        let error = format!("{error:#}");
        assert!(error.contains("install the newer huly-vibe-sync"), "{error}");
        assert!(error.contains(path.to_str().unwrap()), "{error}");
    }
    assert!(fs::read(&path).unwrap() == bytes, "it was changed");
    assert_eq!(names(&folder), ["state.db"]);
}

#[test]
fn what_another_program_made_is_refused_and_left_alone() {
    for make in [
        |path: &Path| {
            let other = Connection::open(path).unwrap();
            other.execute_batch("CREATE TABLE bookmarks (url TEXT)").unwrap();
        },
        // With a version of its own, which says nothing about ours.
        |path: &Path| {
            let other = Connection::open(path).unwrap();
            other.execute_batch("CREATE TABLE a (b TEXT); PRAGMA user_version = 1").unwrap();
        },
        |path: &Path| fs::write(path, "not a database, but a letter ".repeat(99)).unwrap(),
    ] {
        let (folder, path) = folder();
        make(&path);
        let bytes = fs::read(&path).unwrap();

        for error in [
            Store::open(&path).unwrap_err(),
            Store::open_read_only(&path).unwrap_err(),
            Store::open_copy(&path).unwrap_err(),
        ] {
            let error = format!("{error:#}");
            assert!(error.contains("is not a state file of this program"), "{error}");
            assert!(error.contains("--state"), "{error}");
        }
        assert!(fs::read(&path).unwrap() == bytes, "it was changed");
        assert_eq!(names(&folder), ["state.db"]);
    }
}

#[test]
fn a_dry_runs_copy_has_the_rows_and_goes_at_the_end() {
    let (folder, path) = folder();
    let original = Store::open(&path).unwrap();
    original.write(|state| store::runs::begin(state, "sync", NOW)).unwrap();

    // Also while a pass writes the original.
    let copy = Store::open_copy(&path).unwrap();
    copy.write(|state| store::runs::begin(state, "sync", NOW)).unwrap();
    assert_eq!((count(&copy, "runs"), count(&original, "runs")), (2, 1));
    assert!(copy.is_copy() && copy.path() == path);
    for name in names(&folder) {
        assert_eq!(mode(&folder.path().join(&name)), 0o600, "{name}");
    }
    drop((copy, original));
    assert_eq!(names(&folder), ["state.db"]);
}

#[test]
fn a_dry_run_without_a_state_leaves_none() {
    let (folder, path) = folder();
    let copy = Store::open_copy(&path).unwrap();
    assert_eq!(count(&copy, "projects"), 0);
    drop(copy);
    assert_eq!(names(&folder), [] as [&str; 0]);
    assert!(Store::open_read_only(&path).unwrap().is_none());
    assert_eq!(names(&folder), [] as [&str; 0]);
}

#[test]
fn a_write_is_done_in_whole_or_not_at_all() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    let failed = store.write(|state| {
        store::runs::begin(state, "sync", NOW)?;
        anyhow::bail!("half way")
    });
    let error: anyhow::Error = failed.map(|(): ()| ()).unwrap_err();
    assert!(!is_full_or_read_only(&error), "{error}");
    assert_eq!(count(&store, "runs"), 0);
}

/// A row as a real pair has it: a title of 60 characters, known and agreed on both sides.
fn pair(number: usize) -> issues::Row {
    let title = format!("{:<60}", format!("Issue {number}: what is to be done, in a few words"))
        .replace(' ', "_");
    let status = || Some("In Progress".to_owned());
    let text = Some(Hash::of(title.as_bytes()));
    let base = |status| issues::Base { title: Some(title.clone()), status, text };
    issues::Row {
        id: 0,
        identifier: format!("PROJECT-{number}"),
        remote_id: None,
        created: Some(NOW),
        modified: Some(NOW),
        title: title.clone(),
        status: status(),
        status_since: Some(NOW),
        priority: "NoPriority".to_owned(),
        text,
        text_ref: None,
        link: Some(issues::Link {
            task: format!("959c4a8c-93b4-4a5e-9d3c-{number:012}"),
            marked: Side::Vibe,
            task_created: Some(NOW),
            task_updated: Some(NOW),
            task_title: title.clone(),
            task_status: "inprogress".to_owned(),
            task_text: Hash::of(title.as_bytes()),
            huly: base(status()),
            vibe: base(Some("inprogress".to_owned())),
        }),
    }
}

/// A project of so many pairs, and all that a first pass stores of them.
fn fill(store: &Store, pairs: usize) -> i64 {
    store
        .write(|state| {
            let project = store::projects::keep(state, "PROJECT", "Project")?.id;
            let (mut huly, mut vibe) = (Known::default(), Known::default());
            for number in 1..=pairs {
                let row = pair(number);
                let hash = Hash::of(row.identifier.as_bytes());
                let element = Element { hash, length: 2000, place: number as u32 };
                huly.push(element, number as u64);
                vibe.push(element, number as u64);
                let change = changes::Change {
                    identifier: row.identifier.clone(),
                    kind: "new",
                    side: Side::Huly,
                    old: None,
                    new: Some(row.title.clone()),
                    at: NOW,
                };
                changes::add(state, project, &change)?;
                issues::put(state, project, &row)?;
            }
            for (side, known) in [(Side::Huly, &mut huly), (Side::Vibe, &mut vibe)] {
                known.order();
                known.store(state, project, side)?;
            }
            Ok(project)
        })
        .unwrap()
}

#[test]
fn fifty_thousand_pairs_fit_into_sixty_megabytes() {
    const PAIRS: usize = 5_000;
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    fill(&store, PAIRS);
    drop(store);
    let bytes = usize::try_from(fs::metadata(&path).unwrap().len()).unwrap();
    assert!(bytes / PAIRS <= 1_200, "{} bytes a pair", bytes / PAIRS);
}

#[test]
fn compacting_gives_the_room_of_removed_rows_back() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    fill(&store, 2_000);
    store.compact().unwrap();
    let before = fs::metadata(&path).unwrap().len();
    store.write(|state| Ok(state.execute("DELETE FROM issues", [])?)).unwrap();
    store.compact().unwrap();
    let after = fs::metadata(&path).unwrap().len();
    assert!(after < before / 2, "{before} -> {after}");
    assert_eq!(pragma(&store, "freelist_count"), "0");
    assert_eq!(count(&store, "changes"), 2_000);
}

#[test]
fn a_long_log_is_carried_over_while_others_write() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    fill(&store, 200);
    store.carry_over().unwrap();
    let small = fs::metadata(&path).unwrap().len();
    add_history(&store, 40_000, NOW);
    assert_eq!(fs::metadata(&path).unwrap().len(), small, "a commit carries nothing over yet");
    store
        .write(|state| {
            store.carry_over()?;
            store::projects::keep(state, "OTHER", "Other")
        })
        .unwrap();
    assert!(fs::metadata(&path).unwrap().len() > small + (1 << 20));
    assert_eq!(count(&store, "projects"), 2);
}

#[test]
fn a_damaged_file_is_found_by_compacting() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    fill(&store, 1_000);
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xa5);
    fs::write(&path, &bytes).unwrap();

    let error = Store::open(&path).unwrap().compact().unwrap_err();

    let error = format!("{error:#}");
    assert!(error.contains(path.to_str().unwrap()), "{error}");
    assert!(error.contains("is damaged: move it away"), "{error}");
    // And by whoever meets with it.
    bytes[8192..].fill(0xa5);
    fs::write(&path, &bytes).unwrap();
    let read = Store::open(&path).and_then(|open| {
        open.read(|state| {
            let sql = "SELECT count(*) FROM issues WHERE title <> ''";
            Ok(state.query_row(sql, [], |row| row.get::<_, u32>(0))?)
        })
    });
    let error = format!("{:#}", read.unwrap_err());
    assert!(error.contains("is damaged: move it away"), "{error}");
    assert!(error.contains(path.to_str().unwrap()), "{error}");
}

fn add_history(store: &Store, rows: usize, at: i64) {
    store
        .write(|state| {
            let project = store::projects::keep(state, "PROJECT", "Project")?.id;
            for number in 0..rows {
                store::runs::begin(state, "sync", at)?;
                let identifier = format!("PROJECT-{number}");
                let change = changes::Change {
                    identifier: identifier.clone(),
                    kind: "title",
                    side: Side::Huly,
                    old: Some("old".to_owned()),
                    new: Some("new".to_owned()),
                    at,
                };
                changes::add(state, project, &change)?;
                let loser = losers::Loser {
                    id: 0,
                    project: String::new(),
                    identifier,
                    task: None,
                    field: "title".to_owned(),
                    kind: losers::Kind::Conflict,
                    winner: Side::Huly,
                    lost: "old".to_owned(),
                    // Another one each time: the same would not be stored twice.
                    won: format!("new at {at}"),
                    at,
                    acked: None,
                };
                losers::add(state, project, &loser)?;
            }
            Ok(())
        })
        .unwrap();
}

/// One run a day from this day to that one.
fn live(store: &Store, days: std::ops::RangeInclusive<i64>) {
    for day in days {
        store.write(|state| store::runs::begin(state, "sync", NOW + day * DAY)).unwrap();
    }
}

#[test]
fn history_is_pruned_by_age_and_a_thousand_rows_a_time() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    let keep = Config::default().keep;
    assert_eq!(
        [keep.runs, keep.changes, keep.losers],
        [90, 30, 365].map(|days| Duration::from_secs(days * 24 * 60 * 60))
    );
    let left = || ["changes", "losers"].map(|table| count(&store, table));
    let prune = |all| store.write(|state| prune::old(state, &keep, all)).unwrap();
    add_history(&store, 1_500, NOW);
    live(&store, 1..=10);
    add_history(&store, 7, NOW + 10 * DAY);

    live(&store, 11..=30);
    assert_eq!(prune(false), 0);
    // A day is believed when the next run says the same.
    live(&store, 31..=32);
    assert_eq!(prune(false), 1_000);
    assert_eq!(left(), [507, 1_507]);
    assert_eq!(prune(false), 500);
    assert_eq!(left(), [7, 1_507], "the younger ones stay");
    let runs = count(&store, "runs");
    live(&store, 33..=92);
    assert_eq!(prune(false), 1_000 + 7);
    assert_eq!(prune(true), 501, "`vacuum` knows no bound");
    assert_eq!(count(&store, "runs"), runs - 1_501 + 60);
    live(&store, 93..=381);
    prune(true);
    assert_eq!(left(), [0, 1_507], "what cannot be brought back is kept until it is surely old");
    live(&store, 382..=383);
    prune(true);
    assert_eq!(left(), [0, 7]);
}

#[test]
fn a_clock_that_is_wrong_for_a_while_prunes_nothing() {
    let keep = Config::default().keep;
    for off in [-999, 400, 20_000] {
        let (_folder, path) = folder();
        let store = Store::open(&path).unwrap();
        let prune = || store.write(|state| prune::old(state, &keep, true)).unwrap();
        live(&store, 0..=3);
        add_history(&store, 5, NOW + 3 * DAY);
        for day in [off, off + 1, 4, 5, 6] {
            live(&store, day..=day);
            // What is written meanwhile bears the wrong time.
            add_history(&store, 1, NOW + day * DAY);
            assert_eq!(prune(), 0, "{off}: on day {day}");
        }
        assert!(count(&store, "losers") >= 5);
    }
}

#[test]
fn a_tombstone_goes_a_year_after_both_halves_have_gone() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    let keep = Config::default().keep;
    let stone = |identifier: &str, gone| store::tombstones::Tombstone {
        id: 0,
        identifier: identifier.to_owned(),
        created: None,
        task: format!("task of {identifier}"),
        gone,
        print: Hash::of(b""),
        at: NOW,
    };
    let project = store
        .write(|state| {
            let project = store::projects::keep(state, "P", "Project")?.id;
            store::tombstones::add(state, project, &stone("P-1", Side::Huly))?;
            store::tombstones::add(state, project, &stone("P-2", Side::Vibe))?;
            Ok(project)
        })
        .unwrap();
    let left = || {
        let stones = store.read(|state| store::tombstones::of(state, project)).unwrap();
        stones.into_iter().map(|stone| stone.identifier).collect::<Vec<_>>()
    };
    let prune = || store.write(|state| prune::old(state, &keep, true)).unwrap();
    live(&store, 0..=500);
    prune();
    assert_eq!(left(), ["P-1", "P-2"], "as long as one of them is there");
    let survivors = store.read(|state| store::tombstones::survivors(state, project)).unwrap();
    let told: Vec<_> = survivors.iter().map(|one| (one.side, one.item.as_str())).collect();
    assert_eq!(told, [(Side::Vibe, "task of P-1"), (Side::Huly, "P-2")]);
    let note = |stone, is_gone| {
        store.write(|state| store::tombstones::note_survivor(state, stone, is_gone)).unwrap();
    };
    survivors.iter().for_each(|survivor| note(survivor.stone, true));
    live(&store, 501..=800);
    // A backup is put back.
    note(survivors[1].stone, false);
    live(&store, 801..=900);
    prune();
    assert_eq!(left(), ["P-2"]);
    let about = |side, item: &str| {
        store.read(|state| store::tombstones::about(state, project, side, item)).unwrap().len()
    };
    assert_eq!((about(Side::Huly, "P-2"), about(Side::Vibe, "task of P-2")), (1, 1));
    assert_eq!((about(Side::Huly, "P-1"), about(Side::Vibe, "P-2")), (0, 0));
}

// Reading beside a pass.

#[test]
fn a_reader_that_was_there_first_reads_on_while_a_pass_begins_and_ends() {
    let (folder, path) = folder();
    drop(Store::open(&path).unwrap());
    let store = Store::open(&path).unwrap();
    fill(&store, 2_000);
    drop(store);
    assert_eq!(names(&folder), ["state.db"], "there is no log");
    let reader = Store::open_read_only(&path).unwrap().unwrap();
    assert_eq!(count(&reader, "issues"), 2_000);
    // All pages get another place and other contents.
    let pass = Store::open(&path).unwrap();
    pass.write(|state| Ok(state.execute("DELETE FROM issues WHERE id % 3 <> 0", [])?)).unwrap();
    pass.write(|state| {
        Ok(state.execute("UPDATE issues SET title = title || hex(randomblob(900))", [])?)
    })
    .unwrap();
    pass.compact().unwrap();
    drop(pass);
    assert_eq!(count(&reader, "issues"), 666);
    let sql = "SELECT count(*) FROM issues WHERE length(title) > 1800";
    let long = reader.read(|state| Ok(state.query_row(sql, [], |row| row.get::<_, u32>(0))?));
    assert_eq!(long.unwrap(), 666);
    drop(reader);
    assert_eq!(names(&folder), ["state.db"], "a reader leaves nothing behind");
}

#[test]
fn nobody_is_told_to_move_a_sound_state_away() {
    let (_folder, path) = folder();
    drop(Store::open(&path).unwrap());
    let malformed = || {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
        Err::<(), _>(rusqlite::Error::SqliteFailure(code, None).into())
    };
    let said = |store: &Store| format!("{:#}", store.read(|_| malformed()).unwrap_err());
    let reader = Store::open_read_only(&path).unwrap().unwrap();
    assert!(said(&reader).contains("a second look finds it sound: try again"));
    let lock = huly_vibe_sync::lock::Lock::take(&path).unwrap().unwrap();
    assert!(said(&reader).contains("while a pass is writing it: try again"));
    // Whoever has the lock can look.
    assert!(said(&Store::open(&path).unwrap()).contains("a second look finds it sound"));
    drop(lock);
}

// The queries of a pass.

/// The string literals of a source file, in their order.
fn literals(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut letters = source.chars().peekable();
    let mut before = ' ';
    while let Some(letter) = letters.next() {
        match letter {
            '/' if letters.peek() == Some(&'/') => {
                for letter in letters.by_ref() {
                    if letter == '\n' {
                        break;
                    }
                }
            }
            '"' if before != '\'' => {
                let mut text = String::new();
                while let Some(letter) = letters.next() {
                    match letter {
                        '"' => break,
                        '\\' => match letters.next() {
                            // A line that goes on in the next.
                            Some('\n') => {
                                while letters.peek().is_some_and(|letter| letter.is_whitespace()) {
                                    letters.next();
                                }
                            }
                            Some('n') => text.push('\n'),
                            Some(other) => text.push(other),
                            None => break,
                        },
                        other => text.push(other),
                    }
                }
                found.push(text);
            }
            _ => {}
        }
        before = letter;
    }
    found
}

/// All SQL in `src/store/` that can come up in a pass, by file: everything but the overview, which
/// `stats` alone reads, what is known of one item, which `explain` alone asks, the opening of the
/// file, looking at it, and the tests.
fn queries() -> Vec<(String, String)> {
    let room = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let mut files: Vec<PathBuf> =
        fs::read_dir(room).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.is_file());
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        if ["known", "look", "open", "overview", "schema"].contains(&name.as_str()) {
            continue;
        }
        let source = fs::read_to_string(&file).unwrap();
        let source = source.split("#[cfg(test)]").next().unwrap();
        let constants: HashMap<&str, String> = source
            .match_indices("const ")
            .filter_map(|(at, word)| {
                let (constant, rest) = source[at + word.len()..].split_once(": &str = ")?;
                Some((constant, literals(rest).into_iter().next()?))
            })
            .collect();
        for literal in literals(source) {
            let mut sql = literal;
            for (constant, value) in &constants {
                sql = sql.replace(&format!("{{{constant}}}"), value);
            }
            let word = sql.split_whitespace().next().unwrap_or_default();
            let is_query = ["SELECT", "INSERT", "UPDATE", "DELETE"].contains(&word);
            // The beginning of others, and what `stats` alone asks the history.
            let is_part = constants.values().any(|value| *value == sql);
            let is_of_stats = sql.contains("FROM runs") && sql.contains("ORDER BY id DESC");
            // What is ended by hand, table by table.
            let is_by_hand = sql.contains("{table}");
            if is_query && sql.contains(' ') && !is_part && !is_of_stats && !is_by_hand {
                found.push((name.clone(), sql));
            }
        }
    }
    found
}

/// How SQLite goes about a query, line by line.
fn plan(state: &Connection, sql: &str) -> Vec<String> {
    let mut statement = state
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    let unbound: Vec<rusqlite::types::Value> =
        vec![rusqlite::types::Value::Null; statement.parameter_count()];
    let lines = statement.query_map(rusqlite::params_from_iter(unbound), |row| row.get(3)).unwrap();
    lines.map(Result::unwrap).collect()
}

#[test]
fn all_sql_is_in_one_room_and_found_by_this_test() {
    let found = queries();
    let by_file = |file: &str| found.iter().filter(|(name, _)| name == file).count();
    for (file, least) in [
        ("agents", 3),
        ("blocks", 4),
        ("changes", 2),
        ("elements", 2),
        ("issues", 7),
        ("losers", 5),
        ("meta", 2),
        ("outbox", 4),
        ("pending", 3),
        ("projects", 10),
        ("prune", 3),
        ("runs", 2),
        ("said", 3),
        ("statuses", 4),
        ("sums", 1),
        ("tombstones", 3),
        ("troubles", 3),
    ] {
        assert!(by_file(file) >= least, "{file}: {} queries found", by_file(file));
    }
    // And a full scan would be seen.
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    let lines = store.read(|state| Ok(plan(state, "SELECT id FROM issues WHERE title = ?1")));
    assert_eq!(lines.unwrap(), ["SCAN issues"]);
}

#[test]
fn each_query_of_a_pass_finds_its_rows_by_an_index() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    let check = |when: &str| {
        for (file, sql) in queries() {
            for line in store.read(|state| Ok(plan(state, &sql))).unwrap() {
                let mut words = line.split_whitespace();
                let is_scan = words.next() == Some("SCAN");
                // There are a few hundred projects at the most, and all are needed; so is all that
                // went wrong and is not over.
                let of_few = matches!(words.next(), Some("projects" | "troubles" | "CONSTANT"));
                // "Everything" is what is meant.
                let of_all = ["elements", "agents", "blocks"]
                    .iter()
                    .any(|table| sql == format!("DELETE FROM {table}"));
                assert!(!is_scan || of_few || of_all, "{when}, {file}.rs: {line}\n{sql}");
                assert!(!line.contains("AUTOMATIC"), "{when}, {file}.rs: {line}\n{sql}");
            }
        }
    };
    check("empty");
    fill(&store, 2_000);
    add_history(&store, 2_000, NOW);
    check("filled");
    // With numbers of one project to choose by, SQLite would scan.
    store.compact().unwrap();
    check("compacted");
}

#[test]
fn an_agent_and_a_block_serve_one_project() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    let [one, two] = ["A", "B"]
        .map(|name| store.write(|state| Ok(store::projects::keep(state, name, name)?.id)).unwrap());
    let agent = store::agents::Agent {
        id: Some("agent-1".to_owned()),
        readme: Some([7; 32]),
        ..store::agents::Agent::default()
    };
    let block = store::blocks::Block {
        label: "project".to_owned(),
        id: "block-1".to_owned(),
        limit: 5000,
        known: Some([9; 32]),
    };
    let blocks = std::slice::from_ref(&block);
    store
        .write(|state| {
            store::agents::put(state, one, &agent)?;
            store::blocks::replace(state, one, blocks)
        })
        .unwrap();
    store.write(|state| store::agents::put(state, two, &agent)).unwrap_err();
    store.write(|state| store::blocks::replace(state, two, blocks)).unwrap_err();
    let told = |project| {
        store
            .read(|state| {
                Ok((
                    store::agents::serves_another(state, "agent-1", project)?,
                    store::blocks::serves_another(state, "block-1", project)?,
                ))
            })
            .unwrap()
    };
    assert_eq!((told(one), told(two)), ((false, false), (true, true)));
    let read = || {
        let look = |state: &Connection| {
            Ok((store::agents::get(state, one)?, store::blocks::of(state, one)?))
        };
        store.read(look).unwrap()
    };
    assert_eq!(read(), (agent, vec![block]));
    store.write(|state| store::blocks::doubt(state, "block-1")).unwrap();
    assert_eq!(read().1[0].known, None);
    // Another server knows none of them.
    store.write(|state| store::agents::forget_all(state)).unwrap();
    assert_eq!(read(), (store::agents::Agent::default(), Vec::new()));
}

/// The write of what won fails for weeks.
#[test]
fn a_conflict_whose_winning_write_keeps_failing_is_stored_once_and_stays_listed() {
    let (_folder, path) = folder();
    let store = Store::open(&path).unwrap();
    let loser = |at: i64, won: &str| losers::Loser {
        id: 0,
        project: String::new(),
        identifier: "P-1".to_owned(),
        task: None,
        field: "title".to_owned(),
        kind: losers::Kind::Conflict,
        winner: Side::Huly,
        lost: "old".to_owned(),
        won: won.to_owned(),
        at,
        acked: None,
    };
    let added = |at: i64, won: &str| {
        store
            .write(|state| {
                let project = store::projects::keep(state, "P", "Project")?.id;
                losers::add(state, project, &loser(at, won))
            })
            .unwrap()
    };
    let open = |since: i64| store.read(|state| losers::open(state, since)).unwrap();

    let first = added(NOW, "new").unwrap();
    for day in 1..=60 {
        assert_eq!(added(NOW + day * DAY, "new"), None, "day {day}");
    }

    let listed = open(NOW + 31 * DAY);
    assert_eq!(listed.iter().map(|loser| loser.id).collect::<Vec<_>>(), [first]);
    assert_eq!(listed[0].at, NOW + 60 * DAY);
    // A clock that went back makes nothing older.
    assert_eq!(added(NOW - DAY, "new"), None);
    assert_eq!(open(0)[0].at, NOW + 60 * DAY);
    // Another winner is another conflict, and so is one after somebody has seen to it.
    assert!(added(NOW + 61 * DAY, "newer").is_some());
    store.write(|state| losers::acknowledge(state, first, NOW)).unwrap();
    assert!(added(NOW + 62 * DAY, "new").is_some());
}
