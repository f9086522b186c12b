//! When which call has to be told that time has passed.
//!
//! A heap with lazy deletion: a deadline that moves back, as a read timeout does with every byte,
//! leaves its entry where it is, and the call is asked anew when that comes due. So what one step
//! costs grows with the logarithm of the calls, and none is looked at before its time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use sessio_core::Instant;

/// Entries of calls that are over are swept out when there are more than so many, and more than
/// twice as many as calls.
const SWEEP_MIN: usize = 64;

/// Moments, each with the key of whoever waits for it.
#[derive(Debug)]
pub(crate) struct Timers<K> {
    heap: BinaryHeap<Reverse<(Instant, K)>>,
}

impl<K: Ord> Default for Timers<K> {
    fn default() -> Self {
        Self { heap: BinaryHeap::new() }
    }
}

impl<K: Copy + Ord> Timers<K> {
    /// Has `key` come due at `at`. `armed` is what is in the heap for it already: an earlier entry
    /// will do.
    pub(crate) fn arm(&mut self, key: K, armed: &mut Option<Instant>, at: Option<Instant>) {
        if let Some(at) = at
            && armed.is_none_or(|armed| at < armed)
        {
            self.heap.push(Reverse((at, key)));
            *armed = Some(at);
        }
    }

    /// The earliest moment, which may be that of an entry without a meaning.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes out an entry that is due. It counts only if it is what its key has armed.
    pub(crate) fn due(&mut self, now: Instant) -> Option<(Instant, K)> {
        self.next().filter(|at| *at <= now)?;
        self.heap.pop().map(|Reverse(entry)| entry)
    }

    /// Takes out what no longer has a meaning, if there is much of it; `live` is how many keys
    /// there are.
    pub(crate) fn sweep(&mut self, live: usize, mut is_live: impl FnMut(Instant, K) -> bool) {
        if self.heap.len() > SWEEP_MIN.max(live.saturating_mul(2)) {
            self.heap.retain(|Reverse((at, key))| is_live(*at, *key));
        }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.heap.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Instant {
        Instant::from_nanos(millis * 1_000_000)
    }

    /// What comes due until `now`, by the rule of lazy deletion.
    fn fired(timers: &mut Timers<usize>, armed: &mut [Option<Instant>], now: u64) -> Vec<usize> {
        let mut fired = Vec::new();
        while let Some((when, key)) = timers.due(at(now)) {
            if armed[key] == Some(when) {
                armed[key] = None;
                fired.push(key);
            }
        }
        fired
    }

    #[test]
    fn a_later_deadline_adds_nothing_and_an_earlier_one_comes_first() {
        let (mut timers, mut armed) = (Timers::default(), [None; 2]);
        timers.arm(0, &mut armed[0], Some(at(10)));
        timers.arm(0, &mut armed[0], Some(at(50)));
        timers.arm(0, &mut armed[0], None);
        timers.arm(1, &mut armed[1], Some(at(30)));
        assert_eq!((timers.len(), timers.next()), (2, Some(at(10))));
        timers.arm(1, &mut armed[1], Some(at(5)));
        assert_eq!(timers.next(), Some(at(5)));
        assert_eq!(fired(&mut timers, &mut armed, 9), [1]);
        assert_eq!(fired(&mut timers, &mut armed, 40), [0], "the entry of 30 means nothing now");
        assert_eq!(timers.len(), 0);
    }

    /// 50,000 calls whose deadlines move with every byte: the entries stay as many as the calls,
    /// and whoever is due is found without looking at the others.
    #[test]
    fn fifty_thousand_deadlines_are_kept_in_order() {
        const CALLS: usize = 50_000;
        let (mut timers, mut armed) = (Timers::default(), vec![None; CALLS]);
        let first = |key: usize| (key as u64).wrapping_mul(7_919) % 30_000;
        for byte in 0..20 {
            for (key, armed) in armed.iter_mut().enumerate() {
                timers.arm(key, armed, Some(at(30_000 + first(key) + byte)));
            }
        }
        assert_eq!(timers.len(), CALLS);
        let early = fired(&mut timers, &mut armed, 30_099);
        assert!(early.iter().all(|key| first(*key) < 100), "nobody comes before the time");
        assert_eq!(early.len(), (0..CALLS).filter(|key| first(*key) < 100).count());
        assert!(early.is_sorted_by_key(|key| first(*key)));
        assert_eq!(timers.len(), CALLS - early.len(), "the others were not looked at");
        assert_eq!(fired(&mut timers, &mut armed, 60_000).len(), CALLS - early.len());
    }

    #[test]
    fn what_calls_leave_behind_is_swept_out() {
        let mut timers = Timers::default();
        for key in 0..50_000_usize {
            timers.arm(key, &mut None, Some(at(30_000)));
            // One call at a time, each of which is over soon.
            timers.sweep(1, |_, other| other == key);
            assert!(timers.len() <= SWEEP_MIN + 1, "{}", timers.len());
        }
    }
}
