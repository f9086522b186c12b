//! What a session says about every call, and what a call may say for itself.

use core::fmt;
use core::time::Duration;

use crate::wire::decode::DecodeLimits;

/// The waits that a call puts up with; `None` is for ever.
///
/// requests has no timeout unless one is set, and neither has this.
///
/// Source: `timeout` in requests; `Timeout` in urllib3, `util/timeout.py`. The total is ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// From the start of looking a name up until the connection stands, for each connection.
    pub connect: Option<Duration>,
    /// The longest silence while a request is sent or a response comes in: no byte moved.
    pub read: Option<Duration>,
    /// From the start of the call to its last byte, over all hops.
    pub total: Option<Duration>,
    /// The wait for a place where connections are limited.
    pub pool: Option<Duration>,
}

/// Which limit of [`Timeouts`] ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeoutKind {
    /// [`Timeouts::connect`].
    Connect,
    /// [`Timeouts::read`].
    Read,
    /// [`Timeouts::total`].
    Total,
    /// [`Timeouts::pool`].
    Pool,
}

impl fmt::Display for TimeoutKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connect timeout: the connection did not stand in time",
            Self::Read => "read timeout: the peer was silent for too long",
            Self::Total => "total timeout: the call was not over in time",
            Self::Pool => "pool timeout: no connection became free in time",
        })
    }
}

/// A timeout that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeoutError;

impl fmt::Display for TimeoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a timeout is more than 0 seconds; leave it out to wait for ever")
    }
}

impl core::error::Error for TimeoutError {}

impl Timeouts {
    /// No limit at all.
    pub const NONE: Self = Self { connect: None, read: None, total: None, pool: None };

    /// Connect and read timeout alike, as `timeout=SECONDS` in requests.
    #[must_use]
    pub const fn both(span: Duration) -> Self {
        Self { connect: Some(span), read: Some(span), ..Self::NONE }
    }

    /// Connect and read timeout, as `timeout=(connect, read)` in requests.
    #[must_use]
    pub const fn pair(connect: Option<Duration>, read: Option<Duration>) -> Self {
        Self { connect, read, ..Self::NONE }
    }

    /// A span from a number of seconds.
    ///
    /// # Errors
    /// If it is not more than zero, or not a number, or longer than a `Duration` can be.
    pub fn seconds(seconds: f64) -> Result<Duration, TimeoutError> {
        match Duration::try_from_secs_f64(seconds) {
            Ok(span) if !span.is_zero() => Ok(span),
            _ => Err(TimeoutError),
        }
    }

    /// Whether every span is more than zero.
    ///
    /// # Errors
    /// If one is zero: it would fail every call.
    pub fn check(&self) -> Result<(), TimeoutError> {
        let spans = [self.connect, self.read, self.total, self.pool];
        if spans.contains(&Some(Duration::ZERO)) { Err(TimeoutError) } else { Ok(()) }
    }
}

/// Bounds on what a peer can make a call hold in memory or do.
///
/// Each has its own error, [`LimitKind`]. The defaults are those of SECURITY.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a response head: 64 KiB.
    pub head_bytes_max: usize,
    /// Fields of a response head: 128.
    pub fields_max: usize,
    /// How long a body waits for `100 Continue`, where the request says `Expect: 100-continue`: 1 s.
    /// Then it goes out all the same (RFC 9110, 10.1.1).
    pub expect_wait: Duration,
    /// Interim responses (1xx) before the final one: 16.
    pub interim_max: u32,
    /// Bytes of a body that is collected, after decoding: 1 GiB.
    pub body_bytes_max: u64,
    /// What a coded body may cost; see [`DecodeLimits`].
    pub decode: DecodeLimits,
    /// Bytes of the body of a redirect, or of a response after which the request is made again,
    /// that are read to keep its connection: 64 KiB; past that the connection is closed instead.
    pub redirect_body_bytes_max: usize,
    /// Bytes that are asked of an upload's source at once: 32 KiB.
    pub upload_piece_bytes_max: usize,
    /// Bytes received at once: 64 KiB; a call begins with 16 KiB.
    pub receive_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes_max: 64 * 1024,
            fields_max: 128,
            expect_wait: Duration::from_secs(1),
            interim_max: 16,
            body_bytes_max: 1024 * 1024 * 1024,
            decode: DecodeLimits::default(),
            redirect_body_bytes_max: 64 * 1024,
            upload_piece_bytes_max: 32 * 1024,
            receive_bytes_max: 64 * 1024,
        }
    }
}

/// Which of [`Limits`] was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LimitKind {
    /// [`Limits::body_bytes_max`].
    BodyBytes,
}

impl fmt::Display for LimitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BodyBytes => {
                "the body is larger than Limits::body_bytes_max: stream it, or raise the limit"
            }
        })
    }
}

impl core::error::Error for LimitKind {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_more_than_nothing() {
        assert_eq!(Timeouts::seconds(0.15), Ok(Duration::from_millis(150)));
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(Timeouts::seconds(bad), Err(TimeoutError), "{bad}");
        }
        assert!(Timeouts::both(Duration::ZERO).check().is_err());
        assert!(Timeouts::NONE.check().is_ok());
    }
}
