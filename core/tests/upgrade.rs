//! A connection is handed over behind a 101 that was asked for and behind the 2xx to a `CONNECT`,
//! with every byte that came behind it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what is broken here fails a test"
)]

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Poll;

use sessio_core::exchange::{Ask, Protocol, Received, Upgraded};
use sessio_core::trace::{Recording, What};
use sessio_core::{
    Error, ErrorKind, Exchange, Input, Instant, Now, Output, Request, Response, Session, WallTime,
};

const NOW: Now =
    Now { mono: Instant::from_nanos(0), wall: WallTime::from_unix_seconds(1_700_000_000) };
const SWITCH: &str = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\
    Upgrade: Echo/1\r\n\r\n";

/// What came of a call.
struct Ended {
    result: Result<Response, Error>,
    upgraded: Option<Upgraded<()>>,
    /// What was sent.
    sent: String,
    events: Vec<What>,
}

/// Acts a call out against a peer that says these pieces, each behind what is sent.
fn act(session: &mut Session<()>, request: Request, pieces: &[&[u8]]) -> Ended {
    session.trace = Recording::On;
    let prepared = session.prepare_request(request, NOW).unwrap();
    let plan = session.plan(&prepared.options, Ask::Nobody, Ask::Nobody);
    let mut exchange = session.start(Arc::new(prepared.request), plan, NOW).unwrap();
    let (mut sent, mut left) = (Vec::new(), VecDeque::from(pieces.to_vec()));
    loop {
        let address = ([192, 0, 2, 1], 80).into();
        let input = match exchange.poll() {
            Output::Consult => {
                exchange.consult(session, NOW);
                continue;
            }
            Output::Resolve(_) => Input::Resolved(std::slice::from_ref(&address)),
            Output::Connect { id, .. } => Input::Connecting(id, ()),
            Output::Await(attempts) => Input::Connected(attempts[0].id),
            Output::Transfer(transfer) => {
                let bytes = transfer.send.concat();
                sent.extend_from_slice(&bytes);
                match bytes.len() {
                    0 => {
                        let piece = left.pop_front().unwrap_or_default();
                        transfer.receive[..piece.len()].copy_from_slice(piece);
                        Input::Moved { sent: 0, received: Received::Bytes(piece.len()) }
                    }
                    count => Input::Moved { sent: count, received: Received::Nothing },
                }
            }
            Output::Head(_) => panic!("a head with a body to come"),
            Output::Done => return ended(exchange, sent, &left),
            other => panic!("{other:?}"),
        };
        exchange.handle(input, NOW);
    }
}

fn ended(mut exchange: Exchange<()>, sent: Vec<u8>, left: &VecDeque<&[u8]>) -> Ended {
    let mut upgraded = exchange.take_upgraded();
    if let Some(upgraded) = &mut upgraded {
        for piece in left {
            let moving = upgraded.transfer();
            moving.receive[..piece.len()].copy_from_slice(piece);
            upgraded.moved(0, Received::Bytes(piece.len()));
        }
    }
    let events = exchange.take_events().into_iter().map(|event| event.what).collect();
    Ended { upgraded, result: exchange.finish(), sent: String::from_utf8(sent).unwrap(), events }
}

fn asking() -> Request {
    let request = Request::get("http://a.test/chat");
    request.header("Connection", "Upgrade").header("Upgrade", "other, echo/1")
}

/// All that can be read now.
fn read(upgraded: &mut Upgraded<()>) -> Vec<u8> {
    let (mut all, mut room) = (Vec::new(), [0; 3]);
    while let Poll::Ready(Ok(count @ 1..)) = upgraded.read(&mut room) {
        all.extend_from_slice(&room[..count]);
    }
    all
}

#[test]
fn no_byte_behind_a_101_is_lost_wherever_it_is_cut() {
    let stream = format!("HTTP/1.1 103 Early Hints\r\n\r\n{SWITCH}left-over");
    let stream = stream.as_bytes();
    for cut in 1..stream.len() {
        for streamed in [false, true] {
            let (one, other) = stream.split_at(cut);
            let request = asking().stream(streamed);
            let ended = act(&mut Session::new(1), request, &[one, other]);
            let response = ended.result.unwrap();
            assert_eq!(response.status, 101, "cut at {cut}");
            assert_eq!(response.bytes(), b"", "cut at {cut}");
            let mut upgraded = ended.upgraded.expect("a connection");
            assert_eq!(read(&mut upgraded), b"left-over", "cut at {cut}");
            assert!(upgraded.read(&mut [0]).is_pending(), "cut at {cut}");
        }
    }
}

