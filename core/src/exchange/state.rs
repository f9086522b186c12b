//! The states of an exchange; each owns what is known in it and nothing else.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

use crate::connection::dial::Dial;
use crate::connection::stack::Stack;
use crate::connection::{Connection, Permit, Route, SocketOptions};
use crate::error::Error;
use crate::http1::receive::Heads;
use crate::http1::send::Outgoing;
use crate::message::SourceId;
use crate::policy::addresses::Addresses;
use crate::policy::retry::Failure;
use crate::pool::InLine;
use crate::secret::Secret;
use crate::settings::TimeoutKind;
use crate::time::Instant;
use crate::tls::{Role, TlsConfig, TlsError};
use crate::wire::head::ResponseHead;
use crate::wire::socks::Handshake;

use super::call::{After, Deadline, DeadlineKind};
use super::receiving::Receiving;

/// Where an exchange is.
#[derive(Debug)]
pub(crate) enum State<S> {
    /// Custom auth may sign the request.
    Signing,
    /// The session is needed to choose the way of the next hop.
    Planning { choice: Choice },
    /// No connection is free, or others have asked before.
    Full { choice: Choice, since: Instant, in_line: InLine },
    /// The request is made again at this moment.
    Waiting { until: Instant, span: Duration },
    /// An idle connection is looked at before it is used.
    Probing { connection: Connection<S> },
    /// Files that TLS needs are read.
    Loading { opening: Box<Opening>, files: Files },
    /// A name is looked up.
    Resolving { opening: Box<Opening>, lookup: Lookup },
    /// Attempts to connect are under way.
    Dialing { opening: Box<Opening>, dial: Dial<S> },
    /// The layers above the socket are raised.
    Raising(Box<Raising<S>>),
    /// The connection is given up, with an alert that says why.
    Parting(Box<Parting<S>>),
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
    /// Which addresses may be connected to.
    pub(crate) guard: Addresses,
    /// Whether it goes where the session says, instead of where the route says.
    pub(crate) detour: Detour,
    /// What TLS on it is made with, or why there can be none.
    pub(crate) tls: Result<Secured, TlsError>,
}

/// Whether the caller sends a connection elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detour {
    /// No.
    None,
    /// To another host, which the caller vouches for.
    Taken,
}

/// How far a look-up is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// The runtime is to begin it.
    Wanted,
    /// The runtime has begun it.
    UnderWay,
}

/// The configurations of a connection to be.
#[derive(Clone, Debug)]
pub(crate) struct Secured {
    /// Towards the origin.
    pub(crate) origin: Arc<dyn TlsConfig>,
    /// Towards a proxy: the same roots, and no certificate of this side.
    pub(crate) proxy: Arc<dyn TlsConfig>,
}

/// Files that are read before a connection is opened.
#[derive(Debug)]
pub(crate) struct Files {
    /// Those that were read, in the order in which they were asked for.
    pub(crate) read: Vec<Secret<Vec<u8>>>,
    /// Those that are still to be read, the next one last.
    pub(crate) unread: Vec<String>,
    pub(crate) lookup: Lookup,
}

/// A connection whose layers are put on each other.
#[derive(Debug)]
pub(crate) struct Raising<S> {
    pub(crate) opening: Box<Opening>,
    pub(crate) socket: S,
    pub(crate) stack: Box<Stack>,
    /// How many layers stand, without the one at work.
    pub(crate) done: usize,
    pub(crate) work: Work,
}

/// The layer at work.
#[derive(Debug)]
pub(crate) enum Work {
    /// The handshake of the highest session of TLS.
    Tls(Role),
    /// The proxy is asked for a tunnel.
    Tunnel { heads: Heads, head: Box<ResponseHead> },
    /// The handshake with a SOCKS proxy.
    Socks(Handshake),
    /// The name of the target is looked up for a SOCKS proxy that takes addresses only.
    Lookup { host: Box<str>, port: u16, lookup: Lookup },
}

