//! The loop that serves one call: everything that an exchange asks for, done on this thread.

use std::sync::Arc;
use std::time::Duration;

use rustix::io::Errno;
use sessio_core::exchange::{Coded, Data, Deadline, Received, Rewound, Transfer};
use sessio_core::message::{CallOptions, SourceId};
use sessio_core::policy::authorization::{Carry, should_strip_auth};
use sessio_core::url::Url;
use sessio_core::{Exchange, Hooks, Input, Now, Output, PreparedRequest, WallTime};

use crate::Error;
use crate::inner::{Inner, Observer, Wake};
use crate::io::io_error;
use crate::kit::{AuthFlow, AuthVerdict, BoxError, Hook, Verdict};
use crate::resolve::{self, Found};
use crate::socket::{self, Awaited, Moved, Socket};
use crate::upload::Source;

/// What the caller attached to a call.
#[derive(Debug, Default)]
pub(crate) struct Attached {
    pub(crate) hooks: Hooks<Hook>,
    pub(crate) auth: Option<Arc<dyn AuthFlow>>,
    pub(crate) sources: Vec<Source>,
    pub(crate) options: CallOptions,
}

/// One call in flight. Dropping it gives the call up: its connection is closed, and its place is
/// free.
pub(crate) struct Call {
    exchange: Exchange<Socket>,
    attached: Attached,
    /// Whose turn it is to look at the response of the present hop.
    turn: Turn,
    /// The URL that the call was addressed to: custom auth answers that origin alone.
    home: Url,
    observer: Option<Observer>,
    /// The error of a hook, of auth or of a source, which the core need not know.
    user: Option<BoxError>,
    wall: WallTime,
    /// Last, so that it is dropped after the exchange.
    wake: Wake,
}

/// Who looks at the response next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// Custom auth, which has had it sent so many times.
    Auth(u32),
    /// The hook of this number.
    Hook(usize),
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
        inner: Arc<Inner>,
        exchange: Exchange<Socket>,
        attached: Attached,
        observer: Option<Observer>,
        now: Now,
    ) -> Self {
        let home = exchange.request().url.clone();
        let (turn, user, wall) = (Turn::Auth(0), None, now.wall);
        Self { exchange, attached, turn, home, observer, user, wall, wake: Wake(inner) }
    }

    /// Goes on until the caller has something to do. After [`Pause::Head`] and [`Pause::Data`], say
    /// what came of it first.
    pub(crate) fn go_on(&mut self) -> Pause {
        loop {
            let addresses;
            let patience = Patience { inner: &self.wake.0, until: self.exchange.deadline() };
            let input = match self.exchange.poll() {
                Output::Consult => {
                    self.consult();
                    continue;
                }
                Output::Full => {
                    self.wait_for_place();
                    continue;
                }
                Output::Resolve(name) => match resolve::look_up(name, patience.left()) {
                    Found::Addresses(found) => {
                        addresses = found;
                        Input::Resolved(&addresses)
                    }
                    Found::Failed(why) => Input::Unresolved(why),
                    Found::Late => Input::Tick,
                },
                Output::Connect { id, target } => match Socket::connect(target, patience.left()) {
                    Ok(socket) => Input::Connecting(id, socket),
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Input::Tick,
                    Err(error) => Input::NotConnected(id, io_error(&error)),
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
                    let next = look(&self.attached, turn, &self.home, response);
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
        let now = self.wake.0.clock.now();
        self.wall = now.wall;
        self.exchange.consult(&mut self.wake.0.lock().session, now);
        self.observe();
    }

    /// Waits for a place, asking under the same lock under which it then sleeps.
    fn wait_for_place(&mut self) {
        let inner = Arc::clone(&self.wake.0);
        let mut guard = inner.lock();
        loop {
            let now = inner.clock.now();
            self.wall = now.wall;
            self.exchange.consult(&mut guard.session, now);
            if !matches!(self.exchange.poll(), Output::Full) {
                break;
            }
            guard.wait(Patience { inner: &inner, until: self.exchange.deadline() }.left());
        }
        drop(guard);
        self.observe();
    }

    /// Tells the exchange something.
    fn tell(&mut self, input: Input<'_, Socket>) {
        let now = Now { mono: self.wake.0.clock.mono(), wall: self.wall };
        self.exchange.handle(input, now);
        self.observe();
    }

    fn observe(&mut self) {
        if let Some(observer) = &self.observer {
            self.exchange.take_events().iter().for_each(|event| observer(event));
        }
    }

    /// The next piece of the body; `None` at its end, and when the call has failed.
    pub(crate) fn data(&mut self) -> Option<Data<'_>> {
        while self.go_on() == Pause::Head {
            self.tell(Input::Continue);
        }
        match self.exchange.poll() {
            Output::Data(data) => Some(data),
            _ => None,
        }
    }

    /// So many bytes of the piece were used.
    pub(crate) fn consumed(&mut self, count: usize) {
        self.tell(Input::Consumed(count));
    }

    /// The body is wanted as it came; to be said before anything of it is read.
    pub(crate) fn read_as_it_came(&mut self) {
        self.exchange.set_decoding(Coded::AsItCame);
    }

    /// The response as far as it has come.
    pub(crate) const fn response(&self) -> Option<&sessio_core::Response> {
        self.exchange.response()
    }

    /// Takes the attachments, once there is a response: nothing more is asked of them.
    pub(crate) fn take_attached(&mut self) -> Attached {
        std::mem::take(&mut self.attached)
    }

    /// What came of the call, once it is over.
    pub(crate) fn finish(self) -> Result<sessio_core::Response, Error> {
        self.exchange.finish().map_err(|error| Error::with_user(error, self.user))
    }
}

/// How long to wait: until a deadline, or for ever.
struct Patience<'a> {
    inner: &'a Inner,
    until: Option<Deadline>,
}

