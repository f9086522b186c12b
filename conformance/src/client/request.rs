//! A call of a scenario as a request of the client.
//!
//! The format is described in `oracle/FORMAT.md`, sections 3.2 and 3.3.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use sessio_core::message::{Address, CallOptions, Certificate, Query, Upload};
use sessio_core::policy::merge::Given;
use sessio_core::policy::proxies::Proxies;
use sessio_core::policy::settings::Verify;
use sessio_core::wire::form;
use sessio_core::wire::multipart::Part;
use sessio_core::{Auth, Cookie, Kit, Params, Request, Timeouts};

use super::source::{self, SourceSpec};
use super::{AuthSpec, Client, HookLog, hook};
use crate::value::{self, Text};

/// What cannot be said in the client's own types, so that the call fails before it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsayable(pub String);

/// The request that a call describes.
///
/// # Errors
/// What the client's types do not let a caller say.
pub fn request<C: Client>(
    client: &C,
    call: &Value,
    log: &HookLog,
) -> Result<Request<C::Kit>, Unsayable> {
    let method = call["method"].as_str().unwrap_or_default();
    let url = match value::text(&call["url"]) {
        Text::Str(text) => Address::from(text),
        Text::Bytes(bytes) => Address::from(bytes.as_slice()),
    };
    let is_verb = call.get("via").is_none_or(|via| via == "verb");
    let mut request = match method.eq_ignore_ascii_case("HEAD") && is_verb {
        true => Request::head(url),
        false => Request::new(method, url),
    };
    if let Some(params) = call.get("params") {
        request = request.params(query(params));
    }
    for (name, given) in call.get("headers").map(value::pairs).unwrap_or_default() {
        request = header(request, &name, &given)?;
    }
    request = body(client, request, call)?;
    for part in call.get("files").and_then(Value::as_array).into_iter().flatten() {
        request = file(client, request, part);
    }
    for cookie in call.get("cookies").map(cookies).unwrap_or_default() {
        request = request.cookie(cookie);
    }
    if let Some(spec) = call.get("auth").filter(|auth| !auth.is_null()) {
        request = request.auth(auth(client, spec));
    }
    if let Some(hooks) = call.get("hooks").filter(|hooks| !hooks.is_null()) {
        let hooks = hook::parse(hooks).map_err(|event| Unsayable(format!("event {event}")))?;
        for spec in hooks {
            request = request.hook(client.hook(spec, log));
        }
    }
    *request.options_mut() = options(call, request.options_mut().clone())?;
    Ok(request)
}

/// The options that a call gives.
///
/// # Errors
/// A timeout that is none.
pub fn options(call: &Value, mut options: CallOptions) -> Result<CallOptions, Unsayable> {
    if let Some(allow) = call.get("allow_redirects").and_then(Value::as_bool) {
        options.allow_redirects = Some(allow);
    }
    options.stream = call.get("stream").and_then(Value::as_bool);
    if let Some(given) = call.get("timeout") {
        options.timeout = Some(timeouts(given)?);
    }
    if let Some(given) = call.get("proxies").filter(|given| !given.is_null()) {
        options.proxies = Given::Use(proxies(given));
    }
    options.verify = call.get("verify").and_then(verify);
    options.cert = call.get("cert").and_then(certificate);
    Ok(options)
}

/// A `timeout`: a number, nothing, or a pair of the two.
fn timeouts(given: &Value) -> Result<Timeouts, Unsayable> {
    let span = |value: &Value| -> Result<Option<Duration>, Unsayable> {
        match value {
            Value::Null => Ok(None),
            Value::Number(number) => Timeouts::seconds(number.as_f64().unwrap_or(f64::NAN))
                .map(Some)
                .map_err(|error| Unsayable(error.to_string())),
            other => Err(Unsayable(format!("timeout {other}"))),
        }
    };
    match given {
        Value::Array(pair) if pair.len() == 2 => Ok(Timeouts::pair(span(&pair[0])?, span(&pair[1])?)),
        Value::Array(_) => Err(Unsayable(format!("timeout {given}"))),
        one => Ok(span(one)?.map_or(Timeouts::NONE, Timeouts::both)),
    }
}

/// Proxies by key.
#[must_use]
pub fn proxies(given: &Value) -> Proxies {
    let pair = |(key, url): (Value, Value)| {
        (key.as_str().expect("a key").to_owned(), url.as_str().map(str::to_owned))
    };
    value::pairs(given).into_iter().map(pair).collect()
}

