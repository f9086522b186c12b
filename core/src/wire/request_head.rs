//! The head of a request as it goes out, and the last gate before the wire.
//!
//! Nothing that is not one request line and the given fields gets through: no CR, LF, NUL or other
//! control character in the method, the target or a value, no second Host and no second framing.
//!
//! Source: RFC 9112, sections 3 and 5; the case of names is what requests sends by default.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use http::Method;
use http::header::{CONTENT_LENGTH, HOST, HeaderName, HeaderValue, TRANSFER_ENCODING};

/// Why a request head was not written; values are not kept, they may be secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestHeadError {
    /// The target is empty or has a byte that is not visible ASCII.
    Target {
        /// Where in the target; its length if it is empty.
        offset: usize,
    },
    /// The value of this field has a control character.
    Value(String),
    /// This field, of which there may be one, is given twice.
    Repeated(String),
    /// Content-Length and Transfer-Encoding are both given.
    LengthAndTransferEncoding,
}

impl fmt::Display for RequestHeadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target { offset } => {
                write!(f, "request target is empty or has an invalid character (byte {offset})")
            }
            Self::Value(name) => write!(f, "control character in the value of header {name:?}"),
            Self::Repeated(name) => write!(f, "header {name:?} is given more than once"),
            Self::LengthAndTransferEncoding => {
                f.write_str("both Content-Length and Transfer-Encoding are given")
            }
        }
    }
}

impl core::error::Error for RequestHeadError {}

/// Appends a request head to `out`: request line, fields in the given order, blank line.
///
/// `target` is written as it is: a path with its query, an absolute URL, or `host:port` for CONNECT.
/// Nothing is allocated but what `out` needs to grow.
///
/// ```
/// use sessio_core::{Headers, wire::request_head};
///
/// let (mut out, mut headers) = (Vec::new(), Headers::new());
/// headers.try_set("host", "a.test")?;
/// headers.try_set("x-foo-bar", "1")?;
/// request_head::write(&mut out, &http::Method::GET, "/?q", headers.iter())?;
/// assert_eq!(out, b"GET /?q HTTP/1.1\r\nHost: a.test\r\nX-Foo-Bar: 1\r\n\r\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// What may not go out; `out` is then as it was before.
pub fn write<'a>(
    out: &mut Vec<u8>,
    method: &Method,
    target: &str,
    fields: impl Iterator<Item = (&'a HeaderName, &'a HeaderValue)>,
) -> Result<(), RequestHeadError> {
    let start = out.len();
    let result = write_all(out, method, target, fields);
    if result.is_err() {
        out.truncate(start);
    }
    result
}

