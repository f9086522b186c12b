//! A body in items: what is between a response and what cuts its content.

use std::fmt;

use bytes::Bytes;
use sessio_core::Kit;
use sessio_core::exchange::PieceEnd;
use sessio_core::message::cuts::Cut;

use super::{Feed, More, Reply};
use crate::{Error, Result};

/// The items of a response's body, read as they are asked for: [`take`](Self::take) one, and where
/// that is none yet, [`pull`](Self::pull).
///
/// An error is given once, behind the items that came before it, and then nothing follows. What was
/// taken from a streamed body and not given out goes back to the response when this is dropped; but
/// content that is text already, of `iter_text_lines`, is lost.
pub struct Items<'a, F: Feed, K: Kit, C: Cut> {
    reply: &'a mut Reply<F, K>,
    cut: C,
    stage: Stage,
    /// Whether a piece ends behind what was pushed last.
    piece: PieceEnd,
}

enum Stage {
    /// From the beginning of the body at hand, which was not pushed yet.
    AtHand,
    /// From what comes.
    Streaming,
    /// All content was pushed.
    Ended,
    /// The error, once the items before it are out.
    Broken(Error),
    Over,
}

impl<'a, F: Feed, K: Kit, C: Cut> Items<'a, F, K, C> {
    /// The items that `cut` makes of the body.
    pub const fn new(reply: &'a mut Reply<F, K>, cut: C) -> Self {
        let stage = if reply.is_at_hand() { Stage::AtHand } else { Stage::Streaming };
        Self { reply, cut, stage, piece: PieceEnd::NotYet }
    }

    /// The next item, or the end; `None` if more content has to be pulled first.
    pub fn take(&mut self) -> Option<Option<Result<C::Item>>> {
        if matches!(self.stage, Stage::Over) {
            return Some(None);
        }
        match self.cut.take() {
            Ok(Some(item)) => return Some(Some(Ok(item))),
            Ok(None) => {}
            Err(too_long) => {
                self.stage = Stage::Over;
                self.reply.give_up();
                let error = sessio_core::Error::from(too_long);
                return Some(Some(Err(error.with_request(self.reply.core.request.clone()).into())));
            }
        }
        match std::mem::replace(&mut self.stage, Stage::Over) {
            stage @ (Stage::AtHand | Stage::Streaming) => {
                self.stage = stage;
                None
            }
            Stage::Ended | Stage::Over => Some(None),
            Stage::Broken(error) => Some(Some(Err(error))),
        }
    }

    /// The call that [`pull`](Self::pull) asks for a piece, if it does.
    pub fn awaited(&mut self) -> Option<&mut F> {
        match self.stage {
            Stage::Streaming => self.reply.awaited(),
            Stage::AtHand | Stage::Ended | Stage::Broken(_) | Stage::Over => None,
        }
    }

    /// Takes what comes next: no more than the next item lacks, so that a body given up half-way is
    /// given up with its connection however much of it has arrived.
    pub fn pull(&mut self) {
        match self.stage {
            Stage::AtHand => {
                self.cut.push(self.reply.core.bytes());
                self.cut.finish();
                self.stage = Stage::Ended;
            }
            Stage::Streaming => self.pull_streamed(),
            Stage::Ended | Stage::Broken(_) | Stage::Over => {}
        }
    }

    fn pull_streamed(&mut self) {
        let (cut, piece) = (&mut self.cut, &mut self.piece);
        let more = self.reply.next_data(|bytes, end| {
            let count = bytes.len().min(cut.wanted());
            let (now, _) = bytes.split_at(count);
            cut.push(now);
            *piece = if count == bytes.len() { end } else { PieceEnd::NotYet };
            if *piece == PieceEnd::Here {
                cut.boundary();
            }
            count
        });
        match more {
            Ok(More::Content) => {}
            Ok(More::End) => {
                self.cut.finish();
                self.stage = Stage::Ended;
            }
            Err(error) => {
                self.stage = Stage::Broken(error);
            }
        }
    }
}

impl<F: Feed, K: Kit, C: Cut> Drop for Items<'_, F, K, C> {
    fn drop(&mut self) {
        let rest = self.cut.rest();
        self.reply.give_back(Bytes::copy_from_slice(rest), self.piece);
    }
}

impl<F: Feed, K: Kit, C: Cut> fmt::Debug for Items<'_, F, K, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("response", &self.reply).finish_non_exhaustive()
    }
}
