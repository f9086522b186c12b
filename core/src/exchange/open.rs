//! Getting a connection: probing an idle one, looking a name up, connecting.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem;
use core::net::SocketAddr;

use crate::connection::dial::{Dial, Step, interleave};
use crate::connection::{AttemptId, Connection, Target};
use crate::error::{Error, ErrorKind};
use crate::io::IoError;
use crate::planted::Plant;
use crate::policy::addresses::Addresses;
use crate::trace::What;

use super::Exchange;
use super::io::{Name, Output, Probe};
use super::state::{Choice, Detour, Lookup, Opening, State};

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
            Probe::Quiet => {
                let mut connection = connection;
                if let Some(stack) = &mut connection.stack {
                    stack.equip(&mut self.buffers.stack);
                }
                self.begin_talking(connection)
            }
            Probe::Spoiled => {
                let shown = connection.route.shown.clone();
                self.trace.note(self.now, || What::Spoiled(shown));
                State::Planning { choice: Choice::Any }
            }
        }
    }

    /// The name has these addresses.
    pub(super) fn resolved(&mut self, opening: Box<Opening>, addresses: &[SocketAddr]) -> State<S> {
        if addresses.is_empty() {
            return self.unresolved(&opening, IoError::Unresolved);
        }
        // Proxies, and hosts that the caller vouches for, may be anywhere.
        let guard = match (&opening.route.proxy, opening.detour) {
            (None, Detour::None) => opening.guard,
            (Some(_), _) | (None, Detour::Taken) => Addresses::Any,
        };
        let mut refused = None;
        let mut targets = Vec::new();
        let used = if Plant::SecondAddressUnused.is_on() { 1 } else { usize::MAX };
        for address in interleave(addresses).into_iter().take(used) {
            match guard.check(address.ip()) {
                Ok(()) if opening.options.reaches(&address) => {
                    targets.push(Target::Address(address));
                }
                Ok(()) => {}
                Err(why) => {
                    self.trace.note(self.now, || What::Refused(why));
                    refused.get_or_insert(why);
                }
            }
        }
        match (targets.is_empty(), refused) {
            (false, _) => {
                let dial = Dial::new(targets, self.next_attempt);
                self.dialling(opening, dial)
            }
            (true, Some(refused)) => self.failed(Error::new(ErrorKind::Connection, refused)),
            (true, None) => {
                let kind = Self::connect_error_kind(&opening);
                self.not_connected(kind, IoError::AddressNotAvailable)
            }
        }
    }

    /// The name cannot be looked up.
    pub(super) fn unresolved(&mut self, opening: &Opening, why: IoError) -> State<S> {
        self.not_connected(Self::connect_error_kind(opening), why)
    }

    /// What an error on the way to the first hop is: that of an HTTP proxy is the proxy's.
    ///
    /// Source: `_wrap_proxy_error` in urllib3 2.8, `connectionpool.py`.
    fn connect_error_kind(opening: &Opening) -> ErrorKind {
        match opening.route.has_http_proxy() {
            true => ErrorKind::Proxy,
            false => ErrorKind::Connection,
        }
    }

    /// Connects to one target that needs no look-up.
    pub(super) fn dial_one(&mut self, opening: Box<Opening>, target: Target) -> State<S> {
        let dial = Dial::new([target], self.next_attempt);
        self.dialling(opening, dial)
    }

    /// Goes on dialling, or ends if every attempt has failed.
    pub(super) fn dialling(&mut self, opening: Box<Opening>, mut dial: Dial<S>) -> State<S> {
        self.next_attempt = dial.next_id();
        if let Step::Failed(why) = dial.step() {
            return self.not_connected(Self::connect_error_kind(&opening), why);
        }
        State::Dialing { opening, dial }
    }

    /// An attempt failed.
    pub(super) fn attempt_failed(
        &mut self,
        opening: Box<Opening>,
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
        opening: Box<Opening>,
        mut dial: Dial<S>,
        id: AttemptId,
    ) -> State<S> {
        let Some(attempt) = dial.connected(id) else { return State::Dialing { opening, dial } };
        let route = Arc::clone(&opening.route);
        self.trace.note(self.now, || What::Connected(route.shown.clone()));
        self.raise(opening, attempt.socket)
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
