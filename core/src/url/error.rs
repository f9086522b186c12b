//! What is wrong with the text of a URL, told without its user, password and query.
//!
//! Source: `MissingSchema`, `InvalidSchema` and `InvalidURL` in requests 2.34.2, `exceptions.py`.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

use crate::planted::Plant;

/// How much of a URL an error shows, in characters.
const SHOWN_CHARS_MAX: usize = 100;

/// What is wrong with the text of a URL.
///
/// `text` is the URL as far as it may be shown: see [`shown`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UrlError {
    /// There is no scheme.
    MissingSchema {
        /// The URL as far as it may be shown.
        text: String,
    },
    /// What stands before the first colon is no scheme, or one that this text is no URL of.
    InvalidSchema {
        /// The URL as far as it may be shown.
        text: String,
    },
    /// The rest is no URL.
    InvalidUrl {
        /// The URL as far as it may be shown.
        text: String,
        /// What is wrong.
        reason: Reason,
    },
}

/// What is wrong with a URL that has a scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The bytes are not UTF-8.
    NotUtf8,
    /// It is longer than [`URL_BYTES_MAX`](super::URL_BYTES_MAX).
    TooLong,
    /// There is no host where it should be, after `//`.
    NoHost,
    /// The host begins with a dot or a star.
    Label,
    /// A label of the host is longer than 63 characters.
    LongLabel,
    /// An escape has letters or digits that are not hexadecimal.
    Escape,
    /// The crate `url` does not take it.
    Syntax(::url::ParseError),
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingSchema { text } => {
                // Escaped like the text before it: no control character gets into a log.
                let rest = text.trim_start_matches('/').escape_debug();
                write!(f, "{text:?}: no scheme; perhaps https://{rest}?")
            }
            Self::InvalidSchema { text } => {
                write!(f, "{text:?}: does not begin with a scheme such as https://")
            }
            Self::InvalidUrl { text, reason } => write!(f, "invalid URL {text:?}: {reason}"),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 => f.write_str("the bytes are not UTF-8"),
            Self::TooLong => write!(f, "longer than {} bytes", super::URL_BYTES_MAX),
            Self::NoHost => f.write_str("no host; it should look like https://host/path"),
            Self::Label => f.write_str("the host begins with a dot or a star"),
            Self::LongLabel => f.write_str("a label of the host is longer than 63 characters"),
            Self::Escape => f.write_str("'%' is not followed by two hexadecimal digits"),
            Self::Syntax(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for UrlError {}

impl UrlError {
    /// [`UrlError::InvalidUrl`] about `text`.
    pub(super) fn invalid(text: &str, reason: Reason) -> Self {
        Self::InvalidUrl { text: shown(text), reason }
    }
}

/// As much of a URL as an error may show: nothing up to the last `@`, no query, no fragment, and at
/// most 100 characters.
///
/// A password may itself hold `/`, `?`, `#` or `@`, so everything before the last `@` goes.
#[must_use]
pub fn shown(text: &str) -> String {
    let text = match text.rsplit_once('@') {
        Some(_) if Plant::SecretInError.is_on() => text,
        Some((_, rest)) => rest,
        None => text,
    };
    let end = text.find(['?', '#']).unwrap_or(text.len());
    let text = text.get(..end).unwrap_or_default();
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((cut, _)) => text.get(..cut).unwrap_or_default().to_owned(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn errors_name_what_would_be_right() {
        let rows = [
            ("example.com", "\"example.com\": no scheme; perhaps https://example.com?"),
            ("//example.com/x", "\"//example.com/x\": no scheme; perhaps https://example.com/x?"),
            ("a\0\r\nb", "\"a\\0\\r\\nb\": no scheme; perhaps https://a\\0\\r\\nb?"),
        ];
        for (text, want) in rows {
            let error = UrlError::MissingSchema { text: shown(text) };
            assert_eq!(error.to_string(), want, "{text}");
        }
    }

    #[test]
    fn errors_show_no_userinfo_and_no_query() {
        let rows = [
            ("http://u:s3cret@a.test/x?k=s3cret#s3cret", "a.test/x"),
            ("u:s3cret@a.test", "a.test"),
            ("http://u:s3c/r?et@s3cret@a.test/", "a.test/"),
            ("http://a.test/?s3cret", "http://a.test/"),
        ];
        for (text, want) in rows {
            assert_eq!(shown(text), want, "{text}");
        }
        assert_eq!(shown(&"é".repeat(300)).chars().count(), 100);
    }
}
