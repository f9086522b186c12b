//! The driver `std`: `sessio-std` over real sockets on the loopback interface.

mod client;
mod live;
mod source;

use serde_json::Value;

use crate::driver::Driver;
use crate::peer::Malformed;
use crate::real::{self, RUN_MAX};
use crate::vectors::Exchange;
pub use client::StdClient;

/// Runs vectors on `sessio-std`, each in a thread and with servers of its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Std;

impl Driver for Std {
    fn run(&mut self, vector: &Exchange) -> Result<Value, Malformed> {
        real::run(&vector.vector, RUN_MAX, StdClient::new)
    }
}

#[cfg(test)]
mod tests;
