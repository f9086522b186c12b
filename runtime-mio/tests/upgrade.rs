//! A connection that no longer speaks HTTP is handed over: after a 101, and after `CONNECT`; in a
//! loop of the caller's own, and as a reader and writer that waits.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;
#[path = "common/looped.rs"]
mod looped;

use std::io::{BufReader, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use common::{answering, ok, request, server};
use looped::Loop;
use sessio_mio::{
    Completion, ErrorKind as Kind, Protocol, Request, Session, Timeouts, Trust, UpgradedSocket,
};

/// Switches to what sends everything back.
fn switching() -> SocketAddr {
    server(|stream| {
        let mut stream = BufReader::new(stream);
        let Some((head, _)) = request(&mut stream) else { return };
        let answer = if head.starts_with("CONNECT") {
            "HTTP/1.1 200 Connection established\r\n\r\nleft-over "
        } else {
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nleft-over "
        };
        stream.get_mut().write_all(answer.as_bytes()).unwrap();
        let mut room = [0; 1000];
        while let Ok(count @ 1..) = stream.read(&mut room) {
            if stream.get_mut().write_all(&room[..count]).is_err() {
                return;
            }
        }
    })
}

fn asking(address: SocketAddr) -> Request {
    let request = Request::get(format!("http://{address}/"));
    request.header("Connection", "Upgrade").header("Upgrade", "echo")
}

fn session() -> Session {
    let session = Session::new();
    session.lock().trust_env = Trust::NONE;
    session
}

/// The connection and the status of the one call that is under way.
fn handed_over(it: &mut Loop) -> (UpgradedSocket, u16) {
    let all = it.until(|completion| matches!(completion, Completion::Done(..)));
    let mut upgraded = None;
    for completion in all {
        match completion {
            Completion::Upgraded(_, socket) => upgraded = Some(*socket),
            Completion::Done(_, outcome) => {
                return (upgraded.expect("before the end"), outcome.unwrap().status.as_u16());
            }
            other => panic!("{other:?}"),
        }
    }
    panic!("no outcome")
}

/// Reads until there is so much, in the rounds of the loop.
fn read(it: &mut Loop, from: &mut UpgradedSocket, count: usize) -> Vec<u8> {
    let (mut all, begun, mut room) = (Vec::new(), Instant::now(), [0; 4096]);
    while all.len() < count {
        assert!(begun.elapsed() < Duration::from_secs(20), "{} of {count}", all.len());
        let _ = from.flush();
        match from.read(&mut room) {
            Ok(0) => break,
            Ok(count) => all.extend_from_slice(&room[..count]),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                assert!(it.round().is_empty());
            }
        }
    }
    all
}

