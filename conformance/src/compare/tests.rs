//! Comparing follows the rules of the format and names what differs.

use serde_json::{Value, json};

use super::*;
use crate::pure::Outcome;

fn recorded() -> Value {
    json!({
        "wire": [{"server": 0, "conn": 0, "request_line": "GET / HTTP/1.1", "body": "",
            "headers": [["host", "a.test"], ["user-agent", "USER-AGENT"], ["x", "1"]]}],
        "calls": [{"status": 200, "headers": [["a", "b"]], "body": "ok", "next": null}],
        "session_cookies": [], "dials": [["a.test", 80, "ok"]], "connections": [1],
        "sleeps": [0, 1.5],
    })
}

fn changed(pointer: &str, value: &Value) -> Value {
    let mut observed = recorded();
    crate::divergence::apply(&mut observed, pointer, value).unwrap();
    observed
}

#[test]
fn what_does_not_count_makes_no_difference() {
    let rows = [
        ("/sleeps", json!([0.0, 1.5])),
        ("/calls/0/text", json!("ok")),
        ("/wire/0/headers/1", json!(["user-agent", "sessio/1"])),
    ];
    for (pointer, value) in rows {
        assert_eq!(exchange(&recorded(), &changed(pointer, &value)), Ok(()), "{pointer}");
    }
}

#[test]
fn a_difference_names_field_wanted_and_got() {
    let absent = json!({"absent": true});
    let rows = [
        ("/calls/0/status", json!(404), "/calls/0/status: wanted 200, got 404"),
        ("/calls/0/body", absent.clone(), "/calls/0/body: wanted \"ok\", got nothing"),
        ("/calls/0/hook_log", json!([]), "/calls/0/hook_log: wanted nothing, got []"),
        (
            "/calls/0/error",
            json!({"kind": "SSLError"}),
            "/calls/0: wanted success (200), got the error SSLError",
        ),
        ("/calls/-", json!({}), "/calls: wanted 1 results, got 2"),
        ("/dials/0/2", json!("refused"), "/dials/0/2: wanted \"ok\", got \"refused\""),
        ("/unused_replies", json!([1]), "/unused_replies: wanted nothing, got [1]"),
        ("/sleeps/1", json!(1.6), "/sleeps/1: wanted 1.5, got 1.6"),
        (
            "/wire/0",
            absent.clone(),
            "/wire/0: wanted \"GET / HTTP/1.1\" at server 0 connection 0, got no more requests",
        ),
        (
            "/wire/0/conn",
            json!(1),
            "/wire/0: wanted \"GET / HTTP/1.1\" at server 0 connection 0, got \"GET / HTTP/1.1\" at server 0 connection 1",
        ),
        ("/wire/0/unanswered", json!(true), "/wire/0/unanswered: wanted nothing, got true"),
        (
            "/wire/0/headers/2/1",
            json!("2"),
            "/wire/0/headers/2: wanted [\"x\",\"1\"], got [\"x\",\"2\"]",
        ),
        (
            "/wire/0/headers/1",
            absent.clone(),
            "/wire/0/headers/1: wanted [\"user-agent\",\"USER-AGENT\"], got no such header, here [\"x\",\"1\"]",
        ),
        (
            "/wire/0/headers/-",
            json!(["y", ""]),
            "/wire/0/headers/3: wanted nothing, got [\"y\",\"\"]",
        ),
    ];
    for (pointer, value, wanted) in rows {
        let difference = exchange(&recorded(), &changed(pointer, &value)).unwrap_err();
        assert_eq!(difference.to_string(), wanted, "{pointer} {value}");
    }
}

#[test]
fn the_order_of_headers_counts() {
    let mut observed = recorded();
    observed["wire"][0]["headers"].as_array_mut().unwrap().swap(0, 2);
    let difference = exchange(&recorded(), &observed).unwrap_err();
    assert_eq!(difference.field, "/wire/0/headers/0");
}

#[test]
fn of_a_connect_count_target_and_credentials() {
    let connect = |line: &str, headers: Value| json!({"wire": [{"server": 0, "conn": 0, "request_line": line, "body": "", "headers": headers}]});
    let wanted =
        connect("CONNECT a.test:443 HTTP/1.0", json!([["proxy-authorization", "Basic x"]]));
    let rows = [
        (
            "CONNECT a.test:443 HTTP/1.1",
            json!([["host", "a"], ["proxy-authorization", "Basic x"]]),
            true,
        ),
        ("CONNECT b.test:443 HTTP/1.0", json!([["proxy-authorization", "Basic x"]]), false),
        ("CONNECT a.test:443 HTTP/1.0", json!([]), false),
        ("GET a.test:443 HTTP/1.0", json!([["proxy-authorization", "Basic x"]]), false),
    ];
    for (line, headers, fits) in rows {
        let got = connect(line, headers.clone());
        assert_eq!(exchange(&wanted, &got).is_ok(), fits, "{line} {headers}");
    }
}

#[test]
fn of_an_error_count_kind_and_recorded_response_and_of_a_status_error_the_words() {
    let error = |error: Value| json!({"calls": [{"error": error}]});
    let wanted = json!({"kind": "TooManyRedirects", "message": "m", "cause": ["X"],
        "request_attached": true, "response": {"status": 302}});
    let rows = [
        (json!({"kind": "TooManyRedirects", "message": "m", "response": {"status": 302}}), true),
        (json!({"kind": "ConnectionError", "message": "m", "response": {"status": 302}}), false),
        (json!({"kind": "TooManyRedirects", "message": "n", "response": {"status": 302}}), true),
        (json!({"kind": "TooManyRedirects", "message": "m"}), false),
    ];
    for (got, fits) in rows {
        assert_eq!(exchange(&error(wanted.clone()), &error(got.clone())).is_ok(), fits, "{got}");
    }
    let status = |message: &str| error(json!({"kind": "HTTPError", "message": message}));
    assert!(exchange(&status("404 m"), &status("404 m")).is_ok());
    assert!(exchange(&status("404 m"), &status("404 n")).is_err());
    let any = error(json!({"kind": ANY_ERROR}));
    assert_eq!(exchange(&any, &error(json!({"kind": "Url", "message": "m"}))), Ok(()));
    assert!(exchange(&any, &json!({"calls": [{"status": 200}]})).is_err());
}

#[test]
fn pure_outcomes_are_compared_by_value_or_kind() {
    let rows = [
        (json!({"out": [1, 2.0]}), Outcome::Out(json!([1.0, 2])), true),
        (json!({"out": null}), Outcome::Out(Value::Null), true),
        (json!({"out": 1}), Outcome::Out(json!(2)), false),
        (json!({"out": 1}), Outcome::Error("E".to_owned()), false),
        (json!({"error": "E"}), Outcome::Error("E".to_owned()), true),
        (json!({"error": "E"}), Outcome::Error("F".to_owned()), false),
        (json!({"error": "*"}), Outcome::Error("F".to_owned()), true),
        (json!({"error": "E"}), Outcome::Out(Value::Null), false),
    ];
    for (wanted, got, fits) in rows {
        assert_eq!(pure(&wanted, &got).is_ok(), fits, "{wanted} {got:?}");
    }
}
