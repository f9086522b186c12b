//! Requests: refused, or exactly one request by the grammar, with what was given and nothing else.
//!
//! Input: method, URL, kind of body (`b` bytes, `f` a form, else none), body, then header fields
//! `Name: value`.

use http::HeaderName;
use sessio_core::wire::form::Params;
use sessio_core::{Request, url};

use crate::drive::answer;
use crate::input::{Fields, show};

/// Runs one input.
pub fn run(data: &[u8]) {
    let mut input = Fields::of(data);
    let (method, address, kind) = (input.text(), input.text(), input.number());
    let body = input.bytes();
    let mut request: Request = Request::new(&method, &*address).allow_redirects(false);
    let mut given: Vec<(String, Vec<u8>)> = Vec::new();
    for line in input.rest().take(20) {
        let colon = line.iter().position(|b| *b == b':').unwrap_or(line.len());
        let name = String::from_utf8_lossy(&line[..colon]).into_owned();
        let value = line.get(colon + 1..).unwrap_or_default();
        request = request.append_header(&name, value);
        given.push((name.to_ascii_lowercase(), value.to_vec()));
    }
    request = match kind {
        b'b' => request.body(body.to_vec()),
        b'f' => {
            let mut fields = Params::new();
            for pair in body.split(|b| *b == b'&') {
                fields.push(pair, pair);
            }
            request.form(fields)
        }
        _ => request,
    };
    let ended = answer(request, &[b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"]);
    if ended.sent.is_empty() {
        let error = ended.result.expect_err("nothing was sent");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(['\r', '\n', '\0']), "{shown:?}");
        return;
    }
    let sent = read(&ended.sent).unwrap_or_else(|why| panic!("{why}: {}", show(&ended.sent)));
    assert!(ended.result.is_ok(), "{:?}: {}", ended.result, show(&ended.sent));
    check(&sent, &method, &url::parse(&*address).expect("it was sent"), &given);
    if kind == b'b' && !body.is_empty() {
        assert_eq!(sent.body, body, "{}", show(&ended.sent));
    }
}

/// A request as a strict server reads it.
struct Sent<'a> {
    method: &'a str,
    target: &'a str,
    fields: Vec<(String, &'a [u8])>,
    body: Vec<u8>,
}

/// Reads one request, which is all there is.
///
/// Source: RFC 9112, sections 3, 5 and 6.
fn read(bytes: &[u8]) -> Result<Sent<'_>, &'static str> {
    let end = bytes.windows(4).position(|at| at == b"\r\n\r\n").ok_or("no end")?;
    let (head, rest) = (&bytes[..end], &bytes[end + 4..]);
    if head.iter().any(|b| *b == 0 || *b == 0x7f) {
        return Err("a control character");
    }
    let mut lines: Vec<&[u8]> = Vec::new();
    let mut left = head;
    while let Some(at) = left.windows(2).position(|at| at == b"\r\n") {
        lines.push(&left[..at]);
        left = &left[at + 2..];
    }
    lines.push(left);
    if lines.iter().any(|line| line.iter().any(|b| *b < b' ' && *b != b'\t')) {
        return Err("a control character");
    }
    let line = std::str::from_utf8(lines[0]).map_err(|_| "the request line is not ASCII")?;
    let words: Vec<&str> = line.split(' ').collect();
    let [method, target, "HTTP/1.1"] = words[..] else { return Err("no request line") };
    if method.is_empty() || !method.bytes().all(is_token) {
        return Err("no method");
    }
    if target.is_empty() || !target.bytes().all(|b| b.is_ascii_graphic()) {
        return Err("no target");
    }
    let mut fields = Vec::new();
    for line in &lines[1..] {
        let colon = line.iter().position(|b| *b == b':').ok_or("no colon")?;
        let name = std::str::from_utf8(&line[..colon]).map_err(|_| "no name")?;
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err("no name");
        }
        fields.push((name.to_ascii_lowercase(), crate::model::head::trim(&line[colon + 1..])));
    }
    let values = |name: &str| -> Vec<&[u8]> {
        fields.iter().filter(|(n, _)| n == name).map(|(_, value)| *value).collect()
    };
    if values("host").len() != 1 {
        return Err("not one Host");
    }
    let body =
        match (values("content-length")[..].as_ref(), values("transfer-encoding")[..].as_ref()) {
            ([], []) if rest.is_empty() => Vec::new(),
            ([length], []) if *length == rest.len().to_string().as_bytes() => rest.to_vec(),
            ([], [coding]) if coding.eq_ignore_ascii_case(b"chunked") => {
                match crate::model::chunked::read(rest) {
                    crate::model::chunked::Read::Whole { data, used, .. } if used == rest.len() => {
                        data
                    }
                    _ => return Err("not one chunked body"),
                }
            }
            _ => return Err("not one framing, or not that of the body"),
        };
    Ok(Sent { method, target, fields, body })
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// What went out is what was given, and what the core adds.
fn check(sent: &Sent<'_>, method: &str, url: &url::Url, given: &[(String, Vec<u8>)]) {
    assert!(sent.method.eq_ignore_ascii_case(method), "{} for {method}", sent.method);
    let query = url.query().filter(|query| !query.is_empty());
    let target = format!("{}{}", url.path(), query.map(|q| format!("?{q}")).unwrap_or_default());
    assert_eq!(sent.target, target);
    let own = [
        "host",
        "user-agent",
        "accept-encoding",
        "accept",
        "connection",
        "content-length",
        "content-type",
        "transfer-encoding",
        "authorization",
        "cookie",
    ];
    for (name, value) in &sent.fields {
        let is_given =
            given.iter().any(|(n, v)| n == name && crate::model::head::trim(v) == *value);
        assert!(is_given || own.contains(&name.as_str()), "{name} came from nowhere");
        if name == "host" && !given.iter().any(|(n, _)| n == "host") {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            let host = url.host_str().unwrap_or_default();
            assert_eq!(String::from_utf8_lossy(value), format!("{host}{port}"));
        }
        if name == "authorization" && !given.iter().any(|(n, _)| n == "authorization") {
            assert!(!url.username().is_empty() || url.password().is_some(), "whose is it?");
        }
    }
    // What the caller gave is there, but for what is never a proxy's, or framing of the library's.
    let kept = |name: &str| {
        !["proxy-authorization", "content-length", "transfer-encoding"].contains(&name)
    };
    for (name, value) in given.iter().filter(|(name, _)| kept(name)) {
        assert!(HeaderName::from_bytes(name.as_bytes()).is_ok(), "{name:?}");
        let is_sent =
            sent.fields.iter().any(|(n, v)| n == name && *v == crate::model::head::trim(value));
        let replaced = name == "authorization" || name == "cookie" || name == "host";
        assert!(is_sent || replaced, "{name} is lost");
    }
}
