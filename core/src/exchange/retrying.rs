//! Attempts that went wrong: whether the hop is tried again, when, and what it ends in if not.
//!
//! The decision is [`Retry::decide`]. Source: `HTTPAdapter.send` in requests 2.34.2, `adapters.py`;
//! `HTTPConnectionPool.urlopen` in urllib3 2.8.0, `connectionpool.py`.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::time::Duration;

use crate::error::{Error, ErrorKind};
use crate::io::IoError;
use crate::message::{Response, Rewind};
use crate::policy::retry::{
    Exhausted, Failure, OnStatus, Retried, Retry, Seen, Stop, Verdict, Wait,
};
use crate::policy::retry_after::BadRetryAfter;
use crate::settings::TimeoutKind;
use crate::trace::What;

use super::Exchange;
use super::attempts::Next;
use super::call::UploadState;
use super::state::{Choice, State, Work};

impl<S> Exchange<S> {
    /// An attempt went wrong before there was the head of a response: tries again, or ends the call
    /// with the error. Every such failure of a hop comes here, or, where trying again is out of the
    /// question, to [`failed`](Self::failed).
    ///
    /// [`Failure::Connect`] is for errors before a byte of the request was sent, to a proxy too;
    /// [`Failure::Read`] for the others of a connection and of what came over it;
    /// [`Failure::Other`] for TLS and for a proxy that refuses.
    pub(super) fn broken_off(&mut self, error: Error, failure: Failure) -> State<S> {
        match self.decide(failure, None) {
            Verdict::Again { .. } if self.is_body_gone() => {
                let why = format!("{error}; it is not sent again: {BODY_GONE}");
                self.failed(Error::new(ErrorKind::UnrewindableBody, why.as_str()))
            }
            Verdict::Again { wait, retry } => {
                let why = error.cause().to_string().into();
                self.try_again(Retried { failure, why, wait }, retry)
            }
            Verdict::Stop(stop) => {
                self.trace.note(self.now, || What::NotRetried(stop));
                match stop {
                    Stop::Exhausted(_) => self.failed(error.at_last()),
                    Stop::Answer | Stop::Error | Stop::BadRetryAfter => self.failed(error),
                }
            }
        }
    }

    /// No connection could be opened; one that this side does not allow is not tried again.
    pub(super) fn not_connected(&mut self, kind: ErrorKind, why: IoError) -> State<S> {
        let error = Error::new(kind, why);
        match why {
            IoError::PermissionDenied => self.failed(error),
            _ => self.broken_off(error, Failure::Connect),
        }
    }

    /// An attempt took too long; `None` if the call ends with that.
    pub(super) fn retry_timed_out(&mut self, which: TimeoutKind) -> Option<State<S>> {
        let mut error = Error::timeout(which);
        if which == TimeoutKind::Connect && self.state.is_before_proxy() {
            error = error.of_proxy();
        }
        let failure = match (which, &self.state) {
            (TimeoutKind::Total | TimeoutKind::Pool, _) | (_, State::Receiving(_)) => return None,
            (TimeoutKind::Connect, State::Raising(raising)) => class(&raising.work, &error),
            (TimeoutKind::Connect, _) => Failure::Connect,
            (TimeoutKind::Read, _) => Failure::Read,
        };
        Some(self.broken_off(error, failure))
    }

