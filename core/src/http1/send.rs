//! The outgoing half of a cycle: the head, then the body from memory or from the runtime's sources.
//!
//! Source: RFC 9112, sections 6 and 7; the chunk framing is put around a piece in place, so that it
//! leaves in one write and is never copied.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroU32;
use core::ops::Range;

use bytes::Bytes;

use crate::message::{Body, Part, SourceId};
use crate::planted::Plant;
use crate::wire::chunked::{DATA_END, LAST_CHUNK, SIZE_LINE_ROOM, size_line};

/// What is wrong with an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendError {
    /// A source ended before the length that was declared for it.
    TooShort {
        /// How many bytes were still to come.
        missing: u64,
    },
    /// A source has more bytes than the length that was declared for it.
    TooLong,
    /// The runtime said that a source could not be read.
    Source,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { missing } => {
                write!(f, "the request body ended {missing} bytes short of its declared length")
            }
            Self::TooLong => f.write_str("the request body is longer than its declared length"),
            Self::Source => f.write_str("the source of the request body failed"),
        }
    }
}

impl core::error::Error for SendError {}

/// How the body is delimited on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// By its length; this much is left.
    Length(u64),
    /// By chunks.
    Chunked,
}

/// What is left to be sent.
#[derive(Debug)]
pub(crate) struct Outgoing {
    head: Vec<u8>,
    head_sent: usize,
    body: Remaining,
}

#[derive(Debug)]
enum Remaining {
    /// The whole request is out.
    Nothing,
    /// Bytes at hand.
    Bytes { bytes: Bytes, sent: usize },
    /// Parts, the first of them at `next`.
    Parts(Box<Parts>),
    /// The body waits for the server's word.
    Held(Box<Self>),
}

/// A body of parts on its way; in a box, since most bodies are none.
#[derive(Debug)]
struct Parts {
    parts: Arc<[Part]>,
    next: usize,
    framing: Framing,
    piece: Piece,
}

/// What goes out next of a body of parts.
#[derive(Debug)]
enum Piece {
    /// The next part has to be looked at.
    None,
    /// A source is asked for its next bytes; `left` of its declared length are to come.
    Wanted { source: SourceId, left: Option<u64>, room: Vec<u8> },
    /// A source has delivered its declared length: these bytes wait until it says that it has no
    /// more.
    Last { source: SourceId, buffer: Vec<u8>, unsent: Range<usize>, room: [u8; 1] },
    /// These bytes of `buffer` are on their way; then the same source is asked again, unless all
    /// of its declared length has come.
    Filled { source: SourceId, left: Option<u64>, buffer: Vec<u8>, unsent: Range<usize> },
    /// Bytes at hand, with their chunk-size line already written to `line` if chunked.
    Frame { bytes: Bytes, sent: usize },
    /// The last chunk.
    LastChunk { sent: usize },
}

impl Outgoing {
    /// A request with this head; `head` holds the complete bytes up to the empty line.
    pub(crate) fn new(head: Vec<u8>, body: &Body, framing: Framing) -> Self {
        let body = match body {
            Body::Empty => Remaining::Nothing,
            Body::Bytes(bytes) if bytes.is_empty() => Remaining::Nothing,
            Body::Bytes(bytes) => Remaining::Bytes { bytes: bytes.clone(), sent: 0 },
            Body::Parts(parts) => {
                let parts = Arc::clone(parts);
                Remaining::Parts(Box::new(Parts { parts, next: 0, framing, piece: Piece::None }))
            }
        };
        let mut outgoing = Self { head, head_sent: 0, body };
        outgoing.settle();
        outgoing
    }

    /// Keeps the body back until [`release`](Self::release).
    pub(crate) fn hold(&mut self) {
        if !matches!(self.body, Remaining::Nothing) {
            let body = core::mem::replace(&mut self.body, Remaining::Nothing);
            self.body = Remaining::Held(Box::new(body));
        }
    }

    /// Whether the body is kept back.
    pub(crate) const fn is_held(&self) -> bool {
        matches!(self.body, Remaining::Held(_))
    }

    /// Lets the body go.
    pub(crate) fn release(&mut self) {
        match core::mem::replace(&mut self.body, Remaining::Nothing) {
            Remaining::Held(body) => self.body = *body,
            body => self.body = body,
        }
        self.settle();
    }

