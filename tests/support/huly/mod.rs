//! Huly: one tracker with two faces, the platform's own services and the REST bridge in front of them.

pub mod bridge;
pub mod controls;
pub mod gate;
pub mod issue;
pub mod issue_json;
pub mod lists;
pub mod markdown;
pub mod platform;
pub mod project;
pub mod text;
pub mod tracker;
pub mod troubles;
pub mod writes;
