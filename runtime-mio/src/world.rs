//! What a call is served with, and where it stops.

use crate::kit::SharedSession;
use crate::names::Names;
use crate::tokens::Tokens;

/// What a call is served with.
pub(crate) struct World<'a> {
    pub(crate) session: &'a SharedSession,
    pub(crate) tokens: &'a mut Tokens,
    pub(crate) names: &'a mut Names,
    pub(crate) probes: Probes,
    /// Whether a place under the connection limits may have become free.
    pub(crate) freed: &'a mut bool,
}

/// Whether an idle connection may be used on the word of the events that were seen already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Probes {
    /// It may: events come in anyway.
    AtOnce,
    /// The loop looks for events first: so a close that has arrived is seen.
    AfterPoll,
}

/// Where a call stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Nothing can go on before an event, an answer, a push or the deadline.
    Blocked,
    /// Every connection that is allowed is in use.
    Full,
    /// It is another call's turn, or the loop is to look for events.
    Later,
    /// Code of the caller's is to run: `Call::outside`.
    Outside,
    /// The head of a streamed response is there.
    Head,
    /// A piece of its body is.
    Data,
    /// It is over.
    Done,
}
