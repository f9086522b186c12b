//! Acts a scenario out on a client, step by step.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use sessio_core::message::CallOptions;
use sessio_core::{Prepared, PreparedRequest};

use super::operation::{self, Surroundings};
use super::{
    Client, Failure, HookLog, HooksOf, Item, Items, Live, error, observe, request, session,
};
use crate::scenario::{Call, Changes, Given, Options, PieceSize, ReadSpec, Scenario, Step, Via};
use crate::value::out_bytes;
use observe::Streamed;

/// What a call left behind for `send_next`.
struct Past<C: Client> {
    next: Option<Box<PreparedRequest>>,
    hooks: HooksOf<C>,
    /// Kept alive: an unread stream holds its connection.
    _live: Option<C::Live>,
}

/// What the calls gave, in the form of `expect.calls`, the cookies at the end, and what was decided;
/// `given` are the steps as the vector has them.
pub fn play<C: Client>(client: &mut C, scenario: &Scenario, given: &[Value], home: &str) -> Value {
    let mut scenario = scenario.clone();
    scenario.put_in(&operation::places(home));
    let mut surroundings = Surroundings::new(&scenario, home);
    let environment = surroundings.environment();
    client.session(|session| session.environment = environment);
    let session_log: HookLog = Arc::default();
    let mut past: Vec<Past<C>> = Vec::new();
    let mut calls = Vec::new();
    let set_up = session::set_up(client, &scenario.session, &session_log);
    for (step, given) in scenario.steps.iter().zip(given) {
        client.settle();
        session_log.lock().expect("no hook panics").clear();
        let (mut observed, left) = match step {
            Step::Operation(operation) => {
                let name = given["op"].as_str().unwrap_or_default();
                (operation::run(client, &mut surroundings, name, operation), Past::empty())
            }
            Step::Call(call) => one_call(client, call, &set_up, &session_log),
            Step::SendNext { of, options, reads } => {
                let from = past.get(*of);
                let next = from.and_then(|past| Some((past.next.clone()?, past.hooks.clone())));
                send_next(client, next, options, reads, &session_log)
            }
        };
        if given["read"] == json!([]) {
            observed["reads"] = json!([]);
        }
        calls.push(observed);
        past.push(left);
    }
    let cookies = client.session(|session| observe::cookies(session.cookies.iter()));
    // What is still read by nobody is given up.
    drop(past);
    // Where the files of a scenario are is of the driver's choosing.
    let trace: Vec<String> =
        client.trace().iter().map(|line| line.replace(home, "/home/scenario")).collect();
    let mut observed = json!({"calls": calls, "session_cookies": cookies, "trace": trace});
    let sleeps = client.sleeps();
    if !sleeps.is_empty() {
        observed["sleeps"] = sleeps.iter().map(Duration::as_secs_f64).collect();
    }
    observed
}

impl<C: Client> Past<C> {
    const fn empty() -> Self {
        Self { next: None, hooks: sessio_core::Hooks::new(), _live: None }
    }
}

fn one_call<C: Client>(
    client: &mut C,
    call: &Call,
    set_up: &Result<(), Failure>,
    log: &HookLog,
) -> (Value, Past<C>) {
    if let Err(failure) = set_up {
        return (json!({"error": error::observed(failure)}), Past::empty());
    }
    let made = make(client, call, log);
    let (prepared, options) = match made {
        Ok(made) => made,
        Err(failure) => {
            return (logged(json!({"error": error::observed(&failure)}), log), Past::empty());
        }
    };
    finish(client, prepared, options, &call.reads, log)
}

/// The request of a call, prepared and changed as it says.
fn make<C: Client>(
    client: &mut C,
    call: &Call,
    log: &HookLog,
) -> Result<(Prepared<C::Kit>, CallOptions), Failure> {
    let made = request::request(client, &call.request, &call.via, log)?;
    let mut prepared = match &call.via {
        Via::Verb | Via::Request | Via::Send(_) => client.prepare(made)?,
        Via::Bare(_) => client.prepare_bare(made)?,
    };
    let options = request::options(&call.options, core::mem::take(&mut prepared.options))?;
    if let Via::Send(changes) | Via::Bare(changes) = &call.via {
        change(&mut prepared.request, changes)?;
    }
    Ok((prepared, options))
}

fn change(request: &mut PreparedRequest, changes: &Changes) -> Result<(), Failure> {
    for (name, given) in &changes.headers {
        session::set_header(&mut request.headers, &request::header_name(name), given)?;
    }
    if let Some(url) = &changes.url {
        request.url = sessio_core::url::parse(url).map_err(sessio_core::Error::from)?;
    }
    match &changes.body {
        Given::Absent => {}
        Given::Null => request.body = sessio_core::Body::Empty,
        Given::Value(body) => request.body = sessio_core::Body::Bytes(body.clone().into()),
    }
    Ok(())
}

fn send_next<C: Client>(
    client: &mut C,
    next: Option<(Box<PreparedRequest>, HooksOf<C>)>,
    options: &Options,
    reads: &[ReadSpec],
    log: &HookLog,
) -> (Value, Past<C>) {
    let made = next
        .ok_or_else(|| Failure::Unsayable("there is no next request".into()))
        .and_then(|next| Ok((next, request::options(options, CallOptions::default())?)));
    match made {
        Err(failure) => (json!({"error": error::observed(&failure)}), Past::empty()),
        Ok(((request, hooks), options)) => {
            let prepared = Prepared {
                request: *request,
                hooks,
                auth: None,
                sources: Vec::new(),
                options: CallOptions::default(),
            };
            finish(client, prepared, options, reads, log)
        }
    }
}

