//! Whether a request that failed is made again, and after what wait.
//!
//! Source: `Retry` in urllib3 2.8.0, `util/retry.py`. Redirects are the session's: they count here
//! only where their status is on the list of those that are retried.

mod retried;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use http::{Method, StatusCode};

use crate::planted::Plant;
use crate::policy::backoff::Backoff;
use crate::policy::retry_after::{self, BadRetryAfter, RetryAfter};
use crate::time::WallTime;
pub use retried::Retried;

/// How many retries are left of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// As many as the total allows; `None` in urllib3.
    Unlimited,
    /// None, and a failure is told as what it is; `False` in urllib3.
    Off,
    /// So many; with none left a failure is told as too many retries.
    Left(u32),
}

/// Whether the response stands for itself when retries on its status are used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnStatus {
    /// It is an error.
    Raise,
    /// It is the answer.
    Return,
}

/// Whether the server has a say in when to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Respect {
    /// Its Retry-After counts.
    RetryAfter,
    /// It does not.
    Nothing,
}

/// The methods whose requests may be made again after the server may have seen them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Methods {
    /// All of them.
    Any,
    /// These.
    Only(Vec<Method>),
}

/// What may be retried, how often, and what has been retried so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Retries of all kinds together.
    pub total: Count,
    /// After errors before the request was sent.
    pub connect: Count,
    /// After errors when the server may have begun with the request.
    pub read: Count,
    /// After redirects whose status is on the list; others are the session's.
    pub redirect: Count,
    /// After responses with a status that asks for it.
    pub status: Count,
    /// After other errors.
    pub other: Count,
    /// The methods that are retried on errors in reading and on a status.
    pub allowed_methods: Methods,
    /// The statuses that are retried whatever the fields of the response say.
    pub status_forcelist: Vec<u16>,
    /// The wait before an attempt that the server does not name a moment for.
    pub backoff: Backoff,
    /// The longest wait that a server may ask for.
    pub retry_after_max: Duration,
    /// What becomes of a response when retries are used up.
    pub raise_on_status: OnStatus,
    /// Whether Retry-After counts.
    pub respect: Respect,
    /// What went wrong so far, in order.
    pub history: Vec<Failure>,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The request was not sent.
    Connect,
    /// The server may have begun with the request.
    Read,
    /// Something else.
    Other,
    /// There is a response, of this status.
    Status(StatusCode),
    /// There is a response, of this status, that leads elsewhere.
    Redirect(StatusCode),
}

impl Failure {
    /// The status of the response, if there is one.
    #[must_use]
    pub const fn status(self) -> Option<StatusCode> {
        match self {
            Self::Status(status) | Self::Redirect(status) => Some(status),
            Self::Connect | Self::Read | Self::Other => None,
        }
    }
}

/// One attempt that went wrong.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// How it went wrong.
    pub failure: Failure,
    /// The method of the request.
    pub method: &'a Method,
    /// The Retry-After field of the response.
    pub retry_after: Option<&'a [u8]>,
    /// The wall clock, which a date in Retry-After is compared with.
    pub now: WallTime,
    /// A random number, for the jitter; any value will do where there is none.
    pub random: u32,
}

/// What to do after an attempt that went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Make the request again.
    Again {
        /// After this wait.
        wait: Wait,
        /// The retries that are left then.
        retry: Box<Retry>,
    },
    /// Do not.
    Stop(Stop),
}

/// How long to wait, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Not at all.
    None,
    /// The server asked for so many seconds.
    Seconds(Duration),
    /// The server named a moment, which is so far away.
    Date(Duration),
    /// The server asked for more than [`Retry::retry_after_max`], which this is.
    Capped(Duration),
    /// There were so many failures in a row.
    Backoff(Duration),
}

impl Wait {
    /// The wait itself.
    #[must_use]
    pub const fn duration(self) -> Duration {
        match self {
            Self::None => Duration::ZERO,
            Self::Seconds(span) | Self::Date(span) | Self::Capped(span) | Self::Backoff(span) => {
                span
            }
        }
    }
}

