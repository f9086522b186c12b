//! Tests of the decoders, over all codings.
#![cfg(all(feature = "gzip", feature = "brotli", feature = "zstd"))]

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::{Compress, Compression, FlushCompress, Status};

use super::samples::{BROTLI, BROTLI_ZEROS, ZSTD, ZSTD_BLOCKS, ZSTD_WIDE, ZSTD_ZEROS};
use super::*;

/// The content that the samples are made of.
fn lines(count: usize) -> Vec<u8> {
    (0..count).map(|i| format!("line {i} of the content\n")).collect::<String>().into_bytes()
}

fn sample(base64: &str) -> Vec<u8> {
    BASE64.decode(base64.replace(char::is_whitespace, "")).unwrap()
}

fn compress(mut compress: Compress, content: &[u8]) -> Vec<u8> {
    let mut coded = Vec::with_capacity(content.len() + 100);
    let status = compress.compress_vec(content, &mut coded, FlushCompress::Finish).unwrap();
    assert_eq!(status, Status::StreamEnd);
    coded
}

fn gzip(content: &[u8]) -> Vec<u8> {
    compress(Compress::new_gzip(Compression::best(), 15), content)
}

fn zlib(content: &[u8]) -> Vec<u8> {
    compress(Compress::new(Compression::best(), true), content)
}

fn bare_deflate(content: &[u8]) -> Vec<u8> {
    compress(Compress::new(Compression::best(), false), content)
}

fn decoder(fields: &str, limits: &DecodeLimits) -> Decoder {
    match Decoding::from_fields([fields.as_bytes()], limits).unwrap() {
        Decoding::Coded(decoder) => *decoder,
        other => panic!("{fields}: {other:?}"),
    }
}

/// The content of all `pieces`, decoded with room for `room` bytes at a time, and how it ended.
fn run(mut decoder: Decoder, pieces: &[&[u8]], room: usize) -> (Vec<u8>, Result<(), DecodeError>) {
    let (mut content, mut output) = (Vec::new(), vec![0; room]);
    for piece in pieces {
        let mut rest = *piece;
        loop {
            let progress = match decoder.decode(rest, &mut output) {
                Ok(progress) => progress,
                Err(error) => return (content, Err(error)),
            };
            content.extend_from_slice(&output[..progress.produced]);
            rest = &rest[progress.consumed..];
            match progress.then {
                Then::NeedsRoom => {}
                Then::NeedsInput => break,
            }
        }
        assert_eq!(rest, b"", "all input is taken in");
    }
    loop {
        match decoder.finish(&mut output) {
            Ok(0) => return (content, Ok(())),
            Ok(count) => content.extend_from_slice(&output[..count]),
            Err(error) => return (content, Err(error)),
        }
    }
}

/// Decodes `coded` whole, in two pieces at every place, byte by byte, and with little room.
fn check(fields: &str, coded: &[u8], want: &[u8], end: Result<(), DecodeError>) {
    let limits = DecodeLimits { codings_max: 9, ..DecodeLimits::default() };
    let run = |pieces: &[&[u8]], room| run(decoder(fields, &limits), pieces, room);
    let show = |(content, end): &(Vec<u8>, _)| {
        format!("{fields}: {:?} {end:?}", String::from_utf8_lossy(content))
    };
    let same = |got: (Vec<u8>, _), how: &str| {
        assert!(got.0 == want && got.1 == end, "{how}: {}", show(&got));
    };
    same(run(&[coded], 1 << 16), "whole");
    let bytes: Vec<&[u8]> = coded.chunks(1).collect();
    same(run(&bytes, 1 << 16), "byte by byte");
    for room in [1, 2, 7, 300] {
        same(run(&[coded], room), &format!("whole, room for {room}"));
        same(run(&bytes, room), &format!("byte by byte, room for {room}"));
    }
    for cut in 0..coded.len() {
        let (one, two) = coded.split_at(cut);
        same(run(&[one, two], 1 << 16), &format!("cut at {cut}"));
    }
}

