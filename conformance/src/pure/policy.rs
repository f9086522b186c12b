//! Merging, redirects, authorization, adapters, methods and statuses.

use serde_json::{Value, json};
use sessio_core::Headers;
use sessio_core::policy::adapter::Mounts;
use sessio_core::policy::authorization::{Carry, Netrc, Source, should_strip_auth};
use sessio_core::policy::credentials::{NotLatin1, basic_auth_str, latin1};
use sessio_core::policy::merge::{HooksByEvent, Setting, merge_hooks, merge_setting};
use sessio_core::policy::method::prepare_method;
use sessio_core::policy::redirect::{
    self, Kind, Location, NextBody, REDIRECTS_MAX, Refusal, Seen, Verdict, rebuild_method,
};
use sessio_core::policy::status::raise_for_status;
use sessio_core::url::resolve_location;
use url::Url;

use crate::pure::Outcome;
use crate::value::{self, Text};

/// Runs one case.
pub fn run(function: &str, input: &Value) -> Option<Outcome> {
    Some(match function {
        "merge_setting" => Outcome::Out(setting(input)),
        "merge_hooks" => Outcome::Out(hooks(input)),
        "should_strip_auth" => strip(input),
        "rebuild_method" => method_after(input),
        "is_redirect" => kind(input),
        "redirect_request" => redirect_request(input),
        "get_adapter" => adapter(input),
        "basic_auth_str" => basic(input),
        "raise_for_status" => status(input),
        "prepare_method" => Outcome::Out(method(input)),
        _ => return None,
    })
}

/// The kind of error that is told for text that is no URL.
pub(crate) fn invalid_url() -> Outcome {
    Outcome::Error("InvalidURL".into())
}

/// The kind of error that is told for credentials that cannot be encoded.
pub(crate) fn not_latin1(_: NotLatin1) -> Outcome {
    Outcome::Error("InvalidHeader".into())
}

/// The header fields of a vector.
pub(crate) fn headers(pairs: &Value) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in value::pairs(pairs) {
        let name = name.as_str().expect("a name is text");
        headers.try_set(name, value::bytes(&value)).expect("a field of a vector");
    }
    headers
}

/// Header fields with names in lower case, as results have them.
fn out_headers(headers: &Headers) -> Value {
    let pair = |(name, value): (&_, &http::HeaderValue)| {
        let name: &http::HeaderName = name;
        json!([name.as_str(), value::from_latin1(value.as_bytes())])
    };
    headers.iter().map(pair).collect()
}

#[derive(Clone, Debug)]
struct Key {
    text: String,
    any_case: bool,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        match self.any_case {
            true => self.text.eq_ignore_ascii_case(&other.text),
            false => self.text == other.text,
        }
    }
}

fn setting(input: &Value) -> Value {
    let any_case = input["dict"] == "case_insensitive";
    let decode = |value: &Value| match value {
        Value::Null => Setting::Absent,
        value if value.get("map").is_some() => {
            // A mapping of Python's has each key once: in its first place, with its last value.
            let mut once: Vec<(Value, Value)> = Vec::new();
            for (key, value) in value::pairs(value) {
                match once.iter_mut().find(|(k, _)| *k == key) {
                    Some(place) => place.1 = value,
                    None => once.push((key, value)),
                }
            }
            let pair = |(key, value): (Value, Value)| {
                let text = key.as_str().expect("a key is text").to_owned();
                (Key { text, any_case }, Some(value).filter(|value| !value.is_null()))
            };
            Setting::Mapping(once.into_iter().map(pair).collect())
        }
        value if value["list"].as_array().is_some_and(Vec::is_empty) => Setting::Value(json!([])),
        value => Setting::Value(value.clone()),
    };
    match merge_setting(decode(&input["request"]), decode(&input["session"])) {
        Setting::Absent => Value::Null,
        Setting::Value(value) => value,
        Setting::Mapping(pairs) => {
            let pair = |(key, value): (Key, Option<Value>)| json!([key.text, value]);
            json!({"map": pairs.into_iter().map(pair).collect::<Vec<_>>()})
        }
    }
}

fn hooks(input: &Value) -> Value {
    let decode = |value: &Value| -> Option<HooksByEvent<String, Value>> {
        let event = |(event, list): (Value, Value)| {
            let list = match list {
                Value::Array(list) => Some(list),
                Value::Null => None,
                one => Some(vec![one]),
            };
            (event.as_str().expect("an event is text").to_owned(), list)
        };
        value.is_array().then(|| value::pairs(value).into_iter().map(event).collect())
    };
    json!(merge_hooks(decode(&input["request"]), decode(&input["session"])))
}

fn strip(input: &Value) -> Outcome {
    match (url(&input["old"]), url(&input["new"])) {
        (Some(old), Some(new)) => {
            Outcome::Out(json!(matches!(should_strip_auth(&old, &new), Carry::Strip(_))))
        }
        _ => invalid_url(),
    }
}

/// A URL as `url` reads it.
pub(crate) fn url(text: &Value) -> Option<Url> {
    Url::parse(text.as_str().expect("a URL is text")).ok()
}

