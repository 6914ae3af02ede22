//! Letta's server, as the recorded 0.16.8 and the versions before it.

pub mod controls;
pub mod filter;
pub mod folders;
pub mod memory;
pub mod routes;
pub mod shapes;
pub mod version;
