//! Proxy settings as mappings, as requests has them.
//!
//! Source: `select_proxy`, `get_environ_proxies` and `resolve_proxies` in requests 2.34.2,
//! `utils.py`.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use url::{Host, Url};

use crate::environment::Trusted;
use crate::environment::proxy::Proxy;
use crate::policy::bypass::{Bypass, should_bypass_proxies};

/// The key under which settings may have a NO_PROXY list of their own.
const NO_PROXY: &str = "no_proxy";

/// Proxies by key: `http://host`, `http`, `all://host`, `all`, in this order of precedence.
///
/// Keys are in lower case, hosts without port and brackets. Under `no_proxy` there may be a list
/// of hosts that the environment's proxies are not for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    entries: Vec<(String, Option<Proxy>)>,
}

impl Proxies {
    /// No proxies.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Sets the proxy of a key; `None` turns it off. Bad text is reported when it is used.
    pub fn set(&mut self, key: impl Into<String>, text: Option<&str>) {
        self.put(key.into(), text.map(Proxy::new));
    }

    fn put(&mut self, key: String, proxy: Option<Proxy>) {
        match self.entries.iter_mut().find(|(k, _)| *k == key) {
            Some((_, place)) => *place = proxy,
            None => self.entries.push((key, proxy)),
        }
    }

    /// What is set for a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Entry<'_> {
        match self.entries.iter().find(|(k, _)| k == key) {
            None => Entry::Absent,
            Some((key, None)) => Entry::Off { key },
            Some((key, Some(proxy))) => Entry::Via { key, proxy },
        }
    }

    /// The keys and proxies in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, Option<&Proxy>)> {
        self.entries.iter().map(|(key, proxy)| (key.as_str(), proxy.as_ref()))
    }

    /// The list of hosts under `no_proxy`.
    #[must_use]
    pub fn no_proxy(&self) -> Option<&str> {
        match self.get(NO_PROXY) {
            Entry::Via { proxy, .. } => Some(proxy.text().reveal()),
            Entry::Off { .. } | Entry::Absent => None,
        }
    }

    /// These over those of the session; what is off stays listed, as off.
    #[must_use]
    pub fn over(&self, session: &Self) -> Self {
        let mut merged = session.clone();
        for (key, proxy) in &self.entries {
            merged.put(key.clone(), proxy.clone());
        }
        merged
    }

    /// Adds what is not set yet.
    pub fn set_default(&mut self, key: &str, proxy: &Proxy) {
        if self.get(key) == Entry::Absent {
            self.put(key.into(), Some(proxy.clone()));
        }
    }
}

impl<K: Into<String>, V: AsRef<str>> FromIterator<(K, Option<V>)> for Proxies {
    fn from_iter<I: IntoIterator<Item = (K, Option<V>)>>(pairs: I) -> Self {
        let mut proxies = Self::new();
        for (key, text) in pairs {
            proxies.set(key, text.as_ref().map(AsRef::as_ref));
        }
        proxies
    }
}

/// What settings say under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry<'a> {
    /// Nothing.
    Absent,
    /// No proxy.
    Off {
        /// The key.
        key: &'a str,
    },
    /// This proxy; empty text means none.
    Via {
        /// The key.
        key: &'a str,
        /// The proxy.
        proxy: &'a Proxy,
    },
}

/// The keys that may name the proxy of a URL, the first that is set counting.
#[must_use]
pub fn keys(url: &Url) -> Vec<String> {
    let scheme = url.scheme();
    let host = match url.host() {
        None => return [scheme, "all"].map(String::from).into(),
        Some(Host::Ipv6(ip)) => ip.to_string(),
        Some(host) => host.to_string(),
    };
    [
        alloc::format!("{scheme}://{host}"),
        scheme.into(),
        alloc::format!("all://{host}"),
        "all".into(),
    ]
    .into()
}

/// What settings say about a URL.
///
/// Source: `select_proxy` in requests, `utils.py`.
#[must_use]
pub fn select_proxy<'a>(url: &Url, proxies: &'a Proxies) -> Entry<'a> {
    let said = |key: &String| Some(proxies.get(key)).filter(|entry| *entry != Entry::Absent);
    keys(url).iter().find_map(said).unwrap_or(Entry::Absent)
}

