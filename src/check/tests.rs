//! What follows from facts that no server was asked for.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::facts::{Asked, Files, Huly, Letta, Place, Repository, State, Vibe};
use super::*;
use crate::config::{self, Config};
use crate::exit::Exit;
use crate::http::{Error, Host, Kind};
use crate::sync::pairing::Partner;
use crate::sync::status::Vocabulary;
use crate::{huly, store, vibe};

fn state() -> State {
    State {
        path: PathBuf::from("/s/state.db"),
        version: Ok(Some(store::VERSION)),
        newest: store::VERSION,
        bytes: 4096,
        is_open: false,
        held: Ok(false),
        unwritable: None,
        projects: Vec::new(),
    }
}

fn project(identifier: &str) -> huly::Project {
    huly::Project { identifier: identifier.into(), name: "Web".into(), ..Default::default() }
}

/// Two boards with a project `WEB` each, that were never synced.
fn facts() -> Facts {
    let mut config = Config::default();
    config.huly.api_url = Some("http://huly:1".to_owned());
    config.vibe.url = Some("http://vibe:1".to_owned());
    let other = vibe::Project { id: "v1".into(), name: "Web".into(), repo_path: None };
    let partner = Partner::Found { id: "v1".into(), name: "Web".into(), path: None };
    Facts {
        config,
        files: Files {
            config: Some((PathBuf::from("/c/config.toml"), true)),
            open_secrets: vec![],
        },
        proxies: BTreeMap::new(),
        state: state(),
        huly: Asked::Told(Huly {
            version: Some("second".to_owned()),
            edits_text: true,
            projects: vec![project("WEB")],
        }),
        vibe: Asked::Told(Vibe { version: Ok(Some("0.1.14".to_owned())), projects: vec![other] }),
        letta: None,
        clocks: Vec::new(),
        pairs: Some(Ok(BTreeMap::from([("WEB".to_owned(), partner)]))),
        repositories: BTreeMap::new(),
        vocabularies: BTreeMap::new(),
        no_statuses: None,
    }
}

fn failed<T>(host: Host, kind: Kind) -> Asked<T> {
    Asked::Failed(Error::new(kind, host, "GET /x", "why"))
}

/// What is worse than a note.
fn troubles(facts: &Facts) -> Vec<(Level, String)> {
    let said = findings(facts).into_iter().filter(|one| one.level >= Level::Warning);
    said.map(|finding| (finding.level, finding.to_string())).collect()
}

#[track_caller]
fn only_trouble(facts: &Facts, level: Level, words: &[&str]) {
    let found = troubles(facts);
    let [(found_level, text)] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!(*found_level, level, "{text}");
    for word in words {
        assert!(text.contains(word), "{text} has no {word}");
    }
}

#[test]
fn two_boards_that_are_well_are_no_trouble() {
    let facts = facts();
    assert_eq!(troubles(&facts), []);
    let all = findings(&facts);
    assert_eq!(exit(&all), Exit::Done);
    let subjects: Vec<&str> = all.iter().map(|finding| finding.subject.as_str()).collect();
    assert_eq!(subjects, ["config", "state", "huly", "vibe", "letta", "project WEB"]);
}

#[test]
fn the_kind_of_a_failure_decides_who_has_to_act() {
    for (kind, level, code) in [
        (Kind::Offline, Level::Away, Exit::Later),
        (Kind::Throttled, Level::Away, Exit::Later),
        (Kind::Stopped, Level::Away, Exit::Later),
        (Kind::Server, Level::Error, Exit::Usage),
        (Kind::Auth, Level::Error, Exit::Usage),
        (Kind::Unsupported, Level::Error, Exit::Usage),
        (Kind::Barred, Level::Error, Exit::Usage),
        (Kind::Protocol, Level::Error, Exit::Usage),
        (Kind::Gone, Level::Error, Exit::Usage),
    ] {
        let mut facts = facts();
        facts.vibe = failed(Host::Vibe, kind);
        only_trouble(&facts, level, &["vibe: http://vibe:1"]);
        let all = findings(&facts);
        assert_eq!(exit(&all), code);
        let told = all.iter().find(|finding| finding.level == level).unwrap();
        assert!(told.todo.is_some(), "each trouble has a way out");
    }
}

#[test]
fn what_a_person_must_change_comes_before_what_may_pass() {
    let mut facts = facts();
    facts.huly = failed(Host::Huly, Kind::Offline);
    facts.letta = Some(failed::<Letta>(Host::Letta, Kind::Auth));
    assert_eq!(exit(&findings(&facts)), Exit::Usage);
}

