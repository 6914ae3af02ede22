//! Compressed answers, for clients that ask for them: the container of gzip around stored bytes.

use crate::support::web::message::{Answer, Piece, Request};

/// Most bytes that one stored block holds.
const BLOCK: usize = 0xffff;

/// Compresses an answer if the client accepts the exact token `gzip`.
pub fn compress(request: &Request, answer: &mut Answer) {
    let accepted = request.header("accept-encoding").unwrap_or("");
    if accepted.split(',').any(|coding| coding.trim() == "gzip") {
        answer.pieces = vec![Piece::Own(stored(&answer.body()))];
        answer.headers.push(("content-encoding", "gzip".to_owned()));
    }
}

/// A gzip stream of these bytes. Nothing gets smaller, but whoever reads it has to unpack it.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let blocks = bytes.chunks(BLOCK).count().max(1);
    for n in 0..blocks {
        let block = bytes.get(n * BLOCK..bytes.len().min((n + 1) * BLOCK)).unwrap_or(&[]);
        let length = block.len() as u16;
        out.push(u8::from(n + 1 == blocks));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    out.extend(checksum(bytes).to_le_bytes());
    out.extend((bytes.len() as u32).to_le_bytes());
    out
}

fn checksum(bytes: &[u8]) -> u32 {
    let of_byte = |byte: u32| {
        (0..8).fold(byte, |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 })
    };
    let table: Vec<u32> = (0..256).map(of_byte).collect();
    let step = |sum: u32, byte: &u8| table[((sum ^ u32::from(*byte)) & 0xff) as usize] ^ sum >> 8;
    !bytes.iter().fold(!0, step)
}
