//! Requests: refused, or exactly one request by the grammar, with what was given and nothing else.
//!
//! Input: method, URL, kind of body (`b` bytes, `f` a form, else none), body, then header fields
//! `Name: value`.

use http::HeaderName;
use sessio_core::wire::form::Params;
use sessio_core::{Request, url};

use crate::drive::answer;
use crate::input::{Fields, show};
use crate::model::request::{Request as Sent, read};

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
    if url::parse(&*address).is_ok_and(|url| url.scheme() == "https") {
        // What went out is the begin of TLS.
        assert_eq!(ended.sent.first(), Some(&0x16), "{}", show(&ended.sent));
        return;
    }
    let sent = read(&ended.sent).unwrap_or_else(|why| panic!("{why}: {}", show(&ended.sent)));
    let sent = sent.unwrap_or_else(|| panic!("half a request: {}", show(&ended.sent)));
    assert_eq!(sent.used, ended.sent.len(), "more than a request: {}", show(&ended.sent));
    assert!(ended.result.is_ok(), "{:?}: {}", ended.result, show(&ended.sent));
    check(&sent, &method, &url::parse(&*address).expect("it was sent"), &given);
    if kind == b'b' && !body.is_empty() {
        assert_eq!(sent.body, body, "{}", show(&ended.sent));
    }
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
            // The dot at the end of a name is for the resolver, as in urllib3.
            let host = url.host_str().unwrap_or_default().trim_end_matches('.');
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
