//! The loop that serves an exchange over the simulated network.

use std::rc::Rc;

use sessio_core::exchange::{DeadlineKind, Probe, Received, Rewound};
use sessio_core::io::IoError;
use sessio_core::message::CallOptions;
use sessio_core::{Exchange, Hooks, Input, Output, Response};

use super::client::{Shared, moment};
use super::fault::Fault;
use super::net::{Net, Read, Socket};
use crate::client::hook::{self, Want};
use crate::client::source::{Piece, Reading};
use crate::client::{Failure, HookLog};
use crate::peer::Attempt;
use crate::scenario::HookSpec;
use sessio_core::connection::Target;

/// Steps that a call may take; the longest vector takes a few thousand, byte by byte.
const STEPS_MAX: usize = 2_000_000;

/// A call being served.
pub(super) struct Run {
    pub(super) shared: Rc<Shared>,
    pub(super) exchange: Exchange<Socket>,
    pub(super) sources: Vec<Reading>,
    pub(super) hooks: Hooks<HookSpec>,
    /// Where the hooks go on, after one had the request sent again.
    pub(super) next_hook: usize,
    pub(super) options: CallOptions,
    pub(super) log: HookLog,
    /// A failure that the scenario planted: it goes before the client's own error.
    pub(super) planted: Option<Failure>,
}

/// How far a call came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The head is there, and the caller reads the body.
    Head,
    /// It is over.
    Done,
}

/// What one step came to.
enum Step {
    /// The exchange was told something.
    Told,
    /// The caller has to look.
    Head,
    Data,
    Done,
}

