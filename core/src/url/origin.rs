//! The origin of a URL, and its authority as the Host field carries it.
//!
//! Source: RFC 9110, 4.3.1 and 7.2; `HTTPConnection.putrequest` of Python's `http.client`.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use ::url::Url;

use crate::planted::Plant;

/// Scheme, host and effective port: two URLs of one origin may share credentials.
///
/// The host is in the form the crate `url` gives it: small letters, IDNA, IPv6 in brackets. A
/// trailing dot makes another host.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    scheme: String,
    host: String,
    port: Option<u16>,
}

impl Origin {
    /// The origin of `url`; `None` if it has no host.
    #[must_use]
    pub fn of(url: &Url) -> Option<Self> {
        Some(Self {
            scheme: url.scheme().to_owned(),
            host: url.host_str()?.to_owned(),
            port: url.port_or_known_default(),
        })
    }

    /// The origin of a proxy, which has no URL of the crate `url`.
    pub(crate) fn of_proxy(scheme: &str, host: String, port: u16) -> Self {
        Self { scheme: scheme.to_owned(), host, port: Some(port) }
    }

    /// The scheme, in small letters.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The host; an IPv6 address in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, or the default of the scheme; `None` if the scheme has no known one.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    /// Whether `url` is of this origin.
    #[must_use]
    pub fn is_of(&self, url: &Url) -> bool {
        self.scheme == url.scheme()
            && url.host_str() == Some(self.host.as_str())
            && self.port == url.port_or_known_default()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        match (self.scheme.as_str(), self.port) {
            (_, None) | ("http", Some(80)) | ("https", Some(443)) => Ok(()),
            (_, Some(port)) => write!(f, ":{port}"),
        }
    }
}

/// Whether scheme, host and effective port of both are the same; URLs without a host are of no
/// origin.
#[must_use]
pub fn is_same_origin(one: &Url, other: &Url) -> bool {
    one.host_str().is_some()
        && one.host_str() == other.host_str()
        && one.scheme() == other.scheme()
        && one.port_or_known_default() == other.port_or_known_default()
}

/// Appends host and port, without userinfo and without the default port: the value of a Host field
/// beside a target in origin form.
///
/// Nothing is appended if `url` has no host. A trailing dot goes: it belongs to name resolution,
/// and urllib3 sends none either.
pub fn write_authority(url: &Url, out: &mut Vec<u8>) {
    if Plant::UserinfoInHost.is_on() && !url.username().is_empty() {
        out.extend_from_slice(url.username().as_bytes());
        out.push(b'@');
    }
    let host = url.host_str().unwrap_or_default();
    out.extend_from_slice(host.trim_end_matches('.').as_bytes());
    write_port(url, out);
}

/// The same with the trailing dot: what stands in a target in absolute form, and in the Host field
/// beside it (RFC 9112, 3.2.2).
pub fn write_dotted_authority(url: &Url, out: &mut Vec<u8>) {
    out.extend_from_slice(url.host_str().unwrap_or_default().as_bytes());
    write_port(url, out);
}

/// Appends `:` and the port, if it is not the default.
fn write_port(url: &Url, out: &mut Vec<u8>) {
    let Some(port) = url.port() else { return };
    out.push(b':');
    let mut divisor = 10_000_u16;
    let mut begun = false;
    while let (Some(digits), Some(next)) = (port.checked_div(divisor), divisor.checked_div(10)) {
        begun |= digits > 0 || next == 0;
        if begun {
            out.extend(digits.checked_rem(10).map(|d| b'0' | d.to_le_bytes()[0]));
        }
        divisor = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn an_origin_is_scheme_host_and_effective_port() {
        let rows = [
            ("http://u:p@A.test/x", "http://a.test:80/y", true),
            ("http://a.test", "https://a.test", false),
            ("http://a.test", "http://a.test:81", false),
            ("http://a.test", "http://a.test.", false),
            ("http://127.0.0.1", "http://0x7f.1", true),
            ("http://[::1]", "http://[0:0:0:0:0:0:0:1]:80", true),
            ("mailto:x", "mailto:x", false),
        ];
        for (one, other, want) in rows {
            assert_eq!(is_same_origin(&url(one), &url(other)), want, "{one} {other}");
            let is_of = Origin::of(&url(one)).is_some_and(|origin| origin.is_of(&url(other)));
            assert_eq!(is_of, want, "{one} {other}");
            if let (Some(a), Some(b)) = (Origin::of(&url(one)), Origin::of(&url(other))) {
                assert_eq!(a == b, want, "{one} {other}");
            }
        }
    }

    #[test]
    fn an_origin_is_shown_without_userinfo() {
        let rows = [
            ("http://u:p@a.test:80/x", "http://a.test"),
            ("https://u:p@a.test:80/x", "https://a.test:80"),
            ("http+unix://h:1/x", "http+unix://h:1"),
        ];
        for (text, want) in rows {
            assert_eq!(Origin::of(&url(text)).unwrap().to_string(), want);
        }
    }

    #[test]
    fn an_authority_has_no_userinfo_and_no_default_port() {
        let rows = [
            ("http://u:p@a.test:80/x", "a.test"),
            ("https://a.test:80/x", "a.test:80"),
            ("http://a.test:0/", "a.test:0"),
            ("http://a.test:7/", "a.test:7"),
            ("http://a.test:10/", "a.test:10"),
            ("http://a.test:1090/", "a.test:1090"),
            ("http://a.test:65535/", "a.test:65535"),
            ("http://[::1]:8080/", "[::1]:8080"),
            ("http://a.test./", "a.test"),
        ];
        for (text, want) in rows {
            let mut out = Vec::new();
            write_authority(&url(text), &mut out);
            assert_eq!(core::str::from_utf8(&out).unwrap(), want, "{text}");
        }
    }
}
