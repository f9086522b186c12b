//! The ready-made loop: a session whose calls are waited for, on one thread.
//!
//! Source: `Session` in requests 2.34.2, `sessions.py`.

use std::cell::{RefCell, RefMut};
use std::fmt;
use std::io;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use mio::{Events, Poll};
use sessio_core::io::IoError;
use sessio_core::{ErrorKind, PreparedRequest};
use sessio_runtime::blocking::Front;
use sessio_runtime::new_core;

use crate::completion::Completion;
use crate::engine::Engine;
use crate::flow::Flow;
use crate::io::io_error;
use crate::kit::{Attached, CoreSession, Kit, SharedSession, Waiters};
use crate::outbox::Delivery;
use crate::serve::Step;
use crate::slots::CallId;
use crate::upgraded::Upgraded;
use crate::upgraded_socket::UpgradedSocket;
use crate::upload::NotPushed;
use crate::world::Probes;
use crate::{Prepared, Redirects, Request, Response, Result};

/// How many events are taken at once.
const EVENTS_MAX: usize = 1024;

/// Tokens that the loop may use: more than a machine has descriptors.
const TOKENS_MAX: usize = 1 << 30;

/// Settings, cookies and connections that calls share, with a loop of its own.
///
/// [`get`](Self::get) and the other verbs wait for their response. Calls that are
/// [started](Self::start) go on meanwhile, and whenever something else is waited for; what comes of
/// them is drained with [`next`](Self::next). It is a handle for one thread: clones are the same
/// session. Where threads share a session, take `sessio-std`; where there is an event loop already,
/// [`Driver`](crate::Driver).
///
/// ```no_run
/// let session = sessio_mio::Session::new();
/// session.lock().headers.try_set("Accept", "application/json").expect("a sound field");
/// let mut response = session.get("http://example.org/")?;
/// println!("{}", response.text()?);
/// # Ok::<(), sessio_mio::Error>(())
/// ```
#[derive(Clone)]
pub struct Session {
    shared: Arc<SharedSession>,
    /// Made with the first call.
    machine: Rc<RefCell<Option<Machine>>>,
}

struct Machine {
    engine: Engine,
    poll: Poll,
    events: Events,
}

impl Session {
    /// A session with the defaults of requests, seeded by the operating system, with the
    /// environment of this process as it is [now](crate::environment::capture).
    #[must_use]
    pub fn new() -> Self {
        Self::from_core(new_core())
    }

    /// A session of a core session that was made ready elsewhere: with a fixed seed, say, or with
    /// an environment of its own.
    #[must_use]
    pub fn from_core(core: CoreSession) -> Self {
        let shared = Arc::new(SharedSession::new(core, Waiters::default()));
        Self { shared, machine: Rc::default() }
    }

    sessio_runtime::blocking_verbs!();

    /// Prepares a request and begins to send it when something is waited for next.
    ///
    /// # Errors
    /// What is wrong with the request; all else comes with [`Completion::Done`].
    pub fn start(&self, request: Request) -> Result<CallId> {
        let prepared = self.prepare_request(request)?;
        let (request, attached) = Attached::split(prepared);
        self.begin(request.into(), attached, Delivery::Drained)
    }

    /// Waits for the next thing that comes of the calls that were started; `None` if there is no
    /// such call.
    ///
    /// # Errors
    /// If the loop cannot wait for events.
    pub fn next(&self) -> Option<Result<Completion>> {
        loop {
            {
                let mut machine = self.machine.borrow_mut();
                let engine = &mut machine.as_mut()?.engine;
                if let Some(completion) = engine.next() {
                    return Some(Ok(completion));
                }
                if !engine.has_drained_calls() {
                    return None;
                }
            }
            if let Err(error) = self.turn(|engine| engine.has_news().then_some(())) {
                return Some(Err(error));
            }
        }
    }

    /// Serves the calls that were started until none is left, and hands what comes of them to
    /// `each`, which may start others.
    ///
    /// # Errors
    /// If the loop cannot wait for events.
    pub fn run_until_idle(&self, mut each: impl FnMut(Completion)) -> Result<()> {
        while let Some(completion) = self.next() {
            each(completion?);
        }
        Ok(())
    }

    /// Gives the next bytes of a started call's upload, made by
    /// [`upload::pushed`](crate::upload::pushed).
    ///
    /// # Errors
    /// The bytes themselves, if too much waits to be sent or nobody wants them.
    pub fn push(
        &self,
        call: CallId,
        bytes: impl Into<Bytes>,
    ) -> std::result::Result<(), NotPushed> {
        match &mut *self.machine.borrow_mut() {
            Some(machine) => machine.engine.push(call, bytes.into()),
            None => Err(NotPushed::Over(bytes.into())),
        }
    }