/// Why a request is not made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The status is none that asks for it, or the method is not to be repeated: the response is
    /// the answer.
    Answer,
    /// Retries are off, or the method is not to be repeated: the error is told as what it is.
    Error,
    /// The retries of this kind are used up: `RetryError` after a status, unless
    /// [`Retry::raise_on_status`] says otherwise.
    Exhausted(Kind),
    /// The server's Retry-After cannot be understood.
    BadRetryAfter,
}

/// A kind of retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// All together.
    Total,
    /// After errors before the request was sent.
    Connect,
    /// After errors in reading.
    Read,
    /// After a redirect.
    Redirect,
    /// After a status.
    Status,
    /// After other errors.
    Other,
}

/// A response that asks for another attempt, when none is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted {
    /// Its status.
    pub status: StatusCode,
    /// What is used up.
    pub kind: Kind,
}

impl fmt::Display for Exhausted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the answer is {}, and no retries are left {}", self.status.as_u16(), self.kind)
    }
}

impl core::error::Error for Exhausted {}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer => f.write_str("the response is not to be retried"),
            Self::Error => f.write_str("the error is not to be retried"),
            Self::Exhausted(kind) => write!(f, "no retries are left {kind}"),
            Self::BadRetryAfter => BadRetryAfter.fmt(f),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Total => "in all",
            Self::Connect => "for errors in connecting",
            Self::Read => "for errors in reading",
            Self::Redirect => "for redirects",
            Self::Status => "for statuses",
            Self::Other => "for other errors",
        })
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span = self.duration();
        match self {
            Self::None => f.write_str("at once"),
            Self::Seconds(_) | Self::Date(_) => write!(f, "after {span:?}, as the server asks"),
            Self::Capped(_) => write!(f, "after {span:?}, though the server asks for more"),
            Self::Backoff(_) => write!(f, "after {span:?}"),
        }
    }
}

/// The statuses that are retried if they come with a Retry-After.
///
/// Source: `RETRY_AFTER_STATUS_CODES` in urllib3.
const WITH_RETRY_AFTER: [u16; 3] = [413, 429, 503];

impl Default for Retry {
    /// As urllib3's: ten retries in all, of idempotent methods, without waits.
    fn default() -> Self {
        Self {
            total: Count::Left(10),
            connect: Count::Unlimited,
            read: Count::Unlimited,
            redirect: Count::Unlimited,
            status: Count::Unlimited,
            other: Count::Unlimited,
            allowed_methods: Methods::Only(Vec::from([
                Method::HEAD,
                Method::GET,
                Method::PUT,
                Method::DELETE,
                Method::OPTIONS,
                Method::TRACE,
            ])),
            status_forcelist: Vec::new(),
            backoff: Backoff::default(),
            retry_after_max: Duration::from_secs(21_600),
            raise_on_status: OnStatus::Raise,
            respect: Respect::RetryAfter,
            history: Vec::new(),
        }
    }
}

impl Retry {
    /// No retries: the default of a session. An error in reading is told as what it is.
    ///
    /// Source: `HTTPAdapter.__init__` in requests, `adapters.py`.
    #[must_use]
    pub fn none() -> Self {
        Self { read: Count::Off, ..Self::times(0) }
    }

    /// So many retries in all.
    #[must_use]
    pub fn times(total: u32) -> Self {
        Self { total: Count::Left(total), ..Self::default() }
    }

    /// Whether a response of this status may ask for another attempt; if not, its fields need not be
    /// looked at.
    #[must_use]
    pub fn concerns(&self, status: StatusCode) -> bool {
        let status = status.as_u16();
        WITH_RETRY_AFTER.contains(&status) || self.status_forcelist.contains(&status)
    }

    /// What to do after an attempt that went wrong.
    ///
    /// Errors before the request was sent are retried for every method.
    #[must_use]
    pub fn decide(&self, seen: &Seen<'_>) -> Verdict {
        if let Some(status) = seen.failure.status()
            && !self.is_retry(seen.method, status, seen.retry_after)
        {
            return Verdict::Stop(Stop::Answer);
        }
        let retry = match self.increment(seen) {
            Ok(retry) => retry,
            Err(stop) => return Verdict::Stop(stop),
        };
        match retry.wait(seen) {
            Ok(wait) => Verdict::Again { wait, retry: Box::new(retry) },
            Err(BadRetryAfter) => Verdict::Stop(Stop::BadRetryAfter),
        }
    }

