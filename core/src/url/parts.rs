//! The parts of a URL's text as RFC 3986 cuts it, for text that need not be a whole URL.
//!
//! Source: RFC 3986, appendix B; `prepend_scheme_if_needed` and `urldefragauth` in requests 2.34.2,
//! `utils.py`.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

/// The parts of a text, none of them changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts<'a> {
    /// What stands before the first colon, if it can be a scheme.
    pub scheme: Option<&'a str>,
    /// What stands after `//`: userinfo, host and port.
    pub authority: Option<&'a str>,
    /// The path; may be empty.
    pub path: &'a str,
    /// What stands after `?`.
    pub query: Option<&'a str>,
    /// What stands after `#`.
    pub fragment: Option<&'a str>,
}

impl<'a> Parts<'a> {
    /// Cuts `text`; every text has parts.
    #[must_use]
    pub fn split(text: &'a str) -> Self {
        let (text, fragment) = cut(text, '#');
        let (text, query) = cut(text, '?');
        let (scheme, text) = match text.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme), rest),
            _ => (None, text),
        };
        let (authority, path) = match text.strip_prefix("//") {
            Some(rest) => {
                let end = rest.find('/').unwrap_or(rest.len());
                let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
                (Some(authority), path)
            }
            None => (None, text),
        };
        Self { scheme, authority, path, query, fragment }
    }

    /// The text again: small letters in the scheme, no empty query and no empty fragment.
    fn join(&self, scheme: Option<&str>, authority: &str, path: &str) -> String {
        let mut out = String::new();
        if let Some(scheme) = scheme {
            out.push_str(&scheme.to_ascii_lowercase());
            out.push(':');
        }
        let is_web = |s: &str| s.eq_ignore_ascii_case("http") || s.eq_ignore_ascii_case("https");
        if !authority.is_empty() || scheme.is_some_and(is_web) {
            out.push_str("//");
        }
        out.push_str(authority);
        if !path.is_empty() && !path.starts_with('/') {
            out.push('/');
        }
        out.push_str(path);
        for (mark, part) in [('?', self.query), ('#', self.fragment)] {
            if let Some(part) = part.filter(|part| !part.is_empty()) {
                out.push(mark);
                out.push_str(part);
            }
        }
        out
    }
}

/// `text` before the first `mark`, and after it.
pub(super) fn cut(text: &str, mark: char) -> (&str, Option<&str>) {
    match text.split_once(mark) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

/// Whether `text` can be a scheme (RFC 3986, 3.1).
pub(super) fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

/// `text` with `scheme` in front if it has none; a scheme that is there stays, in small letters,
/// and so does the host.
///
/// `a.test:80` is a host and a port; `u:p@a.test` begins with the scheme `u`, as in requests.
#[must_use]
pub fn prepend_scheme_if_needed(text: &str, scheme: &str) -> String {
    // A dot before the colon says host: `a.test:80`. So does a bracket: `[::1]:80`.
    let has_scheme = |(before, _): &(&str, &str)| is_scheme(before) && !before.contains('.');
    let text = if text.starts_with('/') || text.split_once(':').as_ref().is_some_and(has_scheme) {
        Cow::Borrowed(text)
    } else if text.is_empty() {
        return format!("{scheme}://");
    } else {
        Cow::Owned(format!("//{text}"))
    };
    let parts = Parts::split(&text);
    let authority = parts.authority.unwrap_or_default();
    let (userinfo, host) = match authority.rsplit_once('@') {
        Some((userinfo, host)) => (Some(userinfo), host),
        None => (None, authority),
    };
    let is_http = parts
        .scheme
        .is_none_or(|s| s.eq_ignore_ascii_case("http") || s.eq_ignore_ascii_case("https"));
    let host = if is_http { host.to_ascii_lowercase() } else { host.into() };
    let host = host.strip_suffix(':').unwrap_or(&host);
    // Without a host the path takes its place, as in requests.
    let (host, path) = match (host, parts.path) {
        ("", path) if path.starts_with('/') || path.is_empty() => (Cow::Borrowed(path), ""),
        ("", path) => (Cow::Owned(format!("/{path}")), ""),
        (host, path) => (Cow::Borrowed(host), path),
    };
    let authority = match userinfo.filter(|userinfo| !userinfo.is_empty()) {
        Some(userinfo) => Cow::Owned(format!("{userinfo}@{host}")),
        None => host,
    };
    parts.join(Some(parts.scheme.unwrap_or(scheme)), &authority, path)
}

/// `text` without userinfo and fragment.
///
/// A text without `//` counts as a host: `a.test/x` becomes `//a.test/x`, as in requests.
#[must_use]
pub fn urldefragauth(text: &str) -> String {
    let parts = Parts { fragment: None, ..Parts::split(text) };
    let (authority, path) = match parts.authority.filter(|authority| !authority.is_empty()) {
        Some(authority) => (authority, parts.path),
        None => (parts.path, ""),
    };
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    parts.join(parts.scheme, authority, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_is_put_in_front_where_none_is() {
        let rows = [
            ("a.test", "http://a.test"),
            ("a.test:80", "http://a.test:80"),
            ("//u:p@a.test", "http://u:p@a.test"),
            ("localhost", "http://localhost"),
            ("[::1]:80", "http://[::1]:80"),
            ("SOCKS5://x:1080", "socks5://x:1080"),
            ("HTTP://A.test/X", "http://a.test/X"),
            ("u:p@a.test", "u:///p@a.test"),
            ("", "http://"),
        ];
        for (text, want) in rows {
            assert_eq!(prepend_scheme_if_needed(text, "http"), want, "{text}");
        }
    }

    #[test]
    fn userinfo_and_fragment_go() {
        let rows = [
            ("http://u:p@a.test/x?y#f", "http://a.test/x?y"),
            ("//u:p@a.test/x", "//a.test/x"),
            ("a.test/x", "//a.test/x"),
            ("http://u:p@q@a.test/#", "http://a.test/"),
            ("HTTP:", "http://"),
            ("?q#f", "?q"),
            ("", ""),
        ];
        for (text, want) in rows {
            assert_eq!(urldefragauth(text), want, "{text}");
        }
    }
}
