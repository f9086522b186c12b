//! Timeouts: they fire in time, and say which they are.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use common::{counting, serve, session};
use sessio_std::{ErrorKind, Request, Timeouts};

const SPAN: Duration = Duration::from_millis(100);

/// A listener that nobody accepts from and whose backlog is full: it answers no more.
fn deaf() -> (TcpListener, Vec<TcpStream>, SocketAddr) {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into()).unwrap();
    socket.listen(0).unwrap();
    let listener: TcpListener = socket.into();
    let address = listener.local_addr().unwrap();
    let mut held = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(100)) {
        held.push(stream);
    }
    (listener, held, address)
}

/// Asks, and says what it ended in; it may not have taken much longer than the timeout.
fn ends_in(request: Request, session: &sessio_std::Session) -> ErrorKind {
    let begun = Instant::now();
    let error = session.request(request).and_then(|mut r| r.bytes()).unwrap_err();
    let took = begun.elapsed();
    assert!(took >= SPAN && took < SPAN + Duration::from_secs(1), "{took:?}: {error}");
    error.kind()
}

#[test]
fn an_address_that_never_answers_is_a_connect_timeout() {
    let (_listener, _held, address) = deaf();
    let session = session();
    session.lock().connect_to("deaf.test", 80, address);
    let connect = Timeouts { connect: Some(SPAN), ..Timeouts::NONE };
    let total = Timeouts { total: Some(SPAN), ..Timeouts::NONE };
    for (timeouts, want) in [(connect, ErrorKind::ConnectTimeout), (total, ErrorKind::TotalTimeout)]
    {
        let request = Request::get("http://deaf.test/").timeout(timeouts);
        assert_eq!(ends_in(request, &session), want);
    }
}

#[test]
fn a_silent_peer_is_a_read_timeout_and_a_slow_one_a_total_timeout() {
    let (address, _) = serve(|mut peer| {
        let Some(head) = peer.head() else { return };
        if !head.contains(" /silent ") {
            peer.say("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        }
        for _ in 0..100 {
            if head.contains(" /slow ") {
                peer.say("x");
            }
            thread::sleep(Duration::from_millis(10));
        }
    });
    let session = session();
    let read = Timeouts { read: Some(SPAN), ..Timeouts::NONE };
    let total = Timeouts { total: Some(SPAN), ..read };
    let rows = [
        ("silent", false, read, ErrorKind::ReadTimeout),
        ("half", false, read, ErrorKind::ReadTimeout),
        ("half", true, read, ErrorKind::ReadTimeout),
        ("slow", false, total, ErrorKind::TotalTimeout),
        ("slow", true, total, ErrorKind::TotalTimeout),
    ];
    for (path, stream, timeouts, want) in rows {
        let request = Request::get(format!("http://{address}/{path}"));
        let request = request.timeout(timeouts).stream(stream);
        assert_eq!(ends_in(request, &session), want, "{path} {stream}");
    }
}

#[test]
fn a_peer_that_stops_reading_is_a_read_timeout() {
    let (address, _) = serve(|mut peer| {
        peer.head();
        thread::sleep(Duration::from_secs(2));
    });
    let read = Timeouts { read: Some(SPAN), ..Timeouts::NONE };
    let request = Request::post(format!("http://{address}/")).body(vec![0; 64 << 20]);
    let begun = Instant::now();
    let error = session().request(request.timeout(read)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadTimeout);
    assert!(begun.elapsed() < Duration::from_millis(1500));
}

#[test]
fn the_time_that_the_caller_takes_is_not_the_peers() {
    let (address, _) = serve(|mut peer| {
        while peer.head().is_some() {
            peer.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
            for part in ["0123", "456789"] {
                thread::sleep(SPAN * 5 / 2);
                peer.say(part);
            }
        }
    });
    let read = Timeouts { read: Some(SPAN), ..Timeouts::NONE };
    let request = Request::get(format!("http://{address}/")).timeout(read).stream(true);
    let mut response = session().request(request).unwrap();
    thread::sleep(SPAN * 2);
    let mut items = Vec::new();
    for item in response.iter_content(4) {
        items.push(item.unwrap());
        thread::sleep(SPAN * 2);
    }
    assert_eq!(items, ["0123", "4567", "89"]);
}

#[test]
fn a_call_in_time_is_not_touched_by_its_timeouts() {
    let url = format!("http://{}/", counting());
    let span = Some(Duration::from_secs(2));
    let timeouts = Timeouts { connect: span, read: span, total: span, pool: span };
    let session = session();
    session.lock().timeouts = timeouts;
    for _ in 0..3 {
        assert_eq!(session.get(&*url).unwrap().text().unwrap(), "0");
    }
    session.lock().timeouts = Timeouts::NONE;
    assert_eq!(session.get(&*url).unwrap().text().unwrap(), "0");
    session.lock().timeouts.read = Some(Duration::ZERO);
    assert_eq!(session.get(&*url).unwrap_err().kind(), ErrorKind::InvalidRequest);
}
