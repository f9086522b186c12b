//! A whole response read from all bytes that a peer sends before it closes: interim responses,
//! head, framing, body, and what is left behind it.
//!
//! Source: RFC 9112, section 6.3; RFC 9110, sections 6.4.1 and 15.2.

use super::chunked;
use super::head::{self, Head, Rules};

/// Interim responses that are put up with.
const INTERIM_MAX: usize = 16;

/// How a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is none.
    Bodiless,
    /// After so many bytes.
    Length(u64),
    /// With its last chunk.
    Chunked,
    /// With the connection.
    Close,
}

/// What a caller should see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// No response: it is broken in its head, or there is none.
    Refused,
    /// The head, and a body that is broken or cut off behind these bytes.
    Broken(Head, Vec<u8>),
    /// All of it.
    Whole {
        /// The head.
        head: Head,
        /// The body, not yet decoded.
        body: Vec<u8>,
        /// Bytes of it all.
        used: usize,
        /// How the body ended.
        framing: Framing,
    },
}

/// The framing of the response to a request with this method; `None` if it is refused.
#[must_use]
pub fn framing(method: &str, head: &Head) -> Option<Framing> {
    let status = head.status;
    if status < 200 || method == "HEAD" || status == 204 || status == 304 {
        return Some(Framing::Bodiless);
    }
    if method == "CONNECT" && status < 300 {
        return Some(Framing::Bodiless);
    }
    let mut lengths = Vec::new();
    for member in head.values("content-length").iter().flat_map(|v| v.split(|b| *b == b',')) {
        let digits = std::str::from_utf8(head::trim(member)).ok()?;
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        lengths.push(digits.parse::<u64>().ok()?);
    }
    lengths.dedup();
    let codings = head.values("transfer-encoding");
    match (codings.as_slice(), lengths.as_slice()) {
        (_, [_, _, ..]) => None,
        ([], []) => Some(Framing::Close),
        ([], [length]) => Some(Framing::Length(*length)),
        ([coding], _) if head.minor == 1 && coding.eq_ignore_ascii_case(b"chunked") => {
            Some(Framing::Chunked)
        }
        _ => None,
    }
}

/// Reads what comes after a request with this method, up to the end of the stream.
#[must_use]
pub fn read(bytes: &[u8], method: &str) -> Read {
    let (mut at, mut interim) = (0, 0);
    let head = loop {
        match head::read(&bytes[at..], Rules::DEFAULT) {
            head::Read::Partial | head::Read::Refused => return Read::Refused,
            head::Read::Whole(head) => {
                at += head.used;
                if head.status >= 200 {
                    break head;
                }
                interim += 1;
                if head.status == 101 || interim > INTERIM_MAX {
                    return Read::Refused;
                }
            }
        }
    };
    let Some(framing) = framing(method, &head) else { return Read::Refused };
    let rest = &bytes[at..];
    let (body, used) = match framing {
        Framing::Bodiless => (Vec::new(), at),
        Framing::Close => (rest.to_vec(), bytes.len()),
        Framing::Length(length) => match usize::try_from(length).ok().and_then(|n| rest.get(..n)) {
            Some(body) => (body.to_vec(), at + body.len()),
            None => return Read::Broken(head, rest.to_vec()),
        },
        Framing::Chunked => match chunked::read(rest) {
            chunked::Read::Whole { data, used, .. } => (data, at + used),
            chunked::Read::Refused(data) | chunked::Read::Partial(data) => {
                return Read::Broken(head, data);
            }
        },
    };
    Read::Whole { head, body, used, framing }
}
