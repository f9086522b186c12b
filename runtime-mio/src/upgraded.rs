//! A connection that no longer speaks HTTP, as something to read from and to write to, which waits.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use sessio_core::exchange::Protocol;

use crate::session::Session;
use crate::upgraded_socket::UpgradedSocket;

/// The connection behind a 101 that the request asked for by `Connection: upgrade` and `Upgrade`, or
/// behind the 2xx to a `CONNECT`; see [`Response::upgrade`](crate::Response::upgrade).
///
/// Reading and writing wait in the loop of the session: calls that were started go on meanwhile.
/// Reading begins with what came behind the response. With TLS, what is read and written is
/// plaintext. Its place under the connection limits is free when it is dropped, which closes it; the
/// timeouts of the call hold no longer.
///
/// ```no_run
/// use std::io::{Read, Write};
/// use sessio_mio::{Request, Session};
///
/// let session = Session::new();
/// let request = Request::get("http://example.org/chat")
///     .header("Connection", "upgrade")
///     .header("Upgrade", "chat/1");
/// let mut response = session.request(request)?;
/// let mut upgraded = response.upgrade().ok_or("the server does not speak it")?;
/// upgraded.write_all(b"hello")?;
/// let mut room = [0; 100];
/// let count = upgraded.read(&mut room)?;
/// # let _ = count;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Upgraded {
    socket: UpgradedSocket,
    session: Session,
    read_timeout: Option<Duration>,
}

impl Upgraded {
    pub(crate) const fn new(socket: UpgradedSocket, session: Session) -> Self {
        Self { socket, session, read_timeout: None }
    }

    /// What the connection speaks now.
    #[must_use]
    pub fn protocol(&self) -> &Protocol {
        self.socket.protocol()
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
        self.sending(UpgradedSocket::shutdown)
    }

    /// The connection as a stream of the operating system, which blocks, with the bytes that came in
    /// and were not read. Its place under the connection limits is free then.
    ///
    /// # Errors
    /// Itself, if there is TLS, which only this can speak.
    pub fn into_stream(self) -> Result<(TcpStream, Vec<u8>), Self> {
        let Self { socket, session, read_timeout } = self;
        match socket.into_stream() {
            Ok((stream, unread)) => {
                // It fails for none but closed descriptors.
                let _ = stream.set_nonblocking(false);
                Ok((stream, unread))
            }
            Err(socket) => Err(Self { socket, session, read_timeout }),
        }
    }

    /// Does something until it no longer fails for want of room to send.
    fn sending<T>(
        &mut self,
        mut attempt: impl FnMut(&mut UpgradedSocket) -> io::Result<T>,
    ) -> io::Result<T> {
        loop {
            match attempt(&mut self.socket) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let socket = &self.socket;
                    self.session.turn(|_| socket.is_writable().then_some(()))?;
                }
                other => return other,
            }
        }
    }
}

impl Read for Upgraded {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let until = self.read_timeout.and_then(|span| Instant::now().checked_add(span));
        loop {
            match self.socket.read(room) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let left = until.map(|until| until.saturating_duration_since(Instant::now()));
                    if left.is_some_and(|span| span.is_zero()) {
                        return Err(error);
                    }
                    let socket = &self.socket;
                    self.session.turn_within(left, |_| socket.is_readable().then_some(()))?;
                }
                other => return other,
            }
        }
    }
}

/// What was written has been handed to the operating system when `write` returns.
impl Write for Upgraded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.sending(|socket| socket.write(bytes))?;
        self.flush()?;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sending(UpgradedSocket::flush)
    }
}

/// The socket, to wait for it; bytes that are at hand already do not show there.
impl AsFd for Upgraded {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl fmt::Debug for Upgraded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket.fmt(f)
    }
}
