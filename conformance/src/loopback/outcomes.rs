//! Addresses where connecting fails: one that refuses, one that never answers.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Socket, Type};

/// The two addresses, kept until this is dropped.
#[derive(Debug)]
pub struct Outcomes {
    refusing: SocketAddr,
    silent: SocketAddr,
    /// Bound so that nobody else gets the port, or full so that nobody else gets in.
    _kept: Vec<Socket>,
}

/// How many connections it takes to fill the shortest queue; the rest wait for ever.
const FILL: usize = 4;

impl Outcomes {
    /// Takes both addresses.
    ///
    /// # Errors
    /// If the system has no socket left.
    pub fn new() -> io::Result<Self> {
        let (closed, refusing) = bound()?;
        let (full, silent) = bound()?;
        full.listen(0)?;
        let mut kept = vec![closed, full];
        for _ in 0..FILL {
            let filler = Socket::new(Domain::IPV4, Type::STREAM, None)?;
            filler.set_nonblocking(true)?;
            // It is under way or waits: both fill the queue.
            let _ = filler.connect(&silent.into());
            kept.push(filler);
        }
        Ok(Self { refusing, silent, _kept: kept })
    }

    /// Nobody listens there.
    #[must_use]
    pub fn refusing(&self) -> SocketAddr {
        self.refusing
    }

    /// Somebody listens there who never accepts.
    #[must_use]
    pub fn silent(&self) -> SocketAddr {
        self.silent
    }
}

fn bound() -> io::Result<(Socket, SocketAddr)> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    let address = socket.local_addr()?.as_socket();
    let address = address.ok_or_else(|| io::Error::other("no address of an IPv4 socket"))?;
    Ok((socket, address))
}