#[test]
fn a_switch_that_was_not_asked_for_is_an_error() {
    let get = || Request::get("http://a.test/");
    let rows = [
        (get(), SWITCH, "without being asked"),
        (get().header("Upgrade", "echo/1"), SWITCH, "without being asked"),
        (get().header("Connection", "upgrade"), SWITCH, "without being asked"),
        (asking(), "HTTP/1.1 101 X\r\nUpgrade: h2c\r\n\r\n", "not asked for"),
        (asking(), "HTTP/1.1 101 X\r\n\r\n", "not asked for"),
    ];
    for (request, answer, why) in rows {
        let ended = act(&mut Session::new(1), request, &[answer.as_bytes()]);
        assert!(ended.upgraded.is_none(), "{why}");
        let error = ended.result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection, "{why}");
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[test]
fn who_asks_and_is_declined_gets_an_ordinary_response() {
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno";
    let ended = act(&mut Session::new(1), asking(), &[answer]);
    assert!(ended.upgraded.is_none());
    assert_eq!(ended.result.unwrap().bytes(), b"no");
    assert!(ended.events.contains(&What::Kept));
}

#[test]
fn connect_asks_for_a_host_and_a_port_and_has_a_tunnel_then() {
    let rows = [
        ("http://a.test/ignored?too", "CONNECT a.test:80 HTTP/1.1\r\n"),
        ("http://[2001:db8::1]:22/", "CONNECT [2001:db8::1]:22 HTTP/1.1\r\n"),
    ];
    for (url, line) in rows {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, there";
        let ended = act(&mut Session::new(1), Request::new("CONNECT", url), &[answer]);
        assert!(ended.sent.starts_with(line), "{}", ended.sent);
        let mut upgraded = ended.upgraded.expect("a tunnel");
        let end = line.split(' ').nth(1).unwrap();
        assert_eq!(*upgraded.protocol(), Protocol::Tunnel(end.into()));
        // A length means nothing here: RFC 9110, 9.3.6.
        assert_eq!(read(&mut upgraded), b"hello, there");
        let told = format!("connection: handed over, speaks through a tunnel to {end} now");
        assert!(ended.events.iter().any(|what| what.to_string() == told), "{:?}", ended.events);
    }
    let refused = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno";
    let ended = act(&mut Session::new(1), Request::new("CONNECT", "http://a.test"), &[refused]);
    assert!(ended.upgraded.is_none());
    assert_eq!(ended.result.unwrap().bytes(), b"no");
}

#[test]
fn a_connection_handed_over_keeps_its_place_until_it_is_dropped() {
    let mut session = Session::new(1);
    session.limit_connections(Some(1), None);
    let ended = act(&mut session, asking(), &[SWITCH.as_bytes()]);
    let upgraded = ended.upgraded.expect("a connection");
    assert_eq!(*upgraded.protocol(), Protocol::Named("Echo/1".into()));

    let begin = |session: &mut Session<()>| {
        let prepared = session.prepare_request(asking(), NOW).unwrap();
        let plan = session.plan(&prepared.options, Ask::Nobody, Ask::Nobody);
        session.start(Arc::new(prepared.request), plan, NOW).unwrap()
    };
    assert!(matches!(begin(&mut session).poll(), Output::Full));
    drop(upgraded);
    assert!(matches!(begin(&mut session).poll(), Output::Resolve(_)));
}

#[test]
fn what_is_queued_and_what_is_unread_is_bounded_and_ends_are_told() {
    let ended = act(&mut Session::new(1), asking(), &[SWITCH.as_bytes()]);
    let mut upgraded = ended.upgraded.expect("a connection");
    let much = vec![b'x'; 1 << 20];
    assert_eq!(upgraded.write(&much).unwrap(), 1 << 16);
    assert_eq!(upgraded.write(b"more").unwrap(), 0);
    upgraded.moved(1, Received::Nothing);
    assert_eq!(upgraded.transfer().send.len(), (1 << 16) - 1);
    upgraded.moved((1 << 16) - 1, Received::Nothing);
    assert!(!upgraded.has_unsent());

    let mut came = 0;
    while !upgraded.transfer().receive.is_empty() {
        let count = upgraded.transfer().receive.len();
        upgraded.moved(0, Received::Bytes(count));
        came += count;
    }
    assert!(came < 1 << 17, "{came}");
    assert_eq!(read(&mut upgraded).len(), came);
    upgraded.moved(0, Received::Bytes(0));
    assert!(matches!(upgraded.read(&mut [0]), Poll::Ready(Ok(0))));
    assert!(upgraded.transfer().receive.is_empty());

    upgraded.close().unwrap();
    assert!(upgraded.write(b"x").is_err());
    assert!(upgraded.into_socket().is_ok());
}
