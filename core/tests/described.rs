//! Requests as a caller describes them, and what is made of that when they are prepared.
#![cfg(feature = "json")]
#![expect(clippy::unwrap_used, reason = "a request that cannot be prepared fails the test")]

use std::time::Duration;

use http::HeaderValue;
use sessio_core::message::{Auth, Certificate, Query};
use sessio_core::policy::merge::Given;
use sessio_core::policy::proxies::Proxies;
use sessio_core::policy::settings::Verify;
use sessio_core::{
    Cookie, ErrorKind, Instant, Now, Params, Prepared, Request, Session, Timeouts, WallTime, url,
};

fn now() -> Now {
    Now { mono: Instant::from_nanos(0), wall: WallTime::from_unix_seconds(1_700_000_000) }
}

fn prepared(request: Request) -> Prepared {
    Session::<()>::new(1).prepare_request(request, now()).unwrap()
}

#[test]
fn parameters_add_up_however_they_are_given() {
    let parsed = url::parse("http://a.test/?q").unwrap();
    let rows: [(Request, &str); 6] = [
        (Request::get("http://a.test/").param("a", 1).param("b", "x y"), "a=1&b=x+y"),
        (Request::get("http://a.test/?q").param("a", true), "q&a=True"),
        (Request::get("http://a.test/").params(Query::Text("raw=%20".into())), "raw=%20"),
        (Request::get(parsed.clone()).param("a", 1), "q&a=1"),
        (Request::get(&parsed), "q"),
        (Request::get("http://a.test/").param("a", ["1", "2"]), "a=1&a=2"),
    ];
    for (request, want) in rows {
        assert_eq!(prepared(request).request.url.query(), Some(want));
    }
}

#[test]
fn fields_are_set_added_hidden_and_taken_away() {
    let request = Request::get("http://a.test/")
        .header("X-A", "1")
        .append_header("X-A", "2")
        .secret_header("X-Key", "S3CRET")
        .header_value("X-B", HeaderValue::from_static("b"))
        .without_header("Accept");
    let headers = prepared(request).request.headers;
    assert_eq!(headers.get_joined("x-a").unwrap(), b"1, 2");
    assert!(headers.get("x-key").unwrap().is_sensitive());
    assert_eq!((headers.get_str("x-b"), headers.contains("accept")), (Some("b"), false));
    assert!(!format!("{headers:?}").contains("S3CRET"));
}

#[test]
fn options_are_those_of_the_call() {
    let timeouts = Timeouts::both(Duration::from_secs(3));
    let proxies: Proxies =
        [("http".to_owned(), Some("http://p:1".to_owned()))].into_iter().collect();
    let mut request: Request = Request::get("http://a.test/")
        .timeout(timeouts)
        .proxies(proxies.clone())
        .verify(Verify::Off)
        .cert(Certificate::file("/c"))
        .allow_redirects(false);
    request.options_mut().stream = Some(true);
    let options = prepared(request).options;
    assert_eq!(options.timeout, Some(timeouts));
    assert_eq!(options.proxies, Given::Use(proxies));
    assert_eq!((options.verify, options.cert), (Some(Verify::Off), Some(Certificate::file("/c"))));
    assert_eq!((options.allow_redirects, options.stream), (Some(false), Some(true)));
    let options = prepared(Request::get("http://a.test/").no_proxy()).options;
    assert_eq!(options.proxies, Given::Off);
}

#[test]
fn credentials_of_the_call_beat_those_of_the_session_and_none_is_none() {
    let mut session: Session<()> = Session::new(1);
    session.auth = Given::Use(Auth::basic("session", "p"));
    let rows: [(Request, Option<&str>); 5] = [
        (Request::get("http://a.test/"), Some("Basic c2Vzc2lvbjpw")),
        (Request::get("http://a.test/").no_auth(), None),
        (Request::get("http://a.test/").basic_auth("u", "p"), Some("Basic dTpw")),
        (Request::get("http://a.test/").bearer_auth("t"), Some("Bearer t")),
        (Request::get("http://a.test/").digest_auth("u", "p"), None),
    ];
    for (number, (request, want)) in rows.into_iter().enumerate() {
        let prepared = session.prepare_request(request, now()).unwrap();
        assert_eq!(prepared.request.headers.get_str("authorization"), want, "{number}");
    }
}

#[test]
fn a_mistake_is_told_when_the_request_is_prepared() {
    let files = || sessio_core::wire::multipart::Part::bytes("f", "x");
    let long = "x".repeat(10);
    let rows: [(Request, ErrorKind, &str); 9] = [
        (Request::get("http://a.test/").header("a b", "1"), ErrorKind::InvalidHeader, "a b"),
        (
            Request::get("http://a.test/").append_header("a", "\n"),
            ErrorKind::InvalidHeader,
            "\"a\"",
        ),
        (
            Request::get("http://a.test/").secret_header("a", "S3CRET\n"),
            ErrorKind::InvalidHeader,
            "a",
        ),
        (Request::new("G T", "http://a.test/"), ErrorKind::InvalidMethod, "G T"),
        (Request::get("a.test"), ErrorKind::MissingSchema, "no scheme"),
        (Request::get("http://"), ErrorKind::InvalidUrl, "no host"),
        (Request::get("http://a.test/").json(&f64::NAN), ErrorKind::InvalidJson, "no JSON form"),
        (
            Request::post("http://a.test/").body(long).file(files()),
            ErrorKind::InvalidRequest,
            "not beside",
        ),
        (
            Request::get("http://a.test/").cookie(Cookie::new("a", "S3CRET\n")),
            ErrorKind::InvalidHeader,
            "control character",
        ),
    ];
    for (number, (request, kind, word)) in rows.into_iter().enumerate() {
        let mut session: Session<()> = Session::new(1);
        let error = session.prepare_request(request, now()).unwrap_err();
        assert_eq!(error.kind(), kind, "{number}: {error}");
        assert!(error.to_string().contains(word), "{number}: {error}");
        assert!(!format!("{error} {error:?}").contains("S3CRET"), "{number}: {error:?}");
    }
}

#[test]
fn a_form_of_no_fields_and_a_form_of_some_are_told_apart() {
    let fields: Params = [("a", "1"), ("b", "x y")].into_iter().collect();
    let form = prepared(Request::post("http://a.test/").form(fields)).request;
    assert_eq!(form.body.as_bytes().unwrap(), "a=1&b=x+y");
    assert_eq!(form.headers.get_str("content-length"), Some("9"));
    let none = prepared(Request::post("http://a.test/").form(Params::new())).request;
    assert!(none.body.is_empty() && !none.headers.contains("content-type"));
    assert_eq!(none.path_url(), "/");
}
