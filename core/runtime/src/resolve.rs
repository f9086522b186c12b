//! Name look-ups, with the resolver of the operating system or with the caller's own.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use sessio_core::exchange::Name;
use sessio_core::io::IoError;

use crate::io::io_error;

/// What stands in for the resolver of the operating system.
pub type Resolver = Arc<dyn Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync>;

/// A look-up that owns what it needs, to be made on another thread.
#[derive(Clone)]
pub struct LookUp {
    host: Box<str>,
    port: u16,
    resolver: Option<Resolver>,
}

impl LookUp {
    /// A look-up of this name by `resolver`, or else by the operating system.
    #[must_use]
    pub fn new(name: Name<'_>, resolver: Option<&Resolver>) -> Self {
        Self { host: name.host.into(), port: name.port, resolver: resolver.cloned() }
    }

    /// Makes it, and waits for its end.
    ///
    /// # Errors
    /// As [`look_up`].
    pub fn run(&self) -> Result<Vec<SocketAddr>, IoError> {
        look_up(Name { host: &self.host, port: self.port }, self.resolver.as_ref())
    }
}

impl std::fmt::Debug for LookUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LookUp({}:{})", self.host, self.port)
    }
}

/// Looks a name up and waits for the answer, which nothing can hurry.
///
/// # Errors
/// What `resolver` says if it refuses the name; else [`IoError::Unresolved`].
pub fn look_up(name: Name<'_>, resolver: Option<&Resolver>) -> Result<Vec<SocketAddr>, IoError> {
    let Some(resolver) = resolver else {
        let found = (name.host, name.port).to_socket_addrs();
        return found.map(Iterator::collect).map_err(|_| IoError::Unresolved);
    };
    resolver(name.host, name.port).map_err(|error| refusal(&error))
}

/// What a caller's resolver means by an error: a refusal if it names one, else that the name cannot
/// be looked up.
#[must_use]
pub fn refusal(error: &io::Error) -> IoError {
    match io_error(error) {
        IoError::Other(_) | IoError::NotFound => IoError::Unresolved,
        why => why,
    }
}
