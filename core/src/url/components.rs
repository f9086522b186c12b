//! The caller's text of an http URL, cut where WHATWG cuts it, with the escapes that requests sends.
//!
//! Source: `parse_url` in urllib3 2.8, `util/url.py`; <https://url.spec.whatwg.org/>.

use alloc::string::String;

use super::charset::{BarePercent, Component, Rules, Unreserved, encode, is_encoded};
use super::error::{Reason, UrlError};
use super::parts::cut;

/// Escapes of a URL that the caller wrote.
const CALLER: Rules =
    Rules { unreserved: Unreserved::Undone, bare_percent: BarePercent::EscapesAll };

/// A URL of the scheme `http` or `https`, cut where WHATWG cuts it.
pub(super) struct Components<'a> {
    scheme: &'a str,
    userinfo: Option<&'a str>,
    host: &'a str,
    path: &'a str,
    query: Option<&'a str>,
    fragment: Option<&'a str>,
}

impl<'a> Components<'a> {
    /// Cuts `text`.
    ///
    /// # Errors
    /// [`Reason::NoHost`] unless `//` and a host follow the scheme.
    pub(super) fn split(text: &'a str) -> Result<Self, UrlError> {
        let (scheme, authority, tail) = authority(text)?;
        let (tail, fragment) = cut(tail, '#');
        let (path, query) = cut(tail, '?');
        let (userinfo, host) = match authority.rsplit_once('@') {
            Some((userinfo, host)) => (Some(userinfo), host),
            None => (None, authority),
        };
        Ok(Self { scheme, userinfo, host, path, query, fragment })
    }

    /// Whether nothing is to be changed before the crate `url` reads the text.
    pub(super) fn is_encoded(&self) -> bool {
        let tail = |part: Option<&str>| {
            part.is_none_or(|p| !p.is_empty() && is_encoded(p, Component::Query, CALLER))
        };
        is_encoded(self.path, Component::Path, CALLER)
            && tail(self.query)
            && tail(self.fragment)
            && self.userinfo.is_none_or(|part| is_encoded(part, Component::Userinfo, CALLER))
    }

    /// The text with each component encoded and `params` at the end of the query.
    pub(super) fn join(&self, params: &str) -> String {
        let sizes = [self.host.len(), self.path.len(), params.len(), 64];
        let mut out = String::with_capacity(sizes.into_iter().fold(0, usize::saturating_add));
        out.push_str(self.scheme);
        out.push_str("://");
        if let Some(userinfo) = self.userinfo {
            encode(&mut out, userinfo, Component::Userinfo, CALLER);
            out.push('@');
        }
        out.push_str(self.host);
        if !self.path.starts_with(['/', '\\']) {
            out.push('/');
        }
        encode(&mut out, self.path, Component::Path, CALLER);
        let query = self.query.filter(|query| !query.is_empty());
        if let Some(query) = query {
            out.push('?');
            encode(&mut out, query, Component::Query, CALLER);
        }
        if !params.is_empty() {
            out.push(if query.is_some() { '&' } else { '?' });
            encode(&mut out, params, Component::Whole, CALLER);
        }
        if let Some(fragment) = self.fragment.filter(|fragment| !fragment.is_empty()) {
            out.push('#');
            encode(&mut out, fragment, Component::Query, CALLER);
        }
        out
    }
}

/// Scheme, authority and the rest of `text`, which must go on with `//` and a host.
pub(super) fn authority(text: &str) -> Result<(&str, &str, &str), UrlError> {
    let no_host = || UrlError::invalid(text, Reason::NoHost);
    let (scheme, rest) = text.split_once("://").ok_or_else(no_host)?;
    let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
    // `http:x://y` and `http://` have no host where it should be.
    if end == 0 || scheme.contains(':') {
        return Err(no_host());
    }
    let (authority, tail) = rest.split_at_checked(end).ok_or_else(no_host)?;
    Ok((scheme, authority, tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_cut_where_whatwg_cuts_them() {
        let rows = [
            ("http://u:p@q@h:1/x?y?z#w#v", "http://u:p%40q@h:1/x?y?z#w%23v"),
            ("http://h\\x", "http://h\\x"),
            ("http://h?/@x", "http://h/?/@x"),
            ("http://h#?@x", "http://h/#?@x"),
            ("http://h?#", "http://h/"),
        ];
        for (text, want) in rows {
            assert_eq!(Components::split(text).unwrap().join(""), want, "{text}");
        }
    }

    #[test]
    fn only_text_that_would_change_is_joined() {
        let rows = [
            ("http://h", true),
            ("http://u:p@h/x?y#z", true),
            ("http://h/%2F", true),
            ("http://h/%2f", false),
            ("http://h/?", false),
            ("http://u@x@h/", false),
        ];
        for (text, want) in rows {
            assert_eq!(Components::split(text).unwrap().is_encoded(), want, "{text}");
        }
    }
}
