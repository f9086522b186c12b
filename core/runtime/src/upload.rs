//! Uploads: bodies that are read while they are sent.
//!
//! A source is read on the thread of the call, and a read that blocks cannot be interrupted: no
//! timeout fires before it returns.
//!
//! Source: `data=` and `files=` of requests 2.34.2 with file objects and generators; `super_len`
//! and `rewind_body` in its `utils.py`.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use bytes::{Buf, Bytes};
use sessio_core::exchange::Rewound;
use sessio_core::message::Rewind;

/// A streamed body, for `Request::upload` and `Request::file_upload`.
pub type Upload = sessio_core::message::Upload<Source>;

/// Where the bytes of a streamed body come from.
pub struct Source {
    kind: Kind,
    /// Whether anything was read.
    place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Start,
    Beyond,
}

enum Kind {
    Reader(Box<dyn Read + Send>),
    Seekable { source: Box<dyn ReadSeek>, start: u64 },
    Chunks { items: Items, left: Bytes, again: Again },
}

/// Items of an upload.
type Items = Box<dyn Iterator<Item = io::Result<Bytes>> + Send>;

/// Whether items can be had anew.
enum Again {
    No,
    Yes(Box<dyn Fn() -> Items + Send>),
}

trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

/// A file, from its start. What is no regular file (a pipe, a terminal) is a [`reader`].
///
/// # Errors
/// If it cannot be opened.
pub fn file(path: impl AsRef<Path>) -> io::Result<Upload> {
    let file = File::open(path)?;
    if file.metadata()?.is_file() { seekable(file) } else { Ok(reader(file)) }
}

/// What can be read once; its length is not known, so it goes out in chunks.
pub fn reader(source: impl Read + Send + 'static) -> Upload {
    Upload {
        source: Source::of(Kind::Reader(Box::new(source))),
        length: None,
        rewind: Rewind::Impossible,
    }
}

/// What can be read once and delivers just so many bytes: more or fewer is an error.
pub fn sized_reader(source: impl Read + Send + 'static, length: u64) -> Upload {
    Upload { length: Some(length), ..reader(source) }
}

/// What can be read from where it stands now, and again from there.
///
/// # Errors
/// If it cannot be sought in.
pub fn seekable(mut source: impl Read + Seek + Send + 'static) -> io::Result<Upload> {
    let start = source.stream_position()?;
    let end = source.seek(SeekFrom::End(0))?;
    source.seek(SeekFrom::Start(start))?;
    Ok(Upload {
        source: Source::of(Kind::Seekable { source: Box::new(source), start }),
        length: Some(end.saturating_sub(start)),
        rewind: Rewind::Possible,
    })
}

/// The items of an iterator, each of which goes out as a chunk if it fits
/// (`Limits::upload_piece_bytes_max`); empty ones are skipped. It can be had once.
pub fn chunks<I, B>(items: I) -> Upload
where
    I: IntoIterator<Item = io::Result<B>>,
    I::IntoIter: Send + 'static,
    B: Into<Bytes>,
{
    let items = items.into_iter().map(|item| item.map(Into::into));
    from_items(Box::new(items), Again::No)
}

/// As [`chunks`], of items that are at hand whenever they are asked for: a redirect or an auth round
/// may ask for them again.
pub fn repeatable<I, B>(items: I) -> Upload
where
    I: IntoIterator<Item = B> + Clone + Send + 'static,
    I::IntoIter: Send + 'static,
    B: Into<Bytes>,
{
    let all = move || -> Items { Box::new(items.clone().into_iter().map(|item| Ok(item.into()))) };
    from_items(all(), Again::Yes(Box::new(all)))
}

fn from_items(items: Items, again: Again) -> Upload {
    let rewind = match again {
        Again::No => Rewind::Impossible,
        Again::Yes(_) => Rewind::Possible,
    };
    let source = Source::of(Kind::Chunks { items, left: Bytes::new(), again });
    Upload { source, length: None, rewind }
}

