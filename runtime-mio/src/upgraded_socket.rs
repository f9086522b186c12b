//! A connection that no longer speaks HTTP, in a loop of the caller's own: it never waits.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::task::Poll;

use mio::Token;
use rustix::io::Errno;
use sessio_core::exchange::{Protocol, Received};
use sessio_runtime::Error;
use sessio_runtime::socket::Moved;

use crate::kit::{Kit, Waiters};
use crate::socket::Socket;

/// What [`Completion::Upgraded`](crate::Completion::Upgraded) hands over: a connection behind a 101
/// that the request asked for, or behind the 2xx to a `CONNECT`.
///
/// It stays registered, under its [`token`](Self::token), edge-triggered for both directions. The
/// loop goes on handing all events to [`Driver::handle`](crate::Driver::handle); after one with this
/// token, and once at the beginning, it reads and writes here until that fails with `WouldBlock`.
/// Before the driver has heard of an event nothing is tried: no system call is made in vain.
///
/// Reading begins with what came behind the response. With TLS, what is read and written is
/// plaintext. Its place under the connection limits is free when it is dropped, which closes it; the
/// timeouts of the call hold no longer.
///
/// ```no_run
/// use std::io::{ErrorKind, Read, Write};
/// use sessio_mio::{Completion, Driver, Request, UpgradedSocket};
///
/// let mut poll = mio::Poll::new()?;
/// let mut events = mio::Events::with_capacity(1024);
/// let mut driver = Driver::new(poll.registry(), 1000..20_000)?;
/// let request = Request::get("http://example.org/chat")
///     .header("Connection", "upgrade")
///     .header("Upgrade", "chat/1");
/// driver.start(request)?;
/// let mut chat: Option<UpgradedSocket> = None;
/// let mut room = [0; 4096];
/// loop {
///     driver.turn();
///     while let Some(completion) = driver.next() {
///         match completion {
///             Completion::Upgraded(_, mut socket) => {
///                 socket.write_all(b"hello")?;
///                 chat = Some(*socket);
///             }
///             Completion::Done(_, result) => println!("{}", result?.status),
///             _ => {}
///         }
///     }
///     if let Some(chat) = &mut chat {
///         let _ = chat.flush();
///         match chat.read(&mut room) {
///             Ok(0) => break,
///             Ok(count) => {
///                 println!("{}", String::from_utf8_lossy(&room[..count]));
///                 continue;
///             }
///             Err(error) if error.kind() == ErrorKind::WouldBlock => {}
///             Err(error) => return Err(error.into()),
///         }
///     }
///     poll.poll(&mut events, driver.next_timeout())?;
///     for event in &events {
///         driver.handle(event);
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct UpgradedSocket {
    inner: Box<sessio_runtime::Upgraded<Socket, Kit, Waiters>>,
}

impl UpgradedSocket {
    pub(crate) fn new(inner: sessio_runtime::Upgraded<Socket, Kit, Waiters>) -> Self {
        Self { inner: Box::new(inner) }
    }

    /// What the connection speaks now.
    #[must_use]
    pub fn protocol(&self) -> &Protocol {
        self.inner.protocol()
    }

    /// The token of its events: one of the driver's range, and this connection's alone until it is
    /// dropped.
    #[must_use]
    pub fn token(&self) -> Token {
        self.inner.socket().token()
    }

    /// Ends this side's stream, with TLS by `close_notify`; the peer's may be read on.
    ///
    /// # Errors
    /// How the connection broke; `WouldBlock` if something is still to be sent: to be said again
    /// after the next event.
    pub fn shutdown(&mut self) -> io::Result<()> {
        self.inner.close().map_err(Error::from)?;
        self.flush()?;
        self.inner.socket().shutdown()
    }

    /// The connection as a stream of the operating system, with the bytes that came in and were not
    /// read. It is out of the registry, its token and its place under the connection limits are free,
    /// and it does not block: `mio::net::TcpStream::from_std` takes it as it is.
    ///
    /// # Errors
    /// Itself, if there is TLS, which only this can speak, or something is still to be sent.
    pub fn into_stream(self) -> Result<(TcpStream, Vec<u8>), Self> {
        match self.inner.into_socket() {
            Ok((socket, unread)) => Ok((socket.into_stream(), unread)),
            Err(inner) => Err(Self { inner }),
        }
    }

    /// Whether an event said that something may be read.
    pub(crate) fn is_readable(&self) -> bool {
        self.inner.socket().readiness().is_readable()
    }

    /// Whether an event said that something may be sent.
    pub(crate) fn is_writable(&self) -> bool {
        self.inner.socket().readiness().is_writable()
    }

    /// Sends what is queued, as far as it goes.
    fn send(&mut self) -> Result<Moved, Errno> {
        while self.inner.has_unsent() {
            let moving = self.inner.transfer();
            match moving.socket.send([moving.send, &[]])? {
                Moved::Bytes(count) => self.inner.moved(count, Received::Nothing),
                Moved::Blocked => return Ok(Moved::Blocked),
            }
        }
        Ok(Moved::Bytes(0))
    }
}

impl Read for UpgradedSocket {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Poll::Ready(read) = self.inner.read(room) {
                return read.map_err(|error| Error::from(error).into());
            }
            // TLS may have something to say in answer to what came. If it cannot be sent now, what
            // the peer has said counts all the same.
            self.send().map_err(broken)?;
            let moving = self.inner.transfer();
            match moving.socket.receive(moving.receive).map_err(broken)? {
                Moved::Bytes(count) => self.inner.moved(0, Received::Bytes(count)),
                Moved::Blocked => return Err(ErrorKind::WouldBlock.into()),
            }
        }
    }
}

/// What `write` has taken is sent at once as far as that goes. If `flush` fails with `WouldBlock`,
/// some of it is still here, and it is to be said again after the next event.
impl Write for UpgradedSocket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.send().map_err(broken)?;
        let count = self.inner.write(bytes).map_err(Error::from)?;
        if count == 0 && !bytes.is_empty() {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.send().map_err(broken)?;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.send().map_err(broken)? {
            Moved::Bytes(_) => Ok(()),
            Moved::Blocked => Err(ErrorKind::WouldBlock.into()),
        }
    }
}

/// The kind of the error is that of the operating system, as std's sockets have it.
fn broken(errno: Errno) -> io::Error {
    errno.into()
}

/// The socket, to ask it something. Bytes that are at hand already do not show there.
impl AsFd for UpgradedSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.socket().as_fd()
    }
}

impl fmt::Debug for UpgradedSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
