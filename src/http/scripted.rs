//! A tiny server for tests: a closure says, request by request, what goes over the wire.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::{Http, Proxy};
use crate::config;
use crate::stop::Stop;

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// `GET /api/x?y=z`
    pub(crate) line: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Sends these bytes and keeps the connection.
    Send(Vec<u8>),
    /// Sends these bytes and closes.
    Cut(Vec<u8>),
    /// Sends these bytes with a pause before each.
    Drip(Vec<Vec<u8>>, Duration),
    /// Never answers.
    Hang,
}

/// The server; its threads live as long as the test.
pub(crate) struct Scripted {
    pub(crate) url: String,
    connections: Arc<AtomicUsize>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Scripted {
    /// Serves what the closure says.
    pub(crate) fn serve(act: impl FnMut(&Seen) -> Act + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (connections, seen) = (Arc::<AtomicUsize>::default(), Arc::<Mutex<_>>::default());
        let server = Self { url, connections: Arc::clone(&connections), seen: Arc::clone(&seen) };
        let act = Arc::new(Mutex::new(act));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                connections.fetch_add(1, Ordering::SeqCst);
                let (act, seen) = (Arc::clone(&act), Arc::clone(&seen));
                thread::spawn(move || {
                    converse(&stream, |request| {
                        seen.lock().unwrap().push(request.clone());
                        (act.lock().unwrap())(request)
                    })
                });
            }
        });
        server
    }

    /// Serves one act a request; more requests than acts are refused.
    pub(crate) fn script(acts: impl IntoIterator<Item = Act>) -> Self {
        let mut acts: VecDeque<Act> = acts.into_iter().collect();
        Self::serve(move |_| {
            acts.pop_front().unwrap_or_else(|| json(499, r#"{"error":"surplus"}"#))
        })
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The request lines so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }
}

fn converse(stream: &TcpStream, mut act: impl FnMut(&Seen) -> Act) {
    let mut reader = BufReader::new(stream);
    while let Some(request) = receive(&mut reader) {
        let mut stream = stream;
        match act(&request) {
            Act::Send(bytes) => drop(stream.write_all(&bytes)),
            Act::Cut(bytes) => return drop(stream.write_all(&bytes)),
            Act::Drip(pieces, pause) => {
                for piece in pieces {
                    thread::sleep(pause);
                    drop(stream.write_all(&piece));
                }
            }
            Act::Hang => thread::sleep(Duration::from_secs(3600)),
        }
    }
}

fn receive(reader: &mut BufReader<&TcpStream>) -> Option<Seen> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok()
        })
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let line = head.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
    Some(Seen { line, head, body: String::from_utf8(body).unwrap() })
}

/// An answer with these headers; the length is added.
pub(crate) fn answer(status: u16, headers: &str, body: &str) -> Act {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {length}\r\n\r\n");
    Act::Send([head.as_bytes(), body.as_bytes()].concat())
}

pub(crate) fn json(status: u16, body: &str) -> Act {
    answer(status, "Content-Type: application/json; charset=utf-8\r\n", body)
}

pub(crate) fn html(status: u16) -> Act {
    answer(status, "Content-Type: text/html\r\n", "<!DOCTYPE html><html></html>")
}

pub(crate) fn empty(status: u16) -> Act {
    answer(status, "", "")
}

/// The same bytes, in so many pieces.
pub(crate) fn drip(act: Act, pieces: usize, pause: Duration) -> Act {
    let Act::Send(bytes) = act else { return act };
    let size = bytes.len().div_ceil(pieces);
    Act::Drip(bytes.chunks(size).map(<[u8]>::to_vec).collect(), pause)
}

/// A JSON body of which only a part comes.
pub(crate) fn cut_json(body: &str) -> Act {
    let length = body.len() + 100;
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    Act::Cut(format!("{head}Content-Length: {length}\r\n\r\n{body}").into_bytes())
}

/// Short times, so that tests are; four attempts, no proxy.
pub(crate) fn http(stop: &Stop) -> Http {
    http_with(stop, Duration::from_secs(10))
}

pub(crate) fn http_with(stop: &Stop, call_timeout: Duration) -> Http {
    let limits = config::Http {
        connect_timeout: Duration::from_secs(2),
        call_timeout,
        list_timeout: call_timeout,
        attempts: 4,
        backoff: Duration::from_millis(2),
        ..config::Http::default()
    };
    Http::new(&limits, 4, stop.clone(), Proxy::Off)
}
