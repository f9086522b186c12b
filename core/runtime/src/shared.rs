//! What the clones of a session share: the core's session behind a lock, and who waits for a place.
//!
//! Source: `Session` in requests 2.34.2, `sessions.py`.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use sessio_core::adapters::Adapter;
use sessio_core::message::{CallOptions, Certificate};
use sessio_core::policy::settings::Settings;
use sessio_core::shared::Lookups;
use sessio_core::trace::{Event, Recording};
use sessio_core::url::Url;
use sessio_core::{Kit, Now, Prepared, Request, Session};

use crate::clock::Clock;
use crate::resolve::Resolver;
use crate::{Result, Waiters};

/// Who is told what calls decide.
pub type Observer = Arc<dyn Fn(&Event) + Send + Sync>;

/// The part of a session that is the same in every runtime; the runtimes' `Session` derefs to it.
///
/// Settings are behind [`lock`](Self::lock); a call holds that lock for moments only, never while it
/// waits.
pub struct SharedSession<S, K: Kit, W: Waiters> {
    state: Mutex<State<S, K>>,
    pub(crate) waiters: W,
    pub(crate) clock: Clock,
}

/// What the lock guards.
#[derive(Debug)]
pub struct State<S, K: Kit> {
    session: Session<S, K>,
    told: Told,
}

/// What calls take along.
#[derive(Default)]
struct Told {
    observer: Option<Observer>,
    resolver: Option<Resolver>,
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has = (self.observer.is_some(), self.resolver.is_some());
        f.debug_struct("Told").field("observer", &has.0).field("resolver", &has.1).finish()
    }
}

impl<S, K: Kit, W: Waiters> SharedSession<S, K, W> {
    /// A core session to be shared.
    pub fn new(session: Session<S, K>, waiters: W) -> Self {
        let state = Mutex::new(State { session, told: Told::default() });
        Self { state, waiters, clock: Clock::start() }
    }

    /// Locks the session, to read and change its settings: they are fields of what the guard leads
    /// to, as `headers`, `cookies`, `auth`, `hooks`, `proxies`, `timeouts`.
    ///
    /// Calls wait for the guard to go, those of this thread too: let it go before the next call.
    /// When it goes, the call looks again that has waited longest for a place, if there is one.
    // A panic elsewhere leaves nothing half done: no code of a caller runs under this lock but
    // through the guard, where each setting is a value of its own.
    #[must_use]
    pub fn lock(&self) -> SessionGuard<'_, S, K, W> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        SessionGuard { state: Some(state), waiters: &self.waiters }
    }

    /// Merges the session's settings into a request, checks it and writes it out.
    ///
    /// # Errors
    /// What is wrong with the request; nothing was sent.
    pub fn prepare_request(&self, request: Request<K>) -> Result<Prepared<K>> {
        let now = self.clock.now();
        Ok(self.lock().prepare_request(request, now)?)
    }

    /// Mounts an adapter for the URLs that begin with `prefix`.
    pub fn mount(&self, prefix: impl Into<String>, adapter: Adapter) {
        self.lock().mount(prefix, adapter);
    }

    /// The adapter that serves a URL.
    ///
    /// # Errors
    /// `ErrorKind::InvalidSchema` if nothing is mounted for it.
    pub fn get_adapter(&self, url: &str) -> Result<Adapter> {
        let guard = self.lock();
        Ok(guard.get_adapter(url).map_err(sessio_core::Error::from)?.clone())
    }

    /// Closes every idle connection, and those in use as soon as their calls are done with them. The
    /// session may be used again afterwards.
    pub fn close(&self) {
        self.lock().close();
    }

    /// What a request to `url` would be sent with: the call's word, else the session's, else the
    /// environment's.
    #[must_use]
    pub fn merge_environment_settings(
        &self,
        url: &Url,
        options: &CallOptions,
    ) -> Settings<Certificate> {
        self.lock().merge_environment_settings(url, options)
    }

    /// Has every decision of later calls told to `observer`, on the threads of the calls. The
    /// session is not locked meanwhile. Credentials are hidden, unless the session's `trace` was set
    /// to [`Recording::WithSecrets`] before.
    ///
    /// [`sessio_core::observe`] draws and exports what it is told.
    pub fn on_event(&self, observer: impl Fn(&Event) + Send + Sync + 'static) {
        let mut guard = self.lock();
        if guard.trace == Recording::Off {
            guard.trace = Recording::On;
        }
        guard.told().observer = Some(Arc::new(observer));
    }

    /// Has every decision of later calls told to the subscriber of `tracing` that is in force on
    /// the thread of the call.
    #[cfg(feature = "tracing")]
    pub fn tell_tracing(&self) {
        let spans = Mutex::new(sessio_core::observe::Spans::new());
        self.on_event(move |event| {
            spans.lock().unwrap_or_else(PoisonError::into_inner).add(event);
        });
    }

    /// A reading of the clocks by which events are timed.
    pub fn now(&self) -> Now {
        self.clock.now()
    }

    /// Tells nobody any more.
    pub fn without_observer(&self) {
        let mut guard = self.lock();
        guard.trace = Recording::Off;
        guard.told().observer = None;
    }

    /// Has later calls ask `resolver`, with host and port, where to connect; the addresses are
    /// tried in its order, but by turns of IPv6 and IPv4.
    ///
    /// It is asked about every host that is connected to, also about hosts that are IP addresses
    /// (without brackets), so it can keep a call and its redirects away from some of them: an error
    /// of kind `PermissionDenied` says so in the call's error. Other errors, and no addresses at
    /// all, are a name that cannot be looked up. A host that [`connect_to`] sends to a fixed address
    /// is not asked about.
    ///
    /// It may keep its thread waiting: it runs where that holds up no other call. The session is
    /// not locked meanwhile. Connections that were made before are closed, those in use when their
    /// calls are done with them.
    ///
    /// [`connect_to`]: sessio_core::shared::Shared::connect_to
    pub fn set_resolver(
        &self,
        resolver: impl Fn(&str, u16) -> std::io::Result<Vec<std::net::SocketAddr>>
        + Send
        + Sync
        + 'static,
    ) {
        let mut guard = self.lock();
        guard.told().resolver = Some(Arc::new(resolver));
        guard.lookups = Lookups::NamesAndAddresses;
        guard.close();
    }

    /// Has the operating system asked again, about names only. Idle connections are closed.
    pub fn without_resolver(&self) {
        let mut guard = self.lock();
        guard.told().resolver = None;
        guard.lookups = Lookups::Names;
        guard.close();
    }

    /// Reads the time of day from `clock` from now on: it decides when cookies expire. Spans and
    /// time limits are measured by the system's monotonic clock all the same.
    ///
    /// For tests and replays. It is read several times in a call, on its thread, and must not use
    /// the session, which may be locked then.
    pub fn set_wall_clock(&self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) {
        self.clock.set_wall(Some(Arc::new(clock)));
    }

    /// Has `sleep` wait before a request is made again, without a lock: when it returns, the session
    /// takes it that so much time has passed, even if none has.
    ///
    /// For tests and replays: waits of minutes take no time, and can be looked at.
    pub fn set_sleep(&self, sleep: impl Fn(Duration) + Send + Sync + 'static) {
        self.clock.set_sleep(Some(Arc::new(sleep)));
    }

    /// Has the runtime wait again.
    pub fn without_sleep(&self) {
        self.clock.set_sleep(None);
    }

    /// Reads the system's clock again.
    pub fn without_wall_clock(&self) {
        self.clock.set_wall(None);
    }
}

