//! A response and the body that is still to come: everything about reading it but the waiting.
//!
//! Source: `Response` in requests 2.34.2, `models.py`.

mod body;
mod items;

use std::fmt;

use bytes::Bytes;
use sessio_core::exchange::{Data, PieceEnd};
use sessio_core::message::Content;
use sessio_core::settings::LimitKind;
use sessio_core::{ErrorKind, Kit, Response};

use crate::{Attached, Error, Result};
use body::{Begun, Body, Fate, Left};
pub use items::Items;

/// A call whose body is read piece by piece, as [`Reply`] needs it.
pub trait Feed {
    /// A connection that a call handed over.
    type Upgraded;

    /// The next piece of the body; `None` at its end, and when the call has failed.
    ///
    /// A runtime that must not wait here sees to it before that a piece is there: see
    /// [`Reply::awaited`].
    fn data(&mut self) -> Option<Data<'_>>;

    /// So many bytes of the piece were used. If they were the last, the connection goes back now.
    fn consumed(&mut self, count: usize);

    /// The body is wanted as it came; said before anything of it is read.
    fn read_as_it_came(&mut self);

    /// What came of the call, once it is over.
    ///
    /// # Errors
    /// What the call ended in.
    fn finish(self) -> Result<Response>;
}

/// A response, its body wherever it is, and what the caller attached to the call.
pub struct Reply<C, K: Kit> {
    /// The core's response.
    pub core: Response,
    body: Body<C>,
    attached: Option<Box<Attached<K>>>,
}

/// Whether more of a body may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum More {
    /// Content was lent.
    Content,
    /// It has ended.
    End,
}

impl<C: Feed, K: Kit> Reply<C, K> {
    /// A response whose body is what the core's has of it.
    #[must_use]
    pub const fn at_hand(core: Response) -> Self {
        Self { core, body: Body::AtHand { read: 0 }, attached: None }
    }

    /// A response whose body is on its way; at most so many bytes of it are collected.
    #[must_use]
    pub fn streaming(core: Response, call: C, body_bytes_max: u64) -> Self {
        let (call, begun, left) = (Box::new(call), Begun::Not, Left::default());
        Self { core, body: Body::Streaming { call, body_bytes_max, begun, left }, attached: None }
    }

    /// Keeps what the caller attached, if a redirect follows that may be asked for later.
    #[must_use]
    pub fn with_attached(mut self, attached: Attached<K>) -> Self {
        self.attached = self.core.next.is_some().then(|| Box::new(attached));
        self
    }

    /// What the caller attached to the call, for the redirect that follows.
    pub fn take_attached(&mut self) -> Attached<K> {
        self.attached.take().map_or_else(Attached::default, |attached| *attached)
    }

    /// The same response without its body, with the sources of the request's body: to be followed
    /// later.
    pub fn split_for_redirect(&mut self) -> Self {
        let attached = self.attached.take();
        self.attached = attached.as_deref().map(|a| Box::new(a.without_sources()));
        Self { core: self.core.clone(), body: Body::Gone(Fate::GivenUp), attached }
    }

