//! A response: the core's, and the body that is still to come.
//!
//! Source: `Response` in requests 2.34.2, `models.py`.

use std::fmt;
use std::io;
use std::ops::{Deref, DerefMut};

use bytes::Bytes;
use sessio_core::ErrorKind;
use sessio_core::message::Content;
use sessio_core::message::cuts::{ByteCut, LineCut, TextCut, TextLineCut};
use sessio_core::settings::LimitKind;
use sessio_core::wire::lines::{LINE_BYTES_MAX, LineEnd};
use sessio_core::wire::pieces::PieceSize;

use crate::driver::{Attached, Call, Pause};
use crate::iter::Items;
use crate::{Error, Result};

/// The answer to a request: it leads to the core's [`Response`](sessio_core::Response), with
/// status, header, history, cookies, `elapsed`, `trailers`.
///
/// Unless the call was streamed, the body is there and every reading of it is from memory. A
/// streamed body is read from the connection as it is asked for; it can be read once, and dropping
/// the response before its end closes the connection.
pub struct Response {
    core: sessio_core::Response,
    body: Body,
    attached: Option<Box<Attached>>,
}

/// Where the body is.
enum Body {
    /// In the core's response; up to here it was read through `io::Read`.
    AtHand { read: usize },
    /// On its way. More than so many bytes are not collected.
    Streaming { call: Box<Call>, body_bytes_max: u64, begun: Begun },
    /// Read in pieces, closed, or broken: gone.
    Gone,
}

/// Whether anything of a streamed body was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begun {
    Not,
    Decoded,
    AsItCame,
}

impl Response {
    /// Serves a call until there is a response.
    pub(crate) fn of_call(mut call: Call, body_bytes_max: u64) -> Result<Self> {
        let pause = call.go_on();
        let attached = call.take_attached();
        let (core, body) = match (pause, call.response()) {
            (Pause::Head, Some(core)) => {
                let core = core.clone();
                let call = Box::new(call);
                (core, Body::Streaming { call, body_bytes_max, begun: Begun::Not })
            }
            (Pause::Head | Pause::Data | Pause::Done, _) => {
                (call.finish()?, Body::AtHand { read: 0 })
            }
        };
        let attached = core.next.is_some().then(|| Box::new(attached));
        Ok(Self { core, body, attached })
    }

    /// The core's response alone; a body on its way is given up.
    #[must_use]
    pub fn into_core(self) -> sessio_core::Response {
        self.core
    }

    /// What the caller attached to the call, for the redirect that follows.
    pub(crate) fn take_attached(&mut self) -> Attached {
        self.attached.take().map_or_else(Attached::default, |attached| *attached)
    }

    /// The same response without its body, with the sources of the request's body: to be followed
    /// later.
    pub(crate) fn split_for_redirect(&mut self) -> Self {
        let attached = self.attached.take();
        self.attached = attached.as_deref().map(|a| Box::new(a.without_sources()));
        Self { core: self.core.clone(), body: Body::Gone, attached }
    }

    /// All of the body, decoded. What was read of a streamed body before is not in it.
    ///
    /// Where `std::io::Read` is imported, its method of this name is found first: say
    /// [`content`](Self::content) there.
    ///
    /// # Errors
    /// [`ErrorKind::StreamConsumed`] if the body was streamed and is gone; [`ErrorKind::Limit`] if
    /// it is larger than `Limits::body_bytes_max`; else what broke it off. The error's response has
    /// the part that came.
    pub fn bytes(&mut self) -> Result<Bytes> {
        self.collect()?;
        match &self.core.content {
            Content::Complete(bytes) | Content::Partial(bytes) => Ok(bytes.clone()),
            Content::Unread => Ok(Bytes::new()),
        }
    }

    /// All of the body, decoded: [`bytes`](Self::bytes) under the name that requests has for it.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes).
    pub fn content(&mut self) -> Result<Bytes> {
        self.bytes()
    }

