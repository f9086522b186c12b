//! What one call has for its caller, and how much of it may wait: this is where back-pressure is.

use std::collections::VecDeque;

use bytes::Bytes;
use sessio_core::Response;

use crate::Result;
use crate::completion::{Completion, PIECES_BYTES_MAX};
use crate::slots::CallId;
use crate::upgraded_socket::UpgradedSocket;

/// How a response reaches the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// As completions.
    Drained,
    /// By a `Response`, which reads from the call itself.
    Held,
}

#[derive(Debug)]
enum Item {
    Head(Box<Response>),
    Piece(Bytes),
    Room,
    Upgraded(Box<UpgradedSocket>),
    Outcome(Result<Box<Response>>),
}

/// How far the head of a streamed response is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Head {
    /// Not put here yet.
    Wanted,
    /// It waits to be taken; until then no body is read.
    Waits,
    /// It was taken.
    Taken,
}

/// Whether the caller wants completions of this call now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    Flows,
    Paused,
}

/// Whether the caller was told that it may push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    Untold,
    Told,
}

/// Whether the call is in the driver's line of those with something to drain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Announced {
    No,
    Yes,
}

/// The completions of one call.
#[derive(Debug)]
pub(crate) struct Outbox {
    pub(crate) delivery: Delivery,
    pub(crate) head: Head,
    items: VecDeque<Item>,
    /// Of the pieces that wait.
    bytes: usize,
    flow: Flow,
    room: Room,
    announced: Announced,
}

impl Outbox {
    pub(crate) const fn new(delivery: Delivery) -> Self {
        Self {
            delivery,
            head: Head::Wanted,
            items: VecDeque::new(),
            bytes: 0,
            flow: Flow::Flows,
            room: Room::Untold,
            announced: Announced::No,
        }
    }

    pub(crate) fn put_head(&mut self, response: Response) {
        self.head = Head::Waits;
        self.items.push_back(Item::Head(Box::new(response)));
    }

    /// Whether another piece may wait here.
    pub(crate) const fn has_room(&self) -> bool {
        self.bytes < PIECES_BYTES_MAX
    }

    pub(crate) fn put_piece(&mut self, piece: Bytes) {
        self.bytes = self.bytes.saturating_add(piece.len());
        self.items.push_back(Item::Piece(piece));
    }

    /// All that was pushed has gone out. The caller is told once.
    pub(crate) fn put_room(&mut self) {
        if self.room == Room::Untold {
            self.room = Room::Told;
            self.items.push_back(Item::Room);
        }
    }

    /// The caller has pushed something.
    pub(crate) const fn pushed(&mut self) {
        self.room = Room::Untold;
    }

    /// The connection no longer speaks HTTP; the outcome follows.
    pub(crate) fn put_upgraded(&mut self, upgraded: UpgradedSocket) {
        self.items.push_back(Item::Upgraded(Box::new(upgraded)));
    }

    pub(crate) fn put_outcome(&mut self, outcome: Result<Response>) {
        self.items.push_back(Item::Outcome(outcome.map(Box::new)));
    }

    pub(crate) const fn set_flow(&mut self, flow: Flow) {
        self.flow = flow;
    }

    /// Whether the call is to be put into the line of those with something to drain.
    pub(crate) fn announces(&mut self) -> bool {
        let announces =
            !self.items.is_empty() && self.flow == Flow::Flows && self.announced == Announced::No;
        if announces {
            self.announced = Announced::Yes;
        }
        announces
    }

    /// The next completion, unless the caller does not want one of this call now.
    pub(crate) fn take(&mut self, id: CallId) -> Option<Completion> {
        self.announced = Announced::No;
        if self.flow == Flow::Paused {
            return None;
        }
        Some(match self.items.pop_front()? {
            Item::Head(response) => {
                self.head = Head::Taken;
                Completion::Head(id, response)
            }
            Item::Piece(piece) => {
                self.bytes = self.bytes.saturating_sub(piece.len());
                Completion::Data(id, piece)
            }
            Item::Room => Completion::Room(id),
            Item::Upgraded(upgraded) => Completion::Upgraded(id, upgraded),
            Item::Outcome(outcome) => Completion::Done(id, outcome),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: CallId = CallId::from_parts(1, 0);

    #[test]
    fn pieces_wait_up_to_a_bound() {
        let mut outbox = Outbox::new(Delivery::Drained);
        let piece = Bytes::from(vec![0; PIECES_BYTES_MAX / 2]);
        for has_room in [true, true, false] {
            assert_eq!(outbox.has_room(), has_room);
            if has_room {
                outbox.put_piece(piece.clone());
            }
        }
        assert!(matches!(outbox.take(ID), Some(Completion::Data(_, bytes)) if bytes == piece));
        assert!(outbox.has_room());
    }

    #[test]
    fn a_paused_call_gives_nothing_and_loses_nothing() {
        let mut outbox = Outbox::new(Delivery::Drained);
        outbox.put_piece(Bytes::from_static(b"a"));
        assert!(outbox.announces() && !outbox.announces(), "it stands in the line once");
        outbox.set_flow(Flow::Paused);
        assert!(outbox.take(ID).is_none() && !outbox.announces());
        outbox.set_flow(Flow::Flows);
        assert!(outbox.announces());
        assert!(matches!(outbox.take(ID), Some(Completion::Data(..))));
    }

    #[test]
    fn room_is_told_once_for_each_push() {
        let mut outbox = Outbox::new(Delivery::Drained);
        outbox.put_room();
        outbox.put_room();
        assert!(matches!(outbox.take(ID), Some(Completion::Room(_))));
        assert!(outbox.take(ID).is_none());
        outbox.pushed();
        outbox.put_room();
        assert!(matches!(outbox.take(ID), Some(Completion::Room(_))));
    }
}
