//! The state file. All SQL of the program is in this room, one file a table.

mod age;
pub mod agents;
pub mod blocks;
pub mod changes;
mod copy;
pub mod elements;
mod files;
pub mod import;
pub mod issues;
pub mod known;
mod look;
pub mod losers;
pub mod meta;
mod open;
pub mod outbox;
pub mod overview;
pub mod pending;
pub mod projects;
pub mod prune;
pub mod runs;
pub mod said;
mod schema;
pub mod statuses;
pub mod sums;
pub mod tombstones;
pub mod troubles;
mod unusable;

pub(crate) use files::sibling;
pub use open::Store;
pub use schema::VERSION;
pub use unusable::is_full_or_read_only;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::model::{Hash, Side};

impl ToSql for Hash {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0)))
    }
}

impl FromSql for Hash {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let bytes = value.as_blob()?;
        bytes.try_into().map(Self).map_err(|_| FromSqlError::InvalidType)
    }
}

impl ToSql for Side {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(match self {
            Self::Huly => b"huly",
            Self::Vibe => b"vibe",
        })))
    }
}

impl FromSql for Side {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "huly" => Ok(Self::Huly),
            "vibe" => Ok(Self::Vibe),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}
