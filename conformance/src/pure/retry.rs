//! Retries: a policy led through a row of failures.

use serde_json::{Value, json};
use sessio_core::WallTime;
use sessio_core::policy::redirect;
use sessio_core::policy::retry::{Failure, Seen, Stop, Verdict, Wait};

use crate::client::session;
use crate::pure::Outcome;
use crate::scenario::RetrySpec;
use crate::value;

/// Runs one case.
pub fn run(function: &str, input: &Value) -> Option<Outcome> {
    (function == "retry_policy").then(|| Outcome::Out(walk(input)))
}

fn walk(input: &Value) -> Value {
    let spec = RetrySpec::parse(&input["retry"]).expect("retries");
    let mut retry = session::retry(&spec);
    let clock = input["clock"].as_i64().unwrap_or(1_700_000_000);
    let mut told = Vec::new();
    for event in input["events"].as_array().expect("events") {
        let fields = value::pairs(&event["headers"]);
        let field = |wanted: &str| {
            let is_it =
                |name: &Value| name.as_str().is_some_and(|n| n.eq_ignore_ascii_case(wanted));
            fields.iter().rev().find(|(name, _)| is_it(name)).map(|(_, value)| value::bytes(value))
        };
        let failure = match event["kind"].as_str() {
            Some("connect") => Failure::Connect,
            Some("read") => Failure::Read,
            Some("status") => {
                let status = event["status"].as_u64().and_then(|s| u16::try_from(s).ok());
                let status = status.and_then(|s| s.try_into().ok()).expect("a status");
                match redirect::kind(
                    status,
                    field("Location").filter(|to| !to.is_empty()).as_deref(),
                ) {
                    redirect::Kind::Final => Failure::Status(status),
                    redirect::Kind::Temporary | redirect::Kind::Permanent => {
                        Failure::Redirect(status)
                    }
                }
            }
            _ => Failure::Other,
        };
        let verdict = retry.decide(&Seen {
            failure,
            method: &event["method"].as_str().unwrap_or("GET").parse().expect("a method"),
            retry_after: field("Retry-After").as_deref(),
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
        (Stop::Error, _) => {
            json!({"retry": false, "exhausted": true, "raises": "ProtocolError"})
        }
    }
}
