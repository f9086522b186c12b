//! Where a hop goes: the layers between this side and the origin, which are also the pool's key.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use crate::environment::proxy::{ProxyUrl, Scheme};
use crate::message::Certificate;
use crate::planted::Plant;
use crate::policy::settings::Verify;
use crate::tls::Role;
use crate::wire::request_head::FinalDot;

/// One layer of a connection, from the wire upwards.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Layer {
    /// A TCP connection to this host and port; a session may [send it elsewhere].
    ///
    /// [send it elsewhere]: crate::shared::Shared::connect_to
    Tcp {
        /// A name, or an IP literal without brackets.
        host: Box<str>,
        /// The port.
        port: u16,
    },
    /// TLS with this host and port, by the settings of the route.
    Tls {
        /// What the other side is to the request.
        role: Role,
        /// The host that the certificate has to be for.
        host: Box<str>,
        /// The port.
        port: u16,
    },
    /// A tunnel through the HTTP proxy below, to this host and port.
    Connect {
        /// A name, or an IP literal without brackets.
        host: Box<str>,
        /// The port.
        port: u16,
    },
    /// A way through the SOCKS proxy below, to this host and port.
    Socks {
        /// A name, or an IP literal without brackets.
        host: Box<str>,
        /// The port.
        port: u16,
    },
}

/// How a request is addressed on this route (RFC 9112, 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetForm {
    /// `GET /path?query`: the peer is the origin.
    Origin,
    /// `GET http://host/path?query`: the peer is a proxy.
    Absolute,
}

/// What TLS on a route is set up with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Security {
    /// How certificates are checked, those of an https proxy too.
    pub verify: Verify,
    /// What the origin is shown; a proxy is shown nothing.
    pub cert: Option<Certificate>,
}

/// Where requests on a route end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// At this origin.
    Origin {
        /// Its scheme.
        scheme: Box<str>,
        /// Its host: a name, or an IP literal without brackets.
        host: Box<str>,
        /// Its port.
        port: u16,
    },
    /// At the proxy, which makes them for any origin over http.
    Proxy,
}

/// The way to an origin, or to a proxy that goes on from there.
///
/// Two requests may share a connection only if their routes are equal: adapter, end, proxy with its
/// credentials, and settings of TLS.
#[derive(Clone, PartialEq, Eq)]
pub struct Route {
    /// Which adapter: adapters do not share connections.
    pub adapter: usize,
    /// Where it ends.
    pub end: End,
    /// The proxy on the way.
    pub proxy: Option<ProxyUrl>,
    /// What TLS is set up with; `None` if there is none on the way.
    pub security: Option<Security>,
    /// What has to be done to open it, lowest first; it follows from the rest.
    pub layers: Vec<Layer>,
    /// Where it leads for people to read, as `https://a.test:443`; it follows from the rest.
    pub shown: Box<str>,
}

/// What a request asks of a route; what is borrowed here is copied only for a route that is new.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The adapter that serves the request.
    pub adapter: usize,
    /// The scheme of the origin: `http` or `https`.
    pub scheme: &'a str,
    /// Its host: a name, or an IP literal without brackets.
    pub host: &'a str,
    /// Its port.
    pub port: u16,
    /// The proxy on the way.
    pub proxy: Option<&'a ProxyUrl>,
    /// How certificates are checked.
    pub verify: &'a Verify,
    /// What the origin is shown.
    pub cert: Option<&'a Certificate>,
}

