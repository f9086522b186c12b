//! What goes out in a request head, and what does not.

use super::*;
use http::HeaderValue;

type Fields<'a> = &'a [(&'a str, &'a str)];

fn check(method: &str, target: &str, fields: Fields<'_>) -> Result<String, RequestHeadError> {
    let fields: Headers = fields
        .iter()
        .map(|(n, v)| (n.parse().unwrap(), HeaderValue::from_bytes(v.as_bytes()).unwrap()))
        .collect();
    let mut out = b"before".to_vec();
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let host = Url::parse("http://h.:81/").unwrap();
    let framing = BodyFraming::Unsaid;
    let proxy_authorization = ProxyAuthorization::Keep;
    let (accept_encoding, user_agent) = ("br", "me");
    let dot = if target.contains("//") { FinalDot::Keep } else { FinalDot::Drop };
    let own = Own { host: &host, dot, accept_encoding, user_agent, framing, proxy_authorization };
    let write_target = |out: &mut Vec<u8>| out.extend_from_slice(target.as_bytes());
    let result = write(&mut out, &method, write_target, own, &fields);
    if result.is_err() {
        assert_eq!(out, b"before", "nothing is written after an error");
    }
    result.map(|()| String::from_utf8(out.split_off(6)).unwrap())
}

#[test]
fn a_head_is_a_request_line_and_the_fields_in_order() {
    const ALL: Fields<'_> = &[("user-agent", "x"), ("host", "a"), ("accept-encoding", "gzip")];
    let rows: [(&str, &str, Fields<'_>, &str); 4] = [
        (
            "GET",
            "/",
            ALL,
            "GET / HTTP/1.1\r\nUser-Agent: x\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n",
        ),
        (
            "brew",
            "http://a.test/?x=%20#",
            &[("accept", "*/*"), ("x-a", ""), ("X-A", "\u{e9} b")],
            "brew http://a.test/?x=%20# HTTP/1.1\r\nHost: h.:81\r\nAccept-Encoding: br\r\n\
             User-Agent: me\r\nAccept: */*\r\nX-A: \r\nX-A: \u{e9} b\r\n\r\n",
        ),
        (
            "CONNECT",
            "a:443",
            &[("host", "a:443"), ("user-agent", "")],
            "CONNECT a:443 HTTP/1.1\r\nAccept-Encoding: br\r\nHost: a:443\r\nUser-Agent: \r\n\r\n",
        ),
        (
            "GET",
            "*",
            &[("te", "x"), ("etags", "y")],
            "GET * HTTP/1.1\r\nHost: h:81\r\nAccept-Encoding: br\r\nUser-Agent: me\r\nTE: x\r\n\
             Etags: y\r\n\r\n",
        ),
    ];
    for (method, target, fields, want) in rows {
        assert_eq!(check(method, target, fields).as_deref(), Ok(want), "{method} {target}");
    }
}

#[test]
fn the_body_is_framed_where_the_fields_do_not_say_how() {
    let url = Url::parse("http://h/").unwrap();
    let mut length = Headers::new();
    length.try_set("content-length", "3").unwrap();
    let rows = [
        (BodyFraming::Length(0), Headers::new(), "Content-Length: 0\r\n"),
        (BodyFraming::Length(1230), Headers::new(), "Content-Length: 1230\r\n"),
        (BodyFraming::Chunked, Headers::new(), "Transfer-Encoding: chunked\r\n"),
        (BodyFraming::Length(3), length, "Content-Length: 3\r\n"),
    ];
    for (framing, fields, want) in rows {
        let proxy_authorization = ProxyAuthorization::Keep;
        let (accept_encoding, user_agent) = ("br", "me");
        let own = Own {
            host: &url,
            dot: FinalDot::Drop,
            accept_encoding,
            user_agent,
            framing,
            proxy_authorization,
        };
        let mut out = Vec::new();
        write(&mut out, &Method::POST, |out| out.push(b'/'), own, &fields).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert_eq!(out.matches(want).count(), 1, "{out}");
    }
}

/// What a server would take for the body has to be the body.
#[test]
fn a_framing_field_that_does_not_fit_the_body_is_refused() {
    use BodyFraming::{Chunked, Length, Unsaid};
    let rows = [
        ("content-length", "0", Unsaid, true),
        ("content-length", "5", Unsaid, false),
        ("content-length", "5", Length(5), true),
        ("content-length", "05", Length(5), true),
        ("content-length", "6", Length(5), false),
        ("content-length", "+5", Length(5), false),
        ("content-length", "5, 5", Length(5), false),
        ("content-length", "", Unsaid, false),
        ("content-length", "5", Chunked, false),
        ("transfer-encoding", "Chunked", Chunked, true),
        ("transfer-encoding", "gzip, chunked", Chunked, false),
        ("transfer-encoding", "chunked", Length(5), false),
        ("transfer-encoding", "chunked", Unsaid, false),
    ];
    let url = Url::parse("http://h/").unwrap();
    for (name, value, framing, fits) in rows {
        let mut fields = Headers::new();
        fields.try_set(name, value).unwrap();
        let proxy_authorization = ProxyAuthorization::Keep;
        let (accept_encoding, user_agent) = ("br", "me");
        let own = Own {
            host: &url,
            dot: FinalDot::Drop,
            accept_encoding,
            user_agent,
            framing,
            proxy_authorization,
        };
        let mut out = Vec::new();
        let result = write(&mut out, &Method::POST, |out| out.push(b'/'), own, &fields);
        let want = if fits { Ok(()) } else { Err(RequestHeadError::Framing(name.into())) };
        assert_eq!(result, want, "{name}: {value} with {framing:?}");
    }
}

#[test]
fn a_dot_at_the_end_of_a_name_is_in_host_if_it_was_in_what_went_before() {
    for (target, host) in [("/x", "h:81"), ("http://h.:81/x", "h.:81")] {
        let want = ["\r\nHost: ", host, "\r\n"].concat();
        assert!(check("GET", target, &[]).unwrap().contains(&want), "{target}");
    }
}

#[test]
fn credentials_for_a_proxy_stand_where_the_caller_had_put_his_own() {
    use ProxyAuthorization::{Drop, Is, Keep};
    let url = Url::parse("http://h/").unwrap();
    let known = HeaderValue::from_static("known");
    let rows = [
        (Keep, "mine", "Proxy-Authorization: mine\r\nX-A: 1\r\n\r\n"),
        (Drop, "mine", "User-Agent: me\r\nX-A: 1\r\n\r\n"),
        (Is(&known), "mine", "Proxy-Authorization: known\r\nX-A: 1\r\n\r\n"),
        (Is(&known), "", "X-A: 1\r\nProxy-Authorization: known\r\n\r\n"),
    ];
    for (proxy_authorization, own, want) in rows {
        let mut fields = Headers::new();
        if !own.is_empty() {
            fields.try_set("proxy-authorization", own).unwrap();
        }
        fields.try_set("x-a", "1").unwrap();
        let (framing, dot) = (BodyFraming::Unsaid, FinalDot::Drop);
        let (accept_encoding, user_agent) = ("br", "me");
        let own =
            Own { host: &url, dot, accept_encoding, user_agent, framing, proxy_authorization };
        let mut out = Vec::new();
        write(&mut out, &Method::GET, |out| out.push(b'/'), own, &fields).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(out.ends_with(want), "{out}");
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
