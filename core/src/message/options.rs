//! What a call says beside its message: redirects, streaming, timeouts, proxies, TLS.
//!
//! Source: the parameters of `Session.send` in requests 2.34.2, `sessions.py`.

use alloc::string::String;

use crate::policy::merge::Given;
use crate::policy::proxies::Proxies;
use crate::policy::settings::Verify;
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

/// The certificate that this side shows: paths of PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// Certificate and key in one file.
    Both(String),
    /// Certificate and key in a file each.
    Pair {
        /// The certificate.
        certificate: String,
        /// Its key.
        key: String,
    },
}
