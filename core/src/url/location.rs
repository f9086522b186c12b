//! Where a `Location` field leads.
//!
//! Source: `SessionRedirectMixin.get_redirect_target` and `resolve_redirects` in requests 2.34.2,
//! `sessions.py`; RFC 9110, 10.2.2.

use alloc::string::String;

use ::url::Url;

use super::URL_BYTES_MAX;
use super::charset::{BarePercent, Component, Rules, Unreserved, encode};
use super::error::{Reason, UrlError};
use super::parse::without_breaks;

use crate::planted::Plant;

/// Escapes of a URL that a server wrote.
const SERVER: Rules =
    Rules { unreserved: Unreserved::Undone, bare_percent: BarePercent::EscapesItself };

/// The value of a `Location` field as text: UTF-8, which is what servers send.
///
/// # Errors
/// [`Reason::NotUtf8`], and [`Reason::TooLong`] above [`URL_BYTES_MAX`].
pub fn location_text(location: &[u8]) -> Result<&str, UrlError> {
    let error = |reason| UrlError::invalid(&String::from_utf8_lossy(location), reason);
    if location.len() > URL_BYTES_MAX {
        return Err(UrlError::InvalidUrl { text: String::new(), reason: Reason::TooLong });
    }
    core::str::from_utf8(location).map_err(|_| error(Reason::NotUtf8))
}

/// What a response of this status asks to be redirected to, with the first value of its `Location`
/// field; `None` if it asks for nothing. An empty text is asked for, and leads nowhere.
///
/// # Errors
/// As [`location_text`].
///
/// Source: `Response.is_redirect` and `REDIRECT_STATI` in requests 2.34.2, `models.py`.
pub fn redirect_target(status: u16, location: Option<&[u8]>) -> Result<Option<&str>, UrlError> {
    match (status, location) {
        (301 | 302 | 303 | 307 | 308, Some(location)) => location_text(location).map(Some),
        _ => Ok(None),
    }
}

