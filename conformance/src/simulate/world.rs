//! The world of a run: hosts, origins, and whose secret is whose.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

/// A host: honest ones answer as HTTP says, hostile ones want what is not theirs.
#[derive(Debug)]
pub(crate) struct Host {
    /// As it stands in a URL, in the form that the core has to arrive at.
    pub(crate) name: &'static str,
    /// Other ways to write the same host.
    pub(crate) spellings: &'static [&'static str],
    pub(crate) is_hostile: bool,
    /// Its registrable domain, for names.
    pub(crate) site: Option<&'static str>,
}

const fn host(name: &'static str, site: &'static str, is_hostile: bool) -> Host {
    Host { name, spellings: &[], is_hostile, site: Some(site) }
}

/// All hosts: sub-domains and siblings of each other, on both sides of the borders of the public
/// suffix list, names that end like others, IP literals, a trailing dot.
pub(super) static HOSTS: [Host; 10] = [
    Host { spellings: &["A.Test", "a.TEST", "%61.test"], ..host("a.test", "a.test", false) },
    Host { spellings: &["WWW.a.test"], ..host("www.a.test", "a.test", false) },
    host("b.test", "b.test", false),
    Host { spellings: &["Shop.CO.uk"], ..host("shop.co.uk", "shop.co.uk", false) },
    Host {
        name: "192.0.2.7",
        spellings: &["0xC0.0.2.7", "192.0.519"],
        is_hostile: false,
        site: None,
    },
    host("evila.test", "evila.test", true),
    host("x.a.test", "a.test", true),
    host("evil.co.uk", "evil.co.uk", true),
    host("a.test.", "a.test.", false),
    Host { name: "[2001:db8::7]", spellings: &["[2001:DB8:0::7]"], is_hostile: false, site: None },
];

/// A proxy of the world, by its name in URLs.
#[derive(Debug)]
pub(crate) struct ProxyHost {
    pub(crate) name: &'static str,
    /// How it is spoken to.
    pub(crate) scheme: &'static str,
    pub(crate) port: u16,
}

const fn proxy(name: &'static str, scheme: &'static str, port: u16) -> ProxyHost {
    ProxyHost { name, scheme, port }
}

/// All proxies: of each kind one, and more of the most frequent kind.
pub(super) static PROXIES: [ProxyHost; 8] = [
    proxy("p.test", "http", 3128),
    proxy("q.test", "http", 80),
    proxy("proxy.a.test", "http", 8080),
    proxy("sec.test", "https", 443),
    proxy("four.test", "socks4", 1080),
    proxy("foura.test", "socks4a", 1081),
    proxy("five.test", "socks5", 1080),
    proxy("fiveh.test", "socks5h", 1082),
];

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// One of [`HOSTS`].
    Host(usize),
    /// One of [`PROXIES`].
    Proxy(usize),
}

/// Public suffixes of that world.
pub(super) const SUFFIXES: [&str; 4] = ["test", "uk", "co.uk", "com"];

/// Scheme, host and port.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Origin {
    pub(crate) is_tls: bool,
    /// Which of [`HOSTS`].
    pub(crate) host: usize,
    pub(crate) port: u16,
}

impl Origin {
    pub(super) const fn scheme(self) -> &'static str {
        if self.is_tls { "https" } else { "http" }
    }

    pub(super) fn name(self) -> &'static str {
        HOSTS[self.host].name
    }

    /// The host without the brackets of an IPv6 address.
    pub(super) fn bare(self) -> &'static str {
        self.name().trim_matches(['[', ']'])
    }

    pub(super) const fn has_default_port(self) -> bool {
        self.port == if self.is_tls { 443 } else { 80 }
    }

    /// Host and port as a URL has them.
    pub(super) fn authority(self) -> String {
        self.with_port(self.name())
    }

    /// What the `Host` field has to say: as in urllib3, without the dot of the root.
    pub(super) fn host_field(self) -> String {
        self.with_port(self.name().trim_end_matches('.'))
    }

    fn with_port(self, name: &str) -> String {
        if self.has_default_port() { name.to_owned() } else { format!("{name}:{}", self.port) }
    }

    /// Whether an Authorization may go along from here to there.
    pub(super) fn carries_to(self, other: Self) -> bool {
        let upgrade = !self.is_tls
            && other.is_tls
            && self.host == other.host
            && self.has_default_port()
            && other.has_default_port();
        self == other || upgrade
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme(), self.authority())
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What the last byte of the address of a proxy is counted from.
const PROXIES_FROM: u8 = 128;

/// The address that somebody of the tables lives at; a second one for the same name is dead or alive
/// as the faults say.
#[expect(clippy::cast_possible_truncation, reason = "small tables")]
pub(super) fn address(place: Place, second: bool) -> IpAddr {
    let last = match place {
        Place::Host(host) => match HOSTS[host].name.trim_matches(['[', ']']).parse() {
            Ok(literal) => return literal,
            Err(_) => host as u8,
        },
        Place::Proxy(proxy) => PROXIES_FROM + proxy as u8,
    };
    IpAddr::V4(Ipv4Addr::new(198, 51, 100 + u8::from(second), last))
}

/// Who lives at an address, and whether it is the second one.
pub(super) fn place_at(at: IpAddr) -> Option<(Place, bool)> {
    if let IpAddr::V4(v4) = at {
        let [a, b, c, last] = v4.octets();
        if (a, b) == (198, 51) {
            let place = match last.checked_sub(PROXIES_FROM) {
                Some(proxy) => Place::Proxy(proxy.into()),
                None => Place::Host(last.into()),
            };
            return Some((place, c == 101));
        }
    }
    let literal = |host: &Host| host.name.trim_matches(['[', ']']).parse() == Ok(at);
    HOSTS.iter().position(literal).map(|host| (Place::Host(host), false))
}

/// Who has this name.
pub(super) fn place_named(name: &str) -> Option<Place> {
    let host = HOSTS.iter().position(|host| host.name == name).map(Place::Host);
    host.or_else(|| PROXIES.iter().position(|proxy| proxy.name == name).map(Place::Proxy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_host_has_an_address_of_its_own() {
        let names = HOSTS.iter().map(|host| host.name);
        for name in names.chain(PROXIES.iter().map(|proxy| proxy.name)) {
            let place = place_named(name).expect(name);
            assert_eq!(place_at(address(place, false)), Some((place, false)), "{name}");
        }
        assert_eq!(HOSTS.iter().filter(|host| host.is_hostile).count(), 3);
    }

    #[test]
    fn an_authorization_stays_but_for_the_upgrade_on_default_ports() {
        let origin = |is_tls, host, port| Origin { is_tls, host, port };
        assert!(origin(false, 0, 80).carries_to(origin(true, 0, 443)));
        assert!(!origin(true, 0, 443).carries_to(origin(false, 0, 80)));
        assert!(!origin(true, 0, 8080).carries_to(origin(false, 0, 8080)));
        assert!(!origin(false, 0, 80).carries_to(origin(false, 1, 80)));
    }
}
