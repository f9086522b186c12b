//! What can go wrong with TLS, and what would be right.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use crate::io::IoError;

/// How many names of a certificate are written out in a message.
const NAMES_SHOWN: usize = 10;

/// What went wrong with TLS. No text holds a key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsError {
    /// The session was built without TLS.
    NotBuiltIn,
    /// No certificate can be for this host.
    BadHost(Box<str>),
    /// The roots cannot be read: why not.
    BadRoots(Box<str>),
    /// The certificate or key of this side cannot be used: why not.
    BadIdentity(Box<str>),
    /// A file with roots, certificate or key cannot be read.
    BadFile {
        /// Its path.
        path: Box<str>,
        /// Why not.
        why: IoError,
    },
    /// The peer's certificate is expired.
    Expired,
    /// The peer's certificate is not valid yet.
    NotYetValid,
    /// The peer's certificate is for other hosts.
    WrongHost {
        /// The host that was asked for.
        host: Box<str>,
        /// The names and addresses that it is for.
        names: Vec<Box<str>>,
    },
    /// Nobody who is trusted has signed the peer's certificate.
    UnknownIssuer,
    /// Something else is wrong with the peer's certificate.
    BadCertificate(Box<str>),
    /// The peer wants a certificate of this side and has got none, or does not take it.
    ClientCertificate(Box<str>),
    /// The peer refused with this alert.
    Alert(Box<str>),
    /// The peer does not speak TLS, or breaks it.
    Broken(Box<str>),
    /// The stream ended without a `close_notify`: somebody may have cut it off.
    Truncated,
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotBuiltIn => f.write_str(
                "this build has no TLS: turn the feature tls-aws-lc-rs or tls-ring on, or give the \
                 session a provider",
            ),
            Self::BadHost(host) => write!(f, "no certificate can be for the host {host:?}"),
            Self::BadRoots(why) => write!(f, "the CA bundle cannot be used: {why}"),
            Self::BadIdentity(why) => write!(f, "the client certificate cannot be used: {why}"),
            Self::BadFile { path, why } => write!(f, "the file {path:?} cannot be read: {why}"),
            Self::Expired => f.write_str("the certificate of the server is expired"),
            Self::NotYetValid => f.write_str("the certificate of the server is not valid yet"),
            Self::WrongHost { host, names } => {
                write!(f, "the certificate of the server is not for {host}")?;
                if names.is_empty() {
                    return f.write_str(", it names no host: its common name does not count");
                }
                for (place, name) in names.iter().take(NAMES_SHOWN).enumerate() {
                    f.write_str(if place == 0 { ", it is for " } else { ", " })?;
                    f.write_str(name)?;
                }
                match names.len().saturating_sub(NAMES_SHOWN) {
                    0 => Ok(()),
                    more => write!(f, " and {more} more"),
                }
            }
            Self::UnknownIssuer => f.write_str(
                "nobody who is trusted has signed the certificate of the server: if its CA is to \
                 be trusted, give it as `verify`",
            ),
            Self::BadCertificate(why) => write!(f, "bad certificate of the server: {why}"),
            Self::ClientCertificate(why) => write!(f, "the server wants a certificate: {why}"),
            Self::Alert(what) => write!(f, "the server refused with the alert {what}"),
            Self::Broken(why) => write!(f, "the peer does not speak TLS as it should: {why}"),
            Self::Truncated => f.write_str("the stream ended without close_notify"),
        }
    }
}

impl core::error::Error for TlsError {}
