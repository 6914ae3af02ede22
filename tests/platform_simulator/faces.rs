//! What people do in Huly is the same whatever shows it.

use crate::client::Client;
use crate::support::{BridgeGeneration, HulyKind, Setup, World, ask};

fn faces() -> Vec<(World, tempfile::TempDir)> {
    let kinds = [
        HulyKind::Bridge(BridgeGeneration::First),
        HulyKind::Bridge(BridgeGeneration::Second),
        HulyKind::Platform,
    ];
    let start = |kind| {
        let folder = tempfile::tempdir().unwrap();
        (World::start(Setup::new(folder.path()).huly(kind)), folder)
    };
    kinds.into_iter().map(start).collect()
}

#[test]
fn the_hands_of_a_test_work_on_every_face() {
    for (world, _folder) in faces() {
        let huly = &world.huly;
        huly.add_project("PROJ", "Project");
        huly.add_project("NEXT", "Next");
        huly.set_statuses("NEXT", &["Ideas", "Doing", "Done"]);
        let issue = huly.add_issue("PROJ", "Title", "Text\n\n---\nVibe Task: 1", "Todo");
        let snapshot = huly.issue(&issue).unwrap();
        assert_eq!((issue.as_str(), snapshot.identifier.as_str()), ("PROJ-1", "PROJ-1"));
        assert_eq!(snapshot.description, "Text\n\n---\n\nVibe Task: 1", "{:?}", huly.kind());
        assert_eq!(snapshot.markup.is_some(), huly.kind() == HulyKind::Platform);
        huly.edit_title(&issue, "Other");
        huly.edit_description(&issue, "- a\n- b");
        huly.edit_status(&issue, "In Progress");
        let edited = huly.issue(&issue).unwrap();
        assert_eq!((edited.title.as_str(), edited.status.as_str()), ("Other", "In Progress"));
        assert_eq!(edited.description, "- a\n- b");
        assert!(edited.modified_on.ms() > snapshot.modified_on.ms());
        assert_eq!((&edited.id, edited.created_on), (&snapshot.id, snapshot.created_on));
        huly.edit_description(&issue, "");
        assert_eq!(huly.issue(&issue).unwrap().description, "");
        let moved = huly.move_issue(&issue, "NEXT");
        assert_eq!((moved.as_str(), huly.issues("PROJ").len()), ("NEXT-1", 0));
        assert_eq!(huly.issue(&moved).unwrap().project, "NEXT");
        huly.delete_issue(&moved);
        assert!(huly.issues("NEXT").is_empty());
    }
}

#[test]
fn the_face_says_which_it_is() {
    let paths = ["/health", "/health", "/config.json"];
    for ((world, _folder), path) in faces().into_iter().zip(paths) {
        let reply = ask(&world.huly.url(), "GET", path, None).unwrap();
        assert!(reply.status == 200 && reply.json().is_object(), "{path}");
    }
}

#[test]
fn nothing_is_left_of_a_platform_that_was_dropped() {
    let client = Client::new();
    let url = client.world.huly.url();
    client.world.huly.platform_goes_away();
    drop(client);
    assert!(ask(&url, "GET", "/config.json", None).is_err());
}
