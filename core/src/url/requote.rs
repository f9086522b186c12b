//! Escapes of a whole URL in one form: unreserved characters bare, everything illegal escaped.
//!
//! Source: `unquote_unreserved` and `requote_uri` in requests 2.34.2, `utils.py`.

use alloc::borrow::Cow;
use alloc::string::String;

use super::charset::{Component, is_unreserved, push_escape};
use super::error::{Reason, UrlError};

/// `uri` with the escapes of unreserved characters undone: `%7E` becomes `~`, `%2F` stays.
///
/// A `%` that two letters or digits do not follow stays as it is.
///
/// # Errors
/// [`Reason::Escape`] if two letters or digits follow a `%` that are not hexadecimal.
pub fn unquote_unreserved(uri: &str) -> Result<Cow<'_, str>, UrlError> {
    if !uri.contains('%') {
        return Ok(Cow::Borrowed(uri));
    }
    let mut out = String::with_capacity(uri.len());
    let mut parts = uri.split('%');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        match escape(part) {
            Escape::Unreserved(byte, rest) => {
                out.push(byte.into());
                out.push_str(rest);
            }
            Escape::Other => {
                out.push('%');
                out.push_str(part);
            }
            Escape::Bad => return Err(UrlError::invalid(uri, Reason::Escape)),
        }
    }
    Ok(Cow::Owned(out))
}

/// What follows a `%`.
enum Escape<'a> {
    /// An escaped unreserved byte, and the rest.
    Unreserved(u8, &'a str),
    /// Another escape, or something that does not look like one.
    Other,
    /// Two letters or digits that are not hexadecimal.
    Bad,
}

fn escape(part: &str) -> Escape<'_> {
    let mut chars = part.chars();
    let (Some(first), Some(second)) = (chars.next(), chars.next()) else { return Escape::Other };
    if !(first.is_alphanumeric() && second.is_alphanumeric()) {
        return Escape::Other;
    }
    let (Some(high), Some(low)) = (first.to_digit(16), second.to_digit(16)) else {
        return Escape::Bad;
    };
    match u8::try_from(high.wrapping_shl(4) | low) {
        Ok(byte) if is_unreserved(byte) => Escape::Unreserved(byte, chars.as_str()),
        _ => Escape::Other,
    }
}

/// `uri` fully and consistently quoted: escapes of unreserved characters undone, illegal characters
/// escaped. If an escape is bad, every `%` of `uri` becomes `%25`.
#[must_use]
pub fn requote_uri(uri: &str) -> Cow<'_, str> {
    match unquote_unreserved(uri) {
        Ok(unquoted) => quote(unquoted, Percent::Kept),
        Err(_) => quote(Cow::Borrowed(uri), Percent::Escaped),
    }
}

/// What becomes of a `%`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Percent {
    Kept,
    Escaped,
}

fn quote(uri: Cow<'_, str>, percent: Percent) -> Cow<'_, str> {
    let allowed =
        |byte: u8| Component::Whole.allows(byte) || (byte == b'%' && percent == Percent::Kept);
    if uri.bytes().all(allowed) {
        return uri;
    }
    let mut out = String::with_capacity(uri.len().saturating_add(16));
    for byte in uri.bytes() {
        if allowed(byte) {
            out.push(byte.into());
        } else {
            push_escape(&mut out, byte);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_escape_quotes_the_whole_uri() {
        let rows = [
            ("/%7E%2f", "/~%2f"),
            ("/%7E%zz", "/%257E%25zz"),
            ("/%", "/%"),
            ("/a b|\u{e9}", "/a%20b%7C%C3%A9"),
            ("/[a]#b", "/[a]#b"),
        ];
        for (uri, want) in rows {
            assert_eq!(requote_uri(uri), want, "{uri}");
        }
    }

    #[test]
    fn a_quoted_uri_is_not_copied() {
        for uri in ["http://a.test/x?y=z#w", ""] {
            assert!(matches!(requote_uri(uri), Cow::Borrowed(_)), "{uri}");
        }
    }
}
