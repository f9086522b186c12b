//! Uploads: bodies that are read while they are sent.
//!
//! A source is polled by the task of the call. While it has nothing, the task waits for it and for
//! the peer at once, so an early answer or a timeout is not held up.
//!
//! ```no_run
//! use futures_lite::{io, stream};
//! use sessio_smol::{Request, Session, upload};
//!
//! # futures_lite::future::block_on(async {
//! let session = Session::new();
//! let put = |body| session.request(Request::put("http://example.org/").upload(body));
//!
//! // A file: its length is known, and it can be sent again after a redirect.
//! put(upload::file("Cargo.toml").await?).await?;
//! // An `AsyncRead`, in chunks, or with a length that is held to.
//! put(upload::reader(io::Cursor::new(b"to be read"))).await?;
//! put(upload::sized_reader(io::Cursor::new(b"to be read"), 10)).await?;
//! // A `Stream`.
//! put(upload::stream(stream::iter([Ok("one"), Ok("two")]))).await?;
//! # Ok::<(), Box<dyn std::error::Error>>(()) });
//! ```
//!
//! Source: `data=` and `files=` of requests 2.34.2 with file objects and generators; `super_len`
//! and `rewind_body` in its `utils.py`.

use std::fmt;
use std::fs::File;
use std::io::{self, SeekFrom};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use blocking::{Unblock, unblock};
use bytes::{Buf, Bytes};
use futures_core::Stream;
use futures_io::{AsyncRead, AsyncSeek};
use futures_lite::AsyncSeekExt;
use sessio_core::exchange::Rewound;
use sessio_core::message::Rewind;
use sessio_runtime::upload as at_once;

/// A streamed body, for `Request::upload` and `Request::file_upload`.
pub type Upload = sessio_core::message::Upload<Source>;

/// How much of a file is read ahead.
const FILE_AHEAD_BYTES: usize = 64 * 1024;

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
    Reader(Pin<Box<dyn AsyncRead + Send>>),
    Seekable { source: Pin<Box<dyn ReadSeek>>, start: u64 },
    Stream { items: Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>, left: Bytes },
    AtOnce(at_once::Source),
}

trait ReadSeek: AsyncRead + AsyncSeek + Send {}

impl<T: AsyncRead + AsyncSeek + Send> ReadSeek for T {}

/// A file, from its start, read on a thread of its own. What is no regular file (a pipe, a
/// terminal) is a [`reader`].
///
/// # Errors
/// If it cannot be opened.
pub async fn file(path: impl AsRef<Path>) -> io::Result<Upload> {
    let path = path.as_ref().to_owned();
    let (file, length) = unblock(move || {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        io::Result::Ok((file, metadata.is_file().then_some(metadata.len())))
    })
    .await?;
    let file = Unblock::with_capacity(FILE_AHEAD_BYTES, file);
    Ok(match length {
        None => reader(file),
        Some(_) => from_start(file, 0, length),
    })
}

/// What can be read once; its length is not known, so it goes out in chunks.
pub fn reader(source: impl AsyncRead + Send + 'static) -> Upload {
    Upload {
        source: Source::of(Kind::Reader(Box::pin(source))),
        length: None,
        rewind: Rewind::Impossible,
    }
}

/// What can be read once and delivers just so many bytes: more or fewer is an error.
pub fn sized_reader(source: impl AsyncRead + Send + 'static, length: u64) -> Upload {
    Upload { length: Some(length), ..reader(source) }
}

/// What can be read from where it stands now, and again from there.
///
/// # Errors
/// If it cannot be sought in.
pub async fn seekable<T>(mut source: T) -> io::Result<Upload>
where
    T: AsyncRead + AsyncSeek + Unpin + Send + 'static,
{
    let start = source.seek(SeekFrom::Current(0)).await?;
    let end = source.seek(SeekFrom::End(0)).await?;
    source.seek(SeekFrom::Start(start)).await?;
    Ok(from_start(source, start, Some(end.saturating_sub(start))))
}

