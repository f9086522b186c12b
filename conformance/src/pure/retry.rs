//! Retries: a policy led through a row of failures.

use std::time::Duration;

use serde_json::{Value, json};
use sessio_core::WallTime;
use sessio_core::policy::retry::{
    Count, Failure, Methods, OnStatus, Respect, Retry, Seen, Stop, Verdict, Wait,
};

use crate::pure::Outcome;
use crate::value;

/// Runs one case.
pub fn run(function: &str, input: &Value) -> Option<Outcome> {
    (function == "retry_policy").then(|| Outcome::Out(walk(input)))
}

/// `max_retries` of an adapter.
#[must_use]
pub fn retry(max_retries: &Value) -> Retry {
    let total = |number: u64| u32::try_from(number).expect("a number of retries");
    let set = match max_retries {
        Value::Object(set) => set,
        number => match number.as_u64() {
            None | Some(0) => return Retry::none(),
            Some(number) => return Retry::times(total(number)),
        },
    };
    let count = |name: &str, default: Count| match set.get(name) {
        None => default,
        Some(Value::Null) => Count::Unlimited,
        Some(Value::Bool(false)) => Count::Off,
        Some(Value::Bool(true)) => Count::Left(1),
        Some(number) => Count::Left(total(number.as_u64().expect("a number of retries"))),
    };
    let span = |name: &str, default: Duration| {
        set.get(name).and_then(Value::as_f64).map_or(default, Duration::from_secs_f64)
    };
    let is_off = |name: &str| set.get(name) == Some(&Value::Bool(false));
    let mut retry = Retry::default();
    retry.total = count("total", retry.total);
    retry.connect = count("connect", retry.connect);
    retry.read = count("read", retry.read);
    retry.status = count("status", retry.status);
    retry.other = count("other", retry.other);
    retry.backoff.factor = span("backoff_factor", retry.backoff.factor);
    retry.backoff.max = span("backoff_max", retry.backoff.max);
    retry.retry_after_max = span("retry_after_max", retry.retry_after_max);
    match set.get("allowed_methods") {
        None => {}
        Some(Value::Array(methods)) => {
            let method = |m: &Value| m.as_str().and_then(|m| m.parse().ok()).expect("a method");
            retry.allowed_methods = Methods::Only(methods.iter().map(method).collect());
        }
        Some(_) => retry.allowed_methods = Methods::Any,
    }
    if let Some(Value::Array(list)) = set.get("status_forcelist") {
        let status = |s: &Value| s.as_u64().and_then(|s| s.try_into().ok()).expect("a status");
        retry.status_forcelist = list.iter().map(status).collect();
    }
    if is_off("raise_on_status") {
        retry.raise_on_status = OnStatus::Return;
    }
    if is_off("respect_retry_after_header") {
        retry.respect = Respect::Nothing;
    }
    retry
}

fn walk(input: &Value) -> Value {
    let mut retry = retry(&input["retry"]);
    let clock = input["clock"].as_i64().unwrap_or(1_700_000_000);
    let mut told = Vec::new();
    for event in input["events"].as_array().expect("events") {
        let failure = match event["kind"].as_str() {
            Some("connect") => Failure::Connect,
            Some("read") => Failure::Read,
            Some("status") => {
                let status = event["status"].as_u64().and_then(|s| u16::try_from(s).ok());
                Failure::Status(status.and_then(|s| s.try_into().ok()).expect("a status"))
            }
            _ => Failure::Other,
        };
        let fields = value::pairs(&event["headers"]);
        let is_ours = |name: &Value| {
            name.as_str().is_some_and(|name| name.eq_ignore_ascii_case("Retry-After"))
        };
        let field = fields.iter().rev().find(|(name, _)| is_ours(name));
        let field = field.map(|(_, value)| value::bytes(value));
        let verdict = retry.decide(&Seen {
            failure,
            method: &event["method"].as_str().unwrap_or("GET").parse().expect("a method"),
            retry_after: field.as_deref(),
            now: WallTime::from_unix_seconds(clock),
            random: 0,
        });
        match verdict {
            Verdict::Again { wait, retry: next } => {
                told.push(json!({"retry": true, "sleeps": sleeps(wait)}));
                retry = *next;
            }
            Verdict::Stop(stop) => {
                told.push(stopped(stop, failure));
                break;
            }
        }
    }
    Value::Array(told)
}

/// Python's waits: whole numbers where it was given or read as one.
fn sleeps(wait: Wait) -> Value {
    match wait {
        Wait::None => json!([]),
        Wait::Seconds(span) | Wait::Capped(span) if span.subsec_nanos() == 0 => {
            json!([span.as_secs()])
        }
        wait => json!([wait.duration().as_secs_f64()]),
    }
}

fn stopped(stop: Stop, failure: Failure) -> Value {
    match (stop, failure) {
        (Stop::Answer, _) => json!({"retry": false}),
        (Stop::BadRetryAfter, _) => json!({"retry": false, "raises": "InvalidHeader"}),
        (Stop::Exhausted(_), _) => {
            json!({"retry": false, "exhausted": true, "raises": "MaxRetryError"})
        }
        (Stop::Error, Failure::Connect) => {
            json!({"retry": false, "exhausted": true, "raises": "ConnectTimeoutError"})
        }
        (Stop::Error, Failure::Read | Failure::Other | Failure::Status(_)) => {
            json!({"retry": false, "exhausted": true, "raises": "ProtocolError"})
        }
    }
}
