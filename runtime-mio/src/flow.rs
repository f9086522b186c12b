//! A call whose response is read by a `Response`: it lies there while it has something to give, and
//! in the loop while it waits for the peer.

use std::fmt;

use sessio_core::exchange::Data;
use sessio_core::{ErrorKind, Input, Output};
use sessio_runtime::{Feed, Reply};

use crate::call::Call;
use crate::session::Session;
use crate::slots::CallId;
use crate::upgraded::Upgraded;
use crate::{Error, Response, Result};

/// A call of a session with a loop of its own. Dropping it gives the call up.
pub struct Flow {
    session: Session,
    id: CallId,
    /// `None` while it is in the loop.
    call: Option<Box<Call>>,
    /// Why the loop cannot go on.
    broken: Option<Error>,
}

impl Flow {
    pub(crate) const fn new(session: Session, id: CallId) -> Self {
        Self { session, id, call: None, broken: None }
    }

    /// Goes on until there is a response; at most so many bytes of a streamed one are collected.
    pub(crate) fn answer(mut self, body_bytes_max: u64) -> Result<Response> {
        self.come_back();
        let Some(call) = &mut self.call else { return Err(self.given_up()) };
        let attached = call.take_attached();
        let head = match call.exchange().poll() {
            Output::Head(head) => Some(head.clone()),
            _ => None,
        };
        let (reply, upgraded) = match head {
            Some(core) => (Reply::streaming(core, self, body_bytes_max), None),
            None => {
                let (core, upgraded) = call.outcome(self.session.shared())?;
                let session = self.session.clone();
                (Reply::at_hand(core), upgraded.map(|socket| Upgraded::new(socket, session)))
            }
        };
        Ok(Response::new(reply.with_attached(attached)).with_upgraded(upgraded))
    }

    /// Serves calls until this one has something to give.
    fn come_back(&mut self) {
        while self.call.is_none() {
            match self.session.turn(|engine| engine.take_held(self.id)) {
                Ok(found) => self.call = found,
                Err(error) => {
                    self.broken = Some(error);
                    return;
                }
            }
        }
    }

    /// Gives the call to the loop, and waits for it.
    fn go_and_come_back(&mut self) {
        if let Some(call) = self.call.take() {
            match self.session.engine() {
                Ok(mut engine) => engine.put_back(call),
                Err(error) => self.broken = Some(error),
            }
        }
        if self.broken.is_none() {
            self.come_back();
        }
    }

    fn given_up(&mut self) -> Error {
        let why = "the call was given up";
        let given_up = || sessio_core::Error::new(ErrorKind::Connection, why).into();
        self.broken.take().unwrap_or_else(given_up)
    }
}

impl Feed for Flow {
    type Upgraded = Upgraded;

    fn data(&mut self) -> Option<Data<'_>> {
        loop {
            let call = self.call.as_mut()?;
            match call.exchange().poll() {
                Output::Data(_) => break,
                Output::Done => return None,
                Output::Head(_) => call.read_on(),
                // Until now nobody listened to the peer.
                Output::Transfer(_) => call.tell_now(Input::Continue, &self.session),
                _ => {}
            }
            self.go_and_come_back();
        }
        self.call.as_mut()?.data()
    }

    fn consumed(&mut self, count: usize) {
        let Some(call) = &mut self.call else { return };
        call.tell_now(Input::Consumed(count), &self.session);
        let mut has_consulted = false;
        while matches!(call.exchange().poll(), Output::Consult) {
            call.consult(&self.session);
            has_consulted = true;
        }
        call.tell_observer();
        if has_consulted && let Ok(mut engine) = self.session.engine() {
            engine.freed = true;
        }
    }

    fn read_as_it_came(&mut self) {
        if let Some(call) = &mut self.call {
            call.exchange().set_decoding(sessio_core::exchange::Coded::AsItCame);
        }
    }

    fn finish(mut self) -> Result<sessio_core::Response> {
        match &mut self.call {
            Some(call) => call.outcome(self.session.shared()).map(|(response, _)| response),
            None => Err(self.given_up()),
        }
    }
}

impl Drop for Flow {
    fn drop(&mut self) {
        self.call = None;
        self.session.cancel(self.id);
    }
}

impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flow").field("id", &self.id).finish_non_exhaustive()
    }
}
