//! The loop that serves one call: everything that an exchange asks for, waited for by its task.

use std::future::{Future, poll_fn};
use std::io::ErrorKind;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use sessio_core::connection::Attempt;
use sessio_core::exchange::{Data, Rewound};
use sessio_core::{Input, Output, Response};
use sessio_runtime::clock::Passed;
use sessio_runtime::look::{Look, Next, verdict};
use sessio_runtime::resolve::LookUp;
use sessio_runtime::shared::{clock, leave};
use sessio_runtime::{AuthVerdict, Begun, BoxError, Feed, Looking, Verdict};

use crate::inner::{Place, SharedSession, Waiters};
use crate::io::io_error;
use crate::kit::Kit;
use crate::socket::Socket;
use crate::transfer::poll_transfer;
use crate::upgraded::Upgraded;
use crate::upload::Source;
use crate::work::{Alarm, Work};

/// What the caller attached to a call.
pub(crate) type Attached = sessio_runtime::Attached<Kit>;

/// How often a call moves bytes without a pause, until others of its thread have their turn. With
/// more, a dozen peers that send without end keep every other call waiting for as many milliseconds.
const MOVES_MAX: u32 = 8;

/// How long to wait before a unix socket is tried again whose server has too many callers waiting.
const RETRY_SPAN: Duration = Duration::from_millis(10);

/// One call in flight, served by the task that polls it.
pub(crate) struct Call {
    call: sessio_runtime::Call<Socket, Kit, Waiters>,
    work: Work,
    alarm: Alarm,
    retry: Alarm,
    /// Waits for one under the connection limits.
    place: Option<Place>,
    /// How often bytes moved since the last pause.
    moves: u32,
    listening: Listening,
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
    /// Custom auth is to sign the request.
    Sign,
    /// Custom auth and hooks are to look at the response.
    Look,
}

impl Call {
    pub(crate) fn new(
        session: Arc<SharedSession>,
        begun: Begun<Socket>,
        attached: Attached,
    ) -> Self {
        let call = sessio_runtime::Call::new(session, begun, attached);
        let (alarm, retry, listening) = (Alarm::default(), Alarm::default(), Listening::Anew);
        Self { call, work: Work::Nothing, alarm, retry, place: None, moves: 0, listening }
    }

    /// Goes on until the caller has something to do.
    pub(crate) async fn go_on(&mut self) -> Pause {
        loop {
            let next = match poll_fn(|cx| self.poll_on(cx)).await {
                Pause::Sign => self.in_time(sign).await,
                Pause::Look => self.in_time(look).await,
                pause @ (Pause::Head | Pause::Data | Pause::Done) => return pause,
            };
            let input = next.map_or(Input::Tick, |next| verdict(next, &mut self.call.user));
            self.call.tell(input);
        }
    }

    /// Asks somebody, but no longer than the call may take: `None` is that its time is over.
    async fn in_time<T>(
        &mut self,
        ask: impl AsyncFnOnce(&mut sessio_runtime::Call<Socket, Kit, Waiters>) -> T,
    ) -> Option<T> {
        let deadline = self.call.exchange.deadline();
        let session = Arc::clone(&self.call.wake.0);
        let (alarm, call) = (&mut self.alarm, &mut self.call);
        let mut asking = std::pin::pin!(ask(call));
        poll_fn(|cx| match asking.as_mut().poll(cx) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending => alarm.poll(deadline, clock(&session), cx).map(|()| None),
        })
        .await
    }

    /// Goes on as far as it goes now.
    fn poll_on(&mut self, cx: &mut Context<'_>) -> Poll<Pause> {
        loop {
            if self.moves >= MOVES_MAX {
                self.moves = 0;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let done;
            let call = &mut self.call;
            let input = match call.exchange.poll() {
                Output::Consult => {
                    call.consult();
                    continue;
                }
                Output::Full => match self.poll_place(cx) {
                    Poll::Ready(()) => continue,
                    Poll::Pending => Poll::Pending,
                },
                Output::Resolve(name) => {
                    self.work = Work::look_up(LookUp::new(name, call.resolver.as_ref()));
                    Poll::Ready(Input::Pending)
                }
                Output::Load(path) => {
                    self.work = Work::load(path);
                    Poll::Ready(Input::Pending)
                }
                Output::Wait => match self.work.poll(cx) {
                    Poll::Ready(work) => {
                        done = work;
                        Poll::Ready(done.input())
                    }
                    Poll::Pending if call.pass() == Passed::Already => Poll::Ready(Input::Tick),
                    Poll::Pending => Poll::Pending,
                },
                Output::Connect { id, target, options } => match Socket::connect(target, options) {
                    Ok(socket) => Poll::Ready(Input::Connecting(id, socket)),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        let pause = self.retry.poll_pause(RETRY_SPAN, clock(&call.wake.0), cx);
                        pause.map(|()| Input::Tick)
                    }
                    Err(error) => Poll::Ready(Input::NotConnected(id, io_error(&error))),
                },
                Output::Await(attempts) => poll_attempts(attempts, cx),
                Output::Probe(socket) => Poll::Ready(Input::Probed(socket.probe())),
                Output::Transfer(transfer) => {
                    self.moves += 1;
                    poll_transfer(transfer, &mut call.attached.sources, &mut call.user, cx)
                }
                Output::Rewind(id) => {
                    let source = call.attached.sources.get_mut(id.0);
                    poll_rewind(source, &mut call.user, cx)
                }
                Output::Prepared(_) => return Poll::Ready(Pause::Sign),
                Output::Respond(_) => return Poll::Ready(Pause::Look),
                Output::Head(_) => return Poll::Ready(Pause::Head),
                Output::Data(_) => return Poll::Ready(Pause::Data),
                Output::Done => return Poll::Ready(Pause::Done),
            };
            match input {
                Poll::Ready(input) => self.call.tell(input),
                Poll::Pending => {
                    self.moves = 0;
                    let deadline = self.call.exchange.deadline();
                    ready!(self.alarm.poll(deadline, clock(&self.call.wake.0), cx));
                    self.call.tell(Input::Tick);
                }
            }
        }
    }

    /// Waits for a place; whoever gives one back does that under the same lock under which this
    /// looks for one and begins to listen.
    fn poll_place(&mut self, cx: &Context<'_>) -> Poll<()> {
        let session = Arc::clone(&self.call.wake.0);
        let mut guard = session.lock();
        // It goes before the new one comes: they have the same turn.
        self.place = None;
        if let Some(turn) = self.call.consult_under(&mut guard) {
            self.place = Some(Place::wait(&session, turn, cx.waker()));
            // Nothing was given back here.
            leave(guard);
            return Poll::Pending;
        }
        // Now it is the next one's turn.
        drop(guard);
        self.call.observe();
        Poll::Ready(())
    }

    /// Waits for the next piece of the body, or its end.
    pub(crate) fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let exchange = &mut self.call.exchange;
        if self.listening == Listening::Anew
            && exchange.deadline().is_some()
            && matches!(exchange.poll(), Output::Transfer(_))
        {
            self.call.tell(Input::Continue);
        }
        self.listening = Listening::On;
        loop {
            match ready!(self.poll_on(cx)) {
                Pause::Head => self.call.tell(Input::Continue),
                Pause::Data | Pause::Done => break,
                // They look at the head, which came before.
                Pause::Sign | Pause::Look => self.call.tell(Input::Refuse),
            }
        }
        self.listening = Listening::Anew;
        Poll::Ready(())
    }

    /// The response as far as it has come.
    pub(crate) const fn response(&self) -> Option<&Response> {
        self.call.exchange.response()
    }

    /// What came of the call, with the connection if it no longer speaks HTTP.
    pub(crate) fn finish_upgraded(&mut self) -> crate::Result<(Response, Option<Upgraded>)> {
        let (response, upgraded) = self.call.finish_upgraded()?;
        Ok((response, upgraded.map(Upgraded::new)))
    }

    /// Takes the attachments, once there is a response: nothing more is asked of them.
    pub(crate) fn take_attached(&mut self) -> Attached {
        self.call.take_attached()
    }
}

