//! Faults strike where they were set, and do to the state what they say.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Fault, Reply, RetryAfter, Setup, When, World, ask, ask_raw};

struct Struck {
    world: World,
    project: String,
    _folder: tempfile::TempDir,
}

impl Struck {
    fn start() -> Struck {
        let folder = tempfile::tempdir().unwrap();
        let world = World::start(Setup::new(folder.path()));
        let project = world.vibe.add_project("Alpha");
        Struck { world, project, _folder: folder }
    }

    fn by(fault: Fault) -> Struck {
        let struck = Struck::start();
        struck.world.vibe.fault(When::on("POST", "/api/tasks").nth(1), fault);
        struck
    }

    fn create(&self) -> io::Result<Reply> {
        let body = json!({"project_id": self.project, "title": "T"}).to_string();
        let (url, json) = (self.world.vibe.url(), Some("application/json"));
        let wait = Duration::from_millis(400);
        ask_raw(&url, "POST", "/api/tasks", json, body.as_bytes(), wait)
    }

    fn health(&self) -> io::Result<Reply> {
        ask(&self.world.vibe.url(), "GET", "/api/health", None)
    }

    fn tasks(&self) -> usize {
        self.world.vibe.tasks(&self.project).len()
    }
}

#[test]
fn a_status_answers_instead_and_nothing_is_carried_out() {
    let struck = Struck::by(Fault::retry_later(503, RetryAfter::Seconds(7)));
    let reply = struck.create().unwrap();
    assert_eq!((reply.status, reply.header("retry-after")), (503, Some("7")));
    assert_eq!(struck.tasks(), 0);
    assert_eq!(struck.create().unwrap().status, 200);
    let ahead = RetryAfter::Date(Duration::from_secs(60));
    struck.world.vibe.fault(When::always(), Fault::retry_later(429, ahead));
    let date = struck.health().unwrap().header("retry-after").unwrap().to_owned();
    let until = httpdate::parse_http_date(&date).unwrap();
    let wait = until.duration_since(std::time::SystemTime::now()).unwrap();
    assert!((50..=60).contains(&wait.as_secs()), "{date}");
}

#[test]
fn a_reset_carries_nothing_out_and_a_lost_answer_does() {
    for (fault, kind) in [
        (Fault::Reset, io::ErrorKind::ConnectionReset),
        (Fault::Close, io::ErrorKind::UnexpectedEof),
    ] {
        let struck = Struck::by(fault);
        assert_eq!(struck.create().unwrap_err().kind(), kind);
        assert_eq!((struck.tasks(), struck.world.vibe.log().len()), (0, 1));
        assert_eq!(struck.create().unwrap().status, 200);
    }
    let struck = Struck::by(Fault::LostAnswer);
    assert!(struck.create().is_err());
    assert_eq!(struck.tasks(), 1);
    let entry = struck.world.vibe.log().pop().unwrap();
    assert_eq!((entry.status, entry.is_write), (0, true));
}

