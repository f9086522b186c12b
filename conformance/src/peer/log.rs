//! What a server saw, in the form of `expect.wire`.
//!
//! The format is described in `oracle/FORMAT.md`, sections 3.7 and 4.

use serde_json::{Value, json};

use super::line::TlsSeen;
use super::normal::{Defaults, boundary, normal_body, normal_header};
use super::request::Request;
use super::script::ServerScript;
use super::{digest, request::Rest};
use crate::value::{from_latin1, out_bytes};

/// Where something arrived.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Index of the server.
    pub(super) server: usize,
    /// Number of the connection there.
    pub(super) connection: usize,
    /// What its TLS handshake showed.
    pub(super) tls: Option<TlsSeen>,
}

/// How a request ended up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// A reply was left for it.
    Answered,
    /// No reply was left.
    Unanswered,
    /// It did not arrive completely.
    Incomplete,
}

/// The entry of a request.
pub(super) fn request(
    place: &Place,
    request: &Request,
    fate: Fate,
    script: &ServerScript,
    defaults: &Defaults,
) -> Value {
    let mut entry = place.entry();
    let content_type = from_latin1(request.header("content-type").unwrap_or_default());
    let boundary = boundary(&content_type, &request.body);
    let mut headers = Vec::new();
    for (name, value) in &request.headers {
        let value = from_latin1(value);
        if name.ends_with("authorization")
            && value.starts_with("Digest ")
            && let Some(account) = &script.digest
        {
            entry["digest_valid"] = digest::is_valid(&value, request, account).into();
        }
        headers.push(json!([name, normal_header(name, &value, defaults, boundary.as_deref())]));
    }
    entry["request_line"] = from_latin1(&request.line).into();
    entry["headers"] = headers.into();
    entry["body"] = out_bytes(&normal_body(&request.body, boundary.as_deref()));
    if let Some(sizes) = &request.chunks {
        entry["chunks"] = sizes.clone().into();
    }
    if let Some(seen) = &place.tls {
        entry["tls"] = json!({"sni": seen.server_name, "client_cert": seen.client});
    }
    match fate {
        Fate::Answered => {}
        Fate::Unanswered => entry["unanswered"] = true.into(),
        Fate::Incomplete => entry["incomplete"] = true.into(),
    }
    entry
}

/// The entry of what stopped arriving, if anything had arrived.
pub(super) fn rest(
    place: &Place,
    rest: &Rest,
    script: &ServerScript,
    defaults: &Defaults,
) -> Option<Value> {
    match rest {
        Rest::Nothing => None,
        Rest::Part(part) => Some(request(place, part, Fate::Incomplete, script, defaults)),
        Rest::Raw(bytes) => {
            let mut entry = place.entry();
            entry["incomplete"] = true.into();
            let hello = bytes.starts_with(&[0x16, 3]);
            entry["raw"] = if hello { json!({"tls_client_hello": true}) } else { out_bytes(bytes) };
            Some(entry)
        }
    }
}

/// The entry of a SOCKS handshake.
pub(super) fn socks(place: &Place, handshake: Value) -> Value {
    let mut entry = place.entry();
    entry["socks"] = handshake;
    entry
}

impl Place {
    fn entry(&self) -> Value {
        json!({"server": self.server, "conn": self.connection})
    }
}
