//! The loop that serves an exchange over the simulated network.

use std::rc::Rc;

use sessio_core::exchange::{Probe, Received, Rewound};
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
        Output::Connect { id, target } => {
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
    pub(super) fn to_response(&mut self) -> Result<Outcome, Failure> {
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
    pub(super) fn to_data(&mut self) -> Result<bool, Failure> {
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
    }

    /// Serves one output.
    fn step(&mut self) -> Result<Step, Failure> {
        let once = sketch(&self.exchange.poll());
        let twice = sketch(&self.exchange.poll());
        assert_eq!(once, twice, "asked twice, the exchange says something else");
        let fault = self.shared.faults.borrow_mut().next();
        if fault == Some(Fault::Drop) {
            return Err(Failure::Unsayable("dropped".into()));
        }
        let fails = fault == Some(Fault::Fail);
        let now = self.shared.now();
        let deadline = self.exchange.deadline().map(|deadline| moment(deadline.at));
        let net = Rc::clone(&self.shared.net);
        let input = match self.exchange.poll() {
            Output::Done => return Ok(Step::Done),
            Output::Head(_) => return Ok(Step::Head),
            Output::Data(_) => return Ok(Step::Data),
            Output::Consult => {
                let shared = Rc::clone(&self.shared);
                self.exchange.consult(&mut shared.session.borrow_mut(), now);
                return Ok(Step::Told);
            }
            Output::Resolve(_) if fails => Input::Unresolved(IoError::Unresolved),
            Output::Resolve(name) => {
                let resolved = net.borrow_mut().resolve(name.host, name.port);
                match resolved {
                    Ok(address) => {
                        self.exchange.handle(Input::Resolved(&[address]), now);
                        return Ok(Step::Told);
                    }
                    Err(_) => Input::Unresolved(IoError::Unresolved),
                }
            }
            Output::Connect { id, .. } if fails => Input::NotConnected(id, IoError::Refused),
            Output::Connect { id, target } => {
                let Target::Address(address) = *target else { panic!("no unix sockets here") };
                let outcome = net.borrow_mut().connect(address);
                match outcome {
                    Ok(line) => Input::Connecting(id, Net::socket(&net, Some(line))),
                    Err(Attempt::Timeout) => Input::Connecting(id, Net::socket(&net, None)),
                    Err(_) => Input::NotConnected(id, IoError::Refused),
                }
            }
            Output::Await(attempts) => {
                let first = attempts.first().expect("there is an attempt to wait for");
                if fails {
                    Input::NotConnected(first.id, IoError::Refused)
                } else if let Some(open) = attempts.iter().find(|a| a.socket.is_open()) {
                    Input::Connected(open.id)
                } else {
                    assert!(net.borrow_mut().jump(deadline), "it waits for nothing");
                    self.tell(Input::Tick);
                    return Ok(Step::Told);
                }
            }
            Output::Probe(socket) => {
                let is_quiet = net.borrow_mut().is_quiet(socket);
                Input::Probed(if is_quiet && !fails { Probe::Quiet } else { Probe::Spoiled })
            }
            Output::Transfer(_) if fails => Input::Lost(IoError::Reset),
            Output::Transfer(transfer) => {
                let mut net = net.borrow_mut();
                let mut sent = 0;
                for bytes in transfer.send {
                    if !bytes.is_empty() {
                        net.send(transfer.socket, bytes);
                        sent += bytes.len();
                    }
                }
                let read = net.read(transfer.socket, transfer.receive);
                let wants_more = matches!(read, Read::Nothing) && sent == 0;
                match (read, transfer.upload) {
                    (Read::Bytes(count), _) => {
                        Input::Moved { sent, received: Received::Bytes(count) }
                    }
                    (Read::Reset, _) if sent == 0 => Input::Lost(IoError::Reset),
                    (Read::End, _) if sent == 0 => {
                        Input::Moved { sent, received: Received::Bytes(0) }
                    }
                    (Read::Nothing, Some(upload)) if wants_more => {
                        match self.sources[upload.source.0].read(upload.room) {
                            Piece::Bytes(count) => Input::Piece(count),
                            Piece::Failed => {
                                self.planted = Some(Failure::Source);
                                Input::SourceFailed
                            }
                        }
                    }
                    (Read::Nothing, None) if wants_more => {
                        if !net.jump(deadline) {
                            // A fault may leave a server waiting for what was lost with it.
                            let is_planted = self.shared.faults.borrow().is_planted();
                            assert!(is_planted, "the call hangs: nothing is left to happen");
                            return Err(Failure::Unsayable("it waits for ever".into()));
                        }
                        Input::Tick
                    }
                    _ => Input::Moved { sent, received: Received::Nothing },
                }
            }
            Output::Rewind(source) => {
                let worked = !fails && self.sources[source.0].rewind();
                Input::Rewound(if worked { Rewound::Done } else { Rewound::Impossible })
            }
            Output::Wait | Output::Full => panic!("a lone call waits for nobody"),
            Output::Prepared(_) if fails => Input::Refuse,
            Output::Prepared(_) => Input::Continue,
            Output::Respond(_) if fails => Input::Refuse,
            Output::Respond(response) => {
                let hooks = self.hooks.response();
                let first = std::mem::take(&mut self.next_hook);
                let mut verdict = Input::Continue;
                for (place, spec) in hooks.iter().enumerate().skip(first) {
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
                verdict
            }
        };
        self.tell(input);
        Ok(Step::Told)
    }
}
