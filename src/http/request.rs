//! A request as a value: what is asked, and what asking twice would do.

use serde_json::Value;
use ureq::http::Method;

use super::{Class, percent_encode};
use crate::config::Secret;

/// One request to a server; sent by [`super::Server`].
#[derive(Debug, Clone)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) class: Class,
    pub(crate) body: Option<Payload>,
    pub(crate) bearer: Option<Secret>,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    pub(crate) once: bool,
    path: String,
    query: String,
}

/// What is sent along.
#[derive(Debug, Clone)]
pub(crate) struct Payload {
    pub(crate) content_type: String,
    pub(crate) bytes: Vec<u8>,
}

impl Request {
    fn new(method: Method, class: Class, path: impl Into<String>) -> Self {
        let (path, query) = (path.into(), String::new());
        Self {
            method,
            class,
            body: None,
            bearer: None,
            headers: Vec::new(),
            once: false,
            path,
            query,
        }
    }

    /// A read. `path` begins with a slash, its segments encoded.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, Class::Read, path)
    }

    /// A create, unless [`Request::class`] says otherwise.
    #[must_use]
    pub fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, Class::Create, path)
    }

    /// An idempotent write.
    #[must_use]
    pub fn put(path: impl Into<String>) -> Self {
        Self::new(Method::PUT, Class::IdempotentWrite, path)
    }

    /// An idempotent write.
    #[must_use]
    pub fn patch(path: impl Into<String>) -> Self {
        Self::new(Method::PATCH, Class::IdempotentWrite, path)
    }

    /// An idempotent write.
    #[must_use]
    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, Class::IdempotentWrite, path)
    }

    /// What asking twice would do, where the method does not tell.
    #[must_use]
    pub fn class(mut self, class: Class) -> Self {
        self.class = class;
        self
    }

    /// Never asked again: what comes the first time tells.
    #[must_use]
    pub fn once(mut self) -> Self {
        self.once = true;
        self
    }

    /// One more pair of the query; encoded here.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push(if self.query.is_empty() { '?' } else { '&' });
        self.query.push_str(name);
        self.query.push('=');
        self.query.push_str(&percent_encode(value));
        self
    }

    /// A JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string().into_bytes())
    }

    /// Another body.
    #[must_use]
    pub fn body(mut self, content_type: &str, bytes: Vec<u8>) -> Self {
        self.body = Some(Payload { content_type: content_type.to_owned(), bytes });
        self
    }

    /// `Authorization: Bearer`; never printed.
    #[must_use]
    pub fn bearer(mut self, token: &str) -> Self {
        self.bearer = Some(Secret::new(token));
        self
    }

    /// One more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Method and path, without the query: what errors and logs name.
    #[must_use]
    pub fn call(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The size of the body in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.body.as_ref().map_or(0, |body| body.bytes.len())
    }

    pub(crate) fn url(&self, base: &str) -> String {
        format!("{base}{}{}", self.path, self.query)
    }

    pub(crate) fn writes(&self) -> bool {
        self.class != Class::Read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_not_printed() {
        let printed = format!("{:?}", Request::get("/x").bearer("hunter2"));
        assert!(!printed.contains("hunter2"), "{printed}");
    }

    #[test]
    fn the_query_is_encoded_and_not_named_in_errors() {
        let request =
            Request::get("/api/x").query("since", "2026-01-01T00:00:00.000Z").query("n", "1");
        assert_eq!(
            request.url("http://h:1"),
            "http://h:1/api/x?since=2026-01-01T00%3A00%3A00.000Z&n=1"
        );
        assert_eq!(request.call(), "GET /api/x");
    }
}
