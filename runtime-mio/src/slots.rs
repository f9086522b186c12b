//! Places for calls in flight, and ids that outlive them without meaning another call.

use std::fmt;
use std::num::NonZeroU64;

use slab::Slab;

/// Names a call of a driver; the id of a call that is over names none ever after.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId {
    /// 0 is no call.
    serial: u64,
    place: u64,
}

impl CallId {
    pub(crate) const fn parts(self) -> (u64, u64) {
        (self.serial, self.place)
    }

    pub(crate) const fn from_parts(serial: u64, place: u64) -> Self {
        Self { serial, place }
    }

    fn place(self) -> usize {
        usize::try_from(self.place).unwrap_or(usize::MAX)
    }
}

impl fmt::Debug for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallId({})", self.serial)
    }
}

/// Values by id.
#[derive(Debug)]
pub(crate) struct Slots<T> {
    entries: Slab<(NonZeroU64, T)>,
    next: NonZeroU64,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self { entries: Slab::new(), next: NonZeroU64::MIN }
    }
}

impl<T> Slots<T> {
    /// Keeps a value, under an id that was never used before.
    pub(crate) fn insert(&mut self, value: T) -> CallId {
        let serial = self.next;
        // No machine counts that far.
        self.next = serial.saturating_add(1);
        let place = self.entries.insert((serial, value));
        CallId { serial: serial.get(), place: place as u64 }
    }

    pub(crate) fn get(&self, id: CallId) -> Option<&T> {
        let (serial, value) = self.entries.get(id.place())?;
        (serial.get() == id.serial).then_some(value)
    }

    pub(crate) fn get_mut(&mut self, id: CallId) -> Option<&mut T> {
        let (serial, value) = self.entries.get_mut(id.place())?;
        (serial.get() == id.serial).then_some(value)
    }

    pub(crate) fn remove(&mut self, id: CallId) -> Option<T> {
        self.get(id)?;
        let (_, value) = self.entries.try_remove(id.place())?;
        Some(value)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|(_, (_, value))| value)
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_means_one_value_only() {
        let mut slots = Slots::default();
        let a = slots.insert('a');
        assert_eq!(slots.remove(a), Some('a'));
        let b = slots.insert('b');
        assert_eq!((a.place, a == b), (b.place, false), "the place is used again, the id is not");
        assert_eq!((slots.get(a), slots.get(b)), (None, Some(&'b')));
        assert_eq!((slots.remove(a), slots.len()), (None, 1));
        assert_eq!(slots.get(CallId::from_parts(0, 0)), None);
    }
}
