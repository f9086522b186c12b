//! Bytes to text in pieces: however they are cut, the text is the same.
//!
//! Source: `codecs.getincrementaldecoder(name)(errors="replace")` of CPython 3.11, as
//! `stream_decode_response_unicode` in requests uses it.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::Faults;
use super::names::{Charset, Kind};
use super::unicode::{self, Order, Taken};

const BOM_UTF_8: &[u8] = b"\xef\xbb\xbf";

/// Decodes the text of one body.
pub struct TextDecoder {
    form: Form,
    /// The start of a character; at most three bytes.
    pending: Vec<u8>,
    faults: Faults,
}

/// How the next bytes are read.
enum Form {
    Utf8,
    /// UTF-8 behind a byte order mark that is still to come.
    Utf8Sig,
    Utf16(Order),
    /// UTF-16 before the two bytes that may tell its order.
    Utf16Mark,
    Utf32(Order),
    /// UTF-32 before the four bytes that may tell its order.
    Utf32Mark,
    Ascii,
    Latin1,
    #[cfg(feature = "charset")]
    Legacy(super::legacy::LegacyDecoder),
}

impl TextDecoder {
    /// A decoder before the first byte.
    #[must_use]
    pub fn new(charset: Charset) -> Self {
        let form = match charset.kind() {
            Kind::Utf8 => Form::Utf8,
            Kind::Utf8Sig => Form::Utf8Sig,
            Kind::Utf16(Some(order)) => Form::Utf16(order),
            Kind::Utf16(None) => Form::Utf16Mark,
            Kind::Utf32(Some(order)) => Form::Utf32(order),
            Kind::Utf32(None) => Form::Utf32Mark,
            Kind::Ascii => Form::Ascii,
            Kind::Latin1 => Form::Latin1,
            #[cfg(feature = "charset")]
            Kind::Legacy(legacy) => Form::Legacy(legacy.decoder()),
        };
        Self { form, pending: Vec::new(), faults: Faults::None }
    }

    /// Appends the text of `bytes` to `text`, but for a last character that is not complete.
    pub fn decode(&mut self, bytes: &[u8], text: &mut String) {
        let mut rest = bytes;
        while !self.pending.is_empty() {
            let Some((&byte, tail)) = rest.split_first() else { return };
            rest = tail;
            let mut pending = core::mem::take(&mut self.pending);
            pending.push(byte);
            let consumed = self.take(&pending, text);
            pending.drain(..consumed.min(pending.len()));
            self.pending = pending;
        }
        let consumed = self.take(rest, text);
        self.pending.extend_from_slice(rest.get(consumed..).unwrap_or_default());
    }

    /// Appends what is left when no more bytes come: a character that was cut off is a U+FFFD.
    pub fn finish(mut self, text: &mut String) {
        self.end(text);
    }

    /// As [`TextDecoder::finish`]; tells whether anything was replaced from the beginning on.
    pub(super) fn end(&mut self, text: &mut String) -> Faults {
        #[cfg(feature = "charset")]
        if let Form::Legacy(legacy) = &mut self.form
            && legacy.finish(text) == Faults::Some
        {
            self.faults = Faults::Some;
        }
        if !self.pending.is_empty() {
            match self.form {
                // The start of a surrogate is two faults.
                Form::Utf8 => text.push_str(&String::from_utf8_lossy(&self.pending)),
                _ => text.push(char::REPLACEMENT_CHARACTER),
            }
            self.pending.clear();
            self.faults = Faults::Some;
        }
        self.faults
    }

