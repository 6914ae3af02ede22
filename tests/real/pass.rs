//! The tool's main job against the real Vibe Kanban, and a simulated Huly of both generations.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::cut::{Cut, killed_at};
use crate::rig::Backend::{self, First, Platform, Second};
use crate::rig::{Ran, Rig};
use crate::support::{IssueSnapshot, VibeVersion};
use crate::vibe::{RealVibe, id};

/// Huly's status and the one of Vibe Kanban that means the same.
const STATUSES: [(&str, &str); 5] = [
    ("Backlog", "todo"),
    ("In Progress", "inprogress"),
    ("In Review", "inreview"),
    ("Done", "done"),
    ("Canceled", "cancelled"),
];

/// Projects of Huly, and the real server to sync them with.
struct Pair {
    rig: Rig,
    vibe: RealVibe,
}

impl Pair {
    fn start(bridge: Backend) -> Option<Self> {
        let vibe = RealVibe::start()?;
        let mut rig = Rig::with(bridge, VibeVersion::V0_0_71);
        rig.set("VIBE_API_URL", vibe.url());
        rig.set("STACKS_DIR", vibe.repos().to_str().unwrap());
        Some(Self { rig, vibe })
    }

    /// One project on both sides with all five statuses; the Vibe project's id.
    fn project(&self) -> String {
        self.rig.world.huly.add_project("PROJ", "Project");
        self.rig.world.huly.set_statuses("PROJ", &STATUSES.map(|(huly, _)| huly));
        self.vibe.create_project("Project")
    }

    fn issues(&self) -> Vec<IssueSnapshot> {
        self.rig.world.huly.issues("PROJ")
    }

    fn issue(&self, title: &str) -> IssueSnapshot {
        let mut found = self.issues().into_iter().filter(|issue| issue.title == title);
        let first = found.next().unwrap_or_else(|| panic!("no issue {title:?}"));
        assert!(found.next().is_none(), "two issues {title:?}");
        first
    }

    fn task(&self, project: &str, title: &str) -> Value {
        let mut found = self.vibe.tasks(project).into_iter().filter(|task| task["title"] == title);
        let first = found.next().unwrap_or_else(|| panic!("no task {title:?}"));
        assert!(found.next().is_none(), "two tasks {title:?}");
        first
    }

    /// Each issue has one task and each task one issue, and they say the same.
    #[track_caller]
    fn assert_equal(&self, project: &str) {
        let said = |title: &str, text: &str, status: &str| {
            (title.to_owned(), words(&own(text)), status.to_owned())
        };
        let mut issues: Vec<_> = self
            .issues()
            .iter()
            .map(|issue| said(&issue.title, &issue.description, as_vibe(&issue.status)))
            .collect();
        let mut tasks: Vec<_> = self
            .vibe
            .tasks(project)
            .iter()
            .map(|task| said(string(task, "title"), text(task), string(task, "status")))
            .collect();
        issues.sort();
        tasks.sort();
        assert_eq!(issues, tasks);
    }

    /// Two passes, incremental and full, that write nothing: Huly gets no request for it, and what
    /// Vibe Kanban lists is the same byte for byte, times included.
    #[track_caller]
    fn assert_quiet(&self) {
        let before = self.listed();
        self.rig.assert_quiet();
        assert_eq!(self.listed(), before);
    }

    /// All that Vibe Kanban lists, as it says it.
    fn listed(&self) -> Vec<String> {
        let mut bodies = vec![self.vibe.send("GET", "/api/projects", None).body];
        for project in self.vibe.projects() {
            let path = format!("/api/tasks?project_id={}", id(&project));
            bodies.push(self.vibe.send("GET", &path, None).body);
        }
        bodies
    }

    fn lose_state(&self) {
        for name in ["state.db", "state.db-wal", "state.db-shm"] {
            let path = self.rig.folder.path().join(name);
            assert!(fs::remove_file(&path).is_ok() || name != "state.db", "there was no state");
        }
    }
}

/// The text without the marker that the tool added.
fn own(text: &str) -> String {
    let text = text.trim_end();
    let (rest, last) = text.rsplit_once('\n').unwrap_or(("", text));
    if last.starts_with("Synced from Huly: ") {
        return rest.to_owned();
    }
    if last.starts_with("Huly Issue: ") || last.starts_with("Vibe Task: ") {
        let rest = rest.trim_end();
        return rest.strip_suffix("---").unwrap_or_else(|| panic!("no rule: {text:?}")).to_owned();
    }
    text.to_owned()
}

/// Letters and digits: what Huly leaves of a text in any case.
fn words(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).collect()
}