/// How certificates are checked.
#[must_use]
pub fn verify(given: &Value) -> Option<Verify> {
    match given {
        Value::Bool(true) => Some(Verify::On),
        Value::Bool(false) => Some(Verify::Off),
        Value::String(path) => Some(Verify::Bundle(path.clone())),
        _ => None,
    }
}

/// A client certificate.
#[must_use]
pub fn certificate(given: &Value) -> Option<Certificate> {
    match given {
        Value::String(path) => Some(Certificate::Both(path.clone())),
        Value::Array(pair) => Some(Certificate::Pair {
            certificate: pair[0].as_str()?.to_owned(),
            key: pair[1].as_str()?.to_owned(),
        }),
        _ => None,
    }
}

/// Names and values of a query or a form.
#[must_use]
pub fn params(given: &Value) -> Params {
    value::pairs(given).into_iter().map(|(name, value)| (name_of(&name), form_value(&value))).collect()
}

fn name_of(name: &Value) -> Vec<u8> {
    match name {
        Value::Number(number) => number.to_string().into_bytes(),
        name => value::text(name).utf8().to_vec(),
    }
}

/// One value of a query or a form.
#[must_use]
pub fn form_value(given: &Value) -> form::Value {
    match given {
        Value::Null => form::Value::None,
        Value::Bool(flag) => form::Value::Bool(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => form::Value::Int(whole.into()),
            None => form::Value::Float(number.as_f64().expect("a number")),
        },
        Value::String(text) => form::Value::Text(text.clone()),
        Value::Array(list) => form::Value::List(list.iter().map(form_value).collect()),
        bytes => form::Value::Bytes(value::bytes(bytes).into()),
    }
}

/// `params`: a mapping, a list of pairs, or text.
fn query(given: &Value) -> Query {
    match given {
        Value::Null => Query::Absent,
        Value::String(text) => Query::Text(text.clone()),
        Value::Object(tagged) if tagged.contains_key("list") => Query::Pairs(params(given)),
        Value::Object(_) => Query::Text(value::from_latin1(&value::bytes(given))),
        _ => Query::Mapping(params(given)),
    }
}

fn header<K: Kit>(request: Request<K>, name: &Value, given: &Value) -> Result<Request<K>, Unsayable> {
    let name = match value::text(name) {
        Text::Str(text) => text,
        Text::Bytes(bytes) => value::from_latin1(&bytes),
    };
    Ok(match given {
        Value::Null => request.without_header(&name),
        Value::String(text) if text.chars().any(|c| u32::from(c) > 0xff) => {
            return Err(Unsayable(format!("header {name} is not latin-1")));
        }
        Value::String(text) => request.header(&name, value::latin1(text)),
        Value::Object(_) => request.header(&name, value::bytes(given)),
        other => return Err(Unsayable(format!("header {name} of {other}"))),
    })
}

fn body<C: Client>(
    client: &C,
    mut request: Request<C::Kit>,
    call: &Value,
) -> Result<Request<C::Kit>, Unsayable> {
    if let Some(json) = call.get("json").filter(|json| !json.is_null()) {
        request = request.json(&Json(json));
    }
    let Some(data) = call.get("data") else { return Ok(request) };
    if let Some(spec) = source::parse(data) {
        let upload: Upload<_> = client.source(spec);
        return Ok(request.upload(upload));
    }
    Ok(match data {
        Value::Null => request,
        Value::String(text) => request.body(text.clone()),
        Value::Array(_) => request.form(params(data)),
        Value::Object(tagged) if tagged.contains_key("list") => request.form(params(data)),
        bytes => request.body(value::bytes(bytes)),
    })
}

