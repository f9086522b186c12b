//! Connections of the simulated network: two queues of bytes with times, cuts and faults.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use sessio_core::io::IoError;

use super::fault::FaultSet;
use super::heard::Heard;
use super::random::Random;
use super::served::{End, Reaction};

/// A socket as the core holds it: a number. Dropping it closes the connection.
#[derive(Debug)]
pub(crate) struct Socket {
    pub(crate) number: usize,
    dropped: Rc<RefCell<Vec<usize>>>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.dropped.borrow_mut().push(self.number);
    }
}

/// How streams are cut into reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cutting {
    /// As much as there is.
    Whole,
    /// A byte at a time.
    ByByte,
    /// As numbers say.
    Seeded,
}

/// Whether a connection gets through, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Through {
    At(u64),
    RefusedAt(u64),
    Never,
}

/// What the peer waits for.
#[derive(Debug)]
pub(crate) enum Listening {
    /// A head.
    Head,
    /// The rest of a body.
    Body { heard: Heard, call: usize, reaction: Option<Reaction> },
    /// Nothing any more.
    Deaf,
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Line {
    /// The host and port that it leads to.
    pub(crate) host: usize,
    pub(crate) port: u16,
    pub(crate) through: Through,
    /// What came from the client and was not understood yet.
    pub(crate) inbox: Vec<u8>,
    pub(crate) listening: Listening,
    outbox: Vec<u8>,
    read: usize,
    /// Where the response ends in it.
    owed: usize,
    /// Times at which parts of the outbox arrive: when, and up to where.
    marks: VecDeque<(u64, usize)>,
    pub(crate) end: Option<(u64, End)>,
    /// Writes stop at so many bytes until then.
    pub(crate) block: Option<(usize, u64)>,
    /// Writes fail from so many bytes on.
    pub(crate) broken_at: Option<(usize, IoError)>,
    pub(crate) written: usize,
    pub(crate) is_closed: bool,
    /// From when on it must not carry a request, and why.
    pub(crate) poison: Option<(u64, &'static str)>,
    /// What befell it.
    pub(crate) befell: FaultSet,
    pub(crate) cutting: Cutting,
    random: Random,
    /// Requests that it carried.
    pub(crate) carried: usize,
    /// The call whose request is on it, or was last.
    pub(crate) user: Option<usize>,
    /// How many bytes were written before that request.
    pub(crate) written_before: usize,
    /// Requests that were answered on it.
    pub(crate) answered: usize,
    /// Whether the next request ends it.
    pub(crate) closes_on_reuse: bool,
}

/// What a read gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    Bytes(usize),
    Nothing,
    End,
    Reset,
}

impl Line {
    fn new(host: usize, port: u16, through: Through, cutting: Cutting, random: Random) -> Self {
        Self {
            host,
            port,
            through,
            inbox: Vec::new(),
            listening: Listening::Head,
            outbox: Vec::new(),
            read: 0,
            owed: 0,
            marks: VecDeque::new(),
            end: None,
            block: None,
            broken_at: None,
            written: 0,
            is_closed: false,
            poison: None,
            befell: FaultSet::NONE,
            cutting,
            random,
            carried: 0,
            answered: 0,
            user: None,
            written_before: 0,
            closes_on_reuse: false,
        }
    }

    /// The peer says something, no sooner than what it said before.
    pub(super) fn say(&mut self, at: u64, bytes: &[u8]) {
        if self.end.is_some() {
            return;
        }
        let at = self.marks.back().map_or(at, |(last, _)| at.max(*last));
        if self.marks.is_empty() && self.read == self.outbox.len() {
            self.outbox.clear();
            (self.read, self.owed) = (0, 0);
        }
        self.outbox.extend_from_slice(bytes);
        self.marks.push_back((at, self.outbox.len()));
    }

    /// What was said so far belongs to the response.
    pub(super) const fn owe(&mut self) {
        self.owed = self.outbox.len();
    }

    /// The peer's stream ends, no sooner than what it said arrives.
    pub(super) fn finish(&mut self, at: u64, end: End) {
        let at = self.marks.back().map_or(at, |(last, _)| at.max(*last));
        self.end.get_or_insert((at, end));
    }

    /// When the last byte of what was said arrives.
    pub(super) fn last_arrival(&self, now: u64) -> u64 {
        self.marks.back().map_or(now, |(at, _)| *at)
    }

    /// Bytes that have arrived and were not read.
    fn arrived(&mut self, now: u64) -> usize {
        let mut upto = self.marks.front().map_or(self.outbox.len(), |_| self.read);
        for (at, end) in &self.marks {
            if *at > now {
                break;
            }
            upto = *end;
        }
        upto.max(self.read) - self.read
    }

    /// Whether bytes are on the way or wait to be read.
    pub(super) fn has_unread(&self) -> bool {
        self.read < self.outbox.len()
    }

