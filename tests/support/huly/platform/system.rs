//! The platform behind one port: which service a request is for, and what all of them share.

use std::sync::Arc;

use serde_json::Value;

use crate::support::clock::Clock;
use crate::support::huly::bridge::Inside;
use crate::support::huly::gate::Gate;
use crate::support::sync::Guarded;
use crate::support::web::message::{Answer, Request};
use crate::support::web::server::System;
use crate::support::web::service::Service;

/// Bytes before a body at which Node gives up.
const HEAD_LIMIT: usize = 16 << 10;

/// The platform.
pub struct Platform {
    pub inside: Arc<Guarded<Inside>>,
    pub gate: Arc<Gate>,
    pub clock: Arc<Clock>,
}

impl System for Platform {
    fn answer(&self, request: &Request) -> Option<Answer> {
        if request.head_length() > HEAD_LIMIT {
            return Some(Answer::new(431, "", ""));
        }
        let _pass = self.gate.pass()?;
        Some(match request.service() {
            Some(Service::Front) => self.configuration(request),
            Some(Service::Files) => self.file(request),
            Some(Service::Account) => self.account_call(request),
            Some(Service::Transactor) => self.transactor_call(request),
            Some(Service::Collaborator) => self.collaborator_call(request),
            // The front gives its one page for every path that it does not know.
            None => self.web_page(),
        })
    }

    fn web_page(&self) -> Answer {
        let page = "<!DOCTYPE html><html><head><title>Platform</title></head>\
                    <body><script defer src=\"/bundle.js\"></script></body></html>";
        Answer::new(200, "text/html; charset=UTF-8", page)
    }

    fn stop(&self) {
        self.gate.end();
    }
}

/// An Express answer with a JSON body.
pub fn express(status: u16, body: &Value) -> Answer {
    let mut answer = Answer::new(status, "application/json; charset=utf-8", body.to_string());
    answer.headers.push(("X-Powered-By", "Express".to_owned()));
    answer.headers.push(("Access-Control-Allow-Origin", "*".to_owned()));
    answer
}

/// What Express says of a path that it has no route for.
pub fn no_route(request: &Request) -> Answer {
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>Error</title>\n</head>\n<body>\n<pre>Cannot {} {}</pre>\n</body>\n</html>\n",
        request.method,
        request.path().replace('<', "&lt;")
    );
    Answer::new(404, "text/html; charset=utf-8", page)
}
