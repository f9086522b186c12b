//! Which charset a body is in, and its text.
//!
//! Source: `get_encoding_from_headers` and `stream_decode_response_unicode` in requests 2.34.2,
//! `utils.py`; `Response.text` and `Response.apparent_encoding` in `models.py`; the codecs of
//! CPython 3.11, whose names and tables are followed (its ISO-8859-1 is not windows-1252).

mod content_type;
mod decoder;
#[cfg(feature = "charset")]
mod legacy;
mod names;
mod unicode;

use alloc::borrow::Cow;
use alloc::string::String;

pub use content_type::encoding_from_content_type;
pub use decoder::TextDecoder;
pub use names::Charset;

/// The text of a body as `Response.text` has it.
///
/// `encoding` is what the message or the caller says: a name that nobody knows, and an empty one,
/// mean UTF-8; `None` means that it is to be [guessed](apparent_encoding). What is not of the
/// charset becomes U+FFFD.
#[must_use]
pub fn text<'a>(content: &'a [u8], encoding: Option<&str>) -> Cow<'a, str> {
    let name = encoding.unwrap_or_else(|| apparent_encoding(content));
    decode(content, Charset::for_name(name).unwrap_or(Charset::UTF_8)).0
}

/// A guess at the charset of `content`, by name.
///
/// It goes by the byte order mark; then by the zeros of ASCII in two or four bytes; then by whether
/// it is UTF-8 throughout; all else is
/// windows-1252, or ISO-8859-1 where that has no character. requests counts letters instead: for
/// short texts that gives now one legacy charset and now another.
#[must_use]
pub fn apparent_encoding(content: &[u8]) -> &'static str {
    let holes = [0x81, 0x8d, 0x8f, 0x90, 0x9d];
    match content {
        [0xef, 0xbb, 0xbf, ..] => return "utf-8-sig",
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => return "utf-32",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return "utf-16",
        _ => {}
    }
    if let Some(name) = wide_ascii(content) {
        name
    } else if core::str::from_utf8(content).is_ok() {
        "utf-8"
    } else if cfg!(feature = "charset") && !content.iter().any(|byte| holes.contains(byte)) {
        "windows-1252"
    } else {
        "ISO-8859-1"
    }
}

/// The form of text that is ASCII, each character in two or four bytes.
fn wide_ascii(content: &[u8]) -> Option<&'static str> {
    type IsWide = fn(&[u8]) -> bool;
    let forms: [(usize, &str, IsWide); 4] = [
        (4, "utf-32-le", |unit| matches!(unit, [1..=0x7f, 0, 0, 0])),
        (4, "utf-32-be", |unit| matches!(unit, [0, 0, 0, 1..=0x7f])),
        (2, "utf-16-le", |unit| matches!(unit, [1..=0x7f, 0])),
        (2, "utf-16-be", |unit| matches!(unit, [0, 1..=0x7f])),
    ];
    let is_wide = |(len, _, is_wide): &&(usize, &str, IsWide)| content.chunks(*len).all(is_wide);
    forms.iter().find(is_wide).filter(|_| !content.is_empty()).map(|(_, name, _)| *name)
}

/// The text of `content`, unless a part of it is not of the charset.
#[must_use]
pub fn decode_strictly(content: &[u8], charset: Charset) -> Option<Cow<'_, str>> {
    match decode(content, charset) {
        (text, Faults::None) => Some(text),
        (_, Faults::Some) => None,
    }
}

/// Whether anything was replaced by U+FFFD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Faults {
    None,
    Some,
}

fn decode(content: &[u8], charset: Charset) -> (Cow<'_, str>, Faults) {
    if charset == Charset::UTF_8
        && let Ok(text) = core::str::from_utf8(content)
    {
        return (Cow::Borrowed(text), Faults::None);
    }
    let mut text = String::with_capacity(content.len());
    let mut decoder = TextDecoder::new(charset);
    decoder.decode(content, &mut text);
    let faults = decoder.end(&mut text);
    (Cow::Owned(text), faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_replaced_where_it_is_not_of_the_charset() {
        let rows: [(&[u8], Option<&str>, &str); 14] = [
            (b"caf\xe9", Some("ISO-8859-1"), "caf\u{e9}"),
            (b"\x80", Some("latin-1"), "\u{80}"),
            (b"a\xff", Some("utf-8"), "a\u{fffd}"),
            (b"a\xf0\x9f", Some("utf-8"), "a\u{fffd}"),
            (b"\xf0\x9f\x98\x80", Some("utf8"), "\u{1f600}"),
            (b"\xff\xfea\0", Some("utf-16"), "a"),
            (b"a\0", Some("utf-16"), "a"),
            (b"a\xe9", Some("ascii"), "a\u{fffd}"),
            (b"\xef\xbb\xbfa", Some("utf-8"), "\u{feff}a"),
            (b"\xef\xbb\xbfa", Some("utf-8-sig"), "a"),
            (b"\xc3\xa9", Some("bogus"), "\u{e9}"),
            (b"\xc3\xa9", Some(""), "\u{e9}"),
            (b"\xc3\xa9", None, "\u{e9}"),
            (b"", None, ""),
        ];
        for (content, encoding, want) in rows {
            assert_eq!(text(content, encoding), want, "{content:?} {encoding:?}");
        }
    }

    #[test]
    fn a_guess_goes_by_the_mark_then_by_validity() {
        let legacy = if cfg!(feature = "charset") { "windows-1252" } else { "ISO-8859-1" };
        let rows: [(&[u8], &str); 14] = [
            (b"", "utf-8"),
            (b"plain", "utf-8"),
            (b"\xc3\xa9", "utf-8"),
            (b"\xef\xbb\xbfx", "utf-8-sig"),
            (b"\xff\xfex\0", "utf-16"),
            (b"\xfe\xff\0x", "utf-16"),
            (b"\xff\xfe\0\0x\0\0\0", "utf-32"),
            (b"h\0i\0", "utf-16-le"),
            (b"\0h\0i", "utf-16-be"),
            (b"h\0\0\0", "utf-32-le"),
            (b"\0\0\0h", "utf-32-be"),
            (b"a\0b", "utf-8"),
            (b"\x93caf\xe9\x94", legacy),
            (b"\x81\xe9", "ISO-8859-1"),
        ];
        for (content, want) in rows {
            assert_eq!(apparent_encoding(content), want, "{content:?}");
        }
    }

    #[test]
    fn strict_decoding_gives_all_or_nothing() {
        assert_eq!(decode_strictly(b"\xc3\xa9", Charset::UTF_8).as_deref(), Some("\u{e9}"));
        assert_eq!(decode_strictly(b"\xc3", Charset::UTF_8), None);
        let utf_16 = Charset::for_name("utf-16-le").unwrap();
        assert_eq!(decode_strictly(b"a\0", utf_16).as_deref(), Some("a"));
        assert_eq!(decode_strictly(b"a\0\0", utf_16), None);
        assert_eq!(decode_strictly(b"\0\xd8a\0", utf_16), None);
    }
}
