//! Whether a cookie that a response sets is taken, and what it then is.
//!
//! Source: RFC 6265bis section 5.7. Domains are canonicalised and matched, and default paths
//! computed, by `cookie_store`.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

use cookie_store::{CookieDomain, CookiePath};
use url::Url;

use super::cookie::{Cookie, Naming, Reach};
use super::set_cookie::SetCookie;
use super::site::{self, Site};
use super::target::{Transport, is_below, is_path_match};
use super::{Limits, Target};
use crate::planted::Plant;
use crate::{Secret, WallTime};

/// Why a cookie is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// A control character other than TAB in the line.
    ControlCharacter,
    /// Neither a name nor a value.
    Empty,
    /// Name and value are longer than [`Limits::pair_bytes_max`].
    TooLarge,
    /// More lines in one response than [`Limits::response_max`].
    TooMany,
    /// The URL that answered has no host.
    NoHost,
    /// The host that answered begins with a dot, which in a jar stands for a whole domain. No name
    /// server knows such a name; only a redirect leads there.
    DottedHost,
    /// `Domain` is not ASCII or no domain name.
    BadDomain,
    /// `Domain` neither is the host nor lies above it.
    DomainMismatch,
    /// `Domain` is not the whole of the IP address that answered.
    IpAddress,
    /// `Domain` is a public suffix, or lies above the host's own.
    PublicSuffix,
    /// `Secure` from a host that was not asked over TLS.
    SecureFromPlain,
    /// `__Secure-` in the name, without `Secure`.
    SecurePrefix,
    /// `__Host-` in the name, without `Secure` and `Path=/`, or with `Domain`.
    HostPrefix,
    /// It came in the clear and would hide a `Secure` cookie of the same name.
    SecureOverlay,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ControlCharacter => "control character in the line",
            Self::Empty => "neither name nor value",
            Self::TooLarge => "name and value too long",
            Self::TooMany => "too many cookies in one response",
            Self::NoHost => "set by a URL without a host",
            Self::DottedHost => "set by a host that begins with a dot",
            Self::BadDomain => "domain is no domain name",
            Self::DomainMismatch => "domain does not cover the host",
            Self::IpAddress => "domain is not the whole IP address",
            Self::PublicSuffix => "domain is a public suffix",
            Self::SecureFromPlain => "secure cookie set in the clear",
            Self::SecurePrefix => "prefix __Secure- without Secure",
            Self::HostPrefix => "prefix __Host- without Secure and Path=/, or with Domain",
            Self::SecureOverlay => "would hide a secure cookie",
        })
    }
}

impl core::error::Error for Refusal {}

/// The cookie that `line`, a `Set-Cookie` value in the answer of `url`, makes at `now`.
///
/// One that has expired already asks for the removal of its like. Whether it would hide a `Secure`
/// cookie depends on those that there are: [`overlays`].
///
/// # Errors
/// Why it is not taken.
pub fn accept(line: &[u8], url: &Url, now: WallTime, limits: &Limits) -> Result<Cookie, Refusal> {
    let set = SetCookie::parse(line, limits)?;
    let host = url.host_str().ok_or(Refusal::NoHost)?;
    if host.starts_with('.') {
        return Err(Refusal::DottedHost);
    }
    let (domain, reach) = domain(set.domain, host, url)?;
    let is_plain = Transport::of(url) == Transport::Plain;
    if set.secure && is_plain && !Plant::SecureFromClear.is_on() {
        return Err(Refusal::SecureFromPlain);
    }
    let path = String::from(CookiePath::new(&text(set.path.unwrap_or_default()), url));
    let (name, value, naming) = if set.name.is_empty() {
        (text(set.value), None, Naming::Nameless)
    } else {
        (text(set.name), Some(Secret::new(text(set.value))), Naming::Named)
    };
    // A nameless cookie is sent as its bare text, which must not look like a prefixed name.
    let begins = |prefix: &[u8]| {
        let name = name.as_bytes().get(..prefix.len());
        name.is_some_and(|name| name.eq_ignore_ascii_case(prefix))
    };
    let is_named = naming == Naming::Named;
    let begins = |prefix| begins(prefix) && !Plant::PrefixUnchecked.is_on();
    if begins(b"__Secure-") && !(is_named && set.secure) {
        return Err(Refusal::SecurePrefix);
    }
    let whole_host = reach == Reach::Host && set.path.is_some() && path == "/";
    if begins(b"__Host-") && !(is_named && set.secure && whole_host) {
        return Err(Refusal::HostPrefix);
    }
    let expires = expiry(&set, now, limits);
    Ok(Cookie {
        secure: set.secure,
        http_only: set.http_only,
        discard: expires.is_none(),
        same_site: set.same_site,
        path,
        domain,
        reach,
        value,
        naming,
        expires,
        ..Cookie::valueless(name)
    })
}

