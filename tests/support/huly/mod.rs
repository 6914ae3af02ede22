//! Huly as its REST bridge shows it, with everything the bridge gets wrong.

pub mod bridge;
pub mod controls;
pub mod gate;
pub mod issue_json;
pub mod lists;
pub mod markdown;
pub mod text;
pub mod tracker;
pub mod writes;