/// An alert that is sent before a connection is given up.
#[derive(Debug)]
pub(crate) struct Parting<S> {
    pub(crate) socket: S,
    pub(crate) stack: Box<Stack>,
    pub(crate) error: Error,
    pub(crate) failure: Failure,
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
    /// Its name.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Signing => "Signing",
            Self::Planning { .. } => "Planning",
            Self::Full { .. } => "Full",
            Self::Probing { .. } => "Probing",
            Self::Loading { .. } => "Loading",
            Self::Resolving { .. } => "Resolving",
            Self::Dialing { .. } => "Dialing",
            Self::Raising(_) => "Raising",
            Self::Parting(_) => "Parting",
            Self::Rewinding { .. } => "Rewinding",
            Self::Talking(_) => "Talking",
            Self::AtHead(_) => "AtHead",
            Self::Receiving(_) => "Receiving",
            Self::Settling { .. } => "Settling",
            Self::Releasing { .. } => "Releasing",
            Self::Asking { .. } => "Asking",
            Self::Deciding { .. } => "Deciding",
            Self::Done => "Done",
            Self::Failed(_) => "Failed",
            Self::Waiting { .. } => "Waiting",
            Self::Taken => "Taken",
        }
    }

    /// Whether a connection to an HTTP proxy is still to be made.
    ///
    /// Source: `has_connected_to_proxy` in urllib3 2.8, `connection.py`.
    pub(crate) fn is_before_proxy(&self) -> bool {
        match self {
            Self::Loading { opening, .. }
            | Self::Resolving { opening, .. }
            | Self::Dialing { opening, .. } => opening.route.has_http_proxy(),
            Self::Raising(raising) => matches!(raising.work, Work::Tls(Role::Proxy)),
            _ => false,
        }
    }

    /// When this state ends by itself, apart from the total timeout.
    pub(crate) fn deadline(&self, call: &super::call::Call) -> Option<Deadline> {
        let timeouts = &call.plan.timeouts;
        match self {
            Self::Full { since, .. } => Deadline::of(*since, timeouts.pool, TimeoutKind::Pool),
            Self::Waiting { until, .. } => Some(Deadline { at: *until, why: DeadlineKind::Retry }),
            Self::Loading { opening, .. } | Self::Resolving { opening, .. } => {
                Deadline::of(opening.since, timeouts.connect, TimeoutKind::Connect)
            }
            // A peer that is silent in the handshake or about a tunnel is connected to: as in
            // requests the limit is that for connecting, and the error that for reading.
            Self::Raising(raising) => {
                let Raising { opening, work, .. } = &**raising;
                let kind = match work {
                    Work::Tls(Role::Origin) | Work::Tunnel { .. } => TimeoutKind::Read,
                    Work::Tls(Role::Proxy) | Work::Socks(_) | Work::Lookup { .. } => {
                        TimeoutKind::Connect
                    }
                };
                Deadline::of(opening.since, timeouts.connect, kind)
            }
            Self::Dialing { opening, dial } => {
                let connect = Deadline::of(opening.since, timeouts.connect, TimeoutKind::Connect);
                let next = dial.deadline();
                let next = next.map(|at| Deadline { at, why: DeadlineKind::NextAttempt });
                Deadline::earlier(connect, next)
            }
            // Content waits for the caller: it is not the peer who is silent.
            Self::Receiving(receiving) if receiving.has_data() => None,
            Self::Talking(talking) if talking.outgoing.is_held() => {
                let at = call.last_moved.after(call.limits.expect_wait);
                let wait = Deadline { at, why: DeadlineKind::Expect };
                let read = Deadline::of(call.last_moved, timeouts.read, TimeoutKind::Read);
                Deadline::earlier(Some(wait), read)
            }
            Self::Talking(_) | Self::Receiving(_) => {
                Deadline::of(call.last_moved, timeouts.read, TimeoutKind::Read)
            }
            Self::Signing
            | Self::Planning { .. }
            | Self::Probing { .. }
            | Self::Parting(_)
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
