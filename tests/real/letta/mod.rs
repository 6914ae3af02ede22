//! The push against the real Letta 0.16.8, of boards that a simulated Huly and Vibe Kanban have.

mod push;
mod server;
