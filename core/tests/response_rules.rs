//! The 133 response rules: each case in every cut, in both degrees of strictness.
//!
//! What a connection or a pool has to add is named in [`ELSEWHERE`]; the part of such a case that
//! head, framing, chunks and reuse decide is checked here all the same.
#![cfg(feature = "json")]
#![expect(clippy::unwrap_used, reason = "a case that cannot be read fails the test")]

mod reader;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use reader::{Outcome, read_in_every_cut};
use serde_json::Value;
use sessio_core::policy::framing::Reason;
use sessio_core::policy::interim::Upgrade;
use sessio_core::policy::reuse::Reuse;
use sessio_core::wire::head::{Leniency, Strictness};

/// Accepted by default although the grammar says otherwise, and refused by [`Strictness::Strict`].
const LENIENCIES: [(&str, Leniency); 2] =
    [("status-bare-lf", Leniency::BareLf), ("header-fold", Leniency::ObsFold)];

/// Accepted in both, and said in the reason of the framing.
const REPEATED_LENGTH: [&str; 2] = ["length-twice-same", "length-list-same"];

/// Cases of which a part is decided elsewhere.
const ELSEWHERE: [(&str, &str); 5] = [
    ("before-request", "the connection refuses what comes before its first request byte"),
    ("late-extra-response", "bytes on an idle connection are found by the probe"),
    ("extra-garbage", "the pool opens a new connection for the second request"),
    ("extra-crlf", "the pool opens a new connection for the second request"),
    ("extra-response", "the pool opens a new connection for the second request"),
];

struct Case {
    id: String,
    bytes: Vec<u8>,
    method: Method,
    row: Value,
}

fn cases() -> Vec<Case> {
    let file: Value = serde_json::from_str(include_str!("data/response_rules.json")).unwrap();
    let rows = file["cases"].as_array().unwrap().clone();
    rows.into_iter()
        .map(|row| Case {
            id: row["id"].as_str().unwrap().into(),
            bytes: bytes(&row),
            method: row["method"].as_str().unwrap_or("GET").parse().unwrap(),
            row,
        })
        .collect()
}

fn bytes(row: &Value) -> Vec<u8> {
    let decode = |key: &str| row[key].as_str().map(|text| STANDARD.decode(text).unwrap());
    let mut bytes = decode("b64").or_else(|| decode("b64_before")).unwrap();
    if let Some(repeat) = row["repeat"].as_array() {
        let times = repeat[1].as_u64().unwrap() as usize;
        bytes.extend(repeat[0].as_str().unwrap().repeat(times).bytes());
    }
    for number in 0..row["numbered_fields"].as_u64().unwrap_or(0) {
        bytes.extend(format!("X-{number}: 1\r\n").bytes());
    }
    bytes.extend(decode("b64_after").unwrap_or_default());
    bytes.extend(decode("later_b64").unwrap_or_default());
    bytes
}

/// What is wrong with the outcome of a case, if anything.
fn fault(case: &Case, outcome: &Outcome, strictness: Strictness) -> Option<String> {
    let leniency = LENIENCIES.iter().find(|(id, _)| *id == case.id);
    let is_early = case.row["early"].as_bool().unwrap_or(false);
    let verdict = match case.row["verdict"].as_str().unwrap() {
        _ if leniency.is_some() && strictness == Strictness::Strict => "reject",
        _ if is_early => "accept",
        verdict => verdict,
    };
    let message = match (verdict, outcome) {
        ("reject", Outcome::Reject(_)) | ("incomplete", Outcome::Incomplete(_)) => return None,
        ("accept", Outcome::Accept(message)) => message,
        _ => return Some(format!("{verdict} expected: {outcome:?}")),
    };
    let row = &case.row;
    if row["body"].as_str().is_some_and(|body| message.body != body.as_bytes()) {
        return Some(format!("body {:?}", message.body));
    }
    for (key, fields) in [("headers", message.head.fields()), ("trailers", &message.trailers)] {
        for (name, value) in row[key].as_object().into_iter().flatten() {
            if fields.field(name) != Some(value.as_str().unwrap().as_bytes()) {
                return Some(format!("{key}: {name} is not {value}"));
            }
        }
    }
    if row["reuse"].as_bool().is_some_and(|keep| keep != (message.reuse == Reuse::Keep)) {
        return Some(format!("{:?}", message.reuse));
    }
    let leniencies: Vec<Leniency> = leniency.iter().map(|(_, one)| *one).collect();
    if message.leniencies != leniencies {
        return Some(format!("leniencies {:?}", message.leniencies));
    }
    let is_repeated = message.reason == Reason::RepeatedContentLength;
    (is_repeated != REPEATED_LENGTH.contains(&case.id.as_str()))
        .then(|| format!("framing: {}", message.reason))
}

fn check_all(strictness: Strictness) {
    let cases = cases();
    assert_eq!(cases.len(), 133);
    let faults: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let (id, bytes, method) = (&case.id, &case.bytes, &case.method);
            let outcome = read_in_every_cut(id, bytes, method, Upgrade::NotAsked, strictness);
            Some(format!("{id}: {}", fault(case, &outcome, strictness)?))
        })
        .collect();
    assert!(faults.is_empty(), "{} of 133:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn all_rules_hold_by_default_with_three_kinds_of_leniency() {
    check_all(Strictness::Default);
}

#[test]
fn all_rules_hold_in_strict_mode_and_it_refuses_bare_lf_and_folds() {
    check_all(Strictness::Strict);
}

#[test]
fn the_cases_decided_elsewhere_are_those_with_a_second_request_or_an_early_answer() {
    let of =
        |row: &Value| row["pair"].as_bool() == Some(true) || row["early"].as_bool() == Some(true);
    let mut found: Vec<String> = cases().into_iter().filter(|c| of(&c.row)).map(|c| c.id).collect();
    let mut listed: Vec<String> = ELSEWHERE.iter().map(|(id, _)| (*id).to_owned()).collect();
    found.sort();
    listed.sort();
    assert_eq!(found, listed);
}

#[test]
fn trailers_never_reach_the_head() {
    for case in cases().iter().filter(|case| case.id.starts_with("trailer-")) {
        let (id, bytes, method) = (&case.id, &case.bytes, &case.method);
        let outcome = read_in_every_cut(id, bytes, method, Upgrade::NotAsked, Strictness::Default);
        if let Outcome::Accept(message) = outcome {
            assert_eq!(message.head.fields().len(), 1, "{id}");
            assert_eq!(message.trailers.len(), 1, "{id}");
        }
    }
}
