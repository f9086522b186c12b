//! A session for an event loop of the caller's own.

use std::io;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use mio::Registry;
use mio::event::Event;
use sessio_core::PreparedRequest;
use sessio_core::message::CallOptions;
use sessio_runtime::new_core;
use sessio_runtime::resolve::refusal;

use crate::completion::Completion;
use crate::engine::Engine;
use crate::kit::{Attached, CoreSession, SharedSession, Waiters};
use crate::names::{Lookup, LookupId};
use crate::outbox::{Delivery, Flow};
use crate::serve::Step;
use crate::slots::CallId;
use crate::upload::NotPushed;
use crate::world::Probes;
use crate::{Prepared, Request, Result};

/// A session whose calls are served by the caller's `mio::Poll`, many at a time on one thread.
///
/// It registers its sockets in the caller's registry, under tokens of a range that it may use. The
/// loop hands it each event ([`handle`](Self::handle)), has it do what can be done
/// ([`turn`](Self::turn)), takes out what came of it ([`next`](Self::next)), and waits for events no
/// longer than it says ([`next_timeout`](Self::next_timeout)). It never waits itself.
///
/// ```no_run
/// use sessio_mio::{Completion, Driver, Request};
///
/// let mut poll = mio::Poll::new()?;
/// let mut driver = Driver::new(poll.registry(), 1000..20_000)?;
/// let call = driver.start(Request::get("http://example.org/"))?;
/// let mut events = mio::Events::with_capacity(1024);
/// 'done: loop {
///     driver.turn();
///     while let Some(completion) = driver.next() {
///         if let Completion::Done(id, result) = completion {
///             assert_eq!(id, call);
///             println!("{}", result?.text());
///             break 'done;
///         }
///     }
///     poll.poll(&mut events, driver.next_timeout())?;
///     for event in &events {
///         driver.handle(event);
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Settings, cookies and idle connections are those of [`session`](Self::session). Dropping the
/// driver gives every call up and closes all connections but those that were handed over by
/// [`Completion::Upgraded`]: of these it hears no events any more, but they can be
/// [taken apart](crate::UpgradedSocket::into_stream).
#[derive(Debug)]
pub struct Driver {
    engine: Engine,
}

/// Whose an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handled {
    /// The driver's: its token is one of the range.
    Ours,
    /// Somebody else's: nothing was done with it.
    NotOurs,
}

impl Driver {
    /// A driver with the defaults of requests, seeded by the operating system, with the environment
    /// of this process as it is [now](crate::environment::capture).
    ///
    /// It takes a token of `tokens` for each connection, and one for its look-ups. When none is
    /// left, a connection that is to be opened fails.
    ///
    /// # Errors
    /// If the registry cannot be cloned.
    pub fn new(registry: &Registry, tokens: Range<usize>) -> io::Result<Self> {
        Self::from_core(registry, tokens, new_core())
    }

    /// A driver of a core session that was made ready elsewhere: with a fixed seed, say, or with an
    /// environment of its own.
    ///
    /// # Errors
    /// If the registry cannot be cloned.
    pub fn from_core(
        registry: &Registry,
        tokens: Range<usize>,
        core: CoreSession,
    ) -> io::Result<Self> {
        let session = Arc::new(SharedSession::new(core, Waiters::default()));
        let engine = Engine::new(registry.try_clone()?, tokens, session, Probes::AtOnce);
        Ok(Self { engine })
    }

    /// The session: settings, cookies and hooks behind its `lock`, observer, resolver, clock.
    #[must_use]
    pub fn session(&self) -> &SharedSession {
        &self.engine.session
    }

    /// Prepares a request and begins to send it with the next [`turn`](Self::turn).
    ///
    /// # Errors
    /// What is wrong with the request; all else comes with [`Completion::Done`].
    pub fn start(&mut self, request: Request) -> Result<CallId> {
        let prepared = self.engine.session.prepare_request(request)?;
        self.send(prepared)
    }

