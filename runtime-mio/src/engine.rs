//! What a driver is made of, without the code of its caller: calls, events, timers, completions.
//!
//! Only calls with something to do are looked at: an event, a timer, an answer, a push, a taken
//! completion or a free place puts a call into the line of those that run.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use mio::Registry;
use mio::event::Event;
use sessio_core::exchange::Coded;
use sessio_core::pool::Ticket;
use sessio_core::{Input, Instant, PreparedRequest};
use sessio_runtime::shared::{clock, leave, waiters};
use sessio_runtime::{begin, one_use};

use crate::Result;
use crate::call::Call;
use crate::completion::Completion;
use crate::kit::{Attached, SharedSession};
use crate::names::{Found, LookupId, Names};
use crate::outbox::{Delivery, Flow, Outbox};
use crate::slot::{Held, Run, Slot};
use crate::slots::{CallId, Slots};
use crate::timers::Timers;
use crate::tokens::Tokens;
use crate::upload::NotPushed;
use crate::world::Probes;

/// The timer of connections that idle: no call has this id.
const IDLE: CallId = CallId::from_parts(0, 0);

/// Idle connections are not looked at more often than this.
const IDLE_STEP: Duration = Duration::from_secs(1);

pub(crate) struct Engine {
    pub(crate) session: Arc<SharedSession>,
    pub(crate) names: Names,
    pub(crate) tokens: Tokens,
    pub(crate) probes: Probes,
    pub(crate) slots: Slots<Slot>,
    pub(crate) line: VecDeque<CallId>,
    /// How many of the line run before the loop looks for events again.
    pub(crate) turns: usize,
    /// Calls with something in their outbox.
    ready: VecDeque<CallId>,
    pub(crate) timers: Timers<CallId>,
    idle_armed: Option<Instant>,
    /// The calls that wait for a place, by their turn.
    pub(crate) waiting: BTreeMap<Ticket, CallId>,
    /// Whether a place under the connection limits may have become free.
    pub(crate) freed: bool,
}

impl Engine {
    pub(crate) fn new(
        registry: Registry,
        range: Range<usize>,
        session: Arc<SharedSession>,
        probes: Probes,
    ) -> Self {
        Self {
            session,
            names: Names::default(),
            tokens: Tokens::new(registry, range),
            probes,
            slots: Slots::default(),
            line: VecDeque::new(),
            turns: 0,
            ready: VecDeque::new(),
            timers: Timers::default(),
            idle_armed: None,
            waiting: BTreeMap::new(),
            freed: false,
        }
    }

    /// Begins a call.
    pub(crate) fn start(
        &mut self,
        request: Arc<PreparedRequest>,
        mut attached: Attached,
        delivery: Delivery,
    ) -> Result<CallId> {
        for source in &mut attached.sources {
            one_use(source.rewind(), &request)?;
        }
        let begun = begin(&self.session, request, &attached)?;
        let id = self.slots.insert(Slot {
            call: None,
            run: Run::Rests,
            armed: None,
            turn: None,
            outbox: Outbox::new(delivery),
            held: Held::No,
        });
        if let Some(slot) = self.slots.get_mut(id) {
            slot.call = Some(Box::new(Call::new(id, begun, attached)));
        }
        self.queue(id);
        Ok(id)
    }

    /// Gives a call up: its connection is closed, and nothing of it is drained any more.
    pub(crate) fn cancel(&mut self, id: CallId) {
        if let Some(slot) = self.slots.remove(id) {
            slot.turn.and_then(|turn| self.waiting.remove(&turn));
            self.freed = true;
        }
    }

    /// Notes an event; whether its token is one of the range.
    pub(crate) fn note(&mut self, event: &Event) -> bool {
        if let Some(owner) = self.tokens.note(event) {
            self.queue(owner);
        }
        self.tokens.covers(event.token())
    }

    /// Puts a call into the line, unless it is there.
    pub(crate) fn queue(&mut self, id: CallId) {
        if let Some(slot) = self.slots.get_mut(id)
            && slot.run == Run::Rests
        {
            slot.run = Run::Queued;
            self.line.push_back(id);
        }
    }

    /// Puts a call at the head of the line, unless it is in it.
    pub(crate) fn queue_first(&mut self, id: CallId) {
        if let Some(slot) = self.slots.get_mut(id)
            && slot.run == Run::Rests
        {
            slot.run = Run::Queued;
            self.line.push_front(id);
            self.turns = self.turns.saturating_add(1);
        }
    }

    /// Takes a call back that was away. If it was given up meanwhile, it goes.
    pub(crate) fn put_back(&mut self, call: Box<Call>) {
        let id = call.id;
        match self.slots.get_mut(id) {
            Some(slot) => slot.call = Some(call),
            None => self.freed = true,
        }
        self.queue_first(id);
    }

    /// Hands out a call that waits for its `Response`.
    pub(crate) fn take_held(&mut self, id: CallId) -> Option<Box<Call>> {
        let slot = self.slots.get_mut(id)?;
        match slot.held {
            Held::No => None,
            Held::Yes => {
                slot.held = Held::No;
                slot.call.take()
            }
        }
    }

