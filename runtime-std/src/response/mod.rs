//! A response: the core's, and the body that is still to come.
//!
//! Source: `Response` in requests 2.34.2, `models.py`.

mod items;
mod reading;

use std::fmt;
use std::ops::{Deref, DerefMut};

use bytes::Bytes;
use sessio_core::message::Content;
use sessio_core::message::cuts::{ByteCut, LineCut, TextCut, TextLineCut};
use sessio_core::wire::lines::{LINE_BYTES_MAX, LineEnd};
use sessio_core::wire::pieces::PieceSize;

use crate::Result;
use crate::driver::{Attached, Call, Pause};
pub use items::Items;
use reading::{Begun, Body, Fate, Left};

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

impl Response {
    /// Serves a call until there is a response.
    pub(crate) fn of_call(mut call: Call, body_bytes_max: u64) -> Result<Self> {
        let pause = call.go_on();
        let attached = call.take_attached();
        let (core, body) = match (pause, call.response()) {
            (Pause::Head, Some(core)) => {
                let core = core.clone();
                let call = Box::new(call);
                let (begun, left) = (Begun::Not, Left::default());
                (core, Body::Streaming { call, body_bytes_max, begun, left })
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
        Self { core: self.core.clone(), body: Body::Gone(Fate::GivenUp), attached }
    }

    /// All of the body, decoded. What was read of a streamed body before is not in it.
    ///
    /// Where `std::io::Read` is imported, its method of this name is found first: say
    /// [`content`](Self::content) there.
    ///
    /// # Errors
    /// `ErrorKind::StreamConsumed` if the body was streamed and is gone; `ErrorKind::Limit` if
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
    /// `ErrorKind::JsonDecode` if it is no JSON or not of this type; else as
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
    /// `ErrorKind::Http`, with the response.
    pub fn raise_for_status(self) -> Result<Self> {
        match self.core.raise_for_status() {
            Ok(_) => Ok(self),
            Err(error) => Err(error.into()),
        }
    }

    /// The body in items of `count` bytes, but for the last one and, in a chunked body that is
    /// streamed, the last one of each chunk; 0 is all that is there at a time, and `usize::MAX` a
    /// whole chunk or else the whole body, as `None` is in requests.
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
