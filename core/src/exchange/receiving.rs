//! A body on its way in: framing off, codings off, to the caller or into one piece.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem;
use core::ops::Range;

use bytes::Bytes;

use crate::connection::Connection;
use crate::error::Error;
use crate::http1::buffers::Buffers;
use crate::http1::receive::{Body, BodyStep, Ends};
use crate::message::Content;
use crate::planted::Plant;
use crate::policy::reuse::Close;
use crate::settings::LimitKind;
use crate::wire::decode::{DecodeError, Decoding, Then};

use super::call::After;
use super::io::{Data, PieceEnd};

/// A body on its way in.
#[derive(Debug)]
pub(crate) struct Receiving<S> {
    pub(crate) connection: Connection<S>,
    pub(crate) body: Body,
    pub(crate) decoding: Decoding,
    pub(crate) sink: Sink,
    pub(crate) after: After,
    /// Why the connection cannot be used again, if the request or the head said so.
    pub(crate) close: Option<Close>,
    pub(crate) run: Run,
    pub(crate) ready: Ready,
    /// Bytes of content so far.
    pub(crate) content_bytes: u64,
}

/// Where content goes.
#[derive(Debug)]
pub(crate) enum Sink {
    /// To the caller, piece by piece.
    Lend,
    /// Into one piece, of at most so many bytes.
    Collect { content: Vec<u8>, max: u64 },
    /// Into one piece that may end early: the body of a redirect, which nobody may want.
    Glance { content: Vec<u8>, max: usize },
    /// Nowhere: it cannot be decoded, and is only read, up to so many bytes, so that its connection
    /// can be used again. `content` is what came before.
    Discard { content: Vec<u8>, max: usize, outcome: Box<Discarded> },
}

/// What a body that could not be decoded ends in.
#[derive(Debug)]
pub(crate) enum Discarded {
    /// In this error.
    Error(Error),
    /// In a response all the same: it was that of a redirect.
    Response,
}

/// What content is made from next.
#[derive(Debug)]
pub(crate) enum Run {
    /// From the framing.
    Framed,
    /// From so many coded bytes at the start of what is unread.
    Coded { len: usize, ends: Ends },
    /// From what the decoder has left: the body has ended.
    Rest,
    /// From nothing any more.
    Over,
}

/// Content at hand.
#[derive(Debug)]
pub(crate) enum Ready {
    /// None.
    Nothing,
    /// So many bytes at the start of what is unread.
    Plain { len: usize, piece: PieceEnd },
    /// This part of the decoded bytes.
    Decoded { range: Range<usize>, piece: PieceEnd },
}

/// How far a body came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// More bytes have to come in.
    Starved,
    /// Content waits for the caller.
    Content,
    /// It is complete.
    Complete,
    /// It is not, and enough has come.
    Enough,
}

const fn piece_end(ends: Ends) -> PieceEnd {
    match ends {
        Ends::Chunk => PieceEnd::Here,
        Ends::Nothing => PieceEnd::NotYet,
    }
}

impl<S> Receiving<S> {
    /// Whether content waits for the caller.
    pub(crate) const fn has_data(&self) -> bool {
        !matches!(self.ready, Ready::Nothing)
    }