    /// Decodes from the start of `bytes`; how many of them it took.
    fn take(&mut self, bytes: &[u8], text: &mut String) -> usize {
        let mark = match self.mark(bytes) {
            Mark::Undecided => return 0,
            Mark::Skip(len) => len,
        };
        let bytes = bytes.get(mark..).unwrap_or_default();
        let taken = match &mut self.form {
            Form::Utf8 => unicode::utf8(bytes, text),
            Form::Utf16(order) => unicode::utf16(bytes, *order, text),
            Form::Utf32(order) => unicode::utf32(bytes, *order, text),
            Form::Ascii => ascii(bytes, text),
            Form::Latin1 => {
                text.extend(bytes.iter().copied().map(char::from));
                Taken { consumed: bytes.len(), faults: Faults::None }
            }
            #[cfg(feature = "charset")]
            Form::Legacy(legacy) => legacy.decode(bytes, text),
            // The mark was decided above.
            Form::Utf8Sig | Form::Utf16Mark | Form::Utf32Mark => return mark,
        };
        if taken.faults == Faults::Some {
            self.faults = Faults::Some;
        }
        taken.consumed.saturating_add(mark)
    }

    /// Looks for a byte order mark where there may be one. Without it, CPython reads UTF-16 and
    /// UTF-32 in the order of the machine; here it is little-endian everywhere.
    fn mark(&mut self, bytes: &[u8]) -> Mark {
        let (form, len) = match (&self.form, bytes) {
            (Form::Utf8Sig, [0xef, 0xbb, 0xbf, ..]) => (Form::Utf8, 3),
            (Form::Utf8Sig, _) if BOM_UTF_8.starts_with(bytes) => return Mark::Undecided,
            (Form::Utf8Sig, _) => (Form::Utf8, 0),
            (Form::Utf16Mark, [0xff, 0xfe, ..]) => (Form::Utf16(Order::Little), 2),
            (Form::Utf16Mark, [0xfe, 0xff, ..]) => (Form::Utf16(Order::Big), 2),
            (Form::Utf16Mark, [_, _, ..]) => (Form::Utf16(Order::Little), 0),
            (Form::Utf32Mark, [0xff, 0xfe, 0, 0, ..]) => (Form::Utf32(Order::Little), 4),
            (Form::Utf32Mark, [0, 0, 0xfe, 0xff, ..]) => (Form::Utf32(Order::Big), 4),
            (Form::Utf32Mark, [_, _, _, _, ..]) => (Form::Utf32(Order::Little), 0),
            (Form::Utf16Mark | Form::Utf32Mark, _) => return Mark::Undecided,
            _ => return Mark::Skip(0),
        };
        self.form = form;
        Mark::Skip(len)
    }
}

enum Mark {
    Undecided,
    Skip(usize),
}

fn ascii(bytes: &[u8], text: &mut String) -> Taken {
    let replaced = |&byte: &u8| if byte < 0x80 { char::from(byte) } else { '\u{fffd}' };
    text.extend(bytes.iter().map(replaced));
    let faults = if bytes.is_ascii() { Faults::None } else { Faults::Some };
    Taken { consumed: bytes.len(), faults }
}

