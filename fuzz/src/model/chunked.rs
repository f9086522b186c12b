//! A chunked body read in one go, from all its bytes.
//!
//! Source: RFC 9112, section 7.1, with the choices of the project's table of rules.

use super::head::{self, Rules};

/// What came of reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// It is broken; this data stands before the break.
    Refused(Vec<u8>),
    /// More has to come; this data is there.
    Partial(Vec<u8>),
    /// It is whole.
    Whole {
        /// The data of all chunks.
        data: Vec<u8>,
        /// Bytes up to the end.
        used: usize,
        /// The trailer fields.
        trailers: Vec<(Vec<u8>, Vec<u8>)>,
    },
}

const EXTENSIONS_MAX: usize = 16 << 10;
const TRAILERS_MAX: usize = 16 << 10;

/// Why a line could not be read.
enum Stop {
    Bad,
    More,
}

/// Reads a body.
#[must_use]
pub fn read(bytes: &[u8]) -> Read {
    let mut data = Vec::new();
    match walk(bytes, &mut data) {
        Ok((used, trailers)) => Read::Whole { data, used, trailers },
        Err(Stop::Bad) => Read::Refused(data),
        Err(Stop::More) => Read::Partial(data),
    }
}

type Trailers = Vec<(Vec<u8>, Vec<u8>)>;

fn walk(bytes: &[u8], data: &mut Vec<u8>) -> Result<(usize, Trailers), Stop> {
    let (mut at, mut extensions) = (0, 0);
    loop {
        let size = size_line(bytes, &mut at, &mut extensions)?;
        if size == 0 {
            return trailers(&bytes[at..]).map(|(used, trailers)| (at + used, trailers));
        }
        for _ in 0..size {
            data.push(*bytes.get(at).ok_or(Stop::More)?);
            at += 1;
        }
        for want in *b"\r\n" {
            if *bytes.get(at).ok_or(Stop::More)? != want {
                return Err(Stop::Bad);
            }
            at += 1;
        }
    }
}

fn size_line(bytes: &[u8], at: &mut usize, extensions: &mut usize) -> Result<u64, Stop> {
    let mut next = || {
        let byte = bytes.get(*at).copied().ok_or(Stop::More);
        *at += 1;
        byte
    };
    let (mut size, mut digits, mut blanks) = (0_u64, 0, 0);
    let mut byte = next()?;
    while byte.is_ascii_hexdigit() {
        digits += 1;
        if digits > 16 {
            return Err(Stop::Bad);
        }
        size = size * 16 + u64::from(char::from(byte).to_digit(16).unwrap_or(0));
        byte = next()?;
    }
    if digits == 0 {
        return Err(Stop::Bad);
    }
    while matches!(byte, b' ' | b'\t') {
        blanks += 1;
        if blanks > 16 {
            return Err(Stop::Bad);
        }
        byte = next()?;
    }
    if byte == b';' {
        while byte == b'\t' || (byte >= b' ' && byte != 0x7f) {
            *extensions += 1;
            if *extensions > EXTENSIONS_MAX {
                return Err(Stop::Bad);
            }
            byte = next()?;
        }
    }
    if byte != b'\r' || next()? != b'\n' {
        return Err(Stop::Bad);
    }
    Ok(size)
}

fn trailers(bytes: &[u8]) -> Result<(usize, Trailers), Stop> {
    let within = &bytes[..bytes.len().min(TRAILERS_MAX)];
    let Some((lines, used)) = head::lines(within) else {
        return Err(if within.len() == TRAILERS_MAX { Stop::Bad } else { Stop::More });
    };
    if lines.iter().any(|line| !line.ends_with(b"\r")) {
        return Err(Stop::Bad);
    }
    let lines: Vec<&[u8]> =
        lines.iter().map(|line| &line[..line.len() - 1]).take_while(|l| !l.is_empty()).collect();
    let rules = Rules { bytes_max: TRAILERS_MAX, fields_max: 64, strict: true };
    let fields = head::fields(&lines, rules, &mut false).ok_or(Stop::Bad)?;
    Ok((used, fields))
}
