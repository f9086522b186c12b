//! One request of a vector: what it is, how it is made, how it is sent.
//!
//! The format is described in `oracle/FORMAT.md`, section 3.2.

use serde_json::Value;

use super::fields::{self, FieldsSpec, Headers, Proxies};
use super::{
    AuthSpec, BodySpec, CookiesSpec, FileSpec, Given, Hooks, ReadSpec, bytes, flag, given, hooks,
    items, number, optional, read, text, text_or_bytes, wrong,
};
use crate::peer::Malformed;
use crate::value::Text;

/// A request and everything around it.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// What is asked for.
    pub request: RequestSpec,
    /// Which helper makes it.
    pub via: Via,
    /// How it is sent.
    pub options: Options,
    /// What is read of the response.
    pub reads: Vec<ReadSpec>,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestSpec {
    /// In the case the vector has.
    pub method: String,
    /// Text or bytes.
    pub url: Text,
    /// For the query.
    pub params: Given<FieldsSpec>,
    /// On top of the session's.
    pub headers: Given<Headers>,
    /// The body.
    pub data: Given<BodySpec>,
    /// A JSON body; `{"$float": ...}` is a number that is not finite.
    pub json: Given<Value>,
    /// Parts of a form.
    pub files: Given<Vec<FileSpec>>,
    /// Of this call only.
    pub cookies: Given<CookiesSpec>,
    /// Of this call only.
    pub auth: Given<AuthSpec>,
    /// Of this call only.
    pub hooks: Given<Hooks>,
}

/// Which helper makes a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Via {
    /// The helper of its method, or the generic call where there is none.
    Verb,
    /// The generic call.
    Request,
    /// `prepare_request`, changes, `send`.
    Send(Changes),
    /// Prepared without the session, changes, `send`.
    Bare(Changes),
}

/// What is done between preparing and sending.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Headers set, or removed where the value is none.
    pub headers: Headers,
    /// Another URL.
    pub url: Option<String>,
    /// Another body, while headers stay as they are.
    pub body: Given<Vec<u8>>,
    /// Whether the options go through `merge_environment_settings` first.
    pub merge_environment: bool,
}

/// How a request is sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// Limits of time.
    pub timeout: Given<TimeoutSpec>,
    /// Whether redirects are followed.
    pub allow_redirects: Given<bool>,
    /// Proxies.
    pub proxies: Given<Proxies>,
    /// Whether the body is left to be read.
    pub stream: Given<bool>,
    /// Certificate checks.
    pub verify: Given<VerifySpec>,
    /// Client certificate.
    pub cert: Given<CertSpec>,
}

/// Limits of time in seconds; `None` is no limit.
#[derive(Clone, Debug, PartialEq)]
pub enum TimeoutSpec {
    /// One for connecting and for each read.
    Both(f64),
    /// One for each.
    Pair {
        /// For connecting.
        connect: Option<f64>,
        /// For each read.
        read: Option<f64>,
    },
    /// Nothing that could be a timeout: an error is expected.
    Unusable(Value),
}

/// Certificate checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerifySpec {
    /// Against the default roots.
    On,
    /// None.
    Off,
    /// Against a bundle; the path may name a place.
    Bundle(String),
}

/// A client certificate; paths may name places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertSpec {
    /// Certificate and key in one file.
    One(String),
    /// Certificate, key.
    Pair(String, String),
}

impl Call {
    pub(super) fn parse(call: &Value) -> Result<Self, Malformed> {
        Ok(Self {
            request: RequestSpec::parse(call)?,
            via: Via::parse(call)?,
            options: Options::parse(call)?,
            reads: read::all(&call["read"])?,
        })
    }
}

impl RequestSpec {
    /// Reads the request fields of a call (or of a pure `prepare_request`).
    ///
    /// # Errors
    /// If one is not of the form that the format gives it.
    pub fn parse(call: &Value) -> Result<Self, Malformed> {
        let files = |files: &Value| items(files)?.iter().map(FileSpec::parse).collect();
        // A JSON null is a body like any other only inside another value.
        let json = given(call, "json", |json| Ok(json.clone()))?;
        Ok(Self {
            method: text(&call["method"])?,
            url: text_or_bytes(&call["url"])?,
            params: given(call, "params", fields::spec)?,
            headers: given(call, "headers", fields::headers)?,
            data: given(call, "data", BodySpec::parse)?,
            json,
            files: given(call, "files", files)?,
            cookies: given(call, "cookies", CookiesSpec::parse)?,
            auth: given(call, "auth", AuthSpec::parse)?,
            hooks: given(call, "hooks", hooks::parse)?,
        })
    }
}

impl Via {
    fn parse(call: &Value) -> Result<Self, Malformed> {
        let changes = || {
            Ok(Changes {
                headers: fields::headers(&call["prepared_headers"])?,
                url: optional(call, "prepared_url", text)?,
                body: given(call, "prepared_body", bytes)?,
                merge_environment: optional(call, "merge_environment", flag)?.unwrap_or(false),
            })
        };
        match call["via"].as_str() {
            None | Some("verb") => Ok(Self::Verb),
            Some("request") => Ok(Self::Request),
            Some("send") => changes().map(Self::Send),
            Some("bare") => changes().map(Self::Bare),
            Some(_) => Err(wrong("via", call)),
        }
    }
}

impl Options {
    pub(super) fn parse(call: &Value) -> Result<Self, Malformed> {
        Ok(Self {
            timeout: given(call, "timeout", |timeout| Ok(TimeoutSpec::parse(timeout)))?,
            allow_redirects: given(call, "allow_redirects", flag)?,
            proxies: given(call, "proxies", fields::proxies)?,
            stream: given(call, "stream", flag)?,
            verify: given(call, "verify", VerifySpec::parse)?,
            cert: given(call, "cert", CertSpec::parse)?,
        })
    }
}

impl TimeoutSpec {
    fn parse(timeout: &Value) -> Self {
        let limit = |limit: &Value| match limit {
            Value::Null => Some(None),
            other => other.as_f64().map(Some),
        };
        match timeout {
            Value::Array(pair) => match pair.as_slice() {
                [connect, read] => match (limit(connect), limit(read)) {
                    (Some(connect), Some(read)) => Self::Pair { connect, read },
                    _ => Self::Unusable(timeout.clone()),
                },
                _ => Self::Unusable(timeout.clone()),
            },
            other => number(other).map_or_else(|_| Self::Unusable(other.clone()), Self::Both),
        }
    }
}

impl VerifySpec {
    pub(super) fn parse(verify: &Value) -> Result<Self, Malformed> {
        match verify {
            Value::Bool(true) => Ok(Self::On),
            Value::Bool(false) => Ok(Self::Off),
            path => text(path).map(Self::Bundle),
        }
    }
}

impl CertSpec {
    pub(super) fn parse(cert: &Value) -> Result<Self, Malformed> {
        match cert {
            Value::Array(pair) => match pair.as_slice() {
                [certificate, key] => Ok(Self::Pair(text(certificate)?, text(key)?)),
                _ => Err(wrong("cert", cert)),
            },
            path => text(path).map(Self::One),
        }
    }
}
