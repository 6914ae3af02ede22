//! Requests: one pooled agent for all threads, retries, breaker, streamed lists, counters.

mod error;

pub use error::{Error, Kind};

/// Of a call that sends and receives.
pub type Result<T> = std::result::Result<T, Error>;
