//! What a process holds, looked at between the rounds of a soak, and whether it stays the same.

use std::fmt;
use std::fs;
use std::io;

/// What a process held at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// Open descriptors.
    pub descriptors: u64,
    /// Bytes allocated on the heap and not freed.
    pub heap: u64,
    /// Resident memory in bytes.
    pub resident: u64,
    /// Threads.
    pub threads: u64,
}

impl Sample {
    /// What this process holds now; who counts the heap says how much that is.
    ///
    /// # Errors
    /// If `/proc` cannot be read: there is none on systems other than Linux.
    pub fn now(heap: usize) -> io::Result<Self> {
        let status = fs::read_to_string("/proc/self/status")?;
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        let missing = || io::Error::from(io::ErrorKind::InvalidData);
        Ok(Self {
            descriptors: u64::try_from(fs::read_dir("/proc/self/fd")?.count()).unwrap_or(u64::MAX),
            heap: u64::try_from(heap).unwrap_or(u64::MAX),
            resident: number("VmRSS:").ok_or_else(missing)?.saturating_mul(1024),
            threads: number("Threads:").ok_or_else(missing)?,
        })
    }
}

/// How much more may be held in the last third than in the first: so many percent, and so much
/// beside that.
#[derive(Clone, Copy, Debug)]
pub struct Tolerance {
    /// Of the first third.
    pub percent: u64,
    /// In the unit of what is held.
    pub beside: u64,
}

/// Idle connections come and go by ones and twos with the faults.
pub(super) const DESCRIPTORS: Tolerance = Tolerance { percent: 10, beside: 4 };

/// Buffers and TLS sessions of idle connections do likewise.
pub(super) const HEAP: Tolerance = Tolerance { percent: 10, beside: 256 * 1024 };

/// The allocator of the system gives pages back when it likes.
pub(super) const RESIDENT: Tolerance = Tolerance { percent: 10, beside: 4 << 20 };

/// Threads are those of the pools of a runtime.
pub(super) const THREADS: Tolerance = Tolerance { percent: 0, beside: 2 };

/// How many samples are kept at most: their own memory is part of what is held, so it is there from
/// the beginning.
pub(super) const SAMPLES_MAX: u32 = 1024;

/// The share of samples, from the first, in which everything is still growing: one in so many.
const WARM_UP: usize = 5;

/// What was held over a soak: medians of the first and the last third, after the warm-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Of what.
    pub what: &'static str,
    /// In the first third.
    pub first: u64,
    /// In the last third.
    pub last: u64,
    /// What the last may be.
    pub last_max: u64,
}

impl Held {
    /// Whether it stayed the same.
    #[must_use]
    pub const fn is_flat(&self) -> bool {
        self.last <= self.last_max
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, first, last, last_max } = self;
        let verdict = if self.is_flat() { "flat" } else { "GROWS" };
        write!(f, "{what:<16}{first:>12}{last:>12}{last_max:>12}  {verdict}")
    }
}

/// What these samples say; `None` if there are too few of them.
#[must_use]
pub(super) fn held(samples: &[Sample]) -> Option<[Held; 4]> {
    let warm = samples.get(samples.len() / WARM_UP..)?;
    let third = warm.len() / 3;
    let (first, last) = (warm.get(..third)?, warm.get(warm.len() - third..)?);
    let one = |what, tolerance: Tolerance, of: fn(&Sample) -> u64| {
        let (first, last) = (median(first, of)?, median(last, of)?);
        let more = first.saturating_mul(tolerance.percent) / 100 + tolerance.beside;
        Some(Held { what, first, last, last_max: first.saturating_add(more) })
    };
    Some([
        one("descriptors", DESCRIPTORS, |sample| sample.descriptors)?,
        one("heap bytes", HEAP, |sample| sample.heap)?,
        one("resident bytes", RESIDENT, |sample| sample.resident)?,
        one("threads", THREADS, |sample| sample.threads)?,
    ])
}

fn median(samples: &[Sample], of: fn(&Sample) -> u64) -> Option<u64> {
    let mut values: Vec<u64> = samples.iter().map(of).collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rising(by: u64) -> Vec<Sample> {
        (0..30)
            .map(|index| Sample {
                descriptors: 20 + index * by,
                heap: 1 << 20,
                resident: 32 << 20,
                threads: 3,
            })
            .collect()
    }

    #[test]
    fn a_descriptor_that_is_lost_now_and_then_is_seen() {
        for (by, want) in [(0, true), (1, false)] {
            let held = held(&rising(by)).unwrap();
            assert_eq!(held.map(|one| one.is_flat()), [want, true, true, true], "{by}");
        }
    }

    #[test]
    fn what_grows_while_it_warms_up_is_flat_afterwards() {
        let mut samples = rising(0);
        samples.iter_mut().take(6).for_each(|sample| sample.heap = 0);
        assert!(held(&samples).unwrap().iter().all(Held::is_flat));
    }

    #[test]
    fn few_samples_say_nothing() {
        assert_eq!(held(&rising(0)[..2]), None);
    }

    #[test]
    fn this_process_holds_something() {
        let sample = Sample::now(7).unwrap();
        assert!(sample.descriptors > 2 && sample.resident > 1 << 20 && sample.threads > 0);
        assert_eq!(sample.heap, 7);
    }
}
