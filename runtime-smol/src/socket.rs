//! Stream sockets in async-io's reactor, as the driver uses them.

use std::io;
use std::task::{Context, Poll};

use async_io::Async;
use sessio_core::connection::{SocketOptions, Target};
use sessio_core::exchange::Probe;
use sessio_core::io::IoError;
use sessio_runtime::socket::{self, Moved};

use crate::io::io_error;

/// A connection's socket. A session owns it while the connection idles; dropping it closes it.
///
/// The reactor may wake a task for nothing and cannot always say which direction it was for: so what
/// is wanted is tried whenever the task is polled, and the reactor is asked behind that.
#[derive(Debug)]
pub struct Socket {
    inner: Async<socket2::Socket>,
    reading: Reading,
}

/// Whether it is worth looking for what has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    Try,
    /// Nothing can be there yet: the reactor is asked first.
    Wait,
}

impl Socket {
    /// Begins to connect. `WouldBlock` is that of a unix socket whose server has too many callers
    /// waiting: it is to be tried again.
    pub(crate) fn connect(target: &Target, options: &SocketOptions) -> io::Result<Self> {
        let inner = Async::new_nonblocking(socket::open(target, options)?)?;
        Ok(Self { inner, reading: Reading::Try })
    }

    /// Waits until the socket is connected, or has failed.
    pub(crate) fn poll_connected(&self, cx: &mut Context<'_>) -> Poll<Result<(), IoError>> {
        match socket::decided(self.inner.get_ref()) {
            Some(through) => Poll::Ready(through.map_err(|error| io_error(&error))),
            None => self.wait(Async::poll_writable, cx).map(Err),
        }
    }

    /// Has the reactor wake the task; ready only with an error.
    fn wait(
        &self,
        poll: impl Fn(&Async<socket2::Socket>, &mut Context<'_>) -> Poll<io::Result<()>>,
        cx: &mut Context<'_>,
    ) -> Poll<IoError> {
        loop {
            match poll(&self.inner, cx) {
                Poll::Pending => return Poll::Pending,
                // News of an event that was seen already. The next time the reactor is asked about
                // what is there now.
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(io_error(&error)),
            }
        }
    }

    /// Whether the peer is still there and has said nothing.
    pub(crate) fn probe(&self) -> Probe {
        socket::probe(self.inner.get_ref())
    }

    /// Sends as much of both slices as goes.
    pub(crate) fn poll_send(
        &self,
        cx: &mut Context<'_>,
        slices: [&[u8]; 2],
    ) -> Poll<Result<usize, IoError>> {
        match socket::send_now(self.inner.get_ref(), slices) {
            Ok(Moved::Bytes(count)) => Poll::Ready(Ok(count)),
            Ok(Moved::Blocked) => self.wait(Async::poll_writable, cx).map(Err),
            Err(errno) => Poll::Ready(Err(io_error(&errno.into()))),
        }
    }

    /// Nothing can have come yet: before it is looked for, the reactor is to say that it has.
    pub(crate) const fn expect_nothing_yet(&mut self) {
        self.reading = Reading::Wait;
    }

    /// Receives what has come; 0 is the end of the stream.
    pub(crate) fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
        room: &mut [u8],
    ) -> Poll<Result<usize, IoError>> {
        if std::mem::replace(&mut self.reading, Reading::Try) == Reading::Try {
            match self.receive_now(room) {
                Ok(Moved::Bytes(count)) => return Poll::Ready(Ok(count)),
                Ok(Moved::Blocked) => {}
                Err(why) => return Poll::Ready(Err(why)),
            }
        }
        self.wait(Async::poll_readable, cx).map(Err)
    }

    /// Ends this side's stream.
    pub(crate) fn shutdown(&self) -> io::Result<()> {
        self.inner.get_ref().shutdown(std::net::Shutdown::Write)
    }

    /// Receives what has come already.
    pub(crate) fn receive_now(&self, room: &mut [u8]) -> Result<Moved, IoError> {
        let received = socket::receive_now(self.inner.get_ref(), room);
        received.map_err(|errno| io_error(&errno.into()))
    }
}
