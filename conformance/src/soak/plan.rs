//! What each call of a soak asks for, and how it has to end: both follow from its number alone, so
//! the servers need to be told nothing else.

use std::time::Duration;

use sha2::{Digest, Sha256};

/// The default patience of a call: what takes longer hangs.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The patience of a call whose server says nothing.
pub const SHORT_PATIENCE: Duration = Duration::from_millis(60);

/// What a call asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A body with a length.
    Kept,
    /// A body that ends with its connection.
    Closing,
    /// A body in chunks of many sizes.
    Chunked,
    /// A body under `Content-Encoding: gzip`.
    Gzip,
    /// A redirect to another origin, and the body there.
    Redirect,
    /// A body of up to 2 MiB, streamed.
    Large,
    /// A body in pieces with pauses between them.
    Slow,
    /// A response without a body.
    Empty,
    /// An upload from memory; the server answers with its length and hash.
    Put,
    /// A streamed upload, likewise.
    Post,
    /// A response that is reset at a random byte.
    Reset,
    /// A body that ends before its length is reached.
    Short,
    /// A response that is no HTTP.
    Garbage,
    /// No response.
    Silent,
    /// A slow body that the caller gives up.
    Cancel,
}

/// How often each kind comes, in 64 calls.
const SHARES: [(Kind, u64); 15] = [
    (Kind::Kept, 14),
    (Kind::Closing, 4),
    (Kind::Chunked, 8),
    (Kind::Gzip, 6),
    (Kind::Redirect, 6),
    (Kind::Large, 2),
    (Kind::Slow, 4),
    (Kind::Empty, 2),
    (Kind::Put, 4),
    (Kind::Post, 4),
    (Kind::Reset, 4),
    (Kind::Short, 2),
    (Kind::Garbage, 1),
    (Kind::Silent, 1),
    (Kind::Cancel, 2),
];

/// The sum of [`SHARES`].
const SHARES_SUM: u64 = 64;

/// Which of the servers is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// One that now and then closes a kept connection without a word.
    Fickle,
    /// One that keeps its word.
    Steady,
    /// One that keeps its word, over TLS.
    Secure,
}

/// How a call has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// With all of the body.
    Body,
    /// With an error that is no timeout.
    Fault,
    /// With all of the body, or with such an error: the last bytes and the reset race.
    BodyOrFault,
    /// With a read timeout.
    Timeout,
    /// Given up, or with all of the body if that was quicker.
    GivenUp,
}

/// One call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its number, from which all else follows.
    pub number: u64,
    /// What it asks for.
    pub kind: Kind,
    /// Whom it asks.
    pub place: Place,
}

/// Where a response is cut off by a reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// So many bytes of each 65,536 are sent.
    Within(u16),
    /// All is sent before.
    Behind,
}

impl Case {
    /// The call of this number.
    #[must_use]
    pub fn of(number: u64) -> Self {
        let mut at = random(number, 0) % SHARES_SUM;
        let kind = SHARES.into_iter().find_map(|(kind, share)| match at.checked_sub(share) {
            None => Some(kind),
            Some(left) => {
                at = left;
                None
            }
        });
        let kind = kind.unwrap_or(Kind::Kept);
        let is_upload = matches!(kind, Kind::Put | Kind::Post);
        let place = match random(number, 1) % 8 {
            0 => Place::Secure,
            // A body that can be sent once has no second try on another connection.
            _ if is_upload => Place::Steady,
            _ => Place::Fickle,
        };
        Self { number, kind, place }
    }

    /// Something that differs from call to call, below `below`; `what` names what it is for.
    #[must_use]
    pub fn choice(self, what: u64, below: u64) -> u64 {
        random(self.number, what.wrapping_add(100)) % below.max(1)
    }

    /// The length of the body, up or down.
    #[must_use]
    pub fn size(self) -> usize {
        let below = match self.kind {
            Kind::Empty => 1,
            Kind::Large => 2 << 20,
            Kind::Put | Kind::Post | Kind::Cancel => 100_000,
            _ => 12_000,
        };
        usize::try_from(self.choice(0, below)).unwrap_or(0)
    }

    /// Whether the caller reads the body piece by piece.
    #[must_use]
    pub fn is_streamed(self) -> bool {
        match self.kind {
            Kind::Large | Kind::Cancel => true,
            _ => self.choice(1, 3) == 0,
        }
    }

