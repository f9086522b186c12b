//! Reading a body: from memory, or from a connection as it is asked for.

use std::io::{self, BufRead, Read};

use bytes::{Buf, Bytes};
use sessio_core::ErrorKind;
use sessio_core::exchange::PieceEnd;
use sessio_core::message::Content;
use sessio_core::settings::LimitKind;

use super::Response;
use crate::driver::Call;
use crate::{Error, Result};

/// Where the body is.
pub(super) enum Body {
    /// In the core's response; up to here it was read through `io::Read`.
    AtHand { read: usize },
    /// On its way, behind what is left of an earlier reading. More than so many bytes are not
    /// collected.
    Streaming { call: Box<Call>, body_bytes_max: u64, begun: Begun, left: Left },
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
    fn lend(&mut self, take: impl FnOnce(&[u8], PieceEnd) -> usize) {
        let used = take(&self.bytes, self.piece).min(self.bytes.len());
        self.bytes.advance(used);
    }
}

/// Whether more of a body may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum More {
    /// Content was lent.
    Content,
    /// It has ended.
    End,
}

impl Response {
    /// A reader of a streamed body as it came, with its content codings on it; from now on every
    /// reading gives that.
    ///
    /// # Errors
    /// [`ErrorKind::StreamConsumed`] if decoded content was read already, or the call was not
    /// streamed: then only the decoded content is left.
    pub fn raw(&mut self) -> Result<&mut Self> {
        match &mut self.body {
            Body::Streaming { call, begun: begun @ Begun::Not, .. } => {
                call.read_as_it_came();
                *begun = Begun::AsItCame;
                Ok(self)
            }
            Body::Streaming { begun: Begun::AsItCame, .. } => Ok(self),
            Body::Streaming { begun: Begun::Decoded, .. }
            | Body::AtHand { .. }
            | Body::Ended { .. }
            | Body::Gone(_) => Err(self.consumed()),
        }
    }

    /// Gives up what is left of a streamed body, and its connection. Who reads on finds the end of
    /// the body, as in requests.
    pub fn close(&mut self) {
        if matches!(self.body, Body::Streaming { .. } | Body::Ended { .. }) {
            self.body = Body::Gone(Fate::Closed);
        }
    }

    /// Gives up a streamed body that must not be read on.
    pub(super) fn give_up(&mut self) {
        if !self.is_at_hand() {
            self.body = Body::Gone(Fate::GivenUp);
        }
    }

    /// Whether the body is in memory, and can be read again.
    pub(super) const fn is_at_hand(&self) -> bool {
        matches!(self.body, Body::AtHand { .. })
    }

    /// Reads a streamed body to its end, into the core's response.
    pub(super) fn collect(&mut self) -> Result<()> {
        let body_bytes_max = match &self.body {
            Body::AtHand { .. } => return Ok(()),
            Body::Gone(Fate::Closed) | Body::Ended { .. } => u64::MAX,
            Body::Gone(Fate::Read | Fate::GivenUp) => return Err(self.consumed()),
            Body::Streaming { body_bytes_max, .. } => *body_bytes_max,
        };
        let mut content = Vec::new();
        loop {
            let more = self.next_data(|bytes, _| {
                content.extend_from_slice(bytes);
                bytes.len()
            });
            let error: Error = match more {
                Ok(More::Content) if content.len() as u64 <= body_bytes_max => continue,
                Ok(More::Content) => {
                    self.give_up();
                    let error = sessio_core::Error::from(LimitKind::BodyBytes);
                    error.with_request(self.core.request.clone()).into()
                }
                Ok(More::End) => {
                    self.core.content = Content::Complete(content.into());
                    self.body = Body::AtHand { read: 0 };
                    return Ok(());
                }
                Err(error) => error,
            };
            let mut response = self.core.clone();
            response.content = Content::Partial(content.into());
            return Err(error.with_partial(response));
        }
    }

    /// Lends the next content to `take`, which says how much of it it used.
    pub(super) fn next_data(
        &mut self,
        take: impl FnOnce(&[u8], PieceEnd) -> usize,
    ) -> Result<More> {
        match &mut self.body {
            Body::AtHand { read } => {
                let content = self.core.bytes();
                let rest = content.get(*read..).unwrap_or_default();
                if rest.is_empty() {
                    return Ok(More::End);
                }
                let used = take(rest, PieceEnd::NotYet);
                *read = read.saturating_add(used).min(content.len());
            }
            Body::Streaming { left, .. } | Body::Ended { left } if !left.bytes.is_empty() => {
                left.lend(take);
            }
            Body::Streaming { call, begun, .. } => {
                if *begun == Begun::Not {
                    *begun = Begun::Decoded;
                }
                match call.data() {
                    Some(data) => {
                        let used = take(data.bytes, data.piece);
                        call.consumed(used);
                    }
                    None => return self.ended(),
                }
            }
            Body::Ended { .. } => {
                self.body = Body::Gone(Fate::Read);
                return Ok(More::End);
            }
            Body::Gone(Fate::Closed) => return Ok(More::End),
            Body::Gone(Fate::Read | Fate::GivenUp) => return Err(self.consumed()),
        }
        Ok(More::Content)
    }

    /// A streamed body has come to its end, or broke off.
    fn ended(&mut self) -> Result<More> {
        let gone = Body::Gone(Fate::GivenUp);
        if let Body::Streaming { call, .. } = std::mem::replace(&mut self.body, gone) {
            self.core.trailers = call.finish()?.trailers;
            self.body = Body::Gone(Fate::Read);
        }
        Ok(More::End)
    }

    /// Takes content back that was not given out: it is what is read next.
    pub(super) fn give_back(&mut self, bytes: Bytes, piece: PieceEnd) {
        let back = Left { bytes, piece };
        match &mut self.body {
            _ if back.bytes.is_empty() => {}
            Body::Streaming { left, .. } | Body::Ended { left } => *left = back,
            Body::Gone(Fate::Read) => self.body = Body::Ended { left: back },
            Body::AtHand { .. } | Body::Gone(Fate::GivenUp | Fate::Closed) => {}
        }
    }

    fn consumed(&self) -> Error {
        let why = "the body was streamed and is gone: read it once, or do not stream it";
        let error = sessio_core::Error::new(ErrorKind::StreamConsumed, why);
        error.with_request(self.core.request.clone()).into()
    }
}

/// The body's content: of a streamed one as it comes, else from memory. An error of the call is the
/// inner error.
impl Read for Response {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let content = self.fill_buf()?;
        let count = content.len().min(room.len());
        room[..count].copy_from_slice(&content[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Response {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        loop {
            // A reader may ask again at the end.
            if matches!(self.body, Body::Gone(Fate::Read)) {
                return Ok(&[]);
            }
            let mut count = 0;
            let more = self.next_data(|bytes, _| {
                count = bytes.len();
                0
            })?;
            match more {
                More::End => return Ok(&[]),
                More::Content if count == 0 => {}
                More::Content => break,
            }
        }
        Ok(match &mut self.body {
            Body::AtHand { read } => self.core.bytes().get(*read..).unwrap_or_default(),
            Body::Streaming { left, .. } | Body::Ended { left } if !left.bytes.is_empty() => {
                &left.bytes
            }
            Body::Streaming { call, .. } => call.data().map_or(&[], |data| data.bytes),
            Body::Ended { .. } | Body::Gone(_) => &[],
        })
    }

    fn consume(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        // The content was lent a moment ago: it is lent again, so no error can come of it.
        let lent = self.next_data(|_, _| count);
        debug_assert!(lent.is_ok(), "{lent:?}");
    }
}
