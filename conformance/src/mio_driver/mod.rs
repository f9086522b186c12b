//! The driver `mio`: `sessio-mio` over real sockets on the loopback interface.

use serde_json::Value;
use sessio_mio::{CoreSession, Kit, Session, Socket, Waiters};
use sessio_runtime::blocking::Front;

use crate::driver::Driver;
use crate::peer::Malformed;
use crate::real::blocking::{BlockingClient, Runtime};
use crate::real::{self, RUN_MAX};
use crate::vectors::Exchange;

/// Runs vectors on `sessio-mio`, each in a thread and with servers of its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mio;

/// A session of `sessio-mio` as a client.
pub type MioClient = BlockingClient<Mio>;

impl Driver for Mio {
    fn run(&mut self, vector: &Exchange) -> Result<Value, Malformed> {
        real::run(&vector.vector, RUN_MAX, MioClient::new)
    }
}

impl Runtime for Mio {
    type Socket = Socket;
    type Kit = Kit;
    type Waiters = Waiters;
    type Feed = <Session as Front>::Feed;
    type Session = Session;

    fn session(core: CoreSession) -> Session {
        Session::from_core(core)
    }
}
