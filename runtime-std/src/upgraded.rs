//! A connection that no longer speaks HTTP, as something to read from and to write to.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::task::Poll;
use std::time::Duration;

use sessio_core::exchange::{Protocol, Received};
use sessio_runtime::Error;
use sessio_runtime::socket::Moved;

use crate::inner::Waiters;
use crate::kit::Kit;
use crate::socket::Socket;

/// The connection behind a 101 that the request asked for by `Connection: upgrade` and `Upgrade`, or
/// behind the 2xx to a `CONNECT`; see [`Response::upgrade`](crate::Response::upgrade).
///
/// Reading begins with what came behind the response. With TLS, what is read and written is
/// plaintext. Its place under the connection limits is free when it is dropped, which closes it; the
/// timeouts of the call hold no longer.
///
/// ```
/// use std::io::{Read, Write};
/// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// # let address = listener.local_addr()?;
/// # let server = std::thread::spawn(move || -> std::io::Result<()> {
/// #     let (mut stream, _) = listener.accept()?;
/// #     let mut room = [0; 4096];
/// #     let _ = stream.read(&mut room)?;
/// #     let head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: shout\r\n\r\nHI ";
/// #     stream.write_all(head.as_bytes())?;
/// #     let count = stream.read(&mut room)?;
/// #     stream.write_all(room[..count].to_ascii_uppercase().as_slice())
/// # });
/// use sessio_std::{Request, Session};
///
/// let session = Session::new();
/// # session.lock().trust_env = sessio_std::Trust::NONE;
/// let request = Request::get(format!("http://{address}/"))
///     .header("Connection", "upgrade")
///     .header("Upgrade", "shout");
/// let mut response = session.request(request)?;
/// let mut upgraded = response.upgrade().expect("the server speaks it");
/// upgraded.write_all(b"there")?;
/// upgraded.shutdown()?;
/// let mut all = String::new();
/// upgraded.read_to_string(&mut all)?;
/// assert_eq!(all, "HI THERE");
/// # server.join().expect("no panic")?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Upgraded {
    inner: Box<sessio_runtime::Upgraded<Socket, Kit, Waiters>>,
    read_timeout: Option<Duration>,
}

impl Upgraded {
    pub(crate) fn new(inner: sessio_runtime::Upgraded<Socket, Kit, Waiters>) -> Self {
        Self { inner: Box::new(inner), read_timeout: None }
    }

    /// What the connection speaks now.
    #[must_use]
    pub fn protocol(&self) -> &Protocol {
        self.inner.protocol()
    }

    /// How long a reading waits for bytes at most; it then fails with `WouldBlock`, and nothing is
    /// lost. `None`, as it begins, is for ever.
    pub const fn set_read_timeout(&mut self, span: Option<Duration>) {
        self.read_timeout = span;
    }

    /// Ends this side's stream, with TLS by `close_notify`; the peer's may be read on.
    ///
    /// # Errors
    /// How the connection broke.
    pub fn shutdown(&mut self) -> io::Result<()> {
        self.inner.close().map_err(Error::from)?;
        self.send_all()?;
        self.inner.socket().shutdown()
    }

    /// The connection as a stream of the operating system, with the bytes that came in and were not
    /// read. Its place under the connection limits is free then.
    ///
    /// # Errors
    /// Itself, if there is TLS, which only this can speak.
    pub fn into_stream(self) -> Result<(TcpStream, Vec<u8>), Self> {
        let Self { inner, read_timeout } = self;
        match inner.into_socket() {
            Ok((socket, unread)) => Ok((socket.into_stream(), unread)),
            Err(inner) => Err(Self { inner, read_timeout }),
        }
    }

    /// Sends all that is queued.
    fn send_all(&mut self) -> io::Result<()> {
        while self.inner.has_unsent() {
            let moving = self.inner.transfer();
            match moving.socket.send([moving.send, &[]])? {
                Moved::Bytes(count) => self.inner.moved(count, Received::Nothing),
                Moved::Blocked => moving.socket.wait_to_send()?,
            }
        }
        Ok(())
    }
}

impl Read for Upgraded {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Poll::Ready(read) = self.inner.read(room) {
                return read.map_err(|error| Error::from(error).into());
            }
            // TLS may have something to say in answer to what came.
            self.send_all()?;
            let moving = self.inner.transfer();
            match moving.socket.receive(moving.receive, self.read_timeout)? {
                Moved::Bytes(count) => self.inner.moved(0, Received::Bytes(count)),
                Moved::Blocked => return Err(ErrorKind::WouldBlock.into()),
            }
        }
    }
}

/// What was written has been handed to the operating system when `write` returns.
impl Write for Upgraded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // What an earlier one that failed has left.
        self.send_all()?;
        let count = self.inner.write(bytes).map_err(Error::from)?;
        self.send_all()?;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send_all()
    }
}

/// The socket, to wait for it; bytes that are at hand already do not show there.
impl AsFd for Upgraded {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.socket().as_fd()
    }
}

impl fmt::Debug for Upgraded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
