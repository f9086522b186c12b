//! Following redirects one response at a time.
//!
//! Source: `Session.resolve_redirects` in requests 2.34.2, `sessions.py`.

use std::fmt;

use super::{Front, Response};
use crate::{Result, redirects};

/// Redirects, one response at a time: see `resolve_redirects` of a session.
pub struct Redirects<S: Front> {
    session: S,
    step: Step<S>,
    followed: usize,
}

enum Step<S: Front> {
    /// This response leads on, if it does.
    From(Box<Response<S::Feed, S::Kit>>),
    Over,
}

impl<S: Front> Redirects<S> {
    /// The redirects that a response leads to.
    pub fn new(session: S, response: Response<S::Feed, S::Kit>) -> Self {
        let followed = response.history.len();
        Self { session, step: Step::From(Box::new(response)), followed }
    }

    fn follow(
        &mut self,
        mut response: Response<S::Feed, S::Kit>,
    ) -> Option<Result<Response<S::Feed, S::Kit>>> {
        let max = self.session.redirects_max();
        let next = match redirects::next(&mut response, self.followed, max)? {
            Ok(next) => next,
            Err(error) => return Some(Err(error)),
        };
        self.followed = self.followed.saturating_add(1);
        let mut attached = response.take_attached();
        attached.options.allow_redirects = Some(false);
        let sent = self.session.call((*next).into(), attached);
        Some(sent.map(|mut answer| {
            redirects::join(response.into_core(), &mut answer);
            answer
        }))
    }
}

impl<S: Front> Iterator for Redirects<S> {
    type Item = Result<Response<S::Feed, S::Kit>>;

    /// Sends what the response given out last leads to, and gives its response out. What the caller
    /// wants to know of that one it has; this keeps a copy of its head.
    fn next(&mut self) -> Option<Self::Item> {
        let Step::From(response) = std::mem::replace(&mut self.step, Step::Over) else {
            return None;
        };
        let mut result = self.follow(*response)?;
        if let Ok(answer) = &mut result {
            self.step = Step::From(Box::new(answer.split_for_redirect()));
        }
        Some(result)
    }
}

impl<S: Front> fmt::Debug for Redirects<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redirects").field("followed", &self.followed).finish_non_exhaustive()
    }
}
