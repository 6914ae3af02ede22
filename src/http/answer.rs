//! What a server answered, read to its end.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::http::{HeaderMap, header};

use super::{Class, Error, Host, Kind, Result};
use crate::model::Millis;

/// What a web page in place of an answer means.
pub(crate) const WEB_PAGE: &str = "unsupported version or wrong URL: answered a web page";

/// How much of a server's own words is kept.
const MESSAGE_CHARS: usize = 300;

/// The longest that a server is believed to mean by `Retry-After`.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What kind of body came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// `application/json`, whatever follows.
    Json,
    /// A web page.
    Html,
    /// Anything else, or nothing.
    Other,
}

/// A final answer: a success that is JSON, or a 4xx.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status line's number.
    pub status: u16,
    /// What kind of body came.
    pub content: Content,
    /// The body, whole (4xx: at most its first 64 kB).
    pub body: Vec<u8>,
    /// The server's time, from `Date`.
    pub time: Option<Millis>,
    pub(crate) host: Host,
    pub(crate) call: String,
    pub(crate) class: Class,
}

impl Answer {
    /// The same if it is a success.
    ///
    /// # Errors
    /// The error that a 4xx means.
    pub fn ok(self) -> Result<Self> {
        if self.status < 300 { Ok(self) } else { Err(self.error()) }
    }

    /// The body as JSON of this shape, whatever the status.
    ///
    /// # Errors
    /// Protocol: another shape. A write that was answered so was carried out, as likely as not.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|error| Error {
            status: Some(self.status),
            ambiguous: self.class != Class::Read && self.status < 300,
            ..Error::new(Kind::Protocol, self.host, &self.call, format!("unknown shape: {error}"))
        })
    }

    /// What this answer means when it is no success.
    #[must_use]
    pub fn error(&self) -> Error {
        let kind = match (self.status, self.content) {
            // Both servers answer routes that they do not know with a page, and things that
            // they do not know with JSON or nothing.
            (404, Content::Html) => Kind::Protocol,
            (status, _) => Kind::of_status(status),
        };
        Error {
            status: Some(self.status),
            ..Error::new(kind, self.host, &self.call, self.message())
        }
    }

    /// The server's own words, cut to a line.
    #[must_use]
    pub fn message(&self) -> String {
        match self.content {
            // Under other errors a page is only the dress that frameworks and proxies give them.
            Content::Html if matches!(self.status, 200..=299 | 404 | 405) => WEB_PAGE.to_owned(),
            Content::Html => String::new(),
            Content::Json => json_message(&self.body),
            Content::Other => first_line(&String::from_utf8_lossy(&self.body)),
        }
    }
}

fn json_message(body: &[u8]) -> String {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return "broken JSON".to_owned();
    };
    ["error", "message", "detail"]
        .iter()
        .find_map(|key| value.get(key).filter(|value| !value.is_null()))
        .map(|words| words.as_str().map_or_else(|| first_line(&words.to_string()), first_line))
        .unwrap_or_default()
}

fn first_line(text: &str) -> String {
    text.trim().lines().next().unwrap_or_default().chars().take(MESSAGE_CHARS).collect()
}

impl Content {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let kind = text(headers, &header::CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
        if kind.starts_with("application/json") {
            Self::Json
        } else if kind.contains("html") {
            Self::Html
        } else {
            Self::Other
        }
    }
}

/// `Date` in epoch milliseconds.
pub(crate) fn server_time(headers: &HeaderMap) -> Option<Millis> {
    let date = httpdate::parse_http_date(text(headers, &header::DATE)?).ok()?;
    let since = date.duration_since(std::time::UNIX_EPOCH).ok()?;
    Millis::try_from(since.as_millis()).ok()
}

/// `X-RateLimit-Remaining`, and of how many (`X-RateLimit-Limit`).
pub(crate) fn calls_left(headers: &HeaderMap) -> Option<(u32, u32)> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u32>().ok();
    Some((number("x-ratelimit-remaining")?, number("x-ratelimit-limit")?))
}

/// `Retry-After` in either form; a date is measured by the server's own clock where it told it.
/// `Retry-After-ms` says it more closely. At most a day: anything can be written there, and times
/// are added up later.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    asked_wait(headers).map(|wait| wait.min(DAY))
}

fn asked_wait(headers: &HeaderMap) -> Option<Duration> {
    if let Some(closer) = headers.get("retry-after-ms").and_then(|value| value.to_str().ok())
        && let Ok(ms) = closer.trim().parse()
    {
        return Some(Duration::from_millis(ms));
    }
    let value = text(headers, &header::RETRY_AFTER)?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number can have mean very long, too.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let now = text(headers, &header::DATE)
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .unwrap_or_else(std::time::SystemTime::now);
    Some(until.duration_since(now).unwrap_or_default())
}

fn text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
        pairs.collect()
    }

    #[test]
    fn retry_after_comes_in_two_forms() {
        let seconds = headers(&[(header::RETRY_AFTER, "7")]);
        assert_eq!(retry_after(&seconds), Some(Duration::from_secs(7)));
        let date = headers(&[
            (header::DATE, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (header::RETRY_AFTER, "Sun, 06 Nov 1994 08:49:57 GMT"),
        ]);
        assert_eq!(retry_after(&date), Some(Duration::from_secs(20)));
        assert_eq!(retry_after(&headers(&[(header::RETRY_AFTER, "soon")])), None);
        assert_eq!(server_time(&date), Some(784_111_777_000));
    }

    #[test]
    fn no_retry_after_is_longer_than_a_day() {
        let most = u64::MAX.to_string();
        let date = "Fri, 31 Dec 9999 23:59:59 GMT";
        for asked in ["86401", &most, "99999999999999999999999999", date] {
            assert_eq!(
                retry_after(&headers(&[(header::RETRY_AFTER, asked)])),
                Some(DAY),
                "{asked}"
            );
        }
        let ms = header::HeaderName::from_static("retry-after-ms");
        assert_eq!(retry_after(&headers(&[(ms, &most)])), Some(DAY));
        assert_eq!(retry_after(&headers(&[(header::RETRY_AFTER, "-1")])), None);
    }

    #[test]
    fn a_message_is_the_servers_own_words_on_one_line() {
        let answer = |content, body: &str| Answer {
            status: 404,
            content,
            body: body.as_bytes().to_vec(),
            time: None,
            host: Host::Vibe,
            call: "GET /x".to_owned(),
            class: Class::Read,
        };
        assert_eq!(answer(Content::Json, r#"{"error":"no\nway"}"#).message(), "no");
        assert_eq!(answer(Content::Json, r#"{"error":null,"message":"m"}"#).message(), "m");
        assert_eq!(answer(Content::Other, "bad\nuuid").message(), "bad");
        assert_eq!(answer(Content::Html, "<html>").message(), WEB_PAGE);
    }
}