    fn is_allowed(&self, method: &Method) -> bool {
        match &self.allowed_methods {
            _ if Plant::RetryPost.is_on() => true,
            Methods::Any => true,
            Methods::Only(methods) => {
                // urllib3 looks for the method in capitals; a `Method` keeps the caller's.
                let same = |one: &Method| one.as_str().eq_ignore_ascii_case(method.as_str());
                methods.is_empty() || methods.iter().any(same)
            }
        }
    }

    /// Whether a response of this status asks for another attempt.
    fn is_retry(&self, method: &Method, status: StatusCode, retry_after: Option<&[u8]>) -> bool {
        let is_forced = self.status_forcelist.contains(&status.as_u16());
        let is_asked = retry_after.is_some_and(|value| !value.is_empty())
            && self.respect == Respect::RetryAfter
            && WITH_RETRY_AFTER.contains(&status.as_u16())
            && matches!(self.total, Count::Left(1..));
        self.is_allowed(method) && (is_forced || is_asked)
    }

    /// The retries that are left after this failure.
    fn increment(&self, seen: &Seen<'_>) -> Result<Self, Stop> {
        let mut next = self.clone();
        let (kind, count) = match seen.failure {
            Failure::Connect => (Kind::Connect, &mut next.connect),
            Failure::Read => (Kind::Read, &mut next.read),
            Failure::Other => (Kind::Other, &mut next.other),
            Failure::Status(_) => (Kind::Status, &mut next.status),
            Failure::Redirect(_) => (Kind::Redirect, &mut next.redirect),
        };
        let is_error = seen.failure.status().is_none();
        let is_off = *count == Count::Off && matches!(kind, Kind::Connect | Kind::Read)
            || kind == Kind::Read && !self.is_allowed(seen.method);
        if is_error && self.total == Count::Off || is_off {
            return Err(Stop::Error);
        }
        *count = count.one_less().ok_or(Stop::Exhausted(kind))?;
        next.total = next.total.one_less().ok_or(Stop::Exhausted(Kind::Total))?;
        next.history.push(seen.failure);
        Ok(next)
    }

    /// The wait before the next attempt: what the server asks for, else the backoff.
    fn wait(&self, seen: &Seen<'_>) -> Result<Wait, BadRetryAfter> {
        if let (Some(value), Respect::RetryAfter) = (seen.retry_after, self.respect) {
            let (span, wait): (_, fn(Duration) -> Wait) = match retry_after::parse(value)? {
                RetryAfter::Seconds(seconds) => (Duration::from_secs(seconds), Wait::Seconds),
                RetryAfter::Date(at) => {
                    let at = WallTime::from_unix_seconds(at).unix_millis();
                    let millis = at.saturating_sub(seen.now.unix_millis());
                    (Duration::from_millis(u64::try_from(millis).unwrap_or(0)), Wait::Date)
                }
            };
            if span > self.retry_after_max && !Plant::RetryAfterUnlimited.is_on() {
                return Ok(Wait::Capped(self.retry_after_max));
            }
            if !span.is_zero() {
                return Ok(wait(span));
            }
        }
        let mut in_a_row = self.history.iter().rev();
        let in_a_row = in_a_row.position(|failure| matches!(failure, Failure::Redirect(_)));
        let in_a_row = in_a_row.unwrap_or(self.history.len());
        Ok(match self.backoff.wait(in_a_row, seen.random) {
            Duration::ZERO => Wait::None,
            span => Wait::Backoff(span),
        })
    }
}

impl Count {
    /// One less; `None` if none was left.
    fn one_less(self) -> Option<Self> {
        match self {
            Self::Unlimited => Some(Self::Unlimited),
            Self::Off => None,
            Self::Left(0) if Plant::RetriesOneMore.is_on() => Some(Self::Off),
            Self::Left(left) => left.checked_sub(1).map(Self::Left),
        }
    }
}

#[cfg(test)]
mod tests;
