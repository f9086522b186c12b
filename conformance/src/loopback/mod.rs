//! The scripted servers behind real sockets on the loopback interface.
//!
//! One thread serves all servers of a vector: it waits in `poll`, feeds the lines of
//! [`crate::peer`] and does what they say. The client under test runs in the caller's thread.

mod outcomes;
mod service;
mod sockets;

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;

pub use outcomes::Outcomes;

use crate::peer::{Attempt, LookUp, TlsProvider, World};
use service::{Order, Service};
use sockets::Bell;

/// How long the servers are waited for.
const QUIESCE_MAX: Duration = Duration::from_secs(2);

/// A world with a loopback address for each of its servers. Dropping it ends its thread and
/// closes every socket.
#[derive(Debug)]
pub struct LoopbackWorld {
    world: Arc<Mutex<World>>,
    addresses: BTreeMap<(String, u16), SocketAddr>,
    ports: Vec<SocketAddr>,
    outcomes: Outcomes,
    orders: Sender<Order>,
    bell: Bell,
    /// Until it was stopped.
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Whether the servers came to rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Everything sent has arrived, everything answered has been sent.
    Settled,
    /// Not within two seconds.
    Restless,
}

impl LoopbackWorld {
    /// Listens for every server of `world` and begins to serve.
    ///
    /// # Errors
    /// If the system has no socket or thread left.
    pub fn start(world: World, provider: Arc<dyn TlsProvider>) -> io::Result<Self> {
        let mut listeners = Vec::new();
        let mut addresses = BTreeMap::new();
        let mut ports = Vec::new();
        for peer in world.peers() {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            listener.set_nonblocking(true)?;
            let address = listener.local_addr()?;
            // As in the recordings, the first of two entries with one address counts.
            let script = peer.script();
            addresses.entry((script.host.clone(), script.port)).or_insert(address);
            ports.push(address);
            listeners.push(listener);
        }
        let world = Arc::new(Mutex::new(world));
        let (bell, ear) = sockets::bell()?;
        let (orders, inbox) = channel();
        let service = Service::new(Arc::clone(&world), listeners, provider, inbox, ear);
        let thread = std::thread::Builder::new().name("peers".to_owned());
        let thread = Mutex::new(Some(thread.spawn(move || service.run())?));
        let outcomes = Outcomes::new()?;
        Ok(Self { world, addresses, ports, outcomes, orders, bell, thread })
    }

    /// For `connect_to`: where every server listens.
    #[must_use]
    pub fn addresses(&self) -> &BTreeMap<(String, u16), SocketAddr> {
        &self.addresses
    }

    /// Where a connection attempt to `host:port` is to go so that it ends as the vector says, and
    /// how it will end. The attempt is noted in `dials`.
    pub fn dial(&self, host: &str, port: u16) -> (Attempt, SocketAddr) {
        match self.lock().dial(host, port) {
            Ok(server) => (Attempt::Ok, self.ports[server]),
            Err(Attempt::Timeout) => (Attempt::Timeout, self.outcomes.silent()),
            Err(failed) => (failed, self.outcomes.refusing()),
        }
    }

    /// What the client looks a name up for.
    #[must_use]
    pub fn look_up(&self, name: &str) -> LookUp {
        self.lock().look_up(name)
    }

    /// Waits until every reply is completely sent and every close has reached the client.
    ///
    /// To be called before each request of the client: what the client did before the call is
    /// seen, and what the servers owe it is done, apart from scripted pauses above 20 ms.
    #[must_use]
    pub fn quiesce(&self) -> Rest {
        let (answer, settled) = channel();
        if self.orders.send(Order::Settle(answer)).is_err() {
            return Rest::Restless;
        }
        self.bell.ring();
        match settled.recv_timeout(QUIESCE_MAX) {
            Ok(()) => Rest::Settled,
            Err(_) => Rest::Restless,
        }
    }

    /// Ends everything and says what the servers saw: `wire`, `dials`, `connections`,
    /// `unused_replies`. From then on nobody answers.
    #[must_use]
    pub fn finish(&self) -> Value {
        self.stop();
        self.lock().observed()
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(thread) = thread else { return };
        // A thread that is gone already needs neither order nor bell.
        let _ = self.orders.send(Order::Stop);
        self.bell.ring();
        let _ = thread.join();
    }
}

impl Drop for LoopbackWorld {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests;
