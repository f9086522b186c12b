//! Unpredictable values from a seed that the embedder supplies: the core has no entropy of its own.

use alloc::string::String;
use core::fmt;
#[expect(deprecated, reason = "the one keyed hash that core has; the keys are given here")]
use core::hash::SipHasher;
use core::hash::{Hash, Hasher};

/// A stream of numbers that its seed determines and nobody without the seed can tell.
///
/// It is SipHash-2-4 of a counter, keyed with the seed's 128 bits.
#[derive(Clone)]
pub struct Random {
    #[expect(deprecated, reason = "see the import")]
    keyed: SipHasher,
    count: u64,
}

impl Random {
    /// The stream of this seed: from the operating system in life, fixed in a simulation.
    #[must_use]
    pub fn new(seed: u128) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "the two halves of the seed")]
        let (high, low) = ((seed >> 64) as u64, seed as u64);
        #[expect(deprecated, reason = "see the import")]
        let keyed = SipHasher::new_with_keys(high, low);
        Self { keyed, count: 0 }
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        let mut hasher = self.keyed.clone();
        self.count.hash(&mut hasher);
        self.count = self.count.wrapping_add(1);
        hasher.finish()
    }

    /// A client's nonce for Digest: 16 hexadecimal digits, as requests makes them.
    pub fn cnonce(&mut self) -> String {
        alloc::format!("{:016x}", self.number())
    }

    /// A multipart boundary: 32 hexadecimal digits, as requests makes them.
    pub fn boundary(&mut self) -> String {
        alloc::format!("{:016x}{:016x}", self.number(), self.number())
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_determines_the_stream() {
        let (mut a, mut b, mut c) = (Random::new(1), Random::new(1), Random::new(1 << 64));
        for _ in 0..100 {
            let number = a.number();
            assert_eq!(number, b.number());
            assert_ne!(number, c.number());
        }
        assert_eq!(a.boundary().len(), 32);
        assert_ne!(a.boundary(), a.boundary());
    }
}
