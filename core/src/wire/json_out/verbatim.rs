//! What serde_json hands over as text: numbers under its feature `arbitrary_precision`, and
//! `RawValue`.
//!
//! Any crate of a build can turn that feature on for all of them. Bodies must not change then.

use alloc::string::String;

use super::JsonOutError;
use super::text::push_float;

/// What the text is.
#[derive(Clone, Copy)]
pub(super) enum Verbatim {
    /// A number as JSON writes it.
    Number,
    /// Any JSON, which goes out as it is.
    Raw,
}

impl Verbatim {
    /// By the name of the struct that serde_json makes of it.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "$serde_json::private::Number" => Some(Self::Number),
            "$serde_json::private::RawValue" => Some(Self::Raw),
            _ => None,
        }
    }

    pub(super) fn push(self, out: &mut String, text: &str) -> Result<(), JsonOutError> {
        match self {
            Self::Number if text.contains(['.', 'e', 'E']) => {
                push_float(out, text.parse::<f64>().map_err(serde::ser::Error::custom)?)
            }
            Self::Number | Self::Raw => {
                out.push_str(text);
                Ok(())
            }
        }
    }
}
