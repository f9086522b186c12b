//! What values show of themselves in `Debug`: enough to find a fault, and no secret.
#![cfg(feature = "json")]
#![expect(clippy::unwrap_used, reason = "a call that cannot be prepared fails the test")]

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use sessio_core::exchange::{Ask, Probe, Received};
use sessio_core::io::IoError;
use sessio_core::message::{Auth, Body, Content, Part, Rewind, SourceId};
use sessio_core::url::{self, Origin};
use sessio_core::{
    Cookie, Error, ErrorKind, Exchange, Input, Instant, Now, Output, Request, Response, Session,
    WallTime,
};

const SECRET: &str = "S3CRET";

fn at(millis: u64) -> Now {
    let mono = Instant::from_nanos(millis * 1_000_000);
    Now { mono, wall: WallTime::from_unix_seconds(1_700_000_000) }
}

fn check(shown: &str, wanted: &[&str]) {
    assert!(!shown.contains(SECRET), "{shown}");
    for want in wanted {
        assert!(shown.contains(want), "{want} is not in {shown}");
    }
}

/// The states that a call shows on its way, each once in a row, and its end.
fn states(session: &mut Session<()>, response: &[u8]) -> (Vec<String>, Result<Response, Error>) {
    let request = Request::post("http://u:S3CRET@a.test/x").body("S3CRET");
    let prepared = session.prepare_request(request, at(0)).unwrap();
    let plan = session.plan(&prepared.options, Ask::Runtime, Ask::Runtime);
    let mut exchange = session.start(Arc::new(prepared.request), plan, at(0)).unwrap();
    let (mut seen, mut left): (Vec<String>, _) = (Vec::new(), response);
    for step in 1.. {
        let now = at(step);
        let shown = format!("{exchange:?}");
        check(&shown, &["POST", "a.test", "state"]);
        let state = shown.split("state: \"").nth(1).unwrap().split('"').next().unwrap();
        if seen.last().is_none_or(|last| last != state) {
            seen.push(state.to_owned());
        }
        let address = ([192, 0, 2, 1], 80).into();
        let input = match exchange.poll() {
            Output::Consult => {
                exchange.consult(session, now);
                continue;
            }
            Output::Resolve(_) => Input::Resolved(std::slice::from_ref(&address)),
            Output::Connect { id, .. } => Input::Connecting(id, ()),
            Output::Await(attempts) => Input::Connected(attempts[0].id),
            Output::Transfer(transfer) => {
                let sent = transfer.send.iter().map(|bytes| bytes.len()).sum::<usize>();
                let count = if sent == 0 { left.len().min(transfer.receive.len()) } else { 0 };
                transfer.receive[..count].copy_from_slice(&left[..count]);
                left = &left[count..];
                let received = if sent == 0 { Received::Bytes(count) } else { Received::Nothing };
                Input::Moved { sent, received }
            }
            Output::Probe(()) => Input::Probed(Probe::Quiet),
            Output::Prepared(_) | Output::Head(_) | Output::Respond(_) => Input::Continue,
            Output::Done => return (seen, exchange.finish()),
            other => panic!("{other:?}"),
        };
        exchange.handle(input, now);
    }
    unreachable!("a call ends")
}

