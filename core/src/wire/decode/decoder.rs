//! The codings of one body, undone one after the other, as a machine that takes bytes and gives
//! bytes.

use core::fmt;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::stage::{Allowance, Close, Stage, pull};
use super::step::Completeness;
use super::{Coding, Codings, DecodeError, DecodeLimits, RATIO_STEP_BYTES, codings};

use crate::planted::Plant;

/// Bytes between two codings of one body.
const STAGED_BYTES: usize = 16 << 10;

/// What has to be done with a body.
#[derive(Debug)]
pub enum Decoding {
    /// Nothing: what comes in is the content. There is nothing to copy.
    Identity,
    /// Every piece goes through this.
    Coded(Box<Decoder>),
    /// Nothing, since one of its codings is unknown: the body stays as it came.
    Unknown {
        /// The name of the unknown coding, in lower case.
        coding: String,
    },
}

impl Decoding {
    /// What the values of all `Content-Encoding` fields, in order, ask for.
    ///
    /// # Errors
    /// [`DecodeError::TooManyCodings`].
    pub fn from_fields<'a>(
        values: impl IntoIterator<Item = &'a [u8]>,
        limits: &DecodeLimits,
    ) -> Result<Self, DecodeError> {
        match codings(values, limits.codings_max)? {
            Codings::Identity => Ok(Self::Identity),
            Codings::Unknown { coding } => Ok(Self::Unknown { coding }),
            Codings::Known(list) => Ok(Self::Coded(Box::new(Decoder::new(&list, limits)))),
        }
    }
}

/// What one call moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the input that were taken in; the rest is to be offered again.
    pub consumed: usize,
    /// Bytes of content at the start of the output.
    pub produced: usize,
    /// What the decoder needs to go on.
    pub then: Then,
}

/// What the decoder needs to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// All input was taken in and all content that it gives was given out.
    NeedsInput,
    /// The output is full. There may be more content, even if no input is left.
    NeedsRoom,
}

/// Undoes the codings of one body.
///
/// It allocates what its codings need (a window each) and nothing per call. The content does not
/// depend on how the input is cut or on the size of the output.
pub struct Decoder {
    /// From the wire to the content.
    stages: Vec<Stage>,
    limits: DecodeLimits,
    /// Coded bytes that were taken in.
    coded: u64,
    /// The ratio is that to so many coded bytes; all up to here may be taken in.
    ratio_base: u64,
}

impl Decoder {
    /// A decoder for `codings`, in the order in which they were applied.
    ///
    /// Their number is the caller's affair; [`Decoding::from_fields`] looks at the limit.
    #[must_use]
    pub fn new(codings: &[Coding], limits: &DecodeLimits) -> Self {
        let stage = |(index, &coding): (usize, &Coding)| {
            // The input of the first stage is the wire's own.
            Stage::new(coding, limits, if index == 0 { 0 } else { STAGED_BYTES })
        };
        Self {
            stages: codings.iter().rev().enumerate().map(stage).collect(),
            limits: *limits,
            coded: 0,
            ratio_base: RATIO_STEP_BYTES,
        }
    }

    /// Decodes until `input` is used up or `output` is full.
    ///
    /// An error comes when all that could be decoded before it was given out, and it stays.
    ///
    /// # Errors
    /// All of [`DecodeError`] but [`DecodeError::TooManyCodings`] and [`DecodeError::Truncated`].
    pub fn decode(&mut self, input: &[u8], output: &mut [u8]) -> Result<Progress, DecodeError> {
        let (mut consumed, mut produced) = (0_usize, 0_usize);
        loop {
            let rest = input.get(consumed..).unwrap_or_default();
            let until_step = self.ratio_base.saturating_sub(self.coded);
            let until_step = usize::try_from(until_step).unwrap_or(usize::MAX);
            let part = rest.get(..until_step).unwrap_or(rest);
            let room = output.get_mut(produced..).unwrap_or_default();
            let (content, below) = (self.content_allowance(), self.ratio_allowance());
            let pulled = pull(&mut self.stages, part, room, content, below);
            consumed = consumed.saturating_add(pulled.consumed);
            produced = produced.saturating_add(pulled.produced);
            self.coded = self.coded.saturating_add(pulled.consumed as u64);
            match pulled.result {
                Err(error) if produced == 0 => return Err(error),
                // The stage repeats it.
                Err(_) => return Ok(Progress { consumed, produced, then: Then::NeedsRoom }),
                Ok(()) if produced == output.len() => {
                    return Ok(Progress { consumed, produced, then: Then::NeedsRoom });
                }
                Ok(()) => {}
            }
            // Only here has everything come out that the bytes so far give.
            if self.coded == self.ratio_base {
                self.ratio_base = self.ratio_base.saturating_add(RATIO_STEP_BYTES);
            }
            if consumed == input.len() {
                return Ok(Progress { consumed, produced, then: Then::NeedsInput });
            }
        }
    }

    /// Says that the body has ended: gives out what is left, and at last says whether it is whole.
    ///
    /// To be called until it gives 0 or an error, with room for at least one byte: without room, a
    /// body counts as cut off. A body without a byte is whole.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] after the content of what came, or any error of
    /// [`Decoder::decode`].
    pub fn finish(&mut self, output: &mut [u8]) -> Result<usize, DecodeError> {
        loop {
            let progress = self.decode(&[], output)?;
            if progress.produced > 0 {
                return Ok(progress.produced);
            }
            // From the wire upwards: what a stage held back is input of the next.
            if !self.stages.iter_mut().any(|stage| stage.close() == Close::Now) {
                break;
            }
        }
        let is_cut =
            |stage: &&Stage| output.is_empty() || stage.completeness() == Completeness::Partial;
        match self.stages.iter().find(is_cut) {
            Some(_) if Plant::GzipCutOff.is_on() => Ok(0),
            Some(stage) => Err(DecodeError::Truncated { coding: stage.coding }),
            None => Ok(0),
        }
    }

    /// How much may come out of any stage for what has come in.
    fn ratio_allowance(&self) -> Allowance {
        let ratio_max = self.limits.ratio_max;
        let bytes = self.ratio_base.saturating_mul(ratio_max).max(self.limits.ratio_floor_bytes);
        let bytes = if Plant::RatioUnlimited.is_on() { u64::MAX } else { bytes };
        Allowance { bytes, beyond: DecodeError::RatioTooHigh { ratio_max } }
    }

    /// How much may come out of the last stage.
    fn content_allowance(&self) -> Allowance {
        let ratio = self.ratio_allowance();
        let more = u64::from(Plant::BombOneMore.is_on());
        let most = self.limits.decoded_bytes_max.map(|max| max.saturating_add(more));
        match most.filter(|_| !Plant::BombUnlimited.is_on()) {
            Some(decoded_bytes_max) if decoded_bytes_max <= ratio.bytes => Allowance {
                bytes: decoded_bytes_max,
                beyond: DecodeError::TooLarge { decoded_bytes_max },
            },
            Some(_) | None => ratio,
        }
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codings: Vec<_> = self.stages.iter().rev().map(|stage| stage.coding).collect();
        f.debug_struct("Decoder").field("codings", &codings).field("coded", &self.coded).finish()
    }
}
