//! Which addresses may be connected to: a guard against requests that are led to hosts within.
//!
//! Source: the special-purpose address registries of IANA (RFC 6890), of 2025.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which addresses may be connected to.
///
/// It holds for every hop and every address that a name resolves to, and for addresses in URLs,
/// also where a proxy makes the connection. Proxies themselves, and what
/// [`connect_to`](crate::shared::Shared::connect_to) names, are the caller's word and always
/// allowed. What names a *proxy* looks up is for the proxy to guard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Addresses {
    /// All.
    #[default]
    Any,
    /// Those of the public internet: none that is private, loopback, link-local, shared,
    /// documentation, benchmarking, multicast, broadcast, or reserved.
    Public,
}

/// Why an address may not be connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPublic {
    /// The address.
    pub address: IpAddr,
    /// What it is for.
    pub kind: Kind,
}

/// What an address that is not public is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The host itself.
    Loopback,
    /// A network that is not on the internet.
    Private,
    /// The link alone; cloud hosts have their metadata there.
    LinkLocal,
    /// Many hosts at once.
    Multicast,
    /// Nothing that can be connected to: unspecified, documentation, benchmarks, reserved.
    Special,
}

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Loopback => "loopback",
            Kind::Private => "private",
            Kind::LinkLocal => "link-local",
            Kind::Multicast => "multicast",
            Kind::Special => "reserved",
        };
        write!(f, "{} is a {kind} address, and the session allows public ones only", self.address)
    }
}

impl core::error::Error for NotPublic {}

impl Addresses {
    /// Whether an address may be connected to.
    ///
    /// # Errors
    /// What it is if not. An IPv4 address within an IPv6 one counts as itself.
    pub fn check(self, address: IpAddr) -> Result<(), NotPublic> {
        let kind = match (self, address) {
            (Self::Any, _) => None,
            (Self::Public, IpAddr::V4(v4)) => kind4(v4),
            (Self::Public, IpAddr::V6(v6)) => kind6(v6),
        };
        kind.map_or(Ok(()), |kind| Err(NotPublic { address, kind }))
    }
}

const fn kind4(address: Ipv4Addr) -> Option<Kind> {
    Some(match address.octets() {
        [127, ..] => Kind::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Kind::Private,
        [169, 254, ..] => Kind::LinkLocal,
        [224..=239, ..] => Kind::Multicast,
        [0 | 240..=255, ..] | [192, 0, 0 | 2, _] | [198, 18..=19, ..] => Kind::Special,
        [198, 51, 100, _] | [203, 0, 113, _] | [192, 88, 99, _] => Kind::Special,
        _ => return None,
    })
}

fn kind6(address: Ipv6Addr) -> Option<Kind> {
    let segments = address.segments();
    let [high, low] = [segments[6], segments[7]];
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        kind4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        [0, 0, 0, 0, 0, 0, 0, 1] => Some(Kind::Loopback),
        [0, 0, 0, 0, 0, 0, 0, 0] => Some(Kind::Special),
        // IPv4 addresses in IPv6: mapped, compatible, translated (RFC 6052), 6to4.
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => embedded(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => embedded(high, low),
        [0x2002, one, two, ..] => embedded(one, two),
        [0x64, 0xff9b, 1, ..] | [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => {
            Some(Kind::Private)
        }
        [0xfe80..=0xfebf, ..] => Some(Kind::LinkLocal),
        [0xff00..=0xffff, ..] => Some(Kind::Multicast),
        // Benchmarks, ORCHID, Teredo and the rest of 2001::/23; documentation; discard; segments.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => {
            Some(Kind::Special)
        }
        [0x100, 0, 0, ..] | [0x5f00, ..] => Some(Kind::Special),
        // Only 2000::/3 is given out.
        [0x2000..=0x3fff, ..] => None,
        _ => Some(Kind::Special),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_pass_the_guard() {
        use Kind::{LinkLocal, Loopback, Multicast, Private, Special};
        let rows = [
            ("1.1.1.1", None),
            ("9.255.255.255", None),
            ("11.0.0.0", None),
            ("172.15.255.255", None),
            ("172.32.0.0", None),
            ("100.63.255.255", None),
            ("192.167.1.1", None),
            ("2606:4700::1111", None),
            ("::ffff:1.1.1.1", None),
            ("64:ff9b::1.1.1.1", None),
            ("127.0.0.1", Some(Loopback)),
            ("127.255.255.255", Some(Loopback)),
            ("::1", Some(Loopback)),
            ("::ffff:127.0.0.1", Some(Loopback)),
            ("::127.0.0.1", Some(Loopback)),
            ("64:ff9b::127.0.0.1", Some(Loopback)),
            ("2002:7f00:1::", Some(Loopback)),
            ("10.0.0.1", Some(Private)),
            ("172.16.0.1", Some(Private)),
            ("172.31.255.255", Some(Private)),
            ("192.168.0.1", Some(Private)),
            ("100.64.0.1", Some(Private)),
            ("fd00::1", Some(Private)),
            ("fec0::1", Some(Private)),
            ("169.254.169.254", Some(LinkLocal)),
            ("fe80::1", Some(LinkLocal)),
            ("::ffff:169.254.169.254", Some(LinkLocal)),
            ("224.0.0.1", Some(Multicast)),
            ("ff02::1", Some(Multicast)),
            ("0.0.0.0", Some(Special)),
            ("255.255.255.255", Some(Special)),
            ("192.0.2.1", Some(Special)),
            ("198.18.0.1", Some(Special)),
            ("203.0.113.9", Some(Special)),
            ("::", Some(Special)),
            ("2001:db8::1", Some(Special)),
            ("2001::1", Some(Special)),
            ("4000::1", Some(Special)),
        ];
        for (text, want) in rows {
            let address: IpAddr = text.parse().unwrap();
            let got = Addresses::Public.check(address).map_err(|refused| refused.kind).err();
            assert_eq!(got, want, "{text}");
            assert_eq!(Addresses::Any.check(address), Ok(()), "{text}");
        }
    }
}
