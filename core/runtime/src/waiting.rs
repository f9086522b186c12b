//! Calls that wait for a place under the connection limits, and how the one whose turn it is hears of
//! it.
//!
//! Whose turn it is, the pool of the core knows. Whoever lets the session's lock go has that call
//! look again, and no other; when it has looked, or was given up, it does the same for the next.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use sessio_core::pool::Ticket;

/// Who waits for a place, each runtime in its own way.
pub trait Waiters {
    /// Has the call whose turn this is look again, if it waits. The session's lock is held
    /// meanwhile: who looked for a place and found none waits already, or will look after this.
    fn wake(&self, turn: Ticket);
}

/// How a call that waits is woken.
pub trait Bell {
    /// Wakes it.
    fn ring(&self);
}

/// A task.
impl Bell for Waker {
    fn ring(&self) {
        self.wake_by_ref();
    }
}

/// A thread that waits under the session's lock.
impl Bell for Arc<Condvar> {
    fn ring(&self) {
        self.notify_one();
    }
}

/// The calls that wait, by their turn.
pub struct Waiting<B> {
    bells: Mutex<BTreeMap<Ticket, B>>,
}

impl<B> Waiting<B> {
    /// Waits from now on, until what is given out is dropped. To be called under the lock under
    /// which a place was looked for.
    pub fn join(&self, turn: Ticket, bell: B) -> Waits<'_, B> {
        self.put(turn, bell);
        Waits { waiting: self, turn }
    }

    /// The same, for those who cannot hold a borrow: [`leave`](Self::leave) ends it. A bell that is
    /// there is replaced.
    pub fn put(&self, turn: Ticket, bell: B) {
        let old = self.bells().insert(turn, bell);
        drop(old);
    }

    /// Waits no more.
    pub fn leave(&self, turn: Ticket) {
        let old = self.bells().remove(&turn);
        drop(old);
    }

    // No code of a caller runs under this lock, as that of a waker's drop would be.
    fn bells(&self) -> MutexGuard<'_, BTreeMap<Ticket, B>> {
        self.bells.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<B: Bell + Clone> Waiters for Waiting<B> {
    fn wake(&self, turn: Ticket) {
        let bell = self.bells().get(&turn).cloned();
        if let Some(bell) = bell {
            bell.ring();
        }
    }
}

impl<B> Default for Waiting<B> {
    fn default() -> Self {
        Self { bells: Mutex::new(BTreeMap::new()) }
    }
}

impl<B> fmt::Debug for Waiting<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").field("calls", &self.bells().len()).finish_non_exhaustive()
    }
}

/// Waits, until it is dropped: see [`Waiting::join`].
#[derive(Debug)]
pub struct Waits<'a, B> {
    waiting: &'a Waiting<B>,
    turn: Ticket,
}

impl<B> Drop for Waits<'_, B> {
    fn drop(&mut self) {
        self.waiting.leave(self.turn);
    }
}
