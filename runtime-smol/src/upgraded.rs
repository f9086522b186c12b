//! A connection that no longer speaks HTTP, as something to read from and to write to.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};
use sessio_core::exchange::{Protocol, Received};
use sessio_runtime::Error;

use crate::inner::Waiters;
use crate::kit::Kit;
use crate::socket::Socket;

/// The connection behind a 101 that the request asked for by `Connection: upgrade` and `Upgrade`, or
/// behind the 2xx to a `CONNECT`; see [`Response::upgrade`](crate::Response::upgrade).
///
/// Reading begins with what came behind the response. With TLS, what is read and written is
/// plaintext. What is written is queued, up to 64 KiB, until it is flushed; `close` ends this side's
/// stream, with TLS by `close_notify`, and the peer's may be read on. Its place under the connection
/// limits is free when it is dropped, which closes it; the timeouts of the call hold no longer.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use futures_lite::{AsyncReadExt, AsyncWriteExt};
/// use sessio_smol::{Request, Session};
///
/// let session = Session::new();
/// let request = Request::get("http://example.org/chat")
///     .header("Connection", "upgrade")
///     .header("Upgrade", "chat/1");
/// let mut response = session.request(request).await?;
/// let mut upgraded = response.upgrade().ok_or("the server does not speak it")?;
/// upgraded.write_all(b"hello").await?;
/// upgraded.flush().await?;
/// let mut room = [0; 100];
/// let count = upgraded.read(&mut room).await?;
/// # let _ = count;
/// # Ok(())
/// # }
/// ```
pub struct Upgraded {
    inner: sessio_runtime::Upgraded<Socket, Kit, Waiters>,
}

impl Upgraded {
    pub(crate) const fn new(inner: sessio_runtime::Upgraded<Socket, Kit, Waiters>) -> Self {
        Self { inner }
    }

    /// What the connection speaks now.
    #[must_use]
    pub fn protocol(&self) -> &Protocol {
        self.inner.protocol()
    }

    /// Sends all that is queued.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.inner.has_unsent() {
            let moving = self.inner.transfer();
            let count = ready!(moving.socket.poll_send(cx, [moving.send, &[]]));
            self.inner.moved(count.map_err(broken)?, Received::Nothing);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Upgraded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        room: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            if let Poll::Ready(read) = self.inner.read(room) {
                return Poll::Ready(read.map_err(|error| Error::from(error).into()));
            }
            // Nothing is sent here: another task may wait for that with a waker of its own.
            let moving = self.inner.transfer();
            let count = ready!(moving.socket.poll_receive(cx, moving.receive));
            self.inner.moved(0, Received::Bytes(count.map_err(broken)?));
        }
    }
}

impl AsyncWrite for Upgraded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            let count = self.inner.write(bytes).map_err(Error::from)?;
            if count > 0 || bytes.is_empty() {
                return Poll::Ready(Ok(count));
            }
            ready!(self.poll_send(cx))?;
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_send(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner.close().map_err(Error::from)?;
        ready!(self.poll_send(cx))?;
        Poll::Ready(self.inner.socket().shutdown())
    }
}

fn broken(why: sessio_core::io::IoError) -> io::Error {
    let error = sessio_core::Error::new(sessio_core::ErrorKind::Connection, why);
    Error::from(error).into()
}

impl fmt::Debug for Upgraded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