fn finish<C: Client>(
    client: &mut C,
    prepared: Prepared<C::Kit>,
    options: CallOptions,
    reads: &[ReadSpec],
    log: &HookLog,
) -> (Value, Past<C>) {
    let hooks = prepared.hooks.clone();
    let is_streamed = client.session(|session| options.stream.unwrap_or(session.stream));
    let streamed = if is_streamed { Streamed::Yes } else { Streamed::No };
    match client.send(prepared, options, log) {
        Ok(mut live) => {
            let mut observed = observe::response(live.response(), streamed);
            read_all(&mut live, reads, &mut observed);
            let next = live.response().next.clone();
            (logged(observed, log), Past { next, hooks, _live: Some(live) })
        }
        Err(failure) => {
            let mut observed = json!({"error": error::observed(&failure)});
            if let Failure::Client(error) = failure
                && let Some(response) = error.into_response()
            {
                let mut kept = Kept(response);
                read_all(&mut kept, reads, &mut observed);
            }
            (logged(observed, log), Past::empty())
        }
    }
}

fn logged(mut observed: Value, log: &Mutex<Vec<Value>>) -> Value {
    let log = log.lock().expect("no hook panics");
    if !log.is_empty() {
        observed["hook_log"] = Value::Array(log.clone());
    }
    observed
}

fn read_all(live: &mut impl Live, reads: &[ReadSpec], observed: &mut Value) {
    if !reads.is_empty() {
        let reads: Vec<Value> = reads.iter().map(|spec| read(live, spec)).collect();
        observed["reads"] = Value::Array(reads);
    }
}

/// One read, in the form of `reads`.
fn read(live: &mut impl Live, spec: &ReadSpec) -> Value {
    let result = match spec {
        ReadSpec::IterContent { size, max, decode } => {
            let size = match size {
                PieceSize::AsItComes => None,
                PieceSize::Bytes(size) => Some(usize::try_from(*size).unwrap_or(0)),
                PieceSize::Unusable(value) => {
                    let failure = Failure::Unsayable(format!("pieces of {value}"));
                    return json!({"chunks": [], "error": error::observed(&failure)});
                }
            };
            return items(&live.iter_content(size, max.unwrap_or(usize::MAX), *decode));
        }
        ReadSpec::IterLines { chunk_size: _, delimiter, max, decode } => {
            let delimiter = delimiter.as_deref().map(str::as_bytes);
            return items(&live.iter_lines(delimiter, max.unwrap_or(usize::MAX), *decode));
        }
        ReadSpec::Content => live.content().map(|body| json!({"content": out_bytes(&body)})),
        ReadSpec::Text => live.content().map(|body| {
            let encoding = observe::encoding(live.response());
            json!({"text": sessio_core::wire::charset::text(&body, encoding.as_deref())})
        }),
        ReadSpec::Json => live.content().and_then(|body| {
            let encoding = observe::encoding(live.response());
            let value = sessio_core::wire::json::parse::<Value>(&body, encoding.as_deref());
            Ok(json!({"json": value.map_err(sessio_core::Error::from)?}))
        }),
        ReadSpec::SetEncoding(encoding) => {
            live.response_mut().encoding.clone_from(encoding);
            Ok(json!({}))
        }
        ReadSpec::Close => {
            live.close();
            Ok(json!({}))
        }
        ReadSpec::RaiseForStatus => match live.response().raise_for_status() {
            Ok(_) => Ok(json!({"raised": false})),
            Err(error) => Err(error.into()),
        },
        ReadSpec::RawRead { size, decode_content } => {
            let count = size.and_then(|size| usize::try_from(size).ok()).unwrap_or(usize::MAX);
            live.raw_read(count, *decode_content).map(|body| json!({"raw": out_bytes(&body)}))
        }
    };
    result.unwrap_or_else(|failure| json!({"error": error::observed(&failure)}))
}

fn items(given: &Items) -> Value {
    let item = |item: &Item| match item {
        Item::Bytes(bytes) => out_bytes(bytes),
        Item::Text(text) => json!(text),
    };
    let mut observed = json!({"chunks": given.items.iter().map(item).collect::<Vec<_>>()});
    if let Some(failure) = &given.error {
        observed["error"] = error::observed(failure);
    }
    observed
}

/// The response of an error: its body is in memory, as far as it came.
struct Kept(sessio_core::Response);

impl Live for Kept {
    fn response(&self) -> &sessio_core::Response {
        &self.0
    }

    fn response_mut(&mut self) -> &mut sessio_core::Response {
        &mut self.0
    }

    fn iter_content(&mut self, size: Option<usize>, max: usize, _: bool) -> Items {
        let size = size.unwrap_or(usize::MAX).max(1);
        let pieces = self.0.bytes().chunks(size).take(max);
        Items { items: pieces.map(|piece| Item::Bytes(piece.to_vec())).collect(), error: None }
    }

    fn iter_lines(&mut self, _: Option<&[u8]>, _: usize, _: bool) -> Items {
        Items::default()
    }

    fn content(&mut self) -> Result<Vec<u8>, Failure> {
        Ok(self.0.bytes().to_vec())
    }

    fn raw_read(&mut self, _: usize, _: bool) -> Result<Vec<u8>, Failure> {
        Ok(Vec::new())
    }

    fn close(&mut self) {}
}
