//! Takes in answers' bodies, always to their end: a connection with an unread rest is lost.

use std::cell::RefCell;
use std::io::{self, Read};
use std::mem;

use super::Receive;
use super::scan::{self, Path, Scanner};

/// What a thread keeps between bodies.
const BUFFER: usize = 64 << 10;

/// The largest single element, and the largest body that is taken in whole.
pub(crate) const WHOLE_LIMIT: usize = 16 << 20;

/// How much of an error's body is taken in; with more the connection is given up.
pub(crate) const ERROR_LIMIT: usize = 64 << 10;

thread_local! {
    static KEPT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Why a body was not taken in.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The connection failed, or ended too early.
    Transport(io::Error),
    /// It is not the JSON that was asked for.
    Garbled(String),
    /// Too large for this machine.
    TooLarge(String),
    /// The receiver of the elements failed.
    Receiver(anyhow::Error),
}

impl From<scan::Broken> for Broken {
    fn from(broken: scan::Broken) -> Self {
        match broken {
            scan::Broken::Garbled(how) => Self::Garbled(how),
            scan::Broken::Receiver(error) => Self::Receiver(error),
        }
    }
}

/// A list that came to its end.
pub(crate) struct Streamed {
    pub(crate) envelope: Vec<u8>,
    pub(crate) count: u64,
}

/// Hands over the elements of the arrays at `path` as they come in.
pub(crate) fn stream(
    reader: &mut dyn Read,
    path: Path,
    received: &mut dyn FnMut(usize),
    each: &mut dyn Receive,
) -> Result<Streamed, Broken> {
    let (mut scanner, mut filled) = (Scanner::new(path), 0);
    with_buffer(|buffer| {
        loop {
            if filled == buffer.len() {
                grow(buffer)?;
            }
            let more = read(reader, &mut buffer[filled..])?;
            if more == 0 {
                // A known element may have been waited for where a shorter one has come.
                scanner.recognise_no_more();
                scanner.scan(&buffer[..filled], each)?;
                break;
            }
            received(more);
            filled += more;
            let done = scanner.scan(&buffer[..filled], each)?;
            buffer.copy_within(done..filled, 0);
            filled -= done;
        }
        Ok::<_, Broken>(())
    })?;
    let count = scanner.count();
    Ok(Streamed { envelope: scanner.finish()?, count })
}

/// Reads to the end and keeps nothing: the floor of every list.
pub(crate) fn drain(reader: &mut dyn Read, received: &mut dyn FnMut(usize)) -> Result<u64, Broken> {
    let mut total = 0;
    with_buffer(|buffer| {
        loop {
            let more = read(reader, buffer)?;
            if more == 0 {
                return Ok(total);
            }
            received(more);
            total += more as u64;
        }
    })
}

/// The whole body; one longer than `limit` is cut there, and `false` says so.
pub(crate) fn whole(
    reader: &mut dyn Read,
    limit: usize,
    received: &mut dyn FnMut(usize),
) -> Result<(Vec<u8>, bool), Broken> {
    let mut body = Vec::new();
    let complete = with_buffer(|buffer| {
        loop {
            let more = read(reader, buffer)?;
            if more == 0 {
                return Ok::<_, Broken>(true);
            }
            received(more);
            let kept = more.min(limit - body.len());
            body.extend_from_slice(&buffer[..kept]);
            if kept < more {
                return Ok(false);
            }
        }
    })?;
    Ok((body, complete))
}

/// Lends this thread's buffer. A read inside of a read gets one of its own.
fn with_buffer<T>(take_in: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    let mut buffer = KEPT.with_borrow_mut(mem::take);
    if buffer.len() < BUFFER {
        buffer.resize(BUFFER, 0);
    }
    let taken = take_in(&mut buffer);
    buffer.truncate(BUFFER);
    buffer.shrink_to(BUFFER);
    KEPT.replace(buffer);
    taken
}

fn grow(buffer: &mut Vec<u8>) -> Result<(), Broken> {
    if buffer.len() >= WHOLE_LIMIT {
        let begin = String::from_utf8_lossy(&buffer[..120]).into_owned();
        return Err(Broken::TooLarge(format!("an element of more than 16 MiB: {begin}…")));
    }
    buffer.resize((buffer.len() * 2).min(WHOLE_LIMIT), 0);
    Ok(())
}

fn read(reader: &mut dyn Read, into: &mut [u8]) -> Result<usize, Broken> {
    reader.read(into).map_err(Broken::Transport)
}

#[cfg(test)]
mod tests {
    use super::super::Listed;
    use super::*;

    fn kept() -> usize {
        KEPT.with_borrow(Vec::capacity)
    }

    #[test]
    fn the_buffer_grows_to_the_largest_element_and_shrinks_back() {
        let text = "x".repeat(3 * BUFFER);
        let body = format!(r#"{{"data":[{{"a":"{text}"}},{{"a":"b"}}]}}"#);
        let (mut bytes, mut lengths) = (0, Vec::new());
        let streamed = stream(
            &mut body.as_bytes(),
            &[Some("data")],
            &mut |more| bytes += more,
            &mut |news: Listed<'_>| {
                if let Listed::Element(_, element) = news {
                    lengths.push(element.len());
                }
                Ok(())
            },
        )
        .unwrap();
        assert_eq!((streamed.count, bytes), (2, body.len()));
        assert_eq!(lengths, [text.len() + 8, 9]);
        assert_eq!(streamed.envelope, br#"{"data":[]}"#);
        assert_eq!(kept(), BUFFER);
    }

    #[test]
    fn an_element_without_end_is_named_and_refused() {
        let head = r#"{"data":[{"identifier":"P-1","a":""#;
        let mut body = head.as_bytes().chain(io::repeat(b'x'));
        let broken = stream(&mut body, &[Some("data")], &mut |_| {}, &mut |_: Listed<'_>| Ok(()));
        assert!(matches!(broken, Err(Broken::TooLarge(text)) if text.contains("P-1")));
        assert_eq!(kept(), BUFFER);
    }

    #[test]
    fn a_whole_body_is_cut_at_its_limit() {
        assert_eq!(whole(&mut &b"abc"[..], 3, &mut |_| {}).unwrap(), (b"abc".to_vec(), true));
        assert_eq!(whole(&mut &b"abcd"[..], 3, &mut |_| {}).unwrap(), (b"abc".to_vec(), false));
    }
}