    /// The content that waits for the caller.
    pub(crate) fn data<'a>(&self, buffers: &'a Buffers) -> Option<Data<'a>> {
        match &self.ready {
            Ready::Nothing => None,
            Ready::Plain { len, piece } => {
                Some(Data { bytes: buffers.part(0, *len), piece: *piece })
            }
            Ready::Decoded { range, piece } => {
                let bytes = buffers.decoded.get(range.clone()).unwrap_or_default();
                Some(Data { bytes, piece: *piece })
            }
        }
    }

    /// So many bytes of the content that waited were used.
    pub(crate) fn consumed(&mut self, count: usize, buffers: &mut Buffers) {
        let left = match &mut self.ready {
            Ready::Nothing => return,
            Ready::Plain { len, .. } => {
                let count = if Plant::PieceLost.is_on() { *len } else { count.min(*len) };
                buffers.consume(count);
                *len = len.saturating_sub(count);
                *len
            }
            Ready::Decoded { range, .. } => {
                range.start = range.start.saturating_add(count).min(range.end);
                range.len()
            }
        };
        if left == 0 {
            self.ready = Ready::Nothing;
        }
    }

    /// Goes on with what has come in, until content waits, bytes are wanting, or it is over.
    pub(crate) fn advance(&mut self, buffers: &mut Buffers) -> Result<Progress, Error> {
        loop {
            if let Some(data) = self.data(buffers) {
                match &mut self.sink {
                    Sink::Lend => return Ok(Progress::Content),
                    Sink::Collect { content, max } => {
                        let size = content.len().saturating_add(data.bytes.len());
                        if size as u64 > *max && !Plant::BodyUnlimited.is_on() {
                            return Err(LimitKind::BodyBytes.into());
                        }
                        match content.is_empty() {
                            // Most bodies are one piece: made to measure, which is cheaper.
                            true => *content = data.bytes.to_vec(),
                            false => content.extend_from_slice(data.bytes),
                        }
                    }
                    Sink::Glance { content, max } => {
                        content.extend_from_slice(data.bytes);
                        if content.len() > *max {
                            return Ok(Progress::Enough);
                        }
                    }
                    Sink::Discard { max, .. } => {
                        let Some(left) = max.checked_sub(data.bytes.len()) else {
                            return Ok(Progress::Enough);
                        };
                        *max = left;
                    }
                }
                let count = data.bytes.len();
                self.consumed(count, buffers);
                continue;
            }
            match self.run {
                Run::Over => return Ok(Progress::Complete),
                Run::Framed => {
                    if let Some(progress) = self.unframe(buffers)? {
                        return Ok(progress);
                    }
                }
                Run::Coded { len, ends } => self.decode(len, ends, buffers)?,
                Run::Rest => self.flush(buffers)?,
            }
        }
    }

    /// Takes the framing off what comes next; says so if that cannot go on.
    fn unframe(&mut self, buffers: &mut Buffers) -> Result<Option<Progress>, Error> {
        match self.body.step(buffers.unread())? {
            BodyStep::Content { skip, len, ends } => {
                buffers.consume(skip);
                match self.decoding {
                    Decoding::Coded(_) => self.run = Run::Coded { len, ends },
                    Decoding::Identity | Decoding::Unknown { .. } => {
                        self.content_bytes = self.content_bytes.saturating_add(len as u64);
                        self.ready = Ready::Plain { len, piece: piece_end(ends) };
                    }
                }
                Ok(None)
            }
            BodyStep::NeedMore { used } => {
                buffers.consume(used);
                Ok(Some(Progress::Starved))
            }
            BodyStep::End { used } => {
                buffers.consume(used);
                self.run = Run::Rest;
                Ok(None)
            }
        }
    }

    /// Decodes some of the `len` coded bytes at hand.
    fn decode(&mut self, len: usize, ends: Ends, buffers: &mut Buffers) -> Result<(), DecodeError> {
        let Decoding::Coded(decoder) = &mut self.decoding else { return Ok(()) };
        let (unread, room) = buffers.decoding();
        let step = decoder.decode(unread.get(..len).unwrap_or(unread), room)?;
        buffers.consume(step.consumed);
        let left = len.saturating_sub(step.consumed);
        let is_drained = left == 0 && step.then == Then::NeedsInput;
        self.run = if is_drained { Run::Framed } else { Run::Coded { len: left, ends } };
        self.give(step.produced, if is_drained { piece_end(ends) } else { PieceEnd::NotYet });
        Ok(())
    }

    /// Takes out of the decoder what it has left, once the body has ended.
    fn flush(&mut self, buffers: &mut Buffers) -> Result<(), DecodeError> {
        let produced = match &mut self.decoding {
            Decoding::Coded(decoder) => decoder.finish(buffers.decoding().1)?,
            Decoding::Identity | Decoding::Unknown { .. } => 0,
        };
        if produced == 0 {
            self.run = Run::Over;
        }
        self.give(produced, PieceEnd::NotYet);
        Ok(())
    }

    fn give(&mut self, produced: usize, piece: PieceEnd) {
        self.content_bytes = self.content_bytes.saturating_add(produced as u64);
        if produced > 0 || piece == PieceEnd::Here {
            self.ready = Ready::Decoded { range: 0..produced, piece };
        }
    }

    /// The content cannot be decoded: from here on it is only read, up to `max` bytes. Gives the
    /// error back if the caller reads the body itself: it is not made to wait for the rest.
    pub(crate) fn discard(
        &mut self,
        error: Error,
        max: usize,
        buffers: &mut Buffers,
    ) -> Result<(), Error> {
        let (content, outcome) = match &mut self.sink {
            Sink::Lend | Sink::Discard { .. } => return Err(error),
            Sink::Collect { content, .. } => (mem::take(content), Discarded::Error(error)),
            Sink::Glance { content, .. } => (mem::take(content), Discarded::Response),
        };
        if let Run::Coded { len, .. } = self.run {
            buffers.consume(len);
        }
        if matches!(self.run, Run::Coded { .. }) {
            self.run = Run::Framed;
        }
        self.ready = Ready::Nothing;
        self.decoding = Decoding::Identity;
        self.sink = Sink::Discard { content, max, outcome: Box::new(outcome) };
        Ok(())
    }

    /// The content that was collected.
    pub(crate) fn take_content(&mut self, how: fn(Bytes) -> Content) -> Content {
        match &mut self.sink {
            Sink::Lend => Content::Unread,
            Sink::Collect { content, .. }
            | Sink::Glance { content, .. }
            | Sink::Discard { content, .. } => how(mem::take(content).into()),
        }
    }
}
