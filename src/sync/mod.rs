//! The sync itself: pure decisions (`normal`, `marker`, `status`, `merge`, `guard`, `pairing`) and
//! the pass that carries them out.

mod apply;
mod blank;
pub mod by_hand;
mod changes;
pub(crate) mod choose;
mod commit;
mod conclude;
pub mod context;
mod desk;
mod detect;
pub mod done;
mod enter;
pub mod feed;
mod foreign;
pub mod guard;
mod halves;
pub mod input;
mod item;
pub mod marker;
pub mod merge;
pub mod normal;
mod outbox;
mod outgoing;
pub mod output;
pub mod pairing;
mod partner;
pub mod pass;
mod plan;
pub mod project;
mod read;
pub mod spool;
pub mod stage;
pub mod staged;
pub mod status;
mod tell;
pub mod trouble;
mod unkept;
mod unlinked;
mod unseen;
mod view;
pub mod wish;
mod workers;

pub use desk::REFUSAL_HOLDS_MS;
pub use workers::Watcher;
