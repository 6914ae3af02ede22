//! Reads ids and bodies as Vibe Kanban's web framework does, down to its words.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};

use super::board::STATUSES;
use crate::support::web::message::{Answer, Request};

/// Largest body.
const BODY_LIMIT: usize = 2 << 20;

/// A UUID, kept as the server would write it.
#[derive(Clone, Debug)]
pub struct Uuid(pub String);

impl<'de> Deserialize<'de> for Uuid {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Uuid, D::Error> {
        parse_uuid(&String::deserialize(input)?).map(Uuid).map_err(de::Error::custom)
    }
}

/// Reads a UUID with or without hyphens; the error is in the words of the `uuid` crate.
pub fn parse_uuid(text: &str) -> Result<String, String> {
    let plain = text.strip_prefix("urn:uuid:").unwrap_or(text);
    let stranger = plain.char_indices().find(|(_, c)| !c.is_ascii_hexdigit() && *c != '-');
    if let Some((at, stranger)) = stranger {
        return Err(format!(
            "UUID parsing failed: invalid character: expected an optional prefix of \
             `urn:uuid:` followed by [0-9a-fA-F-], found `{stranger}` at {}",
            at + 1
        ));
    }
    let digits: String = plain.chars().filter(|c| *c != '-').collect();
    if digits.len() != 32 {
        let found = digits.len();
        return Err(format!(
            "UUID parsing failed: invalid length: expected length 32 for simple format, \
             found {found}"
        ));
    }
    let d = digits.to_ascii_lowercase();
    let parts = [&d[..8], &d[8..12], &d[12..16], &d[16..20], &d[20..]];
    Ok(parts.join("-"))
}

/// One of the five statuses.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Todo,
    InProgress,
    InReview,
    Done,
    Cancelled,
}

impl Status {
    /// As stored.
    pub fn name(self) -> &'static str {
        STATUSES[self as usize]
    }
}

/// An extractor's refusal: plain text.
pub fn refusal(status: u16, text: &str) -> Answer {
    Answer::new(status, "text/plain; charset=utf-8", text)
}

/// Reads a JSON body, or gives the refusal.
pub fn body<T: DeserializeOwned>(request: &Request) -> Result<T, Answer> {
    let kind = request.header("content-type").unwrap_or("");
    let essence = kind.split(';').next().unwrap_or("").trim();
    if !(essence == "application/json" || essence.ends_with("+json")) {
        return Err(refusal(415, "Expected request with `Content-Type: application/json`"));
    }
    if request.body.len() > BODY_LIMIT {
        return Err(refusal(413, "Failed to buffer the request body: length limit exceeded"));
    }
    serde_json::from_slice(&request.body).map_err(|error| {
        let (status, what) = match error.is_data() {
            true => (422, "Failed to deserialize the JSON body into the target type"),
            false => (400, "Failed to parse the request body as JSON"),
        };
        let place = match error.is_data() {
            true => wrong_field::<T>(&request.body),
            false => last_key(&request.body),
        };
        let place = place.map(|field| format!("{field}: ")).unwrap_or_default();
        refusal(status, &format!("{what}: {place}{error}"))
    })
}

/// The field whose value alone makes the body unfit, if one does.
fn wrong_field<T: DeserializeOwned>(body: &[u8]) -> Option<String> {
    let fields: Map<String, Value> = serde_json::from_slice(body).ok()?;
    let whole = serde_json::from_slice::<T>(body).err()?.to_string();
    let message = whole.split(" at line ").next()?;
    if message.starts_with("missing field") {
        return None;
    }
    fields.keys().find_map(|name| {
        // Without this field the complaint is another one (or none).
        let mut rest = fields.clone();
        rest.remove(name);
        let complaint = serde_json::from_value::<T>(Value::Object(rest)).err();
        complaint.is_none_or(|c| c.to_string() != message).then(|| name.clone())
    })
}

/// The key whose value was being read where the text breaks off.
fn last_key(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let (before, _) = text.rsplit_once("\":")?;
    Some(before.rsplit_once('"')?.1.to_owned())
}
