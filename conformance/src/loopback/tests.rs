//! Real sockets see the same servers, at their times, and nothing is left behind.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::*;
use crate::peer::{Defaults, TlsLayer, TlsScript};

#[derive(Debug)]
struct NoTls;

impl TlsProvider for NoTls {
    fn accept(&self, script: &TlsScript) -> Box<dyn TlsLayer> {
        panic!("no TLS in these tests: {script:?}")
    }
}

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";

fn started(vector: &Value) -> LoopbackWorld {
    let world = World::new(vector, Defaults::default()).unwrap();
    LoopbackWorld::start(world, Arc::new(NoTls)).unwrap()
}

fn served(replies: &Value) -> LoopbackWorld {
    started(&json!({"servers": [{"host": "a.test", "port": 80, "replies": replies}]}))
}

fn connected(world: &LoopbackWorld) -> TcpStream {
    let (outcome, address) = world.dial("a.test", 80);
    assert_eq!(outcome, Attempt::Ok);
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    stream
}

#[test]
fn after_quiesce_replies_and_closes_are_there() {
    for (then, end) in [("close", None), ("reset", Some(ErrorKind::ConnectionReset))] {
        for _ in 0..20 {
            let world = served(&json!([{"send": "abc", "then": then}]));
            let mut stream = connected(&world);
            stream.write_all(GET).unwrap();
            assert_eq!(world.quiesce(), Rest::Settled, "{then}");
            stream.set_nonblocking(true).unwrap();
            let mut got = [0; 8];
            assert_eq!(stream.read(&mut got).unwrap(), 3, "{then}");
            assert_eq!(stream.read(&mut got).map_err(|error| error.kind()).err(), end, "{then}");
            assert_eq!(world.finish()["wire"][0]["request_line"], "GET / HTTP/1.1");
        }
    }
}

#[test]
fn pauses_and_delays_take_their_time_and_do_not_hold_up_quiesce() {
    let reply = json!({"send": "abcd", "split": [2], "pause_ms": 60, "delay_ms": 300});
    let world = served(&json!([reply]));
    let mut stream = connected(&world);
    let began = Instant::now();
    stream.write_all(GET).unwrap();
    assert_eq!(world.quiesce(), Rest::Settled);
    assert!(began.elapsed() < Duration::from_millis(250), "it waited for a scripted pause");
    let mut got = [0; 4];
    stream.read_exact(&mut got).unwrap();
    assert!(began.elapsed() >= Duration::from_millis(360), "{:?}", began.elapsed());
    assert_eq!(&got, b"abcd");
}

#[test]
fn a_reply_larger_than_the_socket_buffers_arrives_whole() {
    let world = served(&json!([{"send": {"repeat": ["x", 8_000_000]}, "then": "close"}]));
    let mut stream = connected(&world);
    stream.write_all(GET).unwrap();
    let mut got = Vec::new();
    stream.read_to_end(&mut got).unwrap();
    assert_eq!(got.len(), 8_000_000);
    assert_eq!(world.quiesce(), Rest::Settled);
}

#[test]
fn tunnels_lead_through_one_socket() {
    let world = started(&json!({"servers": [
        {"host": "p.test", "port": 3128, "kind": "http-proxy", "replies": []},
        {"host": "a.test", "port": 80, "replies": [{"send": "abc", "then": "close"}]},
    ]}));
    let mut stream = TcpStream::connect(world.dial("p.test", 3128).1).unwrap();
    stream.write_all(b"CONNECT a.test:80 HTTP/1.1\r\n\r\n").unwrap();
    let mut head = [0; 39];
    stream.read_exact(&mut head).unwrap();
    stream.write_all(GET).unwrap();
    let mut got = String::new();
    stream.read_to_string(&mut got).unwrap();
    assert_eq!((&head[..12], got.as_str()), (b"HTTP/1.1 200".as_slice(), "abc"));
    let seen = world.finish();
    assert_eq!(
        (&seen["connections"], &seen["dials"]),
        (&json!([1, 1]), &json!([["p.test", 3128, "ok"]]))
    );
}

#[test]
fn attempts_end_as_scripted() {
    let world = started(&json!({"unreachable": {"slow.test": "timeout"}, "servers": [
        {"host": "a.test", "port": 80, "connects": ["refused", "timeout"], "replies": []}]}));
    let rows = [
        ("a.test", Attempt::Refused, Some(ErrorKind::ConnectionRefused)),
        ("a.test", Attempt::Timeout, Some(ErrorKind::TimedOut)),
        ("a.test", Attempt::Ok, None),
        ("b.test", Attempt::Refused, Some(ErrorKind::ConnectionRefused)),
        ("slow.test", Attempt::Timeout, Some(ErrorKind::TimedOut)),
    ];
    for (host, outcome, error) in rows {
        let (told, address) = world.dial(host, 80);
        let tried = TcpStream::connect_timeout(&address, Duration::from_millis(150));
        assert_eq!((told, tried.err().map(|e| e.kind())), (outcome, error), "{host}");
    }
}

#[test]
fn what_is_unfinished_at_the_end_is_logged_and_closed() {
    let world = served(&json!([{"hang": true}]));
    let mut silent = connected(&world);
    silent.write_all(GET).unwrap();
    let mut half = connected(&world);
    half.write_all(b"GET / HT").unwrap();
    let began = Instant::now();
    let seen = world.finish();
    assert!(began.elapsed() < Duration::from_millis(300), "{:?}", began.elapsed());
    assert_eq!(seen["wire"][1]["raw"], "GET / HT");
    let mut got = Vec::new();
    // Unread bytes make the end a reset.
    let ended = silent.read_to_end(&mut got);
    assert!(
        got.is_empty() && ended.map_or_else(|e| e.kind() == ErrorKind::ConnectionReset, |n| n == 0)
    );
}
