//! A way to the real server that ends the client at a chosen answer.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
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
    let (mut from_client, mut to_server) =
        (client.try_clone().unwrap(), server.try_clone().unwrap());
    thread::spawn(move || {
        let _ = std::io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Both);
    });
    let shared = shared.clone();
    thread::spawn(move || {
        answer(&shared, server, &client);
        let _ = client.shutdown(Shutdown::Both);
    });
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
