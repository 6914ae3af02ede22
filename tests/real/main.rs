//! Tests against the real Vibe Kanban 0.0.71. `tests/real/fetch-vibe.sh` brings its binary; without
//! it each test here passes at once and one visible line says so.

#[cfg(test)]
#[expect(dead_code, reason = "shared with the tests against Letta")]
mod cut;
#[cfg(test)]
mod measured;
#[cfg(test)]
mod pass;
#[cfg(test)]
#[path = "../behaviour/rig.rs"]
#[expect(dead_code, unreachable_pub, reason = "shared with the tests on simulators")]
mod rig;
#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;
#[cfg(test)]
mod vibe;
