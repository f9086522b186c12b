//! One call in flight: hops, auth rounds, the second try, until the last byte.

mod attempts;
mod call;
mod challenge;
mod expecting;
mod hop;
pub mod interest;
pub mod io;
mod open;
mod proxied;
mod raising;
mod receiving;
mod records;
mod retrying;
mod securing;
mod settle;
mod shown;
mod state;
mod talk;
pub mod upgraded;
mod upgrading;
mod way;

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

pub use call::{Ask, Deadline, DeadlineKind, Plan, Reader, Redirects};
pub use interest::Interest;
pub use io::{Data, Input, Name, Output, PieceEnd, Probe, Received, Rewound, Transfer, Upload};
pub use upgraded::{Moving, Protocol, Upgraded};

use call::{Call, SecondTry, Timed, UploadState};
use state::{Choice, Lookup, State};

use crate::connection::TargetForm;
use crate::error::{Error, ErrorKind};
use crate::http1::buffers::Buffers;
use crate::message::{PreparedRequest, Response};
use crate::planted::Plant;
use crate::pool::Ticket;
use crate::settings::{TimeoutKind, Timeouts};
use crate::shared::Shared;
use crate::time::{Instant, Now, WallTime};
use crate::trace::{Event, Expecting, Trace, What};
use crate::wire::decode::Decoding;

/// One call in flight: ask it with [`poll`](Self::poll), tell it with [`handle`](Self::handle),
/// lend it the session with [`consult`](Self::consult).
///
/// It is plain data and borrows nothing. Dropping it at any moment cancels the call: a connection
/// in use goes with it, and so does its place under the connection limits.
pub struct Exchange<S> {
    call: Call,
    state: State<S>,
    response: Option<Response>,
    /// The connection, once it no longer speaks HTTP.
    upgraded: Option<Box<Upgraded<S>>>,
    buffers: Buffers,
    /// The latest moment told.
    now: Instant,
    wall: WallTime,
    next_attempt: u64,
    trace: Trace,
}

impl<S> Exchange<S> {
    /// A call that has not begun.
    #[inline]
    pub(crate) fn new(
        shared: &mut Shared<S>,
        request: Arc<PreparedRequest>,
        plan: Plan,
        now: Now,
    ) -> Self {
        Self {
            state: State::Taken,
            response: None,
            upgraded: None,
            buffers: shared.lend(),
            now: now.mono,
            wall: now.wall,
            next_attempt: 0,
            trace: Trace::new(shared.trace, shared.next_call()),
            call: Call {
                timed: match plan.timeouts {
                    Timeouts::NONE => Timed::Never,
                    _ => Timed::ByTimeouts,
                },
                plan,
                limits: shared.limits,
                redirects_max: shared.max_redirects,
                home: Arc::clone(&request),
                request,
                caps: crate::pool::PoolCaps::default(),
                ticket: None,
                form: TargetForm::Origin,
                to_proxy: proxied::ToProxy::default(),
                retries: attempts::Retries::new(),
                hops: Vec::new(),
                rounds: Vec::new(),
                upload: UploadState::Fresh,
                second_try: SecondTry::Free,
                started: now.mono,
                hop_started: now.mono,
                last_moved: now.mono,
            },
        }
    }

    /// Begins the call.
    pub(crate) fn begin(&mut self, shared: &mut Shared<S>, now: Now) {
        for name in &self.call.request.part_headers_dropped {
            self.trace.note(now.mono, || What::PartHeaderDropped(name.as_str().into()));
        }
        self.state = match self.call.plan.sign {
            Ask::Runtime => State::Signing,
            Ask::Nobody => self.plan(shared, Choice::Any, now),
        };
    }

