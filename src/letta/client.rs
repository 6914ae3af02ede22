//! Letta's REST API, as 0.16.8 has it. Roots of collections end in a slash, nothing else does: the
//! wrong form is answered with a way to somewhere else.

use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::json;

use super::name::{self, TAG};
use super::version::Version;
use super::wire::{Agent, Block, Folder, Health, NewAgent, NewBlock};
use crate::config::{self, Secret};
use crate::http::{
    Class, Error, Host, Http, Kind, Limits, Listed, Request, Result, Server, percent_encode,
};

/// Agents of one page, with all their blocks: about 50 kB each.
pub(super) const PAGE: usize = 100;

/// Calls a second; there to be held when the server says that it is too much.
const RATE: u32 = 100;

/// A Letta server. All calls block; all may be called from many threads.
#[derive(Debug, Clone)]
pub struct Client {
    server: Server,
    http: Http,
    password: Option<Secret>,
}

/// How a block is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Way<'a> {
    /// By its id.
    Id(&'a str),
    /// By its label in this agent's memory.
    Label(&'a str, &'a str),
}

impl Client {
    /// `base` is the URL without `/v1`. No request is sent.
    #[must_use]
    pub fn new(config: &config::Letta, base: &str, http: &Http) -> Self {
        let mut http = http.clone();
        // Letta's own calls may take a minute: giving up earlier would leave them undecided.
        http.limits.call_timeout = config.timeout;
        http.limits.list_timeout = config.timeout;
        let limits = Limits { rate: Some(RATE), ..Limits::default() };
        let server = Server::new(&http, Host::Letta, base, limits);
        let client = Self { server, http, password: config.password.clone() };
        let entrance = client.dress(entrance());
        Self { server: client.server.judged_by(entrance), ..client }
    }

    /// The version; `None` where it is told in no known form.
    ///
    /// # Errors
    /// As any read.
    pub(super) fn version(&self) -> Result<Option<Version>> {
        let health: Health = self.call(Request::get("/v1/health/"))?;
        Ok(Version::read(&health.version))
    }

    /// What the server calls itself, and whether a block that is written by its id is in the prompt
    /// at once (0.16.7 and later); `None` where it names no version that can be read. Answered
    /// without a password.
    ///
    /// # Errors
    /// As any read.
    pub fn health(&self) -> Result<(String, Option<bool>)> {
        let health: Health = self.call(Request::get("/v1/health/"))?;
        let renews = Version::read(&health.version).map(Version::renews_prompts);
        Ok((health.version, renews))
    }

    /// Whether the password is taken: asks for a single agent.
    ///
    /// # Errors
    /// As any read.
    pub fn enter(&self) -> Result<()> {
        self.call::<Vec<IgnoredAny>>(entrance()).map(drop)
    }

