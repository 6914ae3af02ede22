//! Requests: one pooled agent for all threads, retries, breaker, streamed lists, counters.

mod admission;
mod agent;
mod answer;
#[cfg(test)]
pub(crate) mod arbitrary;
mod attempt;
mod body;
mod breaker;
mod coding;
mod connect;
mod counters;
mod error;
mod fault;
mod host;
mod listed;
pub(crate) mod object;
mod pace;
mod percent;
pub mod ping;
mod request;
mod resolve;
mod retry;
mod scan;
#[cfg(test)]
pub(crate) mod scripted;
mod server;
#[cfg(test)]
mod tests;
pub(crate) mod text;
mod turns;

pub use agent::{Http, Proxy};
pub use answer::{Answer, Content};
pub use counters::Counts;
pub use error::{Error, Kind};
pub use host::Host;
pub use listed::{Listed, Receive, Recognised};
pub use percent::percent_encode;
pub use request::Request;
pub use retry::Class;
pub use scan::Path;
pub use server::{Limits, Listing, Refusals, Server};

/// Of a call that sends and receives.
pub type Result<T> = std::result::Result<T, Error>;
