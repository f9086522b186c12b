//! Proxies: who names them, and a naive reference for the one that a request goes through.
//!
//! Source: `select_proxy`, `should_bypass_proxies` and `getproxies_environment` of requests and
//! CPython, with the order call, session, environment; as lists and strings compared as strings.
//! Nothing is shared with the core.

use std::net::IpAddr;

use sessio_core::policy::proxies::Proxies;

use super::call::basic;
use super::marker::{Markers, Owner};
use super::random::Random;
use super::world::{HOSTS, Origin, PROXIES, Place, ProxyHost};

/// A proxy with the credentials for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Via {
    /// Which of [`PROXIES`].
    pub(crate) proxy: usize,
    pub(crate) login: Option<(String, String)>,
}

impl Via {
    pub(super) fn host(&self) -> &'static ProxyHost {
        &PROXIES[self.proxy]
    }

    pub(super) fn speaks_http(&self) -> bool {
        self.host().scheme.starts_with("http")
    }

    pub(super) fn is_tls(&self) -> bool {
        self.host().scheme == "https"
    }

    /// As a setting has it.
    fn text(&self) -> String {
        let ProxyHost { name, scheme, port } = self.host();
        match &self.login {
            Some((user, password)) => format!("{scheme}://{user}:{password}@{name}:{port}"),
            None => format!("{scheme}://{name}:{port}"),
        }
    }

    /// The `Proxy-Authorization` by Basic.
    pub(super) fn authorization(&self) -> Option<String> {
        self.login.as_ref().map(|(user, password)| basic(user, password))
    }
}

/// Proxies by key; `None` is off. The number is that of a [`Via`].
pub(crate) type List = Vec<(String, Option<usize>)>;

/// What a call says about proxies.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    Nothing,
    Direct,
    These(List),
}

/// What session and environment say about proxies.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ways {
    pub(crate) vias: Vec<Via>,
    session: List,
    session_no_proxy: Option<String>,
    /// Variables as they are spelled.
    pub(crate) variables: Vec<(String, String)>,
    /// What they come to: scheme and proxy.
    environment: List,
    no_proxy: Option<String>,
}

/// Keys that settings may have.
const KEYS: [&str; 10] = [
    "http",
    "https",
    "all",
    "http://a.test",
    "https://a.test",
    "all://www.a.test",
    "all://b.test",
    "http://192.0.2.7",
    "all://2001:db8::7",
    "https://a.test.",
];

/// Entries of NO_PROXY.
const EXEMPT: [&str; 12] = [
    "a.test",
    ".a.test",
    "www.a.test:80",
    "b.test:443",
    "B.TEST",
    "co.uk",
    "192.0.2.0/24",
    "192.0.2.7",
    "2001:db8::/32",
    "ila.test",
    "test:80",
    "203.0.113.0/24",
];

impl Ways {
    /// None in some runs, all sorts in others.
    pub(super) fn draw(random: &mut Random, markers: &mut Markers) -> Self {
        let mut ways = Self::default();
        if random.chance(450) {
            return ways;
        }
        for number in 0..random.between(1, 4) {
            let proxy = random.below(PROXIES.len());
            let login = random.chance(500).then(|| {
                let owner = Owner::Proxy(number);
                (markers.make(owner), markers.make(owner))
            });
            ways.vias.push(Via { proxy, login });
        }
        if random.chance(500) {
            ways.session = ways.list(random);
            ways.session_no_proxy = random.chance(200).then(|| exempt(random));
        }
        if random.chance(500) {
            ways.environ(random);
        }
        ways
    }

    fn list(&self, random: &mut Random) -> List {
        let mut list: List = Vec::new();
        for _ in 0..random.between(1, 4) {
            let key = random.pick(&KEYS).to_string();
            if list.iter().all(|(other, _)| *other != key) {
                let via = random.below(self.vias.len());
                list.push((key, random.chance(850).then_some(via)));
            }
        }
        list
    }

    /// Variables of the environment, and what they come to.
    fn environ(&mut self, random: &mut Random) {
        let names = [
            ("http_proxy", "HTTP_PROXY", "http"),
            ("https_proxy", "HTTPS_PROXY", "https"),
            ("all_proxy", "ALL_PROXY", "all"),
        ];
        let is_cgi = random.chance(100);
        if is_cgi {
            self.variables.push(("REQUEST_METHOD".into(), "GET".into()));
        }
        for (lower, upper, scheme) in names {
            let (small, large) = (random.chance(300), random.chance(300));
            let mut of_scheme = None;
            if large {
                let via = random.below(self.vias.len());
                self.variables.push((upper.into(), self.vias[via].text()));
                // In a CGI process this variable is a field of somebody's request.
                of_scheme = (!is_cgi || scheme != "http").then_some(via);
            }
            if small {
                let via = random.below(self.vias.len());
                self.variables.push((lower.into(), self.vias[via].text()));
                of_scheme = Some(via);
            }
            if of_scheme.is_some() {
                self.environment.push((scheme.into(), of_scheme));
            }
        }
        if random.chance(400) {
            let (list, name) = (exempt(random), *random.pick(&["no_proxy", "NO_PROXY"]));
            self.variables.push((name.into(), list.clone()));
            self.no_proxy = Some(list);
        }
    }

    /// What a call says.
    pub(super) fn said(&self, random: &mut Random) -> Said {
        if self.vias.is_empty() {
            return Said::Nothing;
        }
        match random.below(10) {
            0 => Said::Direct,
            1 | 2 => Said::These(self.list(random)),
            _ => Said::Nothing,
        }
    }

