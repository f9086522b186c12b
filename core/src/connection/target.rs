//! What the runtime is asked to connect to, and how its socket is set up.

use alloc::boxed::Box;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

/// What the runtime is asked to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A TCP address.
    Address(SocketAddr),
    /// A unix socket.
    Unix(Box<str>),
}

/// How a socket is set up before it connects; a unix socket takes none of it.
///
/// Source: `source_address` and `socket_options` of connections in urllib3 2.8, `connection.py`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketOptions {
    /// The local address to connect from; addresses of the other family are then not tried.
    pub bind: Option<IpAddr>,
    /// Whether small pieces are sent at once (`TCP_NODELAY`). On by default, as in urllib3.
    pub nodelay: bool,
    /// After how long a time without traffic the system probes whether the peer is still there
    /// (`SO_KEEPALIVE`, in whole seconds); `None`, the default, is never.
    pub keepalive: Option<Duration>,
}

impl Default for SocketOptions {
    fn default() -> Self {
        Self { bind: None, nodelay: true, keepalive: None }
    }
}

impl SocketOptions {
    /// Whether an address can be reached from the local one.
    #[must_use]
    pub fn reaches(&self, address: &SocketAddr) -> bool {
        self.bind.is_none_or(|bind| bind.is_ipv4() == address.is_ipv4())
    }
}