impl Source {
    const fn of(kind: Kind) -> Self {
        Self { kind, place: Place::Start }
    }

    /// Whether it answers without waiting for anybody: then there is no need to look at the socket
    /// first.
    #[must_use]
    pub const fn is_prompt(&self) -> bool {
        matches!(self.kind, Kind::Seekable { .. })
    }

    /// Puts the next bytes into `room`; 0 is the end. Bytes of two items are never put together.
    ///
    /// # Errors
    /// What the source says.
    pub fn fill(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.place = Place::Beyond;
        match &mut self.kind {
            Kind::Reader(source) => read(source, room),
            Kind::Seekable { source, .. } => read(source, room),
            Kind::Chunks { items, left, .. } => {
                while left.is_empty() {
                    match items.next() {
                        None => return Ok(0),
                        Some(item) => *left = item?,
                    }
                }
                let count = left.len().min(room.len());
                left.copy_to_slice(&mut room[..count]);
                Ok(count)
            }
        }
    }

    /// Goes back to its start.
    ///
    /// # Errors
    /// What the source says.
    pub fn rewind(&mut self) -> io::Result<Rewound> {
        match (&mut self.kind, self.place) {
            (_, Place::Start) => {}
            (Kind::Seekable { source, start }, Place::Beyond) => {
                source.seek(SeekFrom::Start(*start))?;
            }
            (Kind::Chunks { items, left, again: Again::Yes(again) }, Place::Beyond) => {
                *items = again();
                left.clear();
            }
            (Kind::Reader(_) | Kind::Chunks { again: Again::No, .. }, Place::Beyond) => {
                return Ok(Rewound::Impossible);
            }
        }
        self.place = Place::Start;
        Ok(Rewound::Done)
    }
}

fn read(source: &mut (impl Read + ?Sized), room: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(room) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::Reader(_) => "Source(reader)",
            Kind::Seekable { .. } => "Source(seekable)",
            Kind::Chunks { .. } => "Source(chunks)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn all(source: &mut Source, room: usize) -> Vec<String> {
        let mut room = vec![0; room];
        let mut pieces = Vec::new();
        loop {
            match source.fill(&mut room).unwrap() {
                0 => return pieces,
                count => pieces.push(String::from_utf8(room[..count].to_vec()).unwrap()),
            }
        }
    }

    #[test]
    fn a_seekable_source_counts_from_where_it_stands() {
        let mut cursor = Cursor::new(b"0123456789".to_vec());
        cursor.set_position(4);
        let Upload { mut source, length, rewind } = seekable(cursor).unwrap();
        assert_eq!((length, rewind), (Some(6), Rewind::Possible));
        for _ in 0..2 {
            assert_eq!(all(&mut source, 4), ["4567", "89"]);
            assert_eq!(source.rewind().unwrap(), Rewound::Done);
        }
    }

    #[test]
    fn each_item_that_fits_is_a_piece_and_empty_ones_are_skipped() {
        let items = ["", "ab", "", "cdefg", "h"];
        let mut once = chunks(items.map(Ok)).source;
        let mut again = repeatable(items).source;
        let want = ["ab", "cde", "fg", "h"];
        assert_eq!(all(&mut once, 3), want);
        assert_eq!(all(&mut again, 3), want);
        assert_eq!(once.rewind().unwrap(), Rewound::Impossible);
        assert_eq!(again.rewind().unwrap(), Rewound::Done);
        assert_eq!(all(&mut again, 3), want);
    }

    #[test]
    fn what_was_not_read_needs_no_rewinding() {
        let mut source = reader(Cursor::new(b"x".to_vec())).source;
        assert_eq!(source.rewind().unwrap(), Rewound::Done);
        assert_eq!(all(&mut source, 9), ["x"]);
        assert_eq!(source.rewind().unwrap(), Rewound::Impossible);
    }
}
