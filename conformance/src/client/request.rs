//! A call of a scenario as a request of the client.
//!
//! The format is described in `oracle/FORMAT.md`, sections 3.2 and 3.3.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use sessio_core::message::auth::Credential;
use sessio_core::message::{Address, CallOptions, Certificate, Query};
use sessio_core::policy::digest::DigestAuth;
use sessio_core::policy::merge::Given as CoreGiven;
use sessio_core::policy::settings::Verify;
use sessio_core::wire::form;
use sessio_core::wire::multipart::{Part, guess_filename};
use sessio_core::{Auth, Cookie, Kit, Params, Request, Timeouts, WallTime};

use super::source::{self, SourceSpec};
use super::{Client, Failure, HookLog};
use crate::integers;
use crate::scenario::{
    AuthKind, AuthSpec, BodySpec, CertSpec, CookieSpec, CookiesSpec, Field, FieldsSpec,
    FileContent, FileName, FileSource, FileSpec, Given, Headers, Hooks, Options, RequestSpec,
    Scalar, TimeoutSpec, VerifySpec, Via,
};
use crate::value::{self, Text};

type Made<C> = Result<Request<<C as Client>::Kit>, Failure>;

/// The request that a call describes.
///
/// # Errors
/// What the client's types do not let a caller say.
pub fn request<C: Client>(client: &C, spec: &RequestSpec, via: &Via, log: &HookLog) -> Made<C> {
    let url = match &spec.url {
        Text::Str(text) => Address::from(text.as_str()),
        Text::Bytes(bytes) => Address::from(bytes.as_slice()),
    };
    let is_head = *via == Via::Verb && spec.method.eq_ignore_ascii_case("HEAD");
    let mut request = if is_head { Request::head(url) } else { Request::new(&spec.method, url) };
    // `Session.request` takes what is false for Python as not given.
    let is_call = matches!(via, Via::Verb | Via::Request);
    let is_false = |params: &FieldsSpec| matches!(params, FieldsSpec::Text(text) if is_call && text.utf8().is_empty());
    if let Given::Value(params) = &spec.params
        && !is_false(params)
    {
        request = request.params(query(params));
    }
    if let Given::Value(headers) = &spec.headers {
        request = with_headers(request, headers)?;
    }
    if let Given::Value(json) = &spec.json {
        request = request.json(&Json(json));
    }
    if let Given::Value(data) = &spec.data {
        request = with_data(client, request, data);
    }
    if let Given::Value(files) = &spec.files {
        for file in files {
            request = with_file(client, request, file)?;
        }
    }
    if let Given::Value(given) = &spec.cookies {
        for cookie in cookies(given) {
            request = request.cookie(cookie);
        }
    }
    if let Given::Value(given) = &spec.auth {
        request = request.auth(auth(client, given));
    }
    if let Given::Value(given) = &spec.hooks {
        for hook in hooks(client, given, log)? {
            request = request.hook(hook);
        }
    }
    Ok(request)
}

/// The hooks of a scenario, for the one event that there is.
///
/// # Errors
/// The name of another event.
pub fn hooks<C: Client>(
    client: &C,
    given: &Hooks,
    log: &HookLog,
) -> Result<Vec<<C::Kit as Kit>::Hook>, Failure> {
    let mut made = Vec::new();
    for (event, specs) in given {
        if event != "response" {
            return Err(Failure::Unsayable(format!("a hook for {event}")));
        }
        made.extend(specs.iter().map(|spec| client.hook(spec.clone(), log)));
    }
    Ok(made)
}

/// The options that a call gives, on top of those of its request.
///
/// # Errors
/// A timeout that is none.
pub fn options(spec: &Options, mut options: CallOptions) -> Result<CallOptions, Failure> {
    if let Given::Value(allow) = spec.allow_redirects {
        options.allow_redirects = Some(allow);
    }
    if let Given::Value(stream) = spec.stream {
        options.stream = Some(stream);
    }
    options.timeout = match &spec.timeout {
        Given::Absent => None,
        Given::Null => Some(Timeouts::NONE),
        Given::Value(timeout) => Some(timeouts(timeout)?),
    };
    if let Given::Value(proxies) = &spec.proxies {
        options.proxies = CoreGiven::Use(proxies.iter().cloned().collect());
    }
    if let Given::Value(given) = &spec.verify {
        options.verify = Some(verify(given));
    }
    if let Given::Value(given) = &spec.cert {
        options.cert = Some(certificate(given));
    }
    Ok(options)
}

