//! Whether a host is one that no proxy of the environment is for.
//!
//! Source: `should_bypass_proxies` in requests 2.34.2, `utils.py`; `proxy_bypass_environment` in
//! CPython 3.11, `urllib/request.py`.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use core::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::planted::Plant;

/// Whether the proxies of the environment are passed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bypass<'a> {
    /// No: no entry of the list fits.
    No,
    /// Yes: this entry fits.
    Entry(&'a str),
    /// Yes: the list is `*`.
    All,
    /// Yes: the URL has no host.
    NoHost,
}

/// Whether the proxies of the environment are passed by for a URL, given the NO_PROXY list.
///
/// The list has entries between commas; blanks do not count, nor does case. An entry is a host, a
/// host and a port, or a network in CIDR notation of IPv4 or IPv6. A host, with or without a dot
/// before it, fits itself and all names that end in it after a dot. The port is compared with
/// the one the URL means, given or by default. `*` counts alone only.
#[must_use]
pub fn should_bypass_proxies<'a>(url: &Url, no_proxy: &'a str) -> Bypass<'a> {
    let Some(host) = url.host() else { return Bypass::NoHost };
    if no_proxy.trim() == "*" {
        return Bypass::All;
    }
    let place = Place::new(&host, url.port_or_known_default());
    let fitting = no_proxy.split(',').map(str::trim).find(|entry| place.fits(entry));
    fitting.map_or(Bypass::No, Bypass::Entry)
}

/// Host and port of a URL, in the ways in which entries may name them.
struct Place {
    name: String,
    /// Not for IPv4: an address with a port fits nothing in requests.
    name_and_port: Option<String>,
    address: Address,
}

enum Address {
    None,
    V4(Ipv4Addr),
    V6(Ipv6Addr),
}

impl Place {
    fn new(host: &Host<&str>, port: Option<u16>) -> Self {
        let (name, address) = match *host {
            Host::Domain(name) => (name.to_string(), Address::None),
            Host::Ipv4(ip) => (ip.to_string(), Address::V4(ip)),
            Host::Ipv6(ip) => (ip.to_string(), Address::V6(ip)),
        };
        let name_and_port = match address {
            Address::V4(_) => None,
            Address::None | Address::V6(_) => port.map(|port| format!("{name}:{port}")),
        };
        Self { name, name_and_port, address }
    }

    fn fits(&self, entry: &str) -> bool {
        let entry = match entry.contains(' ') {
            true => Cow::Owned(entry.replace(' ', "")),
            false => Cow::Borrowed(entry),
        };
        let in_network = match self.address {
            Address::None => false,
            Address::V4(ip) => in_ipv4_network(ip, &entry),
            Address::V6(ip) => in_ipv6_network(ip, &entry),
        };
        let suffix = entry.trim_start_matches('.');
        in_network
            || is_within(&self.name, suffix)
            || self.name_and_port.as_deref().is_some_and(|name| is_within(name, suffix))
    }
}

/// Whether `name` is `suffix` or ends in it after a dot.
fn is_within(name: &str, suffix: &str) -> bool {
    let (name, suffix) = (name.as_bytes(), suffix.as_bytes());
    let Some((head, tail)) =
        name.len().checked_sub(suffix.len()).and_then(|at| name.split_at_checked(at))
    else {
        return false;
    };
    !suffix.is_empty()
        && tail.eq_ignore_ascii_case(suffix)
        && (head.is_empty() || head.ends_with(b".") || Plant::NoProxyWithoutDot.is_on())
}

/// Whether `network`, an address, a slash and 1 to 32, contains `ip`.
fn in_ipv4_network(ip: Ipv4Addr, network: &str) -> bool {
    let Some((base, bits)) = network.split_once('/') else { return false };
    let Ok(Host::Ipv4(base)) = Host::parse(base) else { return false };
    let Some(shift) = host_bits(bits, 32) else { return false };
    let prefix = |ip: Ipv4Addr| u32::from(ip).checked_shr(shift);
    prefix(ip) == prefix(base)
}

/// Whether `network`, an address, perhaps with a slash and 1 to 128, contains `ip`.
fn in_ipv6_network(ip: Ipv6Addr, network: &str) -> bool {
    let (base, bits) = network.split_once('/').unwrap_or((network, "128"));
    let Ok(base) = base.parse::<Ipv6Addr>() else { return false };
    let Some(shift) = host_bits(bits, 128) else { return false };
    let prefix = |ip: Ipv6Addr| u128::from(ip).checked_shr(shift);
    prefix(ip) == prefix(base)
}

/// How many bits of an address of `width` bits a network leaves to its hosts; less than `width`.
fn host_bits(bits: &str, width: u32) -> Option<u32> {
    let bits: u32 = bits.parse().ok()?;
    width.checked_sub(bits).filter(|_| bits > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_ports_and_networks_are_passed_by() {
        let rows = [
            ("http://a.test/", "b.test, a.test", Bypass::Entry("a.test")),
            ("http://x.a.test/", ".A.test", Bypass::Entry(".A.test")),
            ("http://xa.test/", "a.test", Bypass::No),
            ("http://a.test./", "a.test", Bypass::No),
            ("http://a.test/", "a.test:80", Bypass::Entry("a.test:80")),
            ("https://x.a.test/", "a.test:443", Bypass::Entry("a.test:443")),
            ("http://a.test:81/", "a.test:80", Bypass::No),
            ("http://1.2.3.4/", "1.2.3.4", Bypass::Entry("1.2.3.4")),
            ("http://0x01020304/", "1.2.3.4", Bypass::Entry("1.2.3.4")),
            ("http://1.2.3.4/", "1.2.3", Bypass::No),
            ("http://1.2.3.4/", "1.2.0.0/16", Bypass::Entry("1.2.0.0/16")),
            ("http://1.3.3.4/", "1.2.0.0/16", Bypass::No),
            ("http://1.2.3.4/", "0.0.0.0/0", Bypass::No),
            ("http://1.2.3.4/", "1.2.3.4/33", Bypass::No),
            ("http://a.test/", "1.2.0.0/16", Bypass::No),
            ("http://[::1]/", "0:0::1", Bypass::Entry("0:0::1")),
            ("http://[fd00::2]/", "fd00::/8", Bypass::Entry("fd00::/8")),
            ("http://[fe00::2]/", "fd00::/8", Bypass::No),
            ("http://[::1]/", "::1/129", Bypass::No),
            ("http://a.test/", " * ", Bypass::All),
            ("http://a.test/", "*,b.test", Bypass::No),
            ("http://a.test/", "*.test", Bypass::No),
            ("http://a.test/", ",. ,", Bypass::No),
            ("http://a.test/", "", Bypass::No),
            ("file:///x", "", Bypass::NoHost),
        ];
        for (url, list, want) in rows {
            let url = Url::parse(url).unwrap();
            assert_eq!(should_bypass_proxies(&url, list), want, "{url} {list:?}");
        }
    }
}
