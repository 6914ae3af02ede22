//! Content codings. None is asked for, yet some proxies compress all the same.

use std::fmt;
use std::io::{self, Read};

use flate2::read::{MultiGzDecoder, ZlibDecoder};
use ureq::http::{HeaderMap, header};

/// How a body is packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Coding {
    /// As it is.
    Plain,
    Gzip,
    /// `deflate`, which is zlib's format.
    Deflate,
    /// This program cannot unpack it: the header's words.
    Unknown(String),
}

impl Coding {
    /// By `Content-Encoding`.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::CONTENT_ENCODING).iter();
        let text = values.map(|value| value.to_str().unwrap_or("?")).collect::<Vec<_>>().join(",");
        let text = text.to_ascii_lowercase();
        let mut codings =
            text.split(',').map(str::trim).filter(|one| !one.is_empty() && *one != "identity");
        match (codings.next(), codings.next()) {
            (None, _) => Self::Plain,
            (Some("gzip" | "x-gzip"), None) => Self::Gzip,
            (Some("deflate"), None) => Self::Deflate,
            _ => Self::Unknown(text),
        }
    }

    /// The body unpacked, as it comes; what is held of it does not grow with it. An unknown coding is
    /// handed on as it is.
    pub(crate) fn unpack<'a>(&self, packed: impl Read + 'a) -> Box<dyn Read + 'a> {
        match self {
            Self::Plain | Self::Unknown(_) => Box::new(packed),
            Self::Gzip => Box::new(Unpacked(MultiGzDecoder::new(packed))),
            Self::Deflate => Box::new(Unpacked(ZlibDecoder::new(packed))),
        }
    }
}

/// Tells a body that is packed wrongly from a connection that failed.
struct Unpacked<R>(R);

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                io::Error::new(io::ErrorKind::InvalidData, Misfit(error.to_string()))
            }
            _ => error,
        })
    }
}

/// The bytes are not what `Content-Encoding` says.
#[derive(Debug)]
pub(crate) struct Misfit(String);

impl Misfit {
    /// The one that an error of a read is, if it is one.
    pub(crate) fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the body is not what its Content-Encoding says: {}", self.0)
    }
}

impl std::error::Error for Misfit {}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::*;

    fn of(values: &[&str]) -> Coding {
        let pairs = values.iter().map(|one| (header::CONTENT_ENCODING, one.parse().unwrap()));
        Coding::of(&pairs.collect())
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(text).unwrap();
        packed.finish().unwrap()
    }

    #[test]
    fn codings_are_read_from_the_header() {
        for plain in [&[][..], &[""], &["identity"], &["identity, identity"]] {
            assert_eq!(of(plain), Coding::Plain, "{plain:?}");
        }
        for gzip in [&["gzip"][..], &["GZip "], &["x-gzip"], &["identity", "gzip"]] {
            assert_eq!(of(gzip), Coding::Gzip, "{gzip:?}");
        }
        assert_eq!(of(&["deflate"]), Coding::Deflate);
        for unknown in [&["br"][..], &["zstd"], &["gzip, br"], &["gzip", "gzip"]] {
            assert!(matches!(of(unknown), Coding::Unknown(_)), "{unknown:?}");
        }
    }

    #[test]
    fn what_is_packed_is_unpacked_and_what_is_not_is_no_failure_of_the_connection() {
        let mut text = String::new();
        let packed = [gzip(b"{\"a\":"), gzip(b"1}")].concat();
        Coding::Gzip.unpack(&*packed).read_to_string(&mut text).unwrap();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(b"[2]").unwrap();
        Coding::Deflate.unpack(&*zlib.finish().unwrap()).read_to_string(&mut text).unwrap();
        assert_eq!(text, "{\"a\":1}[2]");

        for coding in [Coding::Gzip, Coding::Deflate] {
            let error = coding.unpack(&b"{\"a\":1, \"b\":2}"[..]).read(&mut [0; 9]).unwrap_err();
            assert!(Misfit::of(&error).is_some(), "{error}");
        }
        let cut = &packed[..packed.len() / 3];
        let error = Coding::Gzip.unpack(cut).read_to_end(&mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert!(Misfit::of(&error).is_none(), "{error}");
    }
}
