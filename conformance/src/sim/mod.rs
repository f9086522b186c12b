//! The driver `sim`: the core in memory, with a virtual clock, scripted peers and chosen cuts.

pub mod client;
pub mod cuts;
pub mod drive;
pub mod fault;
pub mod files;
pub mod live;
pub mod net;

use serde_json::Value;

pub use cuts::{Cuts, Seeded};
pub use fault::{Fault, Faults};

use crate::client::play::play;
use crate::driver::Driver;
use crate::peer::{Defaults, Malformed, World};
use crate::scenario::Scenario;
use crate::vectors::Exchange;
use client::SimClient;
use files::Files;
use net::Net;

/// Where the files of a scenario are said to be.
const HOME: &str = "/home/scenario";

/// Runs vectors on the core over a simulated network.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sim;

/// What a run gave beside its observations.
#[derive(Clone, Debug, PartialEq)]
pub struct Ran {
    /// In the form of `expect`.
    pub observed: Value,
    /// Bytes from servers that the client read.
    pub delivered: usize,
    /// Outputs of all exchanges.
    pub outputs: usize,
    /// Connections that idled at the end.
    pub idle: usize,
    /// Connections that were open with nothing unread at the end.
    pub open: usize,
}

impl Driver for Sim {
    fn run(&mut self, vector: &Exchange) -> Result<Value, Malformed> {
        run(&vector.vector, Cuts::Nowhere, Faults::default()).map(|ran| ran.observed)
    }
}

/// The values of this client that stand for the library's defaults.
#[must_use]
pub fn defaults() -> Defaults {
    let agent = sessio_core::shared::DEFAULT_USER_AGENT.to_owned();
    Defaults {
        user_agent: agent.clone(),
        accept_encoding: sessio_core::wire::decode::accept_encoding().to_owned(),
        transport_user_agent: agent,
    }
}

/// Runs a vector with its servers' bytes cut so and these faults.
///
/// # Errors
/// If the vector is not of the format.
pub fn run(vector: &Value, cuts: Cuts, faults: Faults) -> Result<Ran, Malformed> {
    let scenario = Scenario::parse(vector)?;
    let world = World::new(vector, defaults())?;
    let given = vector["calls"].as_array().map_or(&[][..], Vec::as_slice);
    let files = Files::new(HOME, &scenario.files);
    let mut client = SimClient::new(Net::new(world, cuts), scenario.clock, faults, files);
    let mut observed = play(&mut client, &scenario, given, HOME);
    let (net, outputs) = (client.net(), client.outputs());
    let idle = client.shared.session.borrow().idle_connections();
    let open = client.net().borrow().clean();
    drop(client);
    let mut net = net.borrow_mut();
    net.settle();
    if let (Value::Object(all), Value::Object(seen)) = (&mut observed, net.world.observed()) {
        all.extend(seen);
    }
    Ok(Ran { observed, delivered: net.delivered, outputs, idle, open })
}