fn timeouts(spec: &TimeoutSpec) -> Result<Timeouts, Failure> {
    let span = |seconds: f64| -> Result<Duration, Failure> {
        Ok(Timeouts::seconds(seconds).map_err(sessio_core::Error::from)?)
    };
    match spec {
        TimeoutSpec::Both(seconds) => Ok(Timeouts::both(span(*seconds)?)),
        TimeoutSpec::Pair { connect, read } => {
            Ok(Timeouts::pair(connect.map(span).transpose()?, read.map(span).transpose()?))
        }
        TimeoutSpec::Unusable(value) => Err(Failure::Unsayable(format!("timeout {value}"))),
    }
}

/// How certificates are checked.
#[must_use]
pub fn verify(spec: &VerifySpec) -> Verify {
    match spec {
        VerifySpec::On => Verify::On,
        VerifySpec::Off => Verify::Off,
        VerifySpec::Bundle(path) => Verify::Bundle(path.clone()),
    }
}

/// A client certificate.
#[must_use]
pub fn certificate(spec: &CertSpec) -> Certificate {
    match spec {
        CertSpec::One(path) => Certificate::Both(path.clone()),
        CertSpec::Pair(certificate, key) => {
            Certificate::Pair { certificate: certificate.clone(), key: key.clone() }
        }
    }
}

fn scalar(spec: &Scalar) -> form::Value {
    match spec {
        Scalar::Text(Text::Str(text)) => form::Value::Text(text.clone()),
        Scalar::Text(Text::Bytes(bytes)) => form::Value::Bytes(bytes.clone().into()),
        Scalar::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(whole), _) => form::Value::Int(whole.into()),
            (None, Some(whole)) => form::Value::Int(whole.into()),
            (None, None) => form::Value::Float(number.as_f64().expect("a number")),
        },
        Scalar::Bool(flag) => form::Value::Bool(*flag),
        Scalar::Null => form::Value::None,
    }
}

/// Names and values of a query or a form.
#[must_use]
pub fn params(fields: &[(Text, Field)]) -> Params {
    let field = |(name, field): &(Text, Field)| {
        let value = match field {
            Field::One(one) => scalar(one),
            Field::Many(many) => form::Value::List(many.iter().map(scalar).collect()),
        };
        (name.utf8().to_vec(), value)
    };
    fields.iter().map(field).collect()
}

/// `params`: a mapping, a list of pairs, or text.
#[must_use]
pub fn query(spec: &FieldsSpec) -> Query {
    match spec {
        FieldsSpec::Mapping(fields) => Query::Mapping(params(fields)),
        FieldsSpec::List(fields) => Query::Pairs(params(fields)),
        FieldsSpec::Text(text) => Query::Text(String::from_utf8_lossy(text.utf8()).into_owned()),
    }
}

/// The bytes of a header value; `None` takes the field away.
///
/// # Errors
/// A value that is neither text in ISO-8859-1 nor bytes.
pub fn header_value(name: &str, spec: &Scalar) -> Result<Option<Vec<u8>>, Failure> {
    let unsayable = |what: &str| Failure::Unsayable(format!("header {name} of {what}"));
    match spec {
        Scalar::Null => Ok(None),
        Scalar::Text(Text::Bytes(bytes)) => Ok(Some(bytes.clone())),
        Scalar::Text(Text::Str(text)) => match text.chars().all(|c| u32::from(c) <= 0xff) {
            true => Ok(Some(value::latin1(text))),
            false => Err(unsayable("text outside ISO-8859-1")),
        },
        Scalar::Number(_) | Scalar::Bool(_) => Err(not_text(name)),
    }
}

/// The client's types take text and bytes only, so such a value is refused by the compiler.
pub(crate) fn not_text(name: &str) -> Failure {
    let text = format!("the value of header {name} is neither text nor bytes");
    sessio_core::Error::new(sessio_core::ErrorKind::InvalidHeader, text.as_str()).into()
}

/// A header name as text.
#[must_use]
pub fn header_name(name: &Text) -> String {
    match name {
        Text::Str(text) => text.clone(),
        Text::Bytes(bytes) => value::from_latin1(bytes),
    }
}

fn with_headers<K: Kit>(mut request: Request<K>, headers: &Headers) -> Result<Request<K>, Failure> {
    for (name, given) in headers {
        let name = header_name(name);
        request = match header_value(&name, given)? {
            None => request.without_header(&name),
            Some(value) => request.header(&name, value),
        };
    }
    Ok(request)
}

