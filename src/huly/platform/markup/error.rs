//! Why a text could not be converted.

use std::fmt;

/// What is wrong with the input. The same input fails again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// Larger than this many bytes, or it would become so.
    TooLarge(usize),
    /// More nodes than this, whatever their size: memory goes by them.
    TooManyNodes(usize),
    /// Nested deeper than JSON is read.
    TooDeep,
    /// Not JSON, or no `{"type":"doc"}`; with what was found instead.
    NoDocument(String),
}

impl fmt::Display for Error {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(limit) => write!(to, "rich text of more than {limit} bytes"),
            Self::TooManyNodes(limit) => write!(to, "rich text of more than {limit} nodes"),
            Self::TooDeep => write!(to, "rich text is nested too deep"),
            Self::NoDocument(found) => write!(to, "no rich text document: {found}"),
        }
    }
}

impl std::error::Error for Error {}
