//! Requests as they are prepared: header fields, body, credentials, and the session's part in it.
//!
//! The client is that of the simulation, with no server to talk to.

use serde_json::{Value, json};
use sessio_core::message::{Body, Part, Rewind};
use sessio_core::wire::request_head::{self, BodyFraming, Own, ProxyAuthorization};
use sessio_core::{Error, ErrorKind, Prepared, PreparedRequest};

use super::Outcome;
use crate::client::source::{Piece, Reading};
use crate::client::{Client, Failure, HookLog, error, observe, request, session};
use crate::peer::World;
use crate::scenario::{Call, Given, Scalar, Scenario, Step};
use crate::sim::client::{SimClient, SimKit};
use crate::sim::files::Files;
use crate::sim::net::Net;
use crate::sim::{Cuts, Faults, defaults};
use crate::value::{Text, from_latin1};

/// No body of a case is longer.
const BODY_BYTES_MAX: usize = 1 << 20;

/// Where a request goes whose vector does not say.
const URL: &str = "http://a.test/";

/// Runs one case; `None` if `function` is not of this subject, or waits for a part of the client.
#[must_use]
pub fn run(function: &str, input: &Value) -> Option<Outcome> {
    let prepared = match function {
        "prepare_headers" => prepare(input, "GET", Of::Request)
            .map(|(prepared, call)| fields(&prepared.request, &call)),
        "prepare_auth" => prepare(input, "GET", Of::Request).map(|(prepared, _)| {
            let seen = observe::request(&prepared.request);
            json!({"url": seen["url"], "headers": seen["headers"]})
        }),
        "prepare_body" => prepare(input, "POST", Of::Request).map(|(prepared, _)| {
            let seen = observe::request(&with_files_read(prepared).request);
            json!({"body": seen["body"], "headers": seen["headers"]})
        }),
        "prepare_request" => prepare(input, "GET", Of::Session).map(|(prepared, _)| {
            // What requests does by two hooks is a step of the exchange here.
            let auth = match input.get("auth") {
                None | Some(Value::Null) => &input["session"]["auth"],
                Some(auth) => auth,
            };
            let of_auth = if auth.get("digest").is_some() { 2 } else { 0 };
            let own = prepared.hooks.response().iter().map(|hook| json!(hook.name));
            let hooks: Vec<_> = core::iter::repeat_n(json!("auth"), of_auth).chain(own).collect();
            let mut seen = observe::request(&with_files_read(prepared).request);
            seen["hooks"] = hooks.into();
            seen
        }),
        "super_len" => prepare(input, "POST", Of::Request)
            .map(|(prepared, _)| json!(prepared.request.body.len().unwrap_or(0))),
        "rewind_body" => {
            // `read` is a list of readings in a call, and a number here.
            let data = json!({"data": input["data"]});
            prepare(&data, "POST", Of::Request)
                .and_then(|(prepared, _)| read_again(&prepared, input["read"].as_u64()))
        }
        _ => return None,
    };
    Some(match prepared {
        Ok(seen) => Outcome::Out(seen),
        Err(failure) => {
            let kind = error::observed(&failure)["kind"].take();
            Outcome::Error(kind.as_str().unwrap_or_default().to_owned())
        }
    })
}

/// Whose settings a request is prepared with.
#[derive(Clone, Copy)]
enum Of {
    /// Its own alone.
    Request,
    /// Its session's too.
    Session,
}

/// The request of a case, whose fields are those of a call.
fn prepare(input: &Value, method: &str, of: Of) -> Result<(Prepared<SimKit>, Box<Call>), Failure> {
    let mut call = input.clone();
    for (name, default) in [("method", method), ("url", URL)] {
        if call.get(name).is_none() {
            call[name] = default.into();
        }
    }
    let vector = json!({"session": input["session"], "calls": [call]});
    let mut scenario = Scenario::parse(&vector).expect("a case of the format");
    let Some(Step::Call(call)) = scenario.steps.pop() else { panic!("a case is no operation") };
    let world = World::new(&json!({"servers": []}), defaults()).expect("no servers");
    let net = Net::new(world, Cuts::Nowhere);
    let files = Files::new("", &scenario.files);
    let mut client = SimClient::new(net, scenario.clock, Faults::default(), files);
    let log = HookLog::default();
    if let (Of::Request, Given::Value(headers)) = (of, &call.request.headers) {
        // There is no session whose field such a value could take away.
        let none = headers.iter().find(|(_, value)| *value == Scalar::Null);
        if let Some((name, _)) = none {
            return Err(request::not_text(&request::header_name(name)));
        }
    }
    session::set_up(&mut client, &scenario.session, &log)?;
    let made = request::request(&client, &call.request, &call.via, &log)?;
    let prepared = match of {
        Of::Request => client.prepare_bare(made),
        Of::Session => client.prepare(made),
    }?;
    Ok((prepared, call))
}

