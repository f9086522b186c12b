//! The states of an exchange; each owns what is known in it and nothing else.

use alloc::boxed::Box;
use alloc::sync::Arc;

use crate::connection::dial::Dial;
use crate::connection::{Connection, Permit, Route, SocketOptions};
use crate::error::Error;
use crate::http1::receive::Heads;
use crate::http1::send::Outgoing;
use crate::message::SourceId;
use crate::settings::TimeoutKind;
use crate::time::Instant;
use crate::wire::head::ResponseHead;

use super::call::{After, Deadline, DeadlineKind};
use super::receiving::Receiving;

/// Where an exchange is.
#[derive(Debug)]
pub(crate) enum State<S> {
    /// Custom auth may sign the request.
    Signing,
    /// The session is needed to choose the way of the next hop.
    Planning { choice: Choice },
    /// No connection is free.
    Full { choice: Choice, since: Instant },
    /// An idle connection is looked at before it is used.
    Probing { connection: Connection<S> },
    /// A name is looked up.
    Resolving { opening: Opening, lookup: Lookup },
    /// Attempts to connect are under way.
    Dialing { opening: Opening, dial: Dial<S> },
    /// The sources of the upload are set back, the part at `part` next.
    Rewinding { connection: Connection<S>, part: usize, source: SourceId },
    /// The request goes out and the response's head is awaited.
    Talking(Talking<S>),
    /// The head is there and the caller has not asked for the body.
    AtHead(Receiving<S>),
    /// The body comes in.
    Receiving(Receiving<S>),
    /// The body has come; the session is needed to take the connection back.
    Settling { connection: Option<Connection<S>>, after: After },
    /// The call has failed; the session is needed to take the connection back.
    Releasing { connection: Option<Connection<S>>, error: Error },
    /// Hooks and custom auth look at the response, whose body is still to come if `rest` is there.
    Asking { rest: Option<Box<Receiving<S>>> },
    /// The session is needed to keep cookies and to say what follows.
    Deciding { rest: Option<Box<Receiving<S>>> },
    /// There is a response.
    Done,
    /// There is none.
    Failed(Error),
    /// Within a step.
    Taken,
}

/// Which connections will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Any that is sound.
    Any,
    /// A new one: an idle one was just found dead.
    Fresh,
}

/// A connection to be.
#[derive(Debug)]
pub(crate) struct Opening {
    pub(crate) route: Arc<Route>,
    pub(crate) permit: Permit,
    /// When it was begun: the connect timeout counts from here.
    pub(crate) since: Instant,
    /// The host and port that are looked up.
    pub(crate) host: Box<str>,
    pub(crate) port: u16,
    /// How its socket is set up.
    pub(crate) options: SocketOptions,
}

/// How far a look-up is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// The runtime is to begin it.
    Wanted,
    /// The runtime has begun it.
    UnderWay,
}

/// A request on its way.
#[derive(Debug)]
pub(crate) struct Talking<S> {
    pub(crate) connection: Connection<S>,
    pub(crate) outgoing: Outgoing,
    pub(crate) heads: Heads,
    pub(crate) head: Box<ResponseHead>,
    pub(crate) answer: Answer,
}

/// Whether a byte of the response has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Nothing,
    Begun,
}

impl<S> State<S> {
    /// When this state ends by itself, apart from the total timeout.
    pub(crate) fn deadline(&self, call: &super::call::Call) -> Option<Deadline> {
        let timeouts = &call.plan.timeouts;
        match self {
            Self::Full { since, .. } => Deadline::of(*since, timeouts.pool, TimeoutKind::Pool),
            Self::Resolving { opening, .. } => {
                Deadline::of(opening.since, timeouts.connect, TimeoutKind::Connect)
            }
            Self::Dialing { opening, dial } => {
                let connect = Deadline::of(opening.since, timeouts.connect, TimeoutKind::Connect);
                let next = dial.deadline();
                let next = next.map(|at| Deadline { at, why: DeadlineKind::NextAttempt });
                Deadline::earlier(connect, next)
            }
            // Content waits for the caller: it is not the peer who is silent.
            Self::Receiving(receiving) if receiving.has_data() => None,
            Self::Talking(_) | Self::Receiving(_) => {
                Deadline::of(call.last_moved, timeouts.read, TimeoutKind::Read)
            }
            Self::Signing
            | Self::Planning { .. }
            | Self::Probing { .. }
            | Self::Rewinding { .. }
            | Self::AtHead(_)
            | Self::Settling { .. }
            | Self::Releasing { .. }
            | Self::Asking { .. }
            | Self::Deciding { .. }
            | Self::Done
            | Self::Failed(_)
            | Self::Taken => None,
        }
    }
}
