//! The coding zstd.
//!
//! Source: RFC 8878; `ZstdDecoder` in urllib3 2.8.0. Frames follow each other, skippable ones
//! between them; blocks are gathered here, so that the decoder sees whole ones only. It keeps a
//! window of what it decoded back until the frame ends: that much content comes late.

use alloc::vec::Vec;

use ruzstd::decoding::errors::{FrameDecoderError, FrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use ruzstd::io::Read;

use super::step::{Completeness, Fault, Step};

/// The largest block of RFC 8878 section 3.1.1.2.4.
const BLOCK_BYTES_MAX: usize = 128 << 10;

/// An empty last block that is not compressed, and four bytes in place of a checksum.
const LAST_BLOCK: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

/// zstd: frames one after the other.
pub(super) struct Zstd {
    decoder: FrameDecoder,
    /// The part of a unit (header, block) that has come; empty between units.
    pending: Vec<u8>,
    state: State,
}

enum State {
    /// Before the header of a frame.
    Header,
    /// Inside a skippable frame.
    Skip { left: u32 },
    /// Before a block.
    Block(Frame),
    /// After the last block, while content is handed out.
    Rest(Frame),
    /// After a fault, or cut off, while content before it is handed out.
    Over(Over),
}

#[derive(Clone, Copy)]
enum Over {
    Faulty(Fault),
    CutOff,
}

/// What the header of a frame promises, and how far it is.
#[derive(Clone, Copy)]
struct Frame {
    checksum: Checksum,
    size: Option<u64>,
    produced: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Checksum {
    Present,
    Absent,
}

impl Zstd {
    pub(super) fn new(window_bytes_max: u64) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(window_bytes_max);
        Self { decoder, pending: Vec::new(), state: State::Header }
    }

    pub(super) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let (mut rest, mut produced) = (input, 0_usize);
        let fault = loop {
            let count = self.hand_out(output.get_mut(produced..).unwrap_or_default());
            produced = produced.saturating_add(count);
            if produced == output.len() {
                break None;
            }
            match self.advance(&mut rest) {
                Ok(Advance::On) => {}
                Ok(Advance::NeedsInput) => break None,
                Err(fault) if matches!(self.state, State::Over(_)) => break Some(fault),
                Err(fault) => self.release(Over::Faulty(fault)),
            }
        };
        Step { consumed: input.len().saturating_sub(rest.len()), produced, fault }
    }

    /// Moves content that no later block may refer to.
    fn hand_out(&mut self, output: &mut [u8]) -> usize {
        if output.is_empty() || self.decoder.can_collect() == 0 {
            return 0;
        }
        // Reading from memory does not fail.
        let count = self.decoder.read(output).unwrap_or(0);
        if let State::Block(frame) | State::Rest(frame) = &mut self.state {
            frame.produced = frame.produced.saturating_add(count as u64);
        }
        count
    }

    /// Takes the next unit in. Called when nothing can be handed out.
    fn advance(&mut self, input: &mut &[u8]) -> Result<Advance, Fault> {
        match self.state {
            State::Header => {
                let Some(header) = gather(&mut self.pending, input, header_len) else {
                    return Ok(Advance::NeedsInput);
                };
                let next = begin(&mut self.decoder, header)?;
                self.state = next;
            }
            State::Skip { left: 0 } => self.state = State::Header,
            State::Skip { left } => {
                let count = input.len().min(left as usize);
                if count == 0 {
                    return Ok(Advance::NeedsInput);
                }
                *input = input.get(count..).unwrap_or_default();
                let left = left.saturating_sub(u32::try_from(count).unwrap_or(u32::MAX));
                self.state = State::Skip { left };
            }
            State::Block(frame) => {
                let len = |prefix: &[u8]| block_len(prefix, frame.checksum);
                let Some(block) = gather(&mut self.pending, input, len) else {
                    return Ok(Advance::NeedsInput);
                };
                let one = BlockDecodingStrategy::UptoBlocks(1);
                match self.decoder.decode_blocks(block, one) {
                    Ok(true) => self.state = State::Rest(frame),
                    Ok(false) => {}
                    Err(_) => return Err(Fault::Corrupt),
                }
            }
            State::Rest(frame) => {
                let sum = self.decoder.get_checksum_from_data();
                let is_sum_wrong = sum.is_some() && sum != self.decoder.get_calculated_checksum();
                let is_size_wrong = frame.size.is_some_and(|size| size != frame.produced);
                if is_sum_wrong || is_size_wrong {
                    return Err(Fault::Corrupt);
                }
                self.state = State::Header;
                return Ok(Advance::On);
            }
            State::Over(Over::Faulty(fault)) => return Err(fault),
            State::Over(Over::CutOff) => return Ok(Advance::NeedsInput),
        }
        self.pending.clear();
        Ok(Advance::On)
    }

    /// Ends the frame, so that the content kept back comes out.
    fn release(&mut self, why: Over) {
        if let State::Block(_) = self.state {
            // An error would only mean that nothing comes out.
            let one = BlockDecodingStrategy::UptoBlocks(1);
            let _ = self.decoder.decode_blocks(LAST_BLOCK.as_slice(), one);
        }
        self.pending.clear();
        self.state = State::Over(why);
    }

    pub(super) fn close(&mut self) {
        if self.completeness() == Completeness::Partial && !matches!(self.state, State::Over(_)) {
            self.release(Over::CutOff);
        }
    }

    pub(super) fn completeness(&self) -> Completeness {
        match self.state {
            State::Header if self.pending.is_empty() => Completeness::Whole,
            State::Skip { left: 0 } | State::Rest(_) => Completeness::Whole,
            State::Header | State::Skip { .. } | State::Block(_) | State::Over(_) => {
                Completeness::Partial
            }
        }
    }
}

