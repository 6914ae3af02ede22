//! The transactor over HTTP: `/api/v1/{call}/{workspace}`.

use serde_json::{Value, json};

use super::find::Question;
use super::gzip;
use super::limit::Verdict;
use super::system::{Platform, express, no_route};
use super::token::{Grant, granted};
use super::workspace::{ACCOUNT, BY_EMAIL, EMAIL, WORKSPACE};
use crate::support::huly::bridge::Inside;
use crate::support::huly::tracker::OURSELVES;
use crate::support::web::message::{Answer, Piece, Request};

/// Why a call was not carried out.
enum Refused {
    /// Status and words of the error.
    Failed(u16, String),
    Limited(Verdict),
    NoRoute,
}

impl From<String> for Refused {
    fn from(message: String) -> Refused {
        Refused::Failed(500, message)
    }
}

impl Platform {
    /// Any call to the transactor.
    pub fn transactor_call(&self, request: &Request) -> Answer {
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().skip(1).map(String::as_str).collect();
        let ["api", "v1", call, workspace] = segments.as_slice() else { return no_route(request) };
        let inside = &mut *self.inside.lock();
        let grant = match granted(request, &inside.workspace) {
            Ok(grant) => grant,
            Err(words) => return failed(500, words),
        };
        if grant == Grant::Login {
            return refused(403, &json!({"message": "Invalid workspace"}));
        }
        if *workspace != WORKSPACE {
            let body = json!({"message": "Invalid workspace", "workspace": WORKSPACE});
            return refused(403, &body);
        }
        if let Some(mode) = no_session(inside) {
            return refused(401, &json!({"message": "Failed to create session", "mode": mode}));
        }
        let verdict = inside.workspace.limiter.check();
        let done = match verdict.wait {
            Some(_) => Err(Refused::Limited(verdict)),
            None => inside.call(call, request),
        };
        let mut answer = match done {
            Ok(pieces) => Answer { pieces, ..express(200, &Value::Null) },
            Err(Refused::Failed(status, words)) => return failed(status, &words),
            Err(Refused::NoRoute) => return no_route(request),
            Err(Refused::Limited(_)) => {
                let error = json!({"severity": "ERROR", "code": "platform:status:UnknownError",
                    "params": {"message": "Rate limit"}});
                refused(429, &json!({"id": -1, "error": error}))
            }
        };
        if answer.status == 200 {
            kept_alive(&mut answer);
            gzip::compress(request, &mut answer);
        }
        limits(&mut answer, verdict, self.clock.now_ms());
        answer
    }
}

/// What stands in the way of a session, as it is told.
fn no_session(inside: &Inside) -> Option<String> {
    let mode = inside.workspace.mode.as_str();
    if inside.conditions.starting || !inside.conditions.connected {
        return Some("upgrading".to_owned());
    }
    match mode {
        "active" => None,
        "pending-upgrade" | "upgrading" | "creating" | "pending-creation" => {
            Some("upgrading".to_owned())
        }
        other if other.starts_with("migration") => Some("migration".to_owned()),
        other => Some(other.to_owned()),
    }
}

