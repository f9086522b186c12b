//! JSON content: which Unicode form it is in, and what it says.
//!
//! Source: `guess_json_utf` in requests 2.34.2, `utils.py`; `Response.json` in `models.py`.

use core::fmt;

use alloc::borrow::Cow;
use alloc::string::{String, ToString};

use serde::de::DeserializeOwned;

use super::charset::{self, Charset};

/// The Unicode form of JSON content, by its byte order mark, else by where its first four bytes
/// are zero; `None` if that fits none.
#[must_use]
pub fn guess_json_utf(content: &[u8]) -> Option<&'static str> {
    let sample = content.get(..4).unwrap_or(content);
    match sample {
        [0xff, 0xfe, 0, 0] | [0, 0, 0xfe, 0xff] => return Some("utf-32"),
        [0xef, 0xbb, 0xbf, ..] => return Some("utf-8-sig"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Some("utf-16"),
        _ => {}
    }
    let is_null = |index: usize| sample.get(index) == Some(&0);
    let nulls = sample.iter().filter(|byte| **byte == 0).count();
    match nulls {
        0 => Some("utf-8"),
        2 if is_null(0) && is_null(2) => Some("utf-16-be"),
        2 if is_null(1) && is_null(3) => Some("utf-16-le"),
        3 if is_null(0) && is_null(1) && is_null(2) => Some("utf-32-be"),
        3 if is_null(1) && is_null(2) && is_null(3) => Some("utf-32-le"),
        _ => None,
    }
}

/// Why content is not the JSON that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// What is wrong.
    pub reason: JsonReason,
    /// The line, counted from 1; 0 if the place is not known.
    pub line: usize,
    /// The byte in the line, counted from 1; 0 if nothing was read yet.
    pub column: usize,
}

/// What is wrong with JSON content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonReason {
    /// It ends too early; empty content does.
    Ended,
    /// It is not JSON.
    Syntax,
    /// `NaN`, `Infinity` or `-Infinity`: Python reads them, RFC 8259 has no such numbers, and
    /// neither has the value that is returned.
    NotFinite,
    /// It is JSON, but not of the type that was asked for; the text says how.
    Type(String),
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            JsonReason::Ended => f.write_str("content ends inside the JSON value")?,
            JsonReason::Syntax => f.write_str("content is not JSON")?,
            JsonReason::NotFinite => f.write_str("number is not finite")?,
            JsonReason::Type(how) => f.write_str(how)?,
        }
        write!(f, " at line {} column {}", self.line, self.column)
    }
}

impl core::error::Error for JsonError {}

/// The value of JSON content, as `Response.json` reads it.
///
/// Without an `encoding`, the form is [guessed](guess_json_utf) if there are more than three
/// bytes; content that is not of that form, and all else, is read as [text](charset::text).
///
/// # Errors
/// [`JsonError`], with the place.
pub fn parse<T: DeserializeOwned>(content: &[u8], encoding: Option<&str>) -> Result<T, JsonError> {
    let text = guessed(content, encoding).unwrap_or_else(|| charset::text(content, encoding));
    serde_json::from_str(&text).map_err(|error| explain(&error, &text))
}

fn guessed<'a>(content: &'a [u8], encoding: Option<&str>) -> Option<Cow<'a, str>> {
    if encoding.is_some_and(|name| !name.is_empty()) || content.len() <= 3 {
        return None;
    }
    charset::decode_strictly(content, Charset::for_name(guess_json_utf(content)?)?)
}

fn explain(error: &serde_json::Error, text: &str) -> JsonError {
    use serde_json::error::Category;

    let (line, column) = (error.line(), error.column());
    let reason = match error.classify() {
        _ if is_not_finite(text, line, column) => JsonReason::NotFinite,
        Category::Eof => JsonReason::Ended,
        Category::Syntax | Category::Io => JsonReason::Syntax,
        Category::Data => JsonReason::Type(error.to_string()),
    };
    JsonError { reason, line, column }
}

