//! Bodies, each in every cut.

use alloc::format;
use alloc::vec::Vec;
use core::num::NonZeroU32;

use super::*;

/// What came out of a body: its data, chunk by chunk, and how many bytes are left behind it.
#[derive(Debug, PartialEq)]
enum Outcome {
    Whole(Vec<Vec<u8>>, usize),
    Open(Vec<Vec<u8>>),
    Refused(ChunkError),
}

fn decode(pieces: &[&[u8]], limits: &ChunkLimits) -> (Outcome, Decoder) {
    let mut decoder = Decoder::new();
    let (mut chunks, mut open, mut left) = (Vec::new(), Vec::new(), None);
    for piece in pieces {
        let mut rest = *piece;
        while left.is_none() {
            match decoder.step(rest, limits) {
                Err(error) => return (Outcome::Refused(error), decoder),
                Ok(Step::NeedMore { used }) => {
                    assert_eq!(used, rest.len());
                    rest = &[];
                    break;
                }
                Ok(Step::End { used }) => {
                    rest = &rest[used..];
                    left = Some(0);
                }
                Ok(Step::Data { skip, length, chunk }) => {
                    assert!(length > 0);
                    open.extend_from_slice(&rest[skip..skip + length]);
                    if chunk == Chunk::Ends {
                        chunks.push(core::mem::take(&mut open));
                    }
                    rest = &rest[skip + length..];
                }
            }
        }
        left = left.map(|so_far| so_far + rest.len());
    }
    let outcome = match left {
        Some(left) => Outcome::Whole(chunks, left),
        None => {
            chunks.extend((!open.is_empty()).then_some(open));
            Outcome::Open(chunks)
        }
    };
    (outcome, decoder)
}

/// The outcome, the same in every cut in two and byte by byte.
fn check(body: &[u8], limits: &ChunkLimits) -> (Outcome, Decoder) {
    let whole = decode(&[body], limits);
    for cut in 0..=body.len() {
        let (first, second) = body.split_at(cut);
        let (outcome, decoder) = decode(&[first, second], limits);
        assert_eq!(outcome, whole.0, "{body:?} cut at {cut}");
        assert_eq!(decoder.trailers(), whole.1.trailers(), "{body:?} cut at {cut}");
    }
    let bytes: Vec<&[u8]> = body.chunks(1).collect();
    assert_eq!(decode(&bytes, limits).0, whole.0, "{body:?} byte by byte");
    whole
}

fn whole(chunks: &[&str], left: usize) -> Outcome {
    Outcome::Whole(chunks.iter().map(|c| c.as_bytes().to_vec()).collect(), left)
}

#[test]
fn chunks_come_out_one_by_one_and_the_rest_is_left() {
    let rows = [
        ("0\r\n\r\n", whole(&[], 0)),
        ("2\r\nok\r\n0\r\n\r\n", whole(&["ok"], 0)),
        ("2\r\nok\r\nA\r\n0123456789\r\n000\r\n\r\nHTTP", whole(&["ok", "0123456789"], 4)),
        ("0002 \t;a=\"b\"\r\nok\r\n0;x\r\n\r\n", whole(&["ok"], 0)),
        ("2;\r\nok\r\n0\r\nX-T: 1\r\n\r\nxx", whole(&["ok"], 2)),
        ("5\r\nok", Outcome::Open(alloc::vec![b"ok".to_vec()])),
        ("2\r\nok\r\n0\r\n", Outcome::Open(alloc::vec![b"ok".to_vec()])),
        ("ffffffffffffffff\r\nok", Outcome::Open(alloc::vec![b"ok".to_vec()])),
        ("", Outcome::Open(Vec::new())),
    ];
    for (body, want) in rows {
        assert_eq!(check(body.as_bytes(), &ChunkLimits::default()).0, want, "{body:?}");
    }
}

