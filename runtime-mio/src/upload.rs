//! Uploads: bodies that are read, or pushed by the caller, while they are sent.
//!
//! What is read is read on the thread of the loop: that is for memory and files. What comes from
//! elsewhere is pushed, so that the loop never waits for it.
//!
//! Source: `data=` and `files=` of requests 2.34.2 with file objects and generators.

use std::collections::VecDeque;
use std::io::{self, Read, Seek};
use std::path::Path;

use bytes::{Buf, Bytes};
use sessio_core::exchange::Rewound;
use sessio_core::message::Rewind;
use sessio_runtime::upload as read;

/// How many pushed bytes may wait to be sent, for one call: beyond that, [`NotPushed::Full`].
pub const PUSHED_BYTES_MAX: usize = 256 * 1024;

/// A streamed body, for `Request::upload` and `Request::file_upload`.
pub type Upload = sessio_core::message::Upload<Source>;

/// Where the bytes of a streamed body come from.
#[derive(Debug)]
pub struct Source(Kind);

#[derive(Debug)]
enum Kind {
    Read(read::Source),
    Pushed(Pushed),
}

/// What the caller has pushed and was not sent yet.
#[derive(Debug, Default)]
struct Pushed {
    waiting: VecDeque<Bytes>,
    bytes: usize,
    end: End,
    begun: Begun,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum End {
    #[default]
    Open,
    Pushed,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Begun {
    #[default]
    Not,
    Yes,
}

/// Why bytes were not taken; they are given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotPushed {
    /// So much waits to be sent already: push them again after `Completion::Room`.
    Full(Bytes),
    /// Nobody wants them: the call is over, it has no pushed body, or its end was pushed.
    Over(Bytes),
}

/// A file, from its start. What is no regular file (a pipe, a terminal) is a [`reader`].
///
/// # Errors
/// If it cannot be opened.
pub fn file(path: impl AsRef<Path>) -> io::Result<Upload> {
    read::file(path).map(of_read)
}

/// What can be read once; its length is not known, so it goes out in chunks. A read that blocks
/// keeps the whole loop waiting: [`pushed`] is for that.
pub fn reader(source: impl Read + Send + 'static) -> Upload {
    of_read(read::reader(source))
}

/// What can be read once and delivers just so many bytes: more or fewer is an error.
pub fn sized_reader(source: impl Read + Send + 'static, length: u64) -> Upload {
    of_read(read::sized_reader(source, length))
}

/// What can be read from where it stands now, and again from there.
///
/// # Errors
/// If it cannot be sought in.
pub fn seekable(source: impl Read + Seek + Send + 'static) -> io::Result<Upload> {
    read::seekable(source).map(of_read)
}

/// The items of an iterator, each of which goes out as a chunk if it fits
/// (`Limits::upload_piece_bytes_max`); empty ones are skipped. It can be had once.
pub fn chunks<I, B>(items: I) -> Upload
where
    I: IntoIterator<Item = io::Result<B>>,
    I::IntoIter: Send + 'static,
    B: Into<Bytes>,
{
    of_read(read::chunks(items))
}

/// As [`chunks`], of items that are at hand whenever they are asked for: a redirect or an auth round
/// may ask for them again.
pub fn repeatable<I, B>(items: I) -> Upload
where
    I: IntoIterator<Item = B> + Clone + Send + 'static,
    I::IntoIter: Send + 'static,
    B: Into<Bytes>,
{
    of_read(read::repeatable(items))
}

/// What the caller pushes, with `push` and `finish`; it goes out in chunks.
#[must_use]
pub fn pushed() -> Upload {
    let source = Source(Kind::Pushed(Pushed::default()));
    Upload { source, length: None, rewind: Rewind::Impossible }
}

/// What the caller pushes, which is just so many bytes: more or fewer is an error.
#[must_use]
pub fn sized_pushed(length: u64) -> Upload {
    Upload { length: Some(length), ..pushed() }
}

fn of_read(upload: read::Upload) -> Upload {
    let read::Upload { source, length, rewind } = upload;
    Upload { source: source.into(), length, rewind }
}

impl From<read::Source> for Source {
    fn from(source: read::Source) -> Self {
        Self(Kind::Read(source))
    }
}

/// What a source has.
pub(crate) enum Filled {
    /// So many bytes were put into the room; 0 is the end.
    Bytes(usize),
    /// Nothing before the caller pushes more.
    Waits,
}

impl Source {
    /// Whether it answers at once, so that there is no need to send first.
    pub(crate) const fn is_prompt(&self) -> bool {
        match &self.0 {
            Kind::Read(source) => source.is_prompt(),
            Kind::Pushed(_) => false,
        }
    }