/// The clocks of a session, for its runtime.
pub const fn clock<S, K: Kit, W: Waiters>(session: &SharedSession<S, K, W>) -> &Clock {
    &session.clock
}

/// Who waits for a place, for its runtime.
pub const fn waiters<S, K: Kit, W: Waiters>(session: &SharedSession<S, K, W>) -> &W {
    &session.waiters
}

impl<S, K: Kit, W: Waiters> fmt::Debug for SharedSession<S, K, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.lock(), f)
    }
}

/// A session, locked: see [`SharedSession::lock`].
pub struct SessionGuard<'a, S, K: Kit, W: Waiters> {
    /// Gone only within [`wait`] and [`leave`].
    state: Option<MutexGuard<'a, State<S, K>>>,
    waiters: &'a W,
}

impl<'a, S, K: Kit, W: Waiters> SessionGuard<'a, S, K, W> {
    fn state(&self) -> &State<S, K> {
        self.state.as_ref().expect("the lock is given up within `wait` and `leave` alone")
    }

    fn state_mut(&mut self) -> &mut State<S, K> {
        self.state.as_mut().expect("the lock is given up within `wait` and `leave` alone")
    }

    fn told(&mut self) -> &mut Told {
        &mut self.state_mut().told
    }

    pub(crate) fn observer(&self) -> Option<Observer> {
        self.state().told.observer.clone()
    }

    pub(crate) fn resolver(&self) -> Option<Resolver> {
        self.state().told.resolver.clone()
    }
}

/// Has `wait` give the lock up for a while, as a `Condvar` does.
pub fn wait<'a, S, K: Kit, W: Waiters>(
    guard: &mut SessionGuard<'a, S, K, W>,
    wait: impl FnOnce(MutexGuard<'a, State<S, K>>) -> MutexGuard<'a, State<S, K>>,
) {
    guard.state = guard.state.take().map(wait);
}

/// Gives the lock up without a word to those who wait, since nothing was given back under it.
pub fn leave<S, K: Kit, W: Waiters>(mut guard: SessionGuard<'_, S, K, W>) {
    guard.state = None;
}

impl<S, K: Kit, W: Waiters> Deref for SessionGuard<'_, S, K, W> {
    type Target = Session<S, K>;

    fn deref(&self) -> &Self::Target {
        &self.state().session
    }
}

impl<S, K: Kit, W: Waiters> DerefMut for SessionGuard<'_, S, K, W> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.state_mut().session
    }
}

impl<S, K: Kit, W: Waiters> fmt::Debug for SessionGuard<'_, S, K, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<S, K: Kit, W: Waiters> Drop for SessionGuard<'_, S, K, W> {
    fn drop(&mut self) {
        // The lock is still held here.
        if let Some(state) = &mut self.state
            && let Some(turn) = state.session.next_in_line()
        {
            self.waiters.wake(turn);
        }
    }
}

/// Has the next call that waits for a place look, when it is dropped: declare it before what holds the
/// place, so that it goes after that, whether by a return or by a panic.
#[derive(Debug)]
pub struct Wake<S, K: Kit, W: Waiters>(pub Arc<SharedSession<S, K, W>>);

impl<S, K: Kit, W: Waiters> Drop for Wake<S, K, W> {
    fn drop(&mut self) {
        drop(self.0.lock());
    }
}
