//! What holds for one call over all its hops.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem;
use core::time::Duration;

use crate::connection::{Security, TargetForm};
use crate::message::{PreparedRequest, Response};
use crate::policy::merge::Given;
use crate::policy::proxies::Proxies;
use crate::pool::{PoolCaps, Ticket};
use crate::settings::{Limits, TimeoutKind, Timeouts};
use crate::time::Instant;

use super::attempts::{Next, Retries};
use super::proxied::ToProxy;

/// How a call is to be made: the options with the session's put in where it said nothing.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How long to wait.
    pub timeouts: Timeouts,
    /// Whether redirects are followed.
    pub redirects: Redirects,
    /// Who reads the body.
    pub reader: Reader,
    /// Whether the runtime looks at the response (hooks, custom auth) before it counts.
    pub respond: Ask,
    /// Whether the runtime looks at the request (custom auth) before it goes out.
    pub sign: Ask,
    /// The call's own proxies.
    pub proxies: Given<Proxies>,
    /// How certificates are checked, and what the origin that the call is addressed to is shown.
    /// `None` is [`Verify::On`](crate::policy::settings::Verify::On) and nothing; with that, a bundle that the environment names counts.
    pub security: Option<Box<Security>>,
}

/// Whether redirects are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redirects {
    /// They are.
    Follow,
    /// They are the answer; [`Response::next`] says where they lead.
    Stop,
}

/// Who reads the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// The core, as a whole.
    Core,
    /// The caller, piece by piece.
    Caller,
}

/// Whether the runtime is asked for its verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// It has none.
    Nobody,
    /// It is.
    Runtime,
}

/// One call: its plan, the request of the present hop, what led here.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) plan: Plan,
    pub(crate) timed: Timed,
    pub(crate) limits: Limits,
    pub(crate) redirects_max: usize,
    /// The request of the present hop.
    pub(crate) request: Arc<PreparedRequest>,
    /// The request that the call began with.
    pub(crate) home: Arc<PreparedRequest>,
    /// How the request of the present hop is addressed.
    pub(crate) form: TargetForm,
    /// What the proxy of the present hop is shown.
    pub(crate) to_proxy: ToProxy,
    /// The caps of the adapter that serves it.
    pub(crate) caps: PoolCaps,
    /// Its turn among those that want connections, once it has asked for one.
    pub(crate) ticket: Option<Ticket>,
    /// What became of its attempts, and how many more there may be.
    pub(crate) retries: Retries,
    /// The responses that led here by redirect, oldest first.
    pub(crate) hops: Vec<Response>,
    /// The responses of the present hop that were answered by sending again.
    pub(crate) rounds: Vec<Response>,
    /// Whether the sources of the body were read.
    pub(crate) upload: UploadState,
    /// Whether the one free second try was used.
    pub(crate) second_try: SecondTry,
    pub(crate) started: Instant,
    pub(crate) hop_started: Instant,
    /// When a byte last moved on the present connection.
    pub(crate) last_moved: Instant,
}

impl Call {
    /// Takes out what led to the present response.
    pub(super) fn take_history(&mut self) -> Vec<Response> {
        let (hops, rounds) = (&mut self.hops, &mut self.rounds);
        mem::take(if hops.is_empty() { rounds } else { hops })
    }
}

/// Whether a call has any timeout: most have none, and need not ask for their deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timed {
    Never,
    ByTimeouts,
}

/// Whether the sources of a body are at their start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UploadState {
    Fresh,
    Begun,
}

/// Whether a request was sent a second time because a reused connection was dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecondTry {
    Free,
    Used,
}

/// A moment by which something has to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline {
    /// When.
    pub at: Instant,
    /// What happens then.
    pub why: DeadlineKind,
}

/// What happens at a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeadlineKind {
    /// The next attempt to connect starts beside those under way (RFC 8305).
    NextAttempt,
    /// The body that waits for `100 Continue` goes out without it.
    Expect,
    /// The wait before the request is made again is over.
    Retry,
    /// The call ends with this timeout.
    Timeout(TimeoutKind),
}

impl Deadline {
    /// The deadline of a timeout that began at `start`, if there is one.
    pub(crate) fn of(start: Instant, span: Option<Duration>, kind: TimeoutKind) -> Option<Self> {
        span.map(|span| Self { at: start.after(span), why: DeadlineKind::Timeout(kind) })
    }

    /// The earlier of two.
    pub(crate) fn earlier(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }
}

/// What follows the end of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// The response is a challenge, which is answered.
    Answer,
    /// The server does not know the request's expectation: it is sent again without.
    Unexpected,
    /// The runtime looks at the response.
    Ask,
    /// The response counts: cookies are kept, and it may lead on.
    Accept,
    /// The response counted before its body came: it leads on.
    Follow,
    /// The response was given out before its body came: that was all.
    Finish,
    /// The response does not count: the request is made again, or ends in an error for want of it.
    Retry(Next),
}
