//! The load over `sessio-mio`: a driver in a loop of the caller's own.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;

use bytes::Bytes;
use mio::{Events, Poll};
use sessio_mio::{CallId, Completion, Driver, NotPushed, upload};

use super::Load;
use super::ledger::{Ledger, Outcome};
use super::load::{AT_ONCE, pieces, request, settle};
use super::plan::{Case, Kind, Sum, Summing};
use super::server::Ports;

/// The most rounds of the loop that a call takes part in before it is cancelled, for
/// [`Kind::Cancel`].
const CANCELLED_AFTER_MAX: u64 = 24;

/// A loop and where the servers are.
pub(super) struct MioLoad {
    poll: Poll,
    events: Events,
    driver: Driver,
    ports: Ports,
    calls: BTreeMap<CallId, InFlight>,
}

/// A call and what has come of it.
struct InFlight {
    case: Case,
    summing: Summing,
    /// What is to be pushed, the first at the end.
    unsent: Vec<Bytes>,
    /// The rounds of the loop before it is cancelled.
    rounds_left: Option<u64>,
}

impl MioLoad {
    pub(super) fn new(ports: Ports) -> io::Result<Self> {
        let poll = Poll::new()?;
        let driver = Driver::new(poll.registry(), 0..1024)?;
        settle(driver.session());
        let events = Events::with_capacity(256);
        Ok(Self { poll, events, driver, ports, calls: BTreeMap::new() })
    }

    fn start(&mut self, case: Case, ledger: &mut Ledger) {
        let asked = request(case, &self.ports, |_| upload::pushed());
        match self.driver.start(asked) {
            Err(error) => ledger.enter(case, Outcome::Failed(error.kind())),
            Ok(call) => {
                let cancels = case.kind == Kind::Cancel;
                let in_flight = InFlight {
                    case,
                    summing: Summing::default(),
                    unsent: match case.kind {
                        Kind::Post => pieces(case).into_iter().rev().collect(),
                        _ => Vec::new(),
                    },
                    rounds_left: cancels.then(|| case.choice(5, CANCELLED_AFTER_MAX)),
                };
                self.calls.insert(call, in_flight);
            }
        }
    }

    fn take(&mut self, completion: Completion, ledger: &mut Ledger) {
        match completion {
            Completion::Head(..) | Completion::Upgraded(..) | Completion::Resolve { .. } => {}
            Completion::Data(call, piece) => {
                if let Some(in_flight) = self.calls.get_mut(&call) {
                    in_flight.summing.add(&piece);
                }
            }
            Completion::Room(call) => self.push(call),
            Completion::Done(call, outcome) => {
                let Some(in_flight) = self.calls.remove(&call) else { return };
                let case = in_flight.case;
                let outcome = match outcome {
                    Err(error) => Outcome::Failed(error.kind()),
                    Ok(response) => Outcome::Body {
                        status: response.status.into(),
                        sum: match case.is_streamed() {
                            true => in_flight.summing.end(),
                            false => Sum::of(response.bytes()),
                        },
                    },
                };
                ledger.enter(case, outcome);
            }
        }
    }

    /// Pushes until nothing more is taken.
    fn push(&mut self, call: CallId) {
        let Some(in_flight) = self.calls.get_mut(&call) else { return };
        while let Some(piece) = in_flight.unsent.pop() {
            match self.driver.push(call, piece) {
                Ok(()) => {}
                Err(NotPushed::Full(piece)) => {
                    in_flight.unsent.push(piece);
                    return;
                }
                Err(NotPushed::Over(_)) => return,
            }
        }
        self.driver.finish(call);
    }

    fn cancel(&mut self, ledger: &mut Ledger) {
        let mut over = Vec::new();
        for (call, in_flight) in &mut self.calls {
            match &mut in_flight.rounds_left {
                None => {}
                Some(0) => over.push(*call),
                Some(left) => *left -= 1,
            }
        }
        for call in over {
            self.driver.cancel(call);
            if let Some(in_flight) = self.calls.remove(&call) {
                ledger.enter(in_flight.case, Outcome::GivenUp);
            }
        }
    }
}

impl Load for MioLoad {
    fn round(&mut self, mut numbers: Range<u64>, ledger: &mut Ledger) {
        loop {
            while self.calls.len() < AT_ONCE {
                let Some(number) = numbers.next() else { break };
                self.start(Case::of(number), ledger);
            }
            if self.calls.is_empty() && numbers.is_empty() {
                return;
            }
            self.driver.turn();
            while let Some(completion) = self.driver.next() {
                self.take(completion, ledger);
            }
            self.cancel(ledger);
            if self.calls.is_empty() || self.calls.len() < AT_ONCE && !numbers.is_empty() {
                continue;
            }
            match self.poll.poll(&mut self.events, self.driver.next_timeout()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                // What is not served any more is missing in the ledger.
                Err(_) => return,
                Ok(()) => {}
            }
            for event in &self.events {
                self.driver.handle(event);
            }
        }
    }
}
