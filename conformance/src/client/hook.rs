//! The hooks of a scenario, by name.
//!
//! The format is described in `oracle/FORMAT.md`, section 3.4.

use std::sync::Arc;

use serde_json::{Value, json};
use sessio_core::message::Content;
use sessio_core::{PreparedRequest, Response};

use super::HookLog;
use crate::value;

/// What a hook does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookSpec(pub String);

/// What a hook wants.
#[derive(Debug)]
pub enum Want {
    /// Nothing more.
    GoOn,
    /// The call fails.
    Raise,
    /// The same request once more; the response to it goes on to the next hook.
    Resend(Box<PreparedRequest>),
}

impl HookSpec {
    /// Runs the hook on a response and logs it; `resent` says whether this call was resent before.
    pub fn run(&self, response: &mut Response, log: &HookLog, options: &[&str]) -> Want {
        let name = self.0.as_str();
        let (verb, rest) = name.split_once(':').unwrap_or((name, ""));
        let mut entry = vec![json!(name), json!(response.status.as_u16()), json!(response.url())];
        if verb == "kwargs" {
            entry.push(json!(options));
        }
        push(log, Value::Array(entry));
        match verb {
            "status" => {
                let status = rest.parse().ok();
                response.status = status.and_then(|n: u16| n.try_into().ok()).expect("a status");
            }
            "header" => {
                let (name, text) = rest.split_once('=').expect("K=V");
                response.headers_mut().try_set(name, value::latin1(text)).expect("a header");
            }
            "drop_header" => drop(response.headers_mut().remove(rest)),
            "replace" => replace(response, rest.parse().expect("a status")),
            "raise" => return Want::Raise,
            "resend" => {
                let resent = json!(["resent"]);
                let mut log = log.lock().expect("no panic in a hook");
                if !log.contains(&resent) {
                    log.push(resent);
                    return Want::Resend(Box::new(PreparedRequest::clone(&response.request)));
                }
            }
            "note" | "same" | "read" | "kwargs" => {}
            _ => panic!("unknown hook {name:?}"),
        }
        Want::GoOn
    }
}

/// The hooks of a `hooks` value: `{"response": NAME | [NAME...]}`.
///
/// # Errors
/// The name of an event that does not exist.
pub fn parse(hooks: &Value) -> Result<Vec<HookSpec>, String> {
    let mut specs = Vec::new();
    for (event, names) in hooks.as_object().into_iter().flatten() {
        if event != "response" {
            return Err(event.clone());
        }
        match names {
            Value::Array(names) => specs.extend(names.iter().map(spec)),
            Value::Null => {}
            name => specs.push(spec(name)),
        }
    }
    Ok(specs)
}

fn spec(name: &Value) -> HookSpec {
    HookSpec(name.as_str().expect("a hook is a name").to_owned())
}

fn push(log: &HookLog, entry: Value) {
    log.lock().expect("no panic in a hook").push(entry);
}

/// A new response in the place of the one that came.
fn replace(response: &mut Response, status: u16) {
    let request = Arc::clone(&response.request);
    let mut new = Response::new(request, status.try_into().expect("a status"));
    new.set_url("hook://replaced".parse().expect("a URL"));
    new.set_reason("Replaced");
    new.content = Content::Complete("replaced by hook".into());
    *response = new;
}