fn write_all<'a>(
    out: &mut Vec<u8>,
    method: &Method,
    target: &str,
    fields: impl Iterator<Item = (&'a HeaderName, &'a HeaderValue)>,
) -> Result<(), RequestHeadError> {
    let invalid = target.bytes().position(|b| !b.is_ascii_graphic());
    if let Some(offset) = invalid.or_else(|| target.is_empty().then_some(0)) {
        return Err(RequestHeadError::Target { offset });
    }
    // A `Method` is a token by construction (RFC 9110, 9.1).
    out.extend_from_slice(method.as_str().as_bytes());
    out.push(b' ');
    out.extend_from_slice(target.as_bytes());
    out.extend_from_slice(b" HTTP/1.1\r\n");
    let mut once = Once::default();
    for (name, value) in fields {
        once.check(name)?;
        if !value.as_bytes().iter().all(|b| matches!(b, b'\t' | b' '..=b'~' | 0x80..)) {
            return Err(RequestHeadError::Value(name.as_str().into()));
        }
        write_name(out, name.as_str());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
    Ok(())
}

/// Which of the fields that stand once at most have been written.
#[derive(Default)]
struct Once {
    host: bool,
    length: bool,
    coding: bool,
}

impl Once {
    fn check(&mut self, name: &HeaderName) -> Result<(), RequestHeadError> {
        let seen = match name {
            name if name == HOST => &mut self.host,
            name if name == CONTENT_LENGTH => &mut self.length,
            name if name == TRANSFER_ENCODING => &mut self.coding,
            _ => return Ok(()),
        };
        if core::mem::replace(seen, true) {
            return Err(RequestHeadError::Repeated(name.as_str().into()));
        }
        if self.length && self.coding {
            return Err(RequestHeadError::LengthAndTransferEncoding);
        }
        Ok(())
    }
}

/// Appends a field name, which is in lower case, as it is written on the wire.
///
/// `x-foo-bar` becomes `X-Foo-Bar`; a few names are written as their RFCs have them.
pub fn write_name(out: &mut Vec<u8>, name: &str) {
    if let Some(odd) = odd_name(name) {
        out.extend_from_slice(odd.as_bytes());
        return;
    }
    let mut is_first = true;
    out.extend(name.bytes().map(|byte| {
        let written = if is_first { byte.to_ascii_uppercase() } else { byte };
        is_first = byte == b'-';
        written
    }));
}

/// A name that is not written in Title-Case, as the registry of field names at IANA has it.
fn odd_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "te" => "TE",
        "im" => "IM",
        "dnt" => "DNT",
        "a-im" => "A-IM",
        "etag" => "ETag",
        "dpop" => "DPoP",
        "soapaction" => "SOAPAction",
        "content-md5" => "Content-MD5",
        "mime-version" => "MIME-Version",
        "http2-settings" => "HTTP2-Settings",
        "www-authenticate" => "WWW-Authenticate",
        "sec-websocket-key" => "Sec-WebSocket-Key",
        "sec-websocket-version" => "Sec-WebSocket-Version",
        "sec-websocket-protocol" => "Sec-WebSocket-Protocol",
        "sec-websocket-extensions" => "Sec-WebSocket-Extensions",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    type Fields<'a> = &'a [(&'a str, &'a str)];

    fn check(method: &str, target: &str, fields: Fields<'_>) -> Result<String, RequestHeadError> {
        let fields: Vec<(HeaderName, HeaderValue)> = fields
            .iter()
            .map(|(n, v)| (n.parse().unwrap(), HeaderValue::from_bytes(v.as_bytes()).unwrap()))
            .collect();
        let mut out = b"before".to_vec();
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let result = write(&mut out, &method, target, fields.iter().map(|(n, v)| (n, v)));
        if result.is_err() {
            assert_eq!(out, b"before", "nothing is written after an error");
        }
        result.map(|()| String::from_utf8(out.split_off(6)).unwrap())
    }

    #[test]
    fn a_head_is_a_request_line_and_the_fields_in_order() {
        let rows: [(&str, &str, Fields<'_>, &str); 4] = [
            ("GET", "/", &[], "GET / HTTP/1.1\r\n\r\n"),
            (
                "brew",
                "http://a.test/?x=%20#",
                &[("host", "a"), ("accept", "*/*"), ("x-a", ""), ("X-A", "\u{e9} b")],
                "brew http://a.test/?x=%20# HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nX-A: \r\nX-A: \
                 \u{e9} b\r\n\r\n",
            ),
            (
                "CONNECT",
                "a:443",
                &[("host", "a:443")],
                "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
            ),
            (
                "GET",
                "*",
                &[("te", "x"), ("etags", "y")],
                "GET * HTTP/1.1\r\nTE: x\r\nEtags: y\r\n\r\n",
            ),
        ];
        for (method, target, fields, want) in rows {
            assert_eq!(check(method, target, fields).as_deref(), Ok(want), "{method} {target}");
        }
    }

    #[test]
    fn what_could_begin_another_line_or_another_framing_is_refused() {
        for (target, offset) in
            [("", 0), ("/a b", 2), ("/\r\nX: y", 1), ("/\0", 1), ("/\u{e9}", 1), ("/\x7f", 1)]
        {
            let want = Err(RequestHeadError::Target { offset });
            assert_eq!(check("GET", target, &[]), want, "{target:?}");
        }
        let twice = |name: &str| Err(RequestHeadError::Repeated(name.into()));
        let rows: [(Fields<'_>, _); 4] = [
            (&[("host", "a"), ("host", "a")], twice("host")),
            (&[("content-length", "5"), ("Content-Length", "9")], twice("content-length")),
            (
                &[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")],
                twice("transfer-encoding"),
            ),
            (
                &[("content-length", "5"), ("transfer-encoding", "chunked")],
                Err(RequestHeadError::LengthAndTransferEncoding),
            ),
        ];
        for (fields, want) in rows {
            assert_eq!(check("POST", "/", fields), want, "{fields:?}");
        }
    }

    #[test]
    fn no_byte_gets_through_the_types_and_this_gate_but_those_allowed() {
        for byte in 0..=u8::MAX {
            let allowed = byte == b'\t' || (byte >= b' ' && byte != 0x7f);
            assert_eq!(HeaderValue::from_bytes(&[b'a', byte]).is_ok(), allowed, "{byte:#x}");
            let method = Method::from_bytes(&[b'A', byte]);
            let token = byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
            assert_eq!(method.is_ok(), token, "{byte:#x}");
        }
    }

    #[test]
    fn names_are_in_title_case_but_for_the_odd_ones() {
        let rows = [
            ("x-foo-bar", "X-Foo-Bar"),
            ("x--a-", "X--A-"),
            ("1-a_b", "1-A_b"),
            ("etag", "ETag"),
            ("www-authenticate", "WWW-Authenticate"),
        ];
        for (name, want) in rows {
            let mut out = Vec::new();
            write_name(&mut out, name);
            assert_eq!(String::from_utf8(out).unwrap(), want, "{name}");
        }
        let odd_names = ["TE", "IM", "DNT", "A-IM", "DPoP", "SOAPAction", "Content-MD5"];
        for odd in odd_names {
            assert_eq!(odd_name(&odd.to_ascii_lowercase()), Some(odd));
        }
    }
}
