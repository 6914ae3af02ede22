//! The simulators hold to what was measured on the real systems.

mod support;

#[path = "simulators/vibe_recordings.rs"]
mod vibe_recordings;