    /// One page of the agents that have our tag (if the filter works), with blocks and tags, each
    /// made into what is kept of it.
    ///
    /// # Errors
    /// As any list.
    pub(super) fn agents<T>(&self, after: Option<&str>, make: fn(Agent) -> T) -> Result<Vec<T>> {
        let mut request = Request::get("/v1/agents/")
            .query("tags", TAG)
            .query("include", "agent.blocks")
            .query("limit", &PAGE.to_string());
        if let Some(after) = after {
            request = request.query("after", after);
        }
        let mut page = Vec::new();
        let mut receive = |listed: Listed<'_>| {
            match listed {
                Listed::Restart => page.clear(),
                Listed::Element(_, bytes) => page.push(make(serde_json::from_slice(bytes)?)),
            }
            Ok(())
        };
        self.server.list::<IgnoredAny>(&self.dress(request), &[], &mut receive).map_err(plainly)?;
        Ok(page)
    }

    /// The tags of an agent; `None` where there is none of that id.
    ///
    /// # Errors
    /// As any read.
    pub(super) fn tags(&self, agent: &str) -> Result<Option<Vec<String>>> {
        let request = Request::get(agent_path(agent)).query("include", "agent.tags");
        Ok(there(self.call::<Agent>(request))?.map(|agent| agent.tags))
    }

    /// Gives an agent these tags and no others.
    ///
    /// # Errors
    /// As any write.
    pub(super) fn set_tags(&self, agent: &str, tags: &[String]) -> Result<()> {
        self.write(Request::patch(agent_path(agent)).json(&json!({"tags": tags})))
    }

    /// What an agent's memory consists of, with tags; `None` where there is no such agent.
    ///
    /// # Errors
    /// As any read.
    pub(super) fn memory(&self, agent: &str) -> Result<Option<Vec<Block>>> {
        there(self.call(Request::get(format!("{}/core-memory/blocks", agent_path(agent)))))
    }

    /// Makes an agent with all that it has.
    ///
    /// # Errors
    /// As any create.
    pub(super) fn create_agent(&self, agent: &NewAgent<'_>) -> Result<Agent> {
        self.call(body(Request::post("/v1/agents/"), agent))
    }

    /// Writes a value; again where another transaction was quicker. Gives the block that it was
    /// written to.
    ///
    /// # Errors
    /// As any write.
    pub(super) fn write_block(&self, way: Way<'_>, value: &str) -> Result<Block> {
        let path = match way {
            Way::Id(block) => format!("/v1/blocks/{}", percent_encode(block)),
            Way::Label(agent, label) => {
                format!("{}/core-memory/blocks/{}", agent_path(agent), percent_encode(label))
            }
        };
        let request = Request::patch(path).json(&json!({"value": value}));
        let mut attempt = 1;
        loop {
            match self.call(request.clone()) {
                Err(error) if error.status == Some(409) && self.goes_again(attempt) => attempt += 1,
                written => return written,
            }
        }
    }

    /// Blocks of this project with this label, wherever they are.
    ///
    /// # Errors
    /// As any read.
    pub(super) fn find_blocks(&self, label: &str, project: &str) -> Result<Vec<Block>> {
        let tag = name::tag(project);
        let request = Request::get("/v1/blocks/")
            .query("label", label)
            .query("tags", TAG)
            .query("tags", &tag)
            .query("match_all_tags", "true");
        let found: Vec<Block> = self.call(request)?;
        // Whatever the filter did.
        let fits = |block: &Block| {
            let has = |tag: &str| block.tags.iter().any(|own| own == tag);
            block.label.as_deref() == Some(label) && has(TAG) && has(&tag)
        };
        Ok(found.into_iter().filter(fits).collect())
    }

    /// Makes a block that no agent has yet.
    ///
    /// # Errors
    /// As any create.
    pub(super) fn create_block(&self, block: &NewBlock<'_>) -> Result<Block> {
        self.call(body(Request::post("/v1/blocks/"), block))
    }

    /// Puts a block into an agent's memory.
    ///
    /// # Errors
    /// As any write; 409 where it has another one with that label.
    pub(super) fn attach_block(&self, agent: &str, block: &str) -> Result<()> {
        let block = percent_encode(block);
        self.write(Request::patch(format!(
            "{}/core-memory/blocks/attach/{block}",
            agent_path(agent)
        )))
    }

    /// Makes an agent's memory consist of these blocks alone.
    ///
    /// # Errors
    /// As any write.
    pub(super) fn set_memory(&self, agent: &str, blocks: &[&str]) -> Result<()> {
        self.write(Request::patch(agent_path(agent)).json(&json!({"block_ids": blocks})))
    }

    /// The id of the folder of exactly this name.
    ///
    /// # Errors
    /// As any read.
    pub(super) fn folder(&self, name: &str) -> Result<Option<String>> {
        there(self.call(Request::get(format!("/v1/folders/name/{}", percent_encode(name)))))
    }

    /// Makes a folder, or finds the one of that name: names of folders are unique there.
    ///
    /// # Errors
    /// As any create.
    pub(super) fn create_folder(&self, name: &str, embedding: &str) -> Result<String> {
        let new =
            Request::post("/v1/folders/").json(&json!({"name": name, "embedding": embedding}));
        // Sent twice it makes no second one.
        match self.call::<Folder>(new.class(Class::IdempotentWrite)) {
            Ok(folder) => Ok(folder.id),
            Err(error) if error.status == Some(409) => self.folder(name)?.ok_or(error),
            Err(error) => Err(error),
        }
    }

    /// Gives an agent a folder.
    ///
    /// # Errors
    /// As any write.
    pub(super) fn attach_folder(&self, agent: &str, folder: &str) -> Result<()> {
        let folder = percent_encode(folder);
        self.write(Request::patch(format!("{}/folders/attach/{folder}", agent_path(agent))))
    }

    /// Puts a file into a folder, over one of that name.
    ///
    /// # Errors
    /// As any write.
    pub(super) fn upload(
        &self,
        folder: &str,
        file: &str,
        content_type: &str,
        text: &[u8],
    ) -> Result<()> {
        let (form, bytes) = multipart(file, content_type, text);
        let path = format!("/v1/folders/{}/upload", percent_encode(folder));
        let request = Request::post(path)
            .class(Class::IdempotentWrite)
            .query("duplicate_handling", "replace")
            .query("name", file)
            .body(&form, bytes);
        self.write(request)
    }

    fn write(&self, request: Request) -> Result<()> {
        self.call::<IgnoredAny>(request).map(|_| ())
    }

    fn call<T: DeserializeOwned>(&self, request: Request) -> Result<T> {
        let answer = self.server.ask(&self.dress(request)).map_err(plainly)?;
        answer.ok().map_err(plainly)?.parse()
    }

    /// Waits before the same write is sent once more.
    fn goes_again(&self, attempt: u32) -> bool {
        let limits = &self.http.limits;
        let wait = limits.backoff.saturating_mul(1 << attempt.min(4));
        if attempt >= limits.attempts || self.http.stop.sleep(wait).is_some() {
            return false;
        }
        self.http.counters(Host::Letta).retry();
        true
    }

    /// What every request bears. Without the header the answers have the shapes of old clients,
    /// three times as large.
    fn dress(&self, request: Request) -> Request {
        let request = request.header("x-stainless-package-version", "1.0.0");
        match &self.password {
            Some(password) => request.bearer(password.reveal()),
            None => request,
        }
    }
}