    /// Where the response is reset, for [`Kind::Reset`].
    ///
    /// A connection that is reset behind a whole response looks sound until it is used again, and
    /// an upload may be what uses it. So the servers that keep their word have no such reset.
    #[must_use]
    pub fn cut(self) -> Cut {
        match self.choice(2, 8) {
            0 if self.place == Place::Fickle => Cut::Behind,
            _ => Cut::Within(u16::try_from(self.choice(3, 1 << 16)).unwrap_or(0)),
        }
    }

    /// How it has to end.
    #[must_use]
    pub fn fate(self) -> Fate {
        match (self.kind, self.cut()) {
            (Kind::Reset, Cut::Behind) => Fate::BodyOrFault,
            (Kind::Reset | Kind::Short | Kind::Garbage, _) => Fate::Fault,
            (Kind::Silent, _) => Fate::Timeout,
            (Kind::Cancel, _) => Fate::GivenUp,
            _ => Fate::Body,
        }
    }

    /// The status of its last response.
    #[must_use]
    pub const fn status(self) -> u16 {
        if matches!(self.kind, Kind::Empty) { 204 } else { 200 }
    }

    /// What is sent as its body, up or down.
    #[must_use]
    pub fn content(self) -> Vec<u8> {
        let words = (0..).flat_map(|index| random(self.number, index).to_le_bytes());
        words.take(self.size()).collect()
    }

    /// What the caller has to receive.
    #[must_use]
    pub fn answer(self) -> Sum {
        match self.kind {
            Kind::Empty => Sum::of(b""),
            Kind::Put | Kind::Post => Sum::of(Sum::of(&self.content()).text().as_bytes()),
            _ => Sum::of(&self.content()),
        }
    }
}

/// Length and hash of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum {
    /// In bytes.
    pub length: u64,
    /// SHA-256.
    pub hash: [u8; 32],
}

impl Sum {
    /// Of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut summing = Summing::default();
        summing.add(bytes);
        summing.end()
    }

    /// As a server answers it to an upload.
    #[must_use]
    pub fn text(&self) -> String {
        let hash: String = self.hash.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{} {hash}", self.length)
    }
}

/// A [`Sum`] of what has come so far.
#[derive(Clone, Debug, Default)]
pub struct Summing {
    length: u64,
    hasher: Sha256,
}

impl Summing {
    /// Adds a piece.
    pub fn add(&mut self, piece: &[u8]) {
        self.length = self.length.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        self.hasher.update(piece);
    }

    /// Nothing follows.
    #[must_use]
    pub fn end(self) -> Sum {
        Sum { length: self.length, hash: self.hasher.finalize().into() }
    }
}

/// SplitMix64 of the number and of what it is for.
fn random(number: u64, what: u64) -> u64 {
    let seed =
        number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ what.wrapping_mul(0xd1b5_4a32_d192_ed03);
    let mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_kind_comes_soon_and_at_every_place_that_it_may_have() {
        assert_eq!(SHARES.iter().map(|(_, share)| share).sum::<u64>(), SHARES_SUM);
        let cases: Vec<Case> = (0..2000).map(Case::of).collect();
        let kinds: BTreeSet<Kind> = cases.iter().map(|case| case.kind).collect();
        assert_eq!(kinds.len(), SHARES.len());
        let secure: BTreeSet<Kind> =
            cases.iter().filter(|case| case.place == Place::Secure).map(|case| case.kind).collect();
        assert_eq!(secure.len(), SHARES.len());
    }

    #[test]
    fn no_upload_can_find_a_connection_that_was_reset_behind_a_response() {
        let cases: Vec<Case> = (0..20_000).map(Case::of).collect();
        let behind = |case: &&Case| case.kind == Kind::Reset && case.cut() == Cut::Behind;
        assert!(cases.iter().any(|case| behind(&case)));
        assert!(cases.iter().filter(behind).all(|case| case.place == Place::Fickle));
        let mut uploads = cases.iter().filter(|case| matches!(case.kind, Kind::Put | Kind::Post));
        assert!(uploads.all(|case| case.place != Place::Fickle));
    }

    #[test]
    fn a_sum_does_not_depend_on_the_pieces() {
        let case = Case::of(7);
        let content = case.content();
        assert_eq!(content.len(), case.size());
        let mut summing = Summing::default();
        content.chunks(13).for_each(|piece| summing.add(piece));
        assert_eq!(summing.end(), Sum::of(&content));
        assert_ne!(Sum::of(&content), Sum::of(&Case::of(8).content()));
    }
}
