//! The push against the real Letta 0.16.8, of boards that a simulated Huly and Vibe Kanban have.
//! `with-letta.sh` installs the server and runs it beside a command; without it each test here
//! passes at once and one visible line says so.

#[cfg(test)]
#[path = "../cut.rs"]
mod cut;
#[cfg(test)]
mod push;
#[cfg(test)]
#[path = "../../behaviour/rig.rs"]
#[expect(dead_code, unreachable_pub, reason = "shared with the tests on simulators")]
mod rig;
#[cfg(test)]
mod server;
#[cfg(test)]
#[path = "../../support/mod.rs"]
mod support;
