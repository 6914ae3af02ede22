//! The plainest HTTP client: one request, one connection, the answer as it came.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// An answer as it came over the wire.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON, null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// Asks with a JSON body, or a string as it is; an error if no whole head of an answer came.
pub fn ask(url: &str, method: &str, path: &str, body: Option<&Value>) -> io::Result<Reply> {
    let kind = body.map(|_| "application/json");
    let body = match body {
        Some(Value::String(text)) => text.clone(),
        Some(json) => json.to_string(),
        None => String::new(),
    };
    ask_raw(url, method, path, kind, body.as_bytes(), Duration::from_secs(5))
}

/// Asks with any body and content type.
pub fn ask_raw(
    url: &str,
    method: &str,
    path: &str,
    content_type: Option<&str>,
    body: &[u8],
    time_out: Duration,
) -> io::Result<Reply> {
    let kind: Vec<(&str, &str)> =
        content_type.map(|kind| ("content-type", kind)).into_iter().collect();
    ask_with(url, method, path, &kind, body, time_out)
}

/// Asks with any headers and body; a body without a type is not sent.
pub fn ask_with(
    url: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
    time_out: Duration,
) -> io::Result<Reply> {
    let host = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(time_out))?;
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    if headers.iter().any(|(name, _)| *name == "content-type") {
        head += &format!("content-length: {}\r\n", body.len());
    }
    head += "\r\n";
    stream.write_all(&[head.as_bytes(), body].concat())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let ended = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let split = answer.windows(4).position(|w| w == b"\r\n\r\n").ok_or_else(ended)?;
    let head = String::from_utf8_lossy(&answer[..split]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().and_then(|l| l.split(' ').nth(1)?.parse().ok()).ok_or_else(ended)?;
    let header = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        Some((name.to_ascii_lowercase(), value.to_owned()))
    };
    let headers = lines.filter_map(header).collect();
    Ok(Reply { status, headers, body: answer[split + 4..].to_vec() })
}
