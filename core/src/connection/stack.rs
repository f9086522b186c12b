//! TLS on a connection: one session, or one within another, between the socket and HTTP.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

use crate::tls::{Stage, TlsError, TlsSession};

/// Room for records from the socket: two of the largest, and something of a third.
const ROOM: usize = 36 * 1024;
/// How much plaintext of a lower session is kept for the session above it.
const BETWEEN_MAX: usize = 32 * 1024;

/// The buffers of a stack: they belong to the exchange while the connection is in use.
#[derive(Debug, Default)]
pub(crate) struct StackBuffers {
    incoming: Vec<u8>,
    outgoing: Vec<u8>,
}

/// Sessions of TLS, the lowest first. Only the highest is still at its handshake.
#[derive(Debug)]
pub(crate) struct Stack {
    floors: Vec<Floor>,
    buffers: StackBuffers,
    /// The records of `buffers.incoming` that were not used.
    unread: Range<usize>,
    /// How much of `buffers.outgoing` was sent.
    sent: usize,
    /// Whether bytes came in that were not looked at, or a look was ended by its bound.
    has_more: bool,
    /// Whether a byte was sent since the connection was last handed over.
    has_begun: bool,
}

/// One session.
#[derive(Debug)]
struct Floor {
    session: Box<dyn TlsSession>,
    stage: Stage,
    /// Records for it that the session below has decrypted; the lowest has none.
    records: Vec<u8>,
}

impl Stack {
    /// A stack without a session: bytes go through as they are.
    pub(crate) fn new(buffers: StackBuffers) -> Self {
        Self {
            floors: Vec::new(),
            buffers,
            unread: 0..0,
            sent: 0,
            has_more: false,
            has_begun: false,
        }
    }

    /// Puts a session on top, which begins its handshake.
    ///
    /// # Errors
    /// If the first flight cannot be made.
    pub(crate) fn add(&mut self, session: Box<dyn TlsSession>) -> Result<(), TlsError> {
        self.floors.push(Floor { session, stage: Stage::Handshake, records: Vec::new() });
        let mut out = Vec::new();
        let level = self.floors.len().saturating_sub(1);
        if let Some(floor) = self.floors.last_mut() {
            floor.stage = floor.session.read(&mut [], &mut Vec::new(), 1, &mut out)?.stage;
        }
        self.queue(level, out)
    }

    /// Whether there is TLS at all.
    pub(crate) const fn is_empty(&self) -> bool {
        self.floors.is_empty()
    }

    /// Where the highest session is; a stack without one is open.
    pub(crate) fn stage(&self) -> Stage {
        self.floors.last().map_or(Stage::Open, |floor| floor.stage)
    }

    /// Records to send, and room for records that come in, which is never empty.
    pub(crate) fn lend(&mut self) -> (&[u8], &mut [u8]) {
        if self.unread.is_empty() {
            self.unread = 0..0;
        }
        let StackBuffers { incoming, outgoing } = &mut self.buffers;
        if incoming.len() < ROOM {
            incoming.resize(ROOM, 0);
        }
        let free = incoming.len().saturating_sub(self.unread.end);
        if free < ROOM / 2 && self.unread.start > 0 {
            incoming.copy_within(self.unread.clone(), 0);
            self.unread = 0..self.unread.len();
        }
        if self.unread.end == incoming.len() {
            // A message of the handshake goes over many records, which rustls takes whole.
            incoming.resize(incoming.len().saturating_add(ROOM), 0);
        }
        let unsent = outgoing.get(self.sent..).unwrap_or_default();
        (unsent, incoming.get_mut(self.unread.end..).unwrap_or_default())
    }

    /// Whether records wait to be sent.
    pub(crate) const fn has_unsent(&self) -> bool {
        self.sent < self.buffers.outgoing.len()
    }

    /// So many bytes were sent.
    pub(crate) fn sent(&mut self, count: usize) {
        self.has_begun |= count > 0;
        self.sent = self.sent.saturating_add(count);
        if !self.has_unsent() {
            self.buffers.outgoing.clear();
            self.sent = 0;
        }
    }

    /// So many bytes came in.
    pub(crate) fn filled(&mut self, count: usize) {
        self.unread.end = self.unread.end.saturating_add(count).min(self.buffers.incoming.len());
        self.has_more |= count > 0;
    }

