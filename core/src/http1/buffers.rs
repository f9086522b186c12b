//! The buffers of an exchange: what came in and was not used, what was decoded, the outgoing head.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

use crate::connection::stack::StackBuffers;
use crate::wire::head::ResponseHead;

/// Room for the first receive of a call.
const FIRST_RECEIVE: usize = 16 * 1024;
/// Room for decoded content at a time: with it an exchange that inflates stays below 128 KiB.
const DECODED: usize = 12 * 1024;

/// The buffers of one exchange; the session keeps a few to lend again, so that a small request on
/// a connection kept alive allocates nothing.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    received: Vec<u8>,
    unread: Range<usize>,
    /// What a decoder gave out.
    pub(crate) decoded: Vec<u8>,
    /// Where the request head is written.
    pub(crate) head_out: Vec<u8>,
    /// Where the response head is read into.
    pub(crate) head_in: Option<Box<ResponseHead>>,
    /// Records of TLS on their way.
    pub(crate) stack: StackBuffers,
}

impl Buffers {
    /// The bytes that came in and were not used yet.
    pub(crate) fn unread(&self) -> &[u8] {
        self.received.get(self.unread.clone()).unwrap_or_default()
    }

    /// A part of the bytes that were not used yet.
    pub(crate) fn part(&self, skip: usize, len: usize) -> &[u8] {
        self.unread().get(skip..skip.saturating_add(len)).unwrap_or_default()
    }

    /// What came in, beside the buffer for decoded content, to decode from one into the other.
    pub(crate) fn decoding(&mut self) -> (&[u8], &mut [u8]) {
        if self.decoded.is_empty() {
            self.decoded.resize(DECODED, 0);
        }
        (self.received.get(self.unread.clone()).unwrap_or_default(), &mut self.decoded)
    }

    /// Room to receive into: never empty.
    ///
    /// It grows up to `room_max` when more than half of it was filled at once, and beyond it only
    /// as far as bytes that cannot be used yet (an incomplete head) fill it.
    pub(crate) fn room(&mut self, room_max: usize) -> &mut [u8] {
        if self.unread.is_empty() {
            self.unread = 0..0;
        }
        let free = self.received.len().saturating_sub(self.unread.end);
        if free < self.received.len() / 2 && self.unread.start > 0 {
            self.received.copy_within(self.unread.clone(), 0);
            self.unread = 0..self.unread.len();
        }
        if self.unread.end == self.received.len() {
            let size = self.received.len().saturating_mul(2).max(FIRST_RECEIVE.min(room_max));
            self.received.resize(size.max(1), 0);
        }
        self.received.get_mut(self.unread.end..).unwrap_or_default()
    }

    /// `count` bytes came into the room.
    pub(crate) fn filled(&mut self, count: usize, room_max: usize) {
        let was_full = self.unread.end.saturating_add(count) >= self.received.len();
        self.unread.end = self.unread.end.saturating_add(count).min(self.received.len());
        if was_full && self.received.len() < room_max {
            let size = self.received.len().saturating_mul(2).min(room_max);
            self.received.resize(size, 0);
        }
    }

    /// Lets somebody append bytes that came in by another way than [`room`](Self::room).
    pub(crate) fn gather<T>(&mut self, append: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        if self.unread.is_empty() {
            self.unread = 0..0;
        } else if self.unread.start > self.received.len() / 2 {
            self.received.copy_within(self.unread.clone(), 0);
            self.unread = 0..self.unread.len();
        }
        self.received.truncate(self.unread.end);
        let result = append(&mut self.received);
        self.unread.end = self.received.len();
        result
    }

    /// `count` of the unused bytes were used.
    pub(crate) fn consume(&mut self, count: usize) {
        self.unread.start = self.unread.start.saturating_add(count).min(self.unread.end);
    }

    /// Drops what came in and was not used: the connection that it came from is gone.
    pub(crate) fn forget(&mut self) {
        self.unread = 0..0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(buffers: &mut Buffers, bytes: &[u8], room_max: usize) {
        buffers.room(room_max)[..bytes.len()].copy_from_slice(bytes);
        buffers.filled(bytes.len(), room_max);
    }

    #[test]
    fn bytes_come_out_in_the_order_in_which_they_came_in() {
        let mut buffers = Buffers::default();
        let (mut wrote, mut read) = (0_u8, 0_u8);
        for turn in 0..500 {
            let count = buffers.room(8).len().min(1 + turn % 7);
            let bytes: Vec<u8> = (0..count).map(|i| wrote.wrapping_add(i as u8)).collect();
            wrote = wrote.wrapping_add(count as u8);
            fill(&mut buffers, &bytes, 8);
            let used = buffers.unread().len().min(turn % 5);
            for byte in buffers.part(0, used) {
                assert_eq!(*byte, read);
                read = read.wrapping_add(1);
            }
            buffers.consume(used);
        }
    }

    #[test]
    fn a_full_room_grows_to_its_bound_and_beyond_it_only_for_what_is_unread() {
        let mut buffers = Buffers::default();
        assert_eq!(buffers.room(64 * 1024).len(), FIRST_RECEIVE);
        fill(&mut buffers, &[0; FIRST_RECEIVE], 64 * 1024);
        buffers.consume(FIRST_RECEIVE);
        assert_eq!(buffers.room(64 * 1024).len(), 2 * FIRST_RECEIVE);
        for _ in 0..10 {
            let all = buffers.room(64 * 1024).len();
            fill(&mut buffers, &alloc::vec![0; all], 64 * 1024);
            buffers.consume(all);
        }
        assert_eq!(buffers.room(64 * 1024).len(), 64 * 1024);
    }
}
