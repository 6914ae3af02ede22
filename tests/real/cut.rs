//! A way to the real server that sees what is asked, and ends the client at a chosen answer.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

type Act = Arc<dyn Fn(u64) -> bool + Send + Sync>;

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
    act: Mutex<Option<Act>>,
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
            act: Mutex::new(None),
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
        *self.shared.act.lock().unwrap() = Some(Arc::new(act));
    }

    /// Passes everything on.
    pub(crate) fn pass_on(&self) {
        *self.shared.act.lock().unwrap() = None;
    }

    /// What was asked since this was asked for: method and path, without the query.
    pub(crate) fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.shared.asked.lock().unwrap())
    }

    /// Answers since they were counted anew; one that comes in several reads counts as several.
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
    while let Ok(length) = client.read(&mut buffer) {
        if length == 0 {
            return;
        }
        // The client sends a head in one piece, and no body that looks like one.
        if let Some(line) = request_line(&buffer[..length]) {
            shared.asked.lock().unwrap().push(line);
        }
        if server.write_all(&buffer[..length]).is_err() {
            return;
        }
    }
}

fn request_line(bytes: &[u8]) -> Option<String> {
    let line = bytes.split(|byte| *byte == b'\r').next()?;
    let line = std::str::from_utf8(line).ok()?.strip_suffix(" HTTP/1.1")?;
    line.split('?').next().map(str::to_owned)
}

fn answer(shared: &Shared, mut server: TcpStream, mut client: &TcpStream) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(length) = server.read(&mut buffer) {
        if length == 0 {
            return;
        }
        let number = shared.answers.fetch_add(1, Ordering::SeqCst) + 1;
        let act = shared.act.lock().unwrap().clone();
        if act.is_some_and(|act| !act(number)) || client.write_all(&buffer[..length]).is_err() {
            return;
        }
    }
}

/// Runs the tool and kills it at the n-th answer on this way; false when there were fewer.
pub(crate) fn killed_at(mut command: Command, cut: &Cut, number: u64) -> bool {
    let process = Arc::new(AtomicI32::new(0));
    let (started, starting) = mpsc::sync_channel::<()>(0);
    let starting = Mutex::new(starting);
    let victim = process.clone();
    cut.at_answers(move |answer| {
        if answer < number {
            return true;
        }
        if answer == number {
            // The first answer may come before the number of the process is known here.
            let _ = starting.lock().unwrap().recv();
            let id = victim.load(Ordering::SeqCst).to_string();
            let killed = Command::new("kill").args(["-9", &id]).status().unwrap();
            assert!(killed.success());
        }
        false
    });
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    process.store(i32::try_from(child.id()).unwrap(), Ordering::SeqCst);
    drop(started);
    let status = child.wait_with_output().unwrap().status;
    assert!(status.signal() == Some(9) || status.code() == Some(0), "{status}");
    assert_eq!(status.signal() == Some(9), cut.answers() >= number);
    status.signal() == Some(9)
}
