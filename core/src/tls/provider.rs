//! What a provider of TLS has to do: bytes in, bytes out.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt::Debug;

use super::TlsError;
use crate::time::WallTime;

/// The protocol that is asked for by ALPN (RFC 7301).
pub const ALPN: &[u8] = b"http/1.1";

/// At most how many bytes that a session has not used it waits with: an unfinished message of the
/// handshake (64 KiB in rustls) in its records, and an unfinished record. A peer that makes it wait
/// with more is refused, so a caller has to be ready to hold this much and one record more.
pub const UNUSED_MAX: usize = 128 * 1024;

/// Makes configurations: the way in for another implementation of TLS.
///
/// The one that comes along is rustls, by the features `tls-aws-lc-rs` and `tls-ring`.
pub trait TlsProvider: Debug + Send + Sync {
    /// A configuration for many connections that have roots and identity in common.
    ///
    /// # Errors
    /// If roots or identity cannot be read or used.
    fn configure(&self, setup: &TlsSetup<'_>) -> Result<Arc<dyn TlsConfig>, TlsError>;
}

/// What connections are set up with. Whatever is here is part of the key of the pool.
#[derive(Clone, Copy, Debug)]
pub struct TlsSetup<'a> {
    /// Whose certificates are taken.
    pub roots: Roots<'a>,
    /// What this side shows, if it is asked for a certificate.
    pub identity: Option<Identity<'a>>,
    /// Who is told the secrets of connections.
    pub key_log: Option<&'a Arc<dyn KeyLog>>,
}

/// Whose certificates are taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Roots<'a> {
    /// Anybody's: nothing is checked, not even the name.
    Anybody,
    /// Those signed by the roots of Mozilla, which are compiled in.
    BuiltIn,
    /// Those signed by one of the certificates in this text in PEM.
    Pem(&'a [u8]),
}

/// A certificate of this side with its key.
#[derive(Clone, Copy)]
pub struct Identity<'a> {
    /// The certificate and those between it and its root, in PEM; other kinds of sections do not
    /// count.
    pub certificates: &'a [u8],
    /// The private key in PEM, not encrypted: PKCS #1, PKCS #8 or SEC1. It may be the same text.
    pub key: &'a [u8],
}

/// Who is told the secrets of connections, so that somebody can look into them.
pub trait KeyLog: Debug + Send + Sync {
    /// One line in the format of NSS (`SSLKEYLOGFILE`), without its end.
    fn log(&self, line: &str);
}

/// What many connections have in common. It keeps the tickets that resume sessions, apart by
/// everything in [`TlsPeer`].
pub trait TlsConfig: Debug + Send + Sync {
    /// Begins a session of TLS as a client; `now` is what certificates are checked against.
    ///
    /// # Errors
    /// If the host is neither a name nor an address that a certificate can be for.
    fn connect(&self, peer: TlsPeer<'_>, now: WallTime) -> Result<Box<dyn TlsSession>, TlsError>;
}

/// The other side of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TlsPeer<'a> {
    /// What it is to the request.
    pub role: Role,
    /// A name, or an IP literal without brackets: what the certificate has to be for.
    pub host: &'a str,
    /// The port.
    pub port: u16,
}

/// What a peer is to the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The server that answers it.
    Origin,
    /// A proxy on the way.
    Proxy,
}

/// One session of TLS on one connection.
///
/// It begins with an empty [`read`](Self::read), which puts the first flight into `out`.
pub trait TlsSession: Debug + Send {
    /// Takes as many whole records from `records` as it can, appends what they hold to `plain` and
    /// what has to be sent in turn to `out`. It stops behind the record with which `plain` has
    /// `plain_max` bytes or more, at the end of the peer's stream, and where a record is not whole.
    ///
    /// It is `&mut` because records are decrypted in place. What was not used may have been changed,
    /// and begins the `records` of the next call as it is then; they are longer then, unless it
    /// stopped for `plain_max`. At most [`UNUSED_MAX`] bytes are ever left.
    ///
    /// # Errors
    /// What is wrong with the peer, its certificate, or this side's. `out` then may have the alert
    /// that says so to the peer. Each later call fails in the same way.
    fn read(
        &mut self,
        records: &mut [u8],
        plain: &mut Vec<u8>,
        plain_max: usize,
        out: &mut Vec<u8>,
    ) -> Result<Read, TlsError>;

    /// Appends `plain` to `out`, encrypted. It may be called in [`Stage::Open`] and
    /// [`Stage::Ended`].
    ///
    /// # Errors
    /// If it is not the time for it, or the keys are used up.
    fn write(&mut self, plain: &[u8], out: &mut Vec<u8>) -> Result<(), TlsError>;

    /// Appends the `close_notify` that ends this side's stream; once is enough. Nothing may be
    /// written behind it. In the handshake and after an error there is nothing to append.
    fn close(&mut self, out: &mut Vec<u8>);
}

/// How far a reading came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// How many bytes of `records` were used.
    pub used: usize,
    /// Where the session is now.
    pub stage: Stage,
}

/// Where a session of TLS is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The handshake is under way.
    Handshake,
    /// Content may go both ways.
    Open,
    /// The peer has ended its stream with `close_notify`.
    Ended,
}

/// No TLS: what a session has that was built without it.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTls;

impl TlsProvider for NoTls {
    fn configure(&self, _: &TlsSetup<'_>) -> Result<Arc<dyn TlsConfig>, TlsError> {
        Err(TlsError::NotBuiltIn)
    }
}

impl core::fmt::Debug for Roots<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Anybody => "Anybody",
            Self::BuiltIn => "BuiltIn",
            Self::Pem(_) => "Pem",
        })
    }
}

impl core::fmt::Debug for Identity<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Identity")
    }
}
