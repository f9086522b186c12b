//! Scalars as JSON: quoted text in ASCII, and numbers.
//!
//! Source: `py_encode_basestring_ascii` and `floatstr` of Python's `json.encoder`.

use alloc::string::String;
use core::fmt::{Display, Write as _};

use super::JsonOutError;
use crate::wire::float::float_repr;

/// Appends `text` in quotes.
pub(super) fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    for run in text.split_inclusive(is_escaped) {
        let mut plain = run.chars();
        match plain.next_back() {
            Some(last) if is_escaped(last) => {
                out.push_str(plain.as_str());
                push_escape(out, last);
            }
            _ => out.push_str(run),
        }
    }
    out.push('"');
}

/// DEL is escaped too, unlike in serde_json: Python leaves only the printable as they are.
fn is_escaped(c: char) -> bool {
    !matches!(c, ' '..='~') || matches!(c, '"' | '\\')
}

fn push_escape(out: &mut String, c: char) {
    let short = match c {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\x08' => "\\b",
        '\x0c' => "\\f",
        _ => {
            // A surrogate pair above U+FFFF.
            for unit in c.encode_utf16(&mut [0; 2]) {
                push_unit(out, *unit);
            }
            return;
        }
    };
    out.push_str(short);
}

fn push_unit(out: &mut String, unit: u16) {
    out.push_str("\\u");
    for shift in [12, 8, 4, 0] {
        let digit = u32::from(unit >> shift & 0xf);
        out.extend(char::from_digit(digit, 16));
    }
}

/// Appends what `scalar` prints, as it is.
pub(super) fn push_printed(out: &mut String, scalar: impl Display) -> Result<(), JsonOutError> {
    write!(out, "{scalar}").map_err(serde::ser::Error::custom)
}

/// Appends `number` as Python prints it.
pub(super) fn push_float(out: &mut String, number: f64) -> Result<(), JsonOutError> {
    if !number.is_finite() {
        return Err(JsonOutError::NotFinite);
    }
    out.push_str(&float_repr(number));
    Ok(())
}
