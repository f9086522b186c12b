//! What every driver needs to act out a scenario on a client: specs become requests, and what came
//! of them takes the form of `expect`.
//!
//! The format is described in `oracle/FORMAT.md`, sections 3.1 to 3.5 and 3.7.

pub mod error;
pub mod hook;
pub mod observe;
pub mod operation;
pub mod play;
pub mod request;
pub mod session;
pub mod source;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use sessio_core::message::{CallOptions, Upload};
use sessio_core::{Hooks, Kit, Prepared, PreparedRequest, Response, Session};

use crate::scenario::{AuthKind, HookSpec};
use source::SourceSpec;

/// A failed call: what the scenario planted, or an error of the client.
#[derive(Debug)]
pub enum Failure {
    /// A hook of the scenario failed (`raise:X`).
    Hook,
    /// A source of the scenario failed (`{"raise": m}`).
    Source,
    /// Something that the client's types do not let a caller say.
    Unsayable(String),
    /// The client's own error.
    Client(Box<sessio_core::Error>),
}

impl From<sessio_core::Error> for Failure {
    fn from(error: sessio_core::Error) -> Self {
        Self::Client(Box::new(error))
    }
}

/// The log of a call's hooks.
pub type HookLog = Arc<Mutex<Vec<Value>>>;

/// The hooks of a client.
pub type HooksOf<C> = Hooks<<<C as Client>::Kit as Kit>::Hook>;

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
    fn auth(&self, kind: AuthKind) -> <Self::Kit as Kit>::Auth;

    /// A source that delivers what the scenario says.
    fn source(&self, spec: SourceSpec) -> Upload<<Self::Kit as Kit>::Source>;

    /// Merges the session's settings into a request, and signs it.
    ///
    /// # Errors
    /// What is wrong with it.
    fn prepare(
        &mut self,
        request: sessio_core::Request<Self::Kit>,
    ) -> Result<Prepared<Self::Kit>, Failure>;

    /// Prepares without the session, and signs.
    ///
    /// # Errors
    /// What is wrong with the request.
    fn prepare_bare(
        &mut self,
        request: sessio_core::Request<Self::Kit>,
    ) -> Result<Prepared<Self::Kit>, Failure>;

    /// Sends a request; the hooks log to `log`.
    ///
    /// # Errors
    /// What the call ended in.
    fn send(
        &mut self,
        prepared: Prepared<Self::Kit>,
        options: CallOptions,
        log: &HookLog,
    ) -> Result<Self::Live, Failure>;

    /// What it decided so far, in words.
    fn trace(&self) -> Vec<String>;

    /// The waits before attempts were repeated, which took no time.
    fn sleeps(&self) -> Vec<Duration>;

    /// Changes the wall clock.
    fn advance_clock(&mut self, seconds: f64);

    /// The wall clock.
    fn wall(&self) -> sessio_core::WallTime;

    /// Everything that the servers have to do is done, and what they sent has arrived.
    fn settle(&mut self);
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
    fn iter_lines(&mut self, delimiter: Option<&[u8]>, max: usize, text: bool) -> Items;
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
#[derive(Debug, Default)]
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

/// Signs a request as custom auth of a scenario does.
pub fn sign(kind: &AuthKind, request: &mut PreparedRequest) {
    match kind {
        AuthKind::SetHeader(name, text) => {
            let value = crate::value::latin1_or_utf8(text);
            request.headers.try_set(name, value).expect("a header field");
        }
        AuthKind::SetBody(body) => {
            request.set_body(sessio_core::Body::Bytes(body.clone().into()));
        }
        AuthKind::SetParam(name, value) => {
            let params = sessio_core::Params::from([(name.as_str(), value.as_str())]).encode();
            let url = sessio_core::url::parse_with_params(request.url.as_str(), &params);
            request.url = url.expect("a URL that was one before");
        }
        AuthKind::Basic(..) | AuthKind::Digest(..) | AuthKind::Proxy(..) => {}
    }
}
