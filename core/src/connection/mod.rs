//! Connections: where they lead, how one is opened, what it holds.

pub mod dial;
pub mod route;
pub(crate) mod stack;
pub mod target;

use alloc::boxed::Box;
use alloc::sync::Arc;

use crate::time::Instant;
pub use dial::{Attempt, AttemptId};
pub use route::{End, Layer, Route, Security, TargetForm, Wanted};
use stack::Stack;
pub use target::{SocketOptions, Target};

/// A place under the connection limits: it is free again when the last holder is dropped.
///
/// The session counts the holders, so a dropped exchange needs to tell nobody.
#[derive(Clone, Debug)]
pub(crate) struct Permit {
    #[expect(dead_code, reason = "held for its count")]
    of_session: Arc<()>,
    #[expect(dead_code, reason = "held for its count")]
    of_route: Arc<()>,
}

impl Permit {
    pub(crate) const fn new(of_session: Arc<()>, of_route: Arc<()>) -> Self {
        Self { of_session, of_route }
    }
}

/// An open connection: the runtime's socket and what the core knows of it.
#[derive(Debug)]
pub(crate) struct Connection<S> {
    /// The runtime's socket: lent out, never touched.
    pub(crate) socket: S,
    /// TLS on it, if there is any.
    pub(crate) stack: Option<Box<Stack>>,
    /// Where it leads: only a request of the same route may use it.
    pub(crate) route: Arc<Route>,
    /// Its place under the limits.
    #[expect(dead_code, reason = "held as long as the connection lives")]
    pub(crate) permit: Permit,
    /// How many requests it has carried.
    pub(crate) requests: u32,
    /// When it became idle.
    pub(crate) idle_since: Instant,
}
