//! Who waits for a connection of a route: whoever's call asked first is served first.

use alloc::collections::VecDeque;
use alloc::sync::{Arc, Weak};

/// The turn of a call among those that want connections of a session: the lower one is served first.
///
/// A call has it from when it first asks, and keeps it for its redirects and further attempts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

impl Ticket {
    /// The next one.
    pub(super) const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// A place in a line: it is given up when this is dropped, and nobody needs to be told.
#[derive(Debug)]
pub(crate) struct InLine {
    #[expect(dead_code, reason = "held for its count")]
    here: Arc<()>,
}

/// Who is gone stays in the line until it is so long.
const LENGTH_MIN: usize = 16;

/// Those that wait for a connection of one route, by their turn.
#[derive(Debug)]
pub(super) struct Line {
    waiting: VecDeque<(Ticket, Weak<()>)>,
    /// At this length those who are gone are struck off.
    length_max: usize,
}

impl Default for Line {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), length_max: LENGTH_MIN }
    }
}

fn is_here(here: &Weak<()>) -> bool {
    here.strong_count() > 0
}

impl Line {
    /// Stands in line, behind all with an earlier turn.
    pub(super) fn join(&mut self, ticket: Ticket) -> InLine {
        if self.waiting.len() >= self.length_max {
            self.waiting.retain(|(_, here)| is_here(here));
            self.length_max = self.waiting.len().saturating_mul(2).max(LENGTH_MIN);
        }
        let here = Arc::new(());
        let place = self.place(ticket);
        self.waiting.insert(place, (ticket, Arc::downgrade(&here)));
        InLine { here }
    }

    /// How many wait with an earlier turn; it counts to `enough` and no further.
    pub(super) fn ahead_of(&self, ticket: Ticket, enough: usize) -> usize {
        let ahead = self.waiting.iter().take(self.place(ticket));
        ahead.filter(|(_, here)| is_here(here)).take(enough).count()
    }

    /// How many wait.
    pub(super) fn count(&self) -> usize {
        self.waiting.iter().filter(|(_, here)| is_here(here)).count()
    }

    /// The turn of the first, if anybody waits.
    pub(super) fn first(&mut self) -> Option<Ticket> {
        while let Some((ticket, here)) = self.waiting.front() {
            if is_here(here) {
                return Some(*ticket);
            }
            self.waiting.pop_front();
        }
        None
    }

    fn place(&self, ticket: Ticket) -> usize {
        self.waiting.partition_point(|(other, _)| *other < ticket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn who_asked_first_is_first_whenever_it_joins() {
        let mut line = Line::default();
        let held: Vec<_> = [3, 1, 2].into_iter().map(|n| (n, line.join(Ticket(n)))).collect();
        let rows = [(0, 9, 0), (1, 9, 0), (2, 9, 1), (3, 9, 2), (4, 9, 3), (4, 2, 2), (4, 0, 0)];
        for (ticket, enough, want) in rows {
            assert_eq!(line.ahead_of(Ticket(ticket), enough), want, "{ticket} {enough}");
        }
        let mut order = Vec::new();
        let mut held = held;
        while let Some(first) = line.first() {
            order.push(first.0);
            held.retain(|(n, _)| *n != first.0);
        }
        assert_eq!(order, [1, 2, 3]);
    }

    #[test]
    fn who_is_gone_stands_in_nobodys_way_and_is_struck_off() {
        let mut line = Line::default();
        let patient = line.join(Ticket(0));
        for n in 1..10_000 {
            drop(line.join(Ticket(n)));
            assert!(line.waiting.len() <= LENGTH_MIN, "{n}");
        }
        assert_eq!((line.ahead_of(Ticket(10_000), 9), line.count()), (1, 1));
        drop(patient);
        assert_eq!((line.ahead_of(Ticket(10_000), 9), line.first()), (0, None));
    }
}
