//! A value as the JSON body that requests sends for `json=`.
//!
//! Source: `PreparedRequest.prepare_body` in requests 2.34.2, `models.py`; `json.dumps` of Python
//! with `allow_nan=False`. Enums, which Python lacks, have the form that serde_json gives them.

mod compound;
mod key;
mod text;
mod value;
mod verbatim;

#[cfg(test)]
mod tests;

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::{Serialize, ser};

/// How many arrays and objects may be open at once; serde_json reads about as many.
pub const DEPTH_MAX: usize = 128;

/// Why a value has no JSON form.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonOutError {
    /// There is a NaN or an infinity in it, which JSON cannot say; `InvalidJSONError` in requests.
    NotFinite,
    /// A key of a map is neither text nor a number, a truth value or nothing.
    BadKey,
    /// More than [`DEPTH_MAX`] arrays and objects are nested.
    TooDeep,
    /// What the value itself says is wrong with it.
    Custom(String),
}

impl fmt::Display for JsonOutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFinite => "a NaN or an infinity has no JSON form",
            Self::BadKey => "a key of a map must be text, a number, a bool or none",
            Self::TooDeep => "more than 128 arrays and objects are nested",
            Self::Custom(message) => message,
        })
    }
}

impl core::error::Error for JsonOutError {}

impl ser::Error for JsonOutError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Custom(message.to_string())
    }
}

/// `value` as JSON, in ASCII only: `{"a": [1, 2.0, "\u00e9", null]}`.
///
/// Fields and keys keep their order, and a key that comes twice is written twice. Numbers, bools
/// and `None` are turned into text as keys: `{"1": true}`. Options and newtypes add no depth to the
/// JSON, only to the stack: how far they are nested is the caller's business.
///
/// ```
/// use sessio_core::wire::json_out::to_json;
///
/// assert_eq!(to_json(&("caf\u{e9}", 1.0, None::<u8>)).unwrap(), br#"["caf\u00e9", 1.0, null]"#);
/// assert!(to_json(&[f64::NAN]).is_err());
/// ```
///
/// # Errors
/// Where the value holds a NaN or an infinity, a key that cannot be text, more than [`DEPTH_MAX`]
/// levels, or a part that refuses to be serialized.
pub fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, JsonOutError> {
    let mut out = String::new();
    value.serialize(value::Writer { out: &mut out, levels_left: DEPTH_MAX })?;
    Ok(out.into_bytes())
}