fn as_vibe(status: &str) -> &str {
    let known = STATUSES.iter().find(|(huly, _)| *huly == status);
    known.map_or_else(|| panic!("no status {status}"), |(_, vibe)| vibe)
}

fn string<'a>(task: &'a Value, field: &str) -> &'a str {
    task[field].as_str().unwrap_or_else(|| panic!("no {field} in {task}"))
}

fn text(task: &Value) -> &str {
    task["description"].as_str().unwrap_or("")
}

fn outcomes(ran: &Ran) -> Vec<(String, String)> {
    let projects = ran.json["projects"].as_array().unwrap();
    let word = |project: &Value, key| string(project, key).to_owned();
    projects.iter().map(|project| (word(project, "identifier"), word(project, "outcome"))).collect()
}

/// Texts that were trouble somewhere.
fn texts() -> Vec<(&'static str, String)> {
    vec![
        ("None", String::new()),
        ("Grüße, 日本語 und 🎉", "Zwölf Boxkämpfer 🥊 — 走る e\u{301}\u{200d}".to_owned()),
        ("Line ends", "one\r\ntwo\r\n\r\nthree\r\n".to_owned()),
        ("Code", "Look:\n\n```rust\nfn main() {\n    let s = \"\\\"---\\\"\";\n}\n```".to_owned()),
        ("Rule", "above\n\n---\n\nbelow, as in\n\n- [ ] one\n- [x] two".to_owned()),
        ("Long", "hundred thousand letters ".repeat(4_000)),
    ]
}

