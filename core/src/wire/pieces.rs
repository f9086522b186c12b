//! Cuts content into items of a given size as it comes in.
//!
//! Source: `Response.iter_content` in requests 2.34.2, `models.py`, over `HTTPResponse.stream` in
//! urllib3 2.8.0: an item holds just so many bytes, except at the end of the content and, in a
//! chunked body, at the end of each chunk.

use core::num::NonZeroUsize;

use alloc::vec::Vec;

/// How long items are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PieceSize {
    /// So many bytes.
    Bytes(NonZeroUsize),
    /// What came between two [boundaries](Pieces::boundary), or in one [`Pieces::push`].
    AsItComes,
}

impl PieceSize {
    /// The size that `iter_content(count)` means: 0 is one item for everything that is there.
    #[must_use]
    pub fn from_count(count: usize) -> Self {
        NonZeroUsize::new(count).map_or(Self::AsItComes, Self::Bytes)
    }
}

/// Content on its way into items.
///
/// It holds what was pushed and not taken: take all items before the next push, and that is less
/// than an item and a push.
#[derive(Debug)]
pub struct Pieces {
    size: PieceSize,
    buffer: Vec<u8>,
    /// Up to here the items were taken.
    start: usize,
    /// Up to here a short item may end.
    boundary: usize,
}

impl Pieces {
    /// No content yet.
    #[must_use]
    pub const fn new(size: PieceSize) -> Self {
        Self { size, buffer: Vec::new(), start: 0, boundary: 0 }
    }

    /// Content that came in.
    pub fn push(&mut self, content: &[u8]) {
        self.buffer.drain(..self.start);
        self.boundary = self.boundary.saturating_sub(self.start);
        self.start = 0;
        self.buffer.extend_from_slice(content);
        if self.size == PieceSize::AsItComes {
            self.boundary();
        }
    }

    /// What was pushed and not taken.
    #[must_use]
    pub fn rest(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// How many bytes the next item lacks; at least 1.
    #[must_use]
    pub fn wanted(&self) -> usize {
        match self.size {
            PieceSize::Bytes(size) => size.get().saturating_sub(self.rest().len()).max(1),
            PieceSize::AsItComes => usize::MAX,
        }
    }

    /// No item goes beyond this point: a chunk has ended, or the content.
    pub const fn boundary(&mut self) {
        self.boundary = self.buffer.len();
    }

    /// The next item; `None` until more is pushed. Items are never empty.
    pub fn take(&mut self) -> Option<&[u8]> {
        let len = match self.boundary.checked_sub(self.start) {
            // A boundary was set behind what was taken.
            Some(until @ 1..) => match self.size {
                PieceSize::Bytes(size) => until.min(size.get()),
                PieceSize::AsItComes => until,
            },
            Some(0) | None => match self.size {
                PieceSize::Bytes(size) => size.get(),
                PieceSize::AsItComes => return None,
            },
        };
        let start = self.start;
        let end = start.checked_add(len)?;
        let item = self.buffer.get(start..end)?;
        self.start = end;
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::vec;

    /// Takes everything after each push; `|` in `content` is a boundary.
    fn run(size: usize, content: &[&str]) -> Vec<String> {
        let mut pieces = Pieces::new(PieceSize::from_count(size));
        let mut items = Vec::new();
        for push in content {
            match *push {
                "|" => pieces.boundary(),
                push => pieces.push(push.as_bytes()),
            }
            while let Some(item) = pieces.take() {
                items.push(String::from_utf8(item.to_vec()).unwrap());
            }
        }
        items
    }

    #[test]
    fn items_have_the_size_except_before_a_boundary() {
        let rows: [(usize, &[&str], &[&str]); 9] = [
            (4, &["0123456789", "|"], &["0123", "4567", "89"]),
            (4, &["01", "2", "3456", "789", "|"], &["0123", "4567", "89"]),
            (4, &["0123", "4"], &["0123"]),
            (3, &["01234", "|", "567", "|", "89", "|"], &["012", "34", "567", "89"]),
            (3, &["01", "|", "|", "2345", "|"], &["01", "234", "5"]),
            (1, &["ab", "|"], &["a", "b"]),
            (9, &["|", "", "|"], &[]),
            (0, &["01234", "567", "", "|", "89"], &["01234", "567", "89"]),
            (2, &["a", "b", "|", "c"], &["ab"]),
        ];
        for (size, content, want) in rows {
            assert_eq!(run(size, content), want, "{size} {content:?}");
        }
    }

    #[test]
    fn a_boundary_in_what_was_not_taken_yet_holds() {
        let mut pieces = Pieces::new(PieceSize::from_count(3));
        pieces.push(b"01234");
        pieces.boundary();
        pieces.push(b"56");
        let mut items = vec![];
        while let Some(item) = pieces.take() {
            items.push(item.to_vec());
        }
        assert_eq!(items, [&b"012"[..], b"34"]);
    }

    #[test]
    fn what_is_wanted_completes_one_item_and_no_more() {
        let mut pieces = Pieces::new(PieceSize::from_count(4));
        let rows: [(&[u8], usize); 4] = [(b"", 4), (b"a", 3), (b"bcde", 3), (b"fghi", 3)];
        for (push, want) in rows {
            pieces.push(push);
            while pieces.take().is_some() {}
            assert_eq!(pieces.wanted(), want, "{push:?}");
        }
        assert_eq!(Pieces::new(PieceSize::AsItComes).wanted(), usize::MAX);
    }

    #[test]
    fn every_split_gives_the_same_items() {
        let content = "abcdefghij";
        for size in 1..12 {
            let whole = run(size, &[content, "|"]);
            for cut in 0..=content.len() {
                let (one, two) = content.split_at(cut);
                assert_eq!(run(size, &[one, two, "|"]), whole, "{size} cut at {cut}");
            }
        }
    }
}