/// The URL that `location` names, seen from `base`, the URL that answered.
///
/// Escapes of unreserved characters are undone, illegal characters are escaped, and a bad escape is
/// repaired (`%zz` becomes `%25zz`) without touching the others. Without a fragment of its own the
/// new URL has that of `base` (RFC 9110, 10.2.2). The result is a URL, not a permission: its scheme
/// may be any.
///
/// An empty `location` leads nowhere in requests; the caller does not ask then.
///
/// # Errors
/// If `location` is not UTF-8, too long, or no URL.
pub fn resolve_location(base: &Url, location: &[u8]) -> Result<Url, UrlError> {
    let text = location_text(location)?;
    let text = &*without_breaks(text);
    // Blanks in front are not part of a URL, for WHATWG and for Python's `urlsplit`.
    let text = text.trim_start_matches(|c: char| c <= ' ');
    let (head, fragment) = match text.split_once('#') {
        Some((head, fragment)) => (head, Some(fragment)),
        None => (text, None),
    };
    let (path, query) = match head.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (head, None),
    };
    let mut joined = String::with_capacity(text.len().saturating_add(16));
    for (index, piece) in path.split('\\').enumerate() {
        // A backslash is the crate `url`'s to judge: a slash for http, nothing special elsewhere.
        if index > 0 {
            joined.push_str(if Plant::BackslashKept.is_on() { "%5C" } else { "\\" });
        }
        encode(&mut joined, piece, Component::Whole, SERVER);
    }
    if let Some(query) = query.filter(|query| !query.is_empty()) {
        joined.push('?');
        encode(&mut joined, query, Component::Whole, SERVER);
    }
    match fragment.filter(|fragment| !fragment.is_empty()) {
        Some(fragment) => {
            joined.push('#');
            encode(&mut joined, fragment, Component::Whole, SERVER);
        }
        None => {
            if let Some(fragment) = base.fragment() {
                joined.push('#');
                joined.push_str(fragment);
            }
        }
    }
    base.join(&joined).map_err(|error| UrlError::invalid(text, Reason::Syntax(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_seen_from_the_url_that_answered() {
        let base = Url::parse("http://u:p@a.test/dir/page?q=1#top").unwrap();
        let rows = [
            ("/x", "http://u:p@a.test/x#top"),
            ("x", "http://u:p@a.test/dir/x#top"),
            ("../../x", "http://u:p@a.test/x#top"),
            ("?q=2", "http://u:p@a.test/dir/page?q=2#top"),
            ("?", "http://u:p@a.test/dir/page?q=1#top"),
            ("#f", "http://u:p@a.test/dir/page?q=1#f"),
            ("/x#", "http://u:p@a.test/x#top"),
            ("//b.test/x", "http://b.test/x#top"),
            ("/\\evil.test/x", "http://evil.test/x#top"),
            ("https://b.test/%7e%2f%zz%", "https://b.test/~%2f%25zz%25#top"),
            ("http://b\u{fc}cher.test/\u{e9}", "http://xn--bcher-kva.test/%C3%A9#top"),
            ("/a b?c|d\\#e f", "http://u:p@a.test/a%20b?c%7Cd%5C#e%20f"),
            ("/\tx\r\ny", "http://u:p@a.test/xy#top"),
            ("mailto:a@b", "mailto:a@b#top"),
            ("  x ", "http://u:p@a.test/dir/x%20#top"),
            (" \u{1} //b.test/", "http://b.test/#top"),
            ("http:\\\\b.test\\x", "http://b.test/x#top"),
        ];
        for (location, want) in rows {
            let got = resolve_location(&base, location.as_bytes()).unwrap();
            assert_eq!(got.as_str(), want, "{location}");
        }
    }

    #[test]
    fn a_target_takes_a_redirect_and_a_location() {
        let rows = [
            (302, Some(&b"/x"[..]), Ok(Some("/x"))),
            (308, Some(b""), Ok(Some(""))),
            (302, None, Ok(None)),
            (300, Some(b"/x"), Ok(None)),
            (304, Some(b"/x"), Ok(None)),
            (301, Some(b"\xff"), Err(())),
        ];
        for (status, location, want) in rows {
            assert_eq!(redirect_target(status, location).map_err(drop), want, "{status}");
        }
    }

    #[test]
    fn a_location_that_is_no_url_is_an_error() {
        let base = Url::parse("http://a.test/").unwrap();
        let rows: [&[u8]; 5] =
            [b"/caf\xe9", b"//", b"http://b test/", b"http://[::1/", b"http://good%2Fevil/"];
        for location in rows {
            let got = resolve_location(&base, location);
            assert!(matches!(got, Err(UrlError::InvalidUrl { .. })), "{location:?} {got:?}");
        }
        assert!(resolve_location(&base, &[b'x'; URL_BYTES_MAX]).is_ok());
        assert!(resolve_location(&base, &[b'x'; URL_BYTES_MAX + 1]).is_err());
    }

    #[test]
    fn no_location_brings_control_characters_or_blanks_into_a_url() {
        let base = Url::parse("http://a.test/d/p?q").unwrap();
        for first in 0..=255_u8 {
            for frame in [&b"/x%y"[..], b"//b.test/%?%#%", b"?%", b"#%", b"http://b%/", b"%"] {
                let mut location = alloc::vec::Vec::new();
                for byte in frame {
                    match byte {
                        b'%' => location.extend([first, b'\r', b'\n', first]),
                        byte => location.push(*byte),
                    }
                }
                if let Ok(url) = resolve_location(&base, &location) {
                    assert!(url.as_str().bytes().all(|b| b.is_ascii_graphic()), "{url:?}");
                    assert_eq!(Url::parse(url.as_str()).as_ref(), Ok(&url), "{location:?}");
                }
            }
        }
    }
}
