//! Opens, upgrades and guards the file.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::copy::{self, PrivateCopy};
use super::files::{make_private, sibling};
use super::look::{Look, connect_to_read};
use super::schema::UPGRADES;
use super::unusable;
use crate::lock::Shared;

/// How many copies from before an upgrade are kept.
const BACKUPS: usize = 2;

/// Bytes of one page.
const PAGE: u32 = 8 << 10;

/// Bytes of the write-ahead log beyond which it is carried over into the file.
const JOURNAL: u32 = 4 << 20;

/// So many times that, and a commit carries it over itself.
const OVERDUE: u32 = 4;

/// The state file, shared by all threads of a pass: one connection, so one cache.
#[derive(Debug)]
pub struct Store {
    connection: Mutex<Connection>,
    /// Made when the log is first carried over.
    carrier: Mutex<Option<Connection>>,
    path: PathBuf,
    /// Of a dry run: goes with this value.
    copy: Option<PrivateCopy>,
    /// Nobody else writes it: the lock is this process's.
    is_ours: bool,
    /// Keeps writers out of a file that is read as it lies there.
    _kept_out: Option<Shared>,
}

impl Store {
    /// Opens the file for writing, makes it when it is missing, lifts it when it is older.
    ///
    /// # Errors
    /// Not to be opened or written, damaged, or written by a newer version of this program.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_as(path, UPGRADES)
    }

    /// As [`Self::open`], for a program that knows these upgrades.
    pub(super) fn open_as(path: &Path, upgrades: &[&str]) -> Result<Self> {
        make_private(path).with_context(|| format!("failed to make {}", path.display()))?;
        copy::remove_abandoned(path);
        let context = || format!("failed to open the state file {}", path.display());
        let mut connection = Connection::open(path).with_context(context)?;
        // Before anything is set: what is not ours stays as it is.
        refuse_strange(&connection, path, upgrades, true)?;
        prepare(&connection).with_context(context)?;
        upgrade(&mut connection, path, upgrades)?;
        Ok(Self { is_ours: true, ..Self::new(connection, path, None) })
    }

    /// Opens the file for reading alone, whatever version of it can be read; `None` when there is
    /// none.
    ///
    /// # Errors
    /// Not to be opened, damaged, older or newer than this program.
    pub fn open_read_only(path: &Path) -> Result<Option<Self>> {
        if !path.exists() {
            return Ok(None);
        }
        let context = || format!("failed to open the state file {}", path.display());
        let look = look_at(path)?;
        if version(&look.connection).with_context(context)? < newest(UPGRADES) {
            // Reading must not lift the file: a copy is lifted instead.
            return Self::open_copy(path).map(Some);
        }
        let store = Self::new(look.connection, path, None);
        Ok(Some(Self { _kept_out: look.kept_out, ..store }))
    }

    /// The version of the file as it lies there; `None` when there is none.
    ///
    /// # Errors
    /// As [`Self::open_read_only`].
    pub fn version_of(path: &Path) -> Result<Option<u32>> {
        if !path.exists() {
            return Ok(None);
        }
        let found = version(&look_at(path)?.connection);
        found.map(Some).with_context(|| format!("failed to read {}", path.display()))
    }

    /// Opens a private copy, deleted at the end, of the file as it is now (or of none): what a dry
    /// run may write to.
    ///
    /// # Errors
    /// Not to be read, or no room for a copy.
    pub fn open_copy(path: &Path) -> Result<Self> {
        let copy = PrivateCopy::beside(path)?;
        let mut connection = Connection::open_with_flags(
            &copy.0,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .with_context(|| format!("failed to open {}", copy.0.display()))?;
        if path.exists() {
            let context = || format!("failed to copy the state file {}", path.display());
            let source = look_at(path)?;
            let backup = Backup::new(&source.connection, &mut connection).with_context(context)?;
            copy::fill(&backup, copy::PATIENCE)
                .map_err(|error| unusable::explain(path, false, error))
                .with_context(context)?;
        }
        prepare(&connection).context("failed to prepare the copy of the state file")?;
        lift(&mut connection, UPGRADES).context("failed to upgrade the copy of the state file")?;
        Ok(Self::new(connection, path, Some(copy)))
    }

    fn new(connection: Connection, path: &Path, copy: Option<PrivateCopy>) -> Self {
        let connection = Mutex::new(connection);
        let (path, is_ours) = (path.to_owned(), copy.is_some());
        let carrier = Mutex::default();
        Self { connection, carrier, path, copy, is_ours, _kept_out: None }
    }

    /// Where the state is (not the copy).
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Beside which a pass may lay files of its own: the state, or a dry run's copy of it, whose folder
    /// is surely there.
    #[must_use]
    pub fn scratch(&self) -> &Path {
        self.copy.as_ref().map_or(&self.path, |copy| &copy.0)
    }

    /// Whether this is a private copy.
    #[must_use]
    pub fn is_copy(&self) -> bool {
        self.copy.is_some()
    }

    /// Looks something up, all of it in one transaction: SQLite's locks are taken once, and not for
    /// each statement. The connection is held meanwhile: no request may be sent from inside.
    ///
    /// # Errors
    /// As `look`.
    pub fn read<T>(&self, look: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let mut connection = self.lock();
        let transaction = connection
            .transaction()
            .with_context(|| format!("failed to read the state file {}", self.path.display()))?;
        // Its end, whichever, changes nothing.
        look(&transaction).map_err(|error| self.explain(error))
    }

    /// Runs one IMMEDIATE transaction: all of `change`, or nothing.
    ///
    /// # Errors
    /// As `change`, or the commit: disk full, read-only folder.
    pub fn write<T>(&self, change: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut connection = self.lock();
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .with_context(|| format!("failed to write the state file {}", self.path.display()))?;
        let value = change(&transaction).map_err(|error| self.explain(error))?;
        transaction
            .commit()
            .with_context(|| format!("failed to write the state file {}", self.path.display()))?;
        Ok(value)
    }

    /// Carries the write-ahead log over into the file, where it has grown long; beside whoever writes
    /// meanwhile. A commit that does so keeps all others waiting.
    ///
    /// # Errors
    /// The file cannot be opened or written.
    pub fn carry_over(&self) -> Result<()> {
        let log = fs::metadata(sibling(&self.path, "-wal")).map_or(0, |log| log.len());
        if self.is_copy() || log < u64::from(JOURNAL) {
            return Ok(());
        }
        let context = || format!("failed to write the state file {}", self.path.display());
        let mut carrier = self.carrier.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = match carrier.take() {
            Some(connection) => connection,
            None => {
                let connection = Connection::open(&self.path).with_context(context)?;
                connection.pragma_update(None, "synchronous", "FULL").with_context(context)?;
                connection
            }
        };
        let carried = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        *carrier = Some(connection);
        carried.with_context(context)
    }

    /// Checks the file's integrity, gives its free pages back, and empties the write-ahead log.
    ///
    /// # Errors
    /// It is damaged, or cannot be written.
    pub fn compact(&self) -> Result<()> {
        let connection = self.lock();
        let verdict: String = connection
            .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
            .map_err(|error| self.explain(anyhow::Error::new(error)))?;
        if verdict != "ok" {
            bail!("{verdict}: {}", unusable::damaged(&self.path));
        }
        let context = || format!("failed to compact the state file {}", self.path.display());
        // No `PRAGMA optimize`: with the statistics of a file of one project, SQLite would scan the
        // whole table for each of the many that follow.
        connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);").with_context(context)
    }

    fn explain(&self, error: anyhow::Error) -> anyhow::Error {
        unusable::explain(self.scratch(), self.is_ours, error)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A thread that panicked inside a transaction has rolled it back: nothing is half done.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection to a state file that changes nothing.
fn look_at(path: &Path) -> Result<Look> {
    let context = || format!("failed to open the state file {}", path.display());
    let look = connect_to_read(path).with_context(context)?;
    refuse_strange(&look.connection, path, UPGRADES, false)?;
    look.connection.pragma_update(None, "cache_size", -2000).with_context(context)?;
    Ok(look)
}

/// What must be set before the first table, and on each connection.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(10))?;
    // Said again later, it would be one more write on every start.
    if version(connection)? == 0 {
        // Twice SQLite's own: half as many reads and writes for what a project's elements take. Said
        // first, since the next one makes the first page.
        connection.pragma_update(None, "page_size", PAGE)?;
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -2000)?;
    connection.pragma_update(None, "journal_size_limit", JOURNAL)?;
    connection.pragma_update(None, "wal_autocheckpoint", OVERDUE * JOURNAL / PAGE)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// The version that these upgrades lead to.
fn newest(upgrades: &[&str]) -> u32 {
    u32::try_from(upgrades.len()).unwrap_or(u32::MAX)
}

/// What another program made, or a later version of this one, is left alone.
fn refuse_strange(
    connection: &Connection,
    path: &Path,
    upgrades: &[&str],
    is_ours: bool,
) -> Result<()> {
    let unreadable = |error| unusable::explain(path, is_ours, anyhow::Error::new(error));
    let found = version(connection).map_err(unreadable)?;
    let (tables, ours): (u32, u32) = connection
        .query_row(
            "SELECT count(*), count(CASE WHEN name IN ('meta', 'projects', 'runs') THEN 1 END)
             FROM sqlite_schema WHERE type = 'table'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .map_err(unreadable)?;
    let is_empty = found == 0 && tables == 0;
    if !is_empty && (found == 0 || ours < 3) {
        bail!(unusable::foreign(path));
    }
    let known = newest(upgrades);
    if found > known {
        bail!(
            "the state file {} has version {found} and this program knows {known}: install the \
             newer huly-vibe-sync, or name another file with --state",
            path.display()
        );
    }
    Ok(())
}

fn upgrade(connection: &mut Connection, path: &Path, upgrades: &[&str]) -> Result<()> {
    let found = version(connection).context("failed to read the version of the state file")?;
    if found > 0 && found < newest(upgrades) {
        back_up(connection, path, found)?;
    }
    lift(connection, upgrades)
        .with_context(|| format!("failed to upgrade the state file {}", path.display()))
}

fn lift(connection: &mut Connection, upgrades: &[&str]) -> rusqlite::Result<()> {
    for (number, upgrade) in (1..).zip(upgrades) {
        if version(connection)? >= number {
            continue;
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Asked again under the lock: another process may have been quicker.
        if version(&transaction)? < number {
            transaction.execute_batch(upgrade)?;
            transaction.pragma_update(None, "user_version", number)?;
        }
        transaction.commit()?;
    }
    Ok(())
}

/// A copy of the file as it was in `found`, and the oldest copies removed.
fn back_up(connection: &Connection, path: &Path, found: u32) -> Result<()> {
    let backup = sibling(path, &format!(".v{found}.bak"));
    let context = || format!("failed to back up the state file to {}", backup.display());
    if backup.exists() {
        fs::remove_file(&backup).with_context(context)?;
    }
    make_private(&backup).with_context(context)?;
    let target = backup.to_str().with_context(context)?;
    connection.execute("VACUUM INTO ?1", [target]).with_context(context)?;
    let mut kept: Vec<u32> =
        (1..=found).filter(|version| sibling(path, &format!(".v{version}.bak")).exists()).collect();
    while kept.len() > BACKUPS {
        let oldest = sibling(path, &format!(".v{}.bak", kept.remove(0)));
        fs::remove_file(&oldest).with_context(context)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
