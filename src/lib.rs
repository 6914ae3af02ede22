//! Two-way sync between Huly issues and Vibe Kanban tasks: one bounded pass per invocation.
//!
//! Imports go one way: `cli` → `config` → `commands` → `check` → `letta` → `sync` → (`huly`, `vibe` over `http`;
//! `store`) → `model`. Decisions are pure functions in `sync`; everything that waits is at the edges.

pub mod check;
pub mod cli;
pub mod commands;
pub mod config;
mod contain;
mod diff;
mod entity;
pub mod exit;
mod file_limit;
pub mod http;
pub mod huly;
pub mod letta;
pub mod lock;
pub mod logging;
pub mod memory;
pub mod model;
pub mod progress;
pub mod replace;
pub mod report;
pub mod spool;
pub mod stop;
pub mod store;
pub mod sync;
pub mod vibe;
