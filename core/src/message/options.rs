//! What a call says beside its message: redirects, streaming, timeouts, proxies, TLS.
//!
//! Source: the parameters of `Session.send` in requests 2.34.2, `sessions.py`.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::policy::merge::Given;
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

/// Proxies by what they are for: `http`, `https`, `all`, `http://host`, `all://host`.
///
/// A URL of `None` takes the session's entry of that key away.
///
/// Source: `proxies` in requests.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    entries: Vec<(String, Option<String>)>,
}

impl Proxies {
    /// None.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// Sets the proxy for `key`, in place of the one before; `None` takes it away.
    pub fn set(&mut self, key: impl Into<String>, url: Option<String>) {
        let key = key.into();
        match self.entries.iter_mut().find(|(k, _)| *k == key) {
            Some(entry) => entry.1 = url,
            None => self.entries.push((key, url)),
        }
    }

    /// The entries in order.
    #[must_use]
    pub fn entries(&self) -> &[(String, Option<String>)] {
        &self.entries
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<U: Into<String>, const N: usize> From<[(&str, U); N]> for Proxies {
    fn from(entries: [(&str, U); N]) -> Self {
        Self { entries: entries.into_iter().map(|(k, u)| (k.into(), Some(u.into()))).collect() }
    }
}

impl FromIterator<(String, Option<String>)> for Proxies {
    fn from_iter<I: IntoIterator<Item = (String, Option<String>)>>(entries: I) -> Self {
        let mut proxies = Self::new();
        entries.into_iter().for_each(|(key, url)| proxies.set(key, url));
        proxies
    }
}

/// A proxy's URL may hold a password: only the keys are shown.
impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.entries.iter().map(|(key, _)| key)).finish()
    }
}

/// How the certificate of a peer is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Verify {
    /// Against the usual roots.
    #[default]
    On,
    /// Not at all: anybody may answer.
    Off,
    /// Against the roots in this PEM file or directory.
    Bundle(String),
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
