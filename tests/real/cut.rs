//! A way to the real server that sees what is asked, and ends the client at a chosen answer.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

type AtAnswer = Arc<dyn Fn(u64) -> bool + Send + Sync>;
type AtRequest = Arc<dyn Fn(&str) + Send + Sync>;

/// Passes bytes on in both directions. Its threads end with their connections, and the listener
/// with the value.
pub(crate) struct Cut {
    address: String,
    shared: Arc<Shared>,
}

struct Shared {
    target: String,
    answers: AtomicU64,
    ended: AtomicBool,
    at_answer: Mutex<Option<AtAnswer>>,
    at_request: Mutex<Option<AtRequest>>,
    /// Method and path of each, in the order in which they came.
    asked: Mutex<Vec<String>>,
}

impl Cut {
    /// Listens in front of `http://host:port`.
    pub(crate) fn before(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let shared = Arc::new(Shared {
            target: url.trim_start_matches("http://").to_owned(),
            answers: AtomicU64::new(0),
            ended: AtomicBool::new(false),
            at_answer: Mutex::new(None),
            at_request: Mutex::new(None),
            asked: Mutex::new(Vec::new()),
        });
        let accepting = shared.clone();
        thread::spawn(move || {
            for client in listener.incoming() {
                if accepting.ended.load(Ordering::SeqCst) {
                    return;
                }
                connect(&accepting, client.unwrap());
            }
        });
        Self { address, shared }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Counts answers from 1 again, and asks `act` before each is passed on: false keeps it back.
    pub(crate) fn at_answers(&self, act: impl Fn(u64) -> bool + Send + Sync + 'static) {
        self.shared.answers.store(0, Ordering::SeqCst);
        *self.shared.at_answer.lock().unwrap() = Some(Arc::new(act));
    }

    /// Tells `act` each request that the server has got as a whole: method and path.
    pub(crate) fn at_requests(&self, act: impl Fn(&str) + Send + Sync + 'static) {
        *self.shared.at_request.lock().unwrap() = Some(Arc::new(act));
    }

    /// Passes everything on.
    pub(crate) fn pass_on(&self) {
        *self.shared.at_answer.lock().unwrap() = None;
        *self.shared.at_request.lock().unwrap() = None;
    }

    /// What was asked since this was asked for: method and path, without the query.
    pub(crate) fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.shared.asked.lock().unwrap())
    }

    /// Answers since they were counted anew.
    pub(crate) fn answers(&self) -> u64 {
        self.shared.answers.load(Ordering::SeqCst)
    }
}

impl Drop for Cut {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        // The listener sees that only when somebody comes.
        drop(TcpStream::connect(&self.address));
    }
}

fn connect(shared: &Arc<Shared>, client: TcpStream) {
    let server = TcpStream::connect(&shared.target).unwrap();
    let (from_client, to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let asking = shared.clone();
    thread::spawn(move || {
        ask(&asking, from_client, &to_server);
        let _ = to_server.shutdown(Shutdown::Both);
    });
    let shared = shared.clone();
    thread::spawn(move || {
        answer(&shared, server, &client);
        let _ = client.shutdown(Shutdown::Both);
    });
}

fn ask(shared: &Shared, mut client: TcpStream, mut server: &TcpStream) {
    let mut buffer = vec![0; 1 << 16];
    let mut request = Vec::new();
    while let Ok(length) = client.read(&mut buffer) {
        if length == 0 || server.write_all(&buffer[..length]).is_err() {
            return;
        }
        request.extend_from_slice(&buffer[..length]);
        // A client that waits for each answer has one request on the way.
        if let Some(line) = whole(&request) {
            let line = line.to_owned();
            request.clear();
            shared.asked.lock().unwrap().push(line.clone());
            let act = shared.at_request.lock().unwrap().clone();
            if let Some(act) = act {
                act(&line);
            }
        }
    }
}

/// Method and path of a request, without the query; `None` as long as some of it is missing.
fn whole(request: &[u8]) -> Option<&str> {
    let end = request.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&request[..end]).unwrap();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().unwrap())
    });
    let line = head.lines().next()?.strip_suffix(" HTTP/1.1")?;
    (request.len() >= end + 4 + length.unwrap_or(0)).then(|| line.split('?').next())?
}

fn answer(shared: &Shared, mut server: TcpStream, mut client: &TcpStream) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(length) = server.read(&mut buffer) {
        if length == 0 {
            return;
        }
        // The rest of a long answer comes in further pieces.
        if buffer.starts_with(b"HTTP/1.1 ") {
            let number = shared.answers.fetch_add(1, Ordering::SeqCst) + 1;
            let act = shared.at_answer.lock().unwrap().clone();
            if act.is_some_and(|act| !act(number)) {
                return;
            }
        }
        if client.write_all(&buffer[..length]).is_err() {
            return;
        }
    }
}

/// Runs the tool and kills it at the n-th answer on this way; false when there were fewer.
pub(crate) fn killed_at(command: Command, cut: &Cut, number: u64) -> bool {
    let was_killed = killed(command, |kill| {
        cut.at_answers(move |answer| {
            if answer == number {
                kill();
            }
            answer < number
        });
    });
    assert_eq!(was_killed, cut.answers() >= number);
    was_killed
}

/// Runs the tool and kills it as soon as the server has got such a request; false when it asked for
/// nothing of the kind.
pub(crate) fn killed_asking(command: Command, cut: &Cut, request: &'static str) -> bool {
    killed(command, |kill| {
        cut.at_requests(move |asked| {
            if asked == request {
                kill();
            }
        });
    })
}

/// Runs the tool, which somebody may kill; whether somebody did.
fn killed(mut command: Command, arm: impl FnOnce(Box<dyn Fn() + Send + Sync>)) -> bool {
    let process = Arc::new(AtomicI32::new(0));
    let (started, starting) = mpsc::sync_channel::<()>(0);
    let starting = Mutex::new(starting);
    let victim = process.clone();
    arm(Box::new(move || {
        // What it asks first may come before the number of the process is known here.
        let _ = starting.lock().unwrap().recv();
        let id = victim.load(Ordering::SeqCst).to_string();
        // It fails only when another one of its threads had it killed already.
        let _ = Command::new("kill").args(["-9", &id]).stderr(Stdio::null()).status().unwrap();
    }));
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    process.store(i32::try_from(child.id()).unwrap(), Ordering::SeqCst);
    drop(started);
    let status = child.wait_with_output().unwrap().status;
    assert!(status.signal() == Some(9) || status.code() == Some(0), "{status}");
    status.signal() == Some(9)
}
