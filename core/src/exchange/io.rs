//! What an exchange asks for and what it may be told: the whole interface between core and runtime.

use alloc::boxed::Box;
use core::net::SocketAddr;

use crate::connection::{Attempt, AttemptId, SocketOptions, Target};
use crate::io::IoError;
use crate::message::{PreparedRequest, Response, SourceId};

/// What an exchange wants done next.
///
/// Asking twice gives the same: nothing changes until [`Exchange::handle`] or
/// [`Exchange::consult`] is called. The list is exhaustive on purpose: a new output must not
/// compile until every runtime serves it.
///
/// [`Exchange::handle`]: super::Exchange::handle
/// [`Exchange::consult`]: super::Exchange::consult
#[derive(Debug)]
pub enum Output<'a, S> {
    /// Lend the session for a moment: call [`Exchange::consult`](super::Exchange::consult).
    Consult,
    /// Look this name up. Answer [`Input::Resolved`], [`Input::Unresolved`], or [`Input::Pending`]
    /// if the look-up has begun and its answer comes later.
    Resolve(Name<'a>),
    /// Begin to connect to this and do not wait. Answer [`Input::Connecting`] with the half-open
    /// socket, or [`Input::NotConnected`].
    Connect {
        /// Names the attempt in the answer.
        id: AttemptId,
        /// Where to.
        target: &'a Target,
        /// How the socket is set up before.
        options: &'a SocketOptions,
    },
    /// Wait until one of these sockets is through or has failed, or the deadline passes. Answer
    /// [`Input::Connected`] or [`Input::NotConnected`].
    Await(&'a mut [Attempt<S>]),
    /// Has this idle socket anything to read, or has the peer closed it? Answer [`Input::Probed`].
    Probe(&'a mut S),
    /// Move bytes: whichever of the three can go on first. Answer [`Input::Moved`],
    /// [`Input::Piece`], [`Input::SourceFailed`] or [`Input::Lost`].
    Transfer(Transfer<'a, S>),
    /// Set this source of the upload back to its start. Answer [`Input::Rewound`].
    Rewind(SourceId),
    /// Read this file, a text in PEM. Of a folder, all files in it, one after the other. Answer
    /// [`Input::Loaded`], [`Input::NotLoaded`], or [`Input::Pending`] if its text comes later.
    Load(&'a str),
    /// Nothing can go on but an answer that is under way ([`Input::Pending`] was the last one), or
    /// the deadline.
    Wait,
    /// Every connection that is allowed is in use, or others have asked before. When one is released,
    /// or an exchange that had one or waited for one is dropped or goes on, ask the session again:
    /// call [`Exchange::consult`](super::Exchange::consult).
    Full,
    /// Custom auth may sign the request. Answer [`Input::Continue`].
    Prepared(&'a mut PreparedRequest),
    /// The response's head is there. Answer [`Input::Continue`] when the body is wanted; until then
    /// nothing is read.
    Head(&'a Response),
    /// A piece of the body, decoded. Answer [`Input::Consumed`] with how much of it was used.
    Data(Data<'a>),
    /// Hooks and custom auth may look at the response and change it. Answer [`Input::Continue`], or
    /// [`Input::Resend`] to send a request again and have its response looked at in turn.
    Respond(&'a mut Response),
    /// It is over: call [`Exchange::finish`](super::Exchange::finish).
    Done,
}

/// A name that has to be looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<'a> {
    /// The host name.
    pub host: &'a str,
    /// The port to put into the addresses.
    pub port: u16,
}

/// Bytes that can move over a socket now.
#[derive(Debug)]
pub struct Transfer<'a, S> {
    /// The socket.
    pub socket: &'a mut S,
    /// Bytes to send, in this order; both empty if there is nothing to send now.
    pub send: [&'a [u8]; 2],
    /// Room to receive into; never empty.
    pub receive: &'a mut [u8],
    /// Room for the next piece of the upload, if one is wanted.
    pub upload: Option<Upload<'a>>,
}

/// Room for the next piece of an upload.
#[derive(Debug)]
pub struct Upload<'a> {
    /// Which source is to fill it.
    pub source: SourceId,
    /// Where to: at least one byte.
    pub room: &'a mut [u8],
}

/// A piece of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Data<'a> {
    /// The bytes; empty only where a piece ends of which no more bytes came out of the decoder.
    pub bytes: &'a [u8],
    /// Whether a piece of the peer's ends behind them.
    pub piece: PieceEnd,
}

/// Whether a piece ends: with chunked transfer coding each chunk is one, else the whole body is.
///
/// Unlike the cuts between [`Output::Data`], these do not depend on how the bytes arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PieceEnd {
    /// The next bytes belong to another piece.
    Here,
    /// More of this piece follows, or its end is not known yet.
    NotYet,
}

/// What an exchange is told.
///
/// Anything may be said at any time: it is used, or ignored, or ends the call with an error.
#[derive(Debug)]
pub enum Input<'a, S> {
    /// The addresses of the name, in the resolver's order.
    Resolved(&'a [SocketAddr]),
    /// The name cannot be looked up.
    Unresolved(IoError),
    /// The text of the file.
    Loaded(&'a [u8]),
    /// The file cannot be read.
    NotLoaded(IoError),
    /// A look-up or the reading of a file has begun; its answer comes later.
    Pending,
    /// This attempt has begun with this socket.
    Connecting(AttemptId, S),
    /// This attempt is through.
    Connected(AttemptId),
    /// This attempt failed.
    NotConnected(AttemptId, IoError),
    /// What the probe found.
    Probed(Probe),
    /// So many bytes were sent and received.
    Moved {
        /// Bytes sent, of both slices together.
        sent: usize,
        /// What came in.
        received: Received,
    },
    /// The source put so many bytes into the room; 0 is its end.
    Piece(usize),
    /// The source cannot be read.
    SourceFailed,
    /// The source is at its start again, or cannot be set back.
    Rewound(Rewound),
    /// The connection broke.
    Lost(IoError),
    /// Go on. While a streamed body is read: the caller wants more after a while in which nobody
    /// listened to the peer, so that the read timeout counts from now.
    Continue,
    /// So many bytes of the data were used.
    Consumed(usize),
    /// Send this request before going on.
    Resend(Box<PreparedRequest>),
    /// The hook or the auth handler failed: the call ends with its error.
    Refuse,
    /// Time has passed: look at the deadline.
    Tick,
}

/// What came in on a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// Nothing yet.
    Nothing,
    /// So many bytes; 0 is the end of the stream.
    Bytes(usize),
}

/// What a probe of an idle socket found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// Open, with nothing to read: it may be used again.
    Quiet,
    /// Closed, broken, or with bytes that nobody asked for.
    Spoiled,
}

/// What came of setting a source back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewound {
    /// It is at its start.
    Done,
    /// It cannot go back.
    Impossible,
}
