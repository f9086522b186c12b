//! From what the caller described and what the session says to a request as it goes out.
//!
//! Source: `Session.prepare_request` in requests 2.34.2, `sessions.py`; `PreparedRequest.prepare`
//! in `models.py`, in the same order: method, URL, header fields, cookies, body, auth.

mod body;
mod digest;
mod fields;

use alloc::boxed::Box;
use alloc::vec::Vec;

use http::HeaderName;

pub(crate) use digest::{digest_field, forget_answer, origin_form, proved};
pub(crate) use fields::{cookie_field, cookie_names, netrc_field};

use crate::cookies::{CallCookies, Jar};
use crate::environment::{Environment, Facet, Trust};
use crate::error::Error;
use crate::headers::Headers;
use crate::message::request::Change;
use crate::message::{Address, Auth, CallOptions, Hooks, Kit, PreparedRequest};
use crate::message::{Body, Query, Request, RequestError};
use crate::policy::authorization::{self, Choice, Netrc, Seen, Source};
use crate::policy::credentials::Credentials;
use crate::policy::digest::Digests;
use crate::policy::merge::{Given, Setting, merge_setting};
use crate::policy::method;
use crate::random::Random;
use crate::time::WallTime;
use crate::url::{self, Url, userinfo};
use crate::wire::form::{Params, Value};

/// A request ready to be sent, with what the runtime keeps beside it.
///
/// Source: `PreparedRequest` in requests, which holds its hooks and open files too.
#[derive(Debug)]
pub struct Prepared<K: Kit = ()> {
    /// The message.
    pub request: PreparedRequest,
    /// The hooks that look at the response.
    pub hooks: Hooks<K::Hook>,
    /// Custom auth, which signs the request and looks at the response.
    pub auth: Option<K::Auth>,
    /// Where streamed parts of the body come from, by [`SourceId`](crate::message::SourceId).
    pub sources: Vec<K::Source>,
    /// What the caller said beside the message.
    pub options: CallOptions,
}

/// What a session has to say about a request; a request prepared without one sees none of it.
#[derive(Debug)]
pub(crate) struct Defaults<'a, K: Kit> {
    pub(crate) headers: &'a Headers,
    pub(crate) params: &'a Params,
    pub(crate) auth: Given<&'a Auth<K::Auth>>,
    pub(crate) cookies: &'a mut Jar,
    pub(crate) digests: &'a mut Digests,
    pub(crate) hooks: &'a Hooks<K::Hook>,
    pub(crate) environment: &'a Environment,
    pub(crate) trust: Trust,
}