    /// Whether everything has left.
    pub(crate) fn is_done(&self) -> bool {
        self.head_sent >= self.head.len() && matches!(self.body, Remaining::Nothing)
    }

    /// Whether any byte has left.
    pub(crate) const fn has_begun(&self) -> bool {
        self.head_sent > 0
    }

    /// The head's buffer, to be used again.
    pub(crate) fn into_buffer(self) -> Vec<u8> {
        self.head
    }

    /// What can be sent now, and the room that a source is to fill.
    pub(crate) fn loan(&mut self, piece_max: usize) -> Loan<'_> {
        let head = self.head.get(self.head_sent..).unwrap_or_default();
        let mut loan = Loan { send: [head, &[]], fill: None };
        match &mut self.body {
            Remaining::Nothing | Remaining::Held(_) => {}
            Remaining::Bytes { bytes, sent } => {
                loan.send = [head, bytes.get(*sent..).unwrap_or_default()];
            }
            Remaining::Parts(parts) => match &mut parts.piece {
                Piece::None => {}
                Piece::Wanted { source, left, room } => {
                    let size = wanted(*left, piece_max);
                    room.resize(
                        SIZE_LINE_ROOM.saturating_add(size).saturating_add(DATA_END.len()),
                        0,
                    );
                    let end = SIZE_LINE_ROOM.saturating_add(size);
                    loan.fill = room.get_mut(SIZE_LINE_ROOM..end).map(|room| (*source, room));
                }
                Piece::Filled { buffer, unsent, .. } => {
                    loan.send = [head, buffer.get(unsent.clone()).unwrap_or_default()];
                }
                Piece::Frame { bytes, sent } => {
                    loan.send = [head, bytes.get(*sent..).unwrap_or_default()];
                }
                Piece::Last { source, room, .. } => {
                    loan.fill = Some((*source, room.as_mut_slice()))
                }
                Piece::LastChunk { sent } => {
                    loan.send = [head, LAST_CHUNK.get(*sent..).unwrap_or_default()];
                }
            },
        }
        loan
    }

    /// `count` bytes of the last loan have left.
    pub(crate) fn sent(&mut self, count: usize) {
        let of_head = count.min(self.head.len().saturating_sub(self.head_sent));
        self.head_sent = self.head_sent.saturating_add(of_head);
        let count = count.saturating_sub(of_head);
        match &mut self.body {
            Remaining::Bytes { sent, .. } => *sent = sent.saturating_add(count),
            Remaining::Parts(parts) => match &mut parts.piece {
                Piece::Filled { unsent, .. } => {
                    unsent.start = unsent.start.saturating_add(count).min(unsent.end);
                }
                Piece::Frame { sent, .. } | Piece::LastChunk { sent } => {
                    *sent = sent.saturating_add(count);
                }
                Piece::None | Piece::Wanted { .. } | Piece::Last { .. } => {}
            },
            Remaining::Nothing | Remaining::Held(_) => {}
        }
        self.settle();
    }

    /// The source put `count` bytes into the room of the last loan; 0 is its end.
    pub(crate) fn filled(&mut self, count: usize) -> Result<(), SendError> {
        let Remaining::Parts(parts) = &mut self.body else { return Ok(()) };
        let Parts { framing, piece, .. } = &mut **parts;
        if let Piece::Last { source, buffer, unsent, .. } = piece {
            if count > 0 && !Plant::UploadTooLongSent.is_on() {
                return Err(SendError::TooLong);
            }
            let (source, unsent, buffer) = (*source, unsent.clone(), core::mem::take(buffer));
            *piece = Piece::Filled { source, left: Some(0), buffer, unsent };
            return Ok(());
        }
        let Piece::Wanted { source, left, room } = piece else { return Ok(()) };
        let (source, left) = (*source, *left);
        let got = u64::try_from(count).unwrap_or(u64::MAX);
        if count == 0 {
            match left {
                _ if Plant::UploadTooShortSent.is_on() => *piece = Piece::None,
                Some(missing) if missing > 0 => return Err(SendError::TooShort { missing }),
                _ => *piece = Piece::None,
            }
            self.settle();
            return Ok(());
        }
        if left.is_some_and(|left| got > left) && !Plant::UploadTooLongSent.is_on() {
            return Err(SendError::TooLong);
        }
        let mut buffer = core::mem::take(room);
        let unsent = match framing {
            Framing::Length(_) => SIZE_LINE_ROOM..SIZE_LINE_ROOM.saturating_add(count),
            Framing::Chunked => enclose(&mut buffer, count),
        };
        let left = left.map(|left| left.saturating_sub(got));
        *piece = match left {
            Some(0) => Piece::Last { source, buffer, unsent, room: [0] },
            left => Piece::Filled { source, left, buffer, unsent },
        };
        Ok(())
    }

    /// Moves on to what comes next wherever something has been sent to its end.
    fn settle(&mut self) {
        if let Remaining::Bytes { bytes, sent } = &self.body {
            if *sent >= bytes.len() {
                self.body = Remaining::Nothing;
            }
            return;
        }
        while let Remaining::Parts(all) = &mut self.body {
            let Parts { parts, next, framing, piece } = &mut **all;
            match piece {
                Piece::Wanted { .. } | Piece::Last { .. } => return,
                Piece::Filled { source, left, buffer, unsent } => {
                    if unsent.start < unsent.end {
                        return;
                    }
                    let (source, left, room) = (*source, *left, core::mem::take(buffer));
                    *piece = match left {
                        Some(0) => Piece::None,
                        left => Piece::Wanted { source, left, room },
                    };
                }
                Piece::Frame { bytes, sent } => {
                    if *sent < bytes.len() {
                        return;
                    }
                    *piece = Piece::None;
                }
                Piece::LastChunk { sent } => {
                    if *sent < LAST_CHUNK.len() {
                        return;
                    }
                    self.body = Remaining::Nothing;
                }
                Piece::None => {
                    let part = parts.get(*next).cloned();
                    *next = next.saturating_add(1);
                    match (part, *framing) {
                        (Some(part), framing) => *piece = begin(part, framing),
                        (None, Framing::Chunked) if Plant::UploadEndLost.is_on() => {
                            self.body = Remaining::Nothing;
                        }
                        (None, Framing::Chunked) => *piece = Piece::LastChunk { sent: 0 },
                        (None, Framing::Length(_)) => self.body = Remaining::Nothing,
                    }
                }
            }
        }
    }
}

