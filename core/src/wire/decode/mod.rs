//! Undoes content codings (gzip, deflate, br, zstd) as a body comes in, within named limits.
//!
//! Source: RFC 9110 section 8.4; `BaseHTTPResponse._init_decoder` and the decoder classes in
//! urllib3 2.8.0, `response.py`. What differs: a coded body that is cut off is an error, an unknown
//! coding leaves the whole body as it came, and so do members of a gzip body that are damaged
//! after the first one count as damage.

#[cfg(feature = "brotli")]
mod brotli;
mod codec;
mod codings;
mod decoder;
#[cfg(feature = "gzip")]
mod flate;
#[cfg(test)]
mod samples;
#[cfg_attr(
    not(any(feature = "gzip", feature = "brotli", feature = "zstd")),
    expect(unused_variables, reason = "there is no codec")
)]
mod stage;
#[cfg_attr(
    not(any(feature = "gzip", feature = "brotli", feature = "zstd")),
    expect(dead_code, reason = "there is no codec")
)]
mod step;
#[cfg(test)]
mod tests;
#[cfg(feature = "zstd")]
mod zstd;

use core::fmt;

pub use codings::{Codings, accept_encoding, codings};
pub use decoder::{Decoder, Decoding, Progress, Then};

/// A content coding that this build can undo: each stands behind the feature of its codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coding {
    /// `gzip` and `x-gzip`, RFC 1952.
    #[cfg(feature = "gzip")]
    Gzip,
    /// `deflate`: RFC 1950, or the bare RFC 1951 that some servers send under that name.
    #[cfg(feature = "gzip")]
    Deflate,
    /// `br`, RFC 7932.
    #[cfg(feature = "brotli")]
    Brotli,
    /// `zstd`, RFC 8878.
    #[cfg(feature = "zstd")]
    Zstd,
}

impl Coding {
    /// The registered name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            #[cfg(feature = "gzip")]
            Self::Gzip => "gzip",
            #[cfg(feature = "gzip")]
            Self::Deflate => "deflate",
            #[cfg(feature = "brotli")]
            Self::Brotli => "br",
            #[cfg(feature = "zstd")]
            Self::Zstd => "zstd",
        }
    }
}

impl fmt::Display for Coding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a coded body may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeLimits {
    /// Codings of one body, those of all its fields together; `identity` is none. Default: 2.
    pub codings_max: usize,
    /// Bytes of decoded content; `None` (the default) leaves it to who buffers the content.
    pub decoded_bytes_max: Option<u64>,
    /// How many times more bytes may come out of any of the codings than came in. Default: 100.
    ///
    /// What came in is rounded up to [`RATIO_STEP_BYTES`], so that the verdict does not depend on
    /// how the network cut the body.
    pub ratio_max: u64,
    /// Up to so many bytes out of a coding, the ratio is not looked at. Default: 8 MiB.
    pub ratio_floor_bytes: u64,
    /// The window that a zstd frame may ask for. Default: 8 MiB (RFC 9659 section 3).
    pub window_bytes_max: u64,
}

impl Default for DecodeLimits {
    fn default() -> Self {
        Self {
            codings_max: 2,
            decoded_bytes_max: None,
            ratio_max: 100,
            ratio_floor_bytes: 8 << 20,
            window_bytes_max: 8 << 20,
        }
    }
}

/// The ratio is looked at whenever so many more coded bytes were taken in.
pub const RATIO_STEP_BYTES: u64 = 64 << 10;

/// Why a coded body cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// More codings than [`DecodeLimits::codings_max`].
    TooManyCodings {
        /// The limit.
        codings_max: usize,
    },
    /// Bytes that are not of that coding, a wrong checksum, or a wrong length.
    Corrupt {
        /// The coding that they should have been of.
        coding: Coding,
    },
    /// The body ended inside that coding.
    Truncated {
        /// The coding that was cut off.
        coding: Coding,
    },
    /// More content than [`DecodeLimits::decoded_bytes_max`].
    TooLarge {
        /// The limit.
        decoded_bytes_max: u64,
    },
    /// More content for its coded size than [`DecodeLimits::ratio_max`].
    RatioTooHigh {
        /// The limit.
        ratio_max: u64,
    },
    /// A window above [`DecodeLimits::window_bytes_max`].
    WindowTooLarge {
        /// The limit.
        window_bytes_max: u64,
    },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyCodings { codings_max } => {
                write!(f, "more than {codings_max} content codings")
            }
            Self::Corrupt { coding } => write!(f, "body is not valid {coding}"),
            Self::Truncated { coding } => write!(f, "{coding} body is cut off"),
            Self::TooLarge { decoded_bytes_max } => {
                write!(f, "decoded body is larger than {decoded_bytes_max} bytes")
            }
            Self::RatioTooHigh { ratio_max } => {
                write!(f, "decoded body is more than {ratio_max} times larger than the coded one")
            }
            Self::WindowTooLarge { window_bytes_max } => {
                write!(f, "zstd window is larger than {window_bytes_max} bytes")
            }
        }
    }
}

impl core::error::Error for DecodeError {}
