//! The loop that serves one call: everything that an exchange asks for, done on this thread.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use sessio_core::connection::AttemptId;
use sessio_core::exchange::{Coded, Data, Received};
use sessio_core::url::Url;
use sessio_core::{Exchange, Input, Now, Output, PreparedRequest, Response};
use sessio_runtime::look::{Look, Next, Turn, verdict};
use sessio_runtime::resolve::Resolver;
use sessio_runtime::shared::{Observer, clock};
use sessio_runtime::{AuthVerdict, Begun, BoxError, Feed, Verdict, files};

use crate::Error;
use crate::inner::{self, SharedSession, Wake};
use crate::io::io_error;
use crate::kit::Kit;
use crate::resolve::{self, Found};
use crate::socket::{self, Awaited, Socket};
use crate::transfer::{Patience, rewind, serve_transfer};

/// What the caller attached to a call.
pub(crate) type Attached = sessio_runtime::Attached<Kit>;

/// One call in flight. Dropping it gives the call up: its connection is closed, and its place is
/// free.
pub(crate) struct Call {
    /// In a box: a call is moved several times on its way to the caller.
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
    /// The latest reading; that of the wall clock is from when the session was last lent.
    now: Now,
    /// Last, so that it is dropped after the exchange.
    wake: Wake,
}

/// Where the loop hands over to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pause {
    /// The response's head is there.
    Head,
    /// A piece of the body is.
    Data,
    /// The call is over.
    Done,
}

impl Call {
    pub(crate) fn new(
        session: Arc<SharedSession>,
        begun: Begun<Socket>,
        attached: Attached,
    ) -> Self {
        let Begun { exchange, observer, resolver, now, .. } = begun;
        let home = Arc::clone(exchange.request());
        let (turn, user) = (Turn::default(), None);
        Self {
            exchange,
            attached,
            turn,
            home,
            observer,
            resolver,
            user,
            now,
            wake: sessio_runtime::Wake(session),
        }
    }

    /// Goes on until the caller has something to do. After [`Pause::Head`] and [`Pause::Data`], say
    /// what came of it first.
    pub(crate) fn go_on(&mut self) -> Pause {
        loop {
            let (addresses, loaded);
            let patience = Patience { clock: clock(&self.wake.0), until: self.exchange.deadline() };
            let input = match self.exchange.poll() {
                Output::Consult => {
                    self.consult();
                    continue;
                }
                Output::Full => {
                    self.wait_for_place();
                    continue;
                }
                Output::Resolve(name) => {
                    match resolve::look_up(name, self.resolver.as_ref(), patience.left()) {
                        Found::Addresses(found) => {
                            addresses = found;
                            Input::Resolved(&addresses)
                        }
                        Found::Failed(why) => Input::Unresolved(why),
                        Found::Late => Input::Tick,
                    }
                }
                Output::Connect { id, target, options } => {
                    let begun = Socket::connect(target, options, patience.left());
                    begun_to_connect(id, begun)
                }
                Output::Load(path) => match files::load(path) {
                    Ok(text) => {
                        loaded = text;
                        Input::Loaded(&loaded)
                    }
                    Err(error) => Input::NotLoaded(io_error(&error)),
                },
                Output::Await(attempts) => match socket::await_first(attempts, patience.left()) {
                    Ok(Awaited::Connected(id)) => Input::Connected(id),
                    Ok(Awaited::Failed(id, why)) => Input::NotConnected(id, why),
                    Ok(Awaited::Nothing) => Input::Tick,
                    Err(errno) => match attempts.first() {
                        Some(attempt) => Input::NotConnected(attempt.id, io_error(&errno.into())),
                        None => Input::Tick,
                    },
                },
                Output::Probe(socket) => Input::Probed(socket.probe()),
                Output::Transfer(transfer) => {
                    let sources = &mut self.attached.sources;
                    serve_transfer(transfer, sources, &mut self.user, &patience)
                }
                Output::Rewind(source) => {
                    Input::Rewound(rewind(&mut self.attached.sources, source, &mut self.user))
                }
                // Nothing here is ever pending.
                Output::Wait => {
                    std::thread::sleep(patience.left().unwrap_or(Duration::from_millis(1)));
                    Input::Tick
                }
                Output::Prepared(request) => match self.attached.auth.as_ref() {
                    Some(auth) => verdict(auth.sign(request).map(|()| Next::Stand), &mut self.user),
                    None => Input::Continue,
                },
                Output::Respond(response) => {
                    let turn = &mut self.turn;
                    let next = look(&self.attached, turn, &self.home.url, response);
                    verdict(next, &mut self.user)
                }
                Output::Head(_) => return Pause::Head,
                Output::Data(_) => return Pause::Data,
                Output::Done => return Pause::Done,
            };
            self.tell(input);
        }
    }

