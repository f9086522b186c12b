//! Digest over whole exchanges: each answer is checked by the scripted server's own computation,
//! which shares no code with the client's.

use serde_json::{Value, json};
use sessio_conformance::sim::{self, Cuts, Faults};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A 401 with this challenge.
fn asks(challenge: &str) -> String {
    format!(
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: {challenge}\r\nContent-Length: 0\r\n\r\n"
    )
}

/// A server that checks answers for the user `u` and the password `p`.
fn server(host: &str, replies: &[String]) -> Value {
    let replies: Vec<Value> = replies.iter().map(|send| json!({"send": send})).collect();
    json!({"host": host, "port": 80, "digest": ["u", "p"], "replies": replies})
}

fn call(url: &str) -> Value {
    json!({"method": "GET", "url": url, "auth": {"digest": ["u", "p"], "id": "d"}})
}

fn run(calls: &[Value], servers: &[Value]) -> Value {
    let vector = json!({"id": "x", "area": "auth", "calls": calls, "servers": servers});
    sim::run(&vector, Cuts::Nowhere, Faults::default()).expect("a vector of the format").observed
}

/// What went out: the server, the target, the count of the answer (`-` without one), and whether
/// the server takes it.
fn wire(observed: &Value) -> Vec<String> {
    let entries = observed["wire"].as_array().expect("a wire");
    let shown = |entry: &Value| {
        let headers = entry["headers"].as_array().expect("headers");
        let field = headers.iter().find(|field| field[0] == "authorization");
        let value = field.and_then(|field| field[1].as_str()).unwrap_or_default();
        let count = value.split_once("nc=").map_or("-", |(_, rest)| &rest[7..8]);
        let target = entry["request_line"].as_str().expect("a line").split(' ').nth(1);
        let verdict = match entry["digest_valid"].as_bool() {
            Some(true) => " valid",
            Some(false) => " INVALID",
            None => "",
        };
        format!("{} {} {count}{verdict}", entry["server"], target.expect("a target"))
    };
    entries.iter().map(shown).collect()
}

#[test]
fn every_algorithm_and_quality_is_answered_so_that_the_server_takes_it() {
    let algorithms = ["MD5", "SHA", "SHA-256", "SHA-512", "SHA-512-256"];
    for algorithm in algorithms.iter().flat_map(|name| [(*name).to_owned(), format!("{name}-sess")])
    {
        for quality in ["auth", "auth-int", "auth-int,auth"] {
            let challenge = format!(
                "Digest realm=\"r, s\", nonce=\"n\", algorithm={algorithm}, qop=\"{quality}\""
            );
            let mut posted = call("http://a.test/x;y=1?q=%C3%A9|");
            posted["method"] = "POST".into();
            posted["data"] = json!([["k", "v"]]);
            let observed = run(
                &[posted, call("http://a.test/2")],
                &[server("a.test", &[asks(&challenge), OK.into(), OK.into()])],
            );
            let target = "/x;y=1?q=%C3%A9%7C";
            let want =
                [format!("0 {target} -"), format!("0 {target} 1 valid"), "0 /2 2 valid".into()];
            assert_eq!(wire(&observed), want, "{challenge}");
        }
    }
}

/// Row 48: CVE-2026-11856 curl.
#[test]
fn s048_what_one_host_asked_is_not_answered_to_another() {
    let challenge = asks("Digest realm=\"r\", nonce=\"n\", qop=\"auth\"");
    let servers = [
        server("a.test", &[challenge.clone(), OK.into(), OK.into()]),
        server("b.test", &[challenge, OK.into()]),
    ];
    let urls = ["http://a.test/1", "http://b.test/2", "http://a.test/3"];
    let observed = run(&urls.map(call), &servers);
    let want = ["0 /1 -", "0 /1 1 valid", "1 /2 -", "1 /2 1 valid", "0 /3 2 valid"];
    assert_eq!(wire(&observed), want);
}

#[test]
fn credentials_that_a_redirect_left_behind_do_not_come_back() {
    let challenge = asks("Digest realm=\"r\", nonce=\"n\", qop=\"auth\"");
    let to =
        |url: &str| format!("HTTP/1.1 302 Found\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n");
    let servers = [
        server("a.test", &[challenge.clone(), to("http://b.test/2"), challenge]),
        server("b.test", &[to("http://a.test/3")]),
    ];
    let observed = run(&[call("http://a.test/1")], &servers);
    assert_eq!(wire(&observed), ["0 /1 -", "0 /1 1 valid", "1 /2 -", "0 /3 -"]);
    assert_eq!(observed["calls"][0]["status"], 401);
}

#[test]
fn a_known_challenge_is_answered_ahead_within_its_protection_space() {
    let challenge = asks("Digest realm=\"r\", nonce=\"n\", qop=\"auth\", domain=\"/in /too\"");
    let servers = [server("a.test", &[challenge, OK.into(), OK.into(), OK.into(), OK.into()])];
    let urls = ["http://a.test/in/1", "http://a.test/too", "http://a.test/out", "http://a.test/in"];
    let want = ["0 /in/1 -", "0 /in/1 1 valid", "0 /too 2 valid", "0 /out -", "0 /in 3 valid"];
    assert_eq!(wire(&run(&urls.map(call), &servers)), want);
}

#[test]
fn two_objects_with_one_password_share_nothing() {
    let challenge = asks("Digest realm=\"r\", nonce=\"n\", qop=\"auth\"");
    let servers = [server("a.test", &[challenge.clone(), OK.into(), challenge, OK.into()])];
    let mut other = call("http://a.test/2");
    other["auth"]["id"] = "e".into();
    let observed = run(&[call("http://a.test/1"), other], &servers);
    assert_eq!(wire(&observed), ["0 /1 -", "0 /1 1 valid", "0 /2 -", "0 /2 1 valid"]);
}

#[test]
fn a_body_that_cannot_be_sent_again_is_an_error_with_the_response_that_asked() {
    let challenge = asks("Digest realm=\"r\", nonce=\"n\", qop=\"auth\"");
    let mut posted = call("http://a.test/");
    posted["method"] = "POST".into();
    posted["data"] = json!({"generator": ["once"]});
    let observed = run(&[posted], &[server("a.test", &[challenge, OK.into()])]);
    let error = &observed["calls"][0]["error"];
    assert_eq!(error["kind"], "UnrewindableBodyError");
    assert_eq!(error["response"]["status"], 401);
    assert_eq!(wire(&observed), ["0 / -"]);
}
