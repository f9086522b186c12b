//! Connections: which are reused, opened and closed, as a list of lists says; each is gone when
//! the model says so, and no call waits for a place that is free.
//!
//! Input: the limits, then operations, as the crate `arbitrary` makes them.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;

use arbitrary::{Arbitrary, Unstructured};
use sessio_core::exchange::{Probe, Received};
use sessio_core::pool::PoolCaps;
use sessio_core::{Adapter, Exchange, Input, Output, Request, Session};

use crate::drive::{begin, moment};
use crate::model::pool::{Model, Place};

/// What is done.
#[derive(Arbitrary, Debug)]
enum Operation {
    /// A call to one of the hosts, up to where the answer is waited for.
    Begin(u8),
    /// One of the calls gets an answer.
    Answer(u8, Reply),
    /// One of the calls is given up.
    Drop(u8),
    /// The peer closes an idle connection, or says something.
    Spoil(u8),
    /// Time passes, in steps of 20 s.
    Pass(u8),
    /// All that idle are closed.
    Close,
}

#[derive(Arbitrary, Clone, Copy, Debug, PartialEq)]
enum Reply {
    Kept,
    KeptEmpty,
    Closing,
    Http10,
    Surplus,
    UntilClose,
    CutOff,
}

impl Reply {
    fn bytes(self) -> &'static [u8] {
        match self {
            Self::Kept => b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            Self::KeptEmpty => b"HTTP/1.1 204 No Content\r\n\r\n",
            Self::Closing => b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
            Self::Http10 => b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
            Self::Surplus => b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\noks",
            Self::UntilClose => b"HTTP/1.1 200 OK\r\n\r\nok",
            Self::CutOff => b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok",
        }
    }
}

/// A socket that is on the list of the living as long as it is.
#[derive(Debug)]
struct Socket {
    id: usize,
    living: Rc<RefCell<BTreeSet<usize>>>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.living.borrow_mut().remove(&self.id);
    }
}

struct Calls {
    session: Session<Socket>,
    living: Rc<RefCell<BTreeSet<usize>>>,
    model: Model,
    spoiled: BTreeSet<usize>,
    /// Host, connection, call.
    running: Vec<(usize, usize, Exchange<Socket>)>,
    next: usize,
    now: u64,
}

/// Runs one input.
pub fn run(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let Ok((limits, operations)) = <([u8; 4], Vec<Operation>)>::arbitrary(&mut input) else {
        return;
    };
    let some = |byte: u8, of: u8| usize::from(byte % of).checked_sub(1).map(|n| n + 1);
    let (total, per_route) = (some(limits[0], 5), some(limits[1], 3));
    let caps = PoolCaps {
        pool_connections: usize::from(limits[2] % 4),
        pool_maxsize: usize::from(limits[3] % 3),
    };
    let mut session = Session::new(1);
    session.mount("http://", Adapter { pool: caps, ..Adapter::default() });
    session.limit_connections(total, per_route);
    let model = Model::new(total, per_route, caps.pool_connections, caps.pool_maxsize);
    let living = Rc::default();
    let (spoiled, running) = (BTreeSet::new(), Vec::new());
    let mut calls = Calls { session, living, model, spoiled, running, next: 0, now: 0 };
    for operation in operations.iter().take(60) {
        calls.apply(operation);
        calls.check(operation);
    }
    calls.running.clear();
    calls.session.close();
    assert!(calls.living.borrow().is_empty(), "a socket outlives its session");
}

impl Calls {
    fn check(&self, operation: &Operation) {
        let living: Vec<usize> = self.living.borrow().iter().copied().collect();
        assert_eq!(living, self.model.living(), "after {operation:?}");
        assert_eq!(self.session.idle_connections(), self.model.idle(), "after {operation:?}");
    }

