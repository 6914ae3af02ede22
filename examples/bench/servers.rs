//! Both simulators in a process of their own, full of sample data.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::options::Options;
use crate::support::{Counters, Fill, Setup, serve as obey};

/// The process itself.
pub(crate) fn serve(options: &Options) -> Result<ExitCode> {
    let mut setup = Setup::new(&options.folder).huly(options.kind());
    if !options.from_memory {
        setup = setup.writes_lists_anew();
    }
    let fill = Fill {
        projects: options.projects,
        issues_per_project: options.issues,
        description_bytes: options.text,
        both_sides: true,
    };
    obey(setup, &fill)?;
    Ok(ExitCode::SUCCESS)
}

/// The process as its parent sees it.
pub(crate) struct Servers {
    child: Child,
    input: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
    pub(crate) huly: String,
    pub(crate) vibe: String,
    /// Of the platform's workspace.
    pub(crate) slug: String,
    pub(crate) token: String,
}

/// What both counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted {
    pub(crate) huly: Counters,
    pub(crate) vibe: Counters,
}

impl Servers {
    /// Starts them; ready when they are filled.
    pub(crate) fn start(options: &Options, folder: &Path) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--role", "serve", "--folder"])
            .arg(folder)
            .args(["--projects", &options.projects.to_string()])
            .args(["--issues", &options.issues.to_string()])
            .args(["--text", &options.text.to_string()])
            .args(["--generation", &options.generation.to_string()])
            .args(options.from_memory.then_some("--from-memory"))
            .args(options.platform.then_some("--platform"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take();
        let output = child.stdout.take().context("the simulators have no output")?;
        let lines = BufReader::new(output).lines();
        let [huly, vibe, slug, token] = [(); 4].map(|()| String::new());
        let mut servers = Self { child, input, lines, huly, vibe, slug, token };
        let ready = servers.line()?;
        servers.huly = text(&ready["huly"])?;
        servers.vibe = text(&ready["vibe"])?;
        servers.slug = text(&ready["workspace"])?;
        servers.token = text(&ready["token"])?;
        Ok(servers)
    }

    fn line(&mut self) -> Result<Value> {
        let line = self.lines.next().context("the simulators ended")??;
        Ok(serde_json::from_str(&line)?)
    }

    fn say(&mut self, command: &str) -> Result<Value> {
        let input = self.input.as_mut().context("the simulators were told to end")?;
        writeln!(input, "{command}")?;
        let answer = self.line()?;
        if let Some(error) = answer.get("error") {
            bail!("the simulators: {error}");
        }
        Ok(answer)
    }

    /// Counts anew, and keeps what is asked from here on.
    pub(crate) fn watch(&mut self) -> Result<()> {
        self.say("reset")?;
        self.say("record").map(drop)
    }

    /// What was counted since.
    pub(crate) fn counted(&mut self) -> Result<Counted> {
        let mut answer = self.say("counters")?;
        let mut of = |side: &str| serde_json::from_value(answer[side].take());
        Ok(Counted { huly: of("huly")?, vibe: of("vibe")? })
    }

    /// What was asked since.
    pub(crate) fn asked(&mut self) -> Result<Value> {
        Ok(self.say("requests")?["requests"].take())
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        // The end of their input ends them.
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

fn text(value: &Value) -> Result<String> {
    Ok(value.as_str().context("the simulators have no address")?.to_owned())
}