impl Inside {
    fn call(&mut self, call: &str, request: &Request) -> Result<Vec<Piece>, Refused> {
        let whole = |value: Value| vec![Piece::Own(value.to_string().into_bytes())];
        Ok(match (request.method.as_str(), call) {
            ("GET", "ping") => {
                let last = self.tracker.feed.all.last().map_or(Value::Null, |tx| tx["_id"].clone());
                let hash = format!("{:040x}", self.tracker.feed.all.len());
                whole(json!({"pong": true, "lastTx": last, "lastHash": hash}))
            }
            ("GET", "account") => whole(account()),
            ("GET", "generate-id") => whole(json!({"id": self.tracker.new_id()})),
            ("GET", "search-fulltext") => whole(json!({"docs": []})),
            ("GET", "find-all") => {
                let part = |name: &str| request.query(name).unwrap_or_else(|| "{}".to_owned());
                let options = part("options");
                let class = request.query("class").unwrap_or_default();
                let (query, text) = (json(part("query").as_bytes())?, request.target.clone());
                let text = format!("{options} {text}");
                let options = json(options.as_bytes())?;
                self.list(&Question { class, query, options, text }, true)?
            }
            ("POST", "find-all") => {
                let body = json(&request.body)?;
                let class = body["_class"].as_str().unwrap_or("").to_owned();
                let text = String::from_utf8_lossy(&request.body).into_owned();
                let (query, options) = (body["query"].clone(), body["options"].clone());
                self.list(&Question { class, query, options, text }, false)?
            }
            ("POST", "tx") => whole(self.transact(&json(&request.body)?)?),
            _ => return Err(Refused::NoRoute),
        })
    }

    fn list(&mut self, question: &Question, by_get: bool) -> Result<Vec<Piece>, Refused> {
        match self.find_all(question) {
            Ok(list) => Ok(vec![Piece::Shared(list)]),
            Err(refusal) if refusal.unknown_class && by_get => {
                let words = "Invalid class name is passed. Failed to findAll.";
                Err(Refused::Failed(404, words.to_owned()))
            }
            Err(refusal) => Err(Refused::Failed(500, refusal.message)),
        }
    }
}

/// Reads a body; one that is compressed is no JSON to the server.
fn json(body: &[u8]) -> Result<Value, String> {
    match body {
        [] => Ok(json!({})),
        [0x1f, 0x8b, ..] => {
            Err("Unexpected token '\u{1f}', \"\u{1f}\u{fffd}\"... is not valid JSON".to_owned())
        }
        body => serde_json::from_slice(body).map_err(|e| format!("Unexpected token in JSON: {e}")),
    }
}

fn account() -> Value {
    let social = |id: &str, kind: &str, value: &str| {
        json!({"type": kind, "value": value, "key": format!("{kind}:{value}"),
            "personUuid": ACCOUNT, "createdOn": 1_795_422_749_965_i64,
            "verifiedOn": 1_795_422_749_976_i64, "_id": id, "isDeleted": false,
            "displayValue": null})
    };
    let full = [social(BY_EMAIL, "email", EMAIL), social(OURSELVES, "huly", ACCOUNT)];
    json!({"uuid": ACCOUNT, "socialIds": [BY_EMAIL, OURSELVES], "primarySocialId": OURSELVES,
        "fullSocialIds": full, "role": "OWNER"})
}

fn refused(status: u16, body: &Value) -> Answer {
    let mut answer = Answer { content_type: "application/json", ..express(status, body) };
    kept_alive(&mut answer);
    answer
}

fn failed(status: u16, words: &str) -> Answer {
    refused(status, &json!({"message": "Failed to execute operation", "error": words}))
}

fn kept_alive(answer: &mut Answer) {
    answer.headers.push(("keep-alive", "timeout=5, max=1000".to_owned()));
    answer.headers.push(("Cache-Control", "no-cache".to_owned()));
}

/// The limiter's headers, which ask even a client that was served to wait for a second.
fn limits(answer: &mut Answer, verdict: Verdict, now_ms: i64) {
    let wait_ms = verdict.wait.map(|wait| wait.as_millis() as u64);
    let seconds = wait_ms.map_or(1, |ms| ((ms + 500) / 1000).max(1));
    let reset = now_ms + verdict.reset.as_millis() as i64;
    for (name, value) in [
        ("Retry-After", seconds.to_string()),
        ("Retry-After-ms", wait_ms.unwrap_or(1000).to_string()),
        ("X-RateLimit-Limit", verdict.limit.to_string()),
        ("X-RateLimit-Remaining", verdict.remaining.to_string()),
        ("X-RateLimit-Reset", reset.to_string()),
    ] {
        answer.headers.push((name, value));
    }
}