/// The smallest read that asks for the password.
fn entrance() -> Request {
    Request::get("/v1/agents/").query("tags", TAG).query("limit", "1")
}

fn agent_path(agent: &str) -> String {
    format!("/v1/agents/{}", percent_encode(agent))
}

fn body<T: Serialize>(request: Request, body: &T) -> Request {
    request.json(&serde_json::to_value(body).unwrap_or_default())
}

/// A password that is wrong is said plainly.
fn plainly(error: Error) -> Error {
    if error.kind != Kind::Auth {
        return error;
    }
    let message = "wrong password, or none: set LETTA_PASSWORD, or password under [letta]";
    Error { message: message.to_owned(), ..error }
}

/// Not there is an answer, too.
fn there<T>(called: Result<T>) -> Result<Option<T>> {
    match called {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind == Kind::Gone => Ok(None),
        Err(error) => Err(error),
    }
}

/// One file as a form.
fn multipart(file: &str, content_type: &str, text: &[u8]) -> (String, Vec<u8>) {
    let mut border = String::from("huly-vibe-sync");
    let holds = |border: &str| memchr::memmem::find(text, border.as_bytes()).is_some();
    while holds(&border) {
        border.push('-');
    }
    let head = format!(
        "--{border}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file}\"\r\n\
         Content-Type: {content_type}\r\n\r\n"
    );
    let tail = format!("\r\n--{border}--\r\n");
    let bytes = [head.as_bytes(), text, tail.as_bytes()].concat();
    (format!("multipart/form-data; boundary={border}"), bytes)
}