fn from_start(
    source: impl AsyncRead + AsyncSeek + Send + 'static,
    start: u64,
    length: Option<u64>,
) -> Upload {
    let source = Source::of(Kind::Seekable { source: Box::pin(source), start });
    Upload { source, length, rewind: Rewind::Possible }
}

/// The items of a stream, each of which goes out as a chunk if it fits
/// (`Limits::upload_piece_bytes_max`); empty ones are skipped. It can be had once.
pub fn stream<T, B>(items: T) -> Upload
where
    T: Stream<Item = io::Result<B>> + Send + 'static,
    B: Into<Bytes>,
{
    let items = futures_lite::StreamExt::map(items, |item| item.map(Into::into));
    let source = Source::of(Kind::Stream { items: Box::pin(items), left: Bytes::new() });
    Upload { source, length: None, rewind: Rewind::Impossible }
}

/// The items of an iterator, as [`stream`]. It must not wait: while it makes an item, its thread
/// does nothing else.
pub fn chunks<I, B>(items: I) -> Upload
where
    I: IntoIterator<Item = io::Result<B>>,
    I::IntoIter: Send + 'static,
    B: Into<Bytes>,
{
    of_items(at_once::chunks(items))
}

/// As [`chunks`], of items that are at hand whenever they are asked for: a redirect or an auth round
/// may ask for them again.
pub fn repeatable<I, B>(items: I) -> Upload
where
    I: IntoIterator<Item = B> + Clone + Send + 'static,
    I::IntoIter: Send + 'static,
    B: Into<Bytes>,
{
    of_items(at_once::repeatable(items))
}

fn of_items(upload: at_once::Upload) -> Upload {
    let at_once::Upload { source, length, rewind } = upload;
    Upload { source: Source::of(Kind::AtOnce(source)), length, rewind }
}

impl Source {
    const fn of(kind: Kind) -> Self {
        Self { kind, place: Place::Start }
    }

    /// Whether it has bytes whenever it is asked, or soon: then there is no need to look at the
    /// socket first.
    pub(crate) const fn is_prompt(&self) -> bool {
        matches!(self.kind, Kind::Seekable { .. })
    }

    /// Puts the next bytes into `room`; 0 is the end. Bytes of two items are never put together.
    pub(crate) fn poll_fill(
        &mut self,
        cx: &mut Context<'_>,
        room: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.place = Place::Beyond;
        loop {
            let result = match &mut self.kind {
                Kind::Reader(source) => ready!(source.as_mut().poll_read(cx, room)),
                Kind::Seekable { source, .. } => ready!(source.as_mut().poll_read(cx, room)),
                Kind::AtOnce(source) => source.fill(room),
                Kind::Stream { items, left } => {
                    while left.is_empty() {
                        match ready!(items.as_mut().poll_next(cx)) {
                            None => return Poll::Ready(Ok(0)),
                            Some(item) => *left = item?,
                        }
                    }
                    let count = left.len().min(room.len());
                    left.copy_to_slice(&mut room[..count]);
                    Ok(count)
                }
            };
            match result {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return Poll::Ready(other),
            }
        }
    }

    /// Goes back to its start.
    pub(crate) fn poll_rewind(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Rewound>> {
        match (&mut self.kind, self.place) {
            (_, Place::Start) => {}
            (Kind::Seekable { source, start }, Place::Beyond) => {
                ready!(source.as_mut().poll_seek(cx, SeekFrom::Start(*start)))?;
            }
            (Kind::AtOnce(source), Place::Beyond) => match source.rewind()? {
                Rewound::Done => {}
                Rewound::Impossible => return Poll::Ready(Ok(Rewound::Impossible)),
            },
            (Kind::Reader(_) | Kind::Stream { .. }, Place::Beyond) => {
                return Poll::Ready(Ok(Rewound::Impossible));
            }
        }
        self.place = Place::Start;
        Poll::Ready(Ok(Rewound::Done))
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::Reader(_) => "Source(reader)",
            Kind::Seekable { .. } => "Source(seekable)",
            Kind::Stream { .. } => "Source(stream)",
            Kind::AtOnce(_) => "Source(chunks)",
        })
    }
}
