//! Headers for every request to a system: what a proxy in front of it asks for.

use ureq::http::{HeaderName, HeaderValue};

use super::values::{Codec, HIDDEN};
use super::{Config, Problem, huly};

/// Names and values; the values are secrets.
#[derive(Debug, Clone, Default)]
pub struct Headers(Vec<(HeaderName, HeaderValue)>);

/// `[huly.headers]`, `[vibe.headers]`, `[letta.headers]`
#[derive(Debug, Clone, Default)]
pub struct OfSystems {
    /// For all of Huly's services, or its bridge.
    pub huly: Headers,
    /// For Vibe Kanban.
    pub vibe: Headers,
    /// For Letta.
    pub letta: Headers,
}

impl Headers {
    /// All of them. The values are marked as sensitive, so that nothing prints them.
    pub fn iter(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    fn has(&self, wanted: &str) -> bool {
        self.0.iter().any(|(name, _)| name == wanted)
    }
}

/// `Name: value`, one a line.
pub(super) const HEADERS: Codec<Headers> = Codec { read, show };

/// Set by the client, or by HTTP itself: another value would break the exchange.
const OURS: [&str; 18] = [
    "accept",
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-bare-password",
    "x-stainless-package-version",
];

/// No value is repeated in an error, nor what may be one.
fn read(text: &str) -> Result<Headers, String> {
    let mut headers = Headers::default();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let number = index + 1;
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| format!("line {number} is no header: write Name: value"))?;
        let name: HeaderName = name
            .trim()
            .parse()
            .map_err(|_| format!("line {number} begins with what is no name of a header"))?;
        let value = value.trim();
        if value.is_empty() {
            return Err(format!("{name} has no value"));
        }
        let is_plain = |value: &HeaderValue| value.to_str().is_ok();
        let mut value = HeaderValue::from_str(value)
            .ok()
            .filter(is_plain)
            .ok_or_else(|| format!("the value of {name} is more than visible ASCII in one line"))?;
        value.set_sensitive(true);
        check(&name)?;
        if headers.has(name.as_str()) {
            return Err(format!("{name} comes twice"));
        }
        headers.0.push((name, value));
    }
    if headers.0.is_empty() {
        return Err("no header: write Name: value".to_owned());
    }
    Ok(headers)
}

fn check(name: &HeaderName) -> Result<(), String> {
    if name == "proxy-authorization" {
        return Err(format!(
            "{name} is for the proxy of http.proxy: write user:password into its address"
        ));
    }
    if OURS.contains(&name.as_str()) || name.as_str().starts_with("if-") {
        return Err(format!("{name} is not to be set: requests have their own"));
    }
    Ok(())
}

fn show(headers: &Headers) -> String {
    let lines: Vec<String> =
        headers.0.iter().map(|(name, _)| format!("{name}: {HIDDEN}")).collect();
    lines.join("\n")
}

/// A table of the file as lines; a line break in it would smuggle in a header.
pub(super) fn lines(pairs: &[(&str, &str)]) -> Result<String, String> {
    let mut text = String::new();
    for (name, value) in pairs {
        if [name, value].iter().any(|part| part.contains(char::is_control)) || name.contains(':') {
            return Err("a header is one line: write Name = \"value\"".to_owned());
        }
        text.push_str(name);
        text.push_str(": ");
        text.push_str(value);
        text.push('\n');
    }
    Ok(text)
}

/// One `Authorization` a request: where the client has one, another cannot go along.
pub(super) fn check_authorization(config: &Config) -> Vec<Problem> {
    let of = |key: &str, what: &str| Problem {
        key: key.to_owned(),
        origin: config.origin(key).clone(),
        what: format!("authorization is taken: {what}"),
    };
    let headers = &config.http.headers;
    let mut problems = Vec::new();
    if headers.huly.has("authorization") && huly::is_platform(&config.huly) {
        problems.push(of(
            "huly.headers",
            "Huly's own token goes there; let the proxy take another header",
        ));
    }
    if headers.letta.has("authorization") && config.letta.password.is_some() {
        problems.push(of("letta.headers", "letta.password goes there; take one of the two away"));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_by_line_and_shown_without_values() {
        let headers =
            read("CF-Access-Client-Id: x.y\r\n\n cf-access-client-secret :hunter2\n").unwrap();
        let sent: Vec<_> = headers.iter().map(|(n, v)| (n.as_str(), v.to_str().unwrap())).collect();
        assert_eq!(sent, [("cf-access-client-id", "x.y"), ("cf-access-client-secret", "hunter2")]);
        assert_eq!(show(&headers), "cf-access-client-id: ***\ncf-access-client-secret: ***");
        assert!(!format!("{headers:?}").contains("hunter2"));
    }

    #[test]
    fn what_is_no_header_or_not_to_be_set_is_refused_without_its_value() {
        for (text, said) in [
            ("", "no header"),
            ("hunter2", "line 1 is no header"),
            ("A: b\nhunter2", "line 2 is no header"),
            ("hunter2 x: y", "line 1 begins with"),
            ("A:", "a has no value"),
            ("A: hunter2\u{7}", "the value of a is more"),
            ("A: hünter2", "the value of a is more"),
            ("A: hunter2\na: hunter2", "a comes twice"),
            ("Host: hunter2", "host is not to be set"),
            ("Content-Length: 2", "content-length is not"),
            ("Transfer-Encoding: x", "transfer-encoding is not"),
            ("Connection: close", "connection is not"),
            ("Content-Type: x", "content-type is not"),
            ("Accept-Encoding: gzip", "accept-encoding is not"),
            ("If-Match: x", "if-match is not"),
            ("Proxy-Authorization: hunter2", "proxy-authorization is for the proxy"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(said), "{text:?}: {error}");
            assert!(!error.contains("hunter2") && !error.contains("hünter2"), "{error}");
        }
    }

    #[test]
    fn no_line_break_smuggles_a_header_in() {
        assert_eq!(lines(&[("A", "b"), ("C", "d: e")]).unwrap(), "A: b\nC: d: e\n");
        for pair in [("A", "b\nEvil: c"), ("A", "b\rc"), ("A\nEvil", "b"), ("A: b", "c")] {
            lines(&[pair]).unwrap_err();
        }
    }
}
