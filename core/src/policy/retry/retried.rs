//! What went wrong with an attempt that another one followed.
//!
//! Source: `RequestHistory` in urllib3 2.8.0, `util/retry.py`.

use alloc::boxed::Box;
use core::fmt;

use super::{Failure, Wait};

/// An attempt at a request that went wrong, and was followed by another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retried {
    /// How it went wrong.
    pub failure: Failure,
    /// The same in words, without the request that it befell and without a credential.
    pub why: Box<str>,
    /// The wait before the next attempt.
    pub wait: Wait,
}

impl fmt::Display for Retried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; tried again {}", self.why, self.wait)
    }
}
