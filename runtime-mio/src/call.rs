//! One call: an exchange with what the caller attached, and everything that it asks for, done or
//! begun without waiting.

use std::sync::Arc;

use sessio_core::exchange::{Data, Rewound, Transfer};
use sessio_core::io::IoError;
use sessio_core::message::SourceId;
use sessio_core::pool::Ticket;
use sessio_core::trace::Event;
use sessio_core::{Exchange, Input, Now, Output, PreparedRequest, Response};
use sessio_runtime::clock::Passed;
use sessio_runtime::look::{Next, Turn, verdict};
use sessio_runtime::resolve::Resolver;
use sessio_runtime::shared::{Observer, clock};
use sessio_runtime::{Begun, BoxError, Error, Wake, files};

use crate::io::io_error;
use crate::kit::{Attached, SharedSession};
use crate::look::look;
use crate::moving::move_bytes;
use crate::names::{Found, LookupId};
use crate::slots::CallId;
use crate::socket::{Awaited, Socket, first_decided};
use crate::upgraded_socket::UpgradedSocket;
use crate::upload::{NotPushed, Source};
use crate::world::{Probes, Stop, World};

/// What a call ends in: its response, and the connection if that no longer speaks HTTP.
pub(crate) type Outcome = (Response, Option<UpgradedSocket>);

/// How many steps a call takes before it is another one's turn.
const STEPS_MAX: usize = 64;

/// One call in flight. Dropping it gives the call up: its connection is closed, and its place is
/// free.
pub(crate) struct Call {
    pub(crate) id: CallId,
    exchange: Box<Exchange<Socket>>,
    attached: Attached,
    /// Whose turn it is to look at the response of the present hop.
    turn: Turn,
    /// The request that the call began with: custom auth answers its origin alone.
    home: Arc<PreparedRequest>,
    observer: Option<Observer>,
    resolver: Option<Resolver>,
    /// The error of a hook, of auth or of a source, which the core need not know.
    user: Option<BoxError>,
    /// The look-up that it waits for.
    looks_up: Option<LookupId>,
    /// What the observer was not told yet.
    untold: Vec<Event>,
    probe: Probing,
    now: Now,
}

/// Whether the loop has looked for events since an idle connection was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Probing {
    Not,
    Polled,
}

impl Call {
    pub(crate) fn new(id: CallId, begun: Begun<Socket>, attached: Attached) -> Self {
        let Begun { exchange, observer, resolver, now, .. } = begun;
        let mut call = Self {
            id,
            attached,
            turn: Turn::default(),
            home: Arc::clone(exchange.request()),
            observer,
            resolver,
            user: None,
            looks_up: None,
            untold: Vec::new(),
            probe: Probing::Not,
            now,
            exchange,
        };
        // It may be over already, and says why.
        call.note();
        call
    }

    /// Goes on until something is wanting.
    pub(crate) fn go_on(&mut self, world: &mut World<'_>) -> Stop {
        self.now = clock(world.session).now();
        let mut asked = Asked::NotYet;
        for _ in 0..STEPS_MAX {
            if !self.untold.is_empty() {
                return Stop::Outside;
            }
            let loaded;
            let input = match self.exchange.poll() {
                Output::Full if asked == Asked::Just => return Stop::Full,
                output @ (Output::Consult | Output::Full) => {
                    *world.freed |= matches!(output, Output::Consult);
                    self.consult(world.session);
                    asked = Asked::Just;
                    continue;
                }
                Output::Resolve(name) => {
                    let resolver = self.resolver.as_ref();
                    let begun = world.names.begin(name, resolver, self.id, world.tokens);
                    self.looks_up = begun.as_ref().ok().copied();
                    begun.map_or(Input::Unresolved(IoError::OutOfResources), |_| Input::Pending)
                }
                Output::Connect { id, target, options } => {
                    let begun = Socket::connect(target, options, world.tokens);
                    begun.map_or_else(
                        |error| Input::NotConnected(id, io_error(&error)),
                        |socket| Input::Connecting(id, socket),
                    )
                }
                Output::Load(path) => match files::load(path) {
                    Ok(text) => {
                        loaded = text;
                        Input::Loaded(&loaded)
                    }
                    Err(error) => Input::NotLoaded(io_error(&error)),
                },
                Output::Await(attempts) => match first_decided(attempts, self.id) {
                    Awaited::Connected(id) => Input::Connected(id),
                    Awaited::Failed(id, why) => Input::NotConnected(id, why),
                    Awaited::Nothing => return Stop::Blocked,
                },
                Output::Probe(_)
                    if world.probes == Probes::AfterPoll && self.probe == Probing::Not =>
                {
                    self.probe = Probing::Polled;
                    return Stop::Later;
                }
                Output::Probe(socket) => {
                    self.probe = Probing::Not;
                    Input::Probed(socket.probe())
                }
                Output::Transfer(transfer) => {
                    let sources = &mut self.attached.sources;
                    match move_bytes(transfer, sources, &mut self.user, self.id) {
                        Some(input) => input,
                        None => return Stop::Blocked,
                    }
                }
                Output::Rewind(source) => self.rewind(source),
                Output::Wait => match self.pass(world.session) {
                    Passed::Already => Input::Tick,
                    Passed::NotYet => return Stop::Blocked,
                },
                Output::Prepared(_) | Output::Respond(_) => return Stop::Outside,
                Output::Head(_) => return Stop::Head,
                Output::Data(_) => return Stop::Data,
                Output::Done => return Stop::Done,
            };
            self.tell(input);
        }
        Stop::Later
    }

    /// Lends the session for a step.
    pub(crate) fn consult(&mut self, session: &SharedSession) {
        self.exchange.consult(&mut session.lock(), self.now);
        self.note();
    }

