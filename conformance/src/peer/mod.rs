//! The scripted servers that vectors talk to, without any input or output of their own.
//!
//! A [`World`] is everything behind the client's sockets; a [`Line`] is one of those sockets seen
//! from the servers' side, with all that one connection may lead through: TLS, a tunnel, a SOCKS
//! handshake, the origin behind it. A driver moves bytes between a client and its lines and obeys
//! their [`Action`]s; what was seen is in the world's log in the form of the vectors.
//!
//! The format is described in `oracle/FORMAT.md`, sections 3.6, 3.7 and 4.

mod chunked;
mod connection;
mod digest;
mod line;
mod log;
mod normal;
mod request;
mod script;
mod socks;
mod tls;
mod world;

pub use connection::{Activity, Ending};
pub use line::{Action, Line, Plaintext, TlsBroken, TlsEnd, TlsLayer, TlsProvider, TlsSeen};
pub use normal::{Defaults, boundary, normal_body, normal_header};
pub use script::{
    Attempt, Kind, Malformed, Pieces, Reply, ServerScript, SocksScript, Then, TlsClients, TlsScript,
};
pub(crate) use script::{byte_string as parse_bytes, wrong as malformed};
pub use tls::{CERTIFICATES, Certificates};
pub use world::{LookUp, Peer, World};

#[cfg(test)]
mod tests;