/// Whether `new`, which came in the clear, would hide the `Secure` cookie `old` from its hosts.
///
/// Source: RFC 6265bis section 5.7, "leave secure cookies alone".
#[must_use]
pub fn overlays(new: &Cookie, old: &Cookie) -> bool {
    let (below, above) = (new.bare_domain(), old.bare_domain());
    !Plant::SecureOverlaid.is_on()
        && old.secure
        && !new.secure
        && new.own_name() == old.own_name()
        && (below == above || is_below(below, above) || is_below(above, below))
        && is_path_match(&old.path, &new.path)
}

/// The domain of the cookie, with a leading dot if hosts below it are meant too.
fn domain(given: Option<&[u8]>, host: &str, url: &Url) -> Result<(String, Reach), Refusal> {
    let reach = if Plant::HostOnlyLost.is_on() { Reach::Subdomains } else { Reach::Host };
    let host_only = || Ok((host.to_owned(), reach));
    let dotted = |domain: &str| Ok(([".", domain].concat(), Reach::Subdomains));
    let given = given.unwrap_or_default();
    let given = core::str::from_utf8(given).ok().filter(|given| given.is_ascii());
    let given = given.ok_or(Refusal::BadDomain)?;
    let bare = given.strip_prefix('.').unwrap_or(given);
    let is_address = site::is_address(host);
    if is_address && bare.eq_ignore_ascii_case(host) {
        return dotted(host);
    }
    let domain = match CookieDomain::try_from(given) {
        Ok(CookieDomain::Empty | CookieDomain::NotPresent) => return host_only(),
        Ok(domain) => domain,
        Err(_) if is_address => return Err(Refusal::IpAddress),
        Err(_) => return Err(Refusal::BadDomain),
    };
    let name = String::from(&domain);
    let Some(site) = site::registrable(&name) else {
        if Plant::SuffixIgnored.is_on() && !is_address && domain.matches(url) {
            return dotted(&name);
        }
        // The host `localhost` may say `Domain=localhost`.
        return if name == host && !is_address { host_only() } else { Err(whole(is_address)) };
    };
    if is_address {
        Err(Refusal::IpAddress)
    } else if !domain.matches(url) && !Plant::DomainNotCompared.is_on() {
        Err(Refusal::DomainMismatch)
    } else if Site::of(host).name(host) != site {
        Err(Refusal::PublicSuffix)
    } else {
        dotted(&name)
    }
}

/// Why a domain that is no site is refused.
const fn whole(is_address: bool) -> Refusal {
    if is_address { Refusal::IpAddress } else { Refusal::PublicSuffix }
}

/// `Max-Age` before `Expires`, at most [`Limits::lifetime_max`] from now.
fn expiry(set: &SetCookie<'_>, now: WallTime, limits: &Limits) -> Option<WallTime> {
    let after = |seconds| match Plant::MaxAgeOverflows.is_on() {
        true => WallTime::from_unix_seconds(now.unix_seconds().wrapping_add(seconds)),
        false => WallTime::from_unix_seconds(now.unix_seconds().saturating_add(seconds)),
    };
    let expires = match set.max_age {
        Some(seconds) if seconds <= 0 => Some(WallTime::from_unix_millis(i64::MIN)),
        Some(seconds) => Some(after(seconds)),
        None => set.expires,
    };
    let lifetime = limits.lifetime_max.map(|span| i64::try_from(span.as_secs()));
    let latest = lifetime.map(|seconds| after(seconds.unwrap_or(i64::MAX)));
    expires.map(|expires| latest.map_or(expires, |latest| expires.min(latest)))
}

