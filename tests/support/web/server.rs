//! The listener: a thread a connection, faults between the request and its answer.

use std::collections::HashMap;
use std::io::{self, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::faults::{Fault, Moment, RetryAfter, Script};
use super::journal::{Counters, Host, Journal};
use super::message::{Answer, Request, read_request};
use super::packing;
use super::service::ServiceCounters;
use crate::support::clock::Clock;
use crate::support::sync::Guarded;

/// What stands behind the listener.
pub trait System: Send + Sync + 'static {
    /// Carries a request out. `None`: there is no answer, the connection closes.
    fn answer(&self, request: &Request) -> Option<Answer>;
    /// The page a browser would see here.
    fn web_page(&self) -> Answer;
    /// Lets go of every request that waits inside.
    fn stop(&self);
}

/// A running listener. Dropping it leaves no thread and no socket.
pub struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    accepting: Guarded<Option<JoinHandle<()>>>,
}

struct Shared {
    side: Host,
    system: Arc<dyn System>,
    journal: Arc<Journal>,
    clock: Arc<Clock>,
    script: Guarded<Script>,
    offline: AtomicBool,
    ended: Ended,
    sockets: Guarded<HashMap<u64, TcpStream>>,
    threads: Guarded<Vec<JoinHandle<()>>>,
    /// Idle milliseconds after which a connection is closed; 0 is never.
    keep_alive_ms: AtomicU64,
    connections: AtomicU64,
    in_work: AtomicU64,
    counters: Guarded<Counters>,
    services: Guarded<ServiceCounters>,
}

/// A flag that late writers can wait on.
#[derive(Default)]
struct Ended {
    flag: Mutex<bool>,
    bell: Condvar,
}

impl Ended {
    fn set(&self) {
        *self.flag.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.bell.notify_all();
    }

