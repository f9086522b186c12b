//! Cuts content or text into lines as it comes in.
//!
//! Source: `Response.iter_lines` in requests 2.34.2, `models.py`, over `bytes.splitlines`,
//! `str.splitlines` and `split` of Python. What differs: the lines do not depend on how the content
//! was cut, and nothing follows a delimiter at the very end.

use core::fmt;

use alloc::vec::Vec;

/// What ends a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineEnd {
    /// LF, CR, or CR LF: the lines of `bytes`.
    Bytes,
    /// Those, and the other line boundaries of Python's `str` (VT, FF, FS, GS, RS, NEL, LS, PS), in
    /// UTF-8.
    Text,
    /// These bytes and nothing else. Never empty.
    Delimiter(Vec<u8>),
}

impl LineEnd {
    /// The delimiter of `iter_lines(delimiter=...)`, where an empty one is none.
    #[must_use]
    pub fn delimiter(delimiter: &[u8], otherwise: Self) -> Self {
        if delimiter.is_empty() { otherwise } else { Self::Delimiter(delimiter.to_vec()) }
    }
}

/// A line is longer than the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineTooLong {
    /// The limit, without the line's end.
    pub line_bytes_max: usize,
}

impl fmt::Display for LineTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line is longer than {} bytes", self.line_bytes_max)
    }
}

impl core::error::Error for LineTooLong {}

/// The default limit of a line: 16 MiB.
pub const LINE_BYTES_MAX: usize = 16 << 20;

/// Content on its way into lines.
///
/// It holds what was pushed and not taken: take all lines before the next push, and that is less
/// than the longest line and a push.
#[derive(Debug)]
pub struct Lines {
    end: LineEnd,
    line_bytes_max: usize,
    buffer: Vec<u8>,
    /// The start of the next line.
    start: usize,
    /// No line ends between `start` and here.
    searched: usize,
    more: More,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum More {
    Expected,
    Ended,
}

/// A line end in the buffer.
enum Found {
    /// From the first place to the second.
    At(usize, usize),
    /// Not before this place, which the next push may make the start of one.
    NotBefore(usize),
}

impl Lines {
    /// No content yet.
    #[must_use]
    pub const fn new(end: LineEnd, line_bytes_max: usize) -> Self {
        Self {
            end,
            line_bytes_max,
            buffer: Vec::new(),
            start: 0,
            searched: 0,
            more: More::Expected,
        }
    }

    /// Content that came in; for [`LineEnd::Text`], text in UTF-8, cut anywhere.
    pub fn push(&mut self, content: &[u8]) {
        self.buffer.drain(..self.start);
        self.searched = self.searched.saturating_sub(self.start);
        self.start = 0;
        self.buffer.extend_from_slice(content);
    }