/// requests reads the files of a form at once, this client while it sends: what goes out is the
/// same.
fn with_files_read(mut prepared: Prepared<SimKit>) -> Prepared<SimKit> {
    let read = match &prepared.request.body {
        Body::Parts(parts) if parts.len() > 1 => parts
            .iter()
            .flat_map(|part| match part {
                Part::Bytes(bytes) => bytes.to_vec(),
                Part::Source { source, .. } => {
                    prepared.sources[source.0].items.iter().flatten().flatten().copied().collect()
                }
            })
            .collect::<Vec<u8>>(),
        Body::Empty | Body::Bytes(_) | Body::Parts(_) => return prepared,
    };
    prepared.request.body = Body::Bytes(read.into());
    prepared
}

/// What `most` bytes of the upload are, all without a number, and what all of it is after it was
/// set back.
fn read_again(prepared: &Prepared<SimKit>, most: Option<u64>) -> Result<Value, Failure> {
    let (source, rewind) = match &prepared.request.body {
        Body::Parts(parts) => match &parts[..] {
            [Part::Source { source, rewind, .. }] => (*source, *rewind),
            parts => panic!("no lone source: {parts:?}"),
        },
        body => panic!("no upload: {body:?}"),
    };
    let mut reading = Reading::new(prepared.sources[source.0].clone());
    let mut read = |most: usize, again: bool| {
        if again && (rewind == Rewind::Impossible || !reading.rewind()) {
            return None;
        }
        let mut bytes = vec![0; most];
        let mut filled = 0;
        while let Piece::Bytes(count @ 1..) = reading.read(&mut bytes[filled..]) {
            filled += count;
        }
        bytes.truncate(filled);
        Some(from_latin1(&bytes))
    };
    let most = most.and_then(|most| usize::try_from(most).ok()).unwrap_or(BODY_BYTES_MAX);
    let first = read(most, false);
    match read(BODY_BYTES_MAX, true) {
        Some(again) => Ok(json!({"read_first": first, "read_again": again})),
        None => Err(Error::new(ErrorKind::UnrewindableBody, "cannot be read again").into()),
    }
}

/// The fields with their names as they go out, and each value in the type it was given in: here
/// text and bytes are one type.
fn fields(request: &PreparedRequest, call: &Call) -> Value {
    let own = Own {
        dot: request_head::FinalDot::Drop,
        host: &request.url,
        accept_encoding: "",
        user_agent: "",
        framing: BodyFraming::Unsaid,
        proxy_authorization: ProxyAuthorization::Keep,
    };
    let mut head = Vec::new();
    request_head::write(&mut head, &request.method, |out| out.push(b'/'), own, &request.headers)
        .expect("fields of a request can be sent");
    let head = from_latin1(&head);
    let lines: Vec<&str> = head.trim_end_matches("\r\n").split("\r\n").collect();
    // The transport's own fields come first.
    let lines = &lines[lines.len() - request.headers.len()..];
    let field = |line: &&str| {
        let (name, value) = line.split_once(": ").expect("a field line");
        match last_given(call, name) {
            Some(Scalar::Text(Text::Bytes(_))) => json!([name, {"bytes": value}]),
            _ => json!([name, value]),
        }
    };
    lines.iter().map(field).collect()
}

/// The value of a field as the case has it; of several, the last counts.
fn last_given<'a>(call: &'a Call, name: &str) -> Option<&'a Scalar> {
    let Given::Value(headers) = &call.request.headers else { return None };
    let is = |(given, _): &&(Text, _)| request::header_name(given).eq_ignore_ascii_case(name);
    headers.iter().rfind(is).map(|(_, value)| value)
}
