//! The request for a tunnel through an HTTP proxy.
//!
//! Source: RFC 9110, 9.3.6; `HTTPConnection._tunnel` in CPython 3.11, which urllib3 2.8 uses there:
//! HTTP/1.0, no `Host`, and no field but the proxy's credentials.

use alloc::vec::Vec;

use http::HeaderValue;

/// Appends `CONNECT host:port` with the credentials for the proxy, if there are any.
///
/// `host` is a name or an IP literal without brackets, as a URL has it: it holds no character that
/// could end the line. None of the request's own fields goes to the proxy.
pub fn write_connect(
    host: &str,
    port: u16,
    authorization: Option<&HeaderValue>,
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(b"CONNECT ");
    let is_ipv6 = host.contains(':');
    if is_ipv6 {
        out.push(b'[');
    }
    out.extend(host.bytes().filter(u8::is_ascii_graphic));
    if is_ipv6 {
        out.push(b']');
    }
    out.extend_from_slice(alloc::format!(":{port} HTTP/1.0\r\n").as_bytes());
    if let Some(value) = authorization {
        out.extend_from_slice(b"Proxy-Authorization: ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tunnel_is_asked_for_without_anything_of_the_request() {
        let value = HeaderValue::from_static("Basic dTpw");
        let rows: [(&str, Option<&HeaderValue>, &str); 3] = [
            ("a.test", None, "CONNECT a.test:443 HTTP/1.0\r\n\r\n"),
            ("::1", None, "CONNECT [::1]:443 HTTP/1.0\r\n\r\n"),
            (
                "a.test",
                Some(&value),
                "CONNECT a.test:443 HTTP/1.0\r\nProxy-Authorization: Basic dTpw\r\n\r\n",
            ),
        ];
        for (host, authorization, want) in rows {
            let mut out = Vec::new();
            write_connect(host, 443, authorization, &mut out);
            assert_eq!(out, want.as_bytes(), "{host}");
        }
    }

    /// Row 69: CVE-2026-1502 (Python).
    #[test]
    fn s069_no_line_end_in_a_host_reaches_the_proxy() {
        let mut out = Vec::new();
        write_connect("a\r\nX: y", 1, None, &mut out);
        assert_eq!(out, b"CONNECT [aX:y]:1 HTTP/1.0\r\n\r\n");
    }
}