    /// The body as text: in the charset that the caller or the header names, else in the one that
    /// it looks like. What is not of the charset is U+FFFD.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes).
    pub fn text(&mut self) -> Result<String> {
        self.collect()?;
        Ok(self.core.text().into_owned())
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// [`ErrorKind::JsonDecode`] if it is no JSON or not of this type; else as
    /// [`bytes`](Self::bytes).
    #[cfg(feature = "json")]
    pub fn json<T: serde::de::DeserializeOwned>(&mut self) -> Result<T> {
        self.collect()?;
        self.core.json().map_err(|error| {
            let error = sessio_core::Error::from(error);
            error.with_request(self.core.request.clone()).with_response(self.core.clone()).into()
        })
    }

    /// The response itself if its status is below 400.
    ///
    /// # Errors
    /// [`ErrorKind::Http`], with the response.
    pub fn raise_for_status(self) -> Result<Self> {
        match self.core.raise_for_status() {
            Ok(_) => Ok(self),
            Err(error) => Err(error.into()),
        }
    }

    /// The body in items of `count` bytes, but for the last one and, in a chunked body that is
    /// streamed, the last one of each chunk; 0 is all that is there at a time.
    ///
    /// A body at hand can be iterated again and again. After an error nothing follows.
    pub fn iter_content(&mut self, count: usize) -> Items<'_, ByteCut> {
        Items::new(self, ByteCut::new(PieceSize::from_count(count)))
    }

    /// The body as it comes in.
    pub fn iter_chunks(&mut self) -> Items<'_, ByteCut> {
        self.iter_content(0)
    }

    /// The body as text, in items of the text of `count` bytes. Nothing is guessed: without a
    /// charset it is UTF-8.
    pub fn iter_text(&mut self, count: usize) -> Items<'_, TextCut> {
        let cut = TextCut::new(PieceSize::from_count(count), self.core.charset());
        Items::new(self, cut)
    }

    /// The lines of the body, without their ends: LF, CR or CR LF.
    pub fn iter_lines(&mut self) -> Items<'_, LineCut> {
        Items::new(self, LineCut::new(LineEnd::Bytes, LINE_BYTES_MAX))
    }

    /// The parts of the body between these delimiters; an empty one means lines.
    pub fn iter_lines_by(&mut self, delimiter: impl AsRef<[u8]>) -> Items<'_, LineCut> {
        let end = LineEnd::delimiter(delimiter.as_ref(), LineEnd::Bytes);
        Items::new(self, LineCut::new(end, LINE_BYTES_MAX))
    }

    /// The lines of the body's text, without their ends, which are those of Python's `str`.
    pub fn iter_text_lines(&mut self) -> Items<'_, TextLineCut> {
        let charset = self.core.charset();
        Items::new(self, TextLineCut::new(LineEnd::Text, LINE_BYTES_MAX, charset))
    }

    /// The parts of the body's text between these delimiters; an empty one means lines.
    pub fn iter_text_lines_by(&mut self, delimiter: &str) -> Items<'_, TextLineCut> {
        let end = LineEnd::delimiter(delimiter.as_bytes(), LineEnd::Text);
        let charset = self.core.charset();
        Items::new(self, TextLineCut::new(end, LINE_BYTES_MAX, charset))
    }

    /// A reader of a streamed body as it came, with its content codings on it; from now on every
    /// reading gives that.
    ///
    /// # Errors
    /// [`ErrorKind::StreamConsumed`] if decoded content was read already, or the call was not
    /// streamed: then only the decoded content is left.
    pub fn raw(&mut self) -> Result<&mut Self> {
        match &mut self.body {
            Body::Streaming { call, begun: begun @ Begun::Not, .. } => {
                call.read_as_it_came();
                *begun = Begun::AsItCame;
                Ok(self)
            }
            Body::Streaming { begun: Begun::AsItCame, .. } => Ok(self),
            Body::Streaming { begun: Begun::Decoded, .. } | Body::AtHand { .. } | Body::Gone => {
                Err(self.consumed())
            }
        }
    }

    /// Gives up what is left of a streamed body, and its connection.
    pub fn close(&mut self) {
        if matches!(self.body, Body::Streaming { .. }) {
            self.body = Body::Gone;
        }
    }

    /// Reads a streamed body to its end, into the core's response.
    fn collect(&mut self) -> Result<()> {
        let body_bytes_max = match &self.body {
            Body::AtHand { .. } => return Ok(()),
            Body::Gone => return Err(self.consumed()),
            Body::Streaming { body_bytes_max, .. } => *body_bytes_max,
        };
        let mut content = Vec::new();
        loop {
            let piece = self.next_data(|bytes, _| {
                content.extend_from_slice(bytes);
                bytes.len()
            });
            let error = match piece {
                Ok(More::Content) if content.len() as u64 <= body_bytes_max => continue,
                Ok(More::Content) => {
                    self.close();
                    let error = sessio_core::Error::from(LimitKind::BodyBytes);
                    error.with_request(self.core.request.clone()).into()
                }
                Ok(More::End) => {
                    self.core.content = Content::Complete(content.into());
                    self.body = Body::AtHand { read: 0 };
                    return Ok(());
                }
                Err(error) => error,
            };
            let mut response = self.core.clone();
            response.content = Content::Partial(content.into());
            return Err(error.with_partial(response));
        }
    }

    /// Lends the next content to `take`, which says how much of it it used, and whether a piece of
    /// the peer's ends with it.
    pub(crate) fn next_data(&mut self, take: impl FnOnce(&[u8], IsEnd) -> usize) -> Result<More> {
        match &mut self.body {
            Body::AtHand { read } => {
                let content = self.core.bytes();
                let rest = content.get(*read..).unwrap_or_default();
                if rest.is_empty() {
                    return Ok(More::End);
                }
                let used = take(rest, IsEnd::No);
                *read = read.saturating_add(used).min(content.len());
                Ok(More::Content)
            }
            Body::Gone => Err(self.consumed()),
            Body::Streaming { call, begun, .. } => {
                if *begun == Begun::Not {
                    *begun = Begun::Decoded;
                }
                if let Some(data) = call.data() {
                    let used = take(data.bytes, IsEnd::of(data.piece));
                    call.consumed(used);
                    return Ok(More::Content);
                }
                self.ended()
            }
        }
    }

    /// A streamed body has come to its end, or broke off.
    fn ended(&mut self) -> Result<More> {
        if let Body::Streaming { call, .. } = std::mem::replace(&mut self.body, Body::Gone) {
            self.core.trailers = call.finish()?.trailers;
        }
        Ok(More::End)
    }

    /// Whether the body is in memory, and can be read again.
    pub(crate) const fn is_at_hand(&self) -> bool {
        matches!(self.body, Body::AtHand { .. })
    }

    fn consumed(&self) -> Error {
        let why = "the body was streamed and is gone: read it once, or do not stream it";
        let error = sessio_core::Error::new(ErrorKind::StreamConsumed, why);
        error.with_request(self.core.request.clone()).into()
    }
}