#[test]
fn a_hang_lasts_as_long_as_said_with_or_without_effect() {
    for effect in [false, true] {
        let lasting = Some(Duration::from_millis(100));
        let struck = Struck::by(Fault::Hang { lasting, effect });
        let begun = Instant::now();
        let error = struck.create().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert!(begun.elapsed() >= Duration::from_millis(95));
        assert_eq!(struck.tasks(), usize::from(effect));
    }
    let struck = Struck::by(Fault::hang());
    assert_ne!(struck.create().unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
}

#[test]
fn a_late_write_is_carried_out_after_its_client_has_gone() {
    for fault in [
        Fault::LateWrite { after: Duration::from_millis(500) },
        Fault::ResetThenWrite { after: Duration::from_millis(500) },
    ] {
        let struck = Struck::by(fault);
        assert!(struck.create().is_err());
        let begun = Instant::now();
        while struck.tasks() == 0 {
            assert!(begun.elapsed() < Duration::from_secs(5), "carried out at last");
            sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn bodies_are_cut_spoilt_or_replaced() {
    let cut = Struck::by(Fault::Truncate { after_bytes: 10 }).create().unwrap();
    assert_eq!(cut.body.len(), 10);
    assert!(cut.header("content-length").unwrap().parse::<usize>().unwrap() > 10);
    let short = Struck::by(Fault::ShortBody).create().unwrap();
    assert!(short.json()["success"] == true);
    let announced: usize = short.header("content-length").unwrap().parse().unwrap();
    assert!(announced > short.body.len());
    let struck = Struck::by(Fault::Garbage);
    let garbage = struck.create().unwrap();
    assert_eq!((garbage.status, garbage.json(), struck.tasks()), (200, Value::Null, 1));
    let struck = Struck::by(Fault::Html);
    let page = struck.create().unwrap();
    assert_eq!((page.header("content-type"), struck.tasks()), (Some("text/html"), 0));
}

#[test]
fn a_slow_answer_is_whole_in_the_end() {
    let before = Duration::from_millis(50);
    let struck = Struck::by(Fault::Slow { before, bytes_per_second: Some(2000) });
    let begun = Instant::now();
    assert_eq!(struck.create().unwrap().json()["success"], true);
    assert!(begun.elapsed() >= Duration::from_millis(150));
}

#[test]
fn faults_strike_the_nth_the_first_the_rest_or_a_share() {
    let struck = Struck::start();
    let vibe = &struck.world.vibe;
    let statuses = |count: usize| -> Vec<u16> {
        (0..count).map(|_| struck.health().unwrap().status).collect()
    };
    vibe.fault(When::always().nth(2), Fault::status(500));
    assert_eq!(statuses(3), [200, 500, 200]);
    vibe.clear_faults();
    vibe.fault(When::on("GET", "/health").first(2), Fault::status(502));
    assert_eq!(statuses(3), [502, 502, 200]);
    vibe.clear_faults();
    let last = vibe.fault(When::always().from(2), Fault::status(503));
    assert_eq!(statuses(3), [200, 503, 503]);
    assert_eq!(vibe.struck(last), 2);
    vibe.lift_fault(last);
    vibe.fault(When::always().rate(0.3), Fault::status(500));
    let some = statuses(60).into_iter().filter(|s| *s == 500).count();
    assert!((6..=30).contains(&some), "{some}");
    vibe.clear_faults();
    vibe.fault(When::always().body("needle"), Fault::status(500));
    assert_eq!(struck.create().unwrap().status, 200);
    vibe.fault(When::always().writes(), Fault::status(418));
    assert_eq!((statuses(1), struck.create().unwrap().status), (vec![200], 418));
}

#[test]
fn chance_is_the_same_for_the_same_seed() {
    let run = || {
        let struck = Struck::start();
        struck.world.vibe.fault(When::always().rate(0.5), Fault::status(500));
        let statuses: Vec<u16> = (0..30).map(|_| struck.health().unwrap().status).collect();
        statuses
    };
    assert_eq!(run(), run());
}

#[test]
fn a_system_can_go_away_and_come_back_on_its_port() {
    let struck = Struck::start();
    struck.world.vibe.go_offline();
    assert_eq!(struck.health().unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    struck.world.vibe.come_back();
    assert_eq!(struck.health().unwrap().status, 200);
}

#[test]
fn connections_are_kept_and_idle_ones_closed() {
    let struck = Struck::start();
    let vibe = &struck.world.vibe;
    vibe.keep_alive(Duration::from_millis(80));
    let host = vibe.url().replace("http://", "");
    let mut stream = TcpStream::connect(&host).unwrap();
    let mut answer = [0; 1024];
    for _ in 0..2 {
        // In two pieces, and the body in chunks.
        let head = "POST /api/tasks HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
        let body = json!({"project_id": struck.project, "title": "T"}).to_string();
        stream.write_all(format!("{head}transfer-encoding: chunked\r\n\r\n").as_bytes()).unwrap();
        let chunks = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
        stream.write_all(chunks.as_bytes()).unwrap();
        let read = stream.read(&mut answer).unwrap();
        assert!(answer[..read].starts_with(b"HTTP/1.1 200 OK\r\n"));
    }
    assert_eq!((struck.tasks(), vibe.counters().connections), (2, 1));
    assert_eq!(stream.read(&mut answer).unwrap(), 0, "closed when idle");
}

#[test]
fn a_person_can_be_quicker_or_come_in_between() {
    let struck = Struck::start();
    let vibe = struck.world.vibe.clone();
    let id = vibe.add_task(&struck.project, "T", "", "todo");
    let path = format!("/api/tasks/{id}");
    let (person, task) = (vibe.clone(), id.clone());
    vibe.before(When::on("PUT", &path).nth(1), move || person.edit_title(&task, "before"));
    let (person, task) = (vibe.clone(), id.clone());
    vibe.after(When::on("PUT", &path).nth(1), move || person.edit_status(&task, "done"));
    let answer = ask(&vibe.url(), "PUT", &path, Some(&json!({"status": "inreview"}))).unwrap();
    assert_eq!(answer.json()["data"]["title"], "before");
    assert_eq!(answer.json()["data"]["status"], "inreview");
    assert_eq!(vibe.task(&id).unwrap().status, "done");
}
