//! What can be wrong with a chunked body.

use core::fmt;

use crate::wire::head::HeadError;

/// Why a chunked body was refused; offsets count its bytes as received, from the first size line on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChunkError {
    /// A chunk size that has no digit, or a byte that does not belong there.
    Size {
        /// Where.
        offset: u64,
        /// Which byte.
        byte: u8,
    },
    /// A chunk size of more than 16 digits.
    SizeTooLong {
        /// Where the 17th is.
        offset: u64,
    },
    /// More than 16 blanks behind a chunk size.
    TooManyBlanks {
        /// Where the 17th is.
        offset: u64,
    },
    /// A control character in a chunk extension; a bare LF is one.
    Extension {
        /// Where.
        offset: u64,
        /// Which.
        byte: u8,
    },
    /// The extensions of all chunks together are over the limit.
    ExtensionsTooLarge {
        /// [`ChunkLimits::extension_bytes_max`](super::ChunkLimits).
        bytes_max: u32,
    },
    /// A CR in a size line without LF behind it.
    BareCr {
        /// Where the LF should be.
        offset: u64,
    },
    /// The data of a chunk is not followed by CR LF.
    DataEnd {
        /// Where.
        offset: u64,
        /// The byte that is there.
        byte: u8,
    },
    /// The trailer section is wrong or over its limits.
    Trailers(HeadError),
}

impl fmt::Display for ChunkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size { offset, byte } => {
                write!(f, "byte 0x{byte:02x} in a chunk size (byte {offset} of the body)")
            }
            Self::SizeTooLong { offset } => {
                write!(f, "chunk size of more than 16 digits (byte {offset} of the body)")
            }
            Self::TooManyBlanks { offset } => {
                write!(f, "more than 16 blanks behind a chunk size (byte {offset} of the body)")
            }
            Self::Extension { offset, byte } => {
                write!(f, "byte 0x{byte:02x} in a chunk extension (byte {offset} of the body)")
            }
            Self::ExtensionsTooLarge { bytes_max } => {
                write!(f, "chunk extensions over {bytes_max} bytes")
            }
            Self::BareCr { offset } => {
                write!(f, "CR without LF in a chunk size line (byte {offset} of the body)")
            }
            Self::DataEnd { offset, byte } => {
                write!(f, "byte 0x{byte:02x} behind chunk data (byte {offset} of the body)")
            }
            Self::Trailers(_) => f.write_str("malformed trailer section"),
        }
    }
}

impl core::error::Error for ChunkError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Trailers(error) => Some(error),
            _ => None,
        }
    }
}
