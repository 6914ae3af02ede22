//! Requests as they arrive and answers as they leave.

use std::io::{self, BufRead, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::SystemTime;

use serde_json::Value;

use super::service::Service;

/// Largest body that is read into memory; both real servers stop far below.
const BODY_CAP: u64 = 64 << 20;
/// Answers up to this size leave in one write.
const ONE_WRITE: usize = 64 << 10;

/// One request, read to the end of its body.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    pub body: Vec<u8>,
    headers: Vec<(String, String)>,
}

impl Request {
    /// The path without its query, still percent-encoded.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or("")
    }

    /// The segments of the path, percent-decoded.
    pub fn segments(&self) -> Vec<String> {
        let path = self.path().trim_matches('/');
        if path.is_empty() {
            return Vec::new();
        }
        path.split('/').map(|s| percent_decoded(s, false)).collect()
    }

    /// The first value of a query parameter, decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (percent_decoded(key, true) == name).then(|| percent_decoded(value, true))
        })
    }

    /// All values of a query parameter, decoded.
    pub fn queries(&self, name: &str) -> Vec<String> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        pairs
            .filter(|(key, _)| percent_decoded(key, true) == name)
            .map(|(_, value)| percent_decoded(value, true))
            .collect()
    }

    /// All headers; the names in lower case.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// A header's value; the name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Whether the request can change anything: all but reads, and many reads are POSTs: the
    /// bridge's bulk read, and most that is asked of the platform.
    pub fn is_write(&self) -> bool {
        let reads = ["GET", "HEAD", "OPTIONS"].contains(&self.method.as_str());
        let bulk_read = self.method == "POST" && self.path() == "/api/issues/bulk-by-projects";
        let by_service = || self.service().is_none_or(|s| s.writes(self.path(), &self.body));
        !reads && !bulk_read && by_service()
    }

    /// The service of the platform that the path names.
    pub fn service(&self) -> Option<Service> {
        Service::of(self.path())
    }

    /// Bytes before the body, about as Node counts them.
    pub fn head_length(&self) -> usize {
        let line = self.method.len() + self.target.len() + 12;
        line + self.headers.iter().map(|(n, v)| n.len() + v.len() + 4).sum::<usize>()
    }

    /// Whether the client wants the connection closed after the answer.
    pub fn wants_close(&self) -> bool {
        self.header("connection").is_some_and(|v| v.eq_ignore_ascii_case("close"))
    }
}

/// Reads one request; `None` when the client is done with the connection.
/// A client that waits for a "100 Continue" gets it through `stream`.
pub fn read_request(
    reader: &mut impl BufRead,
    stream: Option<&TcpStream>,
) -> io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    whole(&line)?;
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "no request line"));
    };
    let (method, target) = (method.to_owned(), target.to_owned());
    let mut headers = Vec::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        whole(&line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut request = Request { method, target, body: Vec::new(), headers };
    if let Some(mut stream) = stream.filter(|_| request.header("expect").is_some()) {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    if request.header("transfer-encoding").is_some_and(|v| v.contains("chunked")) {
        request.body = read_chunks(reader)?;
    } else if let Some(length) = request.header("content-length").and_then(|v| v.parse().ok()) {
        reader.take(BODY_CAP.min(length)).read_to_end(&mut request.body)?;
        if (request.body.len() as u64) < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(Some(request))
}

/// A line that was cut off means nothing yet.
fn whole(line: &str) -> io::Result<()> {
    if line.ends_with('\n') { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn read_chunks(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        whole(&line)?;
        let size = line.trim().split(';').next().unwrap_or("");
        let size = u64::from_str_radix(size, 16)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "chunk size"))?;
        if size > 0 && reader.take(size).read_to_end(&mut body)? as u64 != size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        line.clear();
        reader.read_line(&mut line)?;
        whole(&line)?;
        if size == 0 {
            return Ok(body);
        }
    }
}

fn percent_decoded(text: &str, plus_is_space: bool) -> String {
    let hex = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let coded = (bytes[at] == b'%').then(|| bytes.get(at + 1..at + 3)).flatten().and_then(hex);
        match (bytes[at], coded) {
            (_, Some(byte)) => out.push(byte),
            (b'+', _) if plus_is_space => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        at += if coded.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A piece of an answer's body: made for it, or shared with a cache.
#[derive(Clone, Debug)]
pub enum Piece {
    Own(Vec<u8>),
    Shared(Arc<Vec<u8>>),
}

impl Piece {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Piece::Own(bytes) => bytes,
            Piece::Shared(bytes) => bytes,
        }
    }
}

/// An answer, before a fault may spoil it.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub content_type: &'static str,
    pub headers: Vec<(&'static str, String)>,
    pub pieces: Vec<Piece>,
}

impl Answer {
    /// An answer with a body of the given type; an empty type sends no `content-type`.
    pub fn new(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Answer {
        let pieces = vec![Piece::Own(body.into())];
        Answer { status, content_type, headers: Vec::new(), pieces }
    }

    /// The body's length in bytes.
    pub fn length(&self) -> usize {
        self.pieces.iter().map(|p| p.bytes().len()).sum()
    }

    /// The body in one piece.
    pub fn body(&self) -> Vec<u8> {
        self.pieces.iter().flat_map(|p| p.bytes().iter().copied()).collect()
    }

    /// Status line and headers, for a body said to have `length` bytes.
    pub fn head(&self, length: usize, now: SystemTime, close: bool) -> Vec<u8> {
        let mut head = format!(
            "HTTP/1.1 {} {}\r\ndate: {}\r\ncontent-length: {length}\r\n",
            self.status,
            reason(self.status),
            httpdate::fmt_http_date(now),
        );
        if !self.content_type.is_empty() {
            head += &format!("content-type: {}\r\n", self.content_type);
        }
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += if close { "connection: close\r\n\r\n" } else { "\r\n" };
        head.into_bytes()
    }

    /// Writes the whole answer; returns the bytes sent.
    pub fn write(&self, mut stream: &TcpStream, now: SystemTime, close: bool) -> io::Result<u64> {
        let length = self.length();
        let mut out = self.head(length, now, close);
        let sent = (out.len() + length) as u64;
        for piece in &self.pieces {
            if out.len() + piece.bytes().len() <= ONE_WRITE {
                out.extend_from_slice(piece.bytes());
                continue;
            }
            if !out.is_empty() {
                stream.write_all(&out)?;
                out.clear();
            }
            stream.write_all(piece.bytes())?;
        }
        if !out.is_empty() {
            stream.write_all(&out)?;
        }
        Ok(sent)
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        413 => "Payload Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Other",
    }
}

/// The body as JSON, if it is.
pub fn json_of(body: &[u8]) -> Option<Value> {
    serde_json::from_slice(body).ok()
}
