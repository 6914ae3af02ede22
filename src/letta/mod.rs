//! Letta, which is told about the result: each project's agent knows the state of its board.
//!
//! `client` speaks to the server (0.16.8; older ones as far as they differ), `blocks` says what an
//! agent knows, `directory` and `agents` find the one agent of a project or make it, `project` is the
//! story of one project over its `desk`, and `push` runs it for all of them.

mod agents;
pub mod blocks;
pub mod client;
pub mod describe;
mod desk;
mod directory;
mod memory;
mod name;
mod project;
pub mod push;
mod readme;
pub mod repository;
mod run;
mod settings;
mod version;
mod wire;
mod write;

pub use push::{Output, push};
pub use run::Input;
