//! Files that settings stand in, or that settings name.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

/// Bytes of one, at most.
const LIMIT: u64 = 1 << 20;

/// All of a file: a regular one, since a pipe or a device may hang or never end, and no larger than any
/// settings are. A link to a regular file is one.
///
/// # Errors
/// It is missing, cannot be read, is no regular file, or is larger than 1 MB.
pub(super) fn read_settings_file(path: &Path) -> io::Result<Vec<u8>> {
    let refuse = |what: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, what.to_owned()));
    // Before it is opened: that alone would wait for whoever writes into a pipe.
    if !fs::metadata(path)?.is_file() {
        return refuse("not a regular file");
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT { refuse("larger than 1 MB") } else { Ok(bytes) }
}

/// The same, as text.
///
/// # Errors
/// Likewise, or it is not UTF-8.
pub(super) fn read_settings_text(path: &Path) -> io::Result<String> {
    String::from_utf8(read_settings_file(path)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not UTF-8"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn a_regular_file_is_read_also_through_a_link_and_nothing_else_is() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        fs::write(at("word"), "secret\n").unwrap();
        symlink(at("word"), at("link")).unwrap();
        assert_eq!(read_settings_text(&at("link")).unwrap(), "secret\n");
        let _socket = UnixListener::bind(at("socket")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap();
        assert!(made.success());
        symlink(at("pipe"), at("link-to-pipe")).unwrap();
        for name in ["socket", "pipe", "link-to-pipe", "."] {
            let error = read_settings_text(&at(name)).unwrap_err();
            assert_eq!(error.to_string(), "not a regular file", "{name}");
        }
    }

    #[test]
    fn a_file_of_more_than_a_megabyte_holds_no_settings() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("large");
        fs::write(&path, vec![b'#'; 1 << 20]).unwrap();
        assert_eq!(read_settings_file(&path).unwrap().len(), 1 << 20);
        fs::write(&path, vec![b'#'; (1 << 20) + 1]).unwrap();
        assert_eq!(read_settings_file(&path).unwrap_err().to_string(), "larger than 1 MB");
    }
}