impl Wanted<'_> {
    /// How the request is addressed.
    #[must_use]
    pub fn form(&self) -> TargetForm {
        match self.proxy {
            Some(proxy) if proxy.scheme.is_http() && self.scheme != "https" => TargetForm::Absolute,
            Some(_) | None => TargetForm::Origin,
        }
    }

    /// Whether there is TLS on the way.
    fn is_secured(&self) -> bool {
        self.scheme == "https" || self.proxy.is_some_and(|proxy| proxy.scheme == Scheme::Https)
    }

    /// What is shown to whom asks for a certificate on the way.
    fn shown_cert(&self) -> Option<&Certificate> {
        self.cert.filter(|_| self.scheme == "https")
    }

    /// Whether a route is the one.
    #[must_use]
    pub fn is(&self, route: &Route) -> bool {
        let ends = match (&route.end, self.form()) {
            (End::Origin { scheme, host, port }, TargetForm::Origin) => {
                (**host == *self.host || Plant::HostNotInKey.is_on() && host.ends_with(self.host))
                    && (*port == self.port || Plant::PortNotInKey.is_on())
                    && (**scheme == *self.scheme || Plant::SchemeNotInKey.is_on())
            }
            (End::Proxy, TargetForm::Absolute) => true,
            (End::Origin { .. }, TargetForm::Absolute) | (End::Proxy, TargetForm::Origin) => false,
        };
        let secures = match &route.security {
            _ if Plant::SchemeNotInKey.is_on() => true,
            None => !self.is_secured(),
            Some(Security { verify, cert }) => {
                self.is_secured()
                    && (verify == self.verify || Plant::VerifyNotInKey.is_on())
                    && (cert.as_ref() == self.shown_cert() || Plant::IdentityNotInKey.is_on())
            }
        };
        let proxies = match (&route.proxy, self.proxy) {
            (Some(_), Some(_)) if Plant::ProxyNotInKey.is_on() => true,
            (Some(one), Some(other)) if Plant::ProxyLoginNotInKey.is_on() => {
                (one.scheme, &one.host, one.port) == (other.scheme, &other.host, other.port)
            }
            (one, other) => one.as_ref() == other,
        };
        let adapters = route.adapter == self.adapter || Plant::AdapterNotInKey.is_on();
        ends && secures && adapters && proxies
    }

    /// The route.
    #[must_use]
    pub fn route(&self) -> Route {
        let Self { adapter, scheme, host, port, proxy, verify, .. } = *self;
        let form = self.form();
        let mut layers = Vec::new();
        let (first, first_port) = match proxy {
            None => (host.into(), port),
            Some(proxy) => (bare_host(proxy), proxy.port),
        };
        layers.push(Layer::Tcp { host: first, port: first_port });
        if let Some(proxy) = proxy {
            if proxy.scheme == Scheme::Https {
                let (host, port) = (bare_host(proxy), proxy.port);
                layers.push(Layer::Tls { role: Role::Proxy, host, port });
            }
            match (proxy.scheme.is_http(), form) {
                (true, TargetForm::Absolute) => {}
                (true, TargetForm::Origin) => {
                    layers.push(Layer::Connect { host: host.into(), port });
                }
                (false, _) => layers.push(Layer::Socks { host: host.into(), port }),
            }
        }
        if scheme == "https" {
            layers.push(Layer::Tls { role: Role::Origin, host: host.into(), port });
        }
        let cert = self.shown_cert().cloned();
        let shown = match (proxy, form) {
            (Some(proxy), TargetForm::Absolute) => alloc::format!("proxy {proxy}"),
            (Some(proxy), TargetForm::Origin) => {
                alloc::format!("{} by proxy {proxy}", Shown { scheme, host, port })
            }
            (None, _) => alloc::format!("{}", Shown { scheme, host, port }),
        };
        Route {
            adapter,
            end: match form {
                TargetForm::Absolute => End::Proxy,
                TargetForm::Origin => {
                    End::Origin { scheme: scheme.into(), host: host.into(), port }
                }
            },
            proxy: proxy.cloned(),
            security: self.is_secured().then(|| Security { verify: verify.clone(), cert }),
            layers,
            shown: shown.into(),
        }
    }
}

impl Route {
    /// How requests are addressed on it.
    #[must_use]
    pub const fn form(&self) -> TargetForm {
        match self.end {
            End::Origin { .. } => TargetForm::Origin,
            End::Proxy => TargetForm::Absolute,
        }
    }

    /// What becomes of the dot at the end of a host name in `Host`: an HTTP proxy has been told the
    /// name with it, in the target or in CONNECT.
    #[must_use]
    pub fn final_dot(&self) -> FinalDot {
        if self.has_http_proxy() { FinalDot::Keep } else { FinalDot::Drop }
    }

    /// Whether an HTTP proxy is at the other end of the first connection.
    #[must_use]
    pub fn has_http_proxy(&self) -> bool {
        self.proxy.as_ref().is_some_and(|proxy| proxy.scheme.is_http())
    }
}

