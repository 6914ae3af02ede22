//! What an invocation did: one value with two faces, for people and for programs.

mod complaint;

use std::fmt;

use serde::Serialize;

use crate::exit::Exit;
use crate::http::Host;
use crate::model::{Field, Millis, Side};

pub use complaint::Complaint;

/// A count a side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Both {
    /// On or from Huly.
    pub huly: u64,
    /// On or from Vibe Kanban.
    pub vibe: u64,
}

impl Both {
    /// Adds to one side.
    pub fn add(&mut self, side: Side, count: u64) {
        match side {
            Side::Huly => self.huly += count,
            Side::Vibe => self.vibe += count,
        }
    }

    /// Both together.
    #[must_use]
    pub fn sum(self) -> u64 {
        self.huly + self.vibe
    }
}

impl std::ops::AddAssign for Both {
    fn add_assign(&mut self, other: Self) {
        self.huly += other.huly;
        self.vibe += other.vibe;
    }
}

/// How a project's pass ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// All of it was done.
    Ok,
    /// Some items failed, or the pass ended first.
    Partial,
    /// Nothing could be done: a list failed.
    Failed,
    /// A guard withheld something; the rest was done.
    Refused,
    /// Not looked at, and why is in `errors`.
    Skipped,
}

impl Outcome {
    /// Its one word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Skipped => "skipped",
        }
    }
}

/// How much of Huly was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Everything.
    Full,
    /// What changed since the cursor.
    Incremental,
}

/// What was done to a number of items.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Items listed.
    pub seen: Both,
    /// Items made.
    pub created: Both,
    /// Items changed.
    pub updated: Both,
    /// Items deleted, or cancelled because their other half was.
    pub deleted: Both,
    /// Values that lost against another.
    pub conflicts: u64,
    /// Items that the next pass looks at again.
    pub pending: u64,
    /// Tasks whose marker names an issue that has another task.
    pub surplus: u64,
    /// Descriptions that this bridge cannot change.
    pub unsupported: u64,
    /// Items that failed.
    pub failed: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.seen += other.seen;
        self.created += other.created;
        self.updated += other.updated;
        self.deleted += other.deleted;
        self.conflicts += other.conflicts;
        self.pending += other.pending;
        self.surplus += other.surplus;
        self.unsupported += other.unsupported;
        self.failed += other.failed;
    }
}

/// One project's part.
#[derive(Debug, Clone, Serialize)]
pub struct Project {
    /// Huly's identifier.
    pub identifier: String,
    /// How it ended.
    pub outcome: Outcome,
    /// How much was read.
    pub mode: Mode,
    /// What was done.
    #[serde(flatten)]
    pub counts: Counts,
    /// What Letta was told, where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocks: Option<Blocks>,
    /// A guard withheld something, whatever else there is to say.
    #[serde(skip)]
    pub withheld: bool,
    /// The pass over it came to its end: what is not among the errors is well.
    #[serde(skip)]
    pub is_whole: bool,
    /// The same of what Letta is told of it.
    #[serde(skip)]
    pub is_told: bool,
    /// What went wrong, one line each.
    pub errors: Vec<Complaint>,
}

impl Project {
    /// One that was not begun.
    #[must_use]
    pub fn new(identifier: &str) -> Self {
        Self {
            identifier: identifier.to_owned(),
            outcome: Outcome::Ok,
            mode: Mode::Full,
            counts: Counts::default(),
            blocks: None,
            withheld: false,
            is_whole: false,
            is_told: false,
            errors: Vec::new(),
        }
    }
}

/// What became of the blocks of a project's agent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Blocks {
    /// Given to Letta, and acknowledged.
    pub written: u64,
    /// As Letta has them.
    pub unchanged: u64,
    /// Not acknowledged: tried again by the next push.
    pub failed: u64,
}

impl std::ops::AddAssign for Blocks {
    fn add_assign(&mut self, other: Self) {
        self.written += other.written;
        self.unchanged += other.unchanged;
        self.failed += other.failed;
    }
}