#[test]
fn a_first_pass_makes_projects_where_their_repositories_are() {
    for bridge in [First, Second, Platform] {
        let Some(pair) = Pair::start(bridge) else { return };
        let huly = &pair.rig.world.huly;
        let repository = |path: &std::path::Path| {
            assert!(Command::new("git").args(["init", "-q"]).arg(path).status().unwrap().success());
        };
        let projects = ["NEW", "OLD", "SAID", "GONE", "NAMED"];
        for identifier in projects {
            huly.add_project(identifier, &format!("Project {identifier}"));
            huly.add_issue(identifier, &format!("Issue of {identifier}"), "text", "Todo");
        }
        let said = pair.rig.folder.path().join("said");
        repository(&pair.vibe.repos().join("OLD"));
        repository(&said);
        huly.describe_project("SAID", &format!("About it.\n\nPath: {}", said.display()));
        huly.describe_project("GONE", "Path: /nonexistent/repository");
        pair.vibe.create_project("project named");

        let ran = pair.rig.sync();

        // What fails is said once and clearly, and the others go on.
        let outcome = |identifier| if identifier == "GONE" { "failed" } else { "ok" };
        let mut expected: Vec<_> =
            projects.map(|name| (name.to_owned(), outcome(name).to_owned())).into();
        expected.sort();
        assert_eq!(outcomes(&ran), expected, "{ran:#?}");
        assert_eq!(ran.exit, 3);
        let errors = ran.project("GONE")["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 1, "{errors:#?}");
        let message = errors[0].as_str().unwrap();
        assert!(message.contains("/nonexistent/repository"), "{message}");
        assert!(message.contains("does not exist"), "{message}");
        assert_eq!(ran.stderr.matches("/nonexistent/repository").count(), 1, "{}", ran.stderr);

        let made = pair.vibe.projects();
        assert_eq!(made.len(), 4, "{made:#?}");
        for (name, path) in [
            ("Project NEW", pair.vibe.repos().join("NEW")),
            ("Project OLD", pair.vibe.repos().join("OLD")),
            ("Project SAID", said),
            ("project named", pair.vibe.repos().join("project named")),
        ] {
            let project = made.iter().find(|project| project["name"] == name).unwrap();
            assert_eq!(project["git_repo_path"], path.to_str().unwrap());
            assert!(path.join(".git").is_dir(), "{}", path.display());
            assert_eq!(pair.vibe.tasks(&id(project)).len(), 1);
        }

        // Once there is a repository, the project is made.
        let late = pair.rig.folder.path().join("late");
        repository(&late);
        huly.describe_project("GONE", &format!("Path: {}", late.display()));
        pair.rig.sync_well();
        assert_eq!(pair.vibe.projects().len(), 5);
        pair.assert_quiet();
    }
}

#[test]
fn issues_of_every_status_and_text_become_tasks() {
    for bridge in [First, Second, Platform] {
        let Some(pair) = Pair::start(bridge) else { return };
        let project = pair.project();
        for (huly, _) in STATUSES {
            pair.rig.world.huly.add_issue("PROJ", &format!("In {huly}"), "text", huly);
        }
        for (title, text) in texts() {
            pair.rig.world.huly.add_issue("PROJ", title, &text, "Backlog");
        }

        let ran = pair.rig.sync_well();

        assert_eq!(ran.total("created.vibe"), 11, "{ran:#?}");
        assert_eq!(ran.total("created.huly"), 0);
        for (huly, vibe) in STATUSES {
            assert_eq!(pair.task(&project, &format!("In {huly}"))["status"], vibe);
        }
        for (title, _) in texts() {
            let issue = pair.issue(title);
            let task = pair.task(&project, title);
            let marker = if title == "None" {
                format!("Synced from Huly: {}", issue.identifier)
            } else {
                format!("{}\n\n---\nHuly Issue: {}", issue.description, issue.identifier)
            };
            assert_eq!(text(&task), marker);
        }
        pair.assert_equal(&project);
        pair.assert_quiet();
    }
}

#[test]
fn tasks_of_every_status_and_text_become_issues() {
    for bridge in [First, Second, Platform] {
        let Some(pair) = Pair::start(bridge) else { return };
        let project = pair.project();
        for (_, status) in STATUSES {
            let task = pair.vibe.create_task(&project, &format!("In {status}"), "text");
            pair.vibe.edit_task(&task, &json!({ "status": status }));
        }
        for (title, text) in texts() {
            pair.vibe.create_task(&project, title, &text);
        }
        let before = pair.listed();

        let ran = pair.rig.sync_well();

        assert_eq!(ran.total("created.huly"), 11, "{ran:#?}");
        assert_eq!(ran.total("created.vibe"), 0);
        for (huly, vibe) in STATUSES {
            assert_eq!(pair.issue(&format!("In {vibe}")).status, huly);
        }
        for (title, _) in texts() {
            let marker = format!("Vibe Task: {}", id(&pair.task(&project, title)));
            assert!(pair.issue(title).description.ends_with(&marker), "{title}");
        }
        assert_eq!(pair.listed(), before, "a task is not touched by becoming an issue");
        pair.assert_equal(&project);
        pair.assert_quiet();
    }
}

#[test]
fn edits_of_each_field_cross_in_both_directions() {
    for bridge in [First, Second, Platform] {
        let Some(pair) = Pair::start(bridge) else { return };
        let project = pair.project();
        let huly = &pair.rig.world.huly;
        for origin in ["huly", "vibe"] {
            for field in ["title", "description", "status", "cleared"] {
                let title = format!("{field} from {origin}");
                // Half of the pairs begin here, half there.
                if (origin == "huly") == (field == "title" || field == "status") {
                    huly.add_issue("PROJ", &title, "some text", "Backlog");
                } else {
                    pair.vibe.create_task(&project, &title, "some text");
                }
            }
        }
        pair.rig.sync_well();
        pair.assert_quiet();

        let of = |title: &str| pair.issue(title).identifier;
        huly.edit_title(&of("title from huly"), "Title: Größe");
        huly.edit_description(&of("description from huly"), "other *words*");
        huly.edit_status(&of("status from huly"), "In Review");
        let cleared = of("cleared from huly");
        huly.edit_description(&cleared, "");
        let edit = |title: &str, fields: &Value| {
            pair.vibe.edit_task(&id(&pair.task(&project, title)), fields);
        };
        edit("title from vibe", &json!({ "title": "Title: 大きさ" }));
        edit("status from vibe", &json!({ "status": "inreview" }));
        // What a person does who replaces the text, the marker with it.
        edit("description from vibe", &json!({ "description": "new\r\nlines" }));
        edit("cleared from vibe", &json!({ "description": "" }));

        let ran = pair.rig.sync_well();

        assert_eq!(ran.total("conflicts"), 0, "{ran:#?}");
        assert_eq!(ran.total("created.huly") + ran.total("created.vibe"), 0);
        pair.task(&project, "Title: Größe");
        pair.issue("Title: 大きさ");
        assert_eq!(pair.task(&project, "status from huly")["status"], "inreview");
        assert_eq!(pair.issue("status from vibe").status, "In Review");
        let task = pair.task(&project, "description from huly");
        assert_eq!(own(text(&task)).trim_end(), "other *words*");
        // A text that reads blank is believed when it does so again.
        pair.rig.sync_well();
        assert_eq!(own(text(&pair.task(&project, "cleared from huly"))).trim(), "");
        match bridge {
            Second | Platform => {
                let issue = pair.issue("description from vibe");
                assert_eq!(words(&own(&issue.description)), "newlines");
                let issue = pair.issue("cleared from vibe");
                assert_eq!(words(&own(&issue.description)), "");
                pair.assert_equal(&project);
            }
            // It cannot change a text that is there, and says so.
            First => {
                assert_eq!(ran.total("unsupported"), 2, "{ran:#?}");
                assert!(pair.issue("description from vibe").description.starts_with("some text"));
                assert_eq!(text(&pair.task(&project, "description from vibe")), "new\r\nlines");
            }
        }
        pair.assert_quiet();
    }
}

#[test]
fn deletions_on_either_side_end_as_the_defaults_say() {
    for bridge in [First, Second, Platform] {
        let Some(pair) = Pair::start(bridge) else { return };
        let project = pair.project();
        let huly = &pair.rig.world.huly;
        for title in ["Issue goes", "Task goes", "Both stay", "Last"] {
            huly.add_issue("PROJ", title, "text", "In Progress");
        }
        pair.rig.sync_well();
        huly.delete_issue(&pair.issue("Issue goes").identifier);
        pair.vibe.delete_task(&id(&pair.task(&project, "Task goes")));

        let ran = pair.rig.sync_all();

        assert_eq!(ran.total("deleted.vibe"), 1, "{ran:#?}");
        assert_eq!(ran.total("deleted.huly"), 0);
        assert_eq!(ran.total("created.huly") + ran.total("created.vibe"), 0);
        assert_eq!(pair.task(&project, "Issue goes")["status"], "cancelled");
        assert_eq!(pair.issue("Task goes").status, "In Progress");
        assert_eq!((pair.issues().len(), pair.vibe.tasks(&project).len()), (3, 3));
        pair.assert_quiet();
    }
}

#[test]
fn a_lost_state_is_found_again_by_the_markers() {
    for bridge in [First, Second, Platform] {
        let Some(pair) = Pair::start(bridge) else { return };
        let project = pair.project();
        for ((huly, vibe), (title, text)) in STATUSES.into_iter().zip(texts()) {
            pair.rig.world.huly.add_issue("PROJ", &format!("H {title}"), &text, huly);
            let task = pair.vibe.create_task(&project, &format!("V {title}"), &text);
            pair.vibe.edit_task(&task, &json!({ "status": vibe }));
        }
        pair.rig.sync_well();
        pair.assert_quiet();
        let before = pair.listed();
        pair.lose_state();

        let mark = pair.rig.world.mark();
        let ran = pair.rig.sync_well();

        assert_eq!(ran.total("created.huly") + ran.total("created.vibe"), 0, "{ran:#?}");
        assert_eq!(ran.total("conflicts"), 0, "{ran:#?}");
        let writes = pair.rig.world.huly.writes_since(mark);
        assert!(writes.is_empty(), "{writes:#?}");
        assert_eq!(pair.listed(), before);
        pair.assert_quiet();

        // And they are pairs again.
        pair.rig.world.huly.edit_title(&pair.issue("H Code").identifier, "H other");
        pair.rig.sync_well();
        pair.task(&project, "H other");
        pair.assert_equal(&project);
    }
}

/// New items on both sides, in every status: what a first pass has to do.
fn lay_out(pair: &Pair) -> String {
    let project = pair.project();
    for (huly, vibe) in STATUSES {
        pair.rig.world.huly.add_issue("PROJ", &format!("From huly, {huly}"), "text *one*", huly);
        let task = pair.vibe.create_task(&project, &format!("From vibe, {vibe}"), "text *two*");
        pair.vibe.edit_task(&task, &json!({ "status": vibe }));
    }
    project
}

#[test]
fn a_pass_that_is_killed_is_finished_by_the_next_ones() {
    for bridge in [First, Second, Platform] {
        let Some(vibe) = RealVibe::start() else { return };
        let mut vibe = Some(vibe);
        // With the answer to the n-th request kept back: what was asked for is done, and unknown.
        for step in 0.. {
            let mut rig = Rig::with(bridge, VibeVersion::V0_0_71);
            let server = vibe.take().unwrap();
            let cut = Cut::before(server.url());
            rig.set("VIBE_API_URL", &cut.url());
            rig.set("STACKS_DIR", server.repos().to_str().unwrap());
            let pair = Pair { rig, vibe: server };
            let project = lay_out(&pair);

            let was_killed = killed_at(pair.rig.command(&["sync", "--json"]), &cut, 1 + step * 3);

            cut.pass_on();
            for _ in 0..2 {
                pair.rig.sync_well();
            }
            assert_eq!((pair.issues().len(), pair.vibe.tasks(&project).len()), (10, 10), "{step}");
            pair.assert_equal(&project);
            pair.assert_quiet();
            pair.vibe.send("DELETE", &format!("/api/projects/{project}"), None).data();
            fs::remove_dir_all(pair.vibe.repos().join("Project")).unwrap();
            vibe = Some(pair.vibe);
            if !was_killed {
                assert!(step > 3, "a first pass asks for more than {step} things");
                break;
            }
        }
    }
}
