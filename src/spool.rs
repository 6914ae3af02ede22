//! A file without a name: what a pass lays aside so that memory stays flat.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::store::sibling;

/// What is gathered before it is written, unless said otherwise.
const BUFFER: usize = 64 * 1024;

/// A file that has grown beyond this gives its room back.
const LARGE: u64 = 64 << 20;

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Bytes in the order in which they came, read back by place.
#[derive(Debug)]
pub struct Spool {
    file: File,
    written: u64,
    buffer: Vec<u8>,
    capacity: usize,
}

impl Spool {
    /// Opens one beside the state, for its owner alone. It has no name, so a killed pass leaves
    /// nothing behind.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn open(state: &Path) -> io::Result<Self> {
        Self::with_capacity(state, BUFFER)
    }

    /// The same, with so much gathered before it is written.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn with_capacity(state: &Path, capacity: usize) -> io::Result<Self> {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = sibling(state, &format!(".stage-{}-{number}", std::process::id()));
        let file =
            OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        // A pass that begins may take it for a leftover, and be quicker.
        if let Err(error) = fs::remove_file(&path)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error);
        }
        Ok(Self { file, written: 0, buffer: Vec::new(), capacity })
    }

    /// Lays bytes aside; where they begin.
    ///
    /// # Errors
    /// The disk is full.
    pub fn push(&mut self, bytes: &[u8]) -> io::Result<u64> {
        let at = self.end();
        if self.buffer.len() + bytes.len() > self.capacity {
            self.flush()?;
        }
        if bytes.len() >= self.capacity {
            self.file.write_all(bytes)?;
            self.written += bytes.len() as u64;
        } else {
            self.buffer.extend_from_slice(bytes);
        }
        Ok(at)
    }

    /// Fills `out` from there.
    ///
    /// # Errors
    /// The file cannot be read, or ends before.
    pub fn read(&self, at: u64, out: &mut [u8]) -> io::Result<()> {
        // A part of it may be in the file and the rest not yet.
        let in_file = usize::try_from(self.written.saturating_sub(at)).unwrap_or(usize::MAX);
        let (written, gathered) = out.split_at_mut(in_file.min(out.len()));
        if !written.is_empty() {
            self.file.read_exact_at(written, at)?;
        }
        let from = usize::try_from(at.saturating_sub(self.written)).unwrap_or(usize::MAX);
        let part = self.buffer.get(from..).and_then(|rest| rest.get(..gathered.len()));
        gathered.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    /// Where the next bytes will begin.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    /// Empties it for the next project.
    ///
    /// # Errors
    /// The file cannot be cut.
    pub fn clear(&mut self) -> io::Result<()> {
        self.buffer.clear();
        // What is on disk is written over: its pages are there already.
        if self.written > LARGE {
            self.file.set_len(0)?;
        }
        if self.written > 0 {
            io::Seek::rewind(&mut self.file)?;
            self.written = 0;
        }
        Ok(())
    }

    /// From here on it is only read (by any thread).
    ///
    /// # Errors
    /// The disk is full.
    pub fn flush(&mut self) -> io::Result<()> {
        self.file.write_all(&self.buffer)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

/// What could not be done, where one cannot be opened.
pub(crate) fn place(state: &Path) -> String {
    format!("failed to lay a file beside {}", state.display())
}

/// Removes what a killed pass may have left between making a spool and taking its name away.
pub fn remove_leftovers(state: &Path) {
    let Some(folder) = state.parent() else { return };
    let prefix = sibling(state, ".stage-");
    let Some(prefix) = prefix.file_name().and_then(|name| name.to_str()) else { return };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix)) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_laid_aside_is_read_back_from_memory_and_from_disk() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::open(&folder.path().join("state.db")).unwrap();
        let places: Vec<u64> = (0..2000u32)
            .map(|number| spool.push(&number.to_be_bytes().repeat(20)).unwrap())
            .collect();
        let big = vec![7; BUFFER * 2];
        let at = spool.push(&big).unwrap();
        for (number, &place) in (0u32..).zip(&places) {
            let mut out = [0; 80];
            spool.read(place, &mut out).unwrap();
            assert_eq!(out[76..], number.to_be_bytes());
        }
        let mut out = vec![0; big.len()];
        spool.read(at, &mut out).unwrap();
        assert_eq!(out, big);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "it has no name");
        spool.clear().unwrap();
        assert_eq!(spool.push(b"x").unwrap(), 0);
    }

    #[test]
    fn what_lies_on_both_sides_of_the_border_is_read_as_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::open(&folder.path().join("state.db")).unwrap();
        spool.push(b"abc").unwrap();
        spool.flush().unwrap();
        spool.push(b"def").unwrap();
        let mut out = [0; 4];
        spool.read(1, &mut out).unwrap();
        assert_eq!(&out, b"bcde");
        assert!(spool.read(3, &mut out).is_err(), "there is no more");
    }
}
