//! The sync itself: pure decisions (`normal`, `marker`, `status`, `merge`, `guard`) and the pass
//! that carries them out.

pub mod guard;
pub mod marker;
pub mod merge;
pub mod normal;
pub mod spool;
pub mod stage;
pub mod staged;
pub mod status;