    /// Whether the response whose head came is to be followed by another attempt, or by an error
    /// for want of one: what comes after its body then.
    pub(super) fn judge(&mut self, response: &Response) -> Option<Next> {
        let retry = self.call.retries.retry()?;
        if !retry.concerns(response.status) {
            return None;
        }
        let leads_on = response.is_redirect()
            && response.header("location").is_some_and(|location| !location.is_empty());
        let failure = if leads_on {
            Failure::Redirect(response.status)
        } else {
            Failure::Status(response.status)
        };
        let returns = retry.raise_on_status == OnStatus::Return;
        let retry_after = response.header_joined("retry-after");
        let verdict = self.decide(failure, retry_after.as_deref());
        if let Verdict::Stop(stop @ (Stop::Exhausted(_) | Stop::BadRetryAfter)) = verdict {
            self.trace.note(self.now, || What::NotRetried(stop));
        }
        match verdict {
            Verdict::Again { .. } if self.is_body_gone() => Some(Next::Unrewindable),
            Verdict::Again { wait, retry } => {
                let why = format!("the answer is {}", response.status.as_u16()).into();
                self.count(Retried { failure, why, wait }, retry);
                Some(Next::Again(wait))
            }
            Verdict::Stop(Stop::Exhausted(kind)) if !returns => {
                Some(Next::Exhausted(Exhausted { status: response.status, kind }))
            }
            Verdict::Stop(Stop::BadRetryAfter) => Some(Next::BadRetryAfter),
            Verdict::Stop(Stop::Exhausted(_) | Stop::Answer | Stop::Error) => None,
        }
    }

    /// The body of a response that asked for another attempt is over, and its connection is back.
    pub(super) fn after_retried(&mut self, next: Next) -> State<S> {
        let error = match next {
            Next::Again(wait) => {
                let response = self.response.take();
                self.buffers.head_in = response.and_then(Response::into_head);
                return self.wait(wait);
            }
            Next::Exhausted(exhausted) => Error::from(exhausted),
            Next::BadRetryAfter => Error::from(BadRetryAfter),
            Next::Unrewindable => Error::new(ErrorKind::UnrewindableBody, BODY_GONE),
        };
        let error = self.with_partial(error);
        self.failed(error)
    }

    /// While the exchange waits to make the request again: how long it does so in all, whatever has
    /// passed of it. The wait ends at [`deadline`](Self::deadline).
    #[must_use]
    pub const fn wait_span(&self) -> Option<Duration> {
        match self.state {
            State::Waiting { span, .. } => Some(span),
            _ => None,
        }
    }

    /// The wait before the next attempt is over.
    pub(super) fn waited(&mut self) {
        if let State::Waiting { .. } = self.state {
            self.state = State::Planning { choice: Choice::Any };
        }
    }

    /// Takes the attempts that went wrong out, for the response or error that they led to.
    pub(super) fn take_retries(&mut self) -> Vec<Retried> {
        self.call.retries.take_past()
    }

    fn decide(&mut self, failure: Failure, retry_after: Option<&[u8]>) -> Verdict {
        let (method, now) = (&self.call.request.method, self.wall);
        self.call.retries.decide(Seen { failure, method, retry_after, now, random: 0 })
    }

    /// Whether the body was read from a source that cannot go back to its start.
    fn is_body_gone(&self) -> bool {
        self.call.upload == UploadState::Begun
            && self.call.request.body.rewind() == Rewind::Impossible
    }

    fn count(&mut self, retried: Retried, left: Box<Retry>) {
        self.trace.note(self.now, || What::Retry(retried.clone()));
        self.call.retries.count(retried, left);
    }

    fn try_again(&mut self, retried: Retried, left: Box<Retry>) -> State<S> {
        let wait = retried.wait;
        self.count(retried, left);
        self.wait(wait)
    }

    fn wait(&self, wait: Wait) -> State<S> {
        match wait {
            Wait::None => State::Planning { choice: Choice::Any },
            wait => {
                let span = wait.duration();
                State::Waiting { until: self.now.after(span), span }
            }
        }
    }
}

/// What kind of failure an error of a layer above the socket is.
///
/// Source: `HTTPSConnectionPool` and `_wrap_proxy_error` in urllib3 2.8.0, `connectionpool.py`;
/// `SOCKSConnection` in `contrib/socks.py`.
pub(super) fn class(work: &Work, error: &Error) -> Failure {
    match (work, error.kind()) {
        (Work::Socks(_) | Work::Lookup { .. }, _) => Failure::Connect,
        (Work::Tls(_) | Work::Tunnel { .. }, ErrorKind::Ssl | ErrorKind::Proxy) => Failure::Other,
        (Work::Tls(_) | Work::Tunnel { .. }, _) => Failure::Read,
    }
}

const BODY_GONE: &str = "the body was sent once and its source cannot go back to its start: give \
                         bytes or a source that can be rewound";
