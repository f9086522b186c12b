//! Following redirects step by step: what each step sends, and the history of what comes back.
//!
//! Source: `SessionRedirectMixin.resolve_redirects` in requests 2.34.2, `sessions.py`.

use std::sync::Arc;

use sessio_core::policy::redirect::Refusal;
use sessio_core::{PreparedRequest, Response};

use crate::Result;

/// The request that a response leads to, if it does; with `followed` redirects behind it already.
///
/// # Errors
/// `ErrorKind::TooManyRedirects`, with the response.
pub fn next(
    response: &mut Response,
    followed: usize,
    max: usize,
) -> Option<Result<Box<PreparedRequest>>> {
    let next = response.next.take()?;
    if followed < max {
        return Some(Ok(next));
    }
    let error = sessio_core::Error::from(Refusal::TooManyRedirects(max));
    let error = error.with_request(Arc::clone(&response.request));
    Some(Err(error.with_response(response.clone()).into()))
}

/// Puts a response, and those before it, into the history of the one that it led to.
pub fn join(mut before: Response, answer: &mut Response) {
    let mut history = std::mem::take(&mut before.history);
    history.push(before);
    history.append(&mut answer.history);
    answer.history = history;
}
