//! What this runtime attaches to requests, and the session that its calls share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub use sessio_runtime::kit::{AuthFlow, AuthVerdict, BoxError, Hook, HookId, HookResult, Verdict};

use crate::socket::Socket;
use crate::upload::Source;

/// The attachments of this runtime.
#[derive(Clone, Copy, Debug)]
pub struct Kit;

impl sessio_core::Kit for Kit {
    type Hook = Hook;
    type Auth = Arc<dyn AuthFlow>;
    type Source = Source;
}

/// What the caller attached to a call.
pub(crate) type Attached = sessio_runtime::Attached<Kit>;

/// The core's session over this runtime's sockets.
pub type CoreSession = sessio_core::Session<Socket, Kit>;

/// The settings of a session, its cookies and its idle connections, behind a lock.
pub type SharedSession = sessio_runtime::SharedSession<Socket, Kit, Waiters>;

/// A session, locked: see [`SharedSession::lock`].
pub type SessionGuard<'a> = sessio_runtime::SessionGuard<'a, Socket, Kit, Waiters>;

/// Remembers that there is a place for a call that waits for one: given back, or because somebody had
/// the session locked and the limits are others.
#[derive(Debug, Default)]
pub struct Waiters {
    woken: AtomicBool,
}

impl Waiters {
    /// Whether there was one since [`take`](Self::take).
    pub(crate) fn is_woken(&self) -> bool {
        self.woken.load(Ordering::Acquire)
    }

    /// Whether there was one since this was asked last.
    pub(crate) fn take(&self) -> bool {
        self.woken.swap(false, Ordering::AcqRel)
    }
}

impl sessio_runtime::Waiters for Waiters {
    fn wake(&self, _: sessio_core::pool::Ticket) {
        self.woken.store(true, Ordering::Release);
    }
}