    fn apply(&mut self, operation: &Operation) {
        match *operation {
            Operation::Begin(host) => self.begin(usize::from(host % 4)),
            Operation::Answer(which, reply) => {
                if let Some((host, id, exchange)) = self.take(which) {
                    self.answer(host, id, exchange, reply);
                }
            }
            Operation::Drop(which) => {
                if let Some((_, id, exchange)) = self.take(which) {
                    drop(exchange);
                    self.model.drop(id);
                }
            }
            Operation::Spoil(which) => {
                let living = self.model.living();
                let busy = |id: &usize| self.running.iter().any(|(_, of, _)| of == id);
                let idle: Vec<usize> = living.into_iter().filter(|id| !busy(id)).collect();
                if !idle.is_empty() {
                    self.spoiled.insert(idle[usize::from(which) % idle.len()]);
                }
            }
            Operation::Pass(steps) => self.now += 20_000 * u64::from(steps % 8),
            Operation::Close => {
                self.session.close();
                self.model.close();
            }
        }
    }

    fn take(&mut self, which: u8) -> Option<(usize, usize, Exchange<Socket>)> {
        let count = self.running.len();
        (count > 0).then(|| self.running.remove(usize::from(which) % count))
    }

    fn begin(&mut self, host: usize) {
        let url = format!("http://host{host}.test/");
        let now = moment(self.now);
        let mut exchange = begin(&mut self.session, Request::get(url), now).expect("a request");
        let mut place = self.model.checkout(host, self.now);
        loop {
            let input = match exchange.poll() {
                Output::Probe(socket) => {
                    assert_eq!(place, Place::Idle(socket.id), "the model takes another");
                    let spoiled = self.spoiled.contains(&socket.id);
                    Input::Probed(if spoiled { Probe::Spoiled } else { Probe::Quiet })
                }
                Output::Consult => {
                    // What was probed is gone, and the next one is asked for.
                    if let Place::Idle(id) = place {
                        self.model.drop(id);
                    }
                    place = self.model.checkout(host, self.now);
                    exchange.consult(&mut self.session, now);
                    continue;
                }
                Output::Full => return assert_eq!(place, Place::None, "there is a place"),
                Output::Resolve(name) => {
                    assert_eq!(place, Place::New, "{}", name.host);
                    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, name.port));
                    exchange.handle(Input::Resolved(&[address]), now);
                    continue;
                }
                Output::Connect { id, .. } => {
                    self.next += 1;
                    self.living.borrow_mut().insert(self.next);
                    let living = Rc::clone(&self.living);
                    Input::Connecting(id, Socket { id: self.next, living })
                }
                Output::Await(attempts) => Input::Connected(attempts[0].id),
                Output::Transfer(transfer) => {
                    let sent = transfer.send.iter().map(|bytes| bytes.len()).sum();
                    if sent == 0 {
                        let id = transfer.socket.id;
                        assert!(!self.spoiled.contains(&id), "a spoiled connection is used");
                        match place {
                            Place::Idle(idle) => assert_eq!(id, idle),
                            Place::New => self.model.opened(host, id),
                            Place::None => panic!("the model has no place"),
                        }
                        self.running.push((host, id, exchange));
                        return;
                    }
                    Input::Moved { sent, received: Received::Nothing }
                }
                other => panic!("{other:?} is not asked for here"),
            };
            exchange.handle(input, now);
        }
    }

    fn answer(&mut self, host: usize, id: usize, mut exchange: Exchange<Socket>, reply: Reply) {
        let now = moment(self.now);
        let mut bytes = reply.bytes();
        loop {
            let input = match exchange.poll() {
                Output::Consult => {
                    exchange.consult(&mut self.session, now);
                    continue;
                }
                Output::Transfer(transfer) => {
                    let count = bytes.len().min(transfer.receive.len());
                    transfer.receive[..count].copy_from_slice(&bytes[..count]);
                    bytes = &bytes[count..];
                    Input::Moved { sent: 0, received: Received::Bytes(count) }
                }
                Output::Data(data) => Input::Consumed(data.bytes.len()),
                Output::Head(_) | Output::Respond(_) => Input::Continue,
                Output::Done => break,
                other => panic!("{other:?} is not asked for here"),
            };
            exchange.handle(input, now);
        }
        assert_eq!(exchange.finish().is_ok(), reply != Reply::CutOff, "{reply:?}");
        match reply {
            Reply::Kept | Reply::KeptEmpty => self.model.release(host, id, self.now),
            _ => self.model.drop(id),
        }
    }
}
