//! Opening a connection: which address is tried when, and which attempt wins.
//!
//! Source: RFC 8305, sections 4 and 5: families take turns, IPv6 first, and the next attempt
//! starts when the last one has failed or 250 ms have passed. How long to wait for name look-ups
//! of one family is the resolver's matter.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::time::Duration;

use super::Target;
use crate::io::IoError;
use crate::time::Instant;

/// The delay before the next attempt starts beside one that is still pending.
///
/// Source: RFC 8305, section 8, "Connection Attempt Delay".
pub const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Names one attempt within an exchange; numbers are never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptId(pub u64);

/// A half-open socket that the runtime waits for.
#[derive(Debug)]
pub struct Attempt<S> {
    /// Which attempt.
    pub id: AttemptId,
    /// What it connects to.
    pub target: Target,
    /// The runtime's socket.
    pub socket: S,
}

/// The attempts at one route's first hop.
#[derive(Debug)]
pub(crate) struct Dial<S> {
    untried: VecDeque<Target>,
    starting: Option<(AttemptId, Target)>,
    pending: Vec<Attempt<S>>,
    next_id: u64,
    next_start: Option<Instant>,
    last_failure: Option<IoError>,
}

/// What a dial wants, or what came of it.
#[derive(Debug)]
pub(crate) enum Step<'a, S> {
    /// Start connecting to this.
    Connect { id: AttemptId, target: &'a Target },
    /// Wait for one of these.
    Await(&'a mut [Attempt<S>]),
    /// Every attempt failed, the last one so.
    Failed(IoError),
}

/// Puts addresses into the order in which they are tried: families take turns, IPv6 first, and
/// the resolver's order holds within a family.
///
/// Source: RFC 8305, section 4.
pub fn interleave(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let (v6, v4): (Vec<_>, Vec<_>) = addresses.iter().copied().partition(SocketAddr::is_ipv6);
    let mut order = Vec::with_capacity(addresses.len());
    let (mut v6, mut v4) = (v6.into_iter(), v4.into_iter());
    loop {
        let before = order.len();
        order.extend(v6.next());
        order.extend(v4.next());
        if order.len() == before {
            return order;
        }
    }
}

impl<S> Dial<S> {
    /// A dial that will try these in turn; the ids of its attempts begin at `first_id`.
    pub(crate) fn new(targets: impl IntoIterator<Item = Target>, first_id: u64) -> Self {
        let mut dial = Self {
            untried: targets.into_iter().collect(),
            starting: None,
            pending: Vec::new(),
            next_id: first_id,
            next_start: None,
            last_failure: None,
        };
        dial.start_next();
        dial
    }

    /// The first id that this dial has not used.
    pub(crate) const fn next_id(&self) -> u64 {
        self.next_id
    }

    fn start_next(&mut self) {
        if self.starting.is_none()
            && let Some(target) = self.untried.pop_front()
        {
            self.starting = Some((AttemptId(self.next_id), target));
            self.next_id = self.next_id.saturating_add(1);
        }
        self.next_start = None;
    }

    /// When the next attempt starts though others are pending.
    pub(crate) const fn deadline(&self) -> Option<Instant> {
        self.next_start
    }

    /// Time has come to `now`.
    pub(crate) fn tick(&mut self, now: Instant) {
        if self.next_start.is_some_and(|start| start <= now) {
            self.start_next();
        }
    }

    /// What to do now.
    pub(crate) fn step(&mut self) -> Step<'_, S> {
        match &self.starting {
            Some((id, target)) => Step::Connect { id: *id, target },
            None if self.pending.is_empty() => {
                Step::Failed(self.last_failure.unwrap_or(IoError::Unresolved))
            }
            None => Step::Await(&mut self.pending),
        }
    }

    /// The runtime began attempt `id` and waits with this socket.
    pub(crate) fn connecting(&mut self, id: AttemptId, socket: S, now: Instant) {
        if let Some((started, target)) = self.starting.take_if(|(started, _)| *started == id) {
            self.pending.push(Attempt { id: started, target, socket });
            if !self.untried.is_empty() {
                self.next_start = Some(now.after(ATTEMPT_DELAY));
            }
        }
    }

    /// Attempt `id` is through: its socket, or `None` if there is no such attempt.
    pub(crate) fn connected(&mut self, id: AttemptId) -> Option<Attempt<S>> {
        let place = self.pending.iter().position(|attempt| attempt.id == id)?;
        Some(self.pending.swap_remove(place))
    }

    /// Attempt `id` failed; the next one starts at once.
    pub(crate) fn failed(&mut self, id: AttemptId, why: IoError) {
        let starting = self.starting.take_if(|(started, _)| *started == id).is_some();
        let pending = self.connected(id).is_some();
        if starting || pending {
            self.last_failure = Some(why);
            self.start_next();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn targets(texts: &[&str]) -> Vec<Target> {
        texts.iter().map(|text| Target::Address(address(text))).collect()
    }

    const fn at(millis: u64) -> Instant {
        Instant::from_nanos(millis * 1_000_000)
    }

    /// What the dial wants now, in words.
    fn wants(dial: &mut Dial<u32>) -> std::string::String {
        match dial.step() {
            Step::Connect { id, target } => std::format!("connect {} {target:?}", id.0),
            Step::Await(pending) => std::format!("await {}", pending.len()),
            Step::Failed(why) => why.to_string(),
        }
    }

    #[test]
    fn families_take_turns_and_ipv6_is_first() {
        let given = ["1.1.1.1:80", "2.2.2.2:80", "[::1]:80", "3.3.3.3:80"].map(address);
        let want = ["[::1]:80", "1.1.1.1:80", "2.2.2.2:80", "3.3.3.3:80"].map(address);
        assert_eq!(interleave(&given), want);
    }

    #[test]
    fn the_next_attempt_starts_after_a_delay_or_a_failure() {
        let mut dial = Dial::new(targets(&["1.1.1.1:1", "1.1.1.1:2", "1.1.1.1:3"]), 7);
        assert_eq!(wants(&mut dial), "connect 7 Address(1.1.1.1:1)");
        dial.connecting(AttemptId(7), 0, at(0));
        assert_eq!((wants(&mut dial).as_str(), dial.deadline()), ("await 1", Some(at(250))));
        dial.tick(at(249));
        assert_eq!(wants(&mut dial), "await 1");
        dial.tick(at(250));
        assert_eq!(wants(&mut dial), "connect 8 Address(1.1.1.1:2)");
        dial.connecting(AttemptId(8), 0, at(250));
        dial.failed(AttemptId(8), IoError::Refused);
        assert_eq!(wants(&mut dial), "connect 9 Address(1.1.1.1:3)");
        dial.failed(AttemptId(9), IoError::Unreachable);
        assert_eq!((wants(&mut dial).as_str(), dial.deadline()), ("await 1", None));
        assert!(dial.connected(AttemptId(7)).is_some());
    }

    #[test]
    fn the_last_failure_is_told() {
        let mut dial = Dial::<u32>::new(targets(&["1.1.1.1:1", "1.1.1.1:2"]), 0);
        dial.failed(AttemptId(0), IoError::Refused);
        dial.failed(AttemptId(1), IoError::Unreachable);
        assert_eq!(wants(&mut dial), IoError::Unreachable.to_string());
        assert_eq!(wants(&mut Dial::<u32>::new(vec![], 0)), IoError::Unresolved.to_string());
    }

    #[test]
    fn answers_to_unknown_attempts_are_ignored() {
        let mut dial = Dial::new(targets(&["1.1.1.1:1"]), 0);
        dial.connecting(AttemptId(5), 1, at(0));
        dial.failed(AttemptId(5), IoError::Refused);
        assert!(dial.connected(AttemptId(5)).is_none());
        assert_eq!(wants(&mut dial), "connect 0 Address(1.1.1.1:1)");
    }
}