/// One character for each byte.
pub(super) fn text(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// Whether `new`, set by `target`, came in the clear and would hide `old`.
pub(super) fn is_overlay(new: &Cookie, old: &Cookie, target: &Target<'_>) -> bool {
    target.transport == Transport::Plain && overlays(new, old)
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;

    const NOW: WallTime = WallTime::from_unix_seconds(1_700_000_000);

    fn check(line: &str, url: &str, want: Result<(&str, &str), Refusal>) {
        let parsed = Url::parse(url).unwrap();
        let got = accept(line.as_bytes(), &parsed, NOW, &Limits::default());
        let got = got.as_ref().map(|cookie| (cookie.domain(), cookie.path())).map_err(|e| *e);
        assert_eq!(got, want, "{line} from {url}");
    }

    #[test]
    fn a_domain_covers_the_host_and_is_no_suffix() {
        let rows = [
            ("", Ok(("www.a.test", "/"))),
            ("; Domain=A.test", Ok((".a.test", "/"))),
            ("; Domain=.a.test", Ok((".a.test", "/"))),
            ("; Domain=..a.test", Err(Refusal::DomainMismatch)),
            ("; Domain=", Ok(("www.a.test", "/"))),
            ("; Domain=.", Ok(("www.a.test", "/"))),
            ("; Domain=a.test.", Err(Refusal::DomainMismatch)),
            ("; Domain=x.www.a.test", Err(Refusal::DomainMismatch)),
            ("; Domain=w.a.test", Err(Refusal::DomainMismatch)),
            ("; Domain=test", Err(Refusal::PublicSuffix)),
            ("; Domain=tést", Err(Refusal::BadDomain)),
        ];
        for (attribute, want) in rows {
            check(&["a=1", attribute].concat(), "http://www.a.test/x", want);
        }
    }

    #[test]
    fn a_host_that_begins_with_a_dot_sets_no_cookie() {
        for attribute in ["", "; Domain=a.test", "; Domain=.a.test", "; Domain=..a.test"] {
            for url in ["http://.a.test/", "https://..a.test/", "http://.a.test./", "http://./"] {
                check(&["a=1", attribute].concat(), url, Err(Refusal::DottedHost));
            }
        }
    }

    #[cfg(feature = "public-suffix")]
    #[test]
    fn nobody_sets_cookies_for_a_public_suffix() {
        let refused = Err(Refusal::PublicSuffix);
        check("a=1; Domain=co.UK", "http://a.co.uk/", refused);
        check("a=1; Domain=co.uk.", "http://a.co.uk./", refused);
        check("a=1; Domain=amazonaws.com", "http://x.s3.amazonaws.com/", refused);
        check("a=1; Domain=co.uk", "http://co.uk/", Ok(("co.uk", "/")));
    }

    #[test]
    fn addresses_match_whole() {
        check("a=1; Domain=192.0.2.1", "http://192.0.2.1/", Ok((".192.0.2.1", "/")));
        check("a=1; Domain=2.1", "http://192.0.2.1/", Err(Refusal::IpAddress));
        check("a=1; Domain=1", "http://192.0.2.1/", Err(Refusal::IpAddress));
        check("a=1; Domain=[::1]", "http://[::1]/", Ok((".[::1]", "/")));
        check("a=1; Domain=::1", "http://[::1]/", Err(Refusal::IpAddress));
        check("a=1", "http://[::1]/", Ok(("[::1]", "/")));
        check("a=1; Domain=localhost", "http://localhost/", Ok(("localhost", "/")));
    }

    #[test]
    fn secure_and_the_prefixes_want_tls() {
        let rows = [
            ("http", "a=1; Secure", Err(Refusal::SecureFromPlain)),
            ("https", "a=1; Secure", Ok(("a.test", "/d"))),
            ("https", "__secure-a=1", Err(Refusal::SecurePrefix)),
            ("https", "__Secure-a=1; Secure", Ok(("a.test", "/d"))),
            ("https", "__Host-a=1; Secure; Path=/", Ok(("a.test", "/"))),
            ("https", "__Host-a=1; Secure", Err(Refusal::HostPrefix)),
            ("https", "__Host-a=1; Secure; Path=/d", Err(Refusal::HostPrefix)),
            ("https", "__HOST-a=1; Path=/", Err(Refusal::HostPrefix)),
            ("https", "__Host-a=1; Secure; Path=/; Domain=a.test", Err(Refusal::HostPrefix)),
            ("https", "=__Host-a=1; Secure; Path=/", Err(Refusal::HostPrefix)),
            ("https", "__Secure-a; Secure", Err(Refusal::SecurePrefix)),
        ];
        for (scheme, line, want) in rows {
            check(line, &[scheme, "://a.test/d/"].concat(), want);
        }
    }

    #[test]
    fn a_lifetime_is_capped_on_request_and_never_overflows() {
        let url = Url::parse("http://a.test/").unwrap();
        let capped = Limits { lifetime_max: Some(Duration::from_secs(60)), ..Limits::default() };
        let open = Limits::default();
        let rows = [
            ("a=1", &open, None),
            ("a=1; Max-Age=61", &open, Some(1_700_000_061)),
            ("a=1; Max-Age=61", &capped, Some(1_700_000_060)),
            ("a=1; Max-Age=59", &capped, Some(1_700_000_059)),
            ("a=1; Expires=Wed, 01 Jan 2098 00:00:00 GMT", &open, Some(4_039_372_800)),
            ("a=1; Expires=Wed, 01 Jan 2098 00:00:00 GMT", &capped, Some(1_700_000_060)),
        ];
        for (line, limits, want) in rows {
            let cookie = accept(line.as_bytes(), &url, NOW, limits).unwrap();
            assert_eq!(cookie.expires().map(WallTime::unix_seconds), want, "{line}");
        }
        let endless = accept(b"a=1; Max-Age=9223372036854775807", &url, NOW, &open).unwrap();
        assert!(!endless.is_expired(WallTime::from_unix_seconds(1 << 50)));
        let gone = accept(b"a=1; Max-Age=-9223372036854775808", &url, NOW, &open).unwrap();
        assert!(gone.is_expired(WallTime::from_unix_millis(i64::MIN)));
    }
}
