//! The simulators hold to what was measured on the real systems.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod support;

#[path = "simulators/bridge_reads.rs"]
mod bridge_reads;
#[path = "simulators/bridge_writes.rs"]
mod bridge_writes;
#[path = "simulators/faults.rs"]
mod faults;
#[path = "simulators/letta_recordings.rs"]
mod letta_recordings;
#[path = "simulators/markdown.rs"]
mod markdown;
#[path = "simulators/vibe_recordings.rs"]
mod vibe_recordings;
#[path = "simulators/vibe_traps.rs"]
mod vibe_traps;
#[path = "simulators/worlds.rs"]
mod worlds;