    /// Reads what has arrived, up to the next cut.
    pub(super) fn take(&mut self, room: &mut [u8], now: u64) -> Read {
        let arrived = self.arrived(now);
        if arrived == 0 {
            return match self.end {
                Some((at, End::Closed)) if at <= now && !self.has_unread() => Read::End,
                Some((at, End::Reset)) if at <= now && !self.has_unread() => Read::Reset,
                _ => Read::Nothing,
            };
        }
        let most = arrived.min(room.len());
        let count = self.cut(most);
        room[..count].copy_from_slice(&self.outbox[self.read..self.read + count]);
        self.read += count;
        while self.marks.front().is_some_and(|(_, upto)| *upto <= self.read) {
            self.marks.pop_front();
        }
        Read::Bytes(count)
    }

    /// How many of `most` bytes move at once.
    fn cut(&mut self, most: usize) -> usize {
        match self.cutting {
            Cutting::Whole => most,
            Cutting::ByByte => most.min(1),
            Cutting::Seeded => self.random.between(1, most),
        }
    }

    /// How many of `most` bytes the socket takes now; an error if it is broken.
    pub(super) fn accepts(&mut self, most: usize, now: u64) -> Result<usize, IoError> {
        if let Some((at, why)) = self.broken_at
            && self.written >= at
        {
            return Err(why);
        }
        let mut count = self.cut(most);
        if let Some((at, _)) = self.broken_at {
            count = count.min(at - self.written);
        }
        if let Some((at, until)) = self.block
            && until > now
        {
            count = count.min(at.saturating_sub(self.written));
        }
        Ok(count)
    }

    /// The next moment at which something changes here by itself.
    pub(super) fn next(&self, now: u64) -> u64 {
        let marks = self.marks.iter().map(|(at, _)| *at).find(|at| *at > now);
        let end = self.end.map(|(at, _)| at).filter(|at| *at > now);
        let block = self.block.map(|(_, until)| until).filter(|until| *until > now);
        [marks, end, block].into_iter().flatten().min().unwrap_or(u64::MAX)
    }

    /// Whether an idle connection is open with nothing to read.
    pub(super) fn is_quiet(&mut self, now: u64) -> bool {
        self.arrived(now) == 0 && self.end.is_none_or(|(at, _)| at > now)
    }

    /// Whether a byte of the present request of `call` has left.
    pub(super) fn heard_of(&self, call: usize) -> bool {
        self.user == Some(call) && self.written > self.written_before
    }

    /// Whether a request or its response is still on its way, as far as the client can know.
    pub(super) fn is_busy(&self) -> bool {
        self.carried > self.answered
            || self.read < self.owed
            || matches!(self.listening, Listening::Body { .. })
    }

    /// What was said beyond the response and has not arrived yet is taken back.
    pub(super) fn retract(&mut self, now: u64) {
        let owed = self.owed;
        if self.marks.back().is_some_and(|(at, upto)| *at > now && *upto > owed) {
            self.marks.retain(|(at, upto)| *at <= now || *upto <= owed);
            self.outbox.truncate(self.marks.back().map_or(owed, |(_, upto)| *upto));
            self.poison = self.poison.filter(|(since, _)| *since <= now);
        }
    }

    /// Marks it as unfit for another request from `at` on.
    pub(super) fn spoil(&mut self, at: u64, why: &'static str) {
        if self.poison.is_none_or(|(before, _)| at < before) {
            self.poison = Some((at, why));
        }
    }
}

/// All connections of a run.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    pub(crate) lines: Vec<Line>,
    dropped: Rc<RefCell<Vec<usize>>>,
}

impl Wire {
    /// A connection, with the socket that the core gets.
    pub(super) fn open(
        &mut self,
        to: (usize, u16),
        through: Through,
        cutting: Cutting,
        random: Random,
    ) -> Socket {
        self.lines.push(Line::new(to.0, to.1, through, cutting, random));
        Socket { number: self.lines.len() - 1, dropped: Rc::clone(&self.dropped) }
    }

    /// Closes what the core has dropped; whether there was anything.
    pub(super) fn sweep(&mut self) -> bool {
        let mut dropped = self.dropped.borrow_mut();
        for number in dropped.iter() {
            let line = &mut self.lines[*number];
            line.is_closed = true;
            line.inbox = Vec::new();
            line.outbox = Vec::new();
            line.listening = Listening::Deaf;
        }
        let any = !dropped.is_empty();
        dropped.clear();
        any
    }

    /// How many connections the core holds, half-open ones too.
    pub(super) fn held(&self) -> usize {
        self.lines.iter().filter(|line| !line.is_closed).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_arrive_at_their_times_and_in_their_cuts() {
        let mut wire = Wire::default();
        let random = Random::of(&[1]);
        let socket = wire.open((0, 80), Through::At(0), Cutting::Whole, random);
        let line = &mut wire.lines[0];
        line.say(10, b"abc");
        line.say(20, b"de");
        line.finish(30, End::Closed);
        let mut room = [0; 8];
        assert_eq!((line.take(&mut room, 9), line.next(9)), (Read::Nothing, 10));
        assert_eq!((line.take(&mut room, 10), line.next(10)), (Read::Bytes(3), 20));
        line.cutting = Cutting::ByByte;
        assert_eq!(line.take(&mut room, 40), Read::Bytes(1));
        assert_eq!(line.take(&mut room, 40), Read::Bytes(1));
        assert_eq!(line.take(&mut room, 40), Read::End);
        drop(socket);
        assert!(wire.sweep() && wire.held() == 0);
    }
}
