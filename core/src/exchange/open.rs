//! Getting a connection: probing an idle one, looking a name up, connecting.

use alloc::sync::Arc;
use core::mem;
use core::net::SocketAddr;

use crate::connection::dial::{Dial, Step, interleave};
use crate::connection::{AttemptId, Connection, Target};
use crate::error::{Error, ErrorKind};
use crate::io::IoError;
use crate::trace::What;

use super::Exchange;
use super::io::{Name, Output, Probe};
use super::state::{Choice, Lookup, Opening, State};

impl<S> Exchange<S> {
    /// What a look-up asks for.
    pub(super) fn poll_lookup(opening: &Opening, lookup: Lookup) -> Output<'_, S> {
        match lookup {
            Lookup::Wanted => Output::Resolve(Name { host: &opening.host, port: opening.port }),
            Lookup::UnderWay => Output::Wait,
        }
    }

    /// What attempts to connect ask for.
    pub(super) fn poll_dial<'a>(opening: &'a Opening, dial: &'a mut Dial<S>) -> Output<'a, S> {
        match dial.step() {
            Step::Connect { id, target } => {
                Output::Connect { id, target, options: &opening.options }
            }
            Step::Await(attempts) => Output::Await(attempts),
            // `dialled` has turned this into an error.
            Step::Failed(_) => Output::Wait,
        }
    }

    /// The idle connection was probed.
    pub(super) fn probed(&mut self, connection: Connection<S>, probe: Probe) -> State<S> {
        match probe {
            Probe::Quiet => self.begin_talking(connection),
            Probe::Spoiled => {
                let origin = connection.route.origin.clone();
                self.trace.note(self.now, || What::Spoiled(origin));
                State::Planning { choice: Choice::Any }
            }
        }
    }

    /// The name has these addresses.
    pub(super) fn resolved(&mut self, opening: Opening, addresses: &[SocketAddr]) -> State<S> {
        if addresses.is_empty() {
            return self.unresolved(IoError::Unresolved);
        }
        let reached = |address: &SocketAddr| opening.options.reaches(address);
        let addresses = interleave(addresses).into_iter().filter(reached);
        let targets = addresses.map(Target::Address);
        let dial = Dial::new(targets, self.next_attempt);
        self.dialling(opening, dial)
    }

    /// The name cannot be looked up.
    pub(super) fn unresolved(&mut self, why: IoError) -> State<S> {
        self.failed(Error::new(ErrorKind::Connection, why))
    }

    /// Connects to one target that needs no look-up.
    pub(super) fn dial_one(&mut self, opening: Opening, target: Target) -> State<S> {
        let dial = Dial::new([target], self.next_attempt);
        self.dialling(opening, dial)
    }

    /// Goes on dialling, or ends if every attempt has failed.
    pub(super) fn dialling(&mut self, opening: Opening, mut dial: Dial<S>) -> State<S> {
        self.next_attempt = dial.next_id();
        if let Step::Failed(why) = dial.step() {
            return self.failed(Error::new(ErrorKind::Connection, why));
        }
        State::Dialing { opening, dial }
    }

    /// An attempt failed.
    pub(super) fn attempt_failed(
        &mut self,
        opening: Opening,
        mut dial: Dial<S>,
        id: AttemptId,
        why: IoError,
    ) -> State<S> {
        let to = &opening.host;
        self.trace.note(self.now, || What::NotConnected(to.clone(), why));
        dial.failed(id, why);
        self.dialling(opening, dial)
    }

    /// An attempt is through: the others are dropped, which closes them.
    pub(super) fn attempt_won(
        &mut self,
        opening: Opening,
        mut dial: Dial<S>,
        id: AttemptId,
    ) -> State<S> {
        let Some(attempt) = dial.connected(id) else { return State::Dialing { opening, dial } };
        let route = Arc::clone(&opening.route);
        self.trace.note(self.now, || What::Connected(route.origin.clone()));
        self.begin_talking(Connection {
            socket: attempt.socket,
            route: opening.route,
            permit: opening.permit,
            requests: 0,
            idle_since: self.now,
        })
    }

    /// Time has passed while attempts are under way.
    pub(super) fn dial_tick(&mut self) {
        let now = self.now;
        if let State::Dialing { dial, .. } = &mut self.state {
            dial.tick(now);
            self.next_attempt = self.next_attempt.max(dial.next_id());
        }
    }

    /// An attempt has begun with this socket.
    pub(super) fn attempt_began(&mut self, id: AttemptId, socket: S) {
        let now = self.now;
        if let State::Dialing { dial, .. } = &mut self.state {
            dial.connecting(id, socket, now);
        }
    }

    /// Takes the state out for a step.
    pub(super) const fn take(&mut self) -> State<S> {
        mem::replace(&mut self.state, State::Taken)
    }
}