    fn is_set(&self) -> bool {
        *self.flag.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits; true when the world ended meanwhile.
    fn within(&self, wait: Duration) -> bool {
        let flag = self.flag.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.bell.wait_timeout_while(flag, wait, |ended| !*ended);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

impl Server {
    /// Listens on a free port of the loopback.
    pub fn start(
        side: impl Into<Host>,
        system: Arc<dyn System>,
        journal: Arc<Journal>,
        clock: Arc<Clock>,
        seed: u64,
    ) -> io::Result<Server> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            side: side.into(),
            system,
            journal,
            clock,
            script: Guarded::new(Script::new(seed)),
            offline: AtomicBool::new(false),
            ended: Ended::default(),
            sockets: Guarded::new(HashMap::new()),
            threads: Guarded::new(Vec::new()),
            keep_alive_ms: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            in_work: AtomicU64::new(0),
            counters: Guarded::new(Counters::default()),
            services: Guarded::new(ServiceCounters::default()),
        });
        let accepting = Guarded::new(Some(accept_on(listener, &shared)));
        Ok(Server { shared, address, accepting })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The fault script, to be changed under its lock.
    pub fn script(&self) -> &Guarded<Script> {
        &self.shared.script
    }

    /// What was counted since the start or the last reset.
    pub fn counters(&self) -> Counters {
        *self.shared.counters.lock()
    }

    /// The same by service.
    pub fn service_counters(&self) -> ServiceCounters {
        *self.shared.services.lock()
    }

    /// Starts counting anew.
    pub fn reset_counters(&self) {
        *self.shared.counters.lock() = Counters::default();
        *self.shared.services.lock() = ServiceCounters::default();
    }

    /// Idle connections are closed after this; zero is never.
    pub fn keep_alive(&self, idle: Duration) {
        self.shared.keep_alive_ms.store(idle.as_millis() as u64, Ordering::Relaxed);
    }

    /// Closes the listener and every connection: from now on connections are refused.
    pub fn go_offline(&self) {
        self.shared.offline.store(true, Ordering::SeqCst);
        if let Some(thread) = self.accepting.lock().take() {
            // The accepting thread sees the flag only when somebody comes.
            drop(TcpStream::connect(self.address));
            let _ = thread.join();
        }
        for socket in self.shared.sockets.lock().values() {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }

    /// Listens again on the same port.
    pub fn come_back(&self) -> io::Result<()> {
        let mut accepting = self.accepting.lock();
        if accepting.is_none() {
            let listener = TcpListener::bind(self.address)?;
            self.shared.offline.store(false, Ordering::SeqCst);
            *accepting = Some(accept_on(listener, &self.shared));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.ended.set();
        self.shared.system.stop();
        self.go_offline();
        // Joined outside the lock: a late writer may still be adding itself.
        let threads = std::mem::take(&mut *self.shared.threads.lock());
        let own = std::thread::current().id();
        for thread in threads {
            // The last to hold the world may be one of its own threads.
            if thread.thread().id() != own {
                let _ = thread.join();
            }
        }
    }
}

/// How a connection ends.
enum End {
    Orderly,
    Reset,
}

/// Most that is looked at ahead of reading.
const PEEKED: usize = 64 << 10;

/// And for how long.
const PEEKING: Duration = Duration::from_secs(2);

/// The next request without taking it off the socket; `None` if it does not come whole.
fn peek_request(stream: &TcpStream) -> io::Result<Option<Request>> {
    let mut ahead = vec![0; PEEKED];
    let mut until = None;
    loop {
        let length = stream.peek(&mut ahead)?;
        let until = *until.get_or_insert_with(|| Instant::now() + PEEKING);
        match read_request(&mut &ahead[..length], None) {
            Ok(request) => return Ok(request),
            Err(_) if length < PEEKED && Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(1));
            }
            Err(_) => return Ok(None),
        }
    }
}

fn accept_on(listener: TcpListener, shared: &Arc<Shared>) -> JoinHandle<()> {
    let shared = shared.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            if shared.offline.load(Ordering::SeqCst) {
                return;
            }
            let Ok(stream) = stream else { continue };
            let id = shared.connections.fetch_add(1, Ordering::Relaxed) + 1;
            shared.counters.lock().connections += 1;
            let Ok(copy) = stream.try_clone() else { continue };
            shared.sockets.lock().insert(id, copy);
            let of_thread = shared.clone();
            let thread = std::thread::spawn(move || {
                let end = of_thread.connection(&stream, id);
                if !matches!(end, Ok(End::Reset)) {
                    let _ = stream.shutdown(Shutdown::Both);
                }
                of_thread.sockets.lock().remove(&id);
            });
            let mut threads = shared.threads.lock();
            threads.retain(|t| !t.is_finished());
            threads.push(thread);
        }
    })
}

impl Shared {
    fn connection(self: &Arc<Self>, stream: &TcpStream, id: u64) -> io::Result<End> {
        stream.set_nodelay(true)?;
        let mut reader = BufReader::with_capacity(16 << 10, stream);
        loop {
            let idle = self.keep_alive_ms.load(Ordering::Relaxed);
            stream.set_read_timeout((idle > 0).then(|| Duration::from_millis(idle)))?;
            let peeked = match reader.buffer().is_empty() && self.script.lock().may_reset() {
                true => peek_request(stream)?,
                false => None,
            };
            let mut fault = peeked.map(|request| self.script.lock().strike(&request));
            if matches!(fault, Some(Some(Fault::Reset))) {
                // A socket that is closed with something unread in it resets the connection.
                let request = peek_request(stream)?.unwrap_or_default();
                let sequence = self.arrived(id, &request);
                self.journal.served(sequence, self.side);
                return Ok(End::Reset);
            }
            let Some(request) = read_request(&mut reader, Some(stream))? else {
                return Ok(End::Orderly);
            };
            let fault = fault.take().unwrap_or_else(|| self.script.lock().strike(&request));
            let sequence = self.arrived(id, &request);
            let in_work = self.in_work.fetch_add(1, Ordering::SeqCst) + 1;
            let mut counters = self.counters.lock();
            counters.max_concurrent = counters.max_concurrent.max(in_work);
            drop(counters);
            let go_on = self.serve(&request, fault, stream, sequence);
            self.in_work.fetch_sub(1, Ordering::SeqCst);
            if !go_on? || request.wants_close() || self.ended.is_set() {
                return Ok(End::Orderly);
            }
        }
    }

