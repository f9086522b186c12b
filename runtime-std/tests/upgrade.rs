//! A connection that no longer speaks HTTP is handed over: after a 101, and after `CONNECT`.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use common::{Peer, field, serve, session, told};
use sessio_std::{Protocol, Proxies, Request, Response, Timeouts};

const SWITCH: &str = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\
    Upgrade: echo\r\n\r\nleft-over ";

fn asking(address: SocketAddr) -> Request {
    let request = Request::get(format!("http://{address}/"));
    request.header("Connection", "Upgrade").header("Upgrade", "echo")
}

/// Sends all that comes back, until it ends.
fn echo(peer: &mut Peer) {
    let mut room = [0; 1000];
    while let Ok(count @ 1..) = peer.stream.read(&mut room) {
        peer.say(&room[..count]);
    }
}

/// Reads exactly so many bytes as text.
fn read(from: &mut impl Read, count: usize) -> String {
    let mut bytes = vec![0; count];
    from.read_exact(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn switching() -> (SocketAddr, std::sync::mpsc::Receiver<bool>) {
    serve(|mut peer| {
        let head = peer.head().unwrap();
        peer.say(SWITCH);
        echo(&mut peer);
        field(&head, "upgrade") == Some("echo")
    })
}

#[test]
fn what_was_switched_to_is_read_and_written_from_the_first_byte_on() {
    let (address, hear) = switching();
    let session = session();
    for streamed in [false, true] {
        let mut response = session.request(asking(address).stream(streamed)).unwrap();
        assert_eq!(response.status, 101);
        let mut upgraded = response.upgrade().unwrap();
        assert!(response.upgrade().is_none(), "it is given out once");
        assert_eq!(*upgraded.protocol(), Protocol::Named("echo".into()));
        assert_eq!(read(&mut upgraded, 10), "left-over ");
        upgraded.set_read_timeout(Some(Duration::from_millis(20)));
        assert_eq!(upgraded.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
        upgraded.set_read_timeout(None);
        upgraded.write_all(b"hello").unwrap();
        assert_eq!(read(&mut upgraded, 5), "hello");
        // More than any of the buffers on the way holds, to a peer that sends it all back.
        let much = "0123456789abcdef".repeat(4096);
        for _ in 0..8 {
            upgraded.write_all(much.as_bytes()).unwrap();
            assert_eq!(read(&mut upgraded, much.len()), much);
        }
        upgraded.shutdown().unwrap();
        assert_eq!(upgraded.read(&mut [0]).unwrap(), 0);
        assert!(told(&hear));
    }
}

#[test]
fn a_connection_handed_over_has_a_place_until_it_is_dropped() {
    let (address, _hear) = switching();
    let session = session();
    session.lock().limit_connections(Some(1), None);
    let timeouts = Timeouts { pool: Some(Duration::from_millis(30)), ..Timeouts::NONE };
    let again = || session.request(asking(address).timeout(timeouts));
    let mut response = session.request(asking(address)).unwrap();
    let upgraded = response.upgrade().unwrap();
    drop(response);
    assert!(again().is_err());
    drop(upgraded);
    // Not taken from its response, it goes with that.
    drop(again().unwrap());
    let mut response = again().unwrap();

    // Taken apart it is a plain stream, and none of the session's.
    let (mut stream, left_over) = response.upgrade().unwrap().into_stream().unwrap();
    drop(again().unwrap());
    stream.write_all(b"hello").unwrap();
    let left = 10 - left_over.len();
    assert_eq!(left_over, &b"left-over "[..left_over.len()]);
    assert_eq!(read(&mut stream, left + 5)[left..], *"hello");
}

fn connect(request: Request) -> Response {
    session().request(request).unwrap()
}

#[test]
fn connect_gets_a_tunnel_from_the_host_or_from_the_proxy_for_it() {
    let (address, hear) = serve(|mut peer| {
        let head = peer.head().unwrap();
        peer.say("HTTP/1.1 200 Connection established\r\n\r\nSSH-2.0 ");
        echo(&mut peer);
        head
    });
    let mut proxies = Proxies::new();
    proxies.set("http", Some(&format!("http://me:secret@{address}")));
    let rows = [
        (Request::new("CONNECT", format!("http://{address}")), address.to_string()),
        (Request::new("CONNECT", "http://far.test:22").proxies(proxies), "far.test:22".into()),
    ];
    for (request, to) in rows {
        let mut response = connect(request);
        assert_eq!(response.status, 200);
        let mut tunnel = response.upgrade().unwrap();
        assert_eq!(*tunnel.protocol(), Protocol::Tunnel(to.as_str().into()));
        tunnel.write_all(b"hello").unwrap();
        assert_eq!(read(&mut tunnel, 13), "SSH-2.0 hello");
        drop(tunnel);
        let head = told(&hear);
        assert!(head.starts_with(&format!("CONNECT {to} HTTP/1.1\r\n")), "{head}");
        assert_eq!(field(&head, "proxy-authorization").is_some(), to == "far.test:22", "{head}");
    }
}

#[test]
fn a_tunnel_that_is_refused_is_an_ordinary_response() {
    let (address, _hear) = serve(|mut peer| {
        peer.head();
        peer.answer("403 Forbidden", "", "not there");
    });
    let mut response = connect(Request::new("CONNECT", format!("http://{address}")));
    assert!(response.upgrade().is_none());
    assert_eq!(response.text().unwrap(), "not there");
}