/// A proxy's host without brackets.
fn bare_host(proxy: &ProxyUrl) -> Box<str> {
    match &proxy.host {
        url::Host::Domain(name) => name.as_str().into(),
        url::Host::Ipv4(address) => alloc::format!("{address}").into(),
        url::Host::Ipv6(address) => alloc::format!("{address}").into(),
    }
}

struct Shown<'a> {
    scheme: &'a str,
    host: &'a str,
    port: u16,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scheme, host, port } = self;
        match host.contains(':') {
            true => write!(f, "{scheme}://[{host}]:{port}"),
            false => write!(f, "{scheme}://{host}:{port}"),
        }
    }
}

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } => write!(f, "Tcp {host}:{port}"),
            Self::Tls { host, port, .. } => write!(f, "Tls {host}:{port}"),
            Self::Connect { host, port } => write!(f, "Connect {host}:{port}"),
            Self::Socks { host, port } => write!(f, "Socks {host}:{port}"),
        }
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {:?}", self.shown, self.layers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::String;

    /// The layers of a request to `scheme://a.test:1` by a proxy.
    fn layers(scheme: &str, proxy: Option<&str>) -> String {
        let proxy = proxy.map(|text| ProxyUrl::parse(text).unwrap());
        format!("{:?}", wanted(scheme, proxy.as_ref(), &Verify::On).route().layers)
    }

    fn wanted<'a>(scheme: &'a str, proxy: Option<&'a ProxyUrl>, verify: &'a Verify) -> Wanted<'a> {
        Wanted { adapter: 0, scheme, host: "a.test", port: 1, proxy, verify, cert: None }
    }

    #[test]
    fn layers_follow_from_scheme_and_proxy() {
        let rows = [
            ("http", None, "[Tcp a.test:1]"),
            ("https", None, "[Tcp a.test:1, Tls a.test:1]"),
            ("http", Some("http://p:2"), "[Tcp p:2]"),
            ("https", Some("http://p:2"), "[Tcp p:2, Connect a.test:1, Tls a.test:1]"),
            ("http", Some("https://p:2"), "[Tcp p:2, Tls p:2]"),
            (
                "https",
                Some("https://[::1]:2"),
                "[Tcp ::1:2, Tls ::1:2, Connect a.test:1, Tls a.test:1]",
            ),
            ("http", Some("socks5h://p:2"), "[Tcp p:2, Socks a.test:1]"),
            ("https", Some("socks4://p:2"), "[Tcp p:2, Socks a.test:1, Tls a.test:1]"),
        ];
        for (scheme, proxy, want) in rows {
            assert_eq!(layers(scheme, proxy), want, "{scheme} by {proxy:?}");
        }
    }

    /// Rows 45, 52 and 55: CVE-2026-3784 and CVE-2022-27782 (curl), CVE-2024-35195 (requests).
    #[test]
    fn s045_s052_s055_a_route_is_that_of_its_own_proxy_credentials_and_certificates() {
        let urls = ["http://p:2", "http://u:1@p:2", "http://u:2@p:2", "http://p:3", "https://p:2"];
        let proxies: Vec<ProxyUrl> = urls.iter().map(|url| ProxyUrl::parse(url).unwrap()).collect();
        let verifies = [Verify::On, Verify::Off, Verify::Bundle("/a".into())];
        let certs =
            [None, Some(Certificate::Both("/c".into())), Some(Certificate::Both("/C".into()))];
        let mut all = Vec::new();
        for scheme in ["http", "https"] {
            for proxy in core::iter::once(None).chain(proxies.iter().map(Some)) {
                for verify in &verifies {
                    for cert in &certs {
                        let cert = cert.as_ref();
                        all.push(Wanted { cert, ..wanted(scheme, proxy, verify) });
                    }
                }
            }
        }
        for (one, wanted) in all.iter().enumerate() {
            let route = wanted.route();
            for (other, wanted) in all.iter().enumerate() {
                let is_same = wanted.route() == route;
                assert_eq!(wanted.is(&route), is_same, "{wanted:?} on {route:?}");
                if one != other && wanted.scheme == "https" {
                    assert!(!is_same, "{wanted:?} on {route:?}");
                }
            }
        }
    }
}