impl Patience<'_> {
    /// What is left of it; the clock is read only if there is a deadline.
    fn left(&self) -> Option<Duration> {
        self.until.map(|deadline| deadline.at.since(self.inner.clock.mono()))
    }
}

/// Moves whatever can go on first.
fn serve_transfer<'a>(
    transfer: Transfer<'_, Socket>,
    sources: &mut [Source],
    user: &mut Option<BoxError>,
    patience: &Patience<'_>,
) -> Input<'a, Socket> {
    let Transfer { socket, send, receive, upload } = transfer;
    let is_sending = send.iter().any(|slice| !slice.is_empty());
    if let Some(upload) = upload {
        let Some(source) = sources.get_mut(upload.source.0) else { return Input::SourceFailed };
        if !source.is_prompt() {
            // The source may keep this thread waiting: what can be sent goes first, and an answer
            // that is there already makes the rest of the body moot.
            match if is_sending { socket.send(send) } else { socket.receive_now(receive) } {
                Ok(Moved::Bytes(count)) if is_sending => return sent(count),
                Ok(Moved::Bytes(count)) => return received(count),
                Ok(Moved::Blocked) => {}
                Err(errno) => return last_words(socket, receive, errno),
            }
        }
        return match source.fill(upload.room) {
            Ok(count) => Input::Piece(count),
            Err(error) => {
                *user = Some(error.into());
                Input::SourceFailed
            }
        };
    }
    if is_sending {
        return match socket.send(send) {
            Ok(Moved::Bytes(count)) => sent(count),
            // The peer does not read on: it may have answered before it has read everything.
            Ok(Moved::Blocked) => match socket.receive_now(receive) {
                Ok(Moved::Bytes(count)) => received(count),
                Ok(Moved::Blocked) => match socket.wait(patience.left()) {
                    Ok(()) => Input::Tick,
                    Err(errno) => Input::Lost(io_error(&errno.into())),
                },
                Err(errno) => Input::Lost(io_error(&errno.into())),
            },
            Err(errno) => last_words(socket, receive, errno),
        };
    }
    match socket.receive(receive, patience.left()) {
        Ok(Moved::Bytes(count)) => received(count),
        Ok(Moved::Blocked) => Input::Tick,
        Err(errno) => Input::Lost(io_error(&errno.into())),
    }
}

/// The peer takes no more: what it said before that counts.
fn last_words<'a>(socket: &Socket, receive: &mut [u8], errno: Errno) -> Input<'a, Socket> {
    match socket.receive_now(receive) {
        Ok(Moved::Bytes(count)) if count > 0 => received(count),
        Ok(_) | Err(_) => Input::Lost(io_error(&errno.into())),
    }
}

const fn sent<'a>(count: usize) -> Input<'a, Socket> {
    Input::Moved { sent: count, received: Received::Nothing }
}

const fn received<'a>(count: usize) -> Input<'a, Socket> {
    Input::Moved { sent: 0, received: Received::Bytes(count) }
}

fn rewind(sources: &mut [Source], SourceId(id): SourceId, user: &mut Option<BoxError>) -> Rewound {
    match sources.get_mut(id).map(Source::rewind) {
        Some(Ok(rewound)) => rewound,
        Some(Err(error)) => {
            *user = Some(error.into());
            Rewound::Impossible
        }
        None => Rewound::Impossible,
    }
}

/// What follows from a look at the response.
enum Next {
    Stand,
    Resend(Box<PreparedRequest>),
}

fn verdict<'a>(next: Result<Next, BoxError>, user: &mut Option<BoxError>) -> Input<'a, Socket> {
    match next {
        Ok(Next::Stand) => Input::Continue,
        Ok(Next::Resend(request)) => Input::Resend(*request),
        Err(error) => {
            *user = Some(error);
            Input::Refuse
        }
    }
}

/// Shows a response to custom auth, then to the hooks in order, from whose turn it is.
fn look(
    attached: &Attached,
    turn: &mut Turn,
    home: &Url,
    response: &mut sessio_core::Response,
) -> Result<Next, BoxError> {
    if let Turn::Auth(round) = *turn {
        if let (Some(auth), Carry::Keep(_)) =
            (&attached.auth, should_strip_auth(home, &response.request.url))
        {
            if let AuthVerdict::Resend(request) = auth.respond(response, round)? {
                *turn = Turn::Auth(round.saturating_add(1));
                return Ok(Next::Resend(request));
            }
        }
        *turn = Turn::Hook(0);
    }
    while let Turn::Hook(place) = *turn {
        let Some(hook) = attached.hooks.response().get(place) else { break };
        *turn = Turn::Hook(place.saturating_add(1));
        if let Verdict::Resend(request) = hook.call(response, &attached.options)? {
            return Ok(Next::Resend(request));
        }
    }
    // The next response is that of another hop.
    *turn = Turn::Auth(0);
    Ok(Next::Stand)
}

impl Attached {
    /// The same for another call, whose body, if it has one, has no sources.
    pub(crate) fn without_sources(&self) -> Self {
        Self {
            hooks: self.hooks.clone(),
            auth: self.auth.clone(),
            sources: Vec::new(),
            options: self.options.clone(),
        }
    }
}
