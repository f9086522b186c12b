//! The site of a host: its registrable domain, by which the jar is divided.
//!
//! With the feature `public-suffix` the compiled-in list of publicsuffix.org says what a public
//! suffix is, and what it does not name is one if it is a single label. Without the feature single
//! labels are the only ones; then `co.uk` is taken for a site, and hosts under it share cookies if
//! they ask to.

use core::net::{IpAddr, Ipv4Addr};

/// Where in a host name its site begins; computed once for a request that is sent more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// Begin of the registrable domain; 0 if the whole host is its own site.
    start: usize,
    /// Begin of the public suffix.
    suffix: usize,
    kind: HostKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HostKind {
    Name,
    Address,
}

impl Site {
    /// The site of `host`, which is in lower case and without a port; an IPv6 address has brackets.
    ///
    /// The site of an address, and of a host that is itself a public suffix, is the whole host.
    #[must_use]
    pub fn of(host: &str) -> Self {
        if is_address(host) {
            return Self { start: 0, suffix: 0, kind: HostKind::Address };
        }
        let suffix = suffix_start(host);
        let start = registrable_start(host, suffix).unwrap_or(0);
        Self { start, suffix, kind: HostKind::Name }
    }

    /// The site's name within the host that it was made from.
    #[must_use]
    pub fn name(self, host: &str) -> &str {
        host.get(self.start..).unwrap_or(host)
    }

    /// Whether the host is an IP address: it has no domain above it.
    pub(super) fn is_address(self) -> bool {
        self.kind == HostKind::Address
    }

    /// The names above the public suffix that have two labels at least.
    ///
    /// A suffix may lie below a registrable domain (`s3.amazonaws.com` below `amazonaws.com`): a
    /// cookie put in by hand for the upper one goes to hosts of the lower.
    pub(super) fn above(self, host: &str) -> impl Iterator<Item = &str> {
        let suffix = match self.kind {
            HostKind::Name => host.get(self.suffix..).unwrap_or_default(),
            HostKind::Address => "",
        };
        core::iter::successors(parent(suffix), |name| parent(name))
            .take_while(|name| name.trim_end_matches('.').contains('.'))
    }
}

/// The name without its first label.
fn parent(name: &str) -> Option<&str> {
    name.split_once('.').map(|(_, parent)| parent)
}

/// Whether `host` is an IP address, bracketed or not.
pub(super) fn is_address(host: &str) -> bool {
    if host.starts_with('[') {
        return true;
    }
    let numeric = host.bytes().last().is_some_and(|byte| byte.is_ascii_digit());
    (numeric && host.parse::<Ipv4Addr>().is_ok())
        || (host.contains(':') && host.parse::<IpAddr>().is_ok())
}

/// The registrable domain of `domain`; none for an address, a public suffix or an empty name.
pub(super) fn registrable(domain: &str) -> Option<&str> {
    if is_address(domain) {
        return None;
    }
    domain.get(registrable_start(domain, suffix_start(domain))?..)
}

/// The begin of the last label before the suffix that begins at `suffix`.
fn registrable_start(host: &str, suffix: usize) -> Option<usize> {
    let before = host.get(..suffix.checked_sub(1)?)?;
    if before.is_empty() {
        return None;
    }
    Some(before.rfind('.').map_or(0, |dot| dot.saturating_add(1)))
}

/// The begin of the public suffix of `host`, a final dot being part of it.
#[cfg(feature = "public-suffix")]
fn suffix_start(host: &str) -> usize {
    let suffix = psl::suffix(host.as_bytes()).map_or(0, |suffix| suffix.as_bytes().len());
    if suffix == 0 { 0 } else { host.len().saturating_sub(suffix) }
}

/// The begin of the last label of `host`, a final dot being part of it.
#[cfg(not(feature = "public-suffix"))]
fn suffix_start(host: &str) -> usize {
    let name = host.strip_suffix('.').unwrap_or(host);
    name.rfind('.').map_or(0, |dot| dot.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_site_is_the_registrable_domain() {
        let rows = [
            ("a.test", "a.test"),
            ("x.y.example.com", "example.com"),
            ("x.example.com.", "example.com."),
            ("localhost", "localhost"),
            ("192.0.2.1", "192.0.2.1"),
            ("[::1]", "[::1]"),
            ("com", "com"),
            ("", ""),
            (".", "."),
            ("..", ".."),
        ];
        for (host, want) in rows {
            assert_eq!(Site::of(host).name(host), want, "{host}");
        }
        assert_eq!(registrable("com"), None);
        assert_eq!(registrable("192.0.2.1"), None);
        assert_eq!(registrable("::1"), None);
    }

    #[cfg(feature = "public-suffix")]
    #[test]
    fn the_list_knows_longer_suffixes() {
        use alloc::vec::Vec;

        let rows = [
            ("x.shop.co.uk", "shop.co.uk", Vec::new()),
            ("co.uk", "co.uk", Vec::new()),
            ("a.b.s3.amazonaws.com", "b.s3.amazonaws.com", Vec::from(["amazonaws.com"])),
        ];
        for (host, want, above) in rows {
            assert_eq!(Site::of(host).name(host), want, "{host}");
            assert_eq!(Site::of(host).above(host).collect::<Vec<_>>(), above, "{host}");
        }
        assert_eq!(registrable("co.uk"), None);
        assert_eq!(registrable("co.uk."), None);
    }
}
