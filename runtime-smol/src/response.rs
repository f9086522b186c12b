//! A response: the core's, and the body that is still to come.
//!
//! Source: `Response` in requests 2.34.2, `models.py`.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use futures_io::{AsyncBufRead, AsyncRead};
use sessio_core::message::cuts::Cut;
use sessio_runtime::{More, Reply, reply};

use crate::Result;
use crate::driver::{Attached, Call, Pause};
use crate::kit::Kit;
use crate::upgraded::Upgraded;

/// The answer to a request: it leads to the core's [`Response`](sessio_core::Response), with
/// status, header, history, cookies, `elapsed`, `trailers`.
///
/// Unless the call was streamed, the body is there and every reading of it is from memory. A
/// streamed body is read from the connection as it is asked for; it can be read once, and dropping
/// the response before its end closes the connection. A reading that is dropped half-way has lost
/// nothing but what it had collected: what comes next is read by the next one.
///
/// ```no_run
/// use futures_lite::{AsyncBufReadExt, AsyncReadExt, StreamExt};
/// use sessio_smol::{Request, Session};
///
/// # futures_lite::future::block_on(async {
/// let session = Session::new();
/// let get = || session.request(Request::get("http://example.org/").stream(true));
///
/// // A `Stream` of `Bytes`, as they come; `next` is there without an import, too.
/// let mut response = get().await?;
/// let mut chunks = response.iter_chunks();
/// while let Some(chunk) = StreamExt::next(&mut chunks).await {
///     println!("{} bytes", chunk?.len());
/// }
///
/// // `AsyncRead`
/// let mut start = [0; 16];
/// get().await?.read_exact(&mut start).await?;
///
/// // `AsyncBufRead`
/// let mut lines = get().await?.lines();
/// while let Some(line) = lines.next().await {
///     println!("{}", line?);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(()) });
/// ```
pub struct Response {
    reply: Reply<Call, Kit>,
    upgraded: Option<Box<Upgraded>>,
}

impl Response {
    /// Serves a call until there is a response.
    pub(crate) async fn of_call(mut call: Call, body_bytes_max: u64) -> Result<Self> {
        let pause = call.go_on().await;
        let attached = call.take_attached();
        let (reply, upgraded) = match (pause, call.response()) {
            (Pause::Head, Some(core)) => {
                (Reply::streaming(core.clone(), call, body_bytes_max), None)
            }
            _ => {
                let (core, upgraded) = call.finish_upgraded()?;
                (Reply::at_hand(core), upgraded.map(Box::new))
            }
        };
        Ok(Self { reply: reply.with_attached(attached), upgraded })
    }

    /// The connection, if it no longer speaks HTTP: behind a 101 that the request asked for by
    /// `Connection: upgrade` and `Upgrade`, or behind the 2xx to a `CONNECT`, which asks for a
    /// tunnel to host and port of the URL. It is given out once; dropping the response closes it.
    ///
    /// A `CONNECT` goes where any request to its URL would: by the proxy for it if there is one,
    /// else to the host itself, or where the session's `connect_to` says.
    pub fn upgrade(&mut self) -> Option<Upgraded> {
        self.upgraded.take().map(|upgraded| *upgraded)
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
        Self { reply: self.reply.split_for_redirect(), upgraded: None }
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

    /// Waits until reading on needs no waiting.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.reply.awaited().map_or(Poll::Ready(()), |call| call.poll_data(cx))
    }

    /// Reads a streamed body to its end, into the core's response.
    async fn collect(&mut self) -> Result<()> {
        let mut content = Vec::new();
        loop {
            poll_fn(|cx| self.poll_ready(cx)).await;
            if self.reply.collect_more(&mut content)? == More::End {
                return Ok(());
            }
        }
    }

    /// All of the body, decoded. What was read of a streamed body before is not in it.
    ///
    /// Where `AsyncReadExt` is imported, its method of this name is found first: say
    /// [`content`](Self::content) there.
    ///
    /// # Errors
    /// `ErrorKind::StreamConsumed` if the body was streamed and is gone; `ErrorKind::Limit` if
    /// it is larger than `Limits::body_bytes_max`; else what broke it off. The error's response has
    /// the part that came.
    pub async fn bytes(&mut self) -> Result<Bytes> {
        self.collect().await?;
        Ok(self.reply.collected())
    }

    /// All of the body, decoded: [`bytes`](Self::bytes) under the name that requests has for it.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes).
    pub async fn content(&mut self) -> Result<Bytes> {
        self.bytes().await
    }

    /// The body as text: in the charset that the caller or the header names, else in the one that
    /// it looks like. What is not of the charset is U+FFFD.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes).
    pub async fn text(&mut self) -> Result<String> {
        self.collect().await?;
        Ok(self.reply.core.text().into_owned())
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// `ErrorKind::JsonDecode` if it is no JSON or not of this type; else as
    /// [`bytes`](Self::bytes).
    #[cfg(feature = "json")]
    pub async fn json<T: serde::de::DeserializeOwned>(&mut self) -> Result<T> {
        self.collect().await?;
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

/// The items of a response's body, read as they are asked for: by [`next`](Self::next), or as the
/// `Stream` that this is.
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

    /// The next item; `None` behind the last one. Nothing is lost if this is dropped half-way.
    pub async fn next(&mut self) -> Option<Result<C::Item>> {
        poll_fn(|cx| self.poll_item(cx)).await
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<C::Item>>> {
        loop {
            if let Some(next) = self.0.take() {
                return Poll::Ready(next);
            }
            if let Some(call) = self.0.awaited() {
                ready!(call.poll_data(cx));
            }
            self.0.pull();
        }
    }
}

impl<C: Cut + Unpin> Stream for Items<'_, C> {
    type Item = Result<C::Item>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_item(cx)
    }
}

/// The body's content: of a streamed one as it comes, else from memory. An error of the call is the
/// inner error.
impl AsyncRead for Response {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        room: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let content = ready!(self.as_mut().poll_fill_buf(cx))?;
        let count = content.len().min(room.len());
        room[..count].copy_from_slice(&content[..count]);
        self.consume(count);
        Poll::Ready(Ok(count))
    }
}

impl AsyncBufRead for Response {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let response = self.get_mut();
        loop {
            ready!(response.poll_ready(cx));
            if !response.reply.skip_empty() {
                return Poll::Ready(response.reply.fill().map_err(io::Error::from));
            }
        }
    }

    fn consume(mut self: Pin<&mut Self>, count: usize) {
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
        Self { reply: Reply::at_hand(core), upgraded: None }
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
