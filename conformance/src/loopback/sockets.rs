//! One accepted socket, and the bell that wakes the thread that serves it.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::net::SendFlags;
use socket2::SockRef;

/// Wakes a thread that waits in `poll`.
#[derive(Debug)]
pub(super) struct Bell(UnixStream);

/// What that thread listens to.
#[derive(Debug)]
pub(super) struct Ear(UnixStream);

/// A bell and the ear that hears it.
pub(super) fn bell() -> io::Result<(Bell, Ear)> {
    let (bell, ear) = UnixStream::pair()?;
    bell.set_nonblocking(true)?;
    ear.set_nonblocking(true)?;
    Ok((Bell(bell), Ear(ear)))
}

impl Bell {
    /// Wakes the other side. A bell that is full has been heard or will be.
    pub(super) fn ring(&self) {
        let _ = (&self.0).write(&[1]);
    }
}

impl Ear {
    /// Takes the rings so far.
    pub(super) fn hear(&self) {
        let mut rings = [0; 64];
        while matches!((&self.0).read(&mut rings), Ok(count) if count > 0) {}
    }
}

impl AsFd for Ear {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// What came from a client.
#[derive(Debug)]
pub(super) enum Arrival {
    /// These bytes.
    Bytes(Vec<u8>),
    /// Nothing yet.
    Nothing,
    /// The end, or a failure.
    End,
}

/// What of a piece has been handed to the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// All of it.
    All,
    /// This much; the rest when the socket is writable.
    Part(usize),
    /// Nobody reads any more.
    Broken,
}

/// How the last bytes of a reply travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Followed {
    /// By nothing yet.
    ByNothing,
    /// By the end of the stream: they share a segment with it, so that a client that has them
    /// knows of the end.
    ByEnd,
}

/// Takes what has come.
pub(super) fn receive(mut stream: &TcpStream) -> Arrival {
    let mut buffer = vec![0; 65_536];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return Arrival::End,
            Ok(count) => {
                buffer.truncate(count);
                return Arrival::Bytes(buffer);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Arrival::Nothing,
            Err(_) => return Arrival::End,
        }
    }
}

/// Hands as much as possible to the system.
pub(super) fn send(stream: &TcpStream, bytes: &[u8], followed: Followed) -> Sent {
    let more = match followed {
        Followed::ByNothing => SendFlags::empty(),
        Followed::ByEnd => SendFlags::MORE,
    };
    let mut sent = 0;
    while sent < bytes.len() {
        match rustix::net::send(stream, &bytes[sent..], SendFlags::NOSIGNAL | more) {
            Ok(count) => sent += count,
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) => return Sent::Part(sent),
            Err(_) => return Sent::Broken,
        }
    }
    Sent::All
}

/// Ends the stream in both directions.
pub(super) fn close(stream: &TcpStream) {
    // The client may have ended it already.
    let _ = stream.shutdown(Shutdown::Both);
}

/// Resets the connection: by closing it while it must not linger.
pub(super) fn reset(stream: TcpStream) {
    let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
    drop(stream);
}