fn code(input: &Value) -> http::StatusCode {
    let status = input["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    http::StatusCode::from_u16(status.expect("a status")).expect("a status of three digits")
}

fn token(input: &Value) -> http::Method {
    let method = input["method"].as_str().expect("a method is text");
    http::Method::from_bytes(method.as_bytes()).expect("a method of a vector")
}

fn method_after(input: &Value) -> Outcome {
    let method = token(input);
    Outcome::Out(json!(rebuild_method(&method, code(input)).apply(&method).as_str()))
}

fn kind(input: &Value) -> Outcome {
    let kind = redirect::kind(
        code(input),
        headers(&input["headers"]).get("location").map(http::HeaderValue::as_bytes),
    );
    Outcome::Out(json!({
        "is_redirect": kind != Kind::Final,
        "is_permanent_redirect": kind == Kind::Permanent,
    }))
}

/// The body and the header fields that the request goes out with.
fn prepared(input: &Value) -> (Option<Vec<u8>>, Headers) {
    let mut headers = headers(&input["request_headers"]);
    let body = match &input["data"] {
        Value::Null => None,
        data if data.is_array() || data.get("list").is_some() => {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            for (key, value) in value::pairs(data) {
                form.append_pair(key.as_str().expect("text"), value.as_str().expect("text"));
            }
            Some(form.finish().into_bytes())
        }
        data => Some(value::text(data).utf8().to_vec()),
    };
    let body = body.filter(|body| !body.is_empty());
    let length = body.as_ref().map_or(0, Vec::len);
    if length > 0 || !matches!(input["method"].as_str(), Some("GET" | "HEAD")) {
        headers.try_set("content-length", length.to_string()).expect("a field");
    }
    if input["data"].is_array() && !headers.contains("content-type") {
        headers.try_set("content-type", "application/x-www-form-urlencoded").expect("a field");
    }
    (body, headers)
}

fn redirect_request(input: &Value) -> Outcome {
    let Some(url) = url(&input["request_url"]) else { return invalid_url() };
    let (body, headers) = prepared(input);
    let location = input["location"].as_str();
    let target = location.map(|location| resolve_location(&url, &value::latin1(location)));
    let verdict = redirect::decide(Seen {
        status: code(input),
        location: match &target {
            None => Location::Missing,
            Some(_) if input["location"] == "" => Location::Empty,
            Some(Err(_)) => Location::Invalid,
            Some(Ok(target)) => Location::To(target),
        },
        method: &token(input),
        url: &url,
        headers: &headers,
        authorization: Source::Explicit,
        netrc: Netrc::Leave,
        followed: 0,
        redirects_max: REDIRECTS_MAX,
    });
    match verdict {
        Verdict::Stop(_) => Outcome::Out(Value::Null),
        Verdict::Refuse(Refusal::TooManyRedirects(_)) => Outcome::Error("TooManyRedirects".into()),
        Verdict::Refuse(Refusal::InvalidLocation) => invalid_url(),
        Verdict::Follow(next) => {
            let body = body.filter(|_| next.body == NextBody::Keep);
            Outcome::Out(json!({
                "method": next.method.as_str(),
                "url": next.url.as_str(),
                "headers": out_headers(&next.headers),
                "body": body.map(|body| value::out_bytes(&body)),
            }))
        }
    }
}

fn adapter(input: &Value) -> Outcome {
    let mut mounts = Mounts::default();
    if input["clear"] != true {
        for prefix in ["https://", "http://"] {
            mounts.mount(prefix, prefix.to_owned());
        }
    }
    for (number, prefix) in input["mounts"].as_array().expect("mounts").iter().enumerate() {
        let prefix = prefix.as_str().expect("a prefix is text");
        mounts.mount(prefix, format!("#{number}:{prefix}"));
    }
    let order: Vec<_> = mounts.iter().map(|(prefix, _)| prefix).collect();
    match input["url"].as_str().map(|url| mounts.get(url)) {
        None => Outcome::Out(json!({"order": order})),
        Some(Ok((_, name))) => Outcome::Out(json!({"order": order, "adapter": name})),
        Some(Err(_)) => Outcome::Error("InvalidSchema".into()),
    }
}

fn basic(input: &Value) -> Outcome {
    let encode = |value: &Value| match value {
        // requests turns other Python objects into text, which the type system does not let in.
        Value::Null => latin1("None"),
        Value::Number(number) => latin1(&number.to_string()),
        value => match value::text(value) {
            Text::Str(text) => latin1(&text),
            Text::Bytes(bytes) => Ok(bytes),
        },
    };
    match (encode(&input["username"]), encode(&input["password"])) {
        (Ok(user), Ok(password)) => {
            Outcome::Out(json!(basic_auth_str(&user, &password).to_str().expect("ASCII")))
        }
        (Err(error), _) | (_, Err(error)) => not_latin1(error),
    }
}

fn status(input: &Value) -> Outcome {
    let status = u16::try_from(input["status"].as_u64().expect("a status")).expect("a status");
    let reason = match &input["reason"] {
        Value::Null => None,
        reason => Some(value::text(reason).utf8().to_vec()),
    };
    let url = input["url"].as_str().unwrap_or("http://example.com/");
    let Ok(url) = Url::parse(url) else { return invalid_url() };
    let error = raise_for_status(status, reason.as_deref(), &url).err();
    let message = error.map(|error| error.to_string());
    Outcome::Out(json!({"ok": message.is_none(), "message": message}))
}

fn method(input: &Value) -> Value {
    match &input["method"] {
        Value::Null => Value::Null,
        method => {
            let bytes = value::text(method).utf8().to_vec();
            json!(prepare_method(std::str::from_utf8(&bytes).expect("a method of a vector")))
        }
    }
}