/// Whether more of a body may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum More {
    /// Content was lent.
    Content,
    /// It has ended.
    End,
}

/// Whether a piece of the peer's ends behind content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IsEnd {
    Yes,
    No,
}

impl IsEnd {
    const fn of(piece: sessio_core::exchange::PieceEnd) -> Self {
        match piece {
            sessio_core::exchange::PieceEnd::Here => Self::Yes,
            sessio_core::exchange::PieceEnd::NotYet => Self::No,
        }
    }
}

/// The body's content: of a streamed one as it comes, else from memory; 0 is its end. An error of
/// the call is the inner error.
impl io::Read for Response {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if room.is_empty() {
            return Ok(0);
        }
        loop {
            let mut count = 0;
            let more = self.next_data(|bytes, _| {
                count = bytes.len().min(room.len());
                room[..count].copy_from_slice(&bytes[..count]);
                count
            })?;
            if more == More::End || count > 0 {
                return Ok(count);
            }
        }
    }
}

impl Deref for Response {
    type Target = sessio_core::Response;

    fn deref(&self) -> &sessio_core::Response {
        &self.core
    }
}

impl DerefMut for Response {
    fn deref_mut(&mut self) -> &mut sessio_core::Response {
        &mut self.core
    }
}

impl From<sessio_core::Response> for Response {
    /// A response whose body is what the core's has of it.
    fn from(core: sessio_core::Response) -> Self {
        Self { core, body: Body::AtHand { read: 0 }, attached: None }
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core.fmt(f)
    }
}

impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.core, f)
    }
}
