//! One coding of a body, with the bytes that wait for it, and the chain of all of them.

use core::mem;

use alloc::boxed::Box;
use alloc::vec;

use super::codec::Codec;
use super::step::{Completeness, Fault};
use super::{Coding, DecodeError, DecodeLimits};

/// One coding, with what the stage below it gave and it has not taken in yet.
pub(super) struct Stage {
    pub(super) coding: Coding,
    codec: Codec,
    state: State,
    window_bytes_max: u64,
    staged: Box<[u8]>,
    staged_start: usize,
    staged_end: usize,
    /// Bytes that came out.
    produced: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// More bytes may come in.
    Open,
    /// The codec knows that none will.
    Closed,
    Failed(DecodeError),
}

/// When a stage was closed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Close {
    Now,
    Before,
}

/// How many bytes may come out of a stage, and what it means if more would.
#[derive(Clone, Copy)]
pub(super) struct Allowance {
    pub(super) bytes: u64,
    pub(super) beyond: DecodeError,
}

/// What a stage, with those below it, moved.
pub(super) struct Pulled {
    pub(super) consumed: usize,
    pub(super) produced: usize,
    pub(super) result: Result<(), DecodeError>,
}

impl Stage {
    /// A stage before its first byte. That of the wire takes its input as it comes.
    pub(super) fn new(coding: Coding, limits: &DecodeLimits, staged_bytes: usize) -> Self {
        Self {
            coding,
            codec: Codec::new(coding, limits),
            state: State::Open,
            window_bytes_max: limits.window_bytes_max,
            staged: vec![0; staged_bytes].into_boxed_slice(),
            staged_start: 0,
            staged_end: 0,
            produced: 0,
        }
    }

    /// Tells an open stage that no more bytes come in.
    pub(super) fn close(&mut self) -> Close {
        match self.state {
            State::Open => {
                self.codec.close();
                self.state = State::Closed;
                Close::Now
            }
            State::Closed | State::Failed(_) => Close::Before,
        }
    }

    /// Whether the stream could end here.
    pub(super) fn completeness(&self) -> Completeness {
        self.codec.completeness()
    }

    /// Decodes until `input` is used up or `output` is full.
    fn run(&mut self, input: &[u8], output: &mut [u8], allowance: Allowance) -> Pulled {
        let (mut consumed, mut produced) = (0_usize, 0_usize);
        let result = loop {
            if let State::Failed(error) = self.state {
                break Err(error);
            }
            let rest = input.get(consumed..).unwrap_or_default();
            let room = output.get_mut(produced..).unwrap_or_default();
            if room.is_empty() {
                break Ok(());
            }
            let left = allowance.bytes.saturating_sub(self.produced);
            let count = room.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            // At the limit, one byte that goes nowhere tells whether there is more.
            let mut probe = [0];
            let room =
                if count == 0 { &mut probe } else { room.get_mut(..count).unwrap_or_default() };
            let offered = room.len();
            let step = self.codec.step(rest, room);
            consumed = consumed.saturating_add(step.consumed);
            if count == 0 && step.produced > 0 {
                self.state = State::Failed(allowance.beyond);
                continue;
            }
            produced = produced.saturating_add(step.produced);
            self.produced = self.produced.saturating_add(step.produced as u64);
            match step.fault {
                Some(fault) => self.state = State::Failed(self.error(fault)),
                None if step.produced < offered => break Ok(()),
                None => {}
            }
        };
        Pulled { consumed, produced, result }
    }

    /// Decodes bytes of the stage below until there is no more of them or `output` is full.
    fn run_staged(&mut self, output: &mut [u8], allowance: Allowance) -> Pulled {
        let staged = mem::take(&mut self.staged);
        let input = staged.get(self.staged_start..self.staged_end).unwrap_or_default();
        let pulled = self.run(input, output, allowance);
        self.staged = staged;
        self.staged_start = self.staged_start.saturating_add(pulled.consumed);
        pulled
    }

    const fn error(&self, fault: Fault) -> DecodeError {
        let Self { coding, window_bytes_max, .. } = *self;
        match fault {
            Fault::Corrupt => DecodeError::Corrupt { coding },
            Fault::WindowTooLarge => DecodeError::WindowTooLarge { window_bytes_max },
        }
    }
}

/// Fills `output` from the last of `stages`, which takes from those below it, and the first of
/// them from `input`, until `output` is full or there is no more input. As deep as there are
/// codings.
pub(super) fn pull(
    stages: &mut [Stage],
    input: &[u8],
    output: &mut [u8],
    allowance: Allowance,
    below: Allowance,
) -> Pulled {
    let (mut consumed, mut produced) = (0_usize, 0_usize);
    let result = loop {
        let (last, lower) = match stages {
            [] => break Ok(()),
            [only] => return only.run(input, output, allowance),
            [lower @ .., last] => (last, lower),
        };
        let room = output.get_mut(produced..).unwrap_or_default();
        let pulled = last.run_staged(room, allowance);
        produced = produced.saturating_add(pulled.produced);
        if pulled.result.is_err() || produced == output.len() {
            break pulled.result;
        }
        let rest = input.get(consumed..).unwrap_or_default();
        let refill = pull(lower, rest, &mut last.staged, below, below);
        consumed = consumed.saturating_add(refill.consumed);
        (last.staged_start, last.staged_end) = (0, refill.produced);
        if refill.produced == 0 {
            break refill.result;
        }
    };
    Pulled { consumed, produced, result }
}
