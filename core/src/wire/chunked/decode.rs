//! Takes the framing of a chunked body away, in place.
//!
//! Lines end with CR LF here and nowhere with LF alone (CVE-2025-22871), both bytes behind the data
//! are checked (CVE-2025-43859), and extensions are skipped within a limit (CVE-2023-39326).

use alloc::vec::Vec;

use super::ChunkError;
use crate::planted::Plant;
use crate::wire::head::{FieldLines, HeadError, find_end, parse_trailers};

/// Digits of a chunk size, leading zeros included; so a size fits 64 bits.
const SIZE_DIGITS_MAX: u8 = 16;
/// Blanks behind a chunk size (RFC 9112, 7.1.1: bad white space).
const BLANKS_MAX: u8 = 16;

/// How much may be in a chunked body besides its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkLimits {
    /// Bytes of all chunk extensions of one body, from each first semicolon on. Default: 16 KiB.
    pub extension_bytes_max: u32,
    /// Bytes of the trailer section with its blank line. Default: 16 KiB.
    pub trailer_bytes_max: usize,
    /// Fields of the trailer section. Default: 64.
    pub trailer_fields_max: usize,
}

impl Default for ChunkLimits {
    fn default() -> Self {
        Self { extension_bytes_max: 16 << 10, trailer_bytes_max: 16 << 10, trailer_fields_max: 64 }
    }
}

/// Whether the present chunk has more data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// More of it is to come.
    Continues,
    /// These are its last bytes.
    Ends,
}

/// What the bytes that were given are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "the decoder has moved on: bytes not taken here are lost"]
pub enum Step {
    /// `skip` bytes of framing, then `length` bytes of data, one at least. Both are taken: go on
    /// behind them.
    Data {
        /// Bytes of framing before the data.
        skip: usize,
        /// Bytes of data.
        length: usize,
        /// Whether the chunk ends with them.
        chunk: Chunk,
    },
    /// All `used` bytes that were given are framing, and more must come.
    NeedMore {
        /// As many as were given.
        used: usize,
    },
    /// The body ends behind `used` bytes; what follows is not part of it.
    End {
        /// Bytes up to the end of the trailer section.
        used: usize,
    },
}

/// A chunked body as it comes in.
///
/// ```
/// use sessio_core::wire::chunked::{Chunk, ChunkLimits, Decoder, Step};
///
/// let (mut decoder, limits) = (Decoder::new(), ChunkLimits::default());
/// let received = b"2\r\nok\r\n0\r\n\r\n";
/// let data = Step::Data { skip: 3, length: 2, chunk: Chunk::Ends };
/// assert_eq!(decoder.step(received, &limits)?, data);
/// assert_eq!(decoder.step(&received[5..], &limits)?, Step::End { used: 7 });
/// # Ok::<(), sessio_core::wire::chunked::ChunkError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    state: State,
    /// Bytes of extensions so far.
    extension_bytes: u32,
    /// Bytes taken so far.
    taken: u64,
    /// The trailer section as far as it is there; empty for most bodies.
    section: Vec<u8>,
    trailers: FieldLines,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// In the digits of a size.
    Size { size: u64, digits: u8 },
    /// Behind the digits.
    Blanks { size: u64, blanks: u8 },
    /// Behind a semicolon.
    Extension { size: u64 },
    /// Behind the CR of a size line.
    SizeLf { size: u64 },
    /// In the data; `left` is not zero.
    Data { left: u64 },
    /// Behind the data.
    DataCr,
    /// Behind the CR behind the data.
    DataLf,
    /// Behind the last chunk's line.
    Trailers,
    /// Behind everything.
    Ended,
}

impl State {
    const START: Self = Self::Size { size: 0, digits: 0 };
}

impl Default for State {
    fn default() -> Self {
        Self::START
    }
}

