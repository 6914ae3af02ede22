//! Vibe Kanban's local server, from the recorded 0.0.71 to the version without local tasks.

pub mod board;
pub mod controls;
pub mod extract;
pub mod routes;
pub mod version;
