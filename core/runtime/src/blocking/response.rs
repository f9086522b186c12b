//! A response: the core's, and the body that is still to come, for those who wait for it.
//!
//! Source: `Response` in requests 2.34.2, `models.py`.

use std::fmt;
use std::io::{self, BufRead, Read};
use std::ops::{Deref, DerefMut};

use bytes::Bytes;
use sessio_core::Kit;
use sessio_core::message::cuts::Cut;

use crate::{Attached, Feed, More, Reply, Result, reply};

/// The answer to a request: it leads to the core's [`Response`](sessio_core::Response), with
/// status, header, history, cookies, `elapsed`, `trailers`.
///
/// Unless the call was streamed, the body is there and every reading of it is from memory. A
/// streamed body is read from the connection as it is asked for; it can be read once, and dropping
/// the response before its end closes the connection.
pub struct Response<F: Feed, K: Kit> {
    reply: Reply<F, K>,
    upgraded: Option<Box<F::Upgraded>>,
}

impl<F: Feed, K: Kit> Response<F, K> {
    /// A response of what there is of it.
    pub const fn new(reply: Reply<F, K>) -> Self {
        Self { reply, upgraded: None }
    }

    /// Puts the connection to it that the call handed over.
    #[must_use]
    pub fn with_upgraded(mut self, upgraded: Option<F::Upgraded>) -> Self {
        self.upgraded = upgraded.map(Box::new);
        self
    }

    /// The connection, if it no longer speaks HTTP: behind a 101 that the request asked for by
    /// `Connection: upgrade` and `Upgrade`, or behind the 2xx to a `CONNECT`, which asks for a
    /// tunnel to host and port of the URL. It is given out once; dropping the response closes it.
    ///
    /// A `CONNECT` goes where any request to its URL would: by the proxy for it if there is one,
    /// else to the host itself, or where the session's `connect_to` says.
    pub fn upgrade(&mut self) -> Option<F::Upgraded> {
        self.upgraded.take().map(|upgraded| *upgraded)
    }

    /// The core's response alone; a body on its way is given up.
    #[must_use]
    pub fn into_core(self) -> sessio_core::Response {
        self.reply.core
    }

    /// What the caller attached to the call, for the redirect that follows.
    pub(crate) fn take_attached(&mut self) -> Attached<K> {
        self.reply.take_attached()
    }

    /// The same response without its body, to be followed later.
    pub(crate) fn split_for_redirect(&mut self) -> Self {
        Self::new(self.reply.split_for_redirect())
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

    crate::response_items!(F, K);
}

/// The items of a response's body, read as they are asked for.
///
/// An error is given once, behind the items that came before it, and then nothing follows. What was
/// taken from a streamed body and not given out goes back to the response when this is dropped; but
/// content that is text already, of `iter_text_lines`, is lost.
#[derive(Debug)]
pub struct Items<'a, F: Feed, K: Kit, C: Cut>(reply::Items<'a, F, K, C>);

impl<'a, F: Feed, K: Kit, C: Cut> Items<'a, F, K, C> {
    const fn new(reply: &'a mut Reply<F, K>, cut: C) -> Self {
        Self(reply::Items::new(reply, cut))
    }
}

impl<F: Feed, K: Kit, C: Cut> Iterator for Items<'_, F, K, C> {
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
impl<F: Feed, K: Kit> Read for Response<F, K> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let content = self.fill_buf()?;
        let count = content.len().min(room.len());
        room[..count].copy_from_slice(&content[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl<F: Feed, K: Kit> BufRead for Response<F, K> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reply.fill().map_err(io::Error::from)
    }

    fn consume(&mut self, count: usize) {
        self.reply.consume(count);
    }
}

impl<F: Feed, K: Kit> Deref for Response<F, K> {
    type Target = sessio_core::Response;

    fn deref(&self) -> &sessio_core::Response {
        &self.reply.core
    }
}

impl<F: Feed, K: Kit> DerefMut for Response<F, K> {
    fn deref_mut(&mut self) -> &mut sessio_core::Response {
        &mut self.reply.core
    }
}

impl<F: Feed, K: Kit> From<sessio_core::Response> for Response<F, K> {
    /// A response whose body is what the core's has of it.
    fn from(core: sessio_core::Response) -> Self {
        Self::new(Reply::at_hand(core))
    }
}

impl<F: Feed, K: Kit> fmt::Debug for Response<F, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reply.fmt(f)
    }
}

impl<F: Feed, K: Kit> fmt::Display for Response<F, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.reply.core, f)
    }
}
