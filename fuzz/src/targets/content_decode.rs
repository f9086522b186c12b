//! Content codings: what comes out does not depend on cuts and room, keeps to the limits, and is
//! what was put in; what is cut off is an error.
//!
//! Input: flags (first coding in bits 0 and 1, the second in 2 and 3: none, gzip, deflate, br or
//! zstd; 16: the bytes are the content, which is coded first, by gzip or deflate; 32: cut it off),
//! a seed for cuts, the bytes.

use std::io::Write;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use sessio_core::wire::decode::{
    Coding, DecodeError, DecodeLimits, Decoder, RATIO_STEP_BYTES, Then,
};

use crate::input::{cut, flags, show};

const LIMITS: DecodeLimits = DecodeLimits {
    codings_max: 2,
    decoded_bytes_max: Some(300_000),
    ratio_max: 3,
    ratio_floor_bytes: 1 << 18,
    window_bytes_max: 1 << 20,
};

/// Runs one input.
pub fn run(data: &[u8]) {
    let (flags, rest) = flags(data);
    let (seed, bytes) = self::flags(rest);
    let known = [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd];
    let mut codings = vec![known[usize::from(flags & 3)]];
    if let Some(second) = usize::from(flags >> 2 & 3).checked_sub(1) {
        codings.push(known[second]);
    }
    if flags & 16 != 0 {
        return round_trip(bytes, seed, flags & 1 != 0, flags & 32 != 0);
    }
    let has_brotli = codings.contains(&Coding::Brotli);
    let (content, end) = decode(&codings, bytes, 0, 1 << 16);
    check(&content, end, bytes.len());
    for (seed, room) in [(1, 7), (seed, 1 + usize::from(seed)), (seed, 1000)] {
        let again = decode(&codings, bytes, seed, room);
        // How much of br comes out before damage is the decoder's affair; it is never another thing.
        // So where the coding below is damaged too, either may be noticed first.
        let corrupt = |end| matches!(end, Some(DecodeError::Corrupt { .. }));
        let is_damaged = corrupt(end) && corrupt(again.1);
        let is_same_end = again.1 == end || (has_brotli && is_damaged);
        let ends = (again.1, end);
        assert!(is_same_end, "{codings:?} cuts {seed} room {room}: {ends:?} {}", show(bytes));
        let is_prefix = again.0.starts_with(&content) || content.starts_with(&again.0);
        let is_same = again.0 == content || (is_damaged && is_prefix && has_brotli);
        assert!(is_same, "{codings:?} cuts {seed} room {room}: {}", show(bytes));
    }
}

/// All content, and the error after it.
fn decode(
    codings: &[Coding],
    bytes: &[u8],
    seed: u8,
    room: usize,
) -> (Vec<u8>, Option<DecodeError>) {
    let mut decoder = Decoder::new(codings, &LIMITS);
    let (mut content, mut output) = (Vec::new(), vec![0; room]);
    for mut piece in cut(bytes, seed) {
        loop {
            match decoder.decode(piece, &mut output) {
                Err(error) => {
                    let _ = error.to_string();
                    let again = decoder.decode(piece, &mut output).expect_err("errors stay");
                    assert_eq!(again, error);
                    return (content, Some(error));
                }
                Ok(progress) => {
                    content.extend_from_slice(&output[..progress.produced]);
                    piece = &piece[progress.consumed..];
                    if progress.then == Then::NeedsInput {
                        assert!(piece.is_empty(), "input is left");
                        break;
                    }
                    assert!(
                        progress.produced > 0 || progress.consumed > 0 || room == 0,
                        "it spins"
                    );
                }
            }
        }
    }
    loop {
        match decoder.finish(&mut output) {
            Err(error) => return (content, Some(error)),
            Ok(0) => return (content, None),
            Ok(count) => content.extend_from_slice(&output[..count]),
        }
    }
}

/// The limits hold whatever the bytes are.
fn check(content: &[u8], end: Option<DecodeError>, coded: usize) {
    let content = content.len() as u64;
    assert!(content <= 300_000);
    let steps = (coded as u64).div_ceil(RATIO_STEP_BYTES).max(1) * RATIO_STEP_BYTES;
    assert!(content <= (steps * LIMITS.ratio_max).max(LIMITS.ratio_floor_bytes));
    if coded == 0 {
        assert_eq!((content, end), (0, None), "no byte is no coding");
    }
}

fn round_trip(content: &[u8], seed: u8, gzip: bool, cut_off: bool) {
    let level = Compression::new(u32::from(seed) % 10);
    let mut coded = match gzip {
        true => {
            let mut encoder = GzEncoder::new(Vec::new(), level);
            encoder.write_all(content).and_then(|()| encoder.finish()).expect("a vector")
        }
        false => {
            let mut encoder = ZlibEncoder::new(Vec::new(), level);
            encoder.write_all(content).and_then(|()| encoder.finish()).expect("a vector")
        }
    };
    let coding = if gzip { Coding::Gzip } else { Coding::Deflate };
    if cut_off {
        coded.truncate(1 + usize::from(seed) % (coded.len() - 1));
        let (got, end) = decode(&[coding], &coded, seed, 100);
        assert_eq!(end, Some(DecodeError::Truncated { coding }), "{}", show(&coded));
        assert!(content.starts_with(&got));
        return;
    }
    let (got, end) = decode(&[coding], &coded, seed, 100);
    assert_eq!(end, None, "{coding}: {}", show(&coded));
    assert!(got == content, "{coding}: {}", show(&coded));
}
