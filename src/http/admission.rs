//! Whose fault a write is that was answered 401 or 403: that of the credentials, or its own.
//!
//! Both are answered alike: a firewall that dislikes a text, a project that the account may not change,
//! a token that has expired. Reads tell them apart.

use std::sync::{Mutex, PoisonError};

use super::server::Server;
use super::{Error, Kind, Request, Result};

/// What a refused write's answer says beside the server's own words.
const LET_IN: &str = "this write is refused, reads with the same credentials are not";

/// A read that is let in as long as the credentials are good. What it has told holds for the pass.
#[derive(Debug)]
pub(crate) struct Admission {
    server: Server,
    read: Request,
    /// Whether it was let in after a write had been refused.
    let_in: Mutex<Option<bool>>,
}

/// What the read tells of the write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// The credentials are good.
    LetIn,
    /// They are not.
    Refused,
    /// The read came to nothing, in this way.
    Unknown(Kind),
}

impl Admission {
    pub(crate) fn new(server: Server, read: Request) -> Self {
        Self { server, read, let_in: Mutex::default() }
    }

    /// The refusal of a write, by what it means.
    pub(crate) fn judge(&self, refused: Error) -> Error {
        // Held while it is asked: other refused writes want to know the same.
        let mut let_in = self.let_in.lock().unwrap_or_else(PoisonError::into_inner);
        if let_in.is_none() {
            match verdict(self.server.ask(&self.read).map(|answer| answer.status)) {
                Verdict::LetIn => *let_in = Some(true),
                Verdict::Refused => *let_in = Some(false),
                Verdict::Unknown(kind) => return Error { kind, ..refused },
            }
        }
        if *let_in == Some(false) {
            return refused;
        }
        let words = if refused.message.is_empty() { "" } else { "; " };
        let message = format!("{}{words}{LET_IN}", refused.message);
        Error { kind: Kind::Invalid, message, ..refused }
    }
}

fn verdict(read: Result<u16>) -> Verdict {
    match read {
        Ok(..=299) => Verdict::LetIn,
        Ok(_) => Verdict::Refused,
        Err(error) => match error.kind {
            Kind::Offline | Kind::Throttled | Kind::Server | Kind::Stopped | Kind::Local => {
                Verdict::Unknown(error.kind)
            }
            // A login page among them.
            _ => Verdict::Refused,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::scripted::{Scripted, answer, html, http, json};
    use crate::http::{Host, Limits};
    use crate::stop::Stop;

    fn server(scripted: &Scripted) -> Server {
        let http = http(&Stop::new(None));
        Server::new(&http, Host::Vibe, &scripted.url, Limits::default())
            .judged_by(Request::get("/all"))
    }

    fn write(server: &Server) -> Error {
        let request = Request::put("/one").json(&serde_json::json!({}));
        server.ask(&request).and_then(super::super::Answer::ok).unwrap_err()
    }

    #[test]
    fn a_write_that_alone_is_refused_is_refused_for_itself_and_asked_about_once() {
        for code in [401, 403] {
            let scripted = Scripted::serve(move |seen| match seen.line.as_str() {
                "GET /all" => json(200, "[]"),
                _ => answer(code, "Content-Type: text/plain\r\n", "Blocked by rule 941100"),
            });
            let server = server(&scripted);
            for _ in 0..2 {
                let error = write(&server);
                assert_eq!((error.kind, error.status), (Kind::Invalid, Some(code)));
                assert!(error.message.starts_with("Blocked by rule 941100; this write"), "{error}");
            }
            assert_eq!(scripted.lines(), ["PUT /one", "GET /all", "PUT /one"]);
        }
    }

    #[test]
    fn credentials_that_no_read_is_let_in_with_are_refused() {
        for read in [json(401, "{}"), json(403, "{}"), json(404, "{}"), html(200)] {
            let scripted = Scripted::serve(move |seen| match seen.line.as_str() {
                "GET /all" => read.clone(),
                _ => json(403, "{}"),
            });
            assert_eq!(write(&server(&scripted)).kind, Kind::Auth);
        }
    }

    #[test]
    fn a_read_that_fails_tells_nothing_and_is_asked_again() {
        let away = json(503, r#"{"error":"later"}"#);
        let mut reads = 0;
        let scripted = Scripted::serve(move |seen| match seen.line.as_str() {
            "GET /all" => {
                reads += 1;
                if reads <= 4 { away.clone() } else { json(200, "[]") }
            }
            _ => json(403, "{}"),
        });
        let server = server(&scripted);
        assert_eq!(write(&server).kind, Kind::Offline);
        assert_eq!(write(&server).kind, Kind::Invalid);
    }

    #[test]
    fn other_refusals_and_reads_are_not_asked_about() {
        let scripted = Scripted::serve(|_| json(400, "{}"));
        assert_eq!(write(&server(&scripted)).kind, Kind::Invalid);
        assert_eq!(scripted.lines(), ["PUT /one"]);
        let scripted = Scripted::serve(|_| json(403, "{}"));
        let read = server(&scripted).ask(&Request::get("/one")).unwrap().ok();
        assert_eq!(read.unwrap_err().kind, Kind::Auth);
        assert_eq!(scripted.lines(), ["GET /one"]);
    }
}