/// Whether a number that is not finite stands where parsing stopped: at its first character, or at
/// the letter after the sign.
fn is_not_finite(text: &str, line: usize, column: usize) -> bool {
    let line = line.checked_sub(1).and_then(|index| text.split('\n').nth(index));
    let place = column.checked_sub(1).zip(line);
    place.and_then(|(start, line)| line.get(start..)).is_some_and(|rest| {
        ["NaN", "Infinity", "-Infinity"].iter().any(|number| rest.starts_with(number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn the_form_is_guessed_from_the_first_four_bytes() {
        let rows: [(&[u8], Option<&str>); 14] = [
            (b"", Some("utf-8")),
            (b"{}", Some("utf-8")),
            (b"\xef\xbb\xbf{}", Some("utf-8-sig")),
            (b"\xff\xfe{\0", Some("utf-16")),
            (b"\xfe\xff\0{", Some("utf-16")),
            (b"\xff\xfe\0\0{\0\0\0", Some("utf-32")),
            (b"{\0}\0", Some("utf-16-le")),
            (b"\0{\0}", Some("utf-16-be")),
            (b"\0a\0", Some("utf-16-be")),
            (b"{\0\0\0}\0\0\0", Some("utf-32-le")),
            (b"\0\0\0{", Some("utf-32-be")),
            (b"\0", None),
            (b"a\0\0a", None),
            (b"\0\0\0\0", None),
        ];
        for (content, want) in rows {
            assert_eq!(guess_json_utf(content), want, "{content:?}");
        }
    }

    #[test]
    fn content_is_read_in_its_form() {
        let rows: [(&[u8], Option<&str>, Value); 9] = [
            (b"{\"a\": 1}", None, json!({"a": 1})),
            (b" \n 1 \t", None, json!(1)),
            (b"\"\xc3\xa9\"", None, json!("\u{e9}")),
            (b"\"\xe9\"", Some("ISO-8859-1"), json!("\u{e9}")),
            (b"\"\xe9\"", None, json!("\u{e9}")),
            (b"\xef\xbb\xbf[1]", None, json!([1])),
            (b"\xff\xfe1\0 \0", None, json!(1)),
            (b"\0\0\0[\0\0\0]", None, json!([])),
            (b"[1]", Some(""), json!([1])),
        ];
        for (content, encoding, want) in rows {
            assert_eq!(parse(content, encoding), Ok(want), "{content:?} {encoding:?}");
        }
    }

    #[test]
    fn what_is_wrong_and_where_is_told() {
        let rows: [(&[u8], JsonReason, usize, usize); 10] = [
            (b"", JsonReason::Ended, 1, 0),
            (b"{", JsonReason::Ended, 1, 1),
            (b"[1,\n x]", JsonReason::Syntax, 2, 2),
            (b"nope", JsonReason::Syntax, 1, 2),
            (b"1 2", JsonReason::Syntax, 1, 3),
            (b"'x'", JsonReason::Syntax, 1, 1),
            (b"NaN", JsonReason::NotFinite, 1, 1),
            (b"[Infinity]", JsonReason::NotFinite, 1, 2),
            (b"[1, -Infinity]", JsonReason::NotFinite, 1, 6),
            (b"\xef\xbb\xbf{\"a\": x}", JsonReason::Syntax, 1, 7),
        ];
        for (content, reason, line, column) in rows {
            let error = parse::<Value>(content, None).unwrap_err();
            assert_eq!(error, JsonError { reason, line, column }, "{content:?}");
        }
        let error = parse::<Value>(b"\xef\xbb\xbf{}", Some("utf-8")).unwrap_err();
        assert_eq!(error.reason, JsonReason::Syntax, "a mark is not a part of JSON");
        let error = parse::<u8>(b"\"x\"", None).unwrap_err();
        assert!(matches!(error.reason, JsonReason::Type(_)), "{error:?}");
    }
}