/// What can go on with an [`Outgoing`] now.
#[derive(Debug)]
pub(crate) struct Loan<'a> {
    /// Head and body bytes to send, either of which may be empty.
    pub(crate) send: [&'a [u8]; 2],
    /// The source that is to fill this room next, if one is.
    pub(crate) fill: Option<(SourceId, &'a mut [u8])>,
}

/// How much to ask a source for: one byte more than is left, so that a longer one is found out.
fn wanted(left: Option<u64>, piece_max: usize) -> usize {
    let left = left.and_then(|left| usize::try_from(left.saturating_add(1)).ok());
    left.unwrap_or(piece_max).min(piece_max).max(1)
}

/// The first state of a part.
fn begin(part: Part, framing: Framing) -> Piece {
    match (part, framing) {
        (Part::Source { source, length, .. }, _) => {
            Piece::Wanted { source, left: length, room: Vec::new() }
        }
        (Part::Bytes(bytes), Framing::Length(_)) => Piece::Frame { bytes, sent: 0 },
        (Part::Bytes(bytes), Framing::Chunked) if bytes.is_empty() => Piece::None,
        (Part::Bytes(bytes), Framing::Chunked) => {
            let count = bytes.len();
            let mut chunk = Vec::with_capacity(
                SIZE_LINE_ROOM.saturating_add(count).saturating_add(DATA_END.len()),
            );
            chunk.resize(SIZE_LINE_ROOM, 0);
            chunk.extend_from_slice(&bytes);
            chunk.resize(chunk.len().saturating_add(DATA_END.len()), 0);
            let unsent = enclose(&mut chunk, count);
            Piece::Frame { bytes: Bytes::from(chunk).slice(unsent), sent: 0 }
        }
    }
}

/// Puts the chunk framing around the `count` bytes at [`SIZE_LINE_ROOM`]; returns where the chunk
/// lies.
fn enclose(buffer: &mut [u8], count: usize) -> Range<usize> {
    let end = SIZE_LINE_ROOM.saturating_add(count);
    let behind = end.saturating_add(DATA_END.len());
    if let Some(place) = buffer.get_mut(end..behind) {
        place.copy_from_slice(&DATA_END);
    }
    let size = u32::try_from(count).ok().and_then(NonZeroU32::new);
    let start = match (size, buffer.first_chunk_mut()) {
        (Some(size), Some(room)) => size_line(size, room),
        _ => SIZE_LINE_ROOM,
    };
    start..behind
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Rewind;
    use alloc::vec;
    use std::string::String;

    fn source(n: usize, length: Option<u64>) -> Part {
        Part::Source { source: SourceId(n), length, rewind: Rewind::Possible }
    }

    fn frame(text: &'static str) -> Part {
        Part::Bytes(Bytes::from_static(text.as_bytes()))
    }

    /// Sends everything, `step` bytes at a time, from sources that deliver these items.
    fn run(
        body: &Body,
        framing: Framing,
        items: &[&[&str]],
        step: usize,
    ) -> Result<String, SendError> {
        let mut outgoing = Outgoing::new(b"HEAD|".to_vec(), body, framing);
        let mut places = vec![0; items.len()];
        let mut wire = Vec::new();
        for _ in 0..10_000 {
            if outgoing.is_done() {
                return Ok(String::from_utf8(wire).unwrap());
            }
            let loan = outgoing.loan(8);
            let (filled, mut sent) = (loan.fill.is_some(), 0);
            for slice in loan.send {
                let take = slice.len().min(step - sent);
                wire.extend_from_slice(&slice[..take]);
                sent += take;
            }
            let mut count = 0;
            if let Some((source, room)) = loan.fill {
                let item = items[source.0].get(places[source.0]).copied().unwrap_or("");
                places[source.0] += 1;
                count = item.len().min(room.len());
                room[..count].copy_from_slice(&item.as_bytes()[..count]);
            }
            outgoing.sent(sent);
            if filled {
                outgoing.filled(count)?;
            }
        }
        panic!("it never ended");
    }

    #[test]
    fn bodies_go_out_the_same_in_steps_of_any_size() {
        let parts = |parts: &[Part]| Body::Parts(parts.to_vec().into());
        let chunked = parts(&[source(0, None)]);
        let multi = parts(&[frame("--b\r\n"), source(0, Some(5)), frame("\r\n--b--")]);
        let mixed = parts(&[frame("--b\r\n"), source(0, None), frame("!")]);
        let rows: [(&Body, Framing, &[&[&str]], &str); 6] = [
            (&Body::Empty, Framing::Length(0), &[], "HEAD|"),
            (&Body::Bytes("body".into()), Framing::Length(4), &[], "HEAD|body"),
            (
                &chunked,
                Framing::Chunked,
                &[&["one", "four"]],
                "HEAD|3\r\none\r\n4\r\nfour\r\n0\r\n\r\n",
            ),
            (&chunked, Framing::Chunked, &[&[]], "HEAD|0\r\n\r\n"),
            (&multi, Framing::Length(17), &[&["ab", "cde"]], "HEAD|--b\r\nabcde\r\n--b--"),
            (
                &mixed,
                Framing::Chunked,
                &[&["x"]],
                "HEAD|5\r\n--b\r\n\r\n1\r\nx\r\n1\r\n!\r\n0\r\n\r\n",
            ),
        ];
        for (body, framing, items, want) in rows {
            for step in 1..40 {
                assert_eq!(run(body, framing, items, step).unwrap(), want, "{body:?} by {step}");
            }
        }
    }

    #[test]
    fn a_declared_length_is_held_to() {
        let body = Body::source(SourceId(0), Some(5), Rewind::Possible);
        let rows: [(&[&str], Result<&str, SendError>); 4] = [
            (&["abc", "de"], Ok("HEAD|abcde")),
            (&["abc"], Err(SendError::TooShort { missing: 2 })),
            (&["abc", "def"], Err(SendError::TooLong)),
            (&["abc", "de", "f"], Err(SendError::TooLong)),
        ];
        for (items, want) in rows {
            let got = run(&body, Framing::Length(5), &[items], 100);
            assert_eq!(got.as_deref(), want.as_ref().map(|w| *w), "{items:?}");
        }
    }

    #[test]
    fn size_lines_are_the_shortest_hexadecimal() {
        for (count, want) in [(1, "1\r\n"), (10, "a\r\n"), (16, "10\r\n"), (0xabc, "abc\r\n")] {
            let mut buffer = vec![0; SIZE_LINE_ROOM + count + DATA_END.len()];
            let range = enclose(&mut buffer, count);
            assert_eq!(&buffer[range.start..SIZE_LINE_ROOM], want.as_bytes());
            assert!(buffer[range].ends_with(b"\r\n"));
        }
    }
}
