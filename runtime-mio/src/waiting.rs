//! Calls that wait for a place under the connection limits: whoever came first is served first.
//!
//! They stand in a line for each origin, since a place for one may be none for another. When a
//! place may have become free, the first of each line asks again, the longest waiting one before
//! the others; one that gets a place lets the next of its line ask.

use std::collections::{BTreeMap, VecDeque};

use crate::slots::CallId;

/// The lines, by origin.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    lines: BTreeMap<Box<str>, VecDeque<(u64, CallId)>>,
    /// The number of the next who comes.
    next: u64,
}

impl Waiting {
    /// Puts a call at the end of its line, or, if it asked and got nothing, back to its head.
    pub(crate) fn put(&mut self, origin: &str, call: CallId, number: &mut Option<u64>) {
        let line = match self.lines.get_mut(origin) {
            Some(line) => line,
            None => self.lines.entry(origin.into()).or_default(),
        };
        match number {
            Some(number) => {
                let place = line.partition_point(|(other, _)| other < number);
                line.insert(place, (*number, call));
            }
            None => {
                *number = Some(self.next);
                line.push_back((self.next, call));
                self.next = self.next.saturating_add(1);
            }
        }
    }

    /// Takes out the first of each line, the longest waiting first; `waits` says whether a call
    /// still waits under this number.
    pub(crate) fn heads(&mut self, waits: impl Fn(CallId, u64) -> bool) -> Vec<CallId> {
        let mut heads: Vec<_> =
            self.lines.values_mut().filter_map(|line| first(line, &waits)).collect();
        self.lines.retain(|_, line| !line.is_empty());
        heads.sort_unstable();
        heads.into_iter().map(|(_, call)| call).collect()
    }

    /// Takes out the first of one line.
    pub(crate) fn head(
        &mut self,
        origin: &str,
        waits: impl Fn(CallId, u64) -> bool,
    ) -> Option<CallId> {
        let line = self.lines.get_mut(origin)?;
        let head = first(line, &waits);
        if line.is_empty() {
            self.lines.remove(origin);
        }
        head.map(|(_, call)| call)
    }

    /// Whether nobody waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

/// Takes out the first of a line that still waits.
fn first(
    line: &mut VecDeque<(u64, CallId)>,
    waits: &impl Fn(CallId, u64) -> bool,
) -> Option<(u64, CallId)> {
    while let Some((number, call)) = line.pop_front() {
        if waits(call, number) {
            return Some((number, call));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: fn(CallId, u64) -> bool = |_, _| true;

    const fn id(serial: u64) -> CallId {
        CallId::from_parts(serial, 0)
    }

    #[test]
    fn who_came_first_is_served_first_in_each_line() {
        let mut waiting = Waiting::default();
        for (serial, origin) in [(1, "b"), (2, "a"), (3, "b"), (4, "a")] {
            waiting.put(origin, id(serial), &mut None);
        }
        assert_eq!(waiting.heads(ALL), [id(1), id(2)]);
        assert_eq!((waiting.head("a", ALL), waiting.head("a", ALL)), (Some(id(4)), None));
        assert_eq!(waiting.heads(ALL), [id(3)]);
        assert!(waiting.is_empty());
    }

    #[test]
    fn who_asked_in_vain_keeps_its_place() {
        let mut waiting = Waiting::default();
        let (mut first, mut second) = (None, None);
        waiting.put("a", id(1), &mut first);
        waiting.put("a", id(2), &mut second);
        assert_eq!(waiting.heads(ALL), [id(1)]);
        waiting.put("a", id(1), &mut first);
        assert_eq!(waiting.heads(ALL), [id(1)]);
        assert_eq!(waiting.heads(ALL), [id(2)]);
    }

    #[test]
    fn who_was_given_up_holds_up_nobody() {
        let mut waiting = Waiting::default();
        for serial in 1..=3 {
            waiting.put("a", id(serial), &mut None);
        }
        assert_eq!(waiting.heads(|call, _| call != id(1)), [id(2)]);
        assert_eq!(waiting.head("a", |_, _| false), None);
        assert!(waiting.is_empty());
    }
}