impl Decoder {
    /// A decoder before the first byte of a body; it allocates nothing unless trailers come.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes bytes from the front of `input`: framing, and data up to the end of its chunk.
    ///
    /// Give it what follows the bytes that the last step took. It is used up by an error.
    ///
    /// # Errors
    /// What is wrong with the framing, and where. How the bytes were cut makes no difference.
    pub fn step(&mut self, input: &[u8], limits: &ChunkLimits) -> Result<Step, ChunkError> {
        let mut at = 0_usize;
        let step = loop {
            let rest = input.get(at..).unwrap_or_default();
            let Some(&byte) = rest.first() else {
                break if matches!(self.state, State::Ended) {
                    Step::End { used: at }
                } else {
                    Step::NeedMore { used: at }
                };
            };
            let here = self.taken.saturating_add(at as u64);
            let used = match self.state {
                State::Size { size, digits } => self.size(rest, size, digits, here)?,
                State::Blanks { size, blanks } => self.blank(byte, size, blanks, here)?,
                State::Extension { size } => self.extension(rest, size, here, limits)?,
                State::SizeLf { size } => {
                    if byte != b'\n' {
                        return Err(ChunkError::BareCr { offset: here });
                    }
                    self.state =
                        if size == 0 { State::Trailers } else { State::Data { left: size } };
                    1
                }
                State::Data { left } => break self.data(at, rest.len(), left),
                State::DataCr | State::DataLf => self.data_end(byte, here)?,
                State::Trailers => self.trailer_section(rest, limits)?,
                State::Ended => break Step::End { used: at },
            };
            at = at.saturating_add(used);
        };
        let taken = match step {
            Step::Data { skip, length, .. } => skip.saturating_add(length),
            Step::NeedMore { used } | Step::End { used } => used,
        };
        self.taken = self.taken.saturating_add(taken as u64);
        Ok(step)
    }

    /// The trailers, when the body has ended; they are never part of the head (RFC 9110, 6.5.1).
    #[must_use]
    pub const fn trailers(&self) -> &FieldLines {
        &self.trailers
    }

    /// The trailers by value.
    #[must_use]
    pub fn into_trailers(self) -> FieldLines {
        self.trailers
    }

    /// Whether the body's end has been seen.
    #[must_use]
    pub const fn is_ended(&self) -> bool {
        matches!(self.state, State::Ended)
    }

    fn size(
        &mut self,
        rest: &[u8],
        mut size: u64,
        mut digits: u8,
        here: u64,
    ) -> Result<usize, ChunkError> {
        let mut used = 0_usize;
        for &byte in rest {
            let offset = here.saturating_add(used as u64);
            let digit = match byte {
                b'0'..=b'9' => byte & 0x0f,
                b'a'..=b'f' | b'A'..=b'F' => (byte & 0x0f).saturating_add(9),
                // The byte is taken by the next state, but for the CR of a plain line.
                _ if digits == 0 => return Err(ChunkError::Size { offset, byte }),
                b'\r' => {
                    self.state = State::SizeLf { size };
                    return Ok(used.saturating_add(1));
                }
                b'\n' if Plant::ChunkSizeBareLf.is_on() => {
                    self.state = State::SizeLf { size };
                    return Ok(used);
                }
                _ => {
                    self.state = State::Blanks { size, blanks: 0 };
                    return Ok(used);
                }
            };
            if digits == SIZE_DIGITS_MAX && !Plant::ChunkSizeOverflows.is_on() {
                return Err(ChunkError::SizeTooLong { offset });
            }
            size = size << 4 | u64::from(digit);
            digits = digits.saturating_add(1);
            used = used.saturating_add(1);
        }
        self.state = match Plant::ChunkSizeCut.is_on() {
            true => State::Size { size: 0, digits },
            false => State::Size { size, digits },
        };
        Ok(used)
    }

