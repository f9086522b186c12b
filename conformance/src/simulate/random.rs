//! The numbers of a run: a stream for each question, so that leaving one out moves no other.
//!
//! Source: SplitMix64 (Steele, Lea, Flood 2014).

/// A stream of numbers that its parts determine.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

const WEYL: u64 = 0x9e37_79b9_7f4a_7c15;

/// Mixes a number so that each bit of it counts for each bit of the result.
pub(super) const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Random {
    /// The stream of these numbers: the seed first, then what it is for.
    pub(super) fn of(parts: &[u64]) -> Self {
        Self(parts.iter().fold(WEYL, |state, part| mix(state.wrapping_add(WEYL) ^ mix(*part))))
    }

    /// The next number.
    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(WEYL);
        mix(self.0)
    }

    /// A number below `bound`, which is not 0.
    pub(super) const fn below(&mut self, bound: usize) -> usize {
        (((self.next() >> 32) * bound as u64) >> 32) as usize
    }

    /// A number from `low` to `high`, both counted.
    pub(super) const fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// Whether something happens that does so `permille` times in a thousand.
    pub(super) const fn chance(&mut self, permille: usize) -> bool {
        self.below(1000) < permille
    }

    /// One of these.
    pub(super) const fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_parts_make_equal_streams_and_others_do_not() {
        let three = |parts: &[u64]| {
            let mut random = Random::of(parts);
            [random.next(), random.next(), random.next()]
        };
        assert_eq!(three(&[1, 2]), three(&[1, 2]));
        assert_ne!(three(&[1, 2]), three(&[2, 1]));
        assert_ne!(three(&[1, 2]), three(&[1, 2, 0]));
        let mut random = Random::of(&[7]);
        assert!((0..10_000).all(|_| (3..=9).contains(&random.between(3, 9))));
    }
}