    fn arrived(&self, connection: u64, request: &Request) -> u64 {
        let is_write = request.is_write();
        let mut counters = self.counters.lock();
        counters.requests += 1;
        counters.writes += u64::from(is_write);
        counters.bytes_in += request.body.len() as u64;
        drop(counters);
        if let Some(service) = request.service() {
            self.services.lock().count(service, is_write);
        }
        self.journal.arrived(self.side, connection, request)
    }

    /// Answers one request; false when the connection has to close.
    fn serve(
        self: &Arc<Self>,
        request: &Request,
        fault: Option<Fault>,
        stream: &TcpStream,
        sequence: u64,
    ) -> io::Result<bool> {
        let mut go_on = false;
        match fault {
            None => {
                if let Some(answer) = self.carry_out(request, sequence) {
                    go_on = self.send(&answer, stream, sequence)?;
                }
            }
            Some(Fault::Status { code, body, retry_after }) => {
                let mut answer = Answer::new(code, "application/json", body);
                if let Some(wait) = retry_after {
                    answer.headers.push(("retry-after", self.retry_after(wait)));
                }
                go_on = self.send(&answer, stream, sequence)?;
            }
            Some(Fault::Html) => {
                go_on = self.send(&self.system.web_page(), stream, sequence)?;
            }
            Some(Fault::Page { code }) => {
                let page = "<!DOCTYPE html><html>the origin is unreachable</html>";
                go_on = self.send(&Answer::new(code, "text/html", page), stream, sequence)?;
            }
            Some(Fault::Moved { to }) => {
                let mut answer = Answer::new(302, "text/html", "");
                answer.headers.push(("location", to));
                go_on = self.send(&answer, stream, sequence)?;
            }
            Some(Fault::Belied { code }) => {
                if self.carry_out(request, sequence).is_some() {
                    let answer = Answer::new(code, "text/plain", "upstream connect error");
                    go_on = self.send(&answer, stream, sequence)?;
                }
            }
            Some(Fault::Packed(coding)) => {
                if let Some(mut answer) = self.carry_out(request, sequence) {
                    packing::pack(&mut answer, coding);
                    go_on = self.send(&answer, stream, sequence)?;
                }
            }
            Some(Fault::Bomb { body }) => {
                let mut answer = Answer::new(200, "application/json", body.to_vec());
                answer.headers.push(("content-encoding", "gzip".to_owned()));
                // A client that has had enough goes away in the middle.
                go_on = self.send(&answer, stream, sequence).unwrap_or(false);
            }
            Some(Fault::Garbage) => {
                if self.carry_out(request, sequence).is_some() {
                    let answer = Answer::new(200, "application/json", "{\"success\":tru");
                    go_on = self.send(&answer, stream, sequence)?;
                }
            }
            Some(Fault::Reset | Fault::Close) => {}
            Some(Fault::LostAnswer) => drop(self.carry_out(request, sequence)),
            Some(Fault::Hang { lasting, effect }) => {
                if effect {
                    self.carry_out(request, sequence);
                }
                self.hang(stream, lasting);
            }
            Some(Fault::LateWrite { after }) => {
                self.carry_out_later(request, sequence, after);
                self.hang(stream, None);
                return Ok(false);
            }
            Some(Fault::ResetThenWrite { after }) => {
                self.carry_out_later(request, sequence, after);
                return Ok(false);
            }
            Some(Fault::Truncate { after_bytes }) => {
                if let Some(answer) = self.carry_out(request, sequence) {
                    let body = answer.body();
                    let part = &body[..after_bytes.min(body.len())];
                    self.send_raw(&answer, body.len(), part, stream, sequence)?;
                }
            }
            Some(Fault::ShortBody) => {
                if let Some(answer) = self.carry_out(request, sequence) {
                    let body = answer.body();
                    self.send_raw(&answer, body.len() + 16, &body, stream, sequence)?;
                }
            }
            Some(Fault::Slow { before, bytes_per_second }) => {
                if let Some(answer) = self.carry_out(request, sequence) {
                    if self.ended.within(before) {
                        return Ok(false);
                    }
                    go_on = match bytes_per_second {
                        None => self.send(&answer, stream, sequence)?,
                        Some(rate) => self.drip(&answer, rate, stream, sequence)?,
                    };
                }
            }
        }
        if !go_on {
            // The client must see the end before anybody is told that the request is done.
            let _ = stream.shutdown(Shutdown::Both);
        }
        self.journal.served(sequence, self.side);
        Ok(go_on)
    }