    fn blank(&mut self, byte: u8, size: u64, blanks: u8, here: u64) -> Result<usize, ChunkError> {
        self.state = match byte {
            b' ' | b'\t' if blanks == BLANKS_MAX => {
                return Err(ChunkError::TooManyBlanks { offset: here });
            }
            b' ' | b'\t' => State::Blanks { size, blanks: blanks.saturating_add(1) },
            b'\r' => State::SizeLf { size },
            // The semicolon is counted there.
            b';' => {
                self.state = State::Extension { size };
                return Ok(0);
            }
            _ => return Err(ChunkError::Size { offset: here, byte }),
        };
        Ok(1)
    }

    fn extension(
        &mut self,
        rest: &[u8],
        size: u64,
        here: u64,
        limits: &ChunkLimits,
    ) -> Result<usize, ChunkError> {
        let room = limits.extension_bytes_max.saturating_sub(self.extension_bytes) as usize;
        let end = rest.iter().position(|b| !matches!(b, b'\t' | b' '..=b'~' | 0x80..));
        let length = end.unwrap_or(rest.len());
        if length > room && !Plant::ChunkExtensionsUnlimited.is_on() {
            return Err(ChunkError::ExtensionsTooLarge { bytes_max: limits.extension_bytes_max });
        }
        let added = u32::try_from(length).unwrap_or(u32::MAX);
        self.extension_bytes = self.extension_bytes.saturating_add(added);
        match rest.get(length) {
            None => Ok(length),
            Some(b'\r') => {
                self.state = State::SizeLf { size };
                Ok(length.saturating_add(1))
            }
            Some(&byte) => {
                Err(ChunkError::Extension { offset: here.saturating_add(length as u64), byte })
            }
        }
    }

    fn data(&mut self, skip: usize, available: usize, left: u64) -> Step {
        let length = usize::try_from(left).unwrap_or(usize::MAX).min(available);
        let left = left.saturating_sub(length as u64);
        let chunk = if left == 0 {
            self.state = State::DataCr;
            Chunk::Ends
        } else {
            self.state = State::Data { left };
            Chunk::Continues
        };
        Step::Data { skip, length, chunk }
    }

    fn data_end(&mut self, byte: u8, offset: u64) -> Result<usize, ChunkError> {
        self.state = match (self.state, byte) {
            (State::DataCr, _) if Plant::ChunkEndUnchecked.is_on() => State::DataLf,
            (State::DataLf, _) if Plant::ChunkEndUnchecked.is_on() => State::START,
            (State::DataCr, b'\r') => State::DataLf,
            (State::DataLf, b'\n') => State::START,
            _ => return Err(ChunkError::DataEnd { offset, byte }),
        };
        Ok(1)
    }

    fn trailer_section(&mut self, rest: &[u8], limits: &ChunkLimits) -> Result<usize, ChunkError> {
        let had = self.section.len();
        if had == 0 && rest.starts_with(b"\r\n") {
            self.state = State::Ended;
            return Ok(2);
        }
        let is_bounded = !Plant::TrailersUnlimited.is_on();
        let bytes_max = if is_bounded { limits.trailer_bytes_max } else { usize::MAX };
        let fields_max = if is_bounded { limits.trailer_fields_max } else { usize::MAX };
        let room = bytes_max.saturating_sub(had);
        self.section.extend_from_slice(rest.get(..room).unwrap_or(rest));
        let end = match self.section.as_slice() {
            [b'\r', b'\n', ..] => Some(2),
            [b'\n', ..] => Some(1),
            section => find_end(section, had),
        };
        let Some(end) = end else {
            return if self.section.len() < bytes_max {
                Ok(rest.len())
            } else {
                Err(ChunkError::Trailers(HeadError::TooLarge { bytes_max }))
            };
        };
        self.section.truncate(end);
        parse_trailers(&mut self.trailers, &self.section, fields_max)
            .map_err(ChunkError::Trailers)?;
        self.section = Vec::new();
        self.state = State::Ended;
        Ok(end.saturating_sub(had))
    }
}