#[test]
fn framing_that_is_not_exact_is_refused_where_it_goes_wrong() {
    use ChunkError::*;
    let size = |offset, byte| Size { offset, byte };
    let trailers = |error| Trailers(error);
    use crate::wire::head::HeadError;
    let rows = [
        ("+2\r\n", size(0, b'+')),
        ("-2\r\n", size(0, b'-')),
        (" 2\r\n", size(0, b' ')),
        ("\r\n", size(0, b'\r')),
        (";a\r\n", size(0, b';')),
        ("0x2\r\n", size(1, b'x')),
        ("2g\r\n", size(1, b'g')),
        ("0_2\r\n", size(1, b'_')),
        ("0 2\r\n", size(2, b'2')),
        ("2\nok", size(1, b'\n')),
        ("2 \nok", size(2, b'\n')),
        ("2\rok", BareCr { offset: 2 }),
        ("2;a\rok", BareCr { offset: 4 }),
        ("2;a\nok", Extension { offset: 3, byte: b'\n' }),
        ("2;a\0ok", Extension { offset: 3, byte: 0 }),
        ("10000000000000002\r\n", SizeTooLong { offset: 16 }),
        ("2\r\nok\n0", DataEnd { offset: 5, byte: b'\n' }),
        ("2\r\nok0\r\n", DataEnd { offset: 5, byte: b'0' }),
        ("2\r\nok\r0", DataEnd { offset: 6, byte: b'0' }),
        ("3\r\nxxx__1a\r\n", DataEnd { offset: 6, byte: b'_' }),
        ("0\r\n\n", trailers(HeadError::BareLf { offset: 0 })),
        ("0\r\na: 1\n\n", trailers(HeadError::BareLf { offset: 4 })),
        ("0\r\na: 1\r\n b\r\n\r\n", trailers(HeadError::Fold { name: "a".into(), offset: 6 })),
        ("0\r\n\0a: 1\r\n\r\n", trailers(HeadError::FieldName { offset: 0, byte: 0 })),
    ];
    for (body, want) in rows {
        let (outcome, _) = check(body.as_bytes(), &ChunkLimits::default());
        assert_eq!(outcome, Outcome::Refused(want), "{body:?}");
    }
}

#[test]
fn each_limit_holds_to_the_byte() {
    let limits =
        ChunkLimits { extension_bytes_max: 6, trailer_bytes_max: 20, trailer_fields_max: 2 };
    let extensions = ChunkError::ExtensionsTooLarge { bytes_max: 6 };
    let trailers = |error| Some(ChunkError::Trailers(error));
    use crate::wire::head::HeadError::{TooLarge, TooManyFields};
    let rows = [
        ("1;ab\r\nx\r\n0;a\r\n\r\n".into(), None),
        ("1;abc\r\nx\r\n0;ab\r\n\r\n".into(), Some(extensions)),
        (format!("1{}\r\nx\r\n0\r\n\r\n", " ".repeat(16)), None),
        (
            format!("1{}\r\nx\r\n0\r\n\r\n", " ".repeat(17)),
            Some(ChunkError::TooManyBlanks { offset: 17 }),
        ),
        (format!("0\r\na: {}\r\n\r\n", "1".repeat(13)), None),
        (format!("0\r\na: {}\r\n\r\n", "1".repeat(14)), trailers(TooLarge { bytes_max: 20 })),
        ("0\r\na: 1\r\nb: 2\r\n\r\n".into(), None),
        ("0\r\na:\r\nb:\r\nc:\r\n\r\n".into(), trailers(TooManyFields { fields_max: 2 })),
    ];
    for (body, want) in rows {
        let outcome = match check(body.as_bytes(), &limits).0 {
            Outcome::Refused(error) => Some(error),
            outcome => {
                assert!(matches!(outcome, Outcome::Whole(..)), "{body:?}");
                None
            }
        };
        assert_eq!(outcome, want, "{body:?}");
    }
}

#[test]
fn trailers_are_kept_and_apart() {
    let (_, decoder) = check(b"0\r\nX-T: 1\r\nSet-Cookie: a=b\r\n\r\n", &ChunkLimits::default());
    assert!(decoder.is_ended());
    assert_eq!(decoder.trailers().field("x-t"), Some(&b"1"[..]));
    assert_eq!(decoder.into_trailers().len(), 2);
}

#[test]
fn an_ended_body_takes_no_more() {
    let mut decoder = Decoder::new();
    let limits = ChunkLimits::default();
    assert_eq!(decoder.step(b"0\r\n\r\nmore", &limits), Ok(Step::End { used: 5 }));
    assert_eq!(decoder.step(b"more", &limits), Ok(Step::End { used: 0 }));
    assert_eq!(decoder.step(b"", &limits), Ok(Step::End { used: 0 }));
}

#[test]
fn size_lines_are_minimal_and_read_back() {
    for (length, want) in [
        (1, "1\r\n"),
        (15, "f\r\n"),
        (16, "10\r\n"),
        (0xc350, "c350\r\n"),
        (u32::MAX, "ffffffff\r\n"),
    ] {
        let mut room = [0; SIZE_LINE_ROOM];
        let start = size_line(NonZeroU32::new(length).unwrap(), &mut room);
        assert_eq!(&room[start..], want.as_bytes(), "{length}");
    }
    for length in 1..300_u32 {
        let mut room = [0; SIZE_LINE_ROOM];
        let start = size_line(NonZeroU32::new(length).unwrap(), &mut room);
        let mut body = room[start..].to_vec();
        let data = alloc::vec![b'x'; length as usize];
        body.extend_from_slice(&data);
        body.extend_from_slice(&DATA_END);
        body.extend_from_slice(&LAST_CHUNK);
        let (outcome, _) = decode(&[&body], &ChunkLimits::default());
        assert_eq!(outcome, Outcome::Whole(alloc::vec![data], 0), "{length}");
    }
}
