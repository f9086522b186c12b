//! The driver `smol`: `sessio-smol` over real sockets on the loopback interface.

mod client;
mod live;
mod source;

use serde_json::Value;

use crate::driver::Driver;
use crate::peer::Malformed;
use crate::real::{self, RUN_MAX};
use crate::vectors::Exchange;
pub use client::SmolClient;

/// Runs vectors on `sessio-smol`, each in a thread and with servers of its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Smol;

impl Driver for Smol {
    fn run(&mut self, vector: &Exchange) -> Result<Value, Malformed> {
        real::run(&vector.vector, RUN_MAX, SmolClient::new)
    }
}