    /// Says that all of a pushed upload was given.
    pub fn finish(&self, call: CallId) {
        if let Some(machine) = &mut *self.machine.borrow_mut() {
            machine.engine.finish_upload(call);
        }
    }

    /// Gives a call up: its connection is closed, and nothing more comes of it. A call that is over
    /// is left as it is.
    pub fn cancel(&self, call: CallId) {
        if let Some(machine) = &mut *self.machine.borrow_mut() {
            machine.engine.cancel(call);
        }
    }

    /// Makes something of a [`Completion::Upgraded`] that waits for its peer, as what
    /// [`Response::upgrade`] gives does. It has to come of a call of this session.
    #[must_use]
    pub fn upgraded(&self, socket: UpgradedSocket) -> Upgraded {
        Upgraded::new(socket, self.clone())
    }

    /// What the clones share.
    pub(crate) const fn shared(&self) -> &Arc<SharedSession> {
        &self.shared
    }

    fn begin(
        &self,
        request: Arc<PreparedRequest>,
        attached: Attached,
        delivery: Delivery,
    ) -> Result<CallId> {
        self.engine()?.start(request, attached, delivery)
    }

    /// The engine, made now if there was no call before.
    pub(crate) fn engine(&self) -> Result<RefMut<'_, Engine>> {
        let mut machine = self.machine.borrow_mut();
        if machine.is_none() {
            *machine = Some(Machine::new(&self.shared).map_err(|error| broken(&error))?);
        }
        let engine = RefMut::filter_map(machine, |m| m.as_mut().map(|m| &mut m.engine));
        engine.map_err(|_| broken(&io::ErrorKind::OutOfMemory.into()))
    }

    /// Serves every call that has something to do; then, unless `found` gives something, waits for
    /// events.
    pub(crate) fn turn<T>(
        &self,
        found: impl FnOnce(&mut Engine) -> Option<T>,
    ) -> Result<Option<T>> {
        self.turn_within(None, found)
    }

    /// The same, which waits at most so long.
    pub(crate) fn turn_within<T>(
        &self,
        most: Option<Duration>,
        found: impl FnOnce(&mut Engine) -> Option<T>,
    ) -> Result<Option<T>> {
        self.engine()?.begin_turn();
        loop {
            // The guard must not live on while code of the caller's runs.
            let step = self.engine()?.step();
            let Step::Outside(mut call) = step else { break };
            call.outside(&self.shared);
            self.engine()?.put_back(call);
        }
        if let Some(found) = found(&mut *self.engine()?) {
            return Ok(Some(found));
        }
        if let Some(machine) = &mut *self.machine.borrow_mut() {
            machine.wait(most).map_err(|error| broken(&error))?;
        }
        Ok(None)
    }
}

impl Machine {
    fn new(shared: &Arc<SharedSession>) -> io::Result<Self> {
        let poll = Poll::new()?;
        let registry = poll.registry().try_clone()?;
        let engine = Engine::new(registry, 0..TOKENS_MAX, Arc::clone(shared), Probes::AfterPoll);
        Ok(Self { engine, poll, events: Events::with_capacity(EVENTS_MAX) })
    }

    fn wait(&mut self, most: Option<Duration>) -> io::Result<()> {
        let patience = self.engine.patience().into_iter().chain(most).min();
        match self.poll.poll(&mut self.events, patience) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            other => other?,
        }
        for event in &self.events {
            self.engine.note(event);
        }
        Ok(())
    }
}

/// The loop itself does not work.
fn broken(error: &io::Error) -> crate::Error {
    let why: IoError = io_error(error);
    sessio_core::Error::new(ErrorKind::Connection, why).into()
}

impl Front for Session {
    type Feed = Flow;
    type Kit = Kit;

    fn call(&self, request: Arc<PreparedRequest>, attached: Attached) -> Result<Response> {
        let body_bytes_max = self.lock().limits.body_bytes_max;
        let id = self.begin(request, attached, Delivery::Held)?;
        Flow::new(self.clone(), id).answer(body_bytes_max)
    }

    fn redirects_max(&self) -> usize {
        self.lock().max_redirects
    }
}

/// A new session, as `requests.session()`.
#[must_use]
pub fn session() -> Session {
    Session::new()
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for Session {
    type Target = SharedSession;

    fn deref(&self) -> &SharedSession {
        &self.shared
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}
