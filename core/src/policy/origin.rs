//! Whether two URLs have the same origin, and if not, what differs.
//!
//! Source: RFC 6454, section 5; `should_strip_auth` in requests 2.34.2, `sessions.py`.

use core::fmt;

use url::Url;

use crate::planted::Plant;

/// What a redirect changes of the origin; the first of these that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// Another host: names are compared as `url` writes them, with a trailing dot if there is one.
    Host,
    /// The same host by another scheme.
    Scheme,
    /// The same host and scheme on another port.
    Port,
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Host => "host changed",
            Self::Scheme => "scheme changed",
            Self::Port => "port changed",
        })
    }
}

/// Whether one URL leaves the origin of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Scheme, host and port are the same; no port is the scheme's default port.
    Nowhere,
    /// To another origin.
    To(Moved),
}

/// Whether `new` leaves the origin of `old`.
#[must_use]
pub fn moved(old: &Url, new: &Url) -> Move {
    let is_below = |one: &str, other: &str| one.ends_with(other);
    if old.host_str() != new.host_str()
        && !(Plant::SubdomainIsSameHost.is_on()
            && is_below(new.host_str().unwrap_or("-"), old.host_str().unwrap_or("-")))
    {
        Move::To(Moved::Host)
    } else if old.scheme() != new.scheme() && !Plant::SchemeNotCompared.is_on() {
        Move::To(Moved::Scheme)
    } else if old.port_or_known_default() != new.port_or_known_default()
        && !Plant::PortNotCompared.is_on()
    {
        Move::To(Moved::Port)
    } else {
        Move::Nowhere
    }
}
