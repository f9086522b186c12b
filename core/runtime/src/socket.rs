//! Stream sockets of the operating system: opening, probing, moving bytes, never waiting.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags, recv, send, sendmsg};
use sessio_core::connection::{SocketOptions, Target};
use sessio_core::exchange::Probe;
use socket2::{Domain, Protocol, SockAddr, Socket, TcpKeepalive, Type};

/// What came of moving bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// So many bytes.
    Bytes(usize),
    /// Nothing now.
    Blocked,
}

/// Begins to connect, with a socket that does not block.
///
/// # Errors
/// What kept it from beginning. `WouldBlock` is that of a unix socket whose server has too many
/// callers waiting: it cannot be waited for but by trying again, or by [`open_unix`].
pub fn open(target: &Target, options: &SocketOptions) -> io::Result<Socket> {
    let (socket, address) = match target {
        Target::Address(address) => {
            let domain = Domain::for_address(*address);
            let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
            set_up(&socket, options)?;
            (socket, SockAddr::from(*address))
        }
        Target::Unix(path) => {
            (Socket::new(Domain::UNIX, Type::STREAM, None)?, SockAddr::unix(&**path)?)
        }
    };
    socket.set_nonblocking(true)?;
    match socket.connect(&address) {
        Err(error) if !is_under_way(&error) => Err(error),
        Ok(()) | Err(_) => Ok(socket),
    }
}

/// Connects to a unix socket and waits for it, at most for `patience`.
///
/// # Errors
/// What kept it from connecting; `WouldBlock` if the time is over.
pub fn open_unix(path: &str, patience: Option<Duration>) -> io::Result<Socket> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    let patience = patience.map(|span| span.max(Duration::from_millis(1)));
    socket.set_write_timeout(patience)?;
    socket.connect(&SockAddr::unix(path)?)?;
    Ok(socket)
}

/// Does to a socket what the options say, before it connects.
fn set_up(socket: &Socket, options: &SocketOptions) -> io::Result<()> {
    socket.set_tcp_nodelay(options.nodelay)?;
    if let Some(span) = options.keepalive {
        let span = span.max(Duration::from_secs(1));
        socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(span))?;
    }
    match options.bind {
        Some(address) => socket.bind(&SocketAddr::new(address, 0).into()),
        None => Ok(()),
    }
}

fn is_under_way(error: &io::Error) -> bool {
    let code = error.raw_os_error();
    [Errno::INPROGRESS, Errno::INTR].iter().any(|errno| code == Some(errno.raw_os_error()))
}

/// Whether a half-open socket is through, or why not; `None` while that is not decided.
#[must_use]
pub fn decided(socket: &Socket) -> Option<io::Result<()>> {
    match socket.take_error() {
        Ok(None) => {}
        Ok(Some(error)) | Err(error) => return Some(Err(error)),
    }
    match socket.peer_addr() {
        Ok(_) => Some(Ok(())),
        Err(error) if error.raw_os_error() == Some(Errno::NOTCONN.raw_os_error()) => None,
        Err(error) => Some(Err(error)),
    }
}

/// Whether the peer is still there and has said nothing.
pub fn probe(socket: impl AsFd) -> Probe {
    let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
    match retry(|| recv(&socket, &mut [0_u8; 1], flags)) {
        Err(Errno::AGAIN) => Probe::Quiet,
        Ok(_) | Err(_) => Probe::Spoiled,
    }
}

/// Sends as much of both slices as goes without waiting.
///
/// # Errors
/// How the connection broke.
pub fn send_now(socket: impl AsFd, slices: [&[u8]; 2]) -> Result<Moved, Errno> {
    let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
    moved(match slices {
        [one, []] | [[], one] => retry(|| send(&socket, one, flags)),
        [one, other] => {
            let both = [IoSlice::new(one), IoSlice::new(other)];
            retry(|| sendmsg(&socket, &both, &mut SendAncillaryBuffer::default(), flags))
        }
    })
}

/// Receives what has come, without waiting; 0 bytes are the end of the stream.
///
/// # Errors
/// How the connection broke.
pub fn receive_now(socket: impl AsFd, room: &mut [u8]) -> Result<Moved, Errno> {
    receive(socket, room, RecvFlags::DONTWAIT)
}

/// Receives with these flags.
///
/// # Errors
/// How the connection broke.
pub fn receive(socket: impl AsFd, room: &mut [u8], flags: RecvFlags) -> Result<Moved, Errno> {
    moved(retry(|| recv(&socket, &mut *room, flags)).map(|(count, _)| count))
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::time::Instant;

    #[test]
    fn a_refusal_is_said_once() {
        let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let refused = match open(&Target::Address(gone), &SocketOptions::default()) {
            Err(error) => error,
            Ok(socket) => loop {
                match decided(&socket) {
                    None => {}
                    Some(Ok(())) => panic!("connected to nobody"),
                    Some(Err(error)) => break error,
                }
            },
        };
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    }

    #[test]
    fn a_socket_never_waits_and_is_probed_without_being_read() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket =
            open(&Target::Address(listener.local_addr().unwrap()), &SocketOptions::default())
                .unwrap();
        let (mut peer, _) = listener.accept().unwrap();
        assert!(matches!(decided(&socket), Some(Ok(()))));
        assert_eq!(probe(&socket), Probe::Quiet);
        let mut room = [0; 8];
        assert_eq!(receive_now(&socket, &mut room), Ok(Moved::Blocked));
        assert_eq!(send_now(&socket, [b"ab", b"cd"]), Ok(Moved::Bytes(4)));
        peer.read_exact(&mut room[..4]).unwrap();
        assert_eq!(&room[..4], b"abcd");
        peer.write_all(b"x").unwrap();
        let late = Instant::now() + Duration::from_secs(5);
        while probe(&socket) == Probe::Quiet {
            assert!(Instant::now() < late);
        }
        assert_eq!(probe(&socket), Probe::Spoiled);
        assert_eq!(receive_now(&socket, &mut room), Ok(Moved::Bytes(1)));
        drop(peer);
        while receive_now(&socket, &mut room) == Ok(Moved::Blocked) {
            assert!(Instant::now() < late);
        }
        assert_eq!(probe(&socket), Probe::Spoiled);
    }
}
