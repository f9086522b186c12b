//! The codings gzip and deflate.
//!
//! Source: RFC 1950, 1951 and 1952; `GzipDecoder` and `DeflateDecoder` in urllib3 2.8.0. The
//! checksums are the backend's.

use flate2::{Decompress, FlushDecompress, Status};

use super::step::{Completeness, Fault, Step};

/// The base-2 logarithm of the largest window of RFC 1951.
const WINDOW_BITS: u8 = 15;

/// What every gzip member begins with: two magic bytes and the one compression method there is.
const MEMBER_START: [u8; 3] = [0x1f, 0x8b, 8];

/// The bits of the fourth byte of a member that must be zero.
const RESERVED_FLAGS: u8 = 0xe0;

/// gzip: members one after the other, and whatever follows them.
pub(super) struct Gzip {
    inflate: Decompress,
    state: GzipState,
}

enum GzipState {
    /// No byte was seen.
    Start,
    Member,
    /// After a member. So many bytes of the start of another one were seen.
    Between {
        matched: usize,
    },
    /// After bytes that are no member: other clients ignore them, too.
    Trailing,
}

impl Gzip {
    pub(super) fn new() -> Self {
        Self { inflate: Decompress::new_gzip(WINDOW_BITS), state: GzipState::Start }
    }

    pub(super) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let mut run = Run::new(input, output);
        loop {
            match self.state {
                GzipState::Start if run.input.is_empty() => return run.pause(),
                GzipState::Start => self.state = GzipState::Member,
                GzipState::Member => match run.inflate(&mut self.inflate) {
                    Inflated::Paused => return run.pause(),
                    Inflated::Ended => self.state = GzipState::Between { matched: 0 },
                    Inflated::Failed => return run.fail(),
                },
                GzipState::Between { matched } => {
                    let Some(byte) = run.next_byte() else { return run.pause() };
                    self.state = match MEMBER_START.get(matched) {
                        Some(&want) if want == byte => {
                            GzipState::Between { matched: matched.saturating_add(1) }
                        }
                        None if byte & RESERVED_FLAGS == 0 => {
                            self.inflate = Decompress::new_gzip(WINDOW_BITS);
                            let [one, two, three] = MEMBER_START;
                            if feed(&mut self.inflate, &[one, two, three, byte]).is_err() {
                                return run.fail();
                            }
                            GzipState::Member
                        }
                        _ => GzipState::Trailing,
                    };
                }
                GzipState::Trailing => {
                    run.skip_rest();
                    return run.pause();
                }
            }
        }
    }

    pub(super) fn completeness(&self) -> Completeness {
        match self.state {
            GzipState::Start | GzipState::Between { matched: 0 } | GzipState::Trailing => {
                Completeness::Whole
            }
            GzipState::Member | GzipState::Between { .. } => Completeness::Partial,
        }
    }
}

/// deflate: with the zlib header, or bare.
pub(super) enum Deflate {
    /// Fewer than two bytes were seen.
    Start {
        first: Option<u8>,
    },
    Body(Decompress),
    /// After the end. What follows is ignored, as urllib3 does.
    Ended,
}

impl Deflate {
    pub(super) const fn new() -> Self {
        Self::Start { first: None }
    }

    pub(super) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let mut run = Run::new(input, output);
        loop {
            match self {
                Self::Start { first: None } => match *run.input {
                    [] => return run.pause(),
                    [byte] => {
                        *self = Self::Start { first: Some(byte) };
                        run.skip_rest();
                    }
                    [cmf, flags, ..] => {
                        *self = Self::Body(Decompress::new(is_zlib_header(cmf, flags)));
                    }
                },
                Self::Start { first: Some(cmf) } => {
                    let Some(&flags) = run.input.first() else { return run.pause() };
                    let mut inflate = Decompress::new(is_zlib_header(*cmf, flags));
                    if feed(&mut inflate, &[*cmf]).is_err() {
                        return run.fail();
                    }
                    *self = Self::Body(inflate);
                }
                Self::Body(inflate) => match run.inflate(inflate) {
                    Inflated::Paused => return run.pause(),
                    Inflated::Ended => *self = Self::Ended,
                    Inflated::Failed => return run.fail(),
                },
                Self::Ended => {
                    run.skip_rest();
                    return run.pause();
                }
            }
        }
    }

    pub(super) const fn completeness(&self) -> Completeness {
        match self {
            Self::Start { first: None } | Self::Ended => Completeness::Whole,
            Self::Start { first: Some(_) } | Self::Body(_) => Completeness::Partial,
        }
    }
}

/// RFC 1950 section 2.2. A bare stream would have to begin with a stored block with padding that
/// is not zero to be taken for it.
fn is_zlib_header(cmf: u8, flags: u8) -> bool {
    cmf & 0x0f == 8 && cmf >> 4 <= 7 && u16::from_be_bytes([cmf, flags]).is_multiple_of(31)
}

/// Gives `inflate` the beginning of a header, which makes no output.
fn feed(inflate: &mut Decompress, header: &[u8]) -> Result<(), Fault> {
    let mut room = [0];
    match inflate.decompress(header, &mut room, FlushDecompress::None) {
        Ok(_) if inflate.total_out() == 0 && inflate.total_in() == header.len() as u64 => Ok(()),
        Ok(_) | Err(_) => Err(Fault::Corrupt),
    }
}

/// The input and the room of one step, as far as they are left.
struct Run<'a> {
    input: &'a [u8],
    output: &'a mut [u8],
    offered: usize,
    produced: usize,
}

enum Inflated {
    /// The input is used up, or the room.
    Paused,
    Ended,
    Failed,
}

impl<'a> Run<'a> {
    const fn new(input: &'a [u8], output: &'a mut [u8]) -> Self {
        Self { offered: input.len(), input, output, produced: 0 }
    }

    fn inflate(&mut self, inflate: &mut Decompress) -> Inflated {
        loop {
            let (total_in, total_out) = (inflate.total_in(), inflate.total_out());
            let room = self.output.get_mut(self.produced..).unwrap_or_default();
            let status = inflate.decompress(self.input, room, FlushDecompress::None);
            // Both differences are at most the lengths of slices.
            let consumed = inflate.total_in().saturating_sub(total_in) as usize;
            let produced = inflate.total_out().saturating_sub(total_out) as usize;
            self.input = self.input.get(consumed..).unwrap_or_default();
            self.produced = self.produced.saturating_add(produced);
            match status {
                Err(_) => return Inflated::Failed,
                Ok(Status::StreamEnd) => return Inflated::Ended,
                Ok(_) if self.input.is_empty() || self.produced == self.output.len() => {
                    return Inflated::Paused;
                }
                Ok(_) if consumed == 0 && produced == 0 => return Inflated::Failed,
                Ok(_) => {}
            }
        }
    }

    fn next_byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.input.split_first()?;
        self.input = rest;
        Some(byte)
    }

    const fn skip_rest(&mut self) {
        self.input = &[];
    }

    const fn pause(&self) -> Step {
        let consumed = self.offered.saturating_sub(self.input.len());
        Step { consumed, produced: self.produced, fault: None }
    }

    const fn fail(&self) -> Step {
        Step { fault: Some(Fault::Corrupt), ..self.pause() }
    }
}
