//! The two systems, simulated: every trap that was measured on the real ones, and faults on demand.
//!
//! ```ignore
//! let world = World::start(Setup::new(folder.path()).bridge(BridgeGeneration::First));
//! world.huly.add_project("PROJ", "Project");
//! let issue = world.huly.add_issue("PROJ", "Title", "Text", "Todo");
//! world.vibe.fault(When::on("POST", "/api/tasks").nth(1), Fault::LostAnswer);
//! run_the_tool(&world.huly.url(), &world.vibe.url());
//! let mark = world.mark();
//! run_the_tool(&world.huly.url(), &world.vibe.url());
//! assert!(world.writes_since(mark).is_empty(), "quiet");
//! assert_eq!(world.huly.issue(&issue).unwrap().status, "Todo");
//! ```
//!
//! `Setup::huly(HulyKind::Platform)` starts Huly's own services in place of the bridge, at paths of
//! the same address: `/config.json`, `/_accounts`, `/_transactor`, `/_collaborator`, `/files`. What
//! people do in it is the same; `world.huly.credentials()` is what a client needs to get in.
//!
//! `world.start_letta(version)` adds a Letta, to be told about the result.
//!
//! `Huly` and `Vibe` are what people do in the systems (and what befalls them); `Endpoint` is what
//! both share: address, faults, acts in the middle of a pass, counters, log. A test binary that uses
//! this has `mod support;` at its root; an example says `#[path = "../tests/support/mod.rs"]`.

#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "each test binary uses a part, and a simulator that cannot go on should panic"
)]

pub mod ask;
pub mod chance;
pub mod clock;
pub mod endpoint;
pub mod fill;
pub mod huly;
pub mod json;
pub mod letta;
pub mod proxy;
pub mod serve;
pub mod sync;
pub mod tls;
pub mod vibe;
pub mod web;
pub mod world;

pub use ask::{Reply, ask, ask_raw, ask_with};
pub use fill::{Fill, FilledProject};
pub use huly::bridge::BridgeGeneration;
pub use huly::controls::{Huly, HulyKind, IssueSnapshot};
pub use huly::platform::controls::Credentials;
pub use huly::platform::front::Urls;
pub use huly::platform::markup;
pub use huly::project::Category;
pub use huly::tracker::{SingleRead, Stamp};
pub use letta::controls::{AgentSnapshot, BlockSnapshot, FolderSnapshot, Letta};
pub use letta::version::LettaVersion;
pub use proxy::Proxy;
pub use serve::serve;
pub use tls::Tls;
pub use vibe::controls::{ProjectSnapshot, TaskSnapshot, Vibe};
pub use vibe::version::VibeVersion;
pub use web::faults::{Coding, Fault, FaultId, RetryAfter, When};
pub use web::journal::{Counters, Entry, Host, Side};
pub use web::service::{Service, ServiceCounters};
pub use world::{Setup, World};
