//! What can be wrong with a response head or a trailer section.

use alloc::string::String;
use core::fmt;

/// Why a head, or a trailer section, was refused.
///
/// Offsets count bytes from its first one. Field values are never kept: they may be secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadError {
    /// It does not begin with `HTTP/1.0` or `HTTP/1.1`.
    NotHttp1 {
        /// The first byte that differs.
        offset: usize,
    },
    /// After the version there is no single space with three digits behind it.
    StatusLine {
        /// The first byte that should be another one.
        offset: usize,
    },
    /// The status code is below 100.
    StatusCode {
        /// The code as sent.
        code: u16,
    },
    /// The reason has a control character.
    Reason {
        /// Where.
        offset: usize,
        /// Which.
        byte: u8,
    },
    /// A line ends with LF alone, where CR LF is asked for.
    BareLf {
        /// Where the LF is.
        offset: usize,
    },
    /// A CR without LF behind it.
    BareCr {
        /// Where the CR is.
        offset: usize,
    },
    /// The line before any field begins with a blank.
    LeadingBlank {
        /// Where the line begins.
        offset: usize,
    },
    /// A field line has no colon.
    NoColon {
        /// Where the line begins.
        offset: usize,
    },
    /// A field line begins with its colon.
    EmptyName {
        /// Where the line begins.
        offset: usize,
    },
    /// A blank between the name and the colon.
    BlankBeforeColon {
        /// Where the blank is.
        offset: usize,
    },
    /// A byte in a field name that no name has.
    FieldName {
        /// Where.
        offset: usize,
        /// Which.
        byte: u8,
    },
    /// A field name of more than 65,535 bytes.
    FieldNameTooLong {
        /// Where the line begins.
        offset: usize,
    },
    /// A control character in a field value.
    FieldValue {
        /// The field.
        name: String,
        /// Where.
        offset: usize,
        /// Which.
        byte: u8,
    },
    /// The value of this field is folded, and may not be.
    Fold {
        /// The field.
        name: String,
        /// Where the second line begins.
        offset: usize,
    },
    /// It has no end within the limit.
    TooLarge {
        /// [`HeadLimits::head_bytes_max`](super::HeadLimits), or that of trailers.
        bytes_max: usize,
    },
    /// It has more field lines than the limit.
    TooManyFields {
        /// [`HeadLimits::fields_max`](super::HeadLimits), or that of trailers.
        fields_max: usize,
    },
    /// `httparse` refuses it, and we found nothing wrong.
    Unreadable,
}

impl fmt::Display for HeadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotHttp1 { offset } => {
                write!(f, "answer is not HTTP/1.0 or HTTP/1.1 (byte {offset})")
            }
            Self::StatusLine { offset } => {
                write!(f, "malformed status line: no three-digit code at byte {offset}")
            }
            Self::StatusCode { code } => write!(f, "status code {code:03} is below 100"),
            Self::Reason { offset, byte } => {
                write!(f, "control character 0x{byte:02x} in the reason phrase (byte {offset})")
            }
            Self::BareLf { offset } => write!(f, "line ends with LF alone (byte {offset})"),
            Self::BareCr { offset } => write!(f, "CR without LF (byte {offset})"),
            Self::LeadingBlank { offset } => {
                write!(f, "blank before the first field (byte {offset})")
            }
            Self::NoColon { offset } => write!(f, "field line without colon (byte {offset})"),
            Self::EmptyName { offset } => write!(f, "field without name (byte {offset})"),
            Self::BlankBeforeColon { offset } => {
                write!(f, "blank between field name and colon (byte {offset})")
            }
            Self::FieldName { offset, byte } => {
                write!(f, "byte 0x{byte:02x} in a field name (byte {offset})")
            }
            Self::FieldNameTooLong { offset } => {
                write!(f, "field name over 65535 bytes (byte {offset})")
            }
            Self::FieldValue { name, offset, byte } => write!(
                f,
                "control character 0x{byte:02x} in the value of field {name} (byte {offset})"
            ),
            Self::Fold { name, offset } => {
                write!(f, "value of field {name} is folded (byte {offset})")
            }
            Self::TooLarge { bytes_max } => write!(f, "head or trailers over {bytes_max} bytes"),
            Self::TooManyFields { fields_max } => write!(f, "more than {fields_max} fields"),
            Self::Unreadable => f.write_str("head cannot be read"),
        }
    }
}

impl core::error::Error for HeadError {}
