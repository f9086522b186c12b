//! What goes on the wire: injection and smuggling from the caller's side, rows 64 to 79.

use serde_json::{Value, json};
use sessio_conformance::sim::client::SimKit;
use sessio_core::wire::multipart::Part;
use sessio_core::{Headers, Instant, Now, Request, Session, WallTime};

use crate::scene::{OK, Seen, get, scene, to};

/// One call to `a.test`, or by a proxy if there is one.
fn called(call: Value) -> Seen {
    scene().server("http://a.test", [OK]).call(call).run()
}

/// That one request arrived and no field `x`, or that the call failed and none did.
fn check(seen: &Seen, what: &str) {
    let lines = seen.lines();
    let is_refused = seen.outcome(0).parse::<u16>().is_err();
    assert_eq!(lines.len(), usize::from(!is_refused), "{what}: {lines:?} {}", seen.outcome(0));
    assert!(seen.each("x").iter().all(|value| value == "-"), "{what}: {}", seen.sent());
}

/// Row 64: CVE-2014-8150 curl.
#[test]
fn s064_no_line_end_of_a_url_reaches_a_proxy() {
    for url in ["http://a.test/%0d%0aX:%20y", "http://a.test/\r\nX: y", "http://a.test/?q=\r\nX: y"]
    {
        let seen = scene()
            .session("proxies", json!([["http", "http://p.test:1"]]))
            .proxy("http://p.test:1", [OK])
            .get(url)
            .run();
        check(&seen, url);
        assert_eq!(seen.lines()[0].split(' ').count(), 3, "{url}: {:?}", seen.lines());
    }
}

/// Row 65: CVE-2019-9740, CVE-2019-9947 and CVE-2019-18348 Python.
#[test]
fn s065_no_line_end_of_a_url_reaches_a_server() {
    let urls = [
        "http://a.test/a\r\nX: y",
        "http://a.test/?q\r\nX: y",
        "http://a.test\r\nX: y/",
        "http://a.test/\u{0}X",
        "http://a.te\r\nst/",
        "http://a.test/a b\nX: y",
    ];
    for url in urls {
        check(&called(get(url, Value::Null)), url);
    }
}

/// Row 66: CVE-2019-11236 urllib3 and CVE-2020-11078 httplib2.
#[test]
fn s066_line_ends_in_parameters_are_escaped() {
    let seen = called(get("http://a.test/", json!({"params": [["k\r\nX: y", "v\r\nX: y"]]})));
    check(&seen, "params");
    assert_eq!(seen.lines(), ["a.test GET /?k%0D%0AX%3A+y=v%0D%0AX%3A+y"]);
}

/// Row 67: CVE-2020-26116 Python, CVE-2020-26137 urllib3 and CVE-2023-49082 aiohttp.
#[test]
fn s067_a_method_is_a_token() {
    for method in ["GET / HTTP/1.1\r\nX: y", "GET\r\n", "G T", "", "GET\u{0}", "GÉT"] {
        let call = json!({"method": method, "via": "request"});
        let seen = called(get("http://a.test/", call));
        assert_eq!(seen.lines().len(), 0, "{method:?}: {:?}", seen.lines());
        assert!(seen.outcome(0).parse::<u16>().is_err(), "{method:?}");
    }
}

/// Row 68: CVE-2016-5699 Python and RUSTSEC-2017-0002 hyper.
#[test]
fn s068_a_line_end_in_a_field_is_refused_and_not_replaced() {
    for bad in ["v\r\nX: y", "v\nX: y", "v\rX: y", "v\u{0}", "\r\n", "v\r\n\r\nGET / HTTP/1.1"] {
        for (name, value) in [("A", bad), (bad, "v")] {
            let seen = called(get("http://a.test/", json!({"headers": [[name, value]]})));
            assert_eq!(seen.outcome(0), "InvalidHeader", "{bad:?}");
            assert_eq!(seen.lines().len(), 0, "{bad:?}");
        }
    }
}

/// Row 70: CVE-2023-29406 Go.
#[test]
fn s070_a_host_set_by_hand_adds_no_line() {
    for bad in ["a\r\nX: y", "a\nX: y", "a\u{0}"] {
        let seen = called(get("http://a.test/", json!({"headers": [["Host", bad]]})));
        assert_eq!((seen.outcome(0).as_str(), seen.lines().len()), ("InvalidHeader", 0), "{bad:?}");
    }
    let seen = called(get("http://a.test/", json!({"headers": [["Host", "b.test:8"]]})));
    assert_eq!(seen.each("host"), ["b.test:8"]);
}

/// Row 71: CVE-2022-31150, CVE-2022-35948 and CVE-2023-23936 undici.
#[test]
fn s071_no_field_that_the_library_reads_adds_a_line() {
    for name in ["Content-Type", "Host", "Cookie", "Authorization", "Range", "Transfer-Encoding"] {
        let fields = json!([[name, "v\r\nX: y"]]);
        let call = json!({"method": "POST", "data": "b", "headers": fields});
        let seen = called(get("http://a.test/", call));
        assert_eq!((seen.outcome(0).as_str(), seen.lines().len()), ("InvalidHeader", 0), "{name}");
    }
}

/// Row 72: undici, "validate upgrade header".
#[test]
fn s072_what_is_changed_after_preparing_is_checked_all_the_same() {
    for (name, value) in [("Upgrade", "w\r\nX: y"), ("X-A\r\nX", "y"), ("Host", "a\r\nX: y")] {
        for via in ["send", "bare"] {
            let call = json!({"via": via, "prepared_headers": [[name, value]]});
            check(&called(get("http://a.test/", call)), name);
        }
    }
    let call = json!({"via": "send", "prepared_url": "http://a.test/\r\nX: y"});
    check(&called(get("http://a.test/", call)), "prepared_url");
}

