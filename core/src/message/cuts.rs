//! A body in items as it comes in: of so many bytes, lines, or text; the same in every runtime.
//!
//! Source: `Response.iter_content` and `iter_lines` in requests 2.34.2, `models.py`, with and
//! without `decode_unicode`.

use alloc::string::String;

use bytes::Bytes;

use crate::wire::charset::{Charset, TextDecoder};
use crate::wire::lines::{LineEnd, LineTooLong, Lines};
use crate::wire::pieces::{PieceSize, Pieces};

/// Cuts a body into items: push what comes, take all items before the next push.
pub trait Cut {
    /// What comes out.
    type Item;

    /// How many bytes the next item lacks at most, at least 1: who pushes no more leaves the rest of
    /// the body unread, and its connection in use, whatever of it has arrived already.
    fn wanted(&self) -> usize {
        usize::MAX
    }

    /// Content that came in.
    fn push(&mut self, content: &[u8]);

    /// A piece of the peer's ends here: a chunk of a chunked body.
    fn boundary(&mut self);

    /// The content has ended: what is left can be taken.
    fn finish(&mut self);

    /// The next item, or `None` until more comes.
    ///
    /// # Errors
    /// If a line is longer than its limit; then nothing follows.
    fn take(&mut self) -> Result<Option<Self::Item>, LineTooLong>;

    /// What was pushed and not taken, for another reader to go on with; what is text already cannot
    /// be given back.
    fn rest(&self) -> &[u8];
}

/// Bytes, so many at a time: `iter_content`.
#[derive(Debug)]
pub struct ByteCut(Pieces);

impl ByteCut {
    /// Items of this size.
    #[must_use]
    pub const fn new(size: PieceSize) -> Self {
        Self(Pieces::new(size))
    }
}

impl Cut for ByteCut {
    type Item = Bytes;

    fn wanted(&self) -> usize {
        self.0.wanted()
    }

    fn push(&mut self, content: &[u8]) {
        self.0.push(content);
    }

    fn boundary(&mut self) {
        self.0.boundary();
    }

    fn finish(&mut self) {
        self.0.boundary();
    }

    fn take(&mut self) -> Result<Option<Bytes>, LineTooLong> {
        Ok(self.0.take().map(Bytes::copy_from_slice))
    }

    fn rest(&self) -> &[u8] {
        self.0.rest()
    }
}

/// The text of so many bytes at a time: `iter_content(n, decode_unicode=True)`. A character that
/// is cut goes to the item that has its end.
#[derive(Debug)]
pub struct TextCut {
    pieces: Pieces,
    decoder: Decoder,
}

/// A decoder, until the content has ended.
#[derive(Debug)]
enum Decoder {
    Running(TextDecoder),
    Ending(TextDecoder),
    Over,
}

impl TextCut {
    /// Items of the text of so many bytes.
    #[must_use]
    pub fn new(size: PieceSize, charset: Charset) -> Self {
        let decoder = Decoder::Running(TextDecoder::new(charset));
        Self { pieces: Pieces::new(size), decoder }
    }
}

impl Cut for TextCut {
    type Item = String;

    fn wanted(&self) -> usize {
        self.pieces.wanted()
    }

    fn push(&mut self, content: &[u8]) {
        self.pieces.push(content);
    }

    fn boundary(&mut self) {
        self.pieces.boundary();
    }

    fn finish(&mut self) {
        self.pieces.boundary();
        self.decoder = match core::mem::replace(&mut self.decoder, Decoder::Over) {
            Decoder::Running(decoder) => Decoder::Ending(decoder),
            decoder => decoder,
        };
    }

    fn take(&mut self) -> Result<Option<String>, LineTooLong> {
        let mut text = String::new();
        while let Some(piece) = self.pieces.take() {
            match &mut self.decoder {
                Decoder::Running(decoder) | Decoder::Ending(decoder) => {
                    decoder.decode(piece, &mut text);
                }
                Decoder::Over => {}
            }
            if !text.is_empty() {
                return Ok(Some(text));
            }
        }
        self.decoder = match core::mem::replace(&mut self.decoder, Decoder::Over) {
            Decoder::Ending(decoder) => {
                decoder.finish(&mut text);
                Decoder::Over
            }
            decoder => decoder,
        };
        Ok((!text.is_empty()).then_some(text))
    }

    fn rest(&self) -> &[u8] {
        self.pieces.rest()
    }
}

/// How much of a body lines are read from at a time: so many bytes, fewer where a chunk ends. A body
/// given up behind a line has been read to the next such place.
///
/// Source: `ITER_CHUNK_SIZE` in requests, `models.py`.
pub const LINE_READ_SIZE: usize = 512;

/// Counts a body into reads of [`LINE_READ_SIZE`].
#[derive(Clone, Copy, Debug, Default)]
pub struct LineReads {
    read: usize,
}

impl LineReads {
    /// How many bytes this read lacks; at least 1.
    #[must_use]
    pub const fn wanted(self) -> usize {
        LINE_READ_SIZE.saturating_sub(self.read)
    }

    /// So many bytes were read.
    pub const fn push(&mut self, count: usize) {
        self.read = self.read.saturating_add(count) % LINE_READ_SIZE;
    }

    /// A chunk has ended, and with it the read.
    pub const fn boundary(&mut self) {
        self.read = 0;
    }
}

/// Lines without their ends: `iter_lines`.
#[derive(Debug)]
pub struct LineCut {
    lines: Lines,
    reads: LineReads,
}

impl LineCut {
    /// Lines that end so, of at most so many bytes.
    #[must_use]
    pub const fn new(end: LineEnd, line_bytes_max: usize) -> Self {
        Self { lines: Lines::new(end, line_bytes_max), reads: LineReads { read: 0 } }
    }
}

