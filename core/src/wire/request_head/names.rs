//! Field names as they are written on the wire: in Title-Case, but for some.
//!
//! Source: what requests sends by default; the registry of field names at IANA.

use alloc::vec::Vec;

/// Appends a field name, which is in lower case, as it is written on the wire.
///
/// `x-foo-bar` becomes `X-Foo-Bar`; a few names are written as their RFCs have them.
pub fn write_name(out: &mut Vec<u8>, name: &str) {
    if let Some(odd) = odd_name(name) {
        out.extend_from_slice(odd.as_bytes());
        return;
    }
    let start = out.len();
    out.extend_from_slice(name.as_bytes());
    let mut is_first = true;
    for byte in out.get_mut(start..).unwrap_or_default() {
        if is_first {
            byte.make_ascii_uppercase();
        }
        is_first = *byte == b'-';
    }
}

/// What a field is to the head that it is written into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// `Host`, of which there is one.
    Host,
    /// `User-Agent`, which the transport has one for.
    UserAgent,
    /// `Accept-Encoding`, likewise.
    AcceptEncoding,
    /// `Content-Length`, which frames the body.
    Length,
    /// `Transfer-Encoding`, likewise.
    Coding,
    /// `Proxy-Authorization`, which a proxy alone may see.
    ProxyAuthorization,
    /// Another that nearly every request has, as it is written: it need not be turned.
    Usual(&'static str),
    /// Any other.
    Other,
}

impl Part {
    /// Of the field with this name, which is in lower case.
    pub(super) fn of(name: &str) -> Self {
        match name {
            "host" => Self::Host,
            "user-agent" => Self::UserAgent,
            "accept-encoding" => Self::AcceptEncoding,
            "accept" => Self::Usual("Accept"),
            "connection" => Self::Usual("Connection"),
            "cookie" => Self::Usual("Cookie"),
            "content-length" => Self::Length,
            "transfer-encoding" => Self::Coding,
            "proxy-authorization" => Self::ProxyAuthorization,
            _ => Self::Other,
        }
    }
}

/// A name that is not written in Title-Case, as the registry of field names at IANA has it.
fn odd_name(name: &str) -> Option<&'static str> {
    // The names that nearly every request has need not be compared with the list.
    if matches!(
        name,
        "host" | "user-agent" | "accept-encoding" | "accept" | "connection" | "cookie"
    ) {
        return None;
    }
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
    use alloc::string::String;

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
