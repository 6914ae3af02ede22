//! Tests against the real Vibe Kanban 0.0.71. `tests/real/fetch-vibe.sh` brings its binary; without
//! it each test here passes at once and one visible line says so.

#[cfg(test)]
mod measured;
#[cfg(test)]
mod vibe;
