//! No connection that was poisoned is used again: fourteen ways to poison one, on every driver, in
//! the clear and over TLS.
//!
//! The connection carries a first call; whatever is wrong with it, the second call goes out on
//! another one and gets its own response, never the one that was planted.

use serde_json::{Value, json};
use sessio_conformance::driver::{self, Name};
use sessio_conformance::vectors::{Exchange, Nature};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const EVIL: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL";

/// How a connection is poisoned.
struct Poison {
    name: &'static str,
    /// What the server sends to the first call.
    reply: Value,
    /// What the first call says beside its URL.
    call: Value,
}

fn poison(name: &'static str, reply: Value, call: Value) -> Poison {
    Poison { name, reply, call }
}

fn sends(text: String) -> Value {
    json!({"send": text})
}

fn head(fields: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n")
}

/// The fourteen ways.
fn poisons() -> [Poison; 14] {
    let plain = || json!({});
    let closed = |read: Value| json!({"stream": true, "read": [read, {"close": true}]});
    let chunks = "Transfer-Encoding: chunked";
    let length = "Content-Length: 40";
    let planted = |text: &str| sends(format!("{text}{EVIL}"));
    let late = json!({"send": format!("{OK}{EVIL}"), "split": [OK.len()], "pause_ms": 10});
    let posted = json!({"method": "POST", "data": {"generator": ["0123456789", {"raise": "m"}]}});
    [
        poison("a head that is none", planted("HTTP/1.1 2x0 OK\r\n\r\n"), plain()),
        poison("a chunk that is none", planted(&(head(chunks) + "2\r\nok\r\nzz\r\n")), plain()),
        poison("a surplus byte", sends(format!("{OK}x")), plain()),
        poison("a second response at once", planted(OK), plain()),
        poison("a second response while idle", late, plain()),
        poison("a body left unread", planted(OK), closed(json!({"iter_content": 1, "max": 1}))),
        poison("a body cut short", json!({"send": head(length) + "ok", "then": "close"}), plain()),
        poison("an upload that failed", planted(OK), posted),
        poison(
            "a body up to the close",
            json!({"send": head("A: b") + "ok", "then": "close"}),
            plain(),
        ),
        poison(
            "Connection: close",
            planted(&(head("Connection: close\r\nContent-Length: 2") + "ok")),
            plain(),
        ),
        poison("HTTP/1.0", planted("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"), plain()),
        poison(
            "both framings",
            sends(
                head("Content-Length: 12\r\nTransfer-Encoding: chunked") + "2\r\nok\r\n0\r\n\r\n",
            ),
            plain(),
        ),
        poison("a body where there is none", planted("HTTP/1.1 204 No Content\r\n\r\n"), plain()),
        poison(
            "a deadline",
            json!({"send": head(length) + "ok", "then": "hang"}),
            json!({"timeout": 0.2}),
        ),
    ]
}

/// What is wrong with a cell, if anything.
fn fault(driver: Name, poison: &Poison, scheme: &str) -> Option<String> {
    let url = |path: &str| format!("{scheme}://a.test/{path}");
    let tls = if scheme == "https" { json!("good") } else { Value::Null };
    let port = if scheme == "https" { 443 } else { 80 };
    let mut first = poison.call.clone();
    first["url"] = url("1").into();
    if first["method"].is_null() {
        first["method"] = "GET".into();
    }
    let second = json!({"method": "GET", "url": url("2"), "timeout": 5});
    let server = json!({"host": "a.test", "port": port, "tls": tls,
        "replies": [poison.reply, {"send": OK}]});
    let vector = json!({"id": "poison", "area": "pooling", "session": {"verify": "@certs/ca.pem"},
        "calls": [first, second], "servers": [server]});
    let exchange = Exchange {
        id: "poison".to_owned(),
        area: "pooling".to_owned(),
        nature: Nature::Regular,
        vector,
    };
    let observed = driver.driver()?.run(&exchange).expect("a vector of the format");
    if observed.to_string().contains("EVIL") {
        return Some("the planted response was handed out".to_owned());
    }
    let wire = observed["wire"].as_array().expect("a wire");
    let second: Vec<&Value> = wire
        .iter()
        .filter(|entry| {
            entry["request_line"].as_str().is_some_and(|line| line.starts_with("GET /2"))
        })
        .collect();
    match second.as_slice() {
        [entry] if entry["conn"] == 1 && observed["calls"][1]["body"] == "ok" => None,
        _ => Some(observed.to_string()),
    }
}

#[test]
fn a_poisoned_connection_is_never_used_again() {
    let (mut cells, mut faults) = (0, Vec::new());
    for name in driver::ALL {
        for poison in poisons() {
            for scheme in ["http", "https"] {
                cells += 1;
                if let Some(fault) = fault(name, &poison, scheme) {
                    faults.push(format!("{} over {scheme}, {}: {fault}", name.text(), poison.name));
                }
            }
        }
    }
    assert_eq!(cells, driver::ALL.len() * 14 * 2);
    assert!(faults.is_empty(), "{} of {cells}:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn what_is_not_poisoned_is_used_again() {
    for name in driver::ALL {
        for scheme in ["http", "https"] {
            let sound = poison("nothing", sends(OK.to_owned()), json!({}));
            let fault = fault(name, &sound, scheme).expect("the second call is on the same one");
            assert!(fault.contains("\"connections\":[1]"), "{} {scheme}: {fault}", name.text());
        }
    }
}
