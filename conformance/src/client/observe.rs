//! Responses and cookies in the form of `expect`.
//!
//! The format is described in `oracle/FORMAT.md`, section 3.7.

use serde_json::{Value, json};
use sessio_core::headers::links;
use sessio_core::message::{Body, Content};
use sessio_core::{Cookie, Headers, PreparedRequest, Response, WallTime};

use crate::value::{from_latin1, out_bytes};

/// Whether the caller of a call reads the body itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Streamed {
    /// It does: the body is no part of what the call gave.
    Yes,
    /// It does not.
    No,
}

/// The success of a call.
#[must_use]
pub fn response(response: &Response, streamed: Streamed) -> Value {
    let mut observed = json!({
        "status": response.status.as_u16(),
        "reason": from_latin1(response.reason_bytes()),
        "url": response.url().as_str(),
        "method_sent": response.request.method.as_str(),
        "history": response.history.iter().map(history).collect::<Vec<_>>(),
        "headers": headers(&response.headers()),
        "is_redirect": response.is_redirect(),
        "is_permanent_redirect": response.is_permanent_redirect(),
        "ok": response.raise_for_status().is_ok(),
        "next": response.next.as_deref().map(request),
        "links": link_map(response),
        "encoding": encoding(response),
        "cookies": cookies(response.cookies.iter()),
    });
    if let (Content::Complete(body), Streamed::No) = (&response.content, streamed) {
        observed["body"] = out_bytes(body);
        if encoding(response).is_some() || body.is_ascii() {
            observed["text"] = json!(text(response));
        }
    }
    observed
}

/// The charset of a response's text: what was set, or what the header says.
#[must_use]
pub fn encoding(response: &Response) -> Option<String> {
    response.encoding.clone().or_else(|| {
        let value = from_latin1(&response.headers().get_joined("content-type")?);
        sessio_core::wire::charset::encoding_from_content_type(&value).map(str::to_owned)
    })
}

/// The text of a response.
#[must_use]
pub fn text(response: &Response) -> String {
    let encoding = encoding(response);
    sessio_core::wire::charset::text(response.bytes(), encoding.as_deref()).into_owned()
}

fn history(response: &Response) -> Value {
    let cookie = |cookie: &Cookie| json!([cookie.name(), cookie.value()]);
    json!({
        "status": response.status.as_u16(),
        "url": response.url().as_str(),
        "method": response.request.method.as_str(),
        "cookies": response.cookies.iter().map(cookie).collect::<Vec<_>>(),
    })
}

/// Header fields by name in lower case; repeated ones are joined.
fn headers(headers: &Headers) -> Value {
    let mut seen: Vec<(&str, Vec<u8>)> = Vec::new();
    for (name, _) in headers.iter() {
        if !seen.iter().any(|(n, _)| *n == name.as_str()) {
            let joined = headers.get_joined(name.as_str()).unwrap_or_default();
            seen.push((name.as_str(), joined));
        }
    }
    seen.into_iter().map(|(name, value)| json!([name, from_latin1(&value)])).collect()
}

/// A prepared request.
#[must_use]
pub fn request(request: &PreparedRequest) -> Value {
    let defaults = crate::sim::defaults();
    let kind = request.headers.get_joined("content-type").unwrap_or_default();
    let (kind, bytes) = (from_latin1(&kind), request.body.as_bytes());
    let boundary = crate::peer::boundary(&kind, bytes.map_or(&[], |bytes| bytes));
    let Value::Array(mut fields) = headers(&request.headers) else { return Value::Null };
    for field in &mut fields {
        let (name, value) = (field[0].as_str(), field[1].as_str());
        let (name, value) = (name.unwrap_or_default(), value.unwrap_or_default());
        field[1] = crate::peer::normal_header(name, value, &defaults, boundary.as_deref()).into();
    }
    let body = match &request.body {
        Body::Empty => Value::Null,
        Body::Bytes(bytes) => crate::compare::body_out(&kind, bytes),
        Body::Parts(_) => json!({"stream": true}),
    };
    json!({
        "method": request.method.as_str(),
        "url": request.url.as_str(),
        "headers": fields,
        "body": body,
    })
}

fn link_map(response: &Response) -> Value {
    let Some(value) = response.headers().get_joined("link") else { return json!({}) };
    let value = from_latin1(&value);
    let entry = |(key, link): (String, links::Link)| {
        let mut map = serde_json::Map::new();
        map.insert("url".into(), link.url.clone().into());
        map.extend(link.params.iter().map(|(k, v)| (k.clone(), v.clone().into())));
        (key, Value::Object(map))
    };
    links::links(&value).into_iter().map(entry).collect()
}

/// Cookies in the order of the format: by domain, path and name.
#[must_use]
pub fn cookies<'a>(cookies: impl Iterator<Item = &'a Cookie>) -> Value {
    let mut cookies: Vec<&Cookie> = cookies.collect();
    cookies.sort_by_key(|cookie| {
        let value = cookie.value().unwrap_or("None");
        (cookie.domain(), cookie.path(), cookie.name(), value)
    });
    cookies.into_iter().map(cookie).collect()
}

/// COOKIE_OUT of the format.
#[must_use]
pub fn cookie(cookie: &Cookie) -> Value {
    let mut out = json!({
        "name": cookie.name(),
        "value": cookie.value(),
        "domain": cookie.domain(),
        "path": cookie.path(),
        "secure": cookie.is_secure(),
        "expires": cookie.expires().map(WallTime::unix_seconds),
        "host_only": cookie.is_host_only(),
    });
    if cookie.is_http_only() {
        out["http_only"] = json!(true);
    }
    if let Some(port) = cookie.port() {
        out["port"] = json!(port);
    }
    out
}