    fn carry_out(&self, request: &Request, sequence: u64) -> Option<Answer> {
        self.act(Moment::Before, request);
        let answer = self.system.answer(request)?;
        self.act(Moment::After, request);
        self.journal.took_effect(sequence, self.side);
        Some(answer)
    }

    fn act(&self, moment: Moment, request: &Request) {
        // Outside the lock, for what is done may be to set a fault.
        let acts = self.script.lock().acts(moment, request);
        for act in acts {
            act();
        }
    }

    fn carry_out_later(self: &Arc<Self>, request: &Request, sequence: u64, after: Duration) {
        let (shared, request) = (self.clone(), request.clone());
        let thread = std::thread::spawn(move || {
            if !shared.ended.within(after) && shared.carry_out(&request, sequence).is_some() {
                shared.journal.served(sequence, shared.side);
            }
        });
        self.threads.lock().push(thread);
    }

    fn send(&self, answer: &Answer, stream: &TcpStream, sequence: u64) -> io::Result<bool> {
        // Written down first: a client that has the answer may look at the log at once.
        self.journal.answered(sequence, answer.status);
        let sent = answer.write(stream, self.clock.now(), false)?;
        self.counters.lock().bytes_out += sent;
        Ok(true)
    }

    fn send_raw(
        &self,
        answer: &Answer,
        announced: usize,
        body: &[u8],
        mut stream: &TcpStream,
        sequence: u64,
    ) -> io::Result<()> {
        self.journal.answered(sequence, answer.status);
        let mut out = answer.head(announced, self.clock.now(), false);
        out.extend_from_slice(body);
        stream.write_all(&out)?;
        self.counters.lock().bytes_out += out.len() as u64;
        Ok(())
    }

    fn drip(
        &self,
        answer: &Answer,
        bytes_per_second: usize,
        mut stream: &TcpStream,
        sequence: u64,
    ) -> io::Result<bool> {
        let body = answer.body();
        self.send_raw(answer, body.len(), &[], stream, sequence)?;
        for portion in body.chunks((bytes_per_second / 20).max(1)) {
            if self.ended.within(Duration::from_millis(50)) {
                return Ok(false);
            }
            stream.write_all(portion)?;
        }
        Ok(true)
    }

    /// Holds the connection open without a word until the client leaves or the time is over.
    fn hang(&self, stream: &TcpStream, lasting: Option<Duration>) {
        let until = lasting.map(|lasting| Instant::now() + lasting);
        loop {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) || self.ended.is_set() {
                return;
            }
            let wait = left.unwrap_or(Duration::from_millis(200)).min(Duration::from_millis(200));
            let _ = stream.set_read_timeout(Some(wait.max(Duration::from_millis(1))));
            match stream.peek(&mut [0]) {
                Ok(0) => return,
                Ok(_) => std::thread::sleep(Duration::from_millis(5)),
                Err(e)
                    if [io::ErrorKind::WouldBlock, io::ErrorKind::TimedOut].contains(&e.kind()) => {
                }
                Err(_) => return,
            }
        }
    }

    fn retry_after(&self, wait: RetryAfter) -> String {
        match wait {
            RetryAfter::Seconds(seconds) => seconds.to_string(),
            RetryAfter::Date(ahead) => httpdate::fmt_http_date(self.clock.now() + ahead),
        }
    }
}
