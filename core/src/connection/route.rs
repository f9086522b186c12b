//! Where a hop goes: the layers between this side and the origin, which are also the pool's key.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// One layer of a connection, from the wire upwards.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// A TCP connection to this host and port.
    Tcp {
        /// A name, or an IP literal without brackets.
        host: Box<str>,
        /// The port.
        port: u16,
    },
    /// A stream socket of the operating system, by path.
    Unix {
        /// The path of the socket.
        path: Box<str>,
    },
}

/// How a request is addressed on this route (RFC 9112, 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetForm {
    /// `GET /path?query`: the peer is the origin.
    Origin,
    /// `GET http://host/path?query`: the peer is a proxy.
    Absolute,
}

/// The way to an origin: adapter, layers, and how the peer is addressed.
///
/// Two requests may share a connection only if their routes are equal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Route {
    /// Which adapter: adapters do not share connections.
    pub adapter: usize,
    /// The scheme of the origin.
    pub scheme: Box<str>,
    /// The origin's scheme, host and port for people to read, as `https://a.test:443`.
    pub origin: Box<str>,
    /// The layers, lowest first.
    pub layers: Vec<Layer>,
    /// How requests are addressed.
    pub form: TargetForm,
}

impl Route {
    /// The host and port that the first layer connects to; `None` for a unix socket.
    #[must_use]
    pub fn first_hop(&self) -> Option<(&str, u16)> {
        match self.layers.first() {
            Some(Layer::Tcp { host, port }) => Some((host, *port)),
            Some(Layer::Unix { .. }) | None => None,
        }
    }
}

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } => write!(f, "Tcp {host}:{port}"),
            Self::Unix { path } => write!(f, "Unix {path}"),
        }
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {:?}", self.origin, self.layers)
    }
}

/// A route that many connections share.
pub type SharedRoute = Arc<Route>;