/// A value that lost and was put back.
#[derive(Debug, Clone, Serialize)]
pub struct Restored {
    /// The conflict that it had lost.
    pub conflict: i64,
    /// The issue.
    pub identifier: String,
    /// Which field.
    pub field: Field,
    /// What it replaced is kept as this conflict; `None`: it stood there already.
    pub replaced: Option<i64>,
}

impl fmt::Display for Restored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { conflict, identifier, field, replaced } = self;
        match replaced {
            Some(id) => write!(
                f,
                "{identifier}: the {field} of conflict {conflict} is back; `conflicts restore {id}` \
                 undoes that"
            ),
            None => write!(f, "{identifier}: the {field} of conflict {conflict} was there already"),
        }
    }
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OpName {
    /// A Vibe project is made.
    CreateProject,
    /// An agent of Letta's is made, with all its blocks.
    CreateAgent,
    /// Two items that belong together are linked; nothing is written.
    Link,
    /// An item is made.
    Create,
    /// A field is changed.
    Update,
    /// An item is deleted, or cancelled because its other half was.
    Delete,
}

/// One line of a dry run's plan.
#[derive(Debug, Clone, Serialize)]
pub struct Op {
    /// Huly's identifier of the project.
    pub project: String,
    /// What is done.
    pub op: OpName,
    /// Where.
    pub side: Host,
    /// The identifier or the task's id; the title where there is no item yet.
    pub item: String,
    /// Which field, of an update.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<Field>,
    /// The value before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The value after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.op {
            OpName::CreateProject => "create project",
            OpName::CreateAgent => "create agent",
            OpName::Link => "link",
            OpName::Create => "create",
            OpName::Update => "update",
            OpName::Delete => "delete",
        };
        write!(f, "{}: {verb} in {}: {}", self.project, self.side, self.item)?;
        if let Some(field) = self.field {
            write!(f, ": {field}")?;
        }
        match (&self.from, &self.to) {
            (Some(from), Some(to)) => write!(f, ": {from:?} -> {to:?}"),
            (None, Some(to)) => write!(f, ": {to:?}"),
            (Some(from), None) => write!(f, ": was {from:?}"),
            (None, None) => Ok(()),
        }
    }
}

/// Traffic with one host.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Traffic {
    /// Requests sent.
    pub requests: u64,
    /// Connections opened.
    pub connections: u64,
    /// Requests that were repeated.
    pub retries: u64,
    /// Body bytes received.
    pub bytes: u64,
    /// Milliseconds waited between requests.
    pub waited_ms: u64,
}

/// Traffic by host.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Http {
    /// With Huly.
    pub huly: Traffic,
    /// With Vibe Kanban.
    pub vibe: Traffic,
    /// With Letta, where its address is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub letta: Option<Traffic>,
}

/// One pass.
#[derive(Debug, Clone, Serialize)]
pub struct Pass {
    /// `sync`, `sync-project`, `letta-push` or `conflicts restore`.
    pub command: String,
    /// Nothing was written.
    pub dry_run: bool,
    /// Exit code.
    pub exit: u8,
    /// RFC 3339, our clock.
    pub started_at: String,
    /// Wall time.
    pub duration_ms: u64,
    /// By identifier.
    pub projects: Vec<Project>,
    /// Over all projects.
    pub totals: Counts,
    /// Traffic by host.
    pub http: Http,
    /// Largest resident memory; `null` where the system does not tell.
    pub peak_rss_bytes: Option<u64>,
    /// Of `conflicts restore`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restored: Option<Restored>,
    /// What stopped the pass, or kept it from starting.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Complaint>,
    /// Of a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Vec<Op>>,
}

impl Pass {
    /// One that has done nothing yet; `started` is our clock.
    #[must_use]
    pub fn new(command: &str, dry_run: bool, started: Millis) -> Self {
        Self {
            command: command.to_owned(),
            dry_run,
            exit: 0,
            started_at: time(started),
            duration_ms: 0,
            projects: Vec::new(),
            totals: Counts::default(),
            http: Http::default(),
            peak_rss_bytes: None,
            restored: None,
            errors: Vec::new(),
            plan: None,
        }
    }

