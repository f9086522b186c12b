//! `Expect: 100-continue`: the body waits for the server's word, for a while.
//!
//! Source: RFC 9110, 10.1.1. requests sends the body at once, whatever the field says; what goes
//! over the wire is the same.

use alloc::sync::Arc;

use http::header::EXPECT;
use http::{HeaderValue, StatusCode};

use crate::message::{Body, PreparedRequest, Response};
use crate::shared::Shared;
use crate::time::Now;
use crate::trace::{Expecting, What};

use super::Exchange;
use super::call::UploadState;
use super::state::{Choice, State};

/// Whether the request's body waits for the server's word.
pub(super) fn expects(request: &PreparedRequest) -> bool {
    let asks = |value: &HeaderValue| {
        let mut tokens = value.as_bytes().split(|byte| *byte == b',');
        tokens.any(|token| token.trim_ascii().eq_ignore_ascii_case(b"100-continue"))
    };
    !matches!(request.body, Body::Empty) && request.headers.get_all("expect").any(asks)
}

impl<S> Exchange<S> {
    /// Lets the body go, if it waits.
    pub(super) fn release_body(&mut self, why: Expecting) {
        let State::Talking(talking) = &mut self.state else { return };
        if !talking.outgoing.is_held() {
            return;
        }
        talking.outgoing.release();
        if matches!(self.call.request.body, Body::Parts(_)) {
            self.call.upload = UploadState::Begun;
        }
        self.call.last_moved = self.now;
        self.trace.note(self.now, || What::Expect(why));
        self.encrypt();
    }

    /// Whether a response says that the server does not know the expectation, while the body still
    /// waits: the request is sent again without it.
    pub(super) fn is_unexpected(&self, response: &Response) -> bool {
        response.status == StatusCode::EXPECTATION_FAILED && expects(&response.request)
    }

    /// Sends the request again, without its expectation.
    pub(super) fn without_expectation(&mut self, shared: &mut Shared<S>, now: Now) -> State<S> {
        self.response = None;
        self.trace.note(self.now, || What::Expect(Expecting::Refused));
        let mut request = PreparedRequest::clone(&self.call.request);
        request.headers.remove(EXPECT);
        self.call.request = Arc::new(request);
        self.plan(shared, Choice::Any, now)
    }
}
