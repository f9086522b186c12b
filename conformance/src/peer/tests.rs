//! The servers behave as the format says, however the client's bytes are cut.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;

/// No TLS: whatever comes is broken.
#[derive(Debug)]
struct Plain;

#[derive(Debug)]
struct Broken;

impl TlsProvider for Plain {
    fn accept(&self, _: &TlsScript) -> Box<dyn TlsLayer> {
        Box::new(Broken)
    }
}

impl TlsLayer for Broken {
    fn receive(&mut self, _: &[u8]) -> Result<Plaintext, TlsBroken> {
        Err(TlsBroken::Failed)
    }
    fn send(&mut self, _: &[u8]) {}
    fn close(&mut self) {}
    fn take_ciphertext(&mut self) -> Vec<u8> {
        b"alert".to_vec()
    }
    fn seen(&self) -> Option<TlsSeen> {
        None
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

fn world(servers: Value) -> World {
    let defaults = Defaults { user_agent: "sessio/0".to_owned(), ..Defaults::default() };
    World::new(&json!({"servers": servers, "dns": {"a.test": "192.0.2.7"}}), defaults).unwrap()
}

fn origin(replies: Value) -> Value {
    json!([{"host": "a.test", "port": 80, "replies": replies}])
}

/// A client that sends pieces, waiting for what is due after each.
fn talk(world: &mut World, pieces: &[&[u8]]) -> Vec<Action> {
    let mut line = Line::accept(world, 0, Arc::new(Plain), Duration::ZERO);
    let mut now = Duration::ZERO;
    let mut actions = Vec::new();
    for piece in pieces {
        line.receive(world, piece, now);
        while let Some(action) = line.poll(world, now) {
            actions.push(action);
        }
    }
    while let Some(at) = line.deadline() {
        now = at;
        while let Some(action) = line.poll(world, now) {
            actions.push(action);
        }
    }
    line.closed(world);
    actions
}

fn merged(actions: &[Action]) -> (Vec<u8>, Vec<&Action>) {
    let mut bytes = Vec::new();
    let mut rest = Vec::new();
    for action in actions {
        match action {
            Action::Send(sent) => bytes.extend_from_slice(sent),
            other => rest.push(other),
        }
    }
    (bytes, rest)
}

fn every_split(servers: &Value, input: &[u8]) -> (Vec<u8>, Value) {
    let mut whole = world(servers.clone());
    let wanted_actions = talk(&mut whole, &[input]);
    let wanted = merged(&wanted_actions);
    for at in 0..=input.len() {
        let mut cut = world(servers.clone());
        let actions = talk(&mut cut, &[&input[..at], &input[at..]]);
        assert_eq!(merged(&actions), wanted, "cut at {at}");
        assert_eq!(cut.observed(), whole.observed(), "cut at {at}");
    }
    let bytes: Vec<&[u8]> = input.chunks(1).collect();
    let mut single = world(servers.clone());
    assert_eq!(merged(&talk(&mut single, &bytes)), wanted, "byte by byte");
    assert_eq!(single.observed(), whole.observed(), "byte by byte");
    (wanted.0, whole.observed())
}

#[test]
fn requests_are_read_alike_in_every_split() {
    let rows: [(&str, Value); 4] = [
        (
            "GET /x HTTP/1.1\r\nHost: a.test\r\nUser-Agent: sessio/0\r\nX:  a b \r\n\r\n",
            json!([{"server": 0, "conn": 0, "request_line": "GET /x HTTP/1.1", "body": "",
                "headers": [["host", "a.test"], ["user-agent", "USER-AGENT"], ["x", "a b"]]}]),
        ),
        (
            "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
            json!([{"server": 0, "conn": 0, "request_line": "POST / HTTP/1.1", "body": "abc",
                "headers": [["content-length", "3"]]}]),
        ),
        (
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;e\r\nc\r\n0\r\nT: v\r\n\r\n",
            json!([{"server": 0, "conn": 0, "request_line": "POST / HTTP/1.1", "body": "abc",
                "chunks": [2, 1], "headers": [["transfer-encoding", "chunked"]]}]),
        ),
        (
            "GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 1\r\n\r\nx",
            json!([{"server": 0, "conn": 0, "request_line": "GET /1 HTTP/1.1", "body": "", "headers": []},
                {"server": 0, "conn": 0, "request_line": "POST /2 HTTP/1.1", "body": "x",
                "headers": [["content-length", "1"]]}]),
        ),
    ];
    for (input, wire) in rows {
        let count = wire.as_array().unwrap().len();
        let replies: Vec<Value> = vec![json!({"send": OK}); count];
        let (sent, observed) = every_split(&origin(replies.into()), input.as_bytes());
        assert_eq!(sent, OK.repeat(count).into_bytes(), "{input}");
        assert_eq!(observed["wire"], wire, "{input}");
        assert_eq!(observed.get("unused_replies"), None, "{input}");
    }
}

#[test]
fn what_stops_arriving_is_logged_as_incomplete_after_400_ms() {
    let head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    let rows = [
        ("GET / HT", json!({"server": 0, "conn": 0, "incomplete": true, "raw": "GET / HT"})),
        (
            "\u{16}\u{3}\u{1}",
            json!({"server": 0, "conn": 0, "incomplete": true, "raw": {"tls_client_hello": true}}),
        ),
        (
            &format!("{head}abc"),
            json!({"server": 0, "conn": 0, "incomplete": true, "chunks": [], "body": "abc",
                "request_line": "POST / HTTP/1.1", "headers": [["transfer-encoding", "chunked"]]}),
        ),
        (
            &format!("{head}1\r\na\r\n5\r\nbc"),
            json!({"server": 0, "conn": 0, "incomplete": true, "chunks": [1], "body": "abc",
                "request_line": "POST / HTTP/1.1", "headers": [["transfer-encoding", "chunked"]]}),
        ),
    ];
    for (input, entry) in rows {
        let mut world = world(origin(json!([{"send": OK}])));
        let mut line = Line::accept(&mut world, 0, Arc::new(Plain), Duration::ZERO);
        line.receive(&mut world, input.as_bytes(), Duration::from_millis(5));
        assert_eq!(line.activity(Duration::from_millis(5)), Activity::Busy, "{input:?}");
        assert_eq!(line.deadline(), Some(Duration::from_millis(405)), "{input:?}");
        assert_eq!(line.poll(&mut world, Duration::from_millis(404)), None, "{input:?}");
        let end = line.poll(&mut world, Duration::from_millis(405));
        assert_eq!(end, Some(Action::Close), "{input:?}");
        assert_eq!(world.observed()["wire"], json!([entry]), "{input:?}");
        assert_eq!(world.observed()["unused_replies"], json!([1]), "{input:?}");
    }
}

#[test]
fn a_client_that_closes_in_the_middle_leaves_an_incomplete_entry() {
    let mut world = world(origin(json!([])));
    let mut line = Line::accept(&mut world, 0, Arc::new(Plain), Duration::ZERO);
    line.closed(&mut world);
    assert_eq!(world.wire().len(), 0, "nothing had begun");
    let mut line = Line::accept(&mut world, 0, Arc::new(Plain), Duration::ZERO);
    line.receive(&mut world, b"PUT / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab", Duration::ZERO);
    line.closed(&mut world);
    assert_eq!(world.wire()[0]["incomplete"], true);
    assert_eq!((&world.wire()[0]["body"], &world.wire()[0]["conn"]), (&json!("ab"), &json!(1)));
}

#[test]
fn a_request_without_reply_is_logged_as_unanswered_and_closed() {
    let mut world = world(origin(json!([])));
    assert_eq!(talk(&mut world, &[b"GET / HTTP/1.1\r\n\r\n"]), [Action::Close]);
    assert_eq!(world.wire()[0]["unanswered"], true);
}

#[test]
fn replies_end_as_scripted() {
    let rows = [
        ("keep", None),
        ("close", Some(Action::Close)),
        ("abort", Some(Action::Close)),
        ("reset", Some(Action::Reset)),
        ("hang", None),
    ];
    for (then, end) in rows {
        let mut world = world(origin(json!([{"send": "x", "then": then}])));
        let actions = talk(&mut world, &[b"GET / HTTP/1.1\r\n\r\n"]);
        let wanted: Vec<Action> = [Action::Send(b"x".to_vec())].into_iter().chain(end).collect();
        assert_eq!(actions, wanted, "{then}");
    }
}

#[test]
fn pieces_are_sent_at_their_times() {
    let reply = json!({"send": "abcd", "split": [1, 3], "pause_ms": 50, "delay_ms": 10});
    let mut world = world(origin(json!([reply])));
    let mut line = Line::accept(&mut world, 0, Arc::new(Plain), Duration::ZERO);
    line.receive(&mut world, b"GET / HTTP/1.1\r\n\r\n", Duration::ZERO);
    for (at, piece) in [(10, "a"), (60, "bc"), (110, "d")] {
        let at = Duration::from_millis(at);
        assert_eq!(line.deadline(), Some(at), "{piece}");
        let sent = line.poll(&mut world, at);
        assert_eq!(sent, Some(Action::Send(piece.as_bytes().to_vec())), "{piece}");
        assert_eq!(line.poll(&mut world, at), None, "{piece}");
    }
    assert_eq!(line.activity(Duration::from_millis(110)), Activity::Waiting);
}

#[test]
fn connect_leads_to_the_server_of_its_target() {
    let servers = json!([
        {"host": "p.test", "port": 3128, "kind": "http-proxy", "replies": []},
        {"host": "a.test", "port": 443, "replies": [{"send": OK, "then": "reset"}]},
    ]);
    let input = b"CONNECT a.test:443 HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nHost: a.test\r\n\r\n";
    let (sent, observed) = every_split(&servers, input);
    assert_eq!(sent, format!("HTTP/1.1 200 Connection established\r\n\r\n{OK}").into_bytes());
    assert_eq!(observed["connections"], json!([1, 1]));
    let lines: Vec<_> = observed["wire"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (&e["server"], &e["request_line"]))
        .collect();
    assert_eq!(
        lines,
        [(&json!(0), &json!("CONNECT a.test:443 HTTP/1.1")), (&json!(1), &json!("GET / HTTP/1.1"))]
    );
}

#[test]
fn a_proxy_refuses_as_scripted_and_closes_where_no_server_is() {
    let refusing = json!([{"host": "p.test", "port": 3128, "kind": "http-proxy",
        "replies": [{"send": "HTTP/1.1 403 No\r\n\r\n", "then": "close"}]}]);
    let actions = talk(&mut world(refusing), &[b"CONNECT a.test:443 HTTP/1.1\r\n\r\n"]);
    assert_eq!(actions, [Action::Send(b"HTTP/1.1 403 No\r\n\r\n".to_vec()), Action::Close]);
    let alone = json!([{"host": "p.test", "port": 3128, "kind": "http-proxy", "replies": []}]);
    let actions = talk(&mut world(alone), &[b"CONNECT a.test:443 HTTP/1.1\r\n\r\n"]);
    assert_eq!(actions.last(), Some(&Action::Close));
}

#[test]
fn socks_handshakes_are_read_alike_in_every_split() {
    let get = b"GET / HTTP/1.1\r\n\r\n";
    let entry5 = |auth: Value, methods: Value| {
        json!({"version": 5, "methods": methods, "auth": auth, "command": 1,
            "address_type": "domain", "address": "a.test", "port": 80})
    };
    let name5 = b"\x05\x01\x00\x03\x06a.test\x00\x50".as_slice();
    let granted = b"\x05\x00\x00\x01\0\0\0\0\0\0".as_slice();
    type Row = (&'static str, Value, Vec<u8>, Vec<u8>, Value);
    let rows: [Row; 4] = [
        (
            "socks5-proxy",
            json!({}),
            [b"\x05\x01\x00", name5].concat(),
            [b"\x05\x00", granted].concat(),
            entry5(Value::Null, json!([0])),
        ),
        (
            "socks5-proxy",
            json!({"auth": ["us", "pw"]}),
            [b"\x05\x02\x00\x02\x01\x02us\x02pw", name5].concat(),
            [b"\x05\x02\x01\x00", granted].concat(),
            entry5(json!(["us", "pw"]), json!([0, 2])),
        ),
        (
            "socks4-proxy",
            json!({}),
            b"\x04\x01\x00\x50\xc0\x00\x02\x07us\0".to_vec(),
            b"\0\x5a\0\0\0\0\0\0".to_vec(),
            json!({"version": 4, "user": "us", "command": 1, "address_type": "ipv4",
                "address": "192.0.2.7", "port": 80}),
        ),
        (
            "socks4-proxy",
            json!({}),
            b"\x04\x01\x00\x50\0\0\0\x01\0a.test\0".to_vec(),
            b"\0\x5a\0\0\0\0\0\0".to_vec(),
            json!({"version": 4, "user": "", "command": 1, "address_type": "domain",
                "address": "a.test", "port": 80}),
        ),
    ];
    for (kind, socks, handshake, answer, entry) in rows {
        let servers = json!([
            {"host": "s.test", "port": 1080, "kind": kind, "socks": socks, "replies": []},
            {"host": "a.test", "port": 80, "replies": [{"send": OK}]},
        ]);
        let (sent, observed) = every_split(&servers, &[&handshake[..], get].concat());
        assert_eq!(sent, [&answer[..], OK.as_bytes()].concat(), "{entry}");
        assert_eq!(observed["wire"][0]["socks"], entry);
        assert_eq!(observed["wire"][1]["request_line"], "GET / HTTP/1.1", "{entry}");
        assert_eq!(observed["connections"], json!([1, 1]), "{entry}");
    }
}

#[test]
fn socks_proxies_refuse_as_scripted() {
    type Row = (&'static str, Value, &'static [u8], &'static [u8], bool);
    let rows: [Row; 4] = [
        ("socks5-proxy", json!({"auth": ["u", "p"]}), b"\x05\x01\x00", b"\x05\xff", true),
        (
            "socks5-proxy",
            json!({"auth": ["u", "p"]}),
            b"\x05\x01\x02\x01\x01u\x01x",
            b"\x05\x02\x01\x01",
            true,
        ),
        (
            "socks5-proxy",
            json!({"reply": 5}),
            b"\x05\x01\x00\x05\x01\x00\x01\x01\x02\x03\x04\x00\x50",
            b"\x05\x00\x05\x05\x00\x01\0\0\0\0\0\0",
            false,
        ),
        (
            "socks4-proxy",
            json!({"reply": 91}),
            b"\x04\x01\x00\x50\x01\x02\x03\x04\0",
            b"\0\x5b\0\0\0\0\0\0",
            false,
        ),
    ];
    for (kind, socks, input, answer, refused) in rows {
        let servers =
            json!([{"host": "s.test", "port": 1080, "kind": kind, "socks": socks, "replies": []}]);
        let mut world = world(servers);
        let actions = talk(&mut world, &[input]);
        let (sent, rest) = merged(&actions);
        assert_eq!((sent.as_slice(), rest), (answer, vec![&Action::Close]), "{socks}");
        let wanted = if refused { json!(true) } else { Value::Null };
        assert_eq!(world.wire()[0]["socks"]["refused"], wanted, "{socks}");
    }
}

#[test]
fn a_failed_tls_handshake_leaves_an_alert_and_no_entry() {
    let mut world = world(json!([{"host": "a.test", "port": 443, "tls": "good", "replies": []}]));
    let actions = talk(&mut world, &[b"GET / HTTP/1.1\r\n\r\n"]);
    assert_eq!(actions, [Action::Send(b"alert".to_vec()), Action::Close]);
    assert_eq!((world.wire().len(), world.peers()[0].connections()), (0, 1));
}

#[test]
fn digest_answers_are_checked_and_normalised() {
    // The example of RFC 7616, section 3.9.1.
    let answer = |response: &str| {
        format!(
            "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", \
             algorithm=MD5, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, \
             cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, \
             response=\"{response}\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
        )
    };
    for (response, valid) in
        [("8ca523f5e9506fed4657c9700eebdbec", true), ("8ca523f5e9506fed4657c9700eebdbed", false)]
    {
        let mut world = world(json!([{"host": "a.test", "port": 80, "replies": [{"send": OK}],
            "digest": ["Mufasa", "Circle of Life"]}]));
        let request =
            format!("GET /dir/index.html HTTP/1.1\r\nAuthorization: {}\r\n\r\n", answer(response));
        talk(&mut world, &[request.as_bytes()]);
        let entry = &world.wire()[0];
        assert_eq!(entry["digest_valid"], valid, "{response}");
        let logged = entry["headers"][0][1].as_str().unwrap();
        assert!(logged.contains("cnonce=\"CNONCE\"") && logged.contains("response=\"RESPONSE\""));
        assert!(logged.contains("nc=00000001"));
    }
}

#[test]
fn the_generated_boundary_becomes_a_placeholder() {
    let own = "0123456789abcdef0123456789abcdef";
    let body = format!("--{own}\r\n\r\nx\r\n--{own}--\r\n");
    let rows = [
        (format!("multipart/form-data; boundary={own}"), "multipart/form-data; boundary=BOUNDARY"),
        ("text/plain".to_owned(), "text/plain"),
    ];
    for (content_type, wanted) in rows {
        let mut world = world(origin(json!([{"send": OK}])));
        let head = format!("Content-Type: {content_type}\r\nContent-Length: {}", body.len());
        let request = format!("POST / HTTP/1.1\r\n{head}\r\n\r\n{body}");
        talk(&mut world, &[request.as_bytes()]);
        let entry = &world.wire()[0];
        assert_eq!(entry["headers"][0][1], wanted);
        assert_eq!(entry["body"], "--BOUNDARY\r\n\r\nx\r\n--BOUNDARY--\r\n");
        assert_eq!(entry["headers"][1][1], body.len().to_string());
    }
}

#[test]
fn attempts_follow_the_script_and_are_noted() {
    let vector = json!({"servers": [{"host": "a.test", "port": 80, "replies": [],
        "connects": ["refused", "timeout"]}], "unreachable": {"x.test": "dns", "x.test:8": "timeout"}});
    let mut world = World::new(&vector, Defaults::default()).unwrap();
    let rows = [
        ("a.test", 80, Err(Attempt::Refused)),
        ("A.test.", 80, Err(Attempt::Timeout)),
        ("a.test", 80, Ok(0)),
        ("a.test", 81, Err(Attempt::Refused)),
        ("x.test", 80, Err(Attempt::Dns)),
        ("x.test", 8, Err(Attempt::Timeout)),
    ];
    for (host, port, wanted) in rows {
        assert_eq!(world.dial(host, port), wanted, "{host}:{port}");
    }
    assert_eq!(world.observed()["dials"][1], json!(["A.test.", 80, "timeout"]));
}
