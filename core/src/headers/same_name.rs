//! Whether two field names are the same, without regard to case, eight bytes at a time.
//!
//! Source: RFC 9110, 5.1.

/// The bytes of a word that is looked at in one step.
const WORD: usize = 8;
/// One in each byte of a word.
const ONES: u64 = u64::MAX / 0xff;
/// The highest bit of each byte of a word.
const HIGH: u64 = ONES << 7;
/// What brings `A` and all behind it to the highest bit, in each byte.
const TO_A: u64 = ONES.wrapping_mul(0x80_u64.wrapping_sub(b'A' as u64));
/// The same for the character behind `Z`.
const TO_BEHIND_Z: u64 = TO_A.wrapping_sub(ONES.wrapping_mul(26));

/// Whether both are the same name: as `eq_ignore_ascii_case`, at a quarter of the work for names
/// that are longer than a word.
pub(crate) fn same_name(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    // Both words together cover names of up to sixteen bytes; they may lie over each other.
    let words = (one.first_chunk(), one.last_chunk(), other.first_chunk(), other.last_chunk());
    let (Some(first), Some(last), Some(other_first), Some(other_last)) = words else {
        return one.eq_ignore_ascii_case(other);
    };
    lower(first) == lower(other_first)
        && lower(last) == lower(other_last)
        && (one.len() <= 2 * WORD || one.eq_ignore_ascii_case(other))
}

/// A word with its capitals as small letters.
const fn lower(word: &[u8; WORD]) -> u64 {
    let word = u64::from_ne_bytes(*word);
    let low = word & !HIGH;
    // The highest bit of a byte is set from this letter on.
    let from_a = low.wrapping_add(TO_A);
    let from_behind_z = low.wrapping_add(TO_BEHIND_Z);
    let capitals = (from_a ^ from_behind_z) & !word & HIGH;
    // A small letter is its capital and the bit 0x20.
    word | (capitals >> 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn a_word_has_its_capitals_made_small_and_nothing_else() {
        for byte in 0..=u8::MAX {
            for place in 0..WORD {
                let mut word = *b"aZ-0@[`{";
                word[place] = byte;
                let want = word.map(|byte| byte.to_ascii_lowercase());
                assert_eq!(lower(&word).to_ne_bytes(), want, "{byte:#x} at {place}");
            }
        }
    }

    #[test]
    fn names_are_the_same_if_they_differ_in_case_alone_at_any_length() {
        let name = b"x-Some-Rather-Long_Name^With~All";
        for length in 0..=name.len() {
            let one = &name[..length];
            let mut other: Vec<u8> = one.to_ascii_uppercase();
            assert!(same_name(one, &other), "{length}");
            assert!(!same_name(one, &name[..length.saturating_sub(1)]) || length == 0);
            for place in 0..length {
                let was = other[place];
                for byte in [was ^ 0x20, was ^ 1, was | 0x80] {
                    other[place] = byte;
                    assert_eq!(
                        same_name(one, &other),
                        one.eq_ignore_ascii_case(&other),
                        "{byte:#x} at {place} of {length}"
                    );
                }
                other[place] = was;
            }
        }
    }
}
