//! Stream sockets of the operating system, as the driver uses them.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::RecvFlags;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use sessio_core::connection::{Attempt, AttemptId, SocketOptions, Target};
use sessio_core::exchange::Probe;
use sessio_core::io::IoError;
use sessio_runtime::socket::{self, Moved};

use crate::io::io_error;

/// A connection's socket. A session owns it while the connection idles; dropping it closes it.
#[derive(Debug)]
pub struct Socket {
    inner: socket2::Socket,
    /// What SO_RCVTIMEO is set to.
    receive_timeout: Option<Duration>,
}

impl Socket {
    /// Begins to connect. A unix socket is waited for, at most for `patience`, since its connecting
    /// cannot be polled: if that is over, the error is `WouldBlock`.
    pub(crate) fn connect(
        target: &Target,
        options: &SocketOptions,
        patience: Option<Duration>,
    ) -> io::Result<Self> {
        let inner = match target {
            Target::Address(_) => socket::open(target, options)?,
            Target::Unix(path) => socket::open_unix(path, patience)?,
        };
        Ok(Self { inner, receive_timeout: None })
    }

    /// Whether the peer is still there and has said nothing.
    pub(crate) fn probe(&self) -> Probe {
        socket::probe(&self.inner)
    }

    /// Sends as much of both slices as goes without waiting.
    pub(crate) fn send(&self, slices: [&[u8]; 2]) -> Result<Moved, Errno> {
        socket::send_now(&self.inner, slices)
    }

    /// Receives what has come, without waiting.
    pub(crate) fn receive_now(&self, room: &mut [u8]) -> Result<Moved, Errno> {
        socket::receive_now(&self.inner, room)
    }

    /// Waits for bytes and receives them; [`Moved::Blocked`] if none came for `patience`, or a
    /// little longer.
    pub(crate) fn receive(
        &mut self,
        room: &mut [u8],
        patience: Option<Duration>,
    ) -> Result<Moved, Errno> {
        self.set_receive_timeout(patience)?;
        socket::receive(&self.inner, room, RecvFlags::empty())
    }

    /// A span that is a little longer than wanted will do, so that a read timeout is set once for
    /// many calls; the last stretch of a deadline is set as it is.
    fn set_receive_timeout(&mut self, patience: Option<Duration>) -> Result<(), Errno> {
        let fits = match (self.receive_timeout, patience) {
            (None, None) => true,
            (Some(set), Some(wanted)) => {
                let slack = wanted / 64 + Duration::from_millis(1);
                (wanted..=wanted + slack).contains(&set)
            }
            (None, Some(_)) | (Some(_), None) => false,
        };
        if fits {
            return Ok(());
        }
        // Whole milliseconds, so that a span that is cut short by microseconds still fits.
        let patience = patience.map(|span| {
            let millis = span.as_nanos().div_ceil(1_000_000).max(1);
            Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
        });
        set_socket_timeout(&self.inner, Timeout::Recv, patience)?;
        self.receive_timeout = patience;
        Ok(())
    }

    /// Waits until something has come or something can be sent, at most for `patience`.
    pub(crate) fn wait(&self, patience: Option<Duration>) -> Result<(), Errno> {
        let mut set = [PollFd::new(&self.inner, PollFlags::IN | PollFlags::OUT)];
        wait_for(&mut set, patience)
    }

    /// Waits until something can be sent.
    pub(crate) fn wait_to_send(&self) -> Result<(), Errno> {
        wait_for(&mut [PollFd::new(&self.inner, PollFlags::OUT)], None)
    }

    /// Ends this side's stream.
    pub(crate) fn shutdown(&self) -> io::Result<()> {
        self.inner.shutdown(Shutdown::Write)
    }

    /// The socket as the standard library has it.
    pub(crate) fn into_stream(mut self) -> TcpStream {
        // Without a timeout, as a stream of the standard library begins; a connection that is
        // broken says so when it is used.
        let _ = self.set_receive_timeout(None);
        self.inner.into()
    }

    /// The connection stands: from here on a call may wait in the socket itself.
    fn stands(&self) -> io::Result<()> {
        if let Some(error) = self.inner.take_error()? {
            return Err(error);
        }
        self.inner.set_nonblocking(false)
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

/// What came of waiting for half-open sockets.
pub(crate) enum Awaited {
    /// This one is through.
    Connected(AttemptId),
    /// This one failed.
    Failed(AttemptId, IoError),
    /// None yet.
    Nothing,
}

/// Waits for the first of these sockets that is through or has failed, at most for `patience`.
pub(crate) fn await_first(
    attempts: &mut [Attempt<Socket>],
    patience: Option<Duration>,
) -> Result<Awaited, Errno> {
    let ready = {
        let mut set: Vec<PollFd<'_>> =
            attempts.iter().map(|a| PollFd::new(&a.socket, PollFlags::OUT)).collect();
        wait_for(&mut set, patience)?;
        set.iter().position(|entry| !entry.revents().is_empty())
    };
    let Some(attempt) = ready.and_then(|place| attempts.get(place)) else {
        return Ok(Awaited::Nothing);
    };
    Ok(match attempt.socket.stands() {
        Ok(()) => Awaited::Connected(attempt.id),
        Err(error) => Awaited::Failed(attempt.id, io_error(&error)),
    })
}

fn wait_for(set: &mut [PollFd<'_>], patience: Option<Duration>) -> Result<(), Errno> {
    let timeout = patience.and_then(|span| Timespec::try_from(span).ok());
    match poll(set, timeout.as_ref()) {
        // Whoever waits looks at the clock and comes again.
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(errno) => Err(errno),
    }
}