    /// Tells calls what has come since the last turn: answers of the resolver, and that time has
    /// passed. Then each call of the line has one turn.
    pub(crate) fn begin_turn(&mut self) {
        for (id, found) in self.names.found() {
            self.answer(id, &found);
        }
        let now = clock(&self.session).now();
        while let Some((at, id)) = self.timers.due(now.mono) {
            if id == IDLE {
                self.idle_armed = None;
                continue;
            }
            let Some(slot) = self.slots.get_mut(id) else { continue };
            if slot.armed.take_if(|armed| *armed == at).is_some()
                && let Some(call) = &mut slot.call
            {
                call.tell_at(Input::Tick, now);
                self.queue(id);
            }
        }
        let slots = &self.slots;
        let is_live = |at, id| id == IDLE || slots.get(id).is_some_and(|s| s.armed == Some(at));
        self.timers.sweep(slots.len(), is_live);
        self.freed |= waiters(&self.session).take();
        self.turns = self.line.len();
    }

    /// Closes what has idled for too long, and has the timer come back for the others.
    pub(crate) fn arm_idle(&mut self) {
        if self.idle_armed.is_none() {
            let now = clock(&self.session).mono();
            let mut session = self.session.lock();
            let idle = session.idle_connections();
            let next = session.close_idle(now);
            if session.idle_connections() == idle {
                leave(session);
            }
            let next = next.map(|at| at.max(now.after(IDLE_STEP)));
            self.timers.arm(IDLE, &mut self.idle_armed, next);
        }
    }

    /// A look-up is over.
    pub(crate) fn answer(&mut self, id: LookupId, found: &Found) {
        let now = clock(&self.session).now();
        for call in self.names.answered(id) {
            if let Some(slot) = self.slots.get_mut(call)
                && let Some(waiting) = &mut slot.call
            {
                waiting.answered(id, found, now);
                self.queue(call);
            }
        }
    }

    /// How long nothing happens by itself; zero if there is something to do now.
    pub(crate) fn patience(&self) -> Option<Duration> {
        let asks_again = || self.freed || waiters(&self.session).is_woken();
        if !self.line.is_empty() || (!self.waiting.is_empty() && asks_again()) {
            return Some(Duration::ZERO);
        }
        self.timers.next().map(|at| at.since(clock(&self.session).mono()))
    }

    /// Takes bytes of an upload.
    pub(crate) fn push(&mut self, id: CallId, bytes: Bytes) -> std::result::Result<(), NotPushed> {
        let slot = self.slots.get_mut(id);
        let Some((slot, call)) =
            slot.and_then(|slot| Some((&mut slot.outbox, slot.call.as_mut()?)))
        else {
            return Err(NotPushed::Over(bytes));
        };
        call.push(bytes)?;
        slot.pushed();
        self.queue(id);
        Ok(())
    }

    /// The caller has pushed all of an upload.
    pub(crate) fn finish_upload(&mut self, id: CallId) {
        if let Some(call) = self.slots.get_mut(id).and_then(|slot| slot.call.as_mut()) {
            call.finish_upload();
            self.queue(id);
        }
    }

    /// Has the body of a streamed response given out as it came.
    pub(crate) fn read_as_it_came(&mut self, id: CallId) {
        if let Some(call) = self.slots.get_mut(id).and_then(|slot| slot.call.as_mut()) {
            call.exchange().set_decoding(Coded::AsItCame);
        }
    }

    /// Whether the caller wants completions of this call.
    pub(crate) fn set_flow(&mut self, id: CallId, flow: Flow) {
        if let Some(slot) = self.slots.get_mut(id) {
            slot.outbox.set_flow(flow);
        }
        self.announce(id);
    }

    /// Puts a call into the line of those with something to drain, if it has.
    pub(crate) fn announce(&mut self, id: CallId) {
        if let Some(slot) = self.slots.get_mut(id)
            && slot.outbox.announces()
        {
            self.ready.push_back(id);
        }
    }

    /// Whether there is something to drain.
    pub(crate) fn has_news(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Whether there are calls whose completions are drained.
    pub(crate) fn has_drained_calls(&self) -> bool {
        self.slots.iter().any(|slot| slot.outbox.delivery == Delivery::Drained)
    }

    /// The next thing for the caller.
    pub(crate) fn next(&mut self) -> Option<Completion> {
        if let Some((id, host, port)) = self.names.question() {
            return Some(Completion::Resolve { id, host, port });
        }
        while let Some(id) = self.ready.pop_front() {
            let Some(slot) = self.slots.get_mut(id) else { continue };
            let Some(completion) = slot.outbox.take(id) else { continue };
            if matches!(completion, Completion::Done(..)) {
                self.slots.remove(id);
            } else {
                self.announce(id);
                self.queue(id);
            }
            return Some(completion);
        }
        None
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("calls", &self.slots.len())
            .field("tokens", &self.tokens.used())
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}