    /// From now on every reading gives a streamed body as it came, with its content codings on it.
    ///
    /// # Errors
    /// [`ErrorKind::StreamConsumed`] if decoded content was read already, or the call was not
    /// streamed: then only the decoded content is left.
    pub fn read_as_it_came(&mut self) -> Result<()> {
        match &mut self.body {
            Body::Streaming { call, begun: begun @ Begun::Not, .. } => {
                call.read_as_it_came();
                *begun = Begun::AsItCame;
                Ok(())
            }
            Body::Streaming { begun: Begun::AsItCame, .. } => Ok(()),
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
    fn give_up(&mut self) {
        if !self.is_at_hand() {
            self.body = Body::Gone(Fate::GivenUp);
        }
    }

    /// Whether the body is in memory, and can be read again.
    const fn is_at_hand(&self) -> bool {
        matches!(self.body, Body::AtHand { .. })
    }

    /// The call that the next reading asks for a piece, if it does: a runtime that must not wait in
    /// [`Feed::data`] has it come to one first.
    pub fn awaited(&mut self) -> Option<&mut C> {
        match &mut self.body {
            Body::Streaming { call, left, .. } if left.bytes.is_empty() => Some(call),
            Body::Streaming { .. } | Body::AtHand { .. } | Body::Ended { .. } | Body::Gone(_) => {
                None
            }
        }
    }

    /// Reads a streamed body on towards its end, into `content`; at the end it is in the core's
    /// response.
    ///
    /// # Errors
    /// [`ErrorKind::StreamConsumed`] if the body was streamed and is gone; [`ErrorKind::Limit`] if
    /// it is too large; else what broke it off. The error's response has the part that came.
    pub fn collect_more(&mut self, content: &mut Vec<u8>) -> Result<More> {
        let body_bytes_max = match &self.body {
            Body::AtHand { .. } => return Ok(More::End),
            Body::Gone(Fate::Closed) | Body::Ended { .. } => u64::MAX,
            Body::Gone(Fate::Read | Fate::GivenUp) => return Err(self.consumed()),
            Body::Streaming { body_bytes_max, .. } => *body_bytes_max,
        };
        let more = self.next_data(|bytes, _| {
            content.extend_from_slice(bytes);
            bytes.len()
        });
        let error: Error = match more {
            Ok(More::Content) if content.len() as u64 <= body_bytes_max => {
                return Ok(More::Content);
            }
            Ok(More::Content) => {
                self.give_up();
                let error = sessio_core::Error::from(LimitKind::BodyBytes);
                error.with_request(self.core.request.clone()).into()
            }
            Ok(More::End) => {
                self.core.content = Content::Complete(std::mem::take(content).into());
                self.body = Body::AtHand { read: 0 };
                return Ok(More::End);
            }
            Err(error) => error,
        };
        let mut response = self.core.clone();
        response.content = Content::Partial(std::mem::take(content).into());
        Err(error.with_partial(response))
    }

    /// The content that was collected.
    #[must_use]
    pub fn collected(&self) -> Bytes {
        match &self.core.content {
            Content::Complete(bytes) | Content::Partial(bytes) => bytes.clone(),
            Content::Unread => Bytes::new(),
        }
    }

    /// The content that was collected, as JSON.
    ///
    /// # Errors
    /// [`ErrorKind::JsonDecode`] if it is no JSON or not of this type.
    #[cfg(feature = "json")]
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        self.core.json().map_err(|error| {
            let error = sessio_core::Error::from(error);
            error.with_request(self.core.request.clone()).with_response(self.core.clone()).into()
        })
    }

    /// Lends the next content to `take`, which says how much of it it used.
    ///
    /// # Errors
    /// [`ErrorKind::StreamConsumed`] if the body was streamed and is gone; else what broke it off.
    pub fn next_data(&mut self, take: impl FnOnce(&[u8], PieceEnd) -> usize) -> Result<More> {
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
    fn give_back(&mut self, bytes: Bytes, piece: PieceEnd) {
        let back = Left { bytes, piece };
        match &mut self.body {
            _ if back.bytes.is_empty() => {}
            Body::Streaming { left, .. } | Body::Ended { left } => *left = back,
            Body::Gone(Fate::Read) => self.body = Body::Ended { left: back },
            Body::AtHand { .. } | Body::Gone(Fate::GivenUp | Fate::Closed) => {}
        }
    }

    /// Passes by a piece that has no content, and says whether there was one: another has to be
    /// waited for then.
    pub fn skip_empty(&mut self) -> bool {
        let Some(call) = self.awaited() else { return false };
        let is_empty = call.data().is_some_and(|data| data.bytes.is_empty());
        if is_empty {
            call.consumed(0);
        }
        is_empty
    }

    /// Lends what can be read now, without using it up; nothing is the end, which may be asked for
    /// again and again.
    ///
    /// # Errors
    /// As [`next_data`](Self::next_data).
    pub fn fill(&mut self) -> Result<&[u8]> {
        // A reader may ask again at the end.
        if matches!(self.body, Body::Gone(Fate::Read)) {
            return Ok(&[]);
        }
        while self.skip_empty() {}
        // Nothing is told to the call here: with the time that it takes along, a deadline could break
        // the call off between two looks, and that is no end of the body.
        let is_over = match &mut self.body {
            Body::Streaming { call, begun, left, .. } if left.bytes.is_empty() => {
                if *begun == Begun::Not {
                    *begun = Begun::Decoded;
                }
                call.data().is_none()
            }
            Body::Streaming { .. } => false,
            Body::AtHand { .. } | Body::Ended { .. } | Body::Gone(_) => {
                if self.next_data(|_, _| 0)? == More::End {
                    return Ok(&[]);
                }
                false
            }
        };
        if is_over {
            return self.ended().map(|_| &[][..]);
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

    /// So many bytes of what [`fill`](Self::fill) lent were used.
    pub fn consume(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        // The content was lent a moment ago: it is lent again, so no error can come of it.
        let lent = self.next_data(|_, _| count);
        debug_assert!(lent.is_ok(), "{lent:?}");
    }

    fn consumed(&self) -> Error {
        let why = "the body was streamed and is gone: read it once, or do not stream it";
        let error = sessio_core::Error::new(ErrorKind::StreamConsumed, why);
        error.with_request(self.core.request.clone()).into()
    }
}

impl<C, K: Kit> fmt::Debug for Reply<C, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sessio_core::PreparedRequest;
    use sessio_core::url::Url;

    use super::*;

    /// A call whose deadline passes as soon as it is told anything.
    struct Late {
        pieces: Vec<&'static [u8]>,
        told: usize,
        told_max: usize,
    }

    impl Feed for Late {
        type Upgraded = ();

        fn data(&mut self) -> Option<Data<'_>> {
            let bytes = self.pieces.first().filter(|_| self.told < self.told_max)?;
            Some(Data { bytes, piece: PieceEnd::Here })
        }

        fn consumed(&mut self, count: usize) {
            self.told += 1;
            if self.pieces.first().is_some_and(|piece| piece.len() == count) {
                self.pieces.remove(0);
            }
        }

        fn read_as_it_came(&mut self) {}

        fn finish(self) -> Result<Response> {
            Err(sessio_core::Error::new(ErrorKind::TotalTimeout, "late").into())
        }
    }

    #[test]
    fn a_call_that_broke_off_between_two_looks_is_an_error_and_no_end() {
        let url = Url::parse("http://a.test/").unwrap();
        let request = Arc::new(PreparedRequest::new("GET".parse().unwrap(), url));
        // Told nothing, told once (of an empty piece, then of content), told twice.
        for (told_max, want) in [(1, ""), (2, "ab"), (3, "ab")] {
            let core = Response::new(Arc::clone(&request), "200".parse().unwrap());
            let call = Late { pieces: vec![b"", b"ab", b"", b"cd"], told: 0, told_max };
            let mut reply = Reply::<Late, ()>::streaming(core, call, u64::MAX);
            let mut read = Vec::new();
            let error = loop {
                match reply.fill() {
                    Ok([]) => panic!("{told_max}: an end, after {read:?}"),
                    Ok(bytes) => {
                        let count = bytes.len();
                        read.extend_from_slice(bytes);
                        reply.consume(count);
                    }
                    Err(error) => break error,
                }
            };
            assert_eq!((error.kind(), read), (ErrorKind::TotalTimeout, want.into()), "{told_max}");
        }
    }
}
