//! The request target of a URL, as a request line carries it.
//!
//! Source: RFC 9112, 3.2; `path_url` in requests 2.34.2, `models.py`; `_encode_target` in urllib3
//! 2.8, `util/url.py`.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use ::url::Url;

use super::charset::{BarePercent, Component, Rules, Unreserved, encode, is_encoded};
use super::origin::write_dotted_authority;

use crate::planted::Plant;

/// On the wire escapes stay what they are, in capitals. A bad one is repaired alone: some of the
/// others may be the crate `url`'s own.
const WIRE: Rules =
    Rules { unreserved: Unreserved::Kept, bare_percent: BarePercent::EscapesItself };

/// Path and query as they stand in `url`; `/` for an empty path, nothing of an empty query.
#[must_use]
pub fn path_url(url: &Url) -> String {
    let mut out = String::from(path(url));
    if let Some(query) = query(url) {
        out.push('?');
        out.push_str(query);
    }
    out
}

/// Appends the target in origin form, `/path?query`: what an origin server and a tunnel get.
///
/// Only characters of RFC 3986 go out: what else the crate `url` leaves in a path or a query, such
/// as `|` or `[`, is escaped here.
pub fn write_origin_form(url: &Url, out: &mut Vec<u8>) {
    write(out, path(url), Component::Path);
    if let Some(query) = query(url) {
        out.push(b'?');
        write(out, query, Component::Query);
    }
}

/// Appends the target in absolute form, `http://host:port/path?query`: what an HTTP proxy gets.
///
/// Userinfo, the fragment and the default port do not go along.
pub fn write_absolute_form(url: &Url, out: &mut Vec<u8>) {
    out.extend_from_slice(url.scheme().as_bytes());
    out.extend_from_slice(b"://");
    if Plant::UserinfoToProxy.is_on() && !url.username().is_empty() {
        out.extend_from_slice(url.username().as_bytes());
        out.push(b'@');
    }
    write_dotted_authority(url, out);
    write_origin_form(url, out);
}

/// The target in authority form, `host:port`, which `CONNECT` asks for. The default port of the
/// scheme goes along.
#[must_use]
pub fn authority_form(url: &Url) -> String {
    let mut out = String::from(url.host_str().unwrap_or_default());
    if let Some(port) = url.port_or_known_default() {
        out.push(':');
        out.push_str(&port.to_string());
    }
    out
}

fn path(url: &Url) -> &str {
    match url.path() {
        "" => "/",
        path => path,
    }
}

fn query(url: &Url) -> Option<&str> {
    url.query().filter(|query| !query.is_empty())
}

fn write(out: &mut Vec<u8>, text: &str, component: Component) {
    if Plant::TargetDecoded.is_on() {
        out.extend(percent_encoding::percent_decode_str(text));
        return;
    }
    // The crate `url` leaves a backslash only in paths of schemes that are not http's.
    if is_encoded(text, component, WIRE) && !text.contains('\\') {
        out.extend_from_slice(text.as_bytes());
    } else {
        let mut encoded = String::with_capacity(text.len().saturating_add(16));
        encode(&mut encoded, text, component, WIRE);
        out.extend_from_slice(encoded.replace('\\', "%5C").as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_hold_only_legal_characters() {
        let rows = [
            ("http://u:p@a.test#f", "/", "http://a.test/"),
            ("http://a.test:8080/x?", "/x", "http://a.test:8080/x"),
            ("https://a.test:443/x?y=z#w", "/x?y=z", "https://a.test/x?y=z"),
            ("http://a.test//v:h", "//v:h", "http://a.test//v:h"),
            (
                "http://a.test/[|]^?[|]\\",
                "/%5B%7C%5D%5E?%5B%7C%5D%5C",
                "http://a.test/%5B%7C%5D%5E?%5B%7C%5D%5C",
            ),
            ("http://a.test/%2f%7E?%zz%41", "/%2F%7E?%25zz%41", "http://a.test/%2F%7E?%25zz%41"),
            ("http://[::1]:1/", "/", "http://[::1]:1/"),
            ("x://h/a\\b", "/a%5Cb", "x://h/a%5Cb"),
        ];
        for (text, origin, absolute) in rows {
            let url = Url::parse(text).unwrap();
            let (mut one, mut other) = (Vec::new(), Vec::new());
            write_origin_form(&url, &mut one);
            write_absolute_form(&url, &mut other);
            assert_eq!(core::str::from_utf8(&one).unwrap(), origin, "{text}");
            assert_eq!(core::str::from_utf8(&other).unwrap(), absolute, "{text}");
        }
    }

    #[test]
    fn the_authority_form_always_has_a_port() {
        let rows = [
            ("http://u:p@a.test/x?y", "a.test:80"),
            ("https://a.test", "a.test:443"),
            ("http://[::1]:22/", "[::1]:22"),
        ];
        for (text, want) in rows {
            assert_eq!(authority_form(&Url::parse(text).unwrap()), want, "{text}");
        }
    }

    #[test]
    fn the_path_url_is_path_and_query() {
        let rows = [("http://a.test?q", "/?q"), ("http://a.test/x#f", "/x"), ("mailto:x@y", "x@y")];
        for (text, want) in rows {
            assert_eq!(path_url(&Url::parse(text).unwrap()), want, "{text}");
        }
    }
}
