//! Text of a challenge and of an answer: in which bytes it stands, and how it is quoted.
//!
//! Source: RFC 9110, 5.6.4; RFC 8187, 3.2.1, for `username*`.

use alloc::string::String;
use alloc::vec::Vec;

/// Which bytes stand for which characters in a challenge and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    /// ISO-8859-1, as requests reads header fields.
    Latin1,
    /// UTF-8: the challenge says so.
    Utf8,
}

/// The text of a parameter. What claims to be UTF-8 and is not, is read as ISO-8859-1.
pub(super) fn text(bytes: &[u8], charset: Charset) -> String {
    match (charset, core::str::from_utf8(bytes)) {
        (Charset::Utf8, Ok(text)) => text.into(),
        (Charset::Utf8, Err(_)) | (Charset::Latin1, _) => {
            bytes.iter().copied().map(char::from).collect()
        }
    }
}

/// Appends `name="text"`, with quotes and backslashes escaped; a text that does not fit into
/// ISO-8859-1 goes out in UTF-8.
pub(super) fn push(out: &mut Vec<u8>, name: &str, text: &str, charset: Charset) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"=\"");
    let latin1 = crate::policy::credentials::latin1(text);
    let bytes = match (charset, &latin1) {
        (Charset::Latin1, Ok(bytes)) => bytes,
        (Charset::Latin1, Err(_)) | (Charset::Utf8, _) => text.as_bytes(),
    };
    for byte in bytes {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(*byte);
    }
    out.push(b'"');
}

/// Appends `name*=UTF-8''text`, percent-coded.
pub(super) fn push_extended(out: &mut Vec<u8>, name: &str, text: &str) {
    const DIGITS: [u8; 16] = *b"0123456789ABCDEF";
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"*=UTF-8''");
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            out.push(byte);
        } else {
            let digit = |value: u8| DIGITS.get(usize::from(value)).copied();
            out.push(b'%');
            out.extend([digit(byte >> 4), digit(byte & 15)].into_iter().flatten());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_quoted_in_the_charset_of_the_challenge() {
        let rows: [(&str, Charset, &[u8]); 5] = [
            ("a b", Charset::Latin1, b"n=\"a b\""),
            ("a\"\\", Charset::Latin1, b"n=\"a\\\"\\\\\""),
            ("é", Charset::Latin1, b"n=\"\xe9\""),
            ("é", Charset::Utf8, b"n=\"\xc3\xa9\""),
            ("中", Charset::Latin1, b"n=\"\xe4\xb8\xad\""),
        ];
        for (given, charset, want) in rows {
            let mut out = Vec::new();
            push(&mut out, "n", given, charset);
            assert_eq!(out, want, "{given} {charset:?}");
        }
        assert_eq!(text(b"\xc3\xa9", Charset::Utf8), "é");
        assert_eq!(text(b"\xe9", Charset::Utf8), "é");
        assert_eq!(text(b"\xc3\xa9", Charset::Latin1), "Ã©");
    }

    #[test]
    fn an_extended_value_is_that_of_rfc_7616() {
        let mut out = Vec::new();
        push_extended(&mut out, "username", "J\u{e4}s\u{f8}n Doe");
        assert_eq!(out, b"username*=UTF-8''J%C3%A4s%C3%B8n%20Doe");
    }
}
