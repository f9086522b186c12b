//! The session that threads share, and how a thread waits for a place.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, PoisonError};
use std::time::Duration;

use sessio_runtime::shared;

use crate::kit::Kit;
use crate::socket::Socket;

/// The core's session over this runtime's sockets.
pub type CoreSession = sessio_core::Session<Socket, Kit>;

/// What the clones of a session share.
pub type SharedSession = sessio_runtime::SharedSession<Socket, Kit, Waiters>;

/// A session, locked: see [`SharedSession::lock`](sessio_runtime::SharedSession::lock).
pub type SessionGuard<'a> = sessio_runtime::SessionGuard<'a, Socket, Kit, Waiters>;

/// The threads that wait for a place.
#[derive(Debug, Default)]
pub struct Waiters {
    freed: Condvar,
    /// How many, changed under the session's lock alone: waking nobody would still be a system
    /// call.
    waiting: AtomicUsize,
}

impl sessio_runtime::Waiters for Waiters {
    fn wake(&self) {
        if self.waiting.load(Ordering::Relaxed) > 0 {
            self.freed.notify_all();
        }
    }
}

/// Waits until another call may have given a place back, at most for `patience`.
pub(crate) fn wait(guard: &mut SessionGuard<'_>, patience: Option<Duration>) {
    shared::wait(guard, |waiters, state| {
        waiters.waiting.fetch_add(1, Ordering::Relaxed);
        let state = match patience {
            None => waiters.freed.wait(state).unwrap_or_else(PoisonError::into_inner),
            Some(span) => {
                let woken = waiters.freed.wait_timeout(state, span);
                woken.unwrap_or_else(PoisonError::into_inner).0
            }
        };
        waiters.waiting.fetch_sub(1, Ordering::Relaxed);
        state
    });
}
