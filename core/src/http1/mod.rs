//! One request and its response over a connection's bytes: HTTP/1.1 without the socket.

pub(crate) mod buffers;
pub(crate) mod receive;
pub mod send;

use core::fmt;

use crate::policy::framing::FramingError;
use crate::policy::interim::Refusal;
use crate::wire::chunked::ChunkError;
use crate::wire::head::HeadError;

/// How the peer broke HTTP/1.1, or ended before it was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceiveError {
    /// The head is broken.
    Head(HeadError),
    /// The head frames the body in a way that is not allowed.
    Framing(FramingError),
    /// A chunk is broken.
    Chunk(ChunkError),
    /// There are too many interim responses, or one that nobody asked for.
    Interim(Refusal),
    /// The peer sent bytes before the request was on its way.
    Unasked,
    /// The stream ended before a byte of the response.
    NoResponse,
    /// The stream ended within the head.
    InHead,
    /// The stream ended within the body.
    Incomplete {
        /// How many bytes were still to come, if that is known.
        missing: Option<u64>,
    },
}

impl fmt::Display for ReceiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head(error) => error.fmt(f),
            Self::Framing(error) => error.fmt(f),
            Self::Chunk(error) => error.fmt(f),
            Self::Interim(refusal) => refusal.fmt(f),
            Self::Unasked => f.write_str("the peer answered before it was asked"),
            Self::NoResponse => f.write_str("the peer closed the connection without a response"),
            Self::InHead => f.write_str("the peer closed the connection within the response head"),
            Self::Incomplete { missing: Some(missing) } => {
                write!(f, "the peer closed the connection {missing} bytes short of the body's end")
            }
            Self::Incomplete { missing: None } => {
                f.write_str("the peer closed the connection within the body")
            }
        }
    }
}

impl core::error::Error for ReceiveError {}

macro_rules! from {
    ($($error:ty => $variant:ident),+ $(,)?) => {
        $(impl From<$error> for ReceiveError {
            fn from(error: $error) -> Self {
                Self::$variant(error)
            }
        })+
    };
}

from! { HeadError => Head, FramingError => Framing, ChunkError => Chunk, Refusal => Interim }