    /// Prints it as one JSON object. A dry run has a plan in it however it ended.
    pub fn print_json(mut self) {
        if self.dry_run {
            self.plan.get_or_insert_default();
        }
        print_json(&self);
    }
}

/// A command that is no pass, and failed.
#[derive(Debug, Serialize)]
struct Failure<'a> {
    command: &'a str,
    exit: Exit,
    errors: [&'a str; 1],
}

/// Prints, as JSON, what is left to tell of a command that came to nothing.
pub fn print_failure(command: &str, dry_run: bool, exit: Exit, now: Millis, error: &str) {
    if ["sync", "sync-project", "letta-push"].contains(&command) {
        let mut pass = Pass::new(command, dry_run, now);
        pass.exit = exit.code();
        pass.errors.push(Complaint::new("failed", error));
        pass.print_json();
    } else {
        print_json(&Failure { command, exit, errors: [error] });
    }
}

impl Pass {
    /// What Letta was told, in a line; nothing where it was not.
    fn write_blocks(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut agents, mut sum) = (0, Blocks::default());
        for blocks in self.projects.iter().filter_map(|project| project.blocks) {
            agents += 1;
            sum += blocks;
        }
        if agents == 0 && self.command != "letta-push" {
            return Ok(());
        }
        writeln!(
            f,
            "letta: {agents} agents, {} blocks written, {} unchanged, {} failed",
            sum.written, sum.unchanged, sum.failed
        )
    }
}

impl fmt::Display for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(plan) = &self.plan {
            for op in plan {
                writeln!(f, "{op}")?;
            }
            return writeln!(f, "{} operations planned, nothing written", plan.len());
        }
        if let Some(restored) = &self.restored {
            writeln!(f, "{restored}")?;
        }
        if self.command == "letta-push" {
            return self.write_blocks(f);
        }
        let totals = self.totals;
        writeln!(
            f,
            "{} projects in {:.1} s: {} issues and {} tasks seen",
            self.projects.len(),
            self.duration_ms as f64 / 1000.0,
            totals.seen.huly,
            totals.seen.vibe
        )?;
        writeln!(
            f,
            "huly: {} created, {} updated, {} cancelled; vibe: {} created, {} updated, {} ended",
            totals.created.huly,
            totals.updated.huly,
            totals.deleted.huly,
            totals.created.vibe,
            totals.updated.vibe,
            totals.deleted.vibe
        )?;
        for (count, what) in [
            (totals.conflicts, "conflicts (see `conflicts`)"),
            (totals.pending, "pending"),
            (totals.failed, "failed"),
            (totals.surplus, "surplus tasks"),
            (totals.unsupported, "descriptions that this bridge cannot change"),
        ] {
            if count > 0 {
                writeln!(f, "{count} {what}")?;
            }
        }
        self.write_blocks(f)
    }
}

/// A time as people and programs read it: RFC 3339 in UTC.
#[must_use]
pub fn time(at: Millis) -> String {
    let since = std::time::Duration::from_millis(u64::try_from(at).unwrap_or_default());
    // Beyond the year 9999 there is no such text.
    let known = since.min(std::time::Duration::from_secs(253_402_300_799));
    humantime::format_rfc3339_millis(std::time::UNIX_EPOCH + known).to_string()
}

/// A size as people read it.
#[must_use]
pub fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{:.1} kB", count as f64 / 1e3),
        _ => format!("{:.1} MB", count as f64 / 1e6),
    }
}

/// The beginning of a value, on one line.
#[must_use]
pub fn brief(text: &str) -> String {
    const SHOWN: usize = 40;
    let line: String = text.chars().take(SHOWN).collect();
    let more = if text.chars().nth(SHOWN).is_some() { "…" } else { "" };
    format!("{:?}{more}", line)
}

/// Prints to standard output. A reader that went away is no error of ours.
pub fn print(text: &str) {
    use std::io::Write as _;
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Prints one JSON object.
pub fn print_json<T: Serialize>(value: &T) {
    match serde_json::to_string(value) {
        Ok(text) => print(&format!("{text}\n")),
        Err(error) => log::error!("failed to write the report: {error}"),
    }
}

/// Says something on standard error before there is a log.
pub fn complain(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
