//! The driver `std`: `sessio-std` over real sockets on the loopback interface.

use serde_json::Value;
use sessio_runtime::blocking::Front;
use sessio_std::{CoreSession, Kit, Session, Socket, Waiters};

use crate::driver::Driver;
use crate::peer::Malformed;
use crate::real::blocking::{BlockingClient, Runtime};
use crate::real::{self, RUN_MAX};
use crate::vectors::Exchange;

/// Runs vectors on `sessio-std`, each in a thread and with servers of its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Std;

/// A session of `sessio-std` as a client.
pub type StdClient = BlockingClient<Std>;

impl Driver for Std {
    fn run(&mut self, vector: &Exchange) -> Result<Value, Malformed> {
        real::run(&vector.vector, RUN_MAX, StdClient::new)
    }
}

impl Runtime for Std {
    type Socket = Socket;
    type Kit = Kit;
    type Waiters = Waiters;
    type Feed = <Session as Front>::Feed;
    type Session = Session;

    fn session(core: CoreSession) -> Session {
        Session::from_core(core)
    }
}

#[cfg(test)]
mod tests;
