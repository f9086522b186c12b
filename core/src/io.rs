//! Why the runtime could not do what it was asked to: failures of sockets and names as values.

use core::fmt;

/// How an operation on a socket, or a name look-up, failed.
///
/// `std::io::ErrorKind` does not exist without std; runtimes map theirs to this once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum IoError {
    /// Nobody listens there.
    Refused,
    /// The peer reset the connection.
    Reset,
    /// The connection was given up on this side of the network.
    Aborted,
    /// The peer no longer reads.
    BrokenPipe,
    /// No route to that network or host.
    Unreachable,
    /// The operating system gave up waiting.
    TimedOut,
    /// The local address to bind to is in use or not there.
    AddressNotAvailable,
    /// Not allowed to.
    PermissionDenied,
    /// No such file or unix socket.
    NotFound,
    /// Out of descriptors or memory.
    OutOfResources,
    /// The name has no address.
    Unresolved,
    /// Anything else; the number is the operating system's, if there is one.
    Other(Option<i32>),
}

impl fmt::Display for IoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused => "connection refused",
            Self::Reset => "connection reset by the peer",
            Self::Aborted => "connection aborted",
            Self::BrokenPipe => "the peer closed the connection while it was written to",
            Self::Unreachable => "network or host unreachable",
            Self::TimedOut => "the operating system gave up waiting",
            Self::AddressNotAvailable => "the local address is in use or not available",
            Self::PermissionDenied => "permission denied",
            Self::NotFound => "no such file or socket",
            Self::OutOfResources => "out of descriptors or memory",
            Self::Unresolved => "the name does not resolve",
            Self::Other(Some(code)) => return write!(f, "operating system error {code}"),
            Self::Other(None) => "an unknown failure",
        })
    }
}

impl core::error::Error for IoError {}