    /// What was pushed and not taken.
    #[must_use]
    pub fn rest(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// The content has ended: what is left is the last line, unless it is empty.
    pub const fn finish(&mut self) {
        self.more = More::Ended;
    }

    /// The next line without its end; `None` until more is pushed.
    ///
    /// # Errors
    /// [`LineTooLong`], from then on.
    pub fn take(&mut self) -> Result<Option<&[u8]>, LineTooLong> {
        let too_long = Err(LineTooLong { line_bytes_max: self.line_bytes_max });
        let (start, len) = (self.start, self.buffer.len());
        let (line_end, next) = match self.find() {
            Found::At(line_end, next) => (line_end, next),
            Found::NotBefore(place) => {
                self.searched = place;
                if place.saturating_sub(start) > self.line_bytes_max {
                    return too_long;
                }
                if self.more == More::Expected || start == len {
                    return Ok(None);
                }
                // A CR at the end is a line end after all; a part of a delimiter is content.
                let is_cr = !matches!(self.end, LineEnd::Delimiter(_))
                    && self.buffer.last() == Some(&b'\r');
                (len.saturating_sub(usize::from(is_cr)), len)
            }
        };
        if line_end.saturating_sub(start) > self.line_bytes_max {
            return too_long;
        }
        (self.start, self.searched) = (next, next);
        Ok(self.buffer.get(start..line_end))
    }

    /// Looks for the next line end.
    fn find(&self) -> Found {
        let from = self.searched.max(self.start);
        let rest = self.buffer.get(from..).unwrap_or_default();
        let (place, len) = match &self.end {
            LineEnd::Delimiter(delimiter) => delimiter_in(rest, delimiter),
            LineEnd::Bytes => line_end_in(rest, |bytes| match bytes {
                [b'\n', ..] => Some(1),
                _ => None,
            }),
            LineEnd::Text => line_end_in(rest, text_end),
        };
        let place = place.saturating_add(from);
        match len {
            Some(len) => Found::At(place, place.saturating_add(len)),
            None => Found::NotBefore(place),
        }
    }
}

/// The place of the first `delimiter` and its length; or the place where one may begin.
fn delimiter_in(bytes: &[u8], delimiter: &[u8]) -> (usize, Option<usize>) {
    let Some((&first, _)) = delimiter.split_first() else { return (bytes.len(), None) };
    let mut place = 0_usize;
    loop {
        let rest = bytes.get(place..).unwrap_or_default();
        let Some(skip) = rest.iter().position(|&byte| byte == first) else {
            return (bytes.len(), None);
        };
        place = place.saturating_add(skip);
        let rest = bytes.get(place..).unwrap_or_default();
        if rest.starts_with(delimiter) {
            return (place, Some(delimiter.len()));
        }
        if delimiter.starts_with(rest) {
            return (place, None);
        }
        place = place.saturating_add(1);
    }
}

/// The place of the first CR, CR LF or what `other` knows, and its length; or the place of what may
/// become one.
fn line_end_in(bytes: &[u8], other: impl Fn(&[u8]) -> Option<usize>) -> (usize, Option<usize>) {
    let mut place = 0_usize;
    loop {
        let rest = bytes.get(place..).unwrap_or_default();
        // All ends but those begin with a byte below 20 or in the upper half.
        let Some(skip) = rest.iter().position(|&byte| !(0x20..0x80).contains(&byte)) else {
            return (bytes.len(), None);
        };
        place = place.saturating_add(skip);
        let rest = bytes.get(place..).unwrap_or_default();
        match rest {
            [b'\r', b'\n', ..] => return (place, Some(2)),
            [b'\r'] => return (place, None),
            [b'\r', ..] => return (place, Some(1)),
            _ => match other(rest) {
                Some(0) => return (place, None),
                Some(len) => return (place, Some(len)),
                None => place = place.saturating_add(1),
            },
        }
    }
}

/// The length of the line end at the start of `text`, 0 if it may become one.
fn text_end(text: &[u8]) -> Option<usize> {
    match text {
        [b'\n' | 0x0b | 0x0c | 0x1c..=0x1e, ..] => Some(1),
        [0xc2, 0x85, ..] => Some(2),
        [0xe2, 0x80, 0xa8 | 0xa9, ..] => Some(3),
        [0xc2] | [0xe2] | [0xe2, 0x80] => Some(0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::vec;

    fn run(end: &LineEnd, max: usize, pieces: &[&[u8]]) -> (Vec<Vec<u8>>, Option<LineTooLong>) {
        let (mut splitter, mut lines) = (Lines::new(end.clone(), max), vec![]);
        for index in 0..=pieces.len() {
            match pieces.get(index) {
                Some(piece) => splitter.push(piece),
                None => splitter.finish(),
            }
            loop {
                match splitter.take() {
                    Ok(Some(line)) => lines.push(line.to_vec()),
                    Ok(None) => break,
                    Err(error) => return (lines, Some(error)),
                }
            }
        }
        (lines, None)
    }

    /// Splits `content` whole, at every place, and byte by byte.
    fn check(end: &LineEnd, max: usize, content: &[u8], want: &[&[u8]], error: bool) {
        let want: Vec<Vec<u8>> = want.iter().map(|line| line.to_vec()).collect();
        let want = (want, error.then_some(LineTooLong { line_bytes_max: max }));
        let show = || String::from_utf8_lossy(content);
        assert_eq!(run(end, max, &[content]), want, "{:?} whole", show());
        let bytes: Vec<&[u8]> = content.chunks(1).collect();
        assert_eq!(run(end, max, &bytes), want, "{:?} byte by byte", show());
        for cut in 0..=content.len() {
            let (one, two) = content.split_at(cut);
            assert_eq!(run(end, max, &[one, two]), want, "{:?} cut at {cut}", show());
        }
    }

    #[test]
    fn lines_do_not_depend_on_the_cuts() {
        let delimiter = |text: &str| LineEnd::delimiter(text.as_bytes(), LineEnd::Bytes);
        let rows: [(LineEnd, &str, &[&str]); 19] = [
            (LineEnd::Bytes, "", &[]),
            (LineEnd::Bytes, "a\nb\r\nc\rd\n\ne", &["a", "b", "c", "d", "", "e"]),
            (LineEnd::Bytes, "a\n", &["a"]),
            (LineEnd::Bytes, "a\r", &["a"]),
            (LineEnd::Bytes, "a\r\r\n", &["a", ""]),
            (LineEnd::Bytes, "\r\n\n\r", &["", "", ""]),
            (LineEnd::Bytes, "a\u{b}b\u{1c}c\u{85}d", &["a\u{b}b\u{1c}c\u{85}d"]),
            (LineEnd::Text, "a\u{2028}b\u{85}c\r\nd\n", &["a", "b", "c", "d"]),
            (
                LineEnd::Text,
                "a\u{b}b\u{c}c\u{1c}d\u{1d}e\u{1e}f\u{1f}",
                &["a", "b", "c", "d", "e", "f\u{1f}"],
            ),
            (LineEnd::Text, "\u{2029}\u{a9}\u{20ac}\u{2027}", &["", "\u{a9}\u{20ac}\u{2027}"]),
            (delimiter("||"), "a||b||", &["a", "b"]),
            (delimiter("||"), "a|||b|", &["a", "|b|"]),
            (delimiter(","), ",,a", &["", "", "a"]),
            (delimiter(","), ",", &[""]),
            (delimiter("\r\n"), "a\nb\r\n\r", &["a\nb", "\r"]),
            (delimiter("aab"), "aaabaab", &["a", ""]),
            (delimiter("x"), "abc", &["abc"]),
            (delimiter(""), "a\rb", &["a", "b"]),
            (delimiter("é"), "aéb\u{e8}c", &["a", "b\u{e8}c"]),
        ];
        for (end, content, want) in rows {
            let want: Vec<&[u8]> = want.iter().map(|line| line.as_bytes()).collect();
            check(&end, 100, content.as_bytes(), &want, false);
        }
    }

    #[test]
    fn a_line_above_the_limit_is_an_error_after_the_lines_before_it() {
        let delimiter = LineEnd::Delimiter(b"||".to_vec());
        type Row<'a> = (&'a LineEnd, &'a [u8], &'a [&'a [u8]], bool);
        let rows: [Row; 9] = [
            (&LineEnd::Bytes, b"abc\nabc", &[b"abc", b"abc"], false),
            (&LineEnd::Bytes, b"abc\r", &[b"abc"], false),
            (&LineEnd::Bytes, b"abc\r\n", &[b"abc"], false),
            (&LineEnd::Bytes, b"abcd", &[], true),
            (&LineEnd::Bytes, b"a\nabcd\nb", &[b"a"], true),
            (&LineEnd::Text, b"abc\xc2\x85", &[b"abc"], false),
            (&LineEnd::Text, b"abc\xc2\xa9", &[], true),
            (&delimiter, b"abc||abc", &[b"abc", b"abc"], false),
            (&delimiter, b"abc|", &[], true),
        ];
        for (end, content, want, error) in rows {
            check(end, 3, content, want, error);
        }
    }
}