fn with_data<C: Client>(client: &C, request: Request<C::Kit>, data: &BodySpec) -> Request<C::Kit> {
    if let Some(spec) = source::of(data) {
        return request.upload(client.source(spec));
    }
    match data {
        BodySpec::Plain(FieldsSpec::Mapping(fields) | FieldsSpec::List(fields)) => {
            request.form(params(fields))
        }
        BodySpec::Plain(FieldsSpec::Text(text)) => request.body(text.utf8().to_vec()),
        BodySpec::Generator(_)
        | BodySpec::Iterable(_)
        | BodySpec::TextFile(_)
        | BodySpec::File(_) => request,
    }
}

fn with_file<C: Client>(client: &C, request: Request<C::Kit>, file: &FileSpec) -> Made<C> {
    let name = String::from_utf8_lossy(file.field.utf8()).into_owned();
    let content = match &file.content {
        FileContent::Null => return Ok(request.multipart()),
        FileContent::Text(text) => text.clone().into_bytes(),
        FileContent::Bytes(bytes) => bytes.clone(),
    };
    let of_file = match &file.source {
        FileSource::Named(path, _) => guess_filename(path).filter(|name| !name.is_empty()),
        FileSource::Value | FileSource::Unnamed(_) => None,
    };
    let filename = match &file.filename {
        FileName::Without => None,
        FileName::Guessed => Some(of_file.unwrap_or(&name).to_owned()),
        FileName::Is(text) => Some(String::from_utf8_lossy(text.utf8()).into_owned()),
    };
    let mut fields = Vec::new();
    for (field, given) in file.headers.iter().flatten() {
        let field = header_name(field);
        if let Some(value) = header_value(&field, given)? {
            fields.push((field, value));
        }
    }
    let describe = |mut part: Part| {
        if let Some(filename) = filename {
            part = part.filename(filename);
        }
        if let Some(kind) = &file.content_type {
            part = part.content_type(kind.clone());
        }
        fields.into_iter().fold(part, |part, (field, value)| part.header(field, value))
    };
    Ok(match &file.source {
        FileSource::Value => request.file(describe(Part::bytes(name, content))),
        FileSource::Unnamed(at) | FileSource::Named(_, at) => {
            let rest = content.get(*at..).unwrap_or_default().to_vec();
            request.file_upload(name, client.source(SourceSpec::bytes(rest)), describe)
        }
    })
}

/// The cookies of a call.
#[must_use]
pub fn cookies(spec: &CookiesSpec) -> Vec<Cookie> {
    match spec {
        CookiesSpec::Plain(pairs) => pairs
            .iter()
            .map(|(name, value)| match value {
                Some(value) => Cookie::new(name.as_str(), value.as_str()),
                None => Cookie::valueless(name.as_str()),
            })
            .collect(),
        CookiesSpec::Jar(jar) => jar.iter().map(cookie).collect(),
    }
}

/// One cookie.
#[must_use]
pub fn cookie(spec: &CookieSpec) -> Cookie {
    let cookie = match &spec.value {
        Some(value) => Cookie::new(spec.name.as_str(), value.as_str()),
        None => Cookie::valueless(spec.name.as_str()),
    };
    let mut cookie = cookie
        .with_domain(spec.domain.as_str())
        .with_path(spec.path.as_str())
        .with_secure(spec.secure);
    if let Some(expires) = spec.expires {
        #[expect(clippy::cast_possible_truncation, reason = "a time of this era")]
        let seconds = expires as i64;
        cookie = cookie.with_expires(WallTime::from_unix_seconds(seconds));
    }
    match &spec.port {
        Some(port) => cookie.with_port(port.as_str()),
        None => cookie,
    }
}

/// Credentials.
pub fn auth<C: Client>(client: &C, spec: &AuthSpec) -> Auth<<C::Kit as Kit>::Auth> {
    let part = |text: &Text| match text {
        Text::Str(text) => Credential::Text(text.clone()),
        Text::Bytes(bytes) => Credential::Bytes(bytes.clone()),
    };
    match &spec.kind {
        AuthKind::Basic(user, password) => Auth::basic(part(user), part(password)),
        AuthKind::Proxy(user, password) => Auth::proxy_basic(part(user), part(password)),
        AuthKind::Digest(user, password) => {
            let make = || DigestAuth::new(user.as_str(), password.as_str());
            Auth::Digest(spec.object.digest(make))
        }
        own => Auth::Custom(client.auth(own.clone())),
    }
}

/// A JSON body, with `{"$float": ..}` for what JSON cannot say, and `{"$int": ..}` for integers
/// beyond 64 bits.
#[derive(Debug)]
pub struct Json<'a>(pub &'a Value);

impl Serialize for Json<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(map) if map.contains_key(integers::TAG) => {
                let digits = map[integers::TAG].as_str().and_then(|digits| digits.parse().ok());
                serializer.serialize_i128(digits.expect("an integer of at most 128 bits"))
            }
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
