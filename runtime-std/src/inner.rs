//! The session that threads share, and how a thread waits for a place.

use std::sync::{Arc, Condvar, PoisonError};
use std::time::Duration;

use sessio_runtime::shared;
use sessio_runtime::waiting::Waiting;

use crate::kit::Kit;
use crate::socket::Socket;

/// The core's session over this runtime's sockets.
pub type CoreSession = sessio_core::Session<Socket, Kit>;

/// What the clones of a session share.
pub type SharedSession = sessio_runtime::SharedSession<Socket, Kit, Waiters>;

/// A session, locked: see [`SharedSession::lock`](sessio_runtime::SharedSession::lock).
pub type SessionGuard<'a> = sessio_runtime::SessionGuard<'a, Socket, Kit, Waiters>;

/// The threads that wait for a place.
pub type Waiters = Waiting<Arc<Condvar>>;

/// Waits until the bell rings, at most for `patience`.
pub(crate) fn wait(guard: &mut SessionGuard<'_>, bell: &Condvar, patience: Option<Duration>) {
    shared::wait(guard, |state| match patience {
        None => bell.wait(state).unwrap_or_else(PoisonError::into_inner),
        Some(span) => bell.wait_timeout(state, span).unwrap_or_else(PoisonError::into_inner).0,
    });
}