#[test]
fn a_system_that_is_not_set_hides_no_other() {
    let mut facts = facts();
    facts.config.huly.api_url = None;
    facts.huly = Asked::Unset(facts.config.huly.chosen().unwrap_err());
    only_trouble(&facts, Level::Error, &["huly: huly.url: not set", "HULY_URL"]);
    let all = findings(&facts);
    assert!(all.iter().any(|one| one.subject == "vibe" && one.level == Level::Ok), "{all:#?}");
}

#[test]
fn files_with_secrets_are_not_for_everybody() {
    let mut facts = facts();
    facts.files.open_secrets.push(PathBuf::from("/run/word"));
    only_trouble(&facts, Level::Warning, &["/run/word", "chmod o= /run/word"]);
    assert_eq!(exit(&findings(&facts)), Exit::Done, "a warning changes no exit code");
}

#[test]
fn a_state_that_cannot_be_used_is_an_error_and_a_pass_at_work_is_none() {
    let mut broken = facts();
    broken.state.version = Err("it is damaged".to_owned());
    only_trouble(&broken, Level::Error, &["state: it is damaged"]);
    let mut closed = facts();
    closed.state.unwritable = Some("read-only".to_owned());
    only_trouble(&closed, Level::Error, &["read-only", "--state"]);
    let mut busy = facts();
    busy.state.held = Ok(true);
    assert_eq!(troubles(&busy), []);
    assert!(findings(&busy).iter().any(|finding| finding.what.contains("holds the lock")));
}

#[test]
fn a_huly_that_lists_nothing_would_fail_a_pass() {
    let mut facts = facts();
    facts.huly = Asked::Told(Huly { version: None, edits_text: false, projects: Vec::new() });
    facts.pairs = Some(Ok(BTreeMap::new()));
    only_trouble(&facts, Level::Error, &["no projects at all", "a member"]);
}

#[test]
fn versions_are_told_by_what_they_mean() {
    let mut first = facts();
    first.huly = Asked::Told(Huly {
        version: Some("first".to_owned()),
        edits_text: false,
        projects: vec![project("WEB")],
    });
    only_trouble(&first, Level::Warning, &["cannot change existing descriptions"]);
    let mut next = facts();
    next.config.huly.api_url = None;
    next.config.huly.url = Some("http://huly:2".to_owned());
    next.config.huly.workspace = Some("team".to_owned());
    next.config.huly.token = Some(config::Secret::new("word"));
    next.huly = Asked::Told(Huly {
        version: Some("platform 0.8.1".to_owned()),
        edits_text: true,
        projects: vec![project("WEB")],
    });
    only_trouble(&next, Level::Warning, &["platform 0.8.1", "0.7"]);
    let mut old = facts();
    let said = Letta { version: "0.11.7".to_owned(), renews_prompts: Some(false) };
    old.letta = Some(Asked::Told(said));
    assert_eq!(troubles(&old), []);
    assert!(findings(&old).iter().any(|one| one.subject == "letta" && one.level == Level::Note));
}

fn with_partner(partner: Partner) -> Facts {
    let mut facts = facts();
    facts.pairs = Some(Ok(BTreeMap::from([("WEB".to_owned(), partner)])));
    facts
}

#[test]
fn a_repository_that_is_missing_is_named_unless_it_would_be_made() {
    let new = |may_make| Partner::New { path: "/r/WEB".to_owned(), may_make };
    let known = || Partner::Known { id: "v1".to_owned() };
    for (partner, found, words) in [
        (new(false), Place::Missing, Some("there is no /r/WEB")),
        (new(true), Place::Missing, None),
        (new(true), Place::Folder, Some("/r/WEB is no Git repository")),
        (new(false), Place::Git, None),
        (known(), Place::Missing, Some("its repository /r/WEB is missing")),
        (known(), Place::Git, None),
    ] {
        let mut facts = with_partner(partner);
        let repository = Repository { path: "/r/WEB".to_owned(), found };
        facts.repositories.insert("WEB".to_owned(), repository);
        match words {
            Some(words) => only_trouble(&facts, Level::Warning, &["project WEB", words]),
            None => assert_eq!(troubles(&facts), []),
        }
    }
}

