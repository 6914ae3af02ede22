//! A proxy that opens tunnels, as those of companies do.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use super::sync::Guarded;

/// A running proxy; its threads end with the process.
pub struct Proxy {
    address: String,
    asked: Arc<Guarded<Vec<String>>>,
}

impl Proxy {
    /// Listens on a free port of the loopback.
    pub fn start() -> Proxy {
        Proxy::with(None)
    }

    /// One that opens tunnels only to those who bring this `Proxy-Authorization`.
    pub fn wanting(login: &'static str) -> Proxy {
        Proxy::with(Some(login))
    }

    fn with(login: Option<&'static str>) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Guarded::new(Vec::new()));
        let log = asked.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let log = log.clone();
                thread::spawn(move || tunnel(&client, login, &log));
            }
        });
        Proxy { address, asked }
    }

    /// `127.0.0.1:PORT`
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The heads of all requests for a tunnel, in order.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().clone()
    }
}

fn tunnel(client: &TcpStream, login: Option<&str>, log: &Guarded<Vec<String>>) -> io::Result<()> {
    let mut reader = BufReader::new(client);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    log.lock().push(head.clone());
    let is_known = |login: &str| head.lines().any(|line| line.ends_with(login));
    if !login.is_none_or(is_known) {
        return (&*client).write_all(b"HTTP/1.1 407 Who Are You\r\nContent-Length: 0\r\n\r\n");
    }
    let mut words = head.split_whitespace();
    let (Some("CONNECT"), Some(target)) = (words.next(), words.next()) else {
        return (&*client).write_all(b"HTTP/1.1 405 Tunnels Only\r\nContent-Length: 0\r\n\r\n");
    };
    let server = TcpStream::connect(target)?;
    (&*client).write_all(b"HTTP/1.1 200 Established\r\n\r\n")?;
    let (mut from_server, mut to_client) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut from_server, &mut to_client);
        let _ = to_client.shutdown(Shutdown::Both);
    });
    // The reader may hold what came right behind the head.
    let _ = io::copy(&mut reader, &mut &server);
    server.shutdown(Shutdown::Both)
}
