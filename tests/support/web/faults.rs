//! The fault script: which request goes wrong, and how.

use std::sync::Arc;
use std::time::Duration;

use super::message::Request;
use crate::support::chance::Chance;

/// How a request goes wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Another answer than the system's; nothing is carried out.
    Status { code: u16, body: String, retry_after: Option<RetryAfter> },
    /// The connection is reset (RST) without an answer; nothing is carried out.
    Reset,
    /// The connection closes in good order without an answer; nothing is carried out.
    Close,
    /// Carried out, then the connection closes without an answer.
    LostAnswer,
    /// No answer for so long (`None`: for ever), then the connection closes.
    Hang { lasting: Option<Duration>, effect: bool },
    /// No answer, and the connection stays open; carried out so much later, client gone or not.
    LateWrite { after: Duration },
    /// Closes at once without an answer; carried out so much later.
    ResetThenWrite { after: Duration },
    /// Carried out; the body is cut after so many bytes and the connection closes.
    Truncate { after_bytes: usize },
    /// Carried out; 200 with the right type, and a body that is no JSON.
    Garbage,
    /// 200 with somebody's web page; nothing is carried out.
    Html,
    /// Another status with a proxy's own page; nothing is carried out.
    Page { code: u16 },
    /// Leads on to somewhere else; nothing is carried out.
    Moved { to: String },
    /// Carried out, and then answered with this status all the same, as by a mesh that lost the
    /// server behind it.
    Belied { code: u16 },
    /// Carried out; the body is packed like this.
    Packed(Coding),
    /// 200 with this gzip body in place of the system's.
    Bomb { body: Arc<[u8]> },
    /// Carried out; the body ends before the length that was announced.
    ShortBody,
    /// Carried out at once; the answer begins after a while, and drips if a rate is given.
    Slow { before: Duration, bytes_per_second: Option<usize> },
}

impl Fault {
    /// A bare status with a JSON error and no `Retry-After`.
    pub fn status(code: u16) -> Fault {
        let body = format!("{{\"error\":\"simulated {code}\"}}");
        Fault::Status { code, body, retry_after: None }
    }

    /// A status that asks to wait.
    pub fn retry_later(code: u16, retry_after: RetryAfter) -> Fault {
        let body = format!("{{\"error\":\"simulated {code}\"}}");
        Fault::Status { code, body, retry_after: Some(retry_after) }
    }

    /// Nothing answered until the client or the world gives up; nothing carried out.
    pub fn hang() -> Fault {
        Fault::Hang { lasting: None, effect: false }
    }
}

/// How a proxy packs bodies.
#[derive(Clone, Copy, Debug)]
pub enum Coding {
    Gzip,
    Deflate,
    /// Said to be `br`.
    Brotli,
    /// Said to be gzip, and not packed at all.
    Wrong,
}

/// The two forms of `Retry-After`.
#[derive(Clone, Copy, Debug)]
pub enum RetryAfter {
    Seconds(u64),
    /// An HTTP date so long after the server's now.
    Date(Duration),
}

/// Which requests of a system a fault strikes; counted from when the fault was set.
#[derive(Clone, Debug)]
pub struct When {
    method: Option<String>,
    path: Option<String>,
    body: Option<String>,
    writes: bool,
    which: Which,
}

#[derive(Clone, Copy, Debug)]
enum Which {
    Always,
    Nth(u64),
    First(u64),
    From(u64),
    Rate(f64),
}

impl When {
    /// Every request, unless narrowed.
    pub fn always() -> When {
        When { method: None, path: None, body: None, writes: false, which: Which::Always }
    }

    /// Every request of this method whose path (with query) contains `path`, unless narrowed.
    pub fn on(method: &str, path: &str) -> When {
        When { method: Some(method.into()), path: Some(path.into()), ..When::always() }
    }

    /// Only requests whose path (with query) contains this.
    pub fn path(self, path: &str) -> When {
        When { path: Some(path.into()), ..self }
    }

    /// Only requests whose body contains this.
    pub fn body(self, body: &str) -> When {
        When { body: Some(body.into()), ..self }
    }

    /// Only requests that write.
    pub fn writes(self) -> When {
        When { writes: true, ..self }
    }

    /// Of those that match, only the n-th, from 1.
    pub fn nth(self, n: u64) -> When {
        When { which: Which::Nth(n), ..self }
    }

