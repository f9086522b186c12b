//! One call in flight, as every runtime holds it: the exchange, and what is asked beside it.

use std::fmt;
use std::sync::Arc;

use sessio_core::exchange::{Coded, Received};
use sessio_core::pool::Ticket;
use sessio_core::{Exchange, Input, Kit, Now, Output, PreparedRequest, Response};

use crate::clock::Passed;
use crate::look::{Look, Turn};
use crate::resolve::Resolver;
use crate::shared::{Observer, SessionGuard, SharedSession, Wake};
use crate::{Attached, Begun, BoxError, Error, Result, Upgraded, Waiters};

/// What comes of a call: the response, and the connection if it no longer speaks HTTP.
pub type Finished<S, K, W> = (Response, Option<Upgraded<S, K, W>>);

/// One call in flight. Dropping it gives the call up: its connection is closed, its place is free,
/// and whose turn it is to have one looks again.
pub struct Call<S, K: Kit, W: Waiters> {
    /// In a box: a call is moved several times on its way to the caller.
    pub exchange: Box<Exchange<S>>,
    /// What the caller attached.
    pub attached: Attached<K>,
    /// The caller's resolver, if it has one.
    pub resolver: Option<Resolver>,
    /// The error of a hook, of auth or of a source, which the core need not know.
    pub user: Option<BoxError>,
    /// Whose turn it is to look at the response of the present hop.
    turn: Turn,
    /// The request that the call began with: custom auth answers its origin alone.
    home: Arc<PreparedRequest>,
    observer: Option<Observer>,
    /// The latest reading; that of the wall clock is from when the session was last lent.
    now: Now,
    /// The session that the call is of. Last, so that it is dropped after the exchange.
    pub wake: Wake<S, K, W>,
}

impl<S, K: Kit, W: Waiters> fmt::Debug for Call<S, K, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("request", self.exchange.request()).finish_non_exhaustive()
    }
}

/// Who looks at the response that the exchange shows; see [`Call::look`].
pub struct Looking<'a, K: Kit> {
    /// Who.
    pub look: Look<'a, K>,
    /// The response.
    pub response: &'a mut Response,
    /// The options of the call, which hooks are shown.
    pub options: &'a sessio_core::message::CallOptions,
    /// Whose turn it is then, should custom auth want another round.
    pub turn: &'a mut Turn,
}

impl<K: Kit> fmt::Debug for Looking<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Looking").field("turn", &self.turn).finish_non_exhaustive()
    }
}

impl<S, K: Kit, W: Waiters> Call<S, K, W> {
    /// A call that has begun.
    #[must_use]
    pub fn new(
        session: Arc<SharedSession<S, K, W>>,
        begun: Begun<S>,
        attached: Attached<K>,
    ) -> Self {
        let Begun { exchange, observer, resolver, now, .. } = begun;
        Self {
            home: Arc::clone(exchange.request()),
            exchange,
            attached,
            resolver,
            user: None,
            turn: Turn::default(),
            observer,
            now,
            wake: Wake(session),
        }
    }

    /// Lends the session for a step.
    pub fn consult(&mut self) {
        // The monotonic clock was read for what the exchange was told just before.
        self.now.wall = self.wake.0.clock.wall();
        self.exchange.consult(&mut self.wake.0.lock(), self.now);
        self.observe();
    }

    /// Asks for a place under a lock that the runtime holds; whose turn has to come if there is none
    /// yet. The runtime waits under the same lock, and says [`observe`](Self::observe) without it.
    pub fn consult_under(&mut self, guard: &mut SessionGuard<'_, S, K, W>) -> Option<Ticket> {
        self.now = self.wake.0.clock.now();
        self.exchange.consult(guard, self.now);
        self.exchange.ticket()
    }

    /// Tells the exchange something.
    pub fn tell(&mut self, input: Input<'_, S>) {
        // Nothing that takes time came before these, and without a deadline nobody asks.
        let is_at_once =
            matches!(input, Input::Probed(_) | Input::Moved { received: Received::Nothing, .. });
        if !is_at_once || self.exchange.deadline().is_some() {
            self.now.mono = self.wake.0.clock.mono();
        }
        self.exchange.handle(input, self.now);
        self.observe();
    }

    /// Lets the wait before another attempt pass, where sleeping is replaced; else, and where
    /// something else is waited for, it is the runtime's to wait until the deadline.
    pub fn pass(&self) -> Passed {
        self.wake.0.clock.pass(self.exchange.wait_span())
    }

    /// Tells the observer what was decided.
    #[inline]
    pub fn observe(&mut self) {
        if self.observer.is_some() {
            self.tell_observer();
        }
    }

    #[cold]
    fn tell_observer(&mut self) {
        if let Some(observer) = &self.observer {
            self.exchange.take_events().iter().for_each(|event| observer(event));
        }
    }

    /// Who looks at the response now; to be asked while the exchange shows one.
    pub fn look(&mut self) -> Option<Looking<'_, K>> {
        let Output::Respond(response) = self.exchange.poll() else { return None };
        let look = self.turn.next(&self.attached, &self.home.url, response);
        let (turn, options) = (&mut self.turn, &self.attached.options);
        Some(Looking { look, response, options, turn })
    }

    /// So many bytes of the piece of a body were used. If they were the last, the connection goes
    /// back now.
    pub fn consumed(&mut self, count: usize) {
        self.tell(Input::Consumed(count));
        while matches!(self.exchange.poll(), Output::Consult) {
            self.consult();
        }
    }

    /// The body is wanted as it came; to be said before anything of it is read.
    pub fn read_as_it_came(&mut self) {
        self.exchange.set_decoding(Coded::AsItCame);
    }

    /// Takes the attachments, once there is a response: nothing more is asked of them.
    pub fn take_attached(&mut self) -> Attached<K> {
        std::mem::take(&mut self.attached)
    }

    /// What came of the call, once it is over.
    ///
    /// # Errors
    /// What the call ended in, with the error of a hook, of auth or of a source if it was that.
    pub fn finish(mut self) -> Result<Response> {
        Ok(self.finish_upgraded()?.0)
    }

    /// The same, with the connection if it no longer speaks HTTP. The call is of no use afterwards;
    /// it is not taken, since it is large.
    ///
    /// # Errors
    /// As [`finish`](Self::finish).
    #[inline]
    pub fn finish_upgraded(&mut self) -> Result<Finished<S, K, W>> {
        // A call may be over as soon as it has begun.
        self.observe();
        let upgraded = self.exchange.take_upgraded();
        match self.exchange.outcome() {
            Ok(response) => {
                let wake = || Wake(Arc::clone(&self.wake.0));
                Ok((response, upgraded.map(|core| Upgraded::new(core, wake()))))
            }
            Err(error) => Err(Error::with_user(error, self.user.take())),
        }
    }
}