/// All codings with the same content.
fn all(content: &[u8]) -> [(&'static str, Coding, Vec<u8>); 7] {
    assert_eq!(content, lines(400), "what the samples hold");
    [
        ("gzip", Coding::Gzip, gzip(content)),
        ("x-gzip", Coding::Gzip, gzip(content)),
        ("deflate", Coding::Deflate, zlib(content)),
        ("deflate", Coding::Deflate, bare_deflate(content)),
        ("br", Coding::Brotli, sample(BROTLI)),
        ("zstd", Coding::Zstd, sample(ZSTD)),
        ("zstd", Coding::Zstd, sample(ZSTD_BLOCKS)),
    ]
}

#[test]
fn every_split_gives_the_same_content() {
    let content = lines(400);
    for (name, _, coded) in all(&content) {
        check(name, &coded, &content, Ok(()));
    }
}

#[test]
fn a_body_cut_anywhere_is_an_error_after_its_content() {
    let content = lines(400);
    for (name, coding, coded) in all(&content) {
        for len in 1..coded.len() {
            let (got, end) = run(decoder(name, &DecodeLimits::default()), &[&coded[..len]], 999);
            assert_eq!(end, Err(DecodeError::Truncated { coding }), "{name} cut at {len}");
            assert!(content.starts_with(&got), "{name} cut at {len}");
        }
        // One of the samples is a single block, which gives all or nothing.
        if coded != sample(ZSTD) {
            let most = &coded[..coded.len() - 60];
            let (got, _) = run(decoder(name, &DecodeLimits::default()), &[most], 999);
            assert!(got.len() > 1000, "{name}: {} bytes before the cut", got.len());
        }
    }
}

#[test]
fn a_body_without_a_byte_is_empty_content() {
    for name in ["gzip", "deflate", "br", "zstd", "gzip, br", "zstd, deflate"] {
        check(name, b"", b"", Ok(()));
    }
}

#[test]
fn an_empty_stream_is_empty_content() {
    let rows = [
        ("gzip", gzip(b"")),
        ("deflate", zlib(b"")),
        ("deflate", bare_deflate(b"")),
        ("br", vec![0x06]),
        ("zstd", sample("KLUv/SQAAQAAmenYUQ==")),
        ("gzip, deflate", zlib(&gzip(b""))),
        ("gzip, deflate", zlib(b"")),
    ];
    for (name, coded) in rows {
        check(name, &coded, b"", Ok(()));
    }
}

#[test]
fn codings_are_undone_from_the_last() {
    let content = lines(400);
    let rows = [
        ("gzip, deflate", zlib(&gzip(&content))),
        ("deflate, gzip", gzip(&bare_deflate(&content))),
        ("br, gzip", gzip(&sample(BROTLI))),
        ("zstd, identity, deflate", zlib(&sample(ZSTD))),
        ("zstd, gzip, deflate, gzip", gzip(&zlib(&gzip(&sample(ZSTD_BLOCKS))))),
    ];
    for (name, coded) in rows {
        check(name, &coded, &content, Ok(()));
    }
}

#[test]
fn the_coding_at_fault_is_named() {
    let truncated = |coding| Err(DecodeError::Truncated { coding });
    let corrupt = |coding| Err(DecodeError::Corrupt { coding });
    let (whole, cut) = (zlib(b"content"), &gzip(b"content")[..20]);
    check("gzip, deflate", &zlib(cut), b"content", truncated(Coding::Gzip));
    check("gzip, deflate", &whole, b"", corrupt(Coding::Gzip));
    check("deflate, gzip", &gzip(&whole[..2]), b"", truncated(Coding::Deflate));
}

#[test]
fn garbage_is_an_error() {
    let rows: [(&str, Coding, &[u8]); 6] = [
        ("gzip", Coding::Gzip, b"not gzip at all"),
        ("gzip", Coding::Gzip, b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xff\xff\xff\xff\xff"),
        ("deflate", Coding::Deflate, b"not deflate"),
        ("br", Coding::Brotli, b"\xff\xff\xff\xff"),
        ("zstd", Coding::Zstd, b"not zstd"),
        ("zstd", Coding::Zstd, b"\x28\xb5\x2f\xfd\x20\x05\x2f\0\0hello"),
    ];
    for (name, coding, coded) in rows {
        check(name, coded, b"", Err(DecodeError::Corrupt { coding }));
    }
}

#[test]
fn a_wrong_checksum_or_length_is_an_error() {
    let content = lines(400);
    // The last byte but `back` is flipped.
    let rows = [
        ("gzip", Coding::Gzip, gzip(&content), 7),
        ("gzip", Coding::Gzip, gzip(&content), 0),
        ("deflate", Coding::Deflate, zlib(&content), 0),
        ("zstd", Coding::Zstd, sample(ZSTD), 0),
        ("zstd", Coding::Zstd, sample(ZSTD_BLOCKS), 3),
    ];
    for (name, coding, mut coded, back) in rows {
        let at = coded.len() - 1 - back;
        coded[at] ^= 1;
        check(name, &coded, &content, Err(DecodeError::Corrupt { coding }));
    }
}

#[test]
fn what_follows_a_stream_is_read_as_urllib3_reads_it() {
    let joined = |parts: &[&[u8]]| parts.concat();
    let (gz, z) = (gzip(b"one "), zlib(b"one "));
    let zstd: &[u8] = b"\x28\xb5\x2f\xfd\x20\x04\x21\0\0one ";
    let skippable: &[u8] = b"\x5f\x2a\x4d\x18\x03\0\0\0abc";
    let br: &[u8] = b"\x8b\x01\x80one \x03";
    let corrupt = |coding| Err(DecodeError::Corrupt { coding });
    let rows = [
        ("gzip", joined(&[&gz, &gzip(b"two")]), "one two", Ok(())),
        ("gzip", joined(&[&gz, b"garbage"]), "one ", Ok(())),
        ("gzip", joined(&[&gz, b"\0\0\0\0\0\0"]), "one ", Ok(())),
        ("gzip", joined(&[&gz, b"\x1f\x8b\x08\xff"]), "one ", Ok(())),
        ("gzip", joined(&[&gz, b"\x1f\x8bgarbage"]), "one ", Ok(())),
        ("deflate", joined(&[&z, b"garbage"]), "one ", Ok(())),
        ("deflate", joined(&[&z, &z]), "one ", Ok(())),
        ("br", br.to_vec(), "one ", Ok(())),
        ("br", joined(&[br, b"g"]), "one ", corrupt(Coding::Brotli)),
        ("zstd", joined(&[zstd, zstd]), "one one ", Ok(())),
        ("zstd", joined(&[skippable, zstd, skippable]), "one ", Ok(())),
        ("zstd", joined(&[zstd, b"garbage"]), "one ", corrupt(Coding::Zstd)),
    ];
    for (name, coded, content, end) in rows {
        check(name, &coded, content.as_bytes(), end);
    }
}

#[test]
fn a_damaged_second_member_is_an_error() {
    let two = [gzip(b"one "), gzip(b"two")].concat();
    let truncated = Err(DecodeError::Truncated { coding: Coding::Gzip });
    for len in gzip(b"one ").len() + 1..two.len() {
        let (content, end) = run(decoder("gzip", &DecodeLimits::default()), &[&two[..len]], 99);
        assert!(content.starts_with(b"one "), "cut at {len}");
        assert_eq!(end, truncated, "cut at {len}");
    }
}

#[test]
fn more_content_than_allowed_is_refused_to_the_byte() {
    let content = lines(400);
    let len = content.len() as u64;
    for (name, _, coded) in all(&content) {
        for (decoded_bytes_max, fits) in [(len, true), (len - 1, false), (5, false), (0, false)] {
            let limits = DecodeLimits {
                decoded_bytes_max: Some(decoded_bytes_max),
                ..DecodeLimits::default()
            };
            for (step, room) in [(coded.len(), 1 << 16), (1, 1 << 16), (7, 3), (300, 100)] {
                let pieces: Vec<&[u8]> = coded.chunks(step).collect();
                let (got, end) = run(decoder(name, &limits), &pieces, room);
                let want =
                    if fits { Ok(()) } else { Err(DecodeError::TooLarge { decoded_bytes_max }) };
                assert_eq!(end, want, "{name} {decoded_bytes_max} {step} {room}");
                assert!(got == content[..decoded_bytes_max as usize], "{name}");
            }
        }
    }
}

#[test]
fn a_bomb_stops_at_the_ratio_and_below_the_floor_there_is_none() {
    let zeros = vec![0; 8 << 20];
    let rows = [
        ("gzip", gzip(&zeros)),
        ("deflate", zlib(&zeros)),
        ("br", sample(BROTLI_ZEROS)),
        ("zstd", sample(ZSTD_ZEROS)),
    ];
    for (name, coded) in rows {
        // A step of 64 KiB times 2 is below the floor, times 100 above it.
        let (ratio_max, ratio_floor_bytes) = (2, 1 << 20);
        let limits = DecodeLimits { ratio_max, ratio_floor_bytes, ..DecodeLimits::default() };
        for (step, room) in [(coded.len(), 1 << 16), (1, 1 << 14), (100, 1000)] {
            let pieces: Vec<&[u8]> = coded.chunks(step).collect();
            let (got, end) = run(decoder(name, &limits), &pieces, room);
            assert_eq!(end, Err(DecodeError::RatioTooHigh { ratio_max }), "{name}");
            assert_eq!(got.len() as u64, ratio_floor_bytes, "{name}");
        }
        let (got, end) = run(decoder(name, &DecodeLimits::default()), &[&coded], 1 << 16);
        assert_eq!((got.len(), end), (8 << 20, Ok(())), "{name} is within the defaults");
    }
}

#[test]
fn a_bomb_inside_a_bomb_stops_though_no_content_comes_out() {
    // A deflate stream of empty stored blocks, which gives nothing, coded again with gzip.
    let empty_blocks: Vec<u8> = [0, 0, 0, 0xff, 0xff].repeat(1 << 18);
    let coded = gzip(&empty_blocks);
    let limits =
        DecodeLimits { ratio_max: 3, ratio_floor_bytes: 1 << 18, ..DecodeLimits::default() };
    let (content, end) = run(decoder("deflate, gzip", &limits), &[&coded], 1 << 12);
    assert_eq!((content.len(), end), (0, Err(DecodeError::RatioTooHigh { ratio_max: 3 })));
}

#[test]
fn the_ratio_is_judged_alike_in_every_split() {
    // 200 KiB that compress to nothing, then 200 KiB that do not compress, and over again.
    let mut noise = 1_u32;
    let mut content = Vec::new();
    for _ in 0..3 {
        content.extend(vec![0; 200 << 10]);
        content.extend((0..200 << 10).map(|_| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            noise.to_be_bytes()[0]
        }));
    }
    let coded = gzip(&content);
    for ratio_max in [1, 2, 3, 4] {
        let limits = DecodeLimits { ratio_max, ratio_floor_bytes: 0, ..DecodeLimits::default() };
        let ways = [(coded.len(), 1 << 20), (coded.len(), 100), (1000, 1 << 16), (65_537, 333)];
        let all = ways.map(|(step, room)| {
            let pieces: Vec<&[u8]> = coded.chunks(step).collect();
            let (got, end) = run(decoder("gzip", &limits), &pieces, room);
            (got.len(), end)
        });
        assert!(all.iter().all(|one| *one == all[0]), "{ratio_max}: {all:?}");
    }
}

#[test]
fn a_zstd_window_above_the_limit_is_refused() {
    let coded = sample(ZSTD_WIDE);
    let (_, end) = run(decoder("zstd", &DecodeLimits::default()), &[&coded], 99);
    assert_eq!(end, Err(DecodeError::WindowTooLarge { window_bytes_max: 8 << 20 }));
    let limits = DecodeLimits { window_bytes_max: 16 << 20, ..DecodeLimits::default() };
    assert_eq!(run(decoder("zstd", &limits), &[&coded], 99), (b"wide".to_vec(), Ok(())));
}

#[test]
fn an_error_stays() {
    let mut decoder = decoder("gzip", &DecodeLimits::default());
    let want = Err(DecodeError::Corrupt { coding: Coding::Gzip });
    let mut room = [0; 9];
    assert_eq!(decoder.decode(b"garbage garbage", &mut room), want);
    assert_eq!(decoder.decode(&gzip(b"one"), &mut room), want);
    assert_eq!(decoder.finish(&mut room), Err(DecodeError::Corrupt { coding: Coding::Gzip }));
}

#[test]
fn without_room_nothing_is_whole() {
    let mut decoder = decoder("gzip", &DecodeLimits::default());
    let progress = decoder.decode(&gzip(b"one"), &mut []).unwrap();
    assert_eq!((progress.produced, progress.then), (0, Then::NeedsRoom));
    assert_eq!(decoder.finish(&mut []), Err(DecodeError::Truncated { coding: Coding::Gzip }));
}

#[test]
fn damaged_bytes_are_judged_alike_in_every_split() {
    let mut noise = 7_u32;
    let mut next = move |below: usize| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (noise >> 8) as usize % below
    };
    let content = lines(400);
    let limits = DecodeLimits { decoded_bytes_max: Some(1 << 20), ..DecodeLimits::default() };
    for round in 0..300 {
        for (name, coding, mut coded) in all(&content) {
            for _ in 0..=next(3) {
                let at = next(coded.len());
                coded[at] = next(256) as u8;
            }
            let whole = run(decoder(name, &limits), &[&coded], 1 << 16);
            let pieces: Vec<&[u8]> = coded.chunks(1 + next(9)).collect();
            let cut = run(decoder(name, &limits), &pieces, 1 + next(3000));
            assert_eq!(whole.1, cut.1, "{name} in round {round}");
            // How much comes out before a fault is the codec's own affair for br.
            if coding != Coding::Brotli || whole.1.is_ok() {
                assert!(whole.0 == cut.0, "{name} in round {round}");
            }
        }
    }
}