    /// Of those that match, the first n.
    pub fn first(self, n: u64) -> When {
        When { which: Which::First(n), ..self }
    }

    /// Of those that match, the n-th (from 1) and all later ones.
    pub fn from(self, n: u64) -> When {
        When { which: Which::From(n), ..self }
    }

    /// Of those that match, this share (0 to 1), by the world's seed.
    pub fn rate(self, share: f64) -> When {
        When { which: Which::Rate(share), ..self }
    }

    fn matches(&self, request: &Request) -> bool {
        let has = |part: &Option<String>, whole: &str| {
            part.as_ref().is_none_or(|part| whole.contains(part.as_str()))
        };
        self.method.as_ref().is_none_or(|m| *m == request.method)
            && has(&self.path, &request.target)
            && (self.body.is_none() || has(&self.body, &String::from_utf8_lossy(&request.body)))
            && (!self.writes || request.is_write())
    }
}

/// Names a fault that was set, to ask how often it struck or to lift it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultId(u64);

struct Rule {
    id: FaultId,
    counted: Counted,
    fault: Fault,
    struck: u64,
}

/// A `When` and how many requests it has matched.
struct Counted {
    when: When,
    matched: u64,
}

impl Counted {
    fn new(when: When) -> Counted {
        Counted { when, matched: 0 }
    }

    fn strikes(&mut self, request: &Request, chance: &mut Chance) -> bool {
        if !self.when.matches(request) {
            return false;
        }
        self.matched += 1;
        match self.when.which {
            Which::Always => true,
            Which::Nth(n) => self.matched == n,
            Which::First(n) => self.matched <= n,
            Which::From(n) => self.matched >= n,
            Which::Rate(share) => chance.share() < share,
        }
    }
}

/// Where in the life of a request something else happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before it is carried out.
    Before,
    /// When it is carried out, before it is answered.
    After,
}

/// Something a test does at such a moment.
pub type Act = Arc<dyn Fn() + Send + Sync>;

struct Hook {
    counted: Counted,
    moment: Moment,
    act: Act,
}

/// The faults of one system, in the order they were set; the first that strikes counts.
pub struct Script {
    rules: Vec<Rule>,
    hooks: Vec<Hook>,
    chance: Chance,
    next: u64,
}

impl Script {
    /// An empty script with its own chance.
    pub fn new(seed: u64) -> Script {
        Script { rules: Vec::new(), hooks: Vec::new(), chance: Chance::new(seed), next: 0 }
    }

    /// Adds a fault.
    pub fn set(&mut self, when: When, fault: Fault) -> FaultId {
        let id = FaultId(self.next);
        self.next += 1;
        self.rules.push(Rule { id, counted: Counted::new(when), fault, struck: 0 });
        id
    }

    /// Lifts one fault.
    pub fn lift(&mut self, id: FaultId) {
        self.rules.retain(|rule| rule.id != id);
    }

    /// Lifts all faults.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// How often a fault struck.
    pub fn struck(&self, id: FaultId) -> u64 {
        self.rules.iter().find(|rule| rule.id == id).map_or(0, |rule| rule.struck)
    }

    /// The fault for this request, if any.
    pub fn strike(&mut self, request: &Request) -> Option<Fault> {
        let mut struck = None;
        for rule in &mut self.rules {
            // Every rule counts, also the requests that another has struck.
            if rule.counted.strikes(request, &mut self.chance) && struck.is_none() {
                rule.struck += 1;
                struck = Some(rule.fault.clone());
            }
        }
        struck
    }

    /// Whether a request may be reset, which has to be known before it is read.
    pub fn may_reset(&self) -> bool {
        self.rules.iter().any(|rule| matches!(rule.fault, Fault::Reset))
    }

    /// Adds something to do at requests.
    pub fn hook(&mut self, when: When, moment: Moment, act: Act) {
        self.hooks.push(Hook { counted: Counted::new(when), moment, act });
    }

    /// Forgets everything that was to be done.
    pub fn unhook(&mut self) {
        self.hooks.clear();
    }

    /// What is to be done at this moment of this request.
    pub fn acts(&mut self, moment: Moment, request: &Request) -> Vec<Act> {
        let due = self.hooks.iter_mut().filter(|hook| hook.moment == moment);
        due.filter_map(|hook| {
            hook.counted.strikes(request, &mut self.chance).then(|| hook.act.clone())
        })
        .collect()
    }
}
