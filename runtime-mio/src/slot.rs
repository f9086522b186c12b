//! What the driver keeps about one call.

use sessio_core::Instant;
use sessio_core::pool::Ticket;

use crate::call::Call;
use crate::outbox::Outbox;

/// A call, and what the driver keeps about it.
pub(crate) struct Slot {
    /// Away while code of the caller's runs, or while a `Response` reads from it.
    pub(crate) call: Option<Box<Call>>,
    /// Whether it is in the line of those that run.
    pub(crate) run: Run,
    /// What the timers have for it.
    pub(crate) armed: Option<Instant>,
    /// Its turn to have a place, if it waits for one.
    pub(crate) turn: Option<Ticket>,
    pub(crate) outbox: Outbox,
    pub(crate) held: Held,
}

/// Whether a call is in the line of those that run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Run {
    Rests,
    Queued,
}

/// Whether a call waits for the `Response` that reads from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    No,
    Yes,
}
