//! The client against a scripted server.

use super::*;
use crate::http::Listed;
use crate::http::scripted::{Scripted, answer, cut_json, empty, html, http, json};
use crate::stop::Stop;

const TASK: &str = r#"{"id":"t1","project_id":"p1","title":"T","description":null,"status":"todo",
    "created_at":"2026-11-23T07:55:04.178Z","updated_at":"2026-11-23T07:55:04.178Z"}"#;

fn vibe(scripted: &Scripted) -> Vibe {
    Vibe::new(&scripted.url, &http(&Stop::new(None)))
}

fn data(data: &str) -> String {
    format!(r#"{{"success":true,"data":{data},"error_data":null,"message":null}}"#)
}

fn refusal(message: &str) -> String {
    format!(r#"{{"success":false,"data":null,"error_data":null,"message":"{message}"}}"#)
}

fn new_task(text: &str) -> NewTask<'_> {
    NewTask { project: "p1", title: "T", text, status: "todo" }
}

#[test]
fn projects_and_their_repositories() {
    let scripted = Scripted::script([
        json(200, &data(r#"[{"id":"p1","name":"A","git_repo_path":"/a"},{"id":"p2","name":""}]"#)),
        json(200, &data(r#"[{"id":"r","path":"/a"},{"id":"s","path":"/b"}]"#)),
        json(200, &data(r#"{"id":"p3","name":"U"}"#)),
    ]);
    let vibe = vibe(&scripted);
    let projects = vibe.projects().unwrap();
    assert_eq!(projects[0].repo_path.as_deref(), Some("/a"));
    assert_eq!((projects[1].id.as_str(), projects[1].repo_path.as_deref()), ("p2", None));
    assert_eq!(vibe.repositories("p1").unwrap(), ["/a", "/b"]);
    assert_eq!(vibe.create_project("U", "/srv/u/", false).unwrap().id, "p3");
    let body: serde_json::Value = serde_json::from_str(&scripted.seen()[2].body).unwrap();
    assert_eq!(body["use_existing_repo"], false);
    assert_eq!(body["repositories"][0]["display_name"], "u");
}

#[test]
fn a_vibe_kanban_without_local_tasks_is_told_from_a_wrong_url() {
    let later = Scripted::serve(|seen| match seen.line.as_str() {
        "GET /api/health" => json(200, &data("\"OK\"")),
        _ => html(200),
    });
    let error = vibe(&later).projects().unwrap_err();
    assert_eq!(error.kind, Kind::Unsupported);
    assert!(error.message.contains("0.1.14"), "{error}");
    let other = Scripted::serve(|_| html(200));
    assert_eq!(vibe(&other).projects().unwrap_err().kind, Kind::Protocol);
}

#[test]
fn a_project_is_there_or_proven_not_to_be() {
    let scripted =
        Scripted::script([json(200, &data(r#"{"id":"p1","name":"A"}"#)), empty(404), html(404)]);
    let vibe = vibe(&scripted);
    assert!(vibe.project_exists("p1").unwrap());
    assert!(!vibe.project_exists("p1").unwrap());
    assert_eq!(vibe.project_exists("p1").unwrap_err().kind, Kind::Protocol);
}

fn listed(vibe: &Vibe) -> (Result<TasksEnd>, Vec<String>) {
    let mut titles = Vec::new();
    let end = vibe.tasks("p1", &mut |news: Listed<'_>| {
        match news {
            Listed::Restart => titles.clear(),
            Listed::Element(_, element) => titles.push(vibe.parse(element)?.title),
        }
        Ok(())
    });
    (end, titles)
}

#[test]
fn tasks_are_listed_as_they_come_and_anew_when_the_list_breaks() {
    let whole = data(&format!("[{TASK},{TASK}]"));
    let scripted =
        Scripted::script([cut_json(&format!(r#"{{"data":[{TASK},"#)), json(200, &whole)]);
    let (end, titles) = listed(&vibe(&scripted));
    assert_eq!(end.unwrap(), TasksEnd { count: 2 });
    assert_eq!(titles, ["T", "T"]);
    assert_eq!(scripted.lines(), ["GET /api/tasks?project_id=p1"; 2]);
}

#[test]
fn what_is_no_list_of_tasks_is_an_error_and_never_empty() {
    for (body, kind) in [
        (refusal("no"), Kind::Invalid),
        (data("null"), Kind::Protocol),
        (data("{}"), Kind::Protocol),
        (r#"{"success":true}"#.to_owned(), Kind::Protocol),
        (data(r#"[{"id":"t1"}]"#), Kind::Protocol),
        ("{}".to_owned(), Kind::Protocol),
    ] {
        let sent = body.clone();
        let scripted = Scripted::serve(move |_| json(200, &sent));
        assert_eq!(listed(&vibe(&scripted)).0.unwrap_err().kind, kind, "{body}");
    }
    let text = "Content-Type: text/plain\r\n";
    let scripted = Scripted::serve(move |_| answer(400, text, "UUID parsing failed"));
    let error = listed(&vibe(&scripted)).0.unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (Kind::Invalid, "UUID parsing failed"));
}

#[test]
fn a_task_is_read_or_proven_gone() {
    let scripted = Scripted::script([json(200, &data(TASK)), empty(404), html(404)]);
    let vibe = vibe(&scripted);
    let task = vibe.read("t1").unwrap().unwrap();
    assert_eq!((task.text.as_str(), task.created), ("", Some(1_795_420_504_178)));
    assert!(vibe.read("t1").unwrap().is_none());
    assert_eq!(vibe.read("t1").unwrap_err().kind, Kind::Protocol);
}

#[test]
fn a_blank_text_is_not_sent_with_a_new_task_and_clears_an_old_one() {
    let scripted = Scripted::serve(|_| json(200, &data(TASK)));
    let vibe = vibe(&scripted);
    vibe.create(&new_task(" \n")).unwrap();
    vibe.create(&new_task("x")).unwrap();
    vibe.update("t1", &TaskWrite { text: Some(""), ..TaskWrite::default() }).unwrap();
    let bodies: Vec<String> = scripted.seen().into_iter().map(|seen| seen.body).collect();
    assert!(!bodies[0].contains("description") && bodies[1].contains(r#""description":"x""#));
    assert_eq!(bodies[2], r#"{"description":""}"#);
}

#[test]
fn a_create_in_a_project_that_is_no_more_is_gone_and_not_unclear() {
    for words in ["An internal error occurred. Please try again.", "FOREIGN KEY constraint failed"]
    {
        for (project, expected) in [
            (empty(404), (Kind::Gone, false)),
            (json(200, &data(r#"{"id":"p1","name":"A"}"#)), (Kind::Server, true)),
            (json(400, "{}"), (Kind::Server, true)),
        ] {
            let scripted = Scripted::serve(move |seen| match seen.line.as_str() {
                "GET /api/projects/p1" => project.clone(),
                _ => json(500, &refusal(words)),
            });
            let error = vibe(&scripted).create(&new_task("")).unwrap_err();
            assert_eq!((error.kind, error.ambiguous), expected, "{words}");
            assert_eq!(scripted.lines(), ["POST /api/tasks", "GET /api/projects/p1"]);
        }
    }
}

#[test]
fn a_create_that_is_not_found_where_its_project_is_was_refused_for_itself() {
    let scripted = Scripted::serve(|seen| match seen.line.as_str() {
        "GET /api/projects/p1" => json(200, &data(r#"{"id":"p1","name":"A"}"#)),
        _ => html(404),
    });
    assert_eq!(vibe(&scripted).create(&new_task("")).unwrap_err().kind, Kind::Protocol);
    let scripted = Scripted::serve(|seen| match seen.line.as_str() {
        "GET /api/projects/p1" => json(200, &data(r#"{"id":"p1","name":"A"}"#)),
        _ => empty(404),
    });
    assert_eq!(vibe(&scripted).create(&new_task("")).unwrap_err().kind, Kind::Invalid);
}

#[test]
fn refusals_come_in_every_dress() {
    let text = "Content-Type: text/plain\r\n";
    for (act, kind) in [
        (json(200, &refusal("no")), Kind::Invalid),
        (answer(422, text, "unknown variant"), Kind::Invalid),
        (empty(404), Kind::Gone),
        (answer(413, text, "length limit exceeded"), Kind::TooLarge),
    ] {
        let scripted = Scripted::script([act]);
        let error = vibe(&scripted).update("t1", &TaskWrite::default()).unwrap_err();
        assert_eq!((error.kind, error.ambiguous), (kind, false), "{error}");
    }
}

#[test]
fn a_body_above_the_limit_is_not_sent() {
    let scripted = Scripted::script([]);
    let error = vibe(&scripted).create(&new_task(&"x".repeat(BODY_LIMIT))).unwrap_err();
    assert_eq!(error.kind, Kind::TooLarge);
    assert!(scripted.lines().is_empty());
}

#[test]
fn a_task_is_deleted_was_gone_or_is_busy() {
    let done = json(202, &data("null"));
    let scripted = Scripted::script([done, empty(404), empty(409)]);
    let vibe = vibe(&scripted);
    let ends: Vec<Deleted> = (0..3).map(|_| vibe.delete("t1").unwrap()).collect();
    assert_eq!(ends, [Deleted::Done, Deleted::Gone, Deleted::Busy]);
}

#[test]
fn the_version_is_in_one_of_two_places() {
    let scripted = Scripted::script([
        json(200, &data(r#"{"version":"0.1.8","config":{"github":{"pat":"secret"}}}"#)),
        json(200, &data(r#"{"config":{"last_app_version":"0.0.71"}}"#)),
    ]);
    let vibe = vibe(&scripted);
    assert_eq!(vibe.version().unwrap().as_deref(), Some("0.1.8"));
    assert_eq!(vibe.version().unwrap().as_deref(), Some("0.0.71"));
}
