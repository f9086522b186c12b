//! The hooks of a scenario.
//!
//! The format is described in `oracle/FORMAT.md`, section 3.4.

use std::sync::Arc;

use serde_json::{Value, json};
use sessio_core::message::{CallOptions, Content};
use sessio_core::{PreparedRequest, Response};

use super::HookLog;
use crate::scenario::{HookKind, HookSpec};
use crate::value;

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

/// The names of what a hook is handed beside the response, as requests names them.
///
/// The destructuring names every option, so a new one has to be thought of here.
fn arguments(options: &CallOptions) -> [&'static str; 5] {
    let CallOptions { timeout: _, allow_redirects: _, stream: _, proxies: _, verify: _, cert: _ } =
        options;
    ["cert", "proxies", "stream", "timeout", "verify"]
}

/// Runs a hook on a response and logs it.
pub fn run(spec: &HookSpec, response: &mut Response, options: &CallOptions, log: &HookLog) -> Want {
    let status = response.status.as_u16();
    let mut entry = vec![json!(spec.name), json!(status), json!(response.url().as_str())];
    if spec.kind == HookKind::Arguments {
        entry.push(json!(arguments(options)));
    }
    let mut log = log.lock().expect("no hook panics");
    log.push(Value::Array(entry));
    match &spec.kind {
        HookKind::Note | HookKind::Arguments | HookKind::Same | HookKind::Read => {}
        HookKind::Status(status) => {
            response.status = (*status).try_into().expect("a status");
        }
        HookKind::Header(name, text) => {
            response.headers_mut().try_set(name, value::latin1(text)).expect("a header field");
        }
        HookKind::DropHeader(name) => drop(response.headers_mut().remove(name)),
        HookKind::Replace(status) => replace(response, *status),
        HookKind::Raise(_) => return Want::Raise,
        HookKind::Resend => {
            let resent = json!(["resent"]);
            if !log.contains(&resent) {
                log.push(resent);
                return Want::Resend(Box::new(PreparedRequest::clone(&response.request)));
            }
        }
    }
    Want::GoOn
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