    /// Puts the next bytes into `room`. Bytes of two pushes are never put together.
    pub(crate) fn fill(&mut self, room: &mut [u8]) -> io::Result<Filled> {
        match &mut self.0 {
            Kind::Read(source) => source.fill(room).map(Filled::Bytes),
            Kind::Pushed(pushed) => Ok(pushed.fill(room)),
        }
    }

    /// Goes back to its start.
    pub(crate) fn rewind(&mut self) -> io::Result<Rewound> {
        match &mut self.0 {
            Kind::Read(source) => source.rewind(),
            Kind::Pushed(pushed) if pushed.begun == Begun::Not => Ok(Rewound::Done),
            Kind::Pushed(_) => Ok(Rewound::Impossible),
        }
    }

    /// Takes bytes of the caller's.
    pub(crate) fn push(&mut self, bytes: Bytes) -> Result<(), NotPushed> {
        let Kind::Pushed(pushed) = &mut self.0 else { return Err(NotPushed::Over(bytes)) };
        match pushed.end {
            End::Pushed => Err(NotPushed::Over(bytes)),
            // A piece that is too large for itself is taken when nothing else waits.
            End::Open
                if pushed.bytes.saturating_add(bytes.len()) > PUSHED_BYTES_MAX
                    && pushed.bytes > 0 =>
            {
                Err(NotPushed::Full(bytes))
            }
            End::Open => {
                pushed.bytes = pushed.bytes.saturating_add(bytes.len());
                if !bytes.is_empty() {
                    pushed.waiting.push_back(bytes);
                }
                Ok(())
            }
        }
    }

    /// The caller has pushed all; whether it was open until now.
    pub(crate) fn finish(&mut self) -> bool {
        match &mut self.0 {
            Kind::Pushed(pushed) if pushed.end == End::Open => {
                pushed.end = End::Pushed;
                true
            }
            Kind::Pushed(_) | Kind::Read(_) => false,
        }
    }

    /// Whether it is the caller's turn to push.
    pub(crate) fn is_wanting(&self) -> bool {
        matches!(&self.0, Kind::Pushed(pushed) if pushed.end == End::Open)
    }
}

impl Pushed {
    fn fill(&mut self, room: &mut [u8]) -> Filled {
        self.begun = Begun::Yes;
        let Some(first) = self.waiting.front_mut() else {
            return match self.end {
                End::Pushed => Filled::Bytes(0),
                End::Open => Filled::Waits,
            };
        };
        let count = first.len().min(room.len());
        first.copy_to_slice(&mut room[..count]);
        if first.is_empty() {
            self.waiting.pop_front();
        }
        self.bytes = self.bytes.saturating_sub(count);
        Filled::Bytes(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(source: &mut Source) -> Option<usize> {
        match source.fill(&mut [0; 4]).unwrap() {
            Filled::Bytes(count) => Some(count),
            Filled::Waits => None,
        }
    }

    #[test]
    fn pushes_go_out_as_they_came_and_end_when_the_caller_says_so() {
        let mut source = pushed().source;
        assert_eq!(next(&mut source), None);
        for bytes in [&b"abcde"[..], b"", b"f"] {
            source.push(Bytes::from_static(bytes)).unwrap();
        }
        let came: Vec<_> = (0..4).map(|_| next(&mut source)).collect();
        assert_eq!(came, [Some(4), Some(1), Some(1), None]);
        assert!(source.finish() && !source.finish());
        assert_eq!(next(&mut source), Some(0));
        let late = Bytes::from_static(b"late");
        assert_eq!(source.push(late.clone()), Err(NotPushed::Over(late)));
    }

    #[test]
    fn what_waits_to_be_sent_is_bounded() {
        let mut source = pushed().source;
        let half = Bytes::from(vec![0; PUSHED_BYTES_MAX / 2]);
        let huge = Bytes::from(vec![0; PUSHED_BYTES_MAX + 1]);
        assert_eq!(source.push(half.clone()), Ok(()));
        assert_eq!(source.push(half.clone()), Ok(()));
        assert_eq!(source.push(half.clone()), Err(NotPushed::Full(half)));
        let mut other = pushed().source;
        assert_eq!(other.push(huge.clone()), Ok(()), "else it could never be sent");
        assert_eq!(other.push(huge.clone()), Err(NotPushed::Full(huge)));
    }

    #[test]
    fn a_pushed_body_that_was_begun_cannot_go_back() {
        let mut source = pushed().source;
        assert_eq!(source.rewind().unwrap(), Rewound::Done);
        next(&mut source);
        assert_eq!(source.rewind().unwrap(), Rewound::Impossible);
    }
}