impl Cut for LineCut {
    type Item = Bytes;

    fn wanted(&self) -> usize {
        self.reads.wanted()
    }

    fn push(&mut self, content: &[u8]) {
        self.reads.push(content.len());
        self.lines.push(content);
    }

    fn boundary(&mut self) {
        self.reads.boundary();
    }

    fn finish(&mut self) {
        self.lines.finish();
    }

    fn take(&mut self) -> Result<Option<Bytes>, LineTooLong> {
        Ok(self.lines.take()?.map(Bytes::copy_from_slice))
    }

    fn rest(&self) -> &[u8] {
        self.lines.rest()
    }
}

/// Lines of text without their ends: `iter_lines(decode_unicode=True)`.
#[derive(Debug)]
pub struct TextLineCut {
    decoder: Decoder,
    lines: Lines,
    reads: LineReads,
    text: String,
}

impl TextLineCut {
    /// Lines that end so, of at most so many bytes of UTF-8.
    #[must_use]
    pub fn new(end: LineEnd, line_bytes_max: usize, charset: Charset) -> Self {
        let decoder = Decoder::Running(TextDecoder::new(charset));
        let (lines, reads) = (Lines::new(end, line_bytes_max), LineReads::default());
        Self { decoder, lines, reads, text: String::new() }
    }
}

impl Cut for TextLineCut {
    type Item = String;

    fn wanted(&self) -> usize {
        self.reads.wanted()
    }

    fn push(&mut self, content: &[u8]) {
        self.reads.push(content.len());
        if let Decoder::Running(decoder) = &mut self.decoder {
            self.text.clear();
            decoder.decode(content, &mut self.text);
            self.lines.push(self.text.as_bytes());
        }
    }

    fn boundary(&mut self) {
        self.reads.boundary();
    }

    fn finish(&mut self) {
        if let Decoder::Running(decoder) = core::mem::replace(&mut self.decoder, Decoder::Over) {
            self.text.clear();
            decoder.finish(&mut self.text);
            self.lines.push(self.text.as_bytes());
        }
        self.lines.finish();
    }

    fn take(&mut self) -> Result<Option<String>, LineTooLong> {
        // A delimiter of the caller's need not be text: what it leaves of a character is replaced.
        Ok(self.lines.take()?.map(|line| String::from_utf8_lossy(line).into_owned()))
    }

    fn rest(&self) -> &[u8] {
        &[]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec::Vec;

    /// The items of `content` cut in two at each place; they must not differ.
    fn run<C: Cut>(content: &[u8], make: impl Fn() -> C) -> Vec<C::Item>
    where
        C::Item: PartialEq + core::fmt::Debug,
    {
        let runs = (0..=content.len()).map(|place| {
            let (mut cut, mut items) = (make(), Vec::new());
            let (one, other) = content.split_at(place);
            for part in [one, other] {
                cut.push(part);
                while let Some(item) = cut.take().unwrap() {
                    items.push(item);
                }
            }
            cut.finish();
            while let Some(item) = cut.take().unwrap() {
                items.push(item);
            }
            items
        });
        let mut runs: Vec<_> = runs.collect();
        for run in &runs {
            assert_eq!(run, &runs[0]);
        }
        runs.pop().unwrap()
    }

    #[test]
    fn items_do_not_depend_on_how_the_body_comes() {
        let size = |count| PieceSize::from_count(count);
        let content = "a\u{e9}\r\nb\u{2028}c".as_bytes();
        let bytes = run(content, || ByteCut::new(size(4)));
        assert_eq!(bytes, [&content[..4], &content[4..8], &content[8..]]);
        let text = run(content, || TextCut::new(size(2), Charset::UTF_8));
        assert_eq!(text, ["a", "\u{e9}\r", "\nb", "\u{2028}c"]);
        let lines = run(content, || LineCut::new(LineEnd::Bytes, 99));
        assert_eq!(lines, ["a\u{e9}", "b\u{2028}c"]);
        let lines = run(content, || TextLineCut::new(LineEnd::Text, 99, Charset::UTF_8));
        assert_eq!(lines, ["a\u{e9}", "b", "c"].map(|line| line.to_string()));
    }

    #[test]
    fn lines_are_read_so_many_bytes_at_a_time() {
        let mut cut = LineCut::new(LineEnd::Bytes, 9);
        assert_eq!(cut.wanted(), 512);
        cut.push(b"a\nb");
        assert_eq!(cut.wanted(), 509);
        cut.boundary();
        assert_eq!(cut.wanted(), 512);
        cut.push(&[b'\n'; 512]);
        assert_eq!(cut.wanted(), 512);
    }

    #[test]
    fn what_was_not_taken_is_left() {
        let mut bytes = ByteCut::new(PieceSize::from_count(2));
        bytes.push(b"abcde");
        assert_eq!(bytes.take().unwrap().unwrap(), "ab");
        assert_eq!(bytes.rest(), b"cde");
        let mut lines = LineCut::new(LineEnd::Bytes, 9);
        lines.push(b"a\nb\nc");
        assert_eq!(lines.take().unwrap().unwrap(), "a");
        assert_eq!(lines.rest(), b"b\nc");
    }

    #[test]
    fn a_character_that_is_cut_off_is_replaced_at_the_end() {
        let text = run(b"a\xc3", || TextCut::new(PieceSize::from_count(1), Charset::UTF_8));
        assert_eq!(text, ["a", "\u{fffd}"]);
        let lines = run(b"a\n\xc3", || TextLineCut::new(LineEnd::Text, 9, Charset::UTF_8));
        assert_eq!(lines, ["a", "\u{fffd}"]);
    }
}