#[test]
fn the_loop_of_the_caller_goes_on_with_the_connection_under_its_token() {
    let address = switching();
    let quick = answering(|_, _| ok("quick"));
    let mut it = Loop::new();
    for streamed in [false, true] {
        it.driver.start(asking(address).stream(streamed)).unwrap();
        let (mut upgraded, status) = handed_over(&mut it);
        assert_eq!((status, it.driver.calls(), it.driver.tokens()), (101, 0, 1));
        assert_eq!(*upgraded.protocol(), Protocol::Named("echo".into()));
        assert!((10..1000).contains(&upgraded.token().0));
        assert_eq!(read(&mut it, &mut upgraded, 10), b"left-over ");
        assert_eq!(upgraded.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
        upgraded.write_all(b"hello").unwrap();
        assert_eq!(read(&mut it, &mut upgraded, 5), b"hello");
        // More than any of the buffers on the way holds.
        let (much, mut sent, mut back) = (b"0123456789abcdef".repeat(200_000), 0, Vec::new());
        while back.len() < much.len() {
            match upgraded.write(&much[sent..]) {
                Ok(count) => sent += count,
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
            }
            back.extend(read(&mut it, &mut upgraded, 1));
        }
        assert!(back == much, "{} bytes came back", back.len());
        // Calls go on beside it.
        it.driver.start(Request::get(format!("http://{quick}/"))).unwrap();
        assert_eq!(it.outcomes(1).pop().unwrap().unwrap().text(), "quick");
        upgraded.shutdown().unwrap();
        assert!(upgraded.write(b"x").is_err());
        assert_eq!(read(&mut it, &mut upgraded, 1), b"");
        drop(upgraded);
        it.driver.session().close();
        assert_eq!(it.driver.tokens(), 0);
    }
}

#[test]
fn a_connection_handed_over_has_its_place_until_it_is_dropped_or_taken_apart() {
    let address = switching();
    let mut it = Loop::new();
    it.driver.session().lock().limit_connections(Some(1), None);
    let patience = Timeouts { pool: Some(Duration::from_millis(30)), ..Timeouts::NONE };
    it.driver.start(asking(address)).unwrap();
    let (upgraded, _) = handed_over(&mut it);
    it.driver.start(asking(address).timeout(patience)).unwrap();
    assert_eq!(it.outcomes(1).pop().unwrap().unwrap_err().kind(), Kind::PoolTimeout);

    // Who waits hears of it, though nothing else happens.
    it.driver.start(asking(address)).unwrap();
    it.round();
    assert_eq!(it.driver.next_timeout(), None);
    drop(upgraded);
    assert_eq!(it.driver.next_timeout(), Some(Duration::ZERO));
    let (upgraded, _) = handed_over(&mut it);

    let (mut stream, mut come) = upgraded.into_stream().unwrap();
    assert_eq!(it.driver.tokens(), 0);
    it.driver.start(asking(address)).unwrap();
    drop(handed_over(&mut it));
    stream.set_nonblocking(false).unwrap();
    stream.write_all(b"hello").unwrap();
    let mut room = vec![0; 15 - come.len()];
    stream.read_exact(&mut room).unwrap();
    come.extend(room);
    assert_eq!(come, b"left-over hello");
}

#[test]
fn a_completion_that_nobody_keeps_closes_the_connection() {
    let address = switching();
    let mut it = Loop::new();
    let call = it.driver.start(asking(address)).unwrap();
    // The call is cancelled with the connection in its outbox, and another is taken and dropped.
    let begun = Instant::now();
    while it.driver.calls() > 0 {
        assert!(begun.elapsed() < Duration::from_secs(20));
        it.driver.turn();
        if it.driver.next_timeout().is_none_or(|span| span > Duration::ZERO) {
            it.poll.poll(&mut it.events, Some(Duration::from_millis(5))).unwrap();
            for event in &it.events {
                it.driver.handle(event);
            }
        }
        if begun.elapsed() > Duration::from_millis(300) {
            it.driver.cancel(call);
        }
    }
    assert!(it.driver.next().is_none());
    assert_eq!(it.driver.tokens(), 0);
    it.driver.start(asking(address)).unwrap();
    drop(handed_over(&mut it));
    assert_eq!(it.driver.tokens(), 0);
}

#[test]
fn connect_gets_a_tunnel() {
    let address = switching();
    let mut it = Loop::new();
    it.driver.start(Request::new("CONNECT", format!("http://{address}"))).unwrap();
    let (mut tunnel, status) = handed_over(&mut it);
    assert_eq!(status, 200);
    assert_eq!(*tunnel.protocol(), Protocol::Tunnel(address.to_string().into()));
    tunnel.write_all(b"hello").unwrap();
    assert_eq!(read(&mut it, &mut tunnel, 15), b"left-over hello");
}

#[test]
fn with_the_loop_of_a_session_it_waits_and_started_calls_go_on_meanwhile() {
    let address = switching();
    let quick = answering(|_, _| ok("quick"));
    let session = session();
    for streamed in [false, true] {
        let mut response = session.request(asking(address).stream(streamed)).unwrap();
        assert_eq!(response.status, 101);
        let mut upgraded = response.upgrade().unwrap();
        assert!(response.upgrade().is_none(), "it is given out once");
        let mut room = [0; 10];
        upgraded.read_exact(&mut room).unwrap();
        assert_eq!(&room, b"left-over ");
        session.start(Request::get(format!("http://{quick}/"))).unwrap();
        upgraded.set_read_timeout(Some(Duration::from_millis(200)));
        let begun = Instant::now();
        assert_eq!(upgraded.read(&mut room).unwrap_err().kind(), ErrorKind::WouldBlock);
        assert!(begun.elapsed() >= Duration::from_millis(200));
        upgraded.set_read_timeout(None);
        let Some(Ok(Completion::Done(_, outcome))) = session.next() else { panic!("no outcome") };
        assert_eq!(outcome.unwrap().text(), "quick");
        let much = b"0123456789abcdef".repeat(4096);
        let mut back = vec![0; much.len()];
        for _ in 0..8 {
            upgraded.write_all(&much).unwrap();
            upgraded.read_exact(&mut back).unwrap();
            assert!(back == much);
        }
        upgraded.shutdown().unwrap();
        assert_eq!(upgraded.read(&mut room).unwrap(), 0);
    }

    session.start(asking(address)).unwrap();
    let Some(Ok(Completion::Upgraded(_, socket))) = session.next() else { panic!("none") };
    let mut upgraded = session.upgraded(*socket);
    upgraded.write_all(b"hello").unwrap();
    let mut room = [0; 15];
    upgraded.read_exact(&mut room).unwrap();
    assert_eq!(&room, b"left-over hello");
    let (mut stream, unread) = upgraded.into_stream().unwrap();
    assert!(unread.is_empty());
    stream.write_all(b"again").unwrap();
    stream.read_exact(&mut room[..5]).unwrap();
    assert_eq!(&room[..5], b"again");
}