/// Row 73: CVE-2026-1525 undici.
#[test]
fn s073_there_is_one_framing() {
    let rows = [
        json!([["Content-Length", "5"], ["content-length", "9"]]),
        json!([["content-length", "5"], ["Transfer-Encoding", "chunked"]]),
        json!([["Content-Length", "5, 9"]]),
        json!([["Content-Length", "9"]]),
    ];
    for fields in rows {
        let call = json!({"method": "POST", "data": "12345", "headers": fields});
        let seen = called(get("http://a.test/", call));
        if seen.outcome(0) == "200" {
            let framing = (seen.each("content-length"), seen.each("transfer-encoding"));
            let length = (vec!["5".to_owned()], vec!["-".to_owned()]);
            let chunked = (vec!["-".to_owned()], vec!["chunked".to_owned()]);
            assert!([length, chunked].contains(&framing), "{fields}: {framing:?}");
            assert_eq!(seen.wire()[0]["body"], "12345", "{fields}");
        } else {
            assert!(!seen.sent().contains("12345"), "{fields}: {}", seen.sent());
        }
    }
}

/// Row 74: RUSTSEC-2020-0008 hyper.
#[test]
fn s074_no_body_goes_out_without_framing() {
    for method in ["GET", "HEAD", "DELETE", "OPTIONS", "POST", "X"] {
        for (data, framing) in
            [(json!("12345"), ("5", "-")), (json!({"generator": ["12345"]}), ("-", "chunked"))]
        {
            let seen = called(get("http://a.test/", json!({"method": method, "data": data})));
            let found = (&*seen.each("content-length")[0], &*seen.each("transfer-encoding")[0]);
            assert_eq!(found, framing, "{method}");
            assert_eq!(seen.wire()[0]["body"], "12345", "{method}");
        }
    }
}

/// Row 75: GHSA-445q-vr5w-6q77 axios and CVE-2025-22150 undici.
#[test]
fn s075_names_of_parts_add_no_line_and_boundaries_are_not_to_be_guessed() {
    let file = |name: &str| json!([{"name": name, "filename": "a\"\r\nX: y", "content": "c"}]);
    let posted = json!({"method": "POST", "files": file("f\r\nX: y\"")});
    let seen = called(get("http://a.test/", posted));
    let body = seen.wire()[0]["body"].as_str().expect("a body");
    let heads: Vec<&str> = body.lines().filter(|line| line.starts_with('X')).collect();
    assert!(heads.is_empty(), "{body}");
    assert_eq!(body.matches("\r\n\r\n").count(), 1, "{body}");
    // The boundary is 128 bits of the seed: two parts with the same content get two of them.
    let boundary = |seed: u128| {
        let mut session = Session::<(), SimKit>::new(seed);
        let request = Request::post("http://a.test/").file(Part::bytes("f", "c"));
        let now = Now { mono: Instant::from_nanos(0), wall: WallTime::from_unix_millis(0) };
        let prepared = session.prepare_request(request, now).expect("a request");
        prepared.request.headers.get("content-type").cloned()
    };
    assert_ne!(boundary(1), boundary(2));
}

/// Row 76: CVE-2022-35949 undici, CVE-2024-39338 and CVE-2025-27152 axios.
#[test]
fn s076_no_path_changes_the_origin() {
    for (url, line) in [
        ("http://a.test//evil.test/x", "a.test GET //evil.test/x"),
        ("http://a.test/http://evil.test/x", "a.test GET /http://evil.test/x"),
        ("http://a.test/\\evil.test/x", "a.test GET //evil.test/x"),
        ("http://a.test/@evil.test/x", "a.test GET /@evil.test/x"),
    ] {
        assert_eq!(called(get(url, Value::Null)).lines(), [line], "{url}");
    }
    for url in ["//evil.test/x", "/x", "evil.test/x"] {
        assert_eq!(called(get(url, Value::Null)).outcome(0), "MissingSchema", "{url}");
    }
}

/// Row 77: CVE-2015-3153 and CVE-2003-1605 curl.
#[test]
fn s077_proxy_and_server_have_two_sets_of_fields() {
    let fields = json!([["Authorization", "secret"], ["Cookie", "secret"], ["X-A", "secret"]]);
    let seen = scene()
        .session("proxies", json!([["https", "http://u:p@p.test:1"]]))
        .proxy("http://p.test:1", [json!({"tunnel": true})])
        .server("https://a.test", [to("/2"), OK.to_owned()])
        .call(get("https://a.test/", json!({"headers": fields})))
        .run();
    assert!(!seen.wire()[0].to_string().contains("secret"), "{}", seen.wire()[0]);
    assert_eq!(seen.each("proxy-authorization"), ["Basic dTpw", "-", "-"]);
    assert_eq!(seen.each("x-a"), ["-", "secret", "secret"]);
}

/// Row 79: RUSTSEC-2026-0174 http-types.
#[test]
fn s079_no_way_in_takes_a_byte_that_a_field_forbids() {
    for byte in 0..=255_u8 {
        let is_allowed = byte == b'\t' || (byte >= 0x20 && byte != 0x7f);
        let value = [b'a', byte, b'b'];
        let mut headers = Headers::new();
        assert_eq!(headers.try_set("X-A", &value[..]).is_ok(), is_allowed, "{byte:#x}");
    }
}
