//! What every driver needs to act out a vector on a client: requests, hooks, auth and uploads from
//! their descriptions, results in the form of `expect`.
//!
//! The format is described in `oracle/FORMAT.md`, sections 3.1 to 3.5 and 3.7.

pub mod error;
pub mod hook;
pub mod observe;
pub mod operation;
pub mod play;
pub mod request;
pub mod source;

use std::sync::{Arc, Mutex};

use serde_json::Value;
use sessio_core::message::{CallOptions, Upload};
use sessio_core::{Kit, Prepared, Response, Session};

use hook::HookSpec;
use source::SourceSpec;

/// A failed call: what the scenario planted, or an error of the client.
#[derive(Debug)]
pub enum Failure {
    /// A hook of the scenario failed (`raise:X`).
    Hook,
    /// A source of the scenario failed (`{"raise": m}`).
    Source,
    /// The client's own error.
    Client(Box<sessio_core::Error>),
}

/// The log of a call's hooks.
pub type HookLog = Arc<Mutex<Vec<Value>>>;

/// A client under test.
pub trait Client {
    /// What it keeps connections in.
    type Socket;
    /// Its hooks, auth and sources.
    type Kit: Kit;
    /// A response, with what is left to be read of it.
    type Live: Live;

    /// The session, for settings and state.
    fn session<R>(&mut self, with: impl FnOnce(&mut Session<Self::Socket, Self::Kit>) -> R) -> R;

    /// A hook that does what the scenario says and logs to `log`.
    fn hook(&self, spec: HookSpec, log: &HookLog) -> <Self::Kit as Kit>::Hook;

    /// Custom auth that does what the scenario says.
    fn auth(&self, spec: AuthSpec) -> <Self::Kit as Kit>::Auth;

    /// A source that delivers what the scenario says.
    fn source(&self, spec: SourceSpec) -> Upload<<Self::Kit as Kit>::Source>;

    /// Reads the clock.
    fn now(&self) -> sessio_core::Now;

    /// Signs a request that was prepared with custom auth.
    fn sign(&self, prepared: &mut Prepared<Self::Kit>);

    /// Sends a request.
    ///
    /// # Errors
    /// What the call ended in.
    fn send(
        &mut self,
        prepared: Prepared<Self::Kit>,
        options: CallOptions,
    ) -> Result<Self::Live, Failure>;

    /// Another call with the same hooks, for the `next` of a response.
    fn hooks_of(live: &Self::Live) -> sessio_core::Hooks<<Self::Kit as Kit>::Hook>;

    /// Changes the wall clock.
    fn advance_clock(&mut self, seconds: f64);
}

/// A response that was given out, with what is left to be read.
pub trait Live {
    /// Its head, and its body if that was read.
    fn response(&self) -> &Response;
    /// Changes it: `encoding`.
    fn response_mut(&mut self) -> &mut Response;
    /// Reads pieces of `size` bytes, or as they come, `max` of them at most.
    fn iter_content(&mut self, size: Option<usize>, max: usize, text: bool) -> Items;
    /// Reads lines.
    fn iter_lines(
        &mut self,
        chunk: usize,
        delimiter: Option<Vec<u8>>,
        max: usize,
        text: bool,
    ) -> Items;
    /// Reads the whole content.
    ///
    /// # Errors
    /// What the body ended in.
    fn content(&mut self) -> Result<Vec<u8>, Failure>;
    /// Reads bytes as they came, or decoded.
    ///
    /// # Errors
    /// What the body ended in.
    fn raw_read(&mut self, count: usize, decode: bool) -> Result<Vec<u8>, Failure>;
    /// Gives the rest up.
    fn close(&mut self);
}

/// What an iteration gave, and the error that ended it.
#[derive(Debug)]
pub struct Items {
    /// The items in order: bytes, or text.
    pub items: Vec<Item>,
    /// The error that ended the iteration.
    pub error: Option<Failure>,
}

/// An item of an iteration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// As bytes.
    Bytes(Vec<u8>),
    /// As text.
    Text(String),
}

/// Custom auth of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthSpec {
    /// Sets a header field.
    SetHeader(String, String),
    /// Replaces the body.
    SetBody(Vec<u8>),
    /// Adds a query parameter to the prepared URL.
    SetParam(String, String),
}

impl AuthSpec {
    /// Does it.
    pub fn sign(&self, request: &mut sessio_core::PreparedRequest) {
        match self {
            Self::SetHeader(name, value) => {
                let _ = request.headers.try_set(name, value::latin1_or_utf8(value));
            }
            Self::SetBody(body) => {
                request.set_body(sessio_core::Body::Bytes(body.clone().into()));
            }
            Self::SetParam(name, value) => {
                let params = sessio_core::Params::from([(name.as_str(), value.as_str())]);
                if let Ok(url) =
                    sessio_core::url::parse_with_params(request.url.as_str(), &params.encode())
                {
                    request.url = url;
                }
            }
        }
    }
}

use crate::value;
