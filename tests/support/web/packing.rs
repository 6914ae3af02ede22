//! Bodies as proxies pack them that compress without being asked.

use std::io::Write;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use super::faults::Coding;
use super::message::{Answer, Piece};

/// Packs an answer's body, and says so.
pub fn pack(answer: &mut Answer, coding: Coding) {
    let body = answer.body();
    let (name, body) = match coding {
        Coding::Gzip => {
            let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
            packed.write_all(&body).unwrap();
            ("gzip", packed.finish().unwrap())
        }
        Coding::Deflate => {
            let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
            packed.write_all(&body).unwrap();
            ("deflate", packed.finish().unwrap())
        }
        Coding::Brotli => ("br", body),
        Coding::Wrong => ("gzip", body),
    };
    answer.pieces = vec![Piece::Own(body)];
    answer.headers.push(("content-encoding", name.to_owned()));
}