/// What an output says, as far as it can be compared with another: its kind, bytes, numbers.
type Sketch = (&'static str, [Vec<u8>; 2], [usize; 2]);

fn sketch(output: &Output<'_, Socket>) -> Sketch {
    let plain = |kind| (kind, [Vec::new(), Vec::new()], [0; 2]);
    match output {
        Output::Consult => plain("consult"),
        Output::Resolve(name) => ("resolve", [name.host.into(), Vec::new()], [name.port.into(), 0]),
        Output::Connect { id, target, .. } => {
            ("connect", [format!("{id:?} {target:?}").into_bytes(), Vec::new()], [0; 2])
        }
        Output::Await(attempts) => ("await", [Vec::new(), Vec::new()], [attempts.len(), 0]),
        Output::Probe(_) => plain("probe"),
        Output::Transfer(transfer) => {
            let room = transfer.upload.as_ref().map_or(0, |upload| upload.room.len());
            let numbers = [transfer.receive.len(), room];
            ("transfer", transfer.send.map(<[u8]>::to_vec), numbers)
        }
        Output::Rewind(source) => ("rewind", [Vec::new(), Vec::new()], [source.0, 0]),
        Output::Load(path) => ("load", [path.as_bytes().into(), Vec::new()], [0; 2]),
        Output::Wait => plain("wait"),
        Output::Full => plain("full"),
        Output::Prepared(_) => plain("prepared"),
        Output::Head(_) => plain("head"),
        Output::Data(data) => {
            let ends = usize::from(data.piece == sessio_core::exchange::PieceEnd::Here);
            ("data", [data.bytes.into(), Vec::new()], [ends, 0])
        }
        Output::Respond(_) => plain("respond"),
        Output::Done => plain("done"),
    }
}

impl Run {
    /// Serves the exchange until the caller has something to look at.
    pub(super) fn until_response(&mut self) -> Result<Outcome, Failure> {
        for _ in 0..STEPS_MAX {
            match self.step()? {
                Step::Told => {}
                Step::Head => return Ok(Outcome::Head),
                Step::Data => panic!("content before it was asked for"),
                Step::Done => return Ok(Outcome::Done),
            }
        }
        panic!("the call never ended")
    }

    /// Serves the exchange until content is there; `false` at its end.
    pub(super) fn until_data(&mut self) -> Result<bool, Failure> {
        for _ in 0..STEPS_MAX {
            match self.step()? {
                Step::Told => {}
                Step::Head => self.tell(Input::Continue),
                Step::Data => return Ok(true),
                Step::Done => return Ok(false),
            }
        }
        panic!("the body never ended")
    }

    /// The outcome.
    pub(super) fn finish(self) -> Result<Response, Failure> {
        match (self.planted, self.exchange.finish()) {
            (Some(planted), Err(_)) => Err(planted),
            (_, Ok(response)) => Ok(response),
            (None, Err(error)) => Err(error.into()),
        }
    }

    pub(super) fn tell(&mut self, input: Input<'_, Socket>) {
        let now = self.shared.now();
        self.exchange.handle(input, now);
        self.note();
    }

    /// Serves one output, and notes what was decided.
    fn step(&mut self) -> Result<Step, Failure> {
        let step = self.serve();
        self.note();
        step
    }

    fn note(&mut self) {
        let events = self.exchange.take_events().into_iter();
        self.shared.trace.borrow_mut().extend(events.map(|event| event.what.to_string()));
    }

    /// Serves one output.
    fn serve(&mut self) -> Result<Step, Failure> {
        let once = sketch(&self.exchange.poll());
        let twice = sketch(&self.exchange.poll());
        assert_eq!(once, twice, "asked twice, the exchange says something else");
        let fault = self.shared.faults.borrow_mut().planted_here();
        match fault {
            Some(Fault::Drop) => return Err(Failure::Unsayable("dropped".into())),
            Some(Fault::Fail) => {
                if let Some(input) = failing(&self.exchange.poll()) {
                    self.tell(input);
                    return Ok(Step::Told);
                }
            }
            None => {}
        }
        match self.exchange.poll() {
            Output::Done => Ok(Step::Done),
            Output::Head(_) => Ok(Step::Head),
            Output::Data(_) => Ok(Step::Data),
            Output::Consult => {
                let shared = Rc::clone(&self.shared);
                self.exchange.consult(&mut shared.session.borrow_mut(), shared.now());
                Ok(Step::Told)
            }
            Output::Transfer(_) => self.transfer(),
            Output::Respond(_) => self.respond(),
            Output::Await(_) => self.wait_for_attempts(),
            Output::Wait => Ok(self.sleep()),
            _ => self.answer_at_once(),
        }
    }

    /// Serves the outputs that have one answer.
    fn answer_at_once(&mut self) -> Result<Step, Failure> {
        let net = Rc::clone(&self.shared.net);
        let now = self.shared.now();
        let input = match self.exchange.poll() {
            Output::Resolve(name) => {
                let resolved = net.borrow_mut().resolve(name.host, name.port);
                if let Ok(address) = resolved {
                    self.exchange.handle(Input::Resolved(&[address]), now);
                    return Ok(Step::Told);
                }
                Input::Unresolved(IoError::Unresolved)
            }
            Output::Connect { id, target, .. } => {
                let Target::Address(address) = *target else { panic!("no unix sockets here") };
                let outcome = net.borrow_mut().connect(address);
                match outcome {
                    Ok(line) => Input::Connecting(id, Net::socket(&net, Some(line))),
                    Err(Attempt::Timeout) => Input::Connecting(id, Net::socket(&net, None)),
                    Err(_) => Input::NotConnected(id, IoError::Refused),
                }
            }
            Output::Probe(socket) => {
                let is_quiet = net.borrow_mut().is_quiet(socket);
                Input::Probed(if is_quiet { Probe::Quiet } else { Probe::Spoiled })
            }
            Output::Rewind(source) => {
                let worked = self.sources[source.0].rewind();
                Input::Rewound(if worked { Rewound::Done } else { Rewound::Impossible })
            }
            Output::Load(path) => match self.shared.files.load(path) {
                Ok(text) => {
                    self.exchange.handle(Input::Loaded(&text), now);
                    return Ok(Step::Told);
                }
                Err(error) => Input::NotLoaded(error),
            },
            Output::Prepared(_) => Input::Continue,
            other => panic!("a lone call does not ask for this: {other:?}"),
        };
        self.tell(input);
        Ok(Step::Told)
    }

    /// Waits for one of the attempts to connect.
    fn wait_for_attempts(&mut self) -> Result<Step, Failure> {
        let deadline = self.exchange.deadline().map(|deadline| moment(deadline.at));
        let Output::Await(attempts) = self.exchange.poll() else { panic!("it was there") };
        let open = attempts.iter().find(|attempt| attempt.socket.is_open());
        let input = match open.map(|attempt| attempt.id) {
            Some(id) => Input::Connected(id),
            None => {
                let goes_on = self.shared.net.borrow_mut().jump(deadline);
                assert!(goes_on, "it waits for nothing");
                Input::Tick
            }
        };
        self.tell(input);
        Ok(Step::Told)
    }

    /// Lets the time pass up to the deadline: nothing is ever pending here.
    fn sleep(&mut self) -> Step {
        let deadline = self.exchange.deadline().expect("it waits for something");
        if deadline.why == DeadlineKind::Retry {
            let span = deadline.at.since(self.shared.now().mono);
            self.shared.sleeps.borrow_mut().push(span);
        }
        while self.shared.now().mono < deadline.at {
            self.shared.net.borrow_mut().jump(Some(moment(deadline.at)));
        }
        self.tell(Input::Tick);
        Step::Told
    }

    /// Moves bytes, or lets time pass.
    fn transfer(&mut self) -> Result<Step, Failure> {
        let deadline = self.exchange.deadline().map(|deadline| moment(deadline.at));
        let shared = Rc::clone(&self.shared);
        let mut net = shared.net.borrow_mut();
        let Output::Transfer(transfer) = self.exchange.poll() else { panic!("it was there") };
        let mut sent = 0;
        for bytes in transfer.send.into_iter().filter(|bytes| !bytes.is_empty()) {
            net.send(transfer.socket, bytes);
            sent += bytes.len();
        }
        // As a runtime does: a source that never waits is read before the peer is listened to.
        let is_prompt = transfer.upload.as_ref().is_some_and(|upload| {
            self.sources.get(upload.source.0).is_some_and(Reading::is_prompt)
        });
        let read = match is_prompt {
            true => Read::Nothing,
            false => net.read(transfer.socket, transfer.receive),
        };
        let input = match (read, transfer.upload) {
            (Read::Bytes(count), _) => Input::Moved { sent, received: Received::Bytes(count) },
            // What was sent is told first; the rest is read the next time.
            _ if sent > 0 => Input::Moved { sent, received: Received::Nothing },
            (Read::Reset, _) => Input::Lost(IoError::Reset),
            (Read::End, _) => Input::Moved { sent, received: Received::Bytes(0) },
            (Read::Nothing, Some(upload)) => {
                match self.sources[upload.source.0].read(upload.room) {
                    Piece::Bytes(count) => Input::Piece(count),
                    Piece::Failed => {
                        self.planted = Some(Failure::Source);
                        Input::SourceFailed
                    }
                }
            }
            (Read::Nothing, None) => {
                if !net.jump(deadline) {
                    // A fault may leave a server waiting for what was lost with it.
                    let is_planted = shared.faults.borrow().is_planted();
                    assert!(is_planted, "the call hangs: nothing is left to happen");
                    return Err(Failure::Unsayable("it waits for ever".into()));
                }
                Input::Tick
            }
        };
        drop(net);
        self.tell(input);
        Ok(Step::Told)
    }

    /// Runs the hooks whose turn it is.
    fn respond(&mut self) -> Result<Step, Failure> {
        let first = std::mem::take(&mut self.next_hook);
        let mut verdict = Input::Continue;
        let Output::Respond(response) = self.exchange.poll() else { panic!("it was there") };
        for (place, spec) in self.hooks.response().iter().enumerate().skip(first) {
            match hook::run(spec, response, &self.options, &self.log) {
                Want::GoOn => {}
                Want::Raise => {
                    self.planted = Some(Failure::Hook);
                    verdict = Input::Refuse;
                    break;
                }
                Want::Resend(request) => {
                    self.next_hook = place + 1;
                    verdict = Input::Resend(request);
                    break;
                }
            }
        }
        self.tell(verdict);
        Ok(Step::Told)
    }
}

/// The answer of failure to an output, if there is one.
fn failing(output: &Output<'_, Socket>) -> Option<Input<'static, Socket>> {
    Some(match output {
        Output::Resolve(_) => Input::Unresolved(IoError::Unresolved),
        Output::Connect { id, .. } => Input::NotConnected(*id, IoError::Refused),
        Output::Await(attempts) => Input::NotConnected(attempts.first()?.id, IoError::Refused),
        Output::Probe(_) => Input::Probed(Probe::Spoiled),
        Output::Transfer(_) => Input::Lost(IoError::Reset),
        Output::Rewind(_) => Input::Rewound(Rewound::Impossible),
        Output::Load(_) => Input::NotLoaded(IoError::NotFound),
        Output::Prepared(_) | Output::Respond(_) => Input::Refuse,
        Output::Consult | Output::Wait | Output::Full => return None,
        Output::Head(_) | Output::Data(_) | Output::Done => return None,
    })
}
