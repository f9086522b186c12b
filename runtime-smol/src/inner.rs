//! The session that tasks share, and how a task waits for a place.

use event_listener::Event;

use crate::kit::Kit;
use crate::socket::Socket;

/// The core's session over this runtime's sockets.
pub type CoreSession = sessio_core::Session<Socket, Kit>;

/// What the clones of a session share.
pub type SharedSession = sessio_runtime::SharedSession<Socket, Kit, Waiters>;

/// A session, locked: see [`SharedSession::lock`](sessio_runtime::SharedSession::lock).
///
/// It must go before the next `.await` of its task.
pub type SessionGuard<'a> = sessio_runtime::SessionGuard<'a, Socket, Kit, Waiters>;

/// The tasks that wait for a place.
#[derive(Debug, Default)]
pub struct Waiters {
    pub(crate) freed: Event,
}

impl sessio_runtime::Waiters for Waiters {
    fn wake(&self) {
        self.freed.notify(usize::MAX);
    }
}
