//! What a driver has for its caller: heads, pieces of bodies, outcomes, questions.

use bytes::Bytes;
use sessio_core::Response;

use crate::Result;
use crate::names::LookupId;
use crate::slots::CallId;
use crate::upgraded_socket::UpgradedSocket;

/// Something for the caller, drained with `next`.
#[derive(Debug)]
pub enum Completion {
    /// The head of a streamed call's response. Its body is read once this was taken.
    Head(CallId, Box<Response>),
    /// A piece of a streamed body, decoded. While pieces wait to be taken, no more is read than
    /// [`PIECES_BYTES_MAX`].
    Data(CallId, Bytes),
    /// What was pushed of an upload has gone out: there is room for more.
    Room(CallId),
    /// The connection of a call that no longer speaks HTTP: behind a 101 that the request asked for
    /// by `Connection: upgrade` and `Upgrade`, or behind the 2xx to a `CONNECT`. [`Done`](Self::Done)
    /// follows, with the response; dropping this closes the connection.
    Upgraded(CallId, Box<UpgradedSocket>),
    /// The call is over, and its id names nothing any more. Unless the call was streamed, the
    /// response has its body.
    Done(CallId, Result<Box<Response>>),
    /// Look this name up, and answer with `resolved`; only if the caller wants to do that.
    Resolve {
        /// Names the question in the answer.
        id: LookupId,
        /// The host: a name, or an IP address if the session's `lookups` says so.
        host: Box<str>,
        /// The port to put into the addresses.
        port: u16,
    },
}

/// How many bytes of a streamed body may wait to be taken, for one call; a single piece may be
/// larger.
pub const PIECES_BYTES_MAX: usize = 64 * 1024;
