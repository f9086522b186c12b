//! What a call says beside its message: redirects, streaming, timeouts, proxies, TLS.
//!
//! Source: the parameters of `Session.send` in requests 2.34.2, `sessions.py`.

use alloc::string::String;

use bytes::Bytes;

use crate::policy::merge::Given;
use crate::policy::proxies::Proxies;
use crate::policy::settings::Verify;
use crate::secret::Secret;
use crate::settings::Timeouts;

/// The options of one call; what is left out is the session's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallOptions {
    /// How long to wait.
    pub timeout: Option<Timeouts>,
    /// Whether redirects are followed; they are, but after HEAD.
    pub allow_redirects: Option<bool>,
    /// Whether the caller reads the body itself.
    pub stream: Option<bool>,
    /// Proxies, by scheme and host.
    pub proxies: Given<Proxies>,
    /// How the peer's certificate is checked.
    pub verify: Option<Verify>,
    /// The certificate that this side shows.
    pub cert: Option<Certificate>,
}

/// The certificate that this side shows to servers that ask for one, and its key, not encrypted.
///
/// It goes to the origin that the call was addressed to and no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// Certificate and key in one file in PEM.
    Both(String),
    /// Certificate and key in a file each.
    Pair {
        /// The certificate, and those between it and its root.
        certificate: String,
        /// Its key.
        key: String,
    },
    /// Certificate and key in one text in PEM.
    PemBoth(Secret<Bytes>),
    /// Certificate and key in a text each.
    PemPair {
        /// The certificate, and those between it and its root.
        certificate: Bytes,
        /// Its key.
        key: Secret<Bytes>,
    },
}

impl Certificate {
    /// Certificate and key in one file in PEM.
    pub fn file(path: impl Into<String>) -> Self {
        Self::Both(path.into())
    }

    /// Certificate and key in a file each.
    pub fn files(certificate: impl Into<String>, key: impl Into<String>) -> Self {
        Self::Pair { certificate: certificate.into(), key: key.into() }
    }

    /// Certificate and key in one text in PEM.
    pub fn pem(both: impl Into<Bytes>) -> Self {
        Self::PemBoth(Secret::new(both.into()))
    }

    /// Certificate and key in a text each.
    pub fn pem_pair(certificate: impl Into<Bytes>, key: impl Into<Bytes>) -> Self {
        Self::PemPair { certificate: certificate.into(), key: Secret::new(key.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn debug_shows_no_key() {
        for certificate in [Certificate::pem("k3y"), Certificate::pem_pair("c", "k3y")] {
            let shown = format!("{certificate:?}");
            assert!(!shown.contains("k3y"), "{shown}");
        }
    }
}