    /// What the exchange wants next. Asking twice gives the same.
    pub fn poll(&mut self) -> Output<'_, S> {
        match &mut self.state {
            State::Signing => Output::Prepared(Arc::make_mut(&mut self.call.request)),
            State::Planning { .. }
            | State::Settling { .. }
            | State::Releasing { .. }
            | State::Deciding { .. } => Output::Consult,
            State::Full { .. } => Output::Full,
            State::Waiting { .. } => Output::Wait,
            State::Probing { connection } => Output::Probe(&mut connection.socket),
            State::Resolving { opening, lookup } => Self::poll_lookup(opening, *lookup),
            State::Dialing { opening, dial } => Self::poll_dial(opening, dial),
            State::Loading { files, .. } => Self::poll_files(files),
            State::Raising(raising) => Self::poll_raising(raising),
            State::Parting(parting) => Self::poll_parting(parting),
            State::Rewinding { source, .. } => Output::Rewind(*source),
            State::Talking(talking) => {
                Self::poll_talking(talking, &mut self.buffers, &self.call.limits)
            }
            State::Receiving(receiving) if receiving.has_data() => {
                receiving.data(&self.buffers).map_or(Output::Wait, Output::Data)
            }
            State::Receiving(receiving) => {
                Self::poll_receiving(receiving, &mut self.buffers, &self.call.limits)
            }
            State::AtHead(_) => self.response.as_ref().map_or(Output::Done, Output::Head),
            State::Asking { .. } => self.response.as_mut().map_or(Output::Done, Output::Respond),
            State::Done | State::Failed(_) | State::Taken => Output::Done,
        }
    }

    /// Tells the exchange what came of its last output, or that time has passed.
    pub fn handle(&mut self, input: Input<'_, S>, now: Now) {
        self.advance_clock(now);
        match (&self.state, &input) {
            (State::Receiving(_), Input::Moved { sent, received }) => {
                self.body_moved(*sent, *received);
            }
            (State::Receiving(_), Input::Consumed(count)) => self.body_consumed(*count),
            (State::Talking(_), Input::Moved { sent, received }) => self.talked(*sent, *received),
            // The caller of a streamed body is back: until now nobody listened to the peer.
            (State::Receiving(_), Input::Continue) => self.call.last_moved = self.now,
            (State::Dialing { .. }, Input::Connecting(..)) => {
                if let Input::Connecting(id, socket) = input {
                    self.attempt_began(id, socket);
                }
            }
            _ => {
                let state = self.take();
                let next = self.step(state, input);
                self.enter(next);
            }
        }
        self.check_deadlines();
    }

    /// Lends the exchange the session for one short step that does everything due.
    pub fn consult(&mut self, shared: &mut Shared<S>, now: Now) {
        self.advance_clock(now);
        let state = self.take();
        let next = match state {
            State::Planning { choice } => self.plan(shared, choice, now),
            State::Full { .. } if Plant::WaiterForgotten.is_on() => state,
            State::Full { choice, since, in_line } => {
                self.trace.looks_again();
                drop(in_line);
                match self.plan(shared, choice, now) {
                    State::Full { choice, in_line, .. } => State::Full { choice, since, in_line },
                    state => state,
                }
            }
            State::Settling { connection, after } => self.settle(shared, connection, after, now),
            State::Deciding { rest } => self.accept(shared, rest, now),
            State::Loading { opening, files } => self.all_loaded(shared, opening, files),
            State::Releasing { connection, error } => {
                self.release(shared, connection);
                shared.take_back(core::mem::take(&mut self.buffers));
                self.failed(error)
            }
            state => state,
        };
        self.enter(next);
        self.check_deadlines();
    }

    /// Goes to the next state, and does there what needs nobody: a request is encrypted, a body is
    /// read on with what has come in already.
    pub(super) fn enter(&mut self, next: State<S>) {
        self.state = next;
        match &self.state {
            State::Talking(_) => self.encrypt(),
            State::Receiving(_) => self.body_step(),
            _ => {}
        }
    }

    /// One step of a state that is not changed in place.
    fn step(&mut self, state: State<S>, input: Input<'_, S>) -> State<S> {
        match (state, input) {
            (State::Signing, Input::Continue) => State::Planning { choice: Choice::Any },
            (State::Probing { connection }, Input::Probed(probe)) => self.probed(connection, probe),
            (State::Resolving { opening, .. }, Input::Pending) => {
                State::Resolving { opening, lookup: Lookup::UnderWay }
            }
            (State::Resolving { opening, .. }, Input::Resolved(addresses)) => {
                self.resolved(opening, addresses)
            }
            (State::Resolving { opening, .. }, Input::Unresolved(why)) => {
                self.unresolved(&opening, why)
            }
            (State::Loading { opening, mut files }, Input::Pending) => {
                files.lookup = Lookup::UnderWay;
                State::Loading { opening, files }
            }
            (State::Loading { opening, files }, Input::Loaded(text)) => {
                Self::loaded(opening, files, text)
            }
            (State::Loading { files, .. }, Input::NotLoaded(why)) => self.not_loaded(&files, why),
            (State::Raising(raising), input) => self.raising_told(raising, input),
            (State::Parting(parting), Input::Moved { .. } | Input::Lost(_) | Input::Tick) => {
                self.broken_off(parting.error, parting.failure)
            }
            (State::Dialing { opening, dial }, Input::Connected(id)) => {
                self.attempt_won(opening, dial, id)
            }
            (State::Dialing { opening, dial }, Input::NotConnected(id, why)) => {
                self.attempt_failed(opening, dial, id, why)
            }
            (State::Rewinding { connection, part, .. }, Input::Rewound(rewound)) => {
                self.rewound(connection, part, rewound)
            }
            (State::Talking(talking), Input::Piece(count)) => self.filled(talking, count),
            (State::Talking(_), Input::SourceFailed) => {
                self.failed(crate::http1::send::SendError::Source.into())
            }
            (State::Talking(talking), Input::Lost(why)) => self.lost(talking, why),
            (State::Receiving(receiving), Input::Lost(why)) => {
                self.state = State::Receiving(receiving);
                self.body_lost(why);
                self.take()
            }
            (State::AtHead(receiving), Input::Continue) => self.receive_more(receiving),
            (State::Asking { rest }, Input::Continue) => State::Deciding { rest },
            (State::Asking { .. }, Input::Resend(request)) => self.resend(*request),
            (State::Asking { .. } | State::Signing, Input::Refuse) => {
                self.failed(Error::new(ErrorKind::Hook, "the hook or auth handler failed"))
            }
            (state, _) => state,
        }
    }

    fn advance_clock(&mut self, now: Now) {
        if now.mono >= self.now {
            self.now = now.mono;
            self.wall = now.wall;
        }
    }

    /// The next moment at which something happens by itself, and what: tell the exchange
    /// [`Input::Tick`] then.
    #[must_use]
    pub fn deadline(&self) -> Option<Deadline> {
        if self.is_untimed() || matches!(self.state, State::Done | State::Failed(_)) {
            return None;
        }
        let total = self.call.plan.timeouts.total;
        let per_hop = Plant::DeadlinePerHop.is_on();
        let started = if per_hop { self.call.hop_started } else { self.call.started };
        let total = Deadline::of(started, total, TimeoutKind::Total);
        Deadline::earlier(total, self.state.deadline(&self.call))
    }

    /// Whose turn it is, while it is [`Output::Full`]: see
    /// [`Shared::next_in_line`](crate::shared::Shared::next_in_line).
    #[must_use]
    pub const fn ticket(&self) -> Option<Ticket> {
        match self.state {
            State::Full { .. } => self.call.ticket,
            _ => None,
        }
    }

    /// Whether nothing happens by itself.
    fn is_untimed(&self) -> bool {
        let has_own = match &self.state {
            State::Dialing { .. } | State::Waiting { .. } => true,
            State::Talking(talking) => talking.outgoing.is_held(),
            _ => false,
        };
        self.call.timed == Timed::Never && !has_own
    }

    fn check_deadlines(&mut self) {
        if self.is_untimed() || Plant::DeadlineUnseen.is_on() {
            return;
        }
        while let Some(deadline) = self.deadline().filter(|deadline| deadline.at <= self.now) {
            match deadline.why {
                DeadlineKind::NextAttempt => self.dial_tick(),
                DeadlineKind::Retry => self.waited(),
                DeadlineKind::Expect => self.release_body(Expecting::TimeUp),
                DeadlineKind::Timeout(which) => {
                    self.trace.note(self.now, || What::Timeout(which));
                    self.time_out(which);
                }
            }
        }
    }

    /// Ends the call with an error that knows the request.
    fn failed(&mut self, error: Error) -> State<S> {
        self.upgraded = None;
        let error = error.with_retries(self.take_retries());
        self.trace.note(self.now, || What::Failed(error.to_string().into()));
        State::Failed(error.with_request(Arc::clone(&self.call.request)))
    }

    /// Whether the content is given out decoded; by default it is. To be called while
    /// [`Output::Head`] is shown.
    pub fn set_decoding(&mut self, content: Coded) {
        if let (State::AtHead(receiving), Coded::AsItCame) = (&mut self.state, content) {
            receiving.decoding = Decoding::Identity;
        }
    }

    /// The response as far as it has come.
    #[must_use]
    pub const fn response(&self) -> Option<&Response> {
        self.response.as_ref()
    }

    /// The request of the present hop.
    #[must_use]
    pub const fn request(&self) -> &Arc<PreparedRequest> {
        &self.call.request
    }

    /// The events since the last time they were taken; none unless the session records them.
    pub fn take_events(&mut self) -> Vec<Event> {
        self.trace.take()
    }

    /// The outcome, once [`Output::Done`] was given.
    ///
    /// # Errors
    /// What the call ended in. Before `Done`, an error that says that the call was given up.
    pub fn finish(mut self) -> Result<Response, Error> {
        self.outcome()
    }

    /// The outcome, as [`finish`](Self::finish) gives it, for an exchange that cannot be moved out
    /// of its place; asked again, it says that the call was given up.
    ///
    /// # Errors
    /// As [`finish`](Self::finish).
    pub fn outcome(&mut self) -> Result<Response, Error> {
        if matches!(self.state, State::Done)
            && let Some(response) = self.response.take()
        {
            return Ok(response);
        }
        match self.take() {
            State::Failed(error) => Err(error),
            _ => {
                let error = Error::new(ErrorKind::Connection, "the call was given up");
                Err(error.with_request(Arc::clone(&self.call.request)))
            }
        }
    }
}

/// How content is given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coded {
    /// With its content codings undone.
    Decoded,
    /// As it came.
    AsItCame,
}
