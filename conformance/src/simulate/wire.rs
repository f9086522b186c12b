//! Connections of the simulated network: two queues of bytes with times, cuts and faults.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use sessio_core::io::IoError;

use super::fault::FaultSet;
use super::heard::Heard;
use super::layer::Layer;
use super::random::Random;
use super::route::Key;
use super::served::{End, Reaction};
use super::tunnel::Socks;
use super::world::Place;

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
    /// The first byte of what comes next: of TLS, of SOCKS, or of a head.
    Greeting,
    /// The rest of the words with a SOCKS proxy.
    Socks(Socks),
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
    /// Who it was opened to, and the port.
    pub(crate) at: (Place, u16),
    /// Where a proxy leads it on to.
    pub(crate) reached: Option<(Place, u16)>,
    /// TLS on it, the outermost first.
    pub(crate) layers: Vec<Layer>,
    /// What the call that opened it wanted.
    pub(crate) key: Option<Key>,
    pub(crate) opener: Option<usize>,
    /// Where its own faults come from.
    pub(crate) seed: u64,
    pub(crate) through: Through,
    /// What came from the client, before TLS.
    pub(crate) raw: Vec<u8>,
    /// What came from the client and was not understood yet.
    pub(crate) inbox: Vec<u8>,
    pub(crate) listening: Listening,
    /// What has arrived at the client.
    outbox: Vec<u8>,
    read: usize,
    /// Where the response ends in it.
    owed: usize,
    /// What is on its way.
    due: VecDeque<Due>,
    /// How much of that, from the front, is of the response.
    owes: usize,
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
    /// Whether the head of the present request has come.
    pub(crate) has_head: bool,
    /// Whether the next request ends it.
    pub(crate) closes_on_reuse: bool,
}

/// Something on its way to the client.
#[derive(Debug)]
struct Due {
    at: u64,
    word: Word,
}

#[derive(Debug)]
enum Word {
    /// These bytes, through so many layers.
    Said(Vec<u8>, usize),
    /// The end of the peer's stream in all layers.
    Closing,
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
    fn new(at: (Place, u16), through: Through, cutting: Cutting, mut random: Random) -> Self {
        Self {
            at,
            reached: None,
            layers: Vec::new(),
            key: None,
            opener: None,
            seed: random.next(),
            through,
            raw: Vec::new(),
            inbox: Vec::new(),
            listening: Listening::Greeting,
            outbox: Vec::new(),
            read: 0,
            owed: 0,
            due: VecDeque::new(),
            owes: 0,
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
            has_head: false,
            closes_on_reuse: false,
        }
    }

    /// The peer says something, no sooner than what it said before.
    pub(super) fn say(&mut self, at: u64, bytes: Vec<u8>) {
        self.send(at, Word::Said(bytes, self.layers.len()));
    }

    /// A layer says something, through those below it.
    pub(super) fn say_below(&mut self, at: u64, bytes: Vec<u8>, layer: usize) {
        if !bytes.is_empty() {
            self.send(at, Word::Said(bytes, layer));
        }
    }

    fn send(&mut self, at: u64, word: Word) {
        if self.end.is_none() {
            let at = self.last_arrival(at).max(at);
            self.due.push_back(Due { at, word });
        }
    }

    /// What was said so far belongs to the response.
    pub(super) fn owe(&mut self) {
        self.owes = self.due.len();
    }

    /// The peer's stream ends, no sooner than what it said arrives.
    pub(super) fn finish(&mut self, at: u64, end: End) {
        let at = self.last_arrival(at).max(at);
        if end == End::Closed && !self.layers.is_empty() {
            self.send(at, Word::Closing);
        }
        self.end.get_or_insert((at, end));
    }

    /// When the last byte of what was said arrives.
    pub(super) fn last_arrival(&self, now: u64) -> u64 {
        self.due.back().map_or(now, |due| due.at)
    }

