//! The loop that serves one call: everything that an exchange asks for, done on this thread.

use std::io::ErrorKind;
use std::sync::{Arc, Condvar};
use std::time::Duration;

use sessio_core::connection::AttemptId;
use sessio_core::exchange::Data;
use sessio_core::{Input, Output};
use sessio_runtime::clock::Passed;
use sessio_runtime::look::{Look, Next, verdict};
use sessio_runtime::shared::{clock, waiters};
use sessio_runtime::{AuthVerdict, Begun, BoxError, Feed, Looking, Reply, Verdict, files};

use crate::inner::{self, SharedSession, Waiters};
use crate::io::io_error;
use crate::kit::Kit;
use crate::resolve::{self, Found};
use crate::socket::{self, Awaited, Socket};
use crate::transfer::{Patience, rewind, serve_transfer};
use crate::{Response, Result, Upgraded};

/// What the caller attached to a call.
pub(crate) type Attached = sessio_runtime::Attached<Kit>;

/// One call in flight, served on this thread.
#[derive(Debug)]
pub struct Call(sessio_runtime::Call<Socket, Kit, Waiters>);

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
        Self(sessio_runtime::Call::new(session, begun, attached))
    }

    /// Goes on until the caller has something to do. After [`Pause::Head`] and [`Pause::Data`], say
    /// what came of it first.
    pub(crate) fn go_on(&mut self) -> Pause {
        loop {
            let (addresses, loaded);
            let call = &mut self.0;
            let until = call.exchange.deadline();
            let patience = Patience { clock: clock(&call.wake.0), until };
            let input = match call.exchange.poll() {
                Output::Consult => {
                    call.consult();
                    continue;
                }
                Output::Full => {
                    self.wait_for_place();
                    continue;
                }
                Output::Resolve(name) => {
                    match resolve::look_up(name, call.resolver.as_ref(), patience.left()) {
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
                    let sources = &mut call.attached.sources;
                    serve_transfer(transfer, sources, &mut call.user, &patience)
                }
                Output::Rewind(source) => {
                    Input::Rewound(rewind(&mut call.attached.sources, source, &mut call.user))
                }
                // Nothing here is ever pending: the request is made again after a while.
                Output::Wait => wait(call.pass(), &patience),
                Output::Prepared(request) => match call.attached.auth.as_ref() {
                    Some(auth) => verdict(auth.sign(request).map(|()| Next::Stand), &mut call.user),
                    None => Input::Continue,
                },
                Output::Respond(_) => {
                    let next = look(call);
                    verdict(next, &mut call.user)
                }
                Output::Head(_) => return Pause::Head,
                Output::Data(_) => return Pause::Data,
                Output::Done => return Pause::Done,
            };
            self.0.tell(input);
        }
    }

    /// Waits for a place, asking under the same lock under which it then sleeps.
    fn wait_for_place(&mut self) {
        let session = Arc::clone(&self.0.wake.0);
        let bell = Arc::new(Condvar::new());
        let mut guard = session.lock();
        while let Some(turn) = self.0.consult_under(&mut guard) {
            let _waits = waiters(&session).join(turn, Arc::clone(&bell));
            let until = self.0.exchange.deadline();
            inner::wait(&mut guard, &bell, Patience { clock: clock(&session), until }.left());
        }
        // Now it is the next one's turn.
        drop(guard);
        self.0.observe();
    }

    /// Goes on until there is a response; at most so many bytes of a streamed one are collected.
    pub(crate) fn answer(mut self, body_bytes_max: u64) -> Result<Response> {
        let pause = self.go_on();
        let (reply, upgraded) = match (pause, self.0.exchange.response()) {
            (Pause::Head, Some(core)) => {
                let (core, attached) = (core.clone(), self.0.take_attached());
                let reply = Reply::streaming(core, self, body_bytes_max);
                (reply.with_attached(attached), None)
            }
            (Pause::Head | Pause::Data | Pause::Done, core) => {
                let leads_on = core.is_some_and(|core| core.next.is_some());
                let attached = leads_on.then(|| self.0.take_attached());
                let (core, upgraded) = self.0.finish_upgraded()?;
                let reply = Reply::at_hand(core);
                let reply = match attached {
                    Some(attached) => reply.with_attached(attached),
                    None => reply,
                };
                (reply, upgraded.map(Upgraded::new))
            }
        };
        Ok(Response::new(reply).with_upgraded(upgraded))
    }
}

impl Feed for Call {
    type Upgraded = Upgraded;

    fn data(&mut self) -> Option<Data<'_>> {
        let has_deadline = self.0.exchange.deadline().is_some();
        if has_deadline && matches!(self.0.exchange.poll(), Output::Transfer(_)) {
            self.0.tell(Input::Continue);
        }
        while self.go_on() == Pause::Head {
            self.0.tell(Input::Continue);
        }
        match self.0.exchange.poll() {
            Output::Data(data) => Some(data),
            _ => None,
        }
    }

    fn consumed(&mut self, count: usize) {
        self.0.consumed(count);
    }

    fn read_as_it_came(&mut self) {
        self.0.read_as_it_came();
    }

    fn finish(self) -> Result<sessio_core::Response> {
        self.0.finish()
    }
}

/// Sleeps until the deadline, unless that time has passed.
fn wait<'a>(passed: Passed, patience: &Patience<'_>) -> Input<'a, Socket> {
    if passed == Passed::NotYet {
        std::thread::sleep(patience.left().unwrap_or(Duration::from_millis(1)));
    }
    Input::Tick
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
    call: &mut sessio_runtime::Call<Socket, Kit, Waiters>,
) -> std::result::Result<Next, BoxError> {
    while let Some(Looking { look, response, options, turn }) = call.look() {
        match look {
            Look::Auth(auth, round) => {
                if let AuthVerdict::Resend(request) = auth.respond(response, round)? {
                    turn.auth_resends(round);
                    return Ok(Next::Resend(request));
                }
            }
            Look::Hook(hook) => {
                if let Verdict::Resend(request) = hook.call(response, options)? {
                    return Ok(Next::Resend(request));
                }
            }
            Look::Nobody => break,
        }
    }
    Ok(Next::Stand)
}
