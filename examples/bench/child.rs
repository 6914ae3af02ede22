//! A process that does one thing and says what it took.

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Context, Result, bail};
use clap::Parser;
use huly_vibe_sync::cli::Cli;
use huly_vibe_sync::config::Config;
use huly_vibe_sync::exit::Exit;
use huly_vibe_sync::http::{self, Class, Host, Http, Limits, Proxy, Request, Server};
use huly_vibe_sync::stop::Stop;
use huly_vibe_sync::{commands, memory};
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

use crate::options::{Options, Role};
use crate::servers::Servers;

/// What one process took.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Taken {
    pub(crate) wall_ms: f64,
    /// User and system.
    pub(crate) cpu_ms: f64,
    /// VmHWM; zero where the system does not tell.
    pub(crate) peak_bytes: u64,
}

/// One request, as the simulators saw it.
#[derive(Debug, Deserialize)]
struct Asked {
    side: String,
    method: String,
    path: String,
    body: String,
}

/// Runs a role in a process of its own.
pub(crate) fn run(
    options: &Options,
    servers: &Servers,
    role: Role,
    state: &Path,
    full: bool,
) -> Result<Taken> {
    let mut command = Command::new(std::env::current_exe()?);
    // The command reads its environment: nothing of this one's may reach it.
    command.env_clear().env("HULY_VIBE_SYNC_HULY_RATE", "10000").env("NO_PROXY", "127.0.0.1");
    if options.platform {
        command.env("HULY_URL", &servers.huly).env("HULY_WORKSPACE", &servers.slug);
        command.env("HULY_TOKEN", &servers.token).args(["--token", &servers.token]);
    } else {
        command.env("HULY_API_URL", &servers.huly);
    }
    command.env("VIBE_API_URL", &servers.vibe);
    let role = if role == Role::Pass { "pass" } else { "floor" };
    command.args(["--role", role, "--huly", &servers.huly, "--vibe", &servers.vibe, "--state"]);
    command.arg(state).args(["--jobs", &options.jobs.to_string(), "--requests"]);
    command.arg(state.with_extension("requests")).args(full.then_some("--full"));
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("the {role} failed ({}): {}", output.status, String::from_utf8_lossy(&output.stdout));
    }
    let last = output.stdout.trim_ascii_end().rsplit(|byte| *byte == b'\n').next();
    Ok(serde_json::from_slice(last.context("a process that said nothing")?)?)
}

/// The command, as cron would run it, but for its exit code.
pub(crate) fn pass(options: &Options) -> Result<ExitCode> {
    let jobs = options.jobs.to_string();
    let mut words = vec!["huly-vibe-sync", "sync", "--quiet", "--jobs", &jobs, "--state"];
    words.push(options.state.to_str().context("a folder whose name is not UTF-8")?);
    words.extend(options.full.then_some("--full"));
    let cli = Cli::try_parse_from(words)?;
    let meter = Meter::start();
    let exit = commands::run(&cli);
    meter.tell()?;
    Ok(if exit == Exit::Done { ExitCode::SUCCESS } else { exit.into() })
}

/// The same requests, by the same agent, on as many threads; the bodies are dropped.
pub(crate) fn floor(options: &Options) -> Result<ExitCode> {
    let asked: Vec<Asked> = serde_json::from_slice(&fs::read(&options.requests)?)?;
    let requests: Vec<(Host, Request)> =
        asked.into_iter().map(|asked| asked.request(&options.token)).collect();
    let meter = Meter::start();
    let stop = Stop::new(None);
    let http = Http::new(&Config::default().http, options.jobs, stop, Proxy::Off);
    let of = |host, url| Server::new(&http, host, url, Limits::default());
    let (huly, vibe) = (of(Host::Huly, &options.huly), of(Host::Vibe, &options.vibe));
    let next = AtomicUsize::new(0);
    let work = || -> http::Result<()> {
        while let Some((host, request)) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
            match (if *host == Host::Huly { &huly } else { &vibe }).drain(request) {
                // As the first bridge answers the question which one it is.
                Err(error) if error.status == Some(404) => {}
                drained => drop(drained?),
            }
        }
        Ok(())
    };
    thread::scope(|scope| -> Result<()> {
        let threads: Vec<_> = (0..options.jobs).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            thread.join().map_err(|_| anyhow::anyhow!("a thread panicked"))??;
        }
        Ok(())
    })?;
    meter.tell()?;
    Ok(ExitCode::SUCCESS)
}

impl Asked {
    fn request(self, token: &str) -> (Host, Request) {
        let host = if self.side == "huly" { Host::Huly } else { Host::Vibe };
        let request = match self.method.as_str() {
            "GET" => Request::get(self.path),
            _ => Request::post(self.path)
                .class(Class::Read)
                .body("application/json", self.body.into_bytes()),
        };
        let is_platform = host == Host::Huly && !token.is_empty();
        (host, if is_platform { request.bearer(token) } else { request })
    }
}

struct Meter {
    begun: Instant,
    cpu: Duration,
}

impl Meter {
    fn start() -> Self {
        Self { begun: Instant::now(), cpu: cpu() }
    }

    /// The last line that the process prints.
    fn tell(&self) -> Result<()> {
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        let taken = Taken {
            wall_ms: ms(self.begun.elapsed()),
            cpu_ms: ms(cpu().saturating_sub(self.cpu)),
            peak_bytes: memory::peak().unwrap_or_default(),
        };
        println!("{}", serde_json::to_string(&taken)?);
        Ok(())
    }
}

/// User and system time of all threads, those that ended included.
fn cpu() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap_or_default())
}
