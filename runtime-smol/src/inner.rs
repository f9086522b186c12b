//! The session that tasks share, and how a task waits for a place.

use std::sync::Arc;
use std::task::Waker;

use sessio_core::pool::Ticket;
use sessio_runtime::shared::waiters;
use sessio_runtime::waiting::Waiting;

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
pub type Waiters = Waiting<Waker>;

/// A task that waits for a place, until this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    session: Arc<SharedSession>,
    turn: Ticket,
}

impl Place {
    /// Begins to wait, or waits on with another waker. The session's lock is held.
    pub(crate) fn wait(session: &Arc<SharedSession>, turn: Ticket, waker: &Waker) -> Self {
        waiters(session).put(turn, waker.clone());
        Self { session: Arc::clone(session), turn }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        waiters(&self.session).leave(self.turn);
    }
}
