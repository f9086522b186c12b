//! A response: the core's, and the body that is still to come.
//!
//! Source: `Response` in requests 2.34.2, `models.py`.

use std::fmt;
use std::io::{self, BufRead, Read};
use std::ops::{Deref, DerefMut};

use bytes::Bytes;
use sessio_core::message::cuts::Cut;
use sessio_runtime::{More, Reply, reply};

use crate::Result;
use crate::driver::{Attached, Call, Pause};
use crate::kit::Kit;

/// The answer to a request: it leads to the core's [`Response`](sessio_core::Response), with
/// status, header, history, cookies, `elapsed`, `trailers`.
///
/// Unless the call was streamed, the body is there and every reading of it is from memory. A
/// streamed body is read from the connection as it is asked for; it can be read once, and dropping
/// the response before its end closes the connection.
pub struct Response {
    reply: Reply<Call, Kit>,
}

impl Response {
    /// Serves a call until there is a response.
    pub(crate) fn of_call(mut call: Call, body_bytes_max: u64) -> Result<Self> {
        let pause = call.go_on();
        let attached = call.take_attached();
        let reply = match (pause, call.response()) {
            (Pause::Head, Some(core)) => Reply::streaming(core.clone(), call, body_bytes_max),
            (Pause::Head | Pause::Data | Pause::Done, _) => {
                Reply::at_hand(reply::Feed::finish(call)?)
            }
        };
        Ok(Self { reply: reply.with_attached(attached) })
    }

    /// The core's response alone; a body on its way is given up.
    #[must_use]
    pub fn into_core(self) -> sessio_core::Response {
        self.reply.core
    }

    /// What the caller attached to the call, for the redirect that follows.
    pub(crate) fn take_attached(&mut self) -> Attached {
        self.reply.take_attached()
    }

    /// The same response without its body, to be followed later.
    pub(crate) fn split_for_redirect(&mut self) -> Self {
        Self { reply: self.reply.split_for_redirect() }
    }

    /// A reader of a streamed body as it came, with its content codings on it; from now on every
    /// reading gives that.
    ///
    /// # Errors
    /// `ErrorKind::StreamConsumed` if decoded content was read already, or the call was not
    /// streamed: then only the decoded content is left.
    pub fn raw(&mut self) -> Result<&mut Self> {
        self.reply.read_as_it_came()?;
        Ok(self)
    }

    /// Gives up what is left of a streamed body, and its connection. Who reads on finds the end of
    /// the body, as in requests.
    pub fn close(&mut self) {
        self.reply.close();
    }

    /// Reads a streamed body to its end, into the core's response.
    fn collect(&mut self) -> Result<()> {
        let mut content = Vec::new();
        while self.reply.collect_more(&mut content)? == More::Content {}
        Ok(())
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
        Ok(self.reply.collected())
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
        Ok(self.reply.core.text().into_owned())
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// `ErrorKind::JsonDecode` if it is no JSON or not of this type; else as
    /// [`bytes`](Self::bytes).
    #[cfg(feature = "json")]
    pub fn json<T: serde::de::DeserializeOwned>(&mut self) -> Result<T> {
        self.collect()?;
        self.reply.json()
    }

    /// The response itself if its status is below 400.
    ///
    /// # Errors
    /// `ErrorKind::Http`, with the response.
    pub fn raise_for_status(self) -> Result<Self> {
        match self.reply.core.raise_for_status() {
            Ok(_) => Ok(self),
            Err(error) => Err(error.into()),
        }
    }

    sessio_runtime::response_items!();
}

/// The items of a response's body, read as they are asked for.
///
/// An error is given once, behind the items that came before it, and then nothing follows. What was
/// taken from a streamed body and not given out goes back to the response when this is dropped; but
/// content that is text already, of `iter_text_lines`, is lost.
#[derive(Debug)]
pub struct Items<'a, C: Cut>(reply::Items<'a, Call, Kit, C>);

impl<'a, C: Cut> Items<'a, C> {
    const fn new(reply: &'a mut Reply<Call, Kit>, cut: C) -> Self {
        Self(reply::Items::new(reply, cut))
    }
}

impl<C: Cut> Iterator for Items<'_, C> {
    type Item = Result<C::Item>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.0.take() {
                Some(next) => return next,
                None => self.0.pull(),
            }
        }
    }
}

/// The body's content: of a streamed one as it comes, else from memory. An error of the call is the
/// inner error.
impl Read for Response {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let content = self.fill_buf()?;
        let count = content.len().min(room.len());
        room[..count].copy_from_slice(&content[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Response {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reply.fill().map_err(io::Error::from)
    }

    fn consume(&mut self, count: usize) {
        self.reply.consume(count);
    }
}

impl Deref for Response {
    type Target = sessio_core::Response;

    fn deref(&self) -> &sessio_core::Response {
        &self.reply.core
    }
}

impl DerefMut for Response {
    fn deref_mut(&mut self) -> &mut sessio_core::Response {
        &mut self.reply.core
    }
}

impl From<sessio_core::Response> for Response {
    /// A response whose body is what the core's has of it.
    fn from(core: sessio_core::Response) -> Self {
        Self { reply: Reply::at_hand(core) }
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reply.fmt(f)
    }
}

impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.reply.core, f)
    }
}