    /// What is due goes through the layers and arrives.
    fn deliver(&mut self, now: u64) {
        while self.due.front().is_some_and(|due| due.at <= now) {
            let Some(due) = self.due.pop_front() else { break };
            if self.read == self.outbox.len() {
                self.outbox.clear();
                (self.read, self.owed) = (0, 0);
            }
            match due.word {
                Word::Said(bytes, 0) => self.outbox.extend_from_slice(&bytes),
                Word::Said(bytes, layers) => self.put(bytes, layers),
                Word::Closing => {
                    for layer in (0..self.layers.len()).rev() {
                        let bytes = self.layers[layer].close();
                        self.put(bytes, layer);
                    }
                }
            }
            if self.owes > 0 {
                self.owes -= 1;
                self.owed = self.outbox.len();
            }
        }
    }

    fn put(&mut self, mut bytes: Vec<u8>, layers: usize) {
        for layer in self.layers[..layers].iter_mut().rev() {
            bytes = layer.wrap(&bytes);
        }
        self.outbox.extend_from_slice(&bytes);
    }

    /// Bytes that have arrived and were not read.
    fn arrived(&mut self, now: u64) -> usize {
        self.deliver(now);
        self.outbox.len() - self.read
    }

    /// Takes bytes of the client.
    pub(super) fn come_in(&mut self, bytes: &[u8]) {
        let inbox = if self.layers.is_empty() { &mut self.inbox } else { &mut self.raw };
        inbox.extend_from_slice(bytes);
    }

    /// Whether bytes are on the way or wait to be read.
    pub(super) fn has_unread(&self) -> bool {
        self.read < self.outbox.len() || !self.due.is_empty()
    }

    /// Reads what has arrived, up to the next cut.
    pub(super) fn take(&mut self, room: &mut [u8], now: u64) -> Read {
        let arrived = self.arrived(now);
        if arrived == 0 {
            return match self.end {
                Some((at, End::Closed | End::Truncated)) if at <= now && !self.has_unread() => {
                    Read::End
                }
                Some((at, End::Reset)) if at <= now && !self.has_unread() => Read::Reset,
                _ => Read::Nothing,
            };
        }
        let most = arrived.min(room.len());
        let count = self.cut(most);
        room[..count].copy_from_slice(&self.outbox[self.read..self.read + count]);
        self.read += count;
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
        let marks = self.due.iter().map(|due| due.at).find(|at| *at > now);
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
            || self.owes > 0
            || self.read < self.owed
            || matches!(self.listening, Listening::Body { .. })
    }

    /// Whether the peer has heard its last request to the end: what comes next is another one.
    pub(super) const fn is_free(&self) -> bool {
        self.has_head && !matches!(self.listening, Listening::Body { .. })
    }

    /// What was said beyond the response and has not arrived yet is taken back.
    pub(super) fn retract(&mut self, now: u64) {
        let (owes, layers, before) = (self.owes, self.layers.len(), self.due.len());
        let mut place = 0;
        self.due.retain(|due| {
            place += 1;
            // What TLS says itself stays: it counts its records.
            let is_content = matches!(due.word, Word::Said(_, level) if level == layers);
            place <= owes || due.at <= now || !is_content
        });
        if self.due.len() < before {
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
        to: (Place, u16),
        through: Through,
        cutting: Cutting,
        random: Random,
    ) -> Socket {
        self.lines.push(Line::new(to, through, cutting, random));
        Socket { number: self.lines.len() - 1, dropped: Rc::clone(&self.dropped) }
    }

    /// Closes what the core has dropped; whether there was anything.
    pub(super) fn sweep(&mut self) -> bool {
        let mut dropped = self.dropped.borrow_mut();
        for number in dropped.iter() {
            let line = &mut self.lines[*number];
            line.is_closed = true;
            line.inbox = Vec::new();
            line.raw = Vec::new();
            line.outbox = Vec::new();
            line.due = VecDeque::new();
            line.layers = Vec::new();
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
        let socket = wire.open((Place::Host(0), 80), Through::At(0), Cutting::Whole, random);
        let line = &mut wire.lines[0];
        line.say(10, b"abc".to_vec());
        line.say(20, b"de".to_vec());
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
