//! What call, session and environment give together: proxies, stream, verification, certificate.
//!
//! Source: `merge_environment_settings` in requests 2.34.2, `sessions.py`. There the environment
//! beats the session; here it is call, session, environment, default, everywhere.

use alloc::string::String;
use core::fmt;

use bytes::Bytes;
use url::Url;

use crate::environment::Trusted;
use crate::policy::merge::Given;
use crate::policy::proxies::{Proxies, get_environ_proxies};

/// How certificates of servers are checked: whom they are signed by, whether they are for the host,
/// and whether they are valid now.
#[derive(Clone, PartialEq, Eq)]
pub enum Verify {
    /// Against the roots that are the default: those of a file that the environment names, or else
    /// those of Mozilla, which are compiled in, as `certifi` comes with requests.
    On,
    /// Not at all: anybody can be the server.
    Off,
    /// Against the roots in this file in PEM, or in all files of this folder, and no others.
    Bundle(String),
    /// Against the roots in this text in PEM, and no others.
    Pem(Bytes),
}

impl Verify {
    /// Against the roots in this file in PEM, or in all files of this folder.
    pub fn bundle(path: impl Into<String>) -> Self {
        Self::Bundle(path.into())
    }

    /// Against the roots in this text in PEM.
    pub fn pem(text: impl Into<Bytes>) -> Self {
        Self::Pem(text.into())
    }
}

impl fmt::Debug for Verify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::On => f.write_str("On"),
            Self::Off => f.write_str("Off"),
            Self::Bundle(path) => f.debug_tuple("Bundle").field(path).finish(),
            Self::Pem(text) => write!(f, "Pem({} bytes)", text.len()),
        }
    }
}

/// What one side, call or session, says; `C` is a client certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side<C> {
    /// Proxies; empty if it says nothing.
    pub proxies: Proxies,
    /// Whether the body is left to be read later.
    pub stream: Given<Stream>,
    /// How certificates are checked.
    pub verify: Given<Verify>,
    /// The client certificate.
    pub cert: Given<C>,
}

impl<C> Default for Side<C> {
    fn default() -> Self {
        Self {
            proxies: Proxies::new(),
            stream: Given::Absent,
            verify: Given::Absent,
            cert: Given::Absent,
        }
    }
}

/// When the body is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stream {
    /// At once.
    #[default]
    Collect,
    /// When the caller reads it.
    Stream,
}

/// The settings that a request is sent with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings<C> {
    /// The proxies that call, session and environment name, by key; what is off is listed as off.
    /// Which one is taken is for [`choose`](super::proxy::choose) to say.
    pub proxies: Proxies,
    /// When the body is read.
    pub stream: Stream,
    /// How certificates are checked.
    pub verify: Verify,
    /// The client certificate.
    pub cert: Option<C>,
}

/// The settings that a request to `url` is sent with.
///
/// What is not given means the next one's value; only an explicit off is off. [`Verify::On`] says
/// that certificates are checked, not against what: a bundle that the environment names counts.
#[must_use]
pub fn merge_environment_settings<C>(
    url: &Url,
    call: Side<C>,
    session: Side<C>,
    environment: Trusted<'_>,
) -> Settings<C> {
    let mut proxies = call.proxies.over(&session.proxies);
    for (key, proxy) in get_environ_proxies(url, proxies.no_proxy(), environment).iter() {
        if let Some(proxy) = proxy {
            proxies.set_default(key, proxy);
        }
    }
    Settings {
        proxies,
        stream: match call.stream.or(session.stream) {
            Given::Use(stream) => stream,
            Given::Absent | Given::Off => Stream::Collect,
        },
        verify: verify(call.verify.or(session.verify), environment),
        cert: match call.cert.or(session.cert) {
            Given::Use(cert) => Some(cert),
            Given::Absent | Given::Off => None,
        },
    }
}

/// How certificates are checked, given what call and session say.
#[must_use]
pub fn verify(given: Given<Verify>, environment: Trusted<'_>) -> Verify {
    match (given, environment.ca_bundle()) {
        (Given::Off | Given::Use(Verify::Off), _) => Verify::Off,
        (Given::Use(own @ (Verify::Bundle(_) | Verify::Pem(_))), _) => own,
        (Given::Absent | Given::Use(Verify::On), Some(bundle)) => {
            Verify::Bundle(bundle.value.clone())
        }
        (Given::Absent | Given::Use(Verify::On), None) => Verify::On,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::{Environment, Trust};

    #[test]
    fn verification_is_decided_by_call_then_session_then_environment() {
        use Given::{Absent, Use};
        let environment = Environment::new([("REQUESTS_CA_BUNDLE", "/e")], None);
        let bundle = |path: &str| Verify::Bundle(path.into());
        let rows = [
            (Absent, Absent, bundle("/e")),
            (Absent, Use(Verify::On), bundle("/e")),
            (Use(Verify::On), Use(Verify::Off), bundle("/e")),
            (Absent, Use(Verify::Off), Verify::Off),
            (Absent, Use(bundle("/s")), bundle("/s")),
            (Use(bundle("/c")), Use(Verify::Off), bundle("/c")),
            (Given::Off, Use(bundle("/s")), Verify::Off),
            (Use(Verify::pem("c")), Use(Verify::Off), Verify::pem("c")),
            (Absent, Use(Verify::pem("s")), Verify::pem("s")),
        ];
        for (call, session, want) in rows {
            let told = alloc::format!("{call:?} {session:?}");
            let got = verify(call.or(session), environment.trusted(Trust::ALL));
            assert_eq!(got, want, "{told}");
        }
        assert_eq!(verify(Absent, Trusted::nothing()), Verify::On);
    }

    #[test]
    fn the_session_goes_before_the_environment() {
        let environment = Environment::new([("http_proxy", "e:1"), ("https_proxy", "e:2")], None);
        let mut session = Side::<()>::default();
        session.proxies.set("http", Some("s:1"));
        session.cert = Given::Use(());
        session.stream = Given::Use(Stream::Stream);
        let url = Url::parse("http://a/").unwrap();
        let trusted = environment.trusted(Trust::ALL);
        let got = merge_environment_settings(&url, Side::default(), session.clone(), trusted);
        let want: Proxies = [("http", Some("s:1")), ("https", Some("e:2"))].into_iter().collect();
        assert_eq!(got.proxies, want);
        assert_eq!((got.cert, got.stream), (Some(()), Stream::Stream));
        let call = Side { cert: Given::Off, ..Side::default() };
        assert_eq!(merge_environment_settings(&url, call, session, trusted).cert, None);
    }
}
