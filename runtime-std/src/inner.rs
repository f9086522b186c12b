//! What the clones of a session share: the core's session behind a lock, and who waits for a place.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sessio_core::trace::Event;

use crate::clock::Clock;
use crate::kit::Kit;
use crate::resolve::Resolver;
use crate::socket::Socket;

/// The core's session over this runtime's sockets.
pub type CoreSession = sessio_core::Session<Socket, Kit>;

/// Who is told what calls decide.
pub(crate) type Observer = Arc<dyn Fn(&Event) + Send + Sync>;

/// What the clones of a session share.
pub(crate) struct Inner {
    state: Mutex<State>,
    freed: Condvar,
    pub(crate) clock: Clock,
}

pub(crate) struct State {
    pub(crate) session: CoreSession,
    pub(crate) observer: Option<Observer>,
    pub(crate) resolver: Option<Resolver>,
    /// How many calls wait for a place: waking nobody would still be a system call.
    waiting: usize,
}

impl Inner {
    pub(crate) fn new(session: CoreSession) -> Self {
        let state = Mutex::new(State { session, observer: None, resolver: None, waiting: 0 });
        Self { state, freed: Condvar::new(), clock: Clock::start() }
    }

    /// Locks the session for a moment; when the guard goes, calls that wait for a place look again.
    ///
    /// A panic elsewhere leaves nothing half done: no code of a caller runs under this lock but
    /// through the guard, where each setting is a value of its own.
    pub(crate) fn lock(&self) -> Guard<'_> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        Guard { state: Some(state), freed: &self.freed }
    }
}

/// The session, locked.
pub(crate) struct Guard<'a> {
    /// Gone only within [`Guard::wait`].
    state: Option<MutexGuard<'a, State>>,
    freed: &'a Condvar,
}

impl Guard<'_> {
    /// Waits until another call may have given a place back, at most for `patience`.
    pub(crate) fn wait(&mut self, patience: Option<Duration>) {
        let Some(mut state) = self.state.take() else { return };
        state.waiting += 1;
        let mut state = match patience {
            None => self.freed.wait(state).unwrap_or_else(PoisonError::into_inner),
            Some(span) => {
                let woken = self.freed.wait_timeout(state, span);
                woken.unwrap_or_else(PoisonError::into_inner).0
            }
        };
        state.waiting -= 1;
        self.state = Some(state);
    }
}

impl Deref for Guard<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        self.state.as_ref().expect("the lock is given up within `wait` alone")
    }
}

impl DerefMut for Guard<'_> {
    fn deref_mut(&mut self) -> &mut State {
        self.state.as_mut().expect("the lock is given up within `wait` alone")
    }
}

impl Drop for Guard<'_> {
    /// The lock is still held here: who looked for a place and found none either sleeps already,
    /// and is woken, or will look after this.
    fn drop(&mut self) {
        if self.waiting > 0 {
            self.freed.notify_all();
        }
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.lock().session, f)
    }
}

/// Wakes the calls that wait for a place, when it is dropped: declare it before what holds the
/// place, so that it goes after that, whether by a return or by a panic.
#[derive(Debug)]
pub(crate) struct Wake(pub(crate) Arc<Inner>);

impl Drop for Wake {
    fn drop(&mut self) {
        drop(self.0.lock());
    }
}