/// The proxies of the environment for a URL, `no` among them; none if it passes them by.
///
/// Source: `get_environ_proxies` in requests, `utils.py`.
#[must_use]
pub fn get_environ_proxies(url: &Url, no_proxy: Option<&str>, environment: Trusted<'_>) -> Proxies {
    let list = no_proxy.or(environment.no_proxy().map(|variable| variable.value.as_str()));
    let mut proxies = Proxies::new();
    if should_bypass_proxies(url, list.unwrap_or_default()) == Bypass::No {
        for variable in environment.proxies() {
            proxies.set_default(&variable.scheme, &variable.proxy);
        }
    }
    proxies
}

/// The settings, and under the URL's scheme the environment's proxy if nothing is set there.
///
/// It lists what each key says; which one is taken is for [`choose`](super::proxy::choose) to
/// say, which takes any setting before the environment.
///
/// Source: `resolve_proxies` in requests, `utils.py`.
#[must_use]
pub fn resolve_proxies(url: &Url, proxies: &Proxies, environment: Trusted<'_>) -> Proxies {
    let found = get_environ_proxies(url, proxies.no_proxy(), environment);
    let mut resolved = proxies.clone();
    for key in [url.scheme(), "all"] {
        if let Entry::Via { proxy, .. } = found.get(key) {
            resolved.set_default(url.scheme(), proxy);
            break;
        }
    }
    resolved
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::{Environment, Trust};

    type Pairs = [(&'static str, &'static str)];

    fn proxies(pairs: &Pairs) -> Proxies {
        pairs.iter().map(|(key, text)| (*key, Some(*text))).collect()
    }

    #[test]
    fn the_most_specific_key_counts() {
        let all = [
            ("all", "http://p4"),
            ("all://a.test", "http://p3"),
            ("http", "http://p2"),
            ("http://a.test", "http://p1"),
            ("all://::1", "http://p5"),
        ];
        let rows = [
            ("http://u:p@A.test:81/", "http://a.test"),
            ("http://b.test/", "http"),
            ("https://a.test/", "all://a.test"),
            ("https://[::1]/", "all://::1"),
            ("https://b.test/", "all"),
            ("file:///x", "all"),
        ];
        let given = proxies(&all);
        for (url, want) in rows {
            let entry = select_proxy(&Url::parse(url).unwrap(), &given);
            let Entry::Via { key, .. } = entry else { panic!("{url}: {entry:?}") };
            assert_eq!(key, want, "{url}");
        }
    }

    #[test]
    fn a_key_that_is_off_hides_the_less_specific_ones() {
        let mut given = proxies(&[("all", "http://p")]);
        given.set("http", None);
        let check = |url| select_proxy(&Url::parse(url).unwrap(), &given);
        assert_eq!(check("http://a/"), Entry::Off { key: "http" });
        assert!(matches!(check("https://a/"), Entry::Via { key: "all", .. }));
    }

    #[test]
    fn the_environment_fills_in_only_the_scheme_and_only_where_it_may() {
        let variables =
            [("http_proxy", "http://e1"), ("all_proxy", "http://e2"), ("no_proxy", "n.test")];
        let environment = Environment::new(variables, None);
        let rows: &[(&str, &Pairs, &Pairs)] = &[
            ("http://a/", &[], &[("http", "http://e1")]),
            ("https://a/", &[], &[("https", "http://e2")]),
            ("http://a/", &[("http", "http://p")], &[("http", "http://p")]),
            ("http://n.test/", &[], &[]),
            ("http://n.test/", &[("no_proxy", "x")], &[("no_proxy", "x"), ("http", "http://e1")]),
        ];
        for (url, given, want) in rows {
            let url = Url::parse(url).unwrap();
            let got = resolve_proxies(&url, &proxies(given), environment.trusted(Trust::ALL));
            assert_eq!(got, proxies(want), "{url} {given:?}");
            let got = resolve_proxies(&url, &proxies(given), Trusted::nothing());
            assert_eq!(got, proxies(given), "{url} {given:?}");
        }
    }
}
