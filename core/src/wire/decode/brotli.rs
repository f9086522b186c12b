//! The coding br.
//!
//! Source: RFC 7932; `BrotliDecoder` in urllib3 2.8.0. The window is the format's: 16 MiB at most,
//! and no more than the stream has filled.

use alloc::boxed::Box;

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

use super::step::{Completeness, Fault, Step};

/// br: one stream and nothing after it.
pub(super) enum Brotli {
    /// No byte was seen.
    Start,
    Stream(Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>),
    Ended,
}

impl Brotli {
    pub(super) const fn new() -> Self {
        Self::Start
    }

    pub(super) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        match self {
            Self::Start if input.is_empty() => Step { consumed: 0, produced: 0, fault: None },
            Self::Start => {
                let alloc = StandardAlloc::default;
                // Windows beyond RFC 7932 (RFC 9841) are not part of the content coding.
                let stream = BrotliState::new_strict(alloc(), alloc(), alloc());
                *self = Self::Stream(Box::new(stream));
                self.step(input, output)
            }
            Self::Stream(stream) => {
                let (mut left, mut consumed) = (input.len(), 0);
                let (mut room, mut produced, mut total) = (output.len(), 0, 0);
                let result = BrotliDecompressStream(
                    &mut left,
                    &mut consumed,
                    input,
                    &mut room,
                    &mut produced,
                    output,
                    &mut total,
                    stream,
                );
                let fault = match result {
                    BrotliResult::ResultFailure => Some(Fault::Corrupt),
                    BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => None,
                    BrotliResult::ResultSuccess => {
                        *self = Self::Ended;
                        (consumed < input.len()).then_some(Fault::Corrupt)
                    }
                };
                Step { consumed, produced, fault }
            }
            Self::Ended => {
                let fault = (!input.is_empty()).then_some(Fault::Corrupt);
                Step { consumed: 0, produced: 0, fault }
            }
        }
    }

    pub(super) const fn completeness(&self) -> Completeness {
        match self {
            Self::Start | Self::Ended => Completeness::Whole,
            Self::Stream(_) => Completeness::Partial,
        }
    }
}
