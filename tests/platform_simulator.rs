//! The simulated platform holds to what was recorded of a real one, and has its traps.

#![expect(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test that cannot go on should panic, and nobody else sees its modules"
)]

mod support;

#[path = "platform_simulator/account.rs"]
mod account;
#[path = "platform_simulator/client.rs"]
mod client;
#[path = "platform_simulator/descriptions.rs"]
mod descriptions;
#[path = "platform_simulator/faces.rs"]
mod faces;
#[path = "platform_simulator/limit.rs"]
mod limit;
#[path = "platform_simulator/markup.rs"]
mod markup;
#[path = "platform_simulator/reads.rs"]
mod reads;
#[path = "platform_simulator/replay.rs"]
mod replay;
#[path = "platform_simulator/walkthrough.rs"]
mod walkthrough;
#[path = "platform_simulator/writes.rs"]
mod writes;
