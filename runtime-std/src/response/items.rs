//! A body in items: the loop between a response and what cuts its content.

use std::fmt;

use bytes::Bytes;
use sessio_core::exchange::PieceEnd;
use sessio_core::message::cuts::Cut;

use super::Response;
use super::reading::More;
use crate::{Error, Result};

/// The items of a response's body, read as they are asked for.
///
/// An error is given once, behind the items that came before it, and then nothing follows. What was
/// taken from a streamed body and not given out goes back to the response when this is dropped; but
/// content that is text already, of `iter_text_lines`, is lost.
pub struct Items<'a, C: Cut> {
    response: &'a mut Response,
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

impl<'a, C: Cut> Items<'a, C> {
    pub(crate) fn new(response: &'a mut Response, cut: C) -> Self {
        let stage = if response.is_at_hand() { Stage::AtHand } else { Stage::Streaming };
        Self { response, cut, stage, piece: PieceEnd::NotYet }
    }

    /// Pushes what comes next: no more than the next item lacks, so that a body given up half-way is
    /// given up with its connection however much of it has arrived.
    fn pull(&mut self) {
        let (cut, piece) = (&mut self.cut, &mut self.piece);
        let more = self.response.next_data(|bytes, end| {
            let count = bytes.len().min(cut.wanted());
            cut.push(&bytes[..count]);
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

impl<C: Cut> Iterator for Items<'_, C> {
    type Item = Result<C::Item>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if matches!(self.stage, Stage::Over) {
                return None;
            }
            match self.cut.take() {
                Ok(Some(item)) => return Some(Ok(item)),
                Ok(None) => {}
                Err(too_long) => {
                    self.stage = Stage::Over;
                    self.response.give_up();
                    let error = sessio_core::Error::from(too_long);
                    return Some(Err(error.with_request(self.response.request.clone()).into()));
                }
            }
            match std::mem::replace(&mut self.stage, Stage::Over) {
                Stage::AtHand => {
                    self.cut.push(sessio_core::Response::bytes(self.response));
                    self.cut.finish();
                    self.stage = Stage::Ended;
                }
                Stage::Streaming => {
                    self.stage = Stage::Streaming;
                    self.pull();
                }
                Stage::Ended | Stage::Over => return None,
                Stage::Broken(error) => return Some(Err(error)),
            }
        }
    }
}

impl<C: Cut> Drop for Items<'_, C> {
    fn drop(&mut self) {
        let rest = self.cut.rest();
        self.response.give_back(Bytes::copy_from_slice(rest), self.piece);
    }
}

impl<C: Cut> fmt::Debug for Items<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("response", &self.response).finish_non_exhaustive()
    }
}