    /// Whether more can be read without anything coming in.
    pub(crate) const fn has_more(&self) -> bool {
        self.has_more
    }

    /// Whether bytes are left that are no whole record, or were not looked at.
    pub(crate) fn has_leftovers(&self) -> bool {
        !self.unread.is_empty() || self.floors.iter().any(|floor| !floor.records.is_empty())
    }

    /// Whether a byte was sent since the connection was last handed over.
    pub(crate) const fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Takes records, and appends what they hold to `plain`: no more records behind the one with
    /// which it has `plain_max` bytes.
    ///
    /// # Errors
    /// What is wrong with TLS, and at which floor. An alert may be left to be sent.
    pub(crate) fn read(&mut self, plain: &mut Vec<u8>, plain_max: usize) -> Result<(), TlsError> {
        if self.floors.is_empty() {
            plain.extend_from_slice(
                self.buffers.incoming.get(self.unread.clone()).unwrap_or_default(),
            );
            self.unread = 0..0;
            self.has_more = false;
            return Ok(());
        }
        let mut is_bounded = false;
        for level in 0..self.floors.len() {
            let mut out = Vec::new();
            let Some((floor, above)) =
                self.floors.get_mut(level..).and_then(<[Floor]>::split_first_mut)
            else {
                break;
            };
            let (target, max) = match above.first_mut() {
                Some(above) => (&mut above.records, BETWEEN_MAX),
                None => (&mut *plain, plain_max),
            };
            let result = if level == 0 {
                let records = self.buffers.incoming.get_mut(self.unread.clone());
                floor.session.read(records.unwrap_or_default(), target, max, &mut out)
            } else {
                floor.session.read(&mut floor.records, target, max, &mut out)
            };
            is_bounded |= target.len() >= max;
            if let Ok(read) = &result {
                floor.stage = read.stage;
                if level == 0 {
                    self.unread.start =
                        self.unread.start.saturating_add(read.used).min(self.unread.end);
                } else {
                    floor.records.drain(..read.used.min(floor.records.len()));
                }
            }
            self.queue(level, out)?;
            result?;
        }
        self.has_more = is_bounded;
        Ok(())
    }

    /// Encrypts `plain`, to be sent.
    ///
    /// # Errors
    /// If it is not the time for it.
    pub(crate) fn write(&mut self, plain: &[u8]) -> Result<(), TlsError> {
        let level = self.floors.len();
        if let [floor] = self.floors.as_mut_slice() {
            return floor.session.write(plain, &mut self.buffers.outgoing);
        }
        self.queue(level, plain.to_vec())
    }

    /// Ends this side's stream, with `close_notify` of each session, the highest first.
    ///
    /// # Errors
    /// If a session below cannot encrypt any more.
    pub(crate) fn close(&mut self) -> Result<(), TlsError> {
        for level in (0..self.floors.len()).rev() {
            let mut out = Vec::new();
            if let Some(floor) = self.floors.get_mut(level) {
                floor.session.close(&mut out);
            }
            self.queue(level, out)?;
        }
        Ok(())
    }

    /// Sends bytes of the floor `level`: each one below encrypts them.
    fn queue(&mut self, level: usize, mut bytes: Vec<u8>) -> Result<(), TlsError> {
        if bytes.is_empty() {
            return Ok(());
        }
        for floor in self.floors.iter_mut().take(level).rev() {
            let mut out = Vec::new();
            floor.session.write(&bytes, &mut out)?;
            bytes = out;
        }
        self.buffers.outgoing.extend_from_slice(&bytes);
        Ok(())
    }

    /// Takes the buffers of an exchange that uses the connection now.
    pub(crate) fn equip(&mut self, buffers: &mut StackBuffers) {
        self.has_begun = false;
        if self.unread.is_empty() && !self.has_unsent() {
            self.buffers = core::mem::take(buffers);
            self.unread = 0..0;
        }
    }

    /// Gives the buffers back: what idles holds none.
    pub(crate) fn strip(&mut self) -> StackBuffers {
        self.unread = 0..0;
        self.sent = 0;
        self.buffers.outgoing.clear();
        core::mem::take(&mut self.buffers)
    }
}