    /// Begins to send a prepared request as it stands, with the options that came with it.
    ///
    /// # Errors
    /// If a timeout is none, or a source of its body was read before and cannot go back.
    pub fn send(&mut self, prepared: Prepared) -> Result<CallId> {
        let (request, attached) = Attached::split(prepared);
        self.engine.start(request.into(), attached, Delivery::Drained)
    }

    /// Begins to send a message as it stands: no hooks, no custom auth. The same message may be sent
    /// again and again, without a copy of it.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_message(
        &mut self,
        request: &Arc<PreparedRequest>,
        options: CallOptions,
    ) -> Result<CallId> {
        self.engine.start(Arc::clone(request), Attached::only(options), Delivery::Drained)
    }

    /// Takes an event. What it leads to is done by [`turn`](Self::turn).
    pub fn handle(&mut self, event: &Event) -> Handled {
        if self.engine.note(event) { Handled::Ours } else { Handled::NotOurs }
    }

    /// Does what can be done now for every call that has something to do, each for a bounded time:
    /// none keeps the others waiting. Hooks, custom auth and the observer are called from here.
    pub fn turn(&mut self) {
        self.engine.begin_turn();
        while let Step::Outside(mut call) = self.engine.step() {
            call.outside(&self.engine.session);
            self.engine.put_back(call);
        }
    }

    /// How long the loop may wait for events before the next [`turn`](Self::turn): zero if there is
    /// something to do already, `None` if nothing happens by itself. To be asked right before the
    /// loop waits: a call that is started, a push, a connection that is dropped change it.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Duration> {
        self.engine.patience()
    }

    /// The next thing for the caller. To be asked until there is none, after each turn: what is not
    /// taken keeps its call waiting, and no other.
    #[expect(clippy::should_implement_trait, reason = "it goes on after it gave `None`")]
    pub fn next(&mut self) -> Option<Completion> {
        self.engine.next()
    }

    /// Holds the completions of a call back, and with them its body once a bounded part of it has
    /// come; [`resume`](Self::resume) undoes it.
    pub fn pause(&mut self, call: CallId) {
        self.engine.set_flow(call, Flow::Paused);
    }

    /// Lets the completions of a paused call come again.
    pub fn resume(&mut self, call: CallId) {
        self.engine.set_flow(call, Flow::Flows);
    }

    /// Has the body of a streamed call given out as it came, with its content codings on it. To be
    /// said right after [`Completion::Head`]; later it does nothing.
    pub fn read_as_it_came(&mut self, call: CallId) {
        self.engine.read_as_it_came(call);
    }

    /// Gives the next bytes of an upload made by [`upload::pushed`](crate::upload::pushed).
    ///
    /// # Errors
    /// The bytes themselves, if too much waits to be sent or nobody wants them.
    pub fn push(
        &mut self,
        call: CallId,
        bytes: impl Into<Bytes>,
    ) -> std::result::Result<(), NotPushed> {
        self.engine.push(call, bytes.into())
    }

    /// Says that all of a pushed upload was given.
    pub fn finish(&mut self, call: CallId) {
        self.engine.finish_upload(call);
    }

    /// Gives a call up: its connection is closed, its place is free, and nothing more comes of it. A
    /// call that is over is left as it is.
    pub fn cancel(&mut self, call: CallId) {
        self.engine.cancel(call);
    }

    /// Says who looks names up from now on.
    pub const fn set_lookup(&mut self, by: Lookup) {
        self.engine.names.by = by;
    }

    /// Answers [`Completion::Resolve`]. An error of kind `PermissionDenied` is that in the call's
    /// error; others, and no addresses at all, are a name that cannot be looked up.
    pub fn resolved(&mut self, id: LookupId, found: io::Result<Vec<SocketAddr>>) {
        self.engine.answer(id, &found.map_err(|error| refusal(&error)));
    }

    /// How many calls are in flight, or over with their outcome not taken.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.engine.slots.len()
    }

    /// How many tokens are in use: one for each connection, and one if names were looked up.
    #[must_use]
    pub fn tokens(&self) -> usize {
        self.engine.tokens.used()
    }
}