enum Advance {
    On,
    NeedsInput,
}

/// The next unit, whose length `len` tells as soon as its first bytes are there; before that, a
/// lower bound. Taken from `input` itself if it is whole there, else by way of `pending`.
fn gather<'p, 'i: 'p>(
    pending: &'p mut Vec<u8>,
    input: &mut &'i [u8],
    len: impl Fn(&[u8]) -> usize,
) -> Option<&'p [u8]> {
    if pending.is_empty()
        && let Some((unit, rest)) = input.split_at_checked(len(input))
    {
        *input = rest;
        return Some(unit);
    }
    loop {
        let missing = len(pending).saturating_sub(pending.len());
        if missing == 0 {
            return Some(pending);
        }
        let (part, rest) = input.split_at_checked(missing.min(input.len()))?;
        if part.is_empty() {
            return None;
        }
        pending.extend_from_slice(part);
        *input = rest;
    }
}

/// The number in four bytes.
fn magic(header: &[u8]) -> Option<u32> {
    header.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

/// RFC 8878 section 3.1.2.
const fn is_skippable(magic: u32) -> bool {
    magic & 0xffff_fff0 == 0x184d_2a50
}

/// RFC 8878 section 3.1.1.
const MAGIC: u32 = 0xfd2f_b528;

/// The length of the frame header that begins with `prefix`; a lower bound of it while too little
/// is there. Anything that is no frame is 4 bytes long.
fn header_len(prefix: &[u8]) -> usize {
    match (magic(prefix), prefix.get(4)) {
        (None, _) => 4,
        (Some(magic), _) if is_skippable(magic) => 8,
        (Some(MAGIC), None) => 5,
        (Some(MAGIC), Some(&descriptor)) => {
            let window = usize::from(descriptor & 0x20 == 0);
            let dictionary = [0_usize, 1, 2, 4].get(usize::from(descriptor & 3));
            let fields = dictionary.copied().unwrap_or(0).saturating_add(window);
            fields.saturating_add(size_len(descriptor)).saturating_add(5)
        }
        (Some(_), _) => 4,
    }
}

/// The length of the content size in the header (section 3.1.1.1.1).
const fn size_len(descriptor: u8) -> usize {
    match (descriptor >> 6, descriptor & 0x20) {
        (0, 0) => 0,
        (0, _) => 1,
        (1, _) => 2,
        (2, _) => 4,
        _ => 8,
    }
}

/// The length of the block that begins with `prefix`, with the checksum of the frame if it is the
/// last; a lower bound while too little is there. What is no block is 3 bytes long.
fn block_len(prefix: &[u8], checksum: Checksum) -> usize {
    let Some(&[one, two, three]) = prefix.first_chunk() else { return 3 };
    let header = u32::from_le_bytes([one, two, three, 0]);
    let size = (header >> 3) as usize;
    let body = match (header >> 1) & 3 {
        0 | 2 if size <= BLOCK_BYTES_MAX => size,
        1 => 1,
        _ => return 3,
    };
    let sum = if header & 1 == 1 && checksum == Checksum::Present { 4 } else { 0 };
    body.saturating_add(sum).saturating_add(3)
}

/// Begins the frame of `header`.
fn begin(decoder: &mut FrameDecoder, header: &[u8]) -> Result<State, Fault> {
    let magic = magic(header).ok_or(Fault::Corrupt)?;
    if is_skippable(magic) {
        let length = header.get(4..).and_then(self::magic).ok_or(Fault::Corrupt)?;
        return Ok(State::Skip { left: length });
    }
    let descriptor = header.get(4).copied().unwrap_or_default();
    // Bit 3 is reserved and must be zero.
    if magic != MAGIC || descriptor & 0x08 != 0 {
        return Err(Fault::Corrupt);
    }
    decoder.reset(header).map_err(|error| match error {
        FrameDecoderError::WindowSizeTooBig { .. }
        | FrameDecoderError::FrameHeaderError(FrameHeaderError::WindowTooBig { .. }) => {
            Fault::WindowTooLarge
        }
        _ => Fault::Corrupt,
    })?;
    let checksum = if descriptor & 0x04 == 0 { Checksum::Absent } else { Checksum::Present };
    let size = (size_len(descriptor) > 0).then(|| decoder.content_size());
    Ok(State::Block(Frame { checksum, size, produced: 0 }))
}
