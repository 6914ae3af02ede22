//! The two systems, simulated: every trap that was measured on the real ones, and faults on demand.

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
pub mod serve;
pub mod sync;
pub mod vibe;
pub mod web;
pub mod world;

pub use ask::{Reply, ask, ask_raw};
pub use fill::{Fill, FilledProject};
pub use huly::bridge::BridgeGeneration;
pub use huly::controls::{Huly, IssueSnapshot};
pub use huly::tracker::{SingleRead, Stamp};
pub use serve::serve;
pub use vibe::controls::{ProjectSnapshot, TaskSnapshot, Vibe};
pub use vibe::version::VibeVersion;
pub use web::faults::{Fault, FaultId, RetryAfter, When};
pub use web::journal::{Counters, Entry, Side};
pub use world::{Setup, World};