fn file<C: Client>(client: &C, request: Request<C::Kit>, part: &Value) -> Request<C::Kit> {
    let name = part["name"].as_str().expect("a name").to_owned();
    let content = match &part["content"] {
        Value::Null => return request,
        Value::Object(tagged) if tagged.contains_key("text") => {
            tagged["text"].as_str().expect("text").as_bytes().to_vec()
        }
        bytes => value::bytes(bytes),
    };
    let guessed = part["fileobj"].as_str().and_then(sessio_core::wire::multipart::guess_filename);
    let filename = match part.get("filename") {
        Some(Value::Null) => None,
        Some(filename) => filename.as_str().map(str::to_owned),
        None => Some(guessed.unwrap_or(&name).to_owned()),
    };
    let describe = |mut described: Part| {
        if let Some(filename) = filename {
            described = described.filename(filename);
        }
        if let Some(kind) = part["content_type"].as_str() {
            described = described.content_type(kind);
        }
        for (name, text) in part.get("headers").map(value::pairs).unwrap_or_default() {
            let text = value::text(&text).utf8().to_vec();
            described = described.header(name.as_str().expect("a name"), text);
        }
        described
    };
    if part.get("fileobj").is_none_or(|fileobj| fileobj == false) {
        return request.file(describe(Part::bytes(name, content)));
    }
    let at = usize::try_from(part["pos"].as_u64().unwrap_or(0)).expect("a position");
    let rest = content.get(at..).unwrap_or_default().to_vec();
    let spec = SourceSpec {
        length: Some(rest.len() as u64),
        items: vec![Some(rest)],
        rewind: sessio_core::message::Rewind::Possible,
        rewind_fails: false,
    };
    request.file_upload(name, client.source(spec), describe)
}

/// The cookies of a call or a session: pairs, or a jar.
#[must_use]
pub fn cookies(given: &Value) -> Vec<Cookie> {
    let list = given.get("jar").unwrap_or(given);
    list.as_array().into_iter().flatten().map(cookie).collect()
}

/// One cookie: a pair, or a whole one.
#[must_use]
pub fn cookie(given: &Value) -> Cookie {
    let (name, text) = match given {
        Value::Array(pair) => (&pair[0], &pair[1]),
        whole => (&whole["name"], &whole["value"]),
    };
    let name = name.as_str().expect("a name");
    let mut cookie = match text {
        Value::Null => Cookie::valueless(name),
        Value::Number(number) => Cookie::new(name, number.to_string()),
        text => Cookie::new(name, text.as_str().expect("a value")),
    };
    if let Value::Object(whole) = given {
        cookie = cookie
            .with_domain(whole.get("domain").and_then(Value::as_str).unwrap_or(""))
            .with_path(whole.get("path").and_then(Value::as_str).unwrap_or("/"))
            .with_secure(whole.get("secure") == Some(&Value::Bool(true)));
        if let Some(expires) = whole.get("expires").and_then(Value::as_i64) {
            cookie = cookie.with_expires(Some(sessio_core::WallTime::from_unix_seconds(expires)));
        }
        if let Some(port) = whole.get("port").and_then(Value::as_str) {
            cookie = cookie.with_port(port);
        }
        if let Some(flag) = whole.get("http_only").and_then(Value::as_bool) {
            cookie = cookie.with_http_only(flag);
        }
    }
    cookie
}

/// Credentials.
pub fn auth<C: Client>(client: &C, spec: &Value) -> Auth<<C::Kit as Kit>::Auth> {
    let part = |value: &Value| match value::text(value) {
        Text::Str(text) => sessio_core::message::auth::Credential::Text(text),
        Text::Bytes(bytes) => sessio_core::message::auth::Credential::Bytes(bytes),
    };
    let pair = |name: &str| spec.get(name).map(|pair| (part(&pair[0]), part(&pair[1])));
    if let Some((user, password)) = pair("basic") {
        return Auth::basic(user, password);
    }
    if let Some((user, password)) = pair("proxy") {
        return Auth::proxy_basic(user, password);
    }
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let own = if let Some(field) = spec.get("set_header") {
        AuthSpec::SetHeader(text(&field[0]), text(&field[1]))
    } else if let Some(body) = spec.get("set_body") {
        AuthSpec::SetBody(value::text(body).utf8().to_vec())
    } else if let Some(param) = spec.get("set_param") {
        AuthSpec::SetParam(text(&param[0]), text(&param[1]))
    } else {
        panic!("auth {spec} is not known to this version")
    };
    Auth::Custom(client.auth(own))
}

/// A JSON body, with `{"$float": ..}` for what JSON cannot say.
struct Json<'a>(&'a Value);

impl Serialize for Json<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(map) => match map.get("$float").and_then(Value::as_str) {
                Some("nan") => serializer.serialize_f64(f64::NAN),
                Some("inf") => serializer.serialize_f64(f64::INFINITY),
                Some(_) => serializer.serialize_f64(f64::NEG_INFINITY),
                None => serializer.collect_map(map.iter().map(|(k, v)| (k, Json(v)))),
            },
            Value::Array(list) => serializer.collect_seq(list.iter().map(Json)),
            other => other.serialize(serializer),
        }
    }
}
