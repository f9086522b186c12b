//! Chunked bodies: decoded as the model decodes them, at any cuts, and no byte beyond the end is
//! touched; what a writer of chunks makes comes back as it was.
//!
//! Input: flags (1 make a body of the rest instead of decoding it), a seed for cuts, the bytes.

use sessio_core::wire::chunked::{Chunk, ChunkLimits, Decoder, LAST_CHUNK, Step, size_line};

use crate::input::{cut, flags, show};
use crate::model::chunked::{Read, read};

/// Runs one input.
pub fn run(data: &[u8]) {
    let (flags, rest) = flags(data);
    let (seed, bytes) = self::flags(rest);
    if flags & 1 != 0 {
        return round_trip(bytes, seed);
    }
    let want = read(bytes);
    for seed in [0, 1, seed] {
        assert_eq!(decode(bytes, seed), want, "cuts {seed}: {}", show(bytes));
    }
}

/// Decodes with the core.
fn decode(bytes: &[u8], seed: u8) -> Read {
    let (mut decoder, limits) = (Decoder::new(), ChunkLimits::default());
    let (mut data, mut used) = (Vec::new(), 0);
    for piece in cut(bytes, seed) {
        let mut rest = piece;
        loop {
            match decoder.step(rest, &limits) {
                Err(error) => {
                    let _ = error.to_string();
                    return Read::Refused(data);
                }
                Ok(Step::Data { skip, length, .. }) => {
                    assert!(length > 0, "no data");
                    data.extend_from_slice(&rest[skip..skip + length]);
                    used += skip + length;
                    rest = &rest[skip + length..];
                }
                Ok(Step::NeedMore { used: taken }) => {
                    assert_eq!(taken, rest.len());
                    used += taken;
                    break;
                }
                Ok(Step::End { used: taken }) => {
                    used += taken;
                    assert!(used <= bytes.len() && decoder.is_ended());
                    let trailers = decoder.into_trailers();
                    let trailers = trailers.iter().map(|(n, v)| (n.to_vec(), v.to_vec())).collect();
                    return Read::Whole { data, used, trailers };
                }
            }
        }
    }
    assert_eq!(used, bytes.len());
    assert!(data.len() <= bytes.len());
    Read::Partial(data)
}

/// Chunks of the core's own making, with extensions, trailers and surplus put around.
fn round_trip(bytes: &[u8], seed: u8) {
    let mut body = Vec::new();
    for (number, piece) in cut(bytes, seed.max(2)).into_iter().enumerate() {
        let Some(length) = u32::try_from(piece.len()).ok().and_then(std::num::NonZeroU32::new)
        else {
            return;
        };
        let mut room = [0; sessio_core::wire::chunked::SIZE_LINE_ROOM];
        let start = size_line(length, &mut room);
        let line = &room[start..room.len() - 2];
        let extension: &[u8] = match (usize::from(seed) + number) % 4 {
            0 => b";a=\"b\"",
            1 => b" \t",
            _ => b"",
        };
        body.extend([line, extension, b"\r\n", piece, b"\r\n"].concat());
    }
    match seed % 3 {
        0 => body.extend_from_slice(&LAST_CHUNK),
        1 => body.extend_from_slice(b"000\r\nA: b\r\nC:\r\n\r\n"),
        _ => body.extend_from_slice(b"0;x\r\n\r\n"),
    }
    let end = body.len();
    body.extend_from_slice(b"HTTP/1.1 200 surplus");
    let Read::Whole { data, used, trailers } = decode(&body, seed) else {
        panic!("not whole: {}", show(&body))
    };
    assert_eq!((data.as_slice(), used), (bytes, end));
    assert_eq!(trailers.len(), if seed % 3 == 1 { 2 } else { 0 });
    ends(&body, bytes.len());
}

/// The ends of chunks are where they are, whatever the cuts.
fn ends(body: &[u8], length: usize) {
    let places = |seed| {
        let (mut decoder, limits) = (Decoder::new(), ChunkLimits::default());
        let (mut ends, mut at) = (Vec::new(), 0);
        for mut rest in cut(body, seed) {
            while let Ok(Step::Data { skip, length, chunk }) = decoder.step(rest, &limits) {
                at += length;
                if chunk == Chunk::Ends {
                    ends.push(at);
                }
                rest = &rest[skip + length..];
            }
        }
        ends
    };
    let whole = places(0);
    assert_eq!(whole.last().copied().unwrap_or(0), length);
    assert_eq!(whole, places(1));
}
