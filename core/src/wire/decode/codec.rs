//! One coding as a machine that takes bytes and gives bytes.

use super::step::{Completeness, Step};
use super::{Coding, DecodeLimits};

/// The codecs of this build.
pub(super) enum Codec {
    #[cfg(feature = "gzip")]
    Gzip(super::flate::Gzip),
    #[cfg(feature = "gzip")]
    Deflate(super::flate::Deflate),
    #[cfg(feature = "brotli")]
    Brotli(super::brotli::Brotli),
    #[cfg(feature = "zstd")]
    Zstd(alloc::boxed::Box<super::zstd::Zstd>),
}

impl Codec {
    #[cfg_attr(not(feature = "zstd"), expect(unused_variables, reason = "only zstd has a limit"))]
    pub(super) fn new(coding: Coding, limits: &DecodeLimits) -> Self {
        match coding {
            #[cfg(feature = "gzip")]
            Coding::Gzip => Self::Gzip(super::flate::Gzip::new()),
            #[cfg(feature = "gzip")]
            Coding::Deflate => Self::Deflate(super::flate::Deflate::new()),
            #[cfg(feature = "brotli")]
            Coding::Brotli => Self::Brotli(super::brotli::Brotli::new()),
            #[cfg(feature = "zstd")]
            Coding::Zstd => {
                let codec = super::zstd::Zstd::new(limits.window_bytes_max);
                Self::Zstd(alloc::boxed::Box::new(codec))
            }
        }
    }

    /// Goes on until `input` is used up or `output` is full, whichever is first.
    #[cfg_attr(
        not(any(feature = "gzip", feature = "brotli", feature = "zstd")),
        expect(unused_variables, reason = "there is no codec")
    )]
    pub(super) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        match *self {
            #[cfg(feature = "gzip")]
            Self::Gzip(ref mut codec) => codec.step(input, output),
            #[cfg(feature = "gzip")]
            Self::Deflate(ref mut codec) => codec.step(input, output),
            #[cfg(feature = "brotli")]
            Self::Brotli(ref mut codec) => codec.step(input, output),
            #[cfg(feature = "zstd")]
            Self::Zstd(ref mut codec) => codec.step(input, output),
        }
    }

    /// No more input will come: what was held back for later references can come out.
    pub(super) fn close(&mut self) {
        match *self {
            #[cfg(feature = "gzip")]
            Self::Gzip(_) | Self::Deflate(_) => {}
            #[cfg(feature = "brotli")]
            Self::Brotli(_) => {}
            #[cfg(feature = "zstd")]
            Self::Zstd(ref mut codec) => codec.close(),
        }
    }

    /// Whether the stream could end here.
    pub(super) fn completeness(&self) -> Completeness {
        match *self {
            #[cfg(feature = "gzip")]
            Self::Gzip(ref codec) => codec.completeness(),
            #[cfg(feature = "gzip")]
            Self::Deflate(ref codec) => codec.completeness(),
            #[cfg(feature = "brotli")]
            Self::Brotli(ref codec) => codec.completeness(),
            #[cfg(feature = "zstd")]
            Self::Zstd(ref codec) => codec.completeness(),
        }
    }
}
