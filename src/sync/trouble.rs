//! Why a project's pass cannot go on.

use crate::http;

/// What stopped it.
#[derive(Debug)]
pub enum Trouble {
    /// A request that the project cannot do without failed.
    Remote(http::Error),
    /// The state, or this machine: no project can go on.
    Local(anyhow::Error),
    /// Something was found that only a full read can settle.
    NeedsFull,
    /// The deadline, a signal or the memory bound came between two items.
    Ended,
    /// The project cannot be synced as it is set up.
    Refused(String),
    /// The project is not what it seems; a person has to look.
    Odd(String),
}

impl From<http::Error> for Trouble {
    fn from(error: http::Error) -> Self {
        Self::Remote(error)
    }
}

impl From<anyhow::Error> for Trouble {
    fn from(error: anyhow::Error) -> Self {
        Self::Local(error)
    }
}

/// Of a step of a project's pass.
pub type Result<T> = std::result::Result<T, Trouble>;
