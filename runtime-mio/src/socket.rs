//! Sockets in the caller's registry: registered once, deregistered and closed when they are dropped.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use mio::Token;
use mio::unix::SourceFd;
use rustix::io::Errno;
use sessio_core::connection::{Attempt, AttemptId, SocketOptions, Target};
use sessio_core::exchange::Probe;
use sessio_core::io::IoError;
use sessio_runtime::io::io_error;
use sessio_runtime::socket::{Moved, decided, open, probe, receive_now, send_now};

use crate::slots::CallId;
use crate::tokens::{Lease, Readiness, Tokens};

/// A connection's socket. A session owns it while the connection idles; dropping it takes it out of
/// the registry, gives its token back and closes it.
#[derive(Debug)]
pub struct Socket {
    /// Before the socket, so that it goes first: a closed descriptor may be another's already.
    registered: Registered,
    inner: socket2::Socket,
}

/// A socket's place in the registry; dropping it takes the socket out and gives the token back.
#[derive(Debug)]
struct Registered {
    lease: Lease,
    fd: RawFd,
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.lease.deregister(&mut SourceFd(&self.fd));
    }
}

impl Socket {
    /// Begins to connect.
    pub(crate) fn connect(
        target: &Target,
        options: &SocketOptions,
        tokens: &mut Tokens,
    ) -> io::Result<Self> {
        let inner = open(target, options)?;
        let fd = inner.as_raw_fd();
        let lease = tokens.register(&mut SourceFd(&fd))?;
        Ok(Self { registered: Registered { lease, fd }, inner })
    }

    /// What events have told of it.
    pub(crate) fn readiness(&self) -> &Readiness {
        self.registered.lease.readiness()
    }

    /// The token under which it is registered.
    pub(crate) fn token(&self) -> Token {
        self.registered.lease.token()
    }

    /// Ends this side's stream.
    pub(crate) fn shutdown(&self) -> io::Result<()> {
        self.inner.shutdown(Shutdown::Write)
    }

    /// The socket as the standard library has it, out of the registry. It does not block.
    pub(crate) fn into_stream(self) -> TcpStream {
        let Self { registered, inner } = self;
        drop(registered);
        inner.into()
    }

    /// Events of this socket are for this call from now on.
    pub(crate) fn own(&self, call: CallId) {
        self.readiness().own(call);
    }

    /// Whether the peer is still there and has said nothing, as far as events have told. A system
    /// call is made only if something may be there to read: all of a room was filled at last.
    pub(crate) fn probe(&self) -> Probe {
        let readiness = self.readiness();
        if !readiness.is_readable() {
            return Probe::Quiet;
        }
        let found = probe(&self.inner);
        if found == Probe::Quiet {
            readiness.read_blocked();
        }
        found
    }

    /// Sends as much of both slices as goes.
    pub(crate) fn send(&self, slices: [&[u8]; 2]) -> Result<Moved, Errno> {
        let readiness = self.readiness();
        if !readiness.is_writable() {
            return Ok(Moved::Blocked);
        }
        let moved = send_now(&self.inner, slices)?;
        let all = slices.iter().map(|slice| slice.len()).sum();
        match moved {
            Moved::Bytes(count) if count >= all => {}
            // What did not go at once goes after the next event.
            Moved::Bytes(_) | Moved::Blocked => readiness.write_blocked(),
        }
        Ok(moved)
    }

    /// Receives what has come.
    pub(crate) fn receive(&self, room: &mut [u8]) -> Result<Moved, Errno> {
        if !self.readiness().is_readable() {
            return Ok(Moved::Blocked);
        }
        self.receive_anyway(room)
    }

    /// Receives what has come, whatever events have told.
    pub(crate) fn receive_anyway(&self, room: &mut [u8]) -> Result<Moved, Errno> {
        let readiness = self.readiness();
        let moved = receive_now(&self.inner, room)?;
        match moved {
            Moved::Blocked => readiness.read_blocked(),
            Moved::Bytes(count) if count < room.len() => readiness.read_short(),
            Moved::Bytes(_) => {}
        }
        Ok(moved)
    }

    /// Whether a half-open socket is through; `None` if that is not decided.
    fn is_through(&self) -> Option<io::Result<()>> {
        if !self.readiness().is_writable() {
            return None;
        }
        let result = decided(&self.inner);
        if result.is_none() {
            self.readiness().write_blocked();
        }
        result
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

/// What came of looking at half-open sockets.
pub(crate) enum Awaited {
    /// This one is through.
    Connected(AttemptId),
    /// This one failed.
    Failed(AttemptId, IoError),
    /// None is decided yet.
    Nothing,
}

/// The first of these sockets that is through or has failed; events of the others are for `call`.
pub(crate) fn first_decided(attempts: &[Attempt<Socket>], call: CallId) -> Awaited {
    for attempt in attempts {
        attempt.socket.own(call);
        match attempt.socket.is_through() {
            None => {}
            Some(Ok(())) => return Awaited::Connected(attempt.id),
            Some(Err(error)) => return Awaited::Failed(attempt.id, io_error(&error)),
        }
    }
    Awaited::Nothing
}
