//! Where the bytes of servers are cut on their way to the client.

/// A way to cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cuts {
    /// Not at all: a read gives all that has come.
    Nowhere,
    /// Behind so many bytes of the whole run.
    At(usize),
    /// Behind every byte.
    Everywhere,
    /// At places that a seed determines.
    Seeded(Seeded),
}

/// A stream of numbers that its seed determines (Weyl sequence and mixing of SplitMix64).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seeded(u64);

impl Seeded {
    /// The stream of this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number below `bound`, which is not 0.
    pub const fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        #[expect(clippy::cast_possible_truncation, reason = "below the bound")]
        let number = (mixed % bound as u64) as usize;
        number
    }
}

impl Cuts {
    /// How many of `most` bytes, which is not 0, the next read gives, when `delivered` came before.
    pub fn next(&mut self, delivered: usize, most: usize) -> usize {
        match self {
            Self::Nowhere => most,
            Self::At(place) if delivered < *place => most.min(*place - delivered),
            Self::At(_) => most,
            Self::Everywhere => 1,
            Self::Seeded(seeded) => 1 + seeded.below(most),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_end_at_the_cuts() {
        assert_eq!(Cuts::Nowhere.next(0, 9), 9);
        assert_eq!(Cuts::Everywhere.next(0, 9), 1);
        let mut at = Cuts::At(4);
        assert_eq!([at.next(0, 9), at.next(4, 9), at.next(3, 9)], [4, 9, 1]);
        let mut seeded = Cuts::Seeded(Seeded::new(7));
        assert!((0..1000).all(|_| (1..=9).contains(&seeded.next(0, 9))));
    }
}