/// Whether the caller of a streamed body has been waiting for it already, or is back after a while
/// in which nobody listened to the peer: then the read timeout counts from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listening {
    Anew,
    On,
}

impl Feed for Call {
    type Upgraded = Upgraded;

    /// What [`Call::poll_data`] has brought; it never waits.
    fn data(&mut self) -> Option<Data<'_>> {
        match self.call.exchange.poll() {
            Output::Data(data) => Some(data),
            _ => None,
        }
    }

    fn consumed(&mut self, count: usize) {
        self.call.consumed(count);
    }

    fn read_as_it_came(&mut self) {
        self.call.read_as_it_came();
    }

    fn finish(self) -> sessio_runtime::Result<Response> {
        self.call.finish()
    }
}

/// Waits for the first of these sockets that is through or has failed.
fn poll_attempts<'a>(
    attempts: &mut [Attempt<Socket>],
    cx: &mut Context<'_>,
) -> Poll<Input<'a, Socket>> {
    for attempt in attempts {
        if let Poll::Ready(through) = attempt.socket.poll_connected(cx) {
            return Poll::Ready(match through {
                Ok(()) => Input::Connected(attempt.id),
                Err(why) => Input::NotConnected(attempt.id, why),
            });
        }
    }
    Poll::Pending
}

/// Sets a source back to its start.
fn poll_rewind<'a>(
    source: Option<&mut Source>,
    user: &mut Option<BoxError>,
    cx: &mut Context<'_>,
) -> Poll<Input<'a, Socket>> {
    let Some(source) = source else { return Poll::Ready(Input::Rewound(Rewound::Impossible)) };
    let rewound = ready!(source.poll_rewind(cx)).unwrap_or_else(|error| {
        *user = Some(error.into());
        Rewound::Impossible
    });
    Poll::Ready(Input::Rewound(rewound))
}

/// Has custom auth sign the request.
async fn sign(call: &mut sessio_runtime::Call<Socket, Kit, Waiters>) -> Result<Next, BoxError> {
    if let (Some(auth), Output::Prepared(request)) = (&call.attached.auth, call.exchange.poll()) {
        auth.sign(request).await?;
    }
    Ok(Next::Stand)
}

/// Shows a response to custom auth, then to the hooks in order, from whose turn it is.
async fn look(call: &mut sessio_runtime::Call<Socket, Kit, Waiters>) -> Result<Next, BoxError> {
    while let Some(Looking { look, response, options, turn }) = call.look() {
        match look {
            Look::Auth(auth, round) => {
                if let AuthVerdict::Resend(request) = auth.respond(response, round).await? {
                    turn.auth_resends(round);
                    return Ok(Next::Resend(request));
                }
            }
            Look::Hook(hook) => {
                if let Verdict::Resend(request) = hook.call(response, options).await? {
                    return Ok(Next::Resend(request));
                }
            }
            Look::Nobody => break,
        }
    }
    Ok(Next::Stand)
}
