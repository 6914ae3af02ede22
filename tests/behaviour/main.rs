//! What the tool does to two boards, seen from outside: the binary against simulated systems.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]
#![expect(unreachable_pub, reason = "modules of one test binary")]

#[path = "../support/mod.rs"]
mod support;

mod beside;
mod blank;
mod board;
mod by_hand;
mod calls;
mod check;
mod commands;
mod conflicts;
mod crash;
mod deletion;
mod faults;
mod histories;
mod identity;
mod letta;
mod markers;
mod missing_status;
mod model;
mod network;
mod proxies;
mod refused;
mod rig;
mod smoke;
#[path = "../support/spelled.rs"]
mod spelled;
mod spelling;
mod status;
mod text;
mod timing;
mod unanswered;
mod unfit;
mod unkept;
mod why;
mod workspace;
