//! Where the body of a response is, and what is left of it.

use bytes::{Buf, Bytes};
use sessio_core::exchange::PieceEnd;

/// Where the body is.
pub(super) enum Body<C> {
    /// In the core's response; up to here it was read.
    AtHand { read: usize },
    /// On its way, behind what is left of an earlier reading. More than so many bytes are not
    /// collected.
    Streaming { call: Box<C>, body_bytes_max: u64, begun: Begun, left: Left },
    /// All has come, and this was not read yet.
    Ended { left: Left },
    /// Nothing can be read any more.
    Gone(Fate),
}

/// Whether anything of a streamed body was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begun {
    Not,
    Decoded,
    AsItCame,
}

/// Why nothing can be read any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It was read to its end.
    Read,
    /// It broke off, or was more than is allowed.
    GivenUp,
    /// The caller closed it: it has no more content.
    Closed,
}

/// Content that an iterator took and did not give out.
#[derive(Debug)]
pub(super) struct Left {
    pub(super) bytes: Bytes,
    pub(super) piece: PieceEnd,
}

impl Default for Left {
    fn default() -> Self {
        Self { bytes: Bytes::new(), piece: PieceEnd::NotYet }
    }
}

impl Left {
    pub(super) fn lend(&mut self, take: impl FnOnce(&[u8], PieceEnd) -> usize) {
        let used = take(&self.bytes, self.piece).min(self.bytes.len());
        self.bytes.advance(used);
    }
}
