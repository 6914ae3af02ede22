//! Tests against the real Vibe Kanban 0.0.71, whose binary `tests/real/fetch-vibe.sh` brings, and the
//! real Letta 0.16.8, which `tests/real/letta/with-letta.sh` installs and runs beside a command.
//! Without them each test here passes at once, and a visible line for each system says so.

#[cfg(test)]
mod cut;
#[cfg(test)]
mod letta;
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
