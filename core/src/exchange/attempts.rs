//! The attempts of one hop: what went wrong with them, and what may still be tried.
//!
//! Each hop begins with the retries of its adapter, as each `HTTPAdapter.send` in requests does.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem;

use crate::adapters::Adapter;
use crate::policy::retry::{Exhausted, Retried, Retry, Seen, Stop, Verdict, Wait};
use crate::random::Random;

/// The retries of one hop.
#[derive(Debug)]
pub(crate) struct Retries {
    left: Left,
    /// The attempts that went wrong.
    past: Vec<Retried>,
    /// For the jitter of the waits.
    random: Option<Box<Random>>,
}

/// What may still be tried.
#[derive(Debug)]
enum Left {
    /// What the adapter says, which is not chosen yet.
    Unknown,
    /// All that the adapter allows.
    All(Arc<Adapter>),
    /// This.
    Some(Box<Retry>),
}

/// What follows the body of a response that asks for another attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Another attempt.
    Again(Wait),
    /// An error: no retries are left.
    Exhausted(Exhausted),
    /// An error: the server's Retry-After cannot be understood.
    BadRetryAfter,
    /// An error: the body of the request cannot be had again.
    Unrewindable,
}

impl Retries {
    /// Those of a hop that has not begun.
    pub(crate) fn new() -> Self {
        Self { left: Left::Unknown, past: Vec::new(), random: None }
    }

    /// The hop is served by this adapter, which stays for all its attempts.
    ///
    /// The session's random numbers are used only if there is jitter: other values that are made of
    /// them stay as they are.
    pub(crate) fn allow(&mut self, adapter: &Arc<Adapter>, random: &mut Random) {
        if matches!(self.left, Left::Unknown) {
            if !adapter.max_retries.backoff.jitter.is_zero() {
                self.random = Some(Box::new(Random::new(random.number().into())));
            }
            self.left = Left::All(Arc::clone(adapter));
        }
    }

    /// What is left, once there is an adapter.
    pub(crate) fn retry(&self) -> Option<&Retry> {
        match &self.left {
            Left::Unknown => None,
            Left::All(adapter) => Some(&adapter.max_retries),
            Left::Some(retry) => Some(retry),
        }
    }

    /// What the policy says about an attempt that went wrong.
    pub(crate) fn decide(&mut self, seen: Seen<'_>) -> Verdict {
        #[expect(clippy::cast_possible_truncation, reason = "any 32 bits of it will do")]
        let random = self.random.as_mut().map_or(0, |random| random.number()) as u32;
        match self.retry() {
            Some(retry) => retry.decide(&Seen { random, ..seen }),
            None => Verdict::Stop(Stop::Error),
        }
    }

    /// Another attempt follows this one, and so much is left then.
    pub(crate) fn count(&mut self, retried: Retried, left: Box<Retry>) {
        self.past.push(retried);
        self.left = Left::Some(left);
    }

    /// Takes the attempts that went wrong out.
    pub(crate) fn take_past(&mut self) -> Vec<Retried> {
        mem::take(&mut self.past)
    }
}