    /// Lends the session for a step.
    fn consult(&mut self) {
        self.now = clock(&self.wake.0).now();
        self.exchange.consult(&mut self.wake.0.lock(), self.now);
        self.observe();
    }

    /// Waits for a place, asking under the same lock under which it then sleeps.
    fn wait_for_place(&mut self) {
        let session = Arc::clone(&self.wake.0);
        let mut guard = session.lock();
        loop {
            self.now = clock(&session).now();
            self.exchange.consult(&mut guard, self.now);
            if !matches!(self.exchange.poll(), Output::Full) {
                break;
            }
            let until = self.exchange.deadline();
            inner::wait(&mut guard, Patience { clock: clock(&session), until }.left());
        }
        drop(guard);
        self.observe();
    }

    /// Tells the exchange something.
    fn tell(&mut self, input: Input<'_, Socket>) {
        // Nothing that takes time came before these, and without a deadline nobody asks.
        let is_at_once =
            matches!(input, Input::Probed(_) | Input::Moved { received: Received::Nothing, .. });
        if !is_at_once || self.exchange.deadline().is_some() {
            self.now.mono = clock(&self.wake.0).mono();
        }
        self.exchange.handle(input, self.now);
        self.observe();
    }

    fn observe(&mut self) {
        if let Some(observer) = &self.observer {
            self.exchange.take_events().iter().for_each(|event| observer(event));
        }
    }

    /// The response as far as it has come.
    pub(crate) const fn response(&self) -> Option<&Response> {
        self.exchange.response()
    }

    /// Takes the attachments, once there is a response: nothing more is asked of them.
    pub(crate) fn take_attached(&mut self) -> Attached {
        std::mem::take(&mut self.attached)
    }
}

impl Feed for Call {
    fn data(&mut self) -> Option<Data<'_>> {
        let has_deadline = self.exchange.deadline().is_some();
        if has_deadline && matches!(self.exchange.poll(), Output::Transfer(_)) {
            self.tell(Input::Continue);
        }
        while self.go_on() == Pause::Head {
            self.tell(Input::Continue);
        }
        match self.exchange.poll() {
            Output::Data(data) => Some(data),
            _ => None,
        }
    }

    fn consumed(&mut self, count: usize) {
        self.tell(Input::Consumed(count));
        while matches!(self.exchange.poll(), Output::Consult) {
            self.consult();
        }
    }

    fn read_as_it_came(&mut self) {
        self.exchange.set_decoding(Coded::AsItCame);
    }

    fn finish(mut self) -> sessio_runtime::Result<Response> {
        self.exchange.outcome().map_err(|error| Error::with_user(error, self.user))
    }
}

/// The answer of an attempt to connect.
fn begun_to_connect(id: AttemptId, begun: std::io::Result<Socket>) -> Input<'static, Socket> {
    match begun {
        Ok(socket) => Input::Connecting(id, socket),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Input::Tick,
        Err(error) => Input::NotConnected(id, io_error(&error)),
    }
}

/// Shows a response to custom auth, then to the hooks in order, from whose turn it is.
fn look(
    attached: &Attached,
    turn: &mut Turn,
    home: &Url,
    response: &mut Response,
) -> Result<Next, BoxError> {
    loop {
        match turn.next(attached, home, response) {
            Look::Auth(auth, round) => {
                if let AuthVerdict::Resend(request) = auth.respond(response, round)? {
                    turn.auth_resends(round);
                    return Ok(Next::Resend(request));
                }
            }
            Look::Hook(hook) => {
                if let Verdict::Resend(request) = hook.call(response, &attached.options)? {
                    return Ok(Next::Resend(request));
                }
            }
            Look::Nobody => return Ok(Next::Stand),
        }
    }
}
