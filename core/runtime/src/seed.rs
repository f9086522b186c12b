//! A seed for multipart boundaries and nonces, from the operating system.

use std::hash::{BuildHasher, RandomState};

/// 128 bits that nobody else can tell.
#[must_use]
pub fn from_system() -> u128 {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        let mut seed = [0; 16];
        let flags = rustix::rand::GetRandomFlags::empty();
        if rustix::rand::getrandom(&mut seed, flags) == Ok(seed.len()) {
            return u128::from_ne_bytes(seed);
        }
    }
    from_hasher()
}

/// The same from the keys of the standard library's hash maps, where there is no such call.
fn from_hasher() -> u128 {
    let keyed = RandomState::new();
    let half = |n: u8| u128::from(keyed.hash_one(n));
    (half(0) << 64) | half(1)
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_two_seeds_are_the_same() {
        for seed in [super::from_system, super::from_hasher] {
            let (one, other) = (seed(), seed());
            assert!(one != other && one >> 64 != 0 && one << 64 != 0, "{one} {other}");
        }
    }
}