/// Merges, checks and writes out.
pub(crate) fn prepare<K: Kit>(
    request: Request<K>,
    defaults: Defaults<'_, K>,
    random: &mut Random,
    now: WallTime,
) -> Result<Prepared<K>, Error> {
    if let Some(mistake) = request.mistake {
        return Err(mistake.into());
    }
    let method = method::parse(&request.method).map_err(RequestError::Method)?;
    let params = merge_params(request.query, defaults.params);
    let (url, login) = address(request.url, &params)?;
    let headers = merge_headers(defaults.headers, request.headers);
    let mut jar = Jar::new();
    for cookie in request.cookies {
        jar.set(cookie).map_err(RequestError::Cookie)?;
    }
    let home: Box<str> = url.host_str().unwrap_or_default().into();
    let mut prepared = PreparedRequest {
        method,
        url,
        headers,
        body: Body::Empty,
        call_cookies: CallCookies { jar, home, since: defaults.cookies.newest() },
        credentials: Source::Netrc,
        digest: None,
        part_headers_dropped: Box::default(),
    };
    cookie_field(&mut prepared, defaults.cookies, now);
    let parts = body::Parts {
        data: request.data,
        json: request.json,
        files: request.files,
        encoding: request.encoding,
        rewinds: &request.rewinds,
    };
    body::put(&mut prepared, parts, random)?;
    let seen = Seen {
        call: request.auth,
        session: match defaults.auth {
            Given::Absent => Given::Absent,
            Given::Off => Given::Off,
            Given::Use(auth) => Given::Use(auth.clone()),
        },
        url: login,
        header: fields::authorization_header(&prepared.headers),
        netrc: match defaults.trust.netrc {
            Facet::Trusted => Netrc::Consult,
            Facet::Ignored => Netrc::Leave,
        },
    };
    let choice = authorization::decide(seen);
    prepared.credentials = choice.source();
    let auth = match choice {
        Choice::Call(Auth::Digest(auth)) | Choice::Session(Auth::Digest(auth)) => {
            digest_field(&mut prepared, auth, defaults.digests, random)?;
            None
        }
        Choice::Call(auth) | Choice::Session(auth) => fields::authorize(&mut prepared, auth)?,
        Choice::Url(credentials) => {
            prepared.headers.set(http::header::AUTHORIZATION, credentials.basic());
            None
        }
        Choice::Netrc => {
            netrc_field(&mut prepared, defaults.environment.trusted(defaults.trust));
            None
        }
        Choice::Header | Choice::Off | Choice::Nothing => None,
    };
    let hooks = Hooks::merged(request.hooks, defaults.hooks);
    let (sources, options) = (request.sources, request.options);
    Ok(Prepared { request: prepared, hooks, auth, sources, options })
}

/// Reads the URL, once, and takes the credentials out of it that it has.
fn address(address: Address, params: &str) -> Result<(Url, Option<Credentials>), Error> {
    let (url, typed) = match address {
        Address::Url(url) if params.is_empty() => (url, None),
        Address::Url(url) => (url::parse_with_params(url.as_str(), params)?, None),
        Address::Text(text) => (url::parse_with_params(&text, params)?, Some(text)),
    };
    if url.username().is_empty() && url.password().is_none() {
        return Ok((url, None));
    }
    let typed = typed.as_deref().and_then(|text| core::str::from_utf8(text).ok());
    let login = userinfo(&url, typed.unwrap_or(url.as_str()));
    let login = match login {
        None => None,
        Some(login) => {
            let credentials = Credentials::from_text(&login.user, login.password.reveal());
            Some(credentials.map_err(RequestError::Credentials)?)
        }
    };
    Ok((url, login))
}

/// The query text that is added to the URL.
fn merge_params(request: Query, session: &Params) -> alloc::string::String {
    let pairs = |params: &Params| {
        let pair = |(name, value): (&[u8], &Value)| {
            let value = (*value != Value::None).then(|| value.clone());
            (name.to_vec(), value)
        };
        params.iter().map(pair).collect::<Vec<_>>()
    };
    let session = match session.is_empty() {
        true => Setting::Absent,
        false => Setting::Mapping(pairs(session)),
    };
    let request = match request {
        Query::Absent => Setting::Absent,
        Query::Mapping(params) => Setting::Mapping(pairs(&params)),
        Query::Pairs(params) => Setting::Value(params.encode()),
        Query::Text(text) => Setting::Value(text),
    };
    match merge_setting(request, session) {
        Setting::Absent => alloc::string::String::new(),
        Setting::Mapping(pairs) => pairs.into_iter().collect::<Params>().encode(),
        Setting::Value(text) => text,
    }
}

/// The session's fields with the request's changes: replaced in place, or added behind them.
fn merge_headers(session: &Headers, changes: Vec<(HeaderName, Change)>) -> Headers {
    // Room for `Cookie`, `Authorization` and two fields of a body.
    let mut headers = Headers::with_capacity(session.len().saturating_add(4));
    for (name, value) in session.iter() {
        headers.append(name.clone(), value.clone());
    }
    for (name, change) in changes {
        match change {
            Change::Set(value) => headers.set(name, value),
            Change::Append(value) => headers.append(name, value),
            Change::Remove => drop(headers.remove(name)),
        }
    }
    headers
}
