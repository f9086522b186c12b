//! Tokens of sockets: what a socket can do as far as events have told, and which call uses it.
//!
//! A socket is registered once, edge-triggered, for both directions. Who uses it is only noted, so
//! a connection that goes from one call to another costs no system call.

use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use mio::event::{Event, Source};
use mio::{Interest, Registry, Token};

use crate::slots::CallId;

/// Something can be read, or the peer has closed.
const READABLE: u8 = 1;
/// Something can be sent.
const WRITABLE: u8 = 2;
/// The peer has closed, or the connection is broken.
const CLOSED: u8 = 4;

/// What a socket can do, and for whom. The socket and the table share it.
#[derive(Debug, Default)]
pub(crate) struct Readiness {
    bits: AtomicU8,
    /// The call that used it last; 0 is none. A call that is over is an owner that nobody finds.
    owner: AtomicU64,
    place: AtomicU64,
}

// A driver is used by one thread at a time, and whoever moves it to another orders what was done.
const ORDER: Ordering = Ordering::Relaxed;

impl Readiness {
    fn note(&self, event: &Event) {
        let closed = event.is_read_closed() || event.is_error();
        let bits = [
            (event.is_readable() || closed, READABLE),
            (event.is_writable() || event.is_error(), WRITABLE),
            (closed, CLOSED),
        ];
        for (_, bit) in bits.iter().filter(|(is_so, _)| *is_so) {
            self.bits.fetch_or(*bit, ORDER);
        }
    }

    fn has(&self, bit: u8) -> bool {
        self.bits.load(ORDER) & bit != 0
    }

    /// Whether a read may give something.
    pub(crate) fn is_readable(&self) -> bool {
        self.has(READABLE)
    }

    /// Whether a write may take something; of a half-open socket, whether it is decided.
    pub(crate) fn is_writable(&self) -> bool {
        self.has(WRITABLE)
    }

    /// Nothing can be read before the next event.
    pub(crate) fn read_blocked(&self) {
        self.bits.fetch_and(!READABLE, ORDER);
    }

    /// All that there was came in at once: the rest would be another event. A closed connection is
    /// told only once.
    pub(crate) fn read_short(&self) {
        if !self.has(CLOSED) {
            self.read_blocked();
        }
    }

    /// Nothing can be sent before the next event.
    pub(crate) fn write_blocked(&self) {
        self.bits.fetch_and(!WRITABLE, ORDER);
    }

    /// Events are for this call from now on.
    pub(crate) fn own(&self, call: CallId) {
        let (serial, place) = call.parts();
        self.owner.store(serial, ORDER);
        self.place.store(place, ORDER);
    }

    fn owner(&self) -> CallId {
        CallId::from_parts(self.owner.load(ORDER), self.place.load(ORDER))
    }
}

/// What sockets need to give their token back.
#[derive(Debug)]
struct Home {
    registry: Registry,
    /// The token of the first place.
    first: usize,
    returned: Mutex<Vec<usize>>,
}

impl Home {
    fn token(&self, place: usize) -> Token {
        Token(self.first.saturating_add(place))
    }
}

/// A token in use; dropping it gives the token back.
pub(crate) struct Lease {
    home: Arc<Home>,
    place: usize,
    readiness: Arc<Readiness>,
}

impl Lease {
    pub(crate) fn readiness(&self) -> &Readiness {
        &self.readiness
    }

    /// The token under which its source is registered.
    pub(crate) fn token(&self) -> Token {
        self.home.token(self.place)
    }

    /// Takes a source out of the registry, before it is closed.
    pub(crate) fn deregister(&self, source: &mut impl Source) {
        // The closing that follows does it too, if this could not.
        let _ = self.home.registry.deregister(source);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.home.returned.lock().unwrap_or_else(PoisonError::into_inner).push(self.place);
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lease({}, {:?})", self.place, self.readiness)
    }
}

/// The tokens of a range, and the registry that they are for.
#[derive(Debug)]
pub(crate) struct Tokens {
    home: Arc<Home>,
    range: Range<usize>,
    table: Vec<Arc<Readiness>>,
}

impl Tokens {
    pub(crate) fn new(registry: Registry, range: Range<usize>) -> Self {
        let home = Arc::new(Home { registry, first: range.start, returned: Mutex::default() });
        Self { home, range, table: Vec::new() }
    }

    /// Registers a source under a token of its own.
    ///
    /// # Errors
    /// `OutOfMemory` if every token is in use; else why it cannot be registered.
    pub(crate) fn register(&mut self, source: &mut impl Source) -> io::Result<Lease> {
        let returned = self.home.returned.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let readiness = Arc::new(Readiness::default());
        let place = match returned {
            Some(place) => place,
            None if self.table.len() < self.range.len() => {
                self.table.push(Arc::clone(&readiness));
                self.table.len() - 1
            }
            None => return Err(io::ErrorKind::OutOfMemory.into()),
        };
        if let Some(entry) = self.table.get_mut(place) {
            *entry = Arc::clone(&readiness);
        }
        let lease = Lease { home: Arc::clone(&self.home), place, readiness };
        let interests = Interest::READABLE | Interest::WRITABLE;
        self.home.registry.register(source, lease.token(), interests)?;
        Ok(lease)
    }

    /// Notes an event: whose it is, unless its token is none of these.
    pub(crate) fn note(&self, event: &Event) -> Option<CallId> {
        let Token(token) = event.token();
        if !self.range.contains(&token) {
            return None;
        }
        let readiness = self.table.get(token.checked_sub(self.range.start)?)?;
        readiness.note(event);
        Some(readiness.owner())
    }

    /// Whether a token is one of these.
    pub(crate) fn covers(&self, Token(token): Token) -> bool {
        self.range.contains(&token)
    }

    /// How many tokens are in use.
    pub(crate) fn used(&self) -> usize {
        let returned = self.home.returned.lock().unwrap_or_else(PoisonError::into_inner).len();
        self.table.len().saturating_sub(returned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mio::unix::SourceFd;
    use std::net::UdpSocket;
    use std::os::fd::AsRawFd;

    #[test]
    fn a_token_comes_back_when_its_lease_goes() {
        let poll = mio::Poll::new().unwrap();
        let mut tokens = Tokens::new(poll.registry().try_clone().unwrap(), 40..42);
        let sockets = [0; 3].map(|_| UdpSocket::bind("127.0.0.1:0").unwrap());
        let fds = sockets.each_ref().map(AsRawFd::as_raw_fd);
        let first = tokens.register(&mut SourceFd(&fds[0])).unwrap();
        let _second = tokens.register(&mut SourceFd(&fds[1])).unwrap();
        let refused = tokens.register(&mut SourceFd(&fds[2])).unwrap_err();
        assert_eq!((refused.kind(), tokens.used()), (io::ErrorKind::OutOfMemory, 2));
        first.deregister(&mut SourceFd(&fds[0]));
        drop(first);
        assert_eq!(tokens.used(), 1);
        let third = tokens.register(&mut SourceFd(&fds[2])).unwrap();
        assert_eq!((third.place, tokens.used()), (0, 2));
    }

    #[test]
    fn what_was_read_short_is_read_again_only_if_the_peer_has_closed() {
        let readiness = Readiness::default();
        readiness.bits.store(READABLE | WRITABLE, ORDER);
        readiness.read_short();
        assert!(!readiness.is_readable() && readiness.is_writable());
        readiness.bits.store(READABLE | CLOSED, ORDER);
        readiness.read_short();
        assert!(readiness.is_readable());
    }
}
