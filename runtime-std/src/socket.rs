//! Stream sockets of the operating system, as the driver uses them.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags, recv, send, sendmsg};
use sessio_core::connection::{Attempt, AttemptId, SocketOptions, Target};
use sessio_core::exchange::Probe;
use sessio_core::io::IoError;
use socket2::{Domain, Protocol, SockAddr, Type};

use crate::io::io_error;

/// A connection's socket. A session owns it while the connection idles; dropping it closes it.
#[derive(Debug)]
pub struct Socket {
    inner: socket2::Socket,
    /// What SO_RCVTIMEO is set to.
    receive_timeout: Option<Duration>,
}

/// What a socket can go on with, or not.
pub(crate) enum Moved {
    /// So many bytes.
    Bytes(usize),
    /// Nothing now.
    Blocked,
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
            Target::Address(address) => {
                let domain = Domain::for_address(*address);
                let socket = socket2::Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
                set_up(&socket, options)?;
                socket.set_nonblocking(true)?;
                match socket.connect(&SockAddr::from(*address)) {
                    Ok(()) => {}
                    Err(error) if is_under_way(&error) => {}
                    Err(error) => return Err(error),
                }
                socket
            }
            Target::Unix(path) => {
                let socket = socket2::Socket::new(Domain::UNIX, Type::STREAM, None)?;
                let patience = patience.map(|span| span.max(Duration::from_millis(1)));
                socket.set_write_timeout(patience)?;
                socket.connect(&SockAddr::unix(&**path)?)?;
                socket
            }
        };
        Ok(Self { inner, receive_timeout: None })
    }

    /// Whether the peer is still there and has said nothing.
    pub(crate) fn probe(&self) -> Probe {
        let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
        match retry(|| recv(&self.inner, &mut [0_u8; 1], flags)) {
            Err(Errno::AGAIN) => Probe::Quiet,
            Ok(_) | Err(_) => Probe::Spoiled,
        }
    }

    /// Sends as much of both slices as goes without waiting.
    pub(crate) fn send(&self, slices: [&[u8]; 2]) -> Result<Moved, Errno> {
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        let result = match slices {
            [one, []] | [[], one] => retry(|| send(&self.inner, one, flags)),
            [one, other] => {
                let both = [IoSlice::new(one), IoSlice::new(other)];
                retry(|| sendmsg(&self.inner, &both, &mut SendAncillaryBuffer::default(), flags))
            }
        };
        moved(result)
    }

    /// Receives what has come, without waiting.
    pub(crate) fn receive_now(&self, room: &mut [u8]) -> Result<Moved, Errno> {
        moved(retry(|| recv(&self.inner, &mut *room, RecvFlags::DONTWAIT)).map(|(count, _)| count))
    }

    /// Waits for bytes and receives them; [`Moved::Blocked`] if none came for `patience`, or a
    /// little longer.
    pub(crate) fn receive(
        &mut self,
        room: &mut [u8],
        patience: Option<Duration>,
    ) -> Result<Moved, Errno> {
        self.set_receive_timeout(patience)?;
        let result = retry(|| recv(&self.inner, &mut *room, RecvFlags::empty()));
        moved(result.map(|(count, _)| count))
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

/// Does to a socket what the options say, before it connects.
fn set_up(socket: &socket2::Socket, options: &SocketOptions) -> io::Result<()> {
    socket.set_tcp_nodelay(options.nodelay)?;
    if let Some(span) = options.keepalive {
        let span = span.max(Duration::from_secs(1));
        socket.set_tcp_keepalive(&socket2::TcpKeepalive::new().with_time(span))?;
    }
    match options.bind {
        Some(address) => socket.bind(&SocketAddr::new(address, 0).into()),
        None => Ok(()),
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

fn is_under_way(error: &io::Error) -> bool {
    let code = error.raw_os_error();
    [Errno::INPROGRESS, Errno::INTR].iter().any(|errno| code == Some(errno.raw_os_error()))
}

fn retry<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            other => return other,
        }
    }
}

fn moved(result: Result<usize, Errno>) -> Result<Moved, Errno> {
    match result {
        Ok(count) => Ok(Moved::Bytes(count)),
        Err(Errno::AGAIN) => Ok(Moved::Blocked),
        Err(errno) => Err(errno),
    }
}