#[test]
fn a_name_that_two_vibe_projects_have_is_named_with_the_way_out() {
    let mut facts = with_partner(Partner::New { path: "/r/WEB".to_owned(), may_make: true });
    if let Asked::Told(vibe) = &mut facts.vibe {
        let other = vibe::Project { id: "v2".into(), name: "web".into(), repo_path: None };
        vibe.projects.push(other);
    }
    only_trouble(&facts, Level::Warning, &["project WEB", "2 Vibe projects", "[projects]"]);
}

#[test]
fn a_stored_pair_that_huly_lists_no_more_is_named() {
    let mut facts = facts();
    facts.state.projects.push(store::projects::Project {
        identifier: "OLD".to_owned(),
        vibe_id: Some("v9".to_owned()),
        ..Default::default()
    });
    only_trouble(&facts, Level::Warning, &["project OLD", "does not list it"]);
}

#[test]
fn a_status_without_counterpart_is_one_line_for_all_projects() {
    let mut facts = facts();
    let named = |name: &str| huly::Status { name: name.to_owned(), category: None };
    for number in 0..9 {
        let statuses = ["Todo", "In Progress", "Done", "Canceled", "Baking"].map(named).to_vec();
        let known = Vocabulary { statuses, complete: true, asks_again: false };
        facts.vocabularies.insert(format!("P{number}"), known);
    }
    only_trouble(
        &facts,
        Level::Warning,
        &["\"Baking\"", "P0, P1, P2, P3, P4, P5 and 3 more", "[status.to_vibe]"],
    );
    let notes = findings(&facts);
    let review = notes.iter().find(|one| one.what.contains("\"inreview\"")).unwrap();
    assert_eq!(review.level, Level::Note);
    facts.config.sync.direction = config::Direction::HulyToVibe;
    let one_way = findings(&facts);
    assert!(
        !one_way.iter().any(|one| one.what.contains("\"inreview\"")),
        "nothing is written there"
    );
}

#[test]
fn a_stored_pair_that_the_settings_contradict_is_named() {
    for (wish, is_named) in [
        (config::Pairing::With("Another".to_owned()), true),
        (config::Pairing::With("v2".to_owned()), true),
        (config::Pairing::With("v1".to_owned()), false),
        (config::Pairing::With("Web".to_owned()), false),
        (config::Pairing::New, false),
    ] {
        let mut facts = with_partner(Partner::Known { id: "v1".to_owned() });
        facts.config.projects.insert("WEB".to_owned(), wish);
        match is_named {
            true => only_trouble(&facts, Level::Warning, &["stored stands", "forget WEB --yes"]),
            false => assert_eq!(troubles(&facts), []),
        }
    }
}

#[test]
fn an_empty_state_and_one_that_others_may_read_are_told() {
    let mut empty = facts();
    (empty.state.version, empty.state.bytes) = (Ok(Some(0)), 0);
    assert_eq!(troubles(&empty), []);
    assert!(findings(&empty).iter().any(|one| one.what.contains("makes it anew")));
    let mut open = facts();
    open.state.is_open = true;
    only_trouble(&open, Level::Warning, &["chmod 600 /s/state.db"]);
}

#[test]
fn a_proxy_on_the_way_is_named_where_somebody_is_silent() {
    let mut facts = facts();
    facts.vibe = failed(Host::Vibe, Kind::Offline);
    facts.proxies.insert("huly.api_url", "http.proxy");
    assert!(!troubles(&facts)[0].1.contains("proxy"), "not on this way");
    facts.proxies.insert("vibe.url", "HTTPS_PROXY");
    only_trouble(&facts, Level::Away, &["vibe.url", "the proxy of HTTPS_PROXY"]);
}

#[test]
fn a_service_that_huly_names_is_told_by_its_own_key() {
    for (call, key) in [
        ("GET /config.json", "huly.url ("),
        ("POST /", "huly.accounts_url"),
        ("POST /api/v1/find-all/w", "huly.transactor_url"),
        ("POST /rpc/x", "huly.collaborator_url"),
    ] {
        let mut facts = facts();
        facts.config.huly.api_url = None;
        facts.config.huly.url = Some("http://huly:2".to_owned());
        facts.config.huly.workspace = Some("team".to_owned());
        facts.config.huly.token = Some(config::Secret::new("word"));
        facts.huly = Asked::Failed(Error::new(Kind::Offline, Host::Huly, call, "why"));
        only_trouble(&facts, Level::Away, &[key]);
    }
}

#[test]
fn a_login_before_a_system_is_told_by_the_headers_for_it() {
    let mut facts = facts();
    facts.vibe = failed(Host::Vibe, Kind::Auth);
    only_trouble(&facts, Level::Error, &["vibe.headers", "docs/network.md"]);
}
