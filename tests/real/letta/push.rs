//! What the real server is asked, and what its agents have in their memory afterwards.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cut::{Cut, killed_asking, killed_at};
use crate::rig::{Backend, Ran, Rig};
use crate::server::{RealLetta, identifier};
use crate::support::VibeVersion;

/// The blocks that are kept up to date.
const LABELS: [&str; 6] =
    ["project", "board_config", "board_metrics", "hotspots", "backlog_summary", "change_log"];

/// A create without an answer keeps others back for 65 s, the time that a call may take.
const PUSH_LIMIT: Duration = Duration::from_secs(300);

/// Boards to tell of, and a way to the server that sees what is asked.
struct Told {
    rig: Rig,
    cut: Cut,
    letta: RealLetta,
    /// Identifiers.
    projects: Vec<String>,
}

impl Told {
    /// So many projects with an issue each; nothing is synced yet.
    fn start(count: usize) -> Option<Self> {
        let letta = RealLetta::find()?;
        let cut = Cut::before(letta.url());
        let mut rig = Rig::with(Backend::Second, VibeVersion::V0_0_71);
        rig.set("LETTA_BASE_URL", &cut.url());
        rig.set("LETTA_PASSWORD", letta.password());
        let projects: Vec<String> = (0..count).map(|_| identifier()).collect();
        for project in &projects {
            rig.world.huly.add_project(project, &format!("Project {project}"));
            rig.world.vibe.add_project(&format!("Project {project}"));
            rig.world.huly.add_issue(project, "Größe 💥", "text", "Todo");
        }
        Some(Self { rig, cut, letta, projects })
    }

    /// Runs the tool, which must end well; what it asked of Letta, ids left out.
    #[track_caller]
    fn run(&self, args: &[&str]) -> Vec<String> {
        self.cut.take_asked();
        let ran = self.rig.run(args);
        assert_eq!(ran.exit, 0, "{ran:#?}");
        let mut asked: Vec<String> =
            self.cut.take_asked().iter().map(|line| without_ids(line)).collect();
        asked.sort();
        asked
    }

    /// Nothing is asked: neither by a pass nor by a push.
    #[track_caller]
    fn assert_quiet(&self) {
        for args in [&["sync"][..], &["sync", "--full"], &["letta-push"]] {
            assert_eq!(self.run(args), [""; 0], "{args:?}");
        }
    }

    /// What a block of a project says.
    #[track_caller]
    fn told(&self, project: &str, label: &str) -> Value {
        let value = &self.letta.memory(project)[label];
        serde_json::from_str(value).unwrap_or_else(|error| panic!("{error}: {value}"))
    }

    /// The one agent of each project knows its board.
    #[track_caller]
    fn assert_told(&self, issues: usize) {
        for project in &self.projects {
            let memory = self.letta.memory(project);
            assert_eq!(memory.len(), LABELS.len() + 2, "{memory:#?}");
            for label in LABELS {
                self.told(project, label);
            }
            assert_eq!(self.told(project, "board_metrics")["issues"], issues);
            assert_eq!(self.told(project, "project")["huly"]["identifier"], project.as_str());
        }
    }
}

fn without_ids(line: &str) -> String {
    let is_id = |word: &str| ["agent-", "block-", "source-"].iter().any(|id| word.starts_with(id));
    let words: Vec<&str> =
        line.split('/').map(|word| if is_id(word) { "ID" } else { word }).collect();
    words.join("/")
}

#[test]
fn five_projects_are_told_of_in_one_request_each_and_then_in_none() {
    let Some(told) = Told::start(5) else { return };

    let asked = told.run(&["sync"]);

    assert_eq!(asked, [["GET /v1/agents/"; 1].to_vec(), ["POST /v1/agents/"; 5].to_vec()].concat());
    told.assert_told(1);
    told.assert_quiet();
    assert_eq!(told.run(&["letta-push", "--verify"]), ["GET /v1/agents/"]);
}

#[test]
fn one_status_patches_the_blocks_that_say_something_else_and_no_others() {
    let Some(told) = Told::start(2) else { return };
    told.run(&["sync"]);
    let [project, other] = [&told.projects[0], &told.projects[1]];
    let before = [project, other].map(|name| told.letta.memory(name));
    let issue = &told.rig.world.huly.issues(project)[0].identifier;
    told.rig.world.huly.edit_status(issue, "In Progress");

    let asked = told.run(&["sync"]);

    let after = [project, other].map(|name| told.letta.memory(name));
    let changed: Vec<&String> =
        before[0].keys().filter(|label| before[0][*label] != after[0][*label]).collect();
    assert_eq!(changed, ["backlog_summary", "board_metrics", "change_log"]);
    assert_eq!(after[1], before[1], "the other project's agent");
    // The first write asks for the version, and goes by the label, which a deleted agent has not.
    let wanted = [
        "GET /v1/health/",
        "PATCH /v1/agents/ID/core-memory/blocks/board_metrics",
        "PATCH /v1/blocks/ID",
        "PATCH /v1/blocks/ID",
    ];
    assert_eq!(asked, wanted);
    let log = told.told(project, "change_log")["newest_first"].clone();
    assert_eq!((&log[0]["was"], &log[0]["now"]), (&"todo".into(), &"inprogress".into()), "{log}");
    told.assert_quiet();
}