    /// Tells the exchange something, at the moment that was read last.
    fn tell(&mut self, input: Input<'_, Socket>) {
        self.exchange.handle(input, self.now);
        self.note();
    }

    fn note(&mut self) {
        if self.observer.is_some() {
            self.untold.append(&mut self.exchange.take_events());
        }
    }

    /// Lets the wait before another attempt pass, where sleeping is replaced.
    fn pass(&mut self, session: &SharedSession) -> Passed {
        let passed = clock(session).pass(self.exchange.wait_span());
        if passed == Passed::Already {
            self.now = clock(session).now();
        }
        passed
    }

    /// Tells the exchange something, now.
    pub(crate) fn tell_at(&mut self, input: Input<'_, Socket>, now: Now) {
        self.now = now;
        self.tell(input);
    }

    /// Tells the exchange something, at the time of the session's clocks.
    pub(crate) fn tell_now(&mut self, input: Input<'_, Socket>, session: &SharedSession) {
        self.tell_at(input, clock(session).now());
    }

    /// Tells what a look-up gave, if this call still waits for it.
    pub(crate) fn answered(&mut self, id: LookupId, found: &Found, now: Now) {
        if self.looks_up.take_if(|wanted| *wanted == id).is_some() {
            let input = match found {
                Ok(addresses) => Input::Resolved(addresses),
                Err(why) => Input::Unresolved(*why),
            };
            self.tell_at(input, now);
        }
    }

    /// Runs what the caller attached: the observer, and the hooks or the auth whose turn it is. Each
    /// may use the session.
    pub(crate) fn outside(&mut self, session: &SharedSession) {
        self.tell_observer();
        let input = match self.exchange.poll() {
            Output::Prepared(request) => match self.attached.auth.as_ref() {
                Some(auth) => verdict(auth.sign(request).map(|()| Next::Stand), &mut self.user),
                None => Input::Continue,
            },
            Output::Respond(response) => {
                let turn = &mut self.turn;
                let next = look(&self.attached, turn, &self.home.url, response);
                verdict(next, &mut self.user)
            }
            _ => return,
        };
        self.tell_now(input, session);
    }

    /// Tells the observer what it was not told yet.
    pub(crate) fn tell_observer(&mut self) {
        if let Some(observer) = &self.observer {
            std::mem::take(&mut self.untold).iter().for_each(|event| observer(event));
        }
    }

    fn rewind<'a>(&mut self, SourceId(source): SourceId) -> Input<'a, Socket> {
        let rewound = match self.attached.sources.get_mut(source).map(Source::rewind) {
            Some(Ok(rewound)) => rewound,
            Some(Err(error)) => {
                self.user = Some(error.into());
                Rewound::Impossible
            }
            None => Rewound::Impossible,
        };
        Input::Rewound(rewound)
    }

    /// Takes bytes for the first source that wants them.
    pub(crate) fn push(&mut self, bytes: bytes::Bytes) -> Result<(), NotPushed> {
        match self.attached.sources.iter_mut().find(|source| source.is_wanting()) {
            Some(source) => source.push(bytes),
            None => Err(NotPushed::Over(bytes)),
        }
    }

    /// The caller has pushed all of the first source that was open.
    pub(crate) fn finish_upload(&mut self) {
        let _ = self.attached.sources.iter_mut().any(Source::finish);
    }

    /// Whether all that was pushed has gone out, and more is wanted.
    pub(crate) fn has_room(&mut self) -> bool {
        match self.exchange.poll() {
            Output::Transfer(Transfer { upload: Some(upload), .. }) => {
                let SourceId(source) = upload.source;
                self.attached.sources.get(source).is_some_and(Source::is_wanting)
            }
            _ => false,
        }
    }

    /// The piece of the body that is there.
    pub(crate) fn data(&mut self) -> Option<Data<'_>> {
        match self.exchange.poll() {
            Output::Data(data) => Some(data),
            _ => None,
        }
    }

    /// So many bytes of the piece were used.
    pub(crate) fn consumed(&mut self, count: usize) {
        self.tell(Input::Consumed(count));
    }

    /// The body is wanted.
    pub(crate) fn read_on(&mut self) {
        self.tell(Input::Continue);
    }

    /// Its turn to have a place, if it waits for one.
    pub(crate) const fn ticket(&self) -> Option<Ticket> {
        self.exchange.ticket()
    }

    /// When it has to be told that time has passed.
    pub(crate) fn deadline(&self) -> Option<sessio_core::Instant> {
        self.exchange.deadline().map(|deadline| deadline.at)
    }

    /// The exchange itself.
    pub(crate) fn exchange(&mut self) -> &mut Exchange<Socket> {
        &mut self.exchange
    }

    /// The response as far as it has come.
    pub(crate) const fn response(&self) -> Option<&Response> {
        self.exchange.response()
    }

    /// Takes the attachments, once there is a response: nothing more is asked of them.
    pub(crate) fn take_attached(&mut self) -> Attached {
        std::mem::take(&mut self.attached)
    }

    /// What came of the call, once it is over: its response, and the connection if that no longer
    /// speaks HTTP.
    pub(crate) fn outcome(&mut self, session: &Arc<SharedSession>) -> Result<Outcome, Error> {
        let upgraded = self.exchange.take_upgraded();
        match self.exchange.outcome() {
            Ok(response) => {
                let wake = || Wake(Arc::clone(session));
                let upgraded = upgraded.map(|core| sessio_runtime::Upgraded::new(core, wake()));
                Ok((response, upgraded.map(UpgradedSocket::new)))
            }
            Err(error) => Err(Error::with_user(error, self.user.take())),
        }
    }
}

/// Whether the session was asked for a place in this turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    NotYet,
    Just,
}