    /// Settings as the core takes them.
    pub(super) fn proxies(&self, list: &List) -> Proxies {
        let mut proxies = Proxies::new();
        for (key, via) in list {
            proxies.set(key.as_str(), via.map(|via| self.vias[via].text()).as_deref());
        }
        proxies
    }

    /// Those of the session.
    pub(super) fn of_session(&self) -> Proxies {
        let mut proxies = self.proxies(&self.session);
        if let Some(list) = &self.session_no_proxy {
            proxies.set("no_proxy", Some(list));
        }
        proxies
    }

    /// The proxy for a request to `at`.
    pub(super) fn choose(&self, said: &Said, at: Origin) -> Option<usize> {
        let of_call: &[(String, Option<usize>)] = match said {
            Said::Direct => return None,
            Said::Nothing => &[],
            Said::These(list) => list,
        };
        if self.vias.is_empty() {
            return None;
        }
        let (scheme, host) = (at.scheme(), at.bare());
        let keys =
            [format!("{scheme}://{host}"), scheme.into(), format!("all://{host}"), "all".into()];
        for key in keys {
            for list in [of_call, &self.session] {
                if let Some((_, via)) = list.iter().find(|(other, _)| *other == key) {
                    return *via;
                }
            }
        }
        let named = |key: &str| self.environment.iter().find(|(other, _)| other == key);
        let (_, via) = named(scheme).or_else(|| named("all"))?;
        let list = self.session_no_proxy.as_ref().or(self.no_proxy.as_ref());
        let is_exempt = list.is_some_and(|list| is_exempt(list, at));
        via.filter(|_| !is_exempt)
    }
}

fn exempt(random: &mut Random) -> String {
    if random.chance(50) {
        return "*".into();
    }
    let between = *random.pick(&[",", ", ", " , "]);
    let entries: Vec<&str> = (0..random.between(1, 3)).map(|_| *random.pick(&EXEMPT)).collect();
    entries.join(between)
}

/// Whether NO_PROXY names this host.
fn is_exempt(list: &str, at: Origin) -> bool {
    let host = at.bare();
    let ends = |name: &str, entry: &str| name == entry || name.ends_with(&format!(".{entry}"));
    list == "*"
        || list.split(',').map(|entry| entry.trim().to_lowercase()).any(|entry| {
            let plain = entry.trim_start_matches('.');
            let address = host.parse::<IpAddr>().ok();
            let with_port = format!("{host}:{}", at.port);
            ends(host, plain)
                || !matches!(address, Some(IpAddr::V4(_))) && ends(&with_port, plain)
                || address.is_some_and(|address| is_within(address, &entry))
        })
}

/// Whether an address is in a network, bit by bit.
fn is_within(address: IpAddr, network: &str) -> bool {
    let Some((base, bits)) = network.split_once('/') else { return false };
    let (Ok(base), Ok(bits)) = (base.parse::<IpAddr>(), bits.parse::<usize>()) else {
        return false;
    };
    let digits = |address: IpAddr| match address {
        IpAddr::V4(v4) => format!("{:032b}", v4.to_bits()),
        IpAddr::V6(v6) => format!("{:0128b}", v6.to_bits()),
    };
    let (one, other) = (digits(address), digits(base));
    one.len() == other.len() && one[..bits] == other[..bits]
}

/// Who is connected to for a request to `at`, and at which port.
pub(super) fn first_place(via: Option<&Via>, at: Origin) -> (Place, u16) {
    match via {
        Some(via) => (Place::Proxy(via.proxy), via.host().port),
        None => (Place::Host(at.host), at.port),
    }
}

/// Whether a proxy cannot even be asked for this host: SOCKS 4 knows no IPv6.
pub(super) fn is_out_of_reach(via: &Via, at: Origin) -> bool {
    via.host().scheme.starts_with("socks4") && HOSTS[at.host].name.starts_with('[')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(is_tls: bool, host: usize, port: u16) -> Origin {
        Origin { is_tls, host, port }
    }

    #[test]
    fn no_proxy_names_hosts_ends_ports_and_networks() {
        let rows = [
            ("a.test", at(false, 1, 80), true),
            ("ila.test", at(false, 5, 80), false),
            ("www.a.test:80", at(false, 1, 8080), false),
            ("192.0.2.0/24", at(false, 4, 80), true),
            ("203.0.113.0/24", at(false, 4, 80), false),
            ("2001:db8::/32", at(true, 9, 443), true),
            ("a.test", at(false, 8, 80), false),
            ("b.test:443, .a.test", at(true, 0, 443), true),
        ];
        for (list, at, want) in rows {
            assert_eq!(is_exempt(list, at), want, "{list} {at}");
        }
    }

    #[test]
    fn the_call_goes_before_the_session_key_by_key() {
        let ways = Ways {
            vias: vec![Via { proxy: 0, login: None }, Via { proxy: 1, login: None }],
            session: vec![("http".into(), Some(0)), ("all".into(), None)],
            environment: vec![("all".into(), Some(1))],
            ..Ways::default()
        };
        let call = |key: &str, via| Said::These(vec![(key.into(), via)]);
        let rows = [
            (Said::Nothing, at(false, 0, 80), Some(0)),
            (Said::Nothing, at(true, 0, 443), None),
            (Said::Direct, at(false, 0, 80), None),
            (call("http", None), at(false, 0, 80), None),
            (call("all", Some(1)), at(true, 0, 443), Some(1)),
            (call("all", Some(1)), at(false, 0, 80), Some(0)),
        ];
        for (said, at, want) in rows {
            assert_eq!(ways.choose(&said, at), want, "{said:?} {at}");
        }
    }
}
