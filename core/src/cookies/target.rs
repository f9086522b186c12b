//! Whether a cookie goes along with a request.
//!
//! Source: RFC 6265bis sections 5.1.3 (domain-match), 5.1.4 (path-match) and 5.8.3.

use url::Url;

use super::cookie::{Cookie, Reach};
use super::site::Site;
use crate::WallTime;
use crate::planted::Plant;

/// How a request travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// In the clear.
    Plain,
    /// Over TLS.
    Secure,
}

impl Transport {
    /// That of `url`. A loopback address makes no difference: `http` is in the clear.
    #[must_use]
    pub fn of(url: &Url) -> Self {
        if matches!(url.scheme(), "https" | "wss") { Self::Secure } else { Self::Plain }
    }
}

/// What of a request matters to cookies. The `Host` header does not.
#[derive(Clone, Copy, Debug)]
pub struct Target<'u> {
    /// The URL's host, in lower case; an IPv6 address in brackets.
    pub host: &'u str,
    /// The URL's path, escaped.
    pub path: &'u str,
    /// The port that is connected to.
    pub port: Option<u16>,
    /// Whether TLS is used.
    pub transport: Transport,
    /// The site of `host`.
    pub site: Site,
}

impl<'u> Target<'u> {
    /// What `url` says.
    #[must_use]
    pub fn of(url: &'u Url) -> Self {
        Self::with_site(url, Site::of(url.host_str().unwrap_or_default()))
    }

    /// The same with the site of its host computed before.
    #[must_use]
    pub fn with_site(url: &'u Url, site: Site) -> Self {
        Self {
            host: url.host_str().unwrap_or_default(),
            path: url.path(),
            port: url.port_or_known_default(),
            transport: Transport::of(url),
            site,
        }
    }
}

/// Whether a cookie goes along, or why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It goes along.
    Sent,
    /// It belongs to another host or domain.
    OtherDomain,
    /// It belongs to another path.
    OtherPath,
    /// It is bound to another port.
    OtherPort,
    /// It goes over TLS only.
    NotSecure,
    /// Its time has come.
    Expired,
}

/// Whether `cookie` goes along with a request to `target` at `now`.
#[must_use]
pub fn fits(cookie: &Cookie, target: &Target<'_>, now: WallTime) -> Fit {
    if !is_domain_match(cookie, target) {
        Fit::OtherDomain
    } else if !is_path_match(&cookie.path, target.path) {
        Fit::OtherPath
    } else if cookie.secure && target.transport == Transport::Plain && !Plant::SecureInClear.is_on()
    {
        Fit::NotSecure
    } else if cookie.is_expired(now) && !Plant::ExpiredSent.is_on() {
        Fit::Expired
    } else if !is_port_match(cookie.port(), target.port) {
        Fit::OtherPort
    } else {
        Fit::Sent
    }
}

fn is_domain_match(cookie: &Cookie, target: &Target<'_>) -> bool {
    let domain = cookie.bare_domain();
    match cookie.reach {
        Reach::Everywhere => true,
        Reach::Host => target.host == domain,
        Reach::Subdomains => {
            target.host == domain || (!target.site.is_address() && is_below(target.host, domain))
        }
    }
}

/// Whether `host` ends with a dot and `domain`.
pub(super) fn is_below(host: &str, domain: &str) -> bool {
    let rest = host.strip_suffix(domain);
    rest.is_some_and(|rest| rest.ends_with('.') || Plant::CookieSuffixWithoutDot.is_on())
}

/// Whether `path` is `cookie` or lies below it.
pub(super) fn is_path_match(cookie: &str, path: &str) -> bool {
    let path = if path.is_empty() { "/" } else { path };
    path.strip_prefix(cookie)
        .filter(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
        .is_some()
        || path.starts_with(cookie) && Plant::PathByPrefix.is_on()
}

fn is_port_match(ports: Option<&str>, port: Option<u16>) -> bool {
    ports.is_none_or(|ports| {
        ports.is_empty() || ports.split(',').any(|one| one.trim().parse().ok() == port)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cookie: &Cookie, url: &str, want: Fit) {
        let url = Url::parse(url).unwrap();
        let got = fits(cookie, &Target::of(&url), WallTime::from_unix_seconds(100));
        assert_eq!(got, want, "{cookie:?} to {url}");
    }

    #[test]
    fn a_domain_covers_whole_labels() {
        let cookie = Cookie::new("a", "1").with_domain(".ample.com");
        check(&cookie, "http://ample.com/", Fit::Sent);
        check(&cookie, "http://x.ample.com/", Fit::Sent);
        check(&cookie, "http://example.com/", Fit::OtherDomain);
        check(&cookie, "http://ample.com./", Fit::OtherDomain);
        let host = Cookie { reach: Reach::Host, ..cookie };
        check(&host, "http://ample.com/", Fit::Sent);
        check(&host, "http://x.ample.com/", Fit::OtherDomain);
        let address = Cookie::new("a", "1").with_domain("2.1");
        check(&address, "http://192.0.2.1/", Fit::OtherDomain);
    }

    #[test]
    fn a_path_covers_what_lies_below_it() {
        let rows = [
            ("/", "/x", true),
            ("/x", "/x", true),
            ("/x", "/x/y", true),
            ("/x", "/xy", false),
            ("/x/", "/x", false),
            ("/x/", "/x/y", true),
            ("/X", "/x", false),
            ("x", "/x", false),
            ("", "/x", true),
        ];
        for (cookie, path, want) in rows {
            assert_eq!(is_path_match(cookie, path), want, "{cookie} {path}");
        }
    }

    #[test]
    fn security_expiry_and_port_are_held_to() {
        let cookie = Cookie::new("a", "1");
        check(&cookie.clone().with_secure(true), "http://localhost/", Fit::NotSecure);
        check(&cookie.clone().with_secure(true), "https://localhost/", Fit::Sent);
        check(
            &cookie.clone().with_expires(WallTime::from_unix_seconds(100)),
            "http://a/",
            Fit::Expired,
        );
        check(
            &cookie.clone().with_expires(WallTime::from_unix_seconds(101)),
            "http://a/",
            Fit::Sent,
        );
        check(&cookie.clone().with_port("81, 443"), "https://a/", Fit::Sent);
        check(&cookie.with_port("81"), "https://a/", Fit::OtherPort);
    }
}