#[test]
fn a_call_shows_how_far_it_is_and_what_it_was_told_stays_hidden() {
    let mut session: Session<()> = Session::new(1);
    let (seen, result) = states(&mut session, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    let want = ["Signing", "Planning", "Resolving", "Dialing", "Talking"];
    assert_eq!(seen[..5], want);
    assert_eq!(seen.last().unwrap(), "Done");
    let response = result.unwrap();
    let shown = format!("{response:?}");
    check(&shown, &["status: 200", "a.test", "content-length", "2 bytes", "history: []"]);
    assert_eq!(response.to_string(), "<Response [200]>");
    assert!(response.is_ok() && response.header_str("content-length") == Some("2"));
    assert_eq!(response.header_str("x-none"), None);

    let (seen, result) =
        states(&mut session, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nS3CRET");
    assert!(seen.contains(&"Receiving".to_owned()), "{seen:?}");
    let mut error = result.unwrap_err();
    check(&format!("{error:?} {error}"), &["kind: ChunkedEncoding", "POST", "a.test"]);
    let partial = error.response_mut().unwrap();
    assert_eq!(partial.content, Content::Partial(Bytes::from_static(b"S3CRET")));
    check(&format!("{partial:?}"), &["6 bytes, cut off"]);
    assert!(error.retries().is_empty());

    let (seen, result) = states(&mut session, b"HTTP/1.1 999999 no\r\n\r\n");
    assert_eq!(seen.last().unwrap(), "Failed", "{seen:?}");
    assert!(std::error::Error::source(&result.unwrap_err()).is_some());
    check(&format!("{session:?}"), &["headers", "cookies", "idle_connections"]);
}

#[test]
fn requests_bodies_and_credentials_show_sizes_only() {
    let request: Request = Request::get("http://u:S3CRET@a.test/").param("k", SECRET);
    check(&format!("{request:?}"), &["GET"]);
    let parsed = url::parse("http://u:S3CRET@a.test/x").unwrap();
    check(&format!("{:?}", sessio_core::message::Address::from(&parsed)), &["a.test/x"]);
    check(&format!("{:?}", sessio_core::message::Address::from(SECRET)), &["6 bytes of text"]);

    let source = |length| Part::Source { source: SourceId(3), length, rewind: Rewind::Possible };
    let parts = [Part::Bytes(Bytes::from_static(b"S3CRET")), source(Some(9)), source(None)];
    let body = Body::Parts(parts.into_iter().collect());
    check(&format!("{body:?}"), &["6 bytes", "source 3 (9 bytes)", "source 3]"]);
    assert_eq!((body.len(), body.is_empty()), (None, false));
    let bytes = Body::from(Bytes::from_static(b"S3CRET"));
    check(&format!("{bytes:?}"), &["6 bytes"]);
    assert!(Body::Empty.is_empty() && !bytes.is_empty());

    let auth: Auth<()> = Auth::basic(&b"S3CRET"[..], SECRET);
    check(&format!("{auth:?}"), &["Basic"]);
    let auth: Auth<()> = Auth::bearer(SECRET);
    check(&format!("{auth:?}"), &["Bearer"]);
    let cookie = Cookie::new("name", SECRET);
    check(&format!("{cookie:?}"), &["name"]);
}

#[test]
fn an_error_is_of_a_class_and_has_its_cause() {
    use ErrorKind as Kind;

    let connections =
        [Kind::Connection, Kind::ConnectTimeout, Kind::Ssl, Kind::Proxy, Kind::PoolTimeout];
    let timeouts = [Kind::ConnectTimeout, Kind::ReadTimeout, Kind::TotalTimeout, Kind::PoolTimeout];
    let urls = [Kind::InvalidUrl, Kind::InvalidProxyUrl, Kind::MissingSchema, Kind::InvalidSchema];
    for kind in connections.into_iter().chain(timeouts).chain(urls).chain([Kind::Limit]) {
        assert_eq!(kind.is_connection(), connections.contains(&kind), "{kind:?}");
        assert_eq!(kind.is_timeout(), timeouts.contains(&kind), "{kind:?}");
        assert_eq!(kind.is_invalid_url(), urls.contains(&kind), "{kind:?}");
    }
    let error = Error::new(Kind::Connection, IoError::Reset);
    let cause = std::error::Error::source(&error).map(ToString::to_string);
    assert_eq!(cause.as_deref(), Some("connection reset by the peer"));
    let error = Error::new(Kind::Hook, "no");
    assert!(std::error::Error::source(&error).is_none());
    assert_eq!(error.to_string(), "no");
    assert!(error.into_response().is_none());
}

#[test]
fn an_origin_has_its_three_parts() {
    let rows = [
        ("http://a.test/x", Some(("http", "a.test", Some(80)))),
        ("HTTPS://A.test:8443", Some(("https", "a.test", Some(8443)))),
        ("http://[::1]/", Some(("http", "[::1]", Some(80)))),
        ("http+unix://h/", Some(("http+unix", "h", None))),
        ("mailto:x@y.test", None),
    ];
    for (text, want) in rows {
        let origin = Origin::of(&url::parse(text).unwrap());
        let got = origin.as_ref().map(|origin| (origin.scheme(), origin.host(), origin.port()));
        assert_eq!(got, want, "{text}");
    }
}

/// A timer that comes too early changes nothing; past the limit it ends the call.
#[test]
fn a_call_that_waits_ends_with_its_limit() {
    let mut session: Session<()> = Session::new(1);
    session.timeouts.total = Some(Duration::from_secs(1));
    let prepared = session.prepare_request(Request::get("http://a.test/"), at(0)).unwrap();
    let plan = session.plan(&prepared.options, Ask::Nobody, Ask::Nobody);
    let mut exchange: Exchange<()> =
        session.start(Arc::new(prepared.request), plan, at(0)).unwrap();
    while let Output::Consult = exchange.poll() {
        exchange.consult(&mut session, at(0));
    }
    let deadline = exchange.deadline().unwrap();
    assert_eq!(deadline.at, at(1000).mono);
    exchange.handle(Input::Tick, at(999));
    assert!(matches!(exchange.poll(), Output::Resolve(_)));
    exchange.handle(Input::Tick, at(1000));
    assert!(matches!(exchange.poll(), Output::Done));
    let error = exchange.finish().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TotalTimeout);
    assert!(error.response().is_none() && error.request().is_some());
}