impl fmt::Debug for TextDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextDecoder").field("pending", &self.pending.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, bytes: &[u8], want: &str) {
        let charset = Charset::for_name(name).unwrap_or_else(|| panic!("{name} is known"));
        let run = |pieces: &[&[u8]]| {
            let (mut decoder, mut text) = (TextDecoder::new(charset), String::new());
            pieces.iter().for_each(|piece| decoder.decode(piece, &mut text));
            decoder.finish(&mut text);
            text
        };
        assert_eq!(run(&[bytes]), want, "{name} {bytes:?} whole");
        let each: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(run(&each), want, "{name} {bytes:?} byte by byte");
        for cut in 0..bytes.len() {
            let (one, two) = bytes.split_at(cut);
            assert_eq!(run(&[one, b"", two]), want, "{name} {bytes:?} cut at {cut}");
        }
    }

    #[test]
    fn every_split_gives_the_same_text() {
        let rows: [(&str, &[u8], &str); 27] = [
            ("utf-8", b"", ""),
            ("utf-8", b"a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z", "a\u{e9}\u{20ac}\u{1f600}z"),
            ("utf-8", b"\xf0\x9f\x98z\xff", "\u{fffd}z\u{fffd}"),
            ("utf-8", b"\xed\xa0\x80", "\u{fffd}\u{fffd}\u{fffd}"),
            ("utf-8", b"a\xe2\x82", "a\u{fffd}"),
            ("utf-8", b"a\xed\xa0", "a\u{fffd}\u{fffd}"),
            ("utf-8", b"\xef\xbb\xbfa", "\u{feff}a"),
            ("utf-8-sig", b"\xef\xbb\xbfa\xef\xbb\xbf", "a\u{feff}"),
            ("utf-8-sig", b"\xef\xbba", "\u{fffd}a"),
            ("utf-8-sig", b"\xef\xbb", "\u{fffd}"),
            ("utf-16", b"\xff\xfea\0", "a"),
            ("utf-16", b"\xfe\xff\0a", "a"),
            ("utf-16", b"a\0b\0", "ab"),
            ("utf-16", b"a", "\u{fffd}"),
            ("utf-16-le", b"\xff\xfea\0", "\u{feff}a"),
            ("utf-16-be", b"\xd8\x3d\xde\0\0a", "\u{1f600}a"),
            ("utf-16-le", b"\0\xd8a\0\0\xdcb\0", "\u{fffd}a\u{fffd}b"),
            ("utf-16-le", b"a\0\x3d\xd8\0", "a\u{fffd}"),
            ("utf-32", b"\0\0\xfe\xff\0\0\0a", "a"),
            ("utf-32", b"\xff\xfe\0\0a\0\0\0", "a"),
            ("utf-32", b"a\0\0\0", "a"),
            ("utf-32-be", b"\0\x11\0\0\0\0\xd8\0\0\x01\xf6\0", "\u{fffd}\u{fffd}\u{1f600}"),
            ("utf-32-le", b"a\0\0\0b\0", "a\u{fffd}"),
            ("ascii", b"a\xe9\xc3\xa9", "a\u{fffd}\u{fffd}\u{fffd}"),
            ("iso-8859-1", b"a\x80\xe9\xff", "a\u{80}\u{e9}\u{ff}"),
            ("latin1", b"\xc3\xa9", "\u{c3}\u{a9}"),
            ("us-ascii", b"ok", "ok"),
        ];
        for (name, bytes, want) in rows {
            check(name, bytes, want);
        }
    }

    #[cfg(feature = "charset")]
    #[test]
    fn every_split_of_a_legacy_charset_gives_the_same_text() {
        let rows: [(&str, &[u8], &str); 18] = [
            ("cp1252", b"\x80\x99\x81\xe9", "\u{20ac}\u{2122}\u{fffd}\u{e9}"),
            ("windows-1251", b"\xcf\xf0\x98", "\u{41f}\u{440}\u{fffd}"),
            ("cp1255", b"\xca\xe0", "\u{fffd}\u{5d0}"),
            ("iso-8859-2", b"\xb1\x80", "\u{105}\u{80}"),
            ("iso-8859-9", b"\x80\xf0", "\u{80}\u{11f}"),
            ("iso-8859-15", b"\xa4", "\u{20ac}"),
            ("iso8859_7", b"\xae\xe1", "\u{fffd}\u{3b1}"),
            ("tis-620", b"\xa0\xa1\x80", "\u{fffd}\u{e01}\u{80}"),
            ("cp874", b"\x80\x81\xa0", "\u{20ac}\u{fffd}\u{a0}"),
            ("koi8-r", b"\xf2\xae", "\u{420}\u{255d}"),
            ("koi8-u", b"\xae\xbe\xa4", "\u{255d}\u{256c}\u{454}"),
            ("shift_jis", b"\x93\xfa\x96{", "\u{65e5}\u{672c}"),
            ("euc-jp", b"\xc6\xfc\xcb\xdca", "\u{65e5}\u{672c}a"),
            ("iso-2022-jp", b"\x1b$BF|K\\\x1b(B", "\u{65e5}\u{672c}"),
            ("gb2312", b"\xd6\xd0", "\u{4e2d}"),
            ("gb18030", b"\x81\x30\x81\x30", "\u{80}"),
            ("big5", b"\xa4\xa4", "\u{4e2d}"),
            ("euc-kr", b"\xc7\xd1\xc7", "\u{d55c}\u{fffd}"),
        ];
        for (name, bytes, want) in rows {
            check(name, bytes, want);
        }
    }
}