#[test]
fn a_block_that_somebody_edited_is_found_and_repaired() {
    let Some(told) = Told::start(1) else { return };
    told.run(&["sync"]);
    let before = told.letta.memory(&told.projects[0]);
    let block = told.letta.block(&told.projects[0], "hotspots");
    told.letta.write_block(&block, "nothing to see");
    told.assert_quiet();

    let asked = told.run(&["letta-push", "--verify"]);

    assert_eq!(asked, ["GET /v1/agents/", "GET /v1/health/", "PATCH /v1/blocks/ID"]);
    assert_eq!(told.letta.memory(&told.projects[0]), before);
    assert_eq!(told.letta.block(&told.projects[0], "hotspots"), block);
}

#[test]
fn a_readme_is_uploaded_when_it_changed_and_not_again() {
    let Some(mut told) = Told::start(1) else { return };
    told.rig.set("HULY_VIBE_SYNC_LETTA_README", "true");
    told.rig.set("HULY_VIBE_SYNC_LETTA_EMBEDDING", "openai/text-embedding-3-small");
    let project = told.projects[0].clone();
    let repository = told.rig.world.repos_dir.join(format!("Project {project}"));
    let folder = format!("Huly-{project}");
    let write = |text: &str| fs::write(repository.join("README.md"), text).unwrap();
    let readme = |text: &str| [("README.md".to_owned(), text.to_owned())];
    write("# Hello\n");

    let asked = told.run(&["sync"]);

    let upload = "POST /v1/folders/ID/upload";
    assert_eq!(asked, ["GET /v1/agents/", "POST /v1/agents/", "POST /v1/folders/", upload]);
    assert_eq!(told.letta.files(&folder), readme("# Hello\n"));
    told.assert_quiet();
    write("# Hello again\n");
    assert_eq!(told.run(&["sync"]), [upload]);
    assert_eq!(told.letta.files(&folder), readme("# Hello again\n"), "the old one is replaced");
    told.assert_quiet();
}

#[test]
fn a_deleted_agent_is_made_anew_once() {
    let Some(told) = Told::start(2) else { return };
    told.run(&["sync"]);
    let [gone, other] = [&told.projects[0], &told.projects[1]];
    let [was, stays] = [gone, other].map(|project| told.letta.agent(project));
    told.letta.delete_agent(&was);
    // Nothing is to be told: nobody looks.
    told.assert_quiet();
    for project in [gone, other] {
        told.rig.world.huly.add_issue(project, "Second", "", "Todo");
    }

    told.run(&["sync"]);

    assert_ne!(told.letta.agent(gone), was);
    assert_eq!(told.letta.agent(other), stays);
    told.assert_told(2);
    told.assert_quiet();
    // And where it is looked for.
    told.letta.delete_agent(&stays);
    told.run(&["letta-push", "--verify"]);
    assert_ne!(told.letta.agent(other), stays);
    told.assert_told(2);
    told.assert_quiet();
}

#[test]
fn a_push_that_is_killed_at_any_answer_never_makes_a_second_agent() {
    // With the answer kept back: what was asked for is done, and unknown.
    for answer in 1.. {
        let Some(mut told) = Told::start(2) else { return };
        // One after another: nothing else is on the way.
        told.rig.set("HULY_VIBE_SYNC_SYNC_JOBS", "1");
        told.run(&["sync", "--no-letta"]);

        let was_killed = killed_at(told.rig.command(&["letta-push", "--json"]), &told.cut, answer);

        told.cut.pass_on();
        told.run(&["letta-push"]);
        told.assert_told(1);
        told.assert_quiet();
        if !was_killed {
            assert!(answer > 3, "a listing and two agents are three answers");
            break;
        }
    }
}

#[test]
fn an_agent_that_may_still_be_being_made_when_the_next_push_comes_is_not_made_twice() {
    let Some(mut told) = Told::start(1) else { return };
    told.rig.set("HULY_VIBE_SYNC_SYNC_CREATE_GRACE", "30s");
    told.run(&["sync", "--no-letta"]);

    let push = told.rig.command(&["letta-push", "--json"]);
    assert!(killed_asking(push, &told.cut, "POST /v1/agents/"));

    told.cut.pass_on();
    // Letta carries it out, sooner or later, or drops it with the connection. As long as it is not
    // there, a push leaves it at that; once no call can last that long, it is made.
    let limit = Instant::now() + PUSH_LIMIT;
    loop {
        let ran = told.rig.run(&["letta-push"]);
        assert!(told.letta.agents(&told.projects[0]).len() <= 1, "{ran:#?}");
        if ran.exit == 0 {
            break;
        }
        assert_eq!(ran.exit, 3, "{ran:#?}");
        assert!(Instant::now() < limit, "it still waits after {PUSH_LIMIT:?}: {ran:#?}");
        thread::sleep(Duration::from_millis(500));
    }
    told.assert_told(1);
    told.assert_quiet();
}

#[test]
fn a_wrong_password_is_said_plainly_and_leaves_the_sync_alone() {
    let Some(mut told) = Told::start(1) else { return };
    told.rig.set("LETTA_PASSWORD", "another");

    let ran: Ran = told.rig.sync();

    assert_eq!(ran.exit, 3, "{ran:#?}");
    assert!(ran.stderr.contains("wrong password, or none: set LETTA_PASSWORD"), "{}", ran.stderr);
    assert_eq!(ran.project(&told.projects[0])["outcome"], "ok");
    assert_eq!(told.rig.run(&["letta-push"]).exit, 2);
    told.rig.set("LETTA_PASSWORD", told.letta.password());
    told.run(&["letta-push"]);
    told.assert_told(1);
}
