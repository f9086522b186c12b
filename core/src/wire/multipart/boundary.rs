//! The line between parts: its form, and whether it occurs in content.
//!
//! Source: RFC 2046, 5.1.1.

/// Whether `text` can be a boundary that needs no quotes: 1 to 70 letters, digits and `'+-._`.
///
/// RFC 2046 allows a few more, which a `boundary=` parameter would have to quote.
#[must_use]
pub fn is_boundary(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"'+-._".contains(&b);
    (1..=70).contains(&text.len()) && text.bytes().all(allowed)
}

/// Looks for a boundary, skipping as far as the last byte that it looked at allows.
///
/// Source: R. N. Horspool, "Practical fast searching in strings", 1980.
pub(super) struct Finder<'a> {
    boundary: &'a [u8],
    skip: [u8; 256],
}

impl<'a> Finder<'a> {
    /// For a boundary of 1 to 70 bytes.
    pub(super) fn new(boundary: &'a str) -> Self {
        let boundary = boundary.as_bytes();
        let length = u8::try_from(boundary.len()).unwrap_or(u8::MAX);
        let mut skip = [length; 256];
        for (left, byte) in (1..length).rev().zip(boundary) {
            if let Some(skip) = skip.get_mut(usize::from(*byte)) {
                *skip = left;
            }
        }
        Self { boundary, skip }
    }

    /// Whether the boundary occurs in `text`.
    pub(super) fn is_in(&self, text: &[u8]) -> bool {
        let mut rest = text;
        while let Some(window) = rest.get(..self.boundary.len()) {
            if window == self.boundary {
                return true;
            }
            let skip = window.last().and_then(|byte| self.skip.get(usize::from(*byte)));
            rest = rest.get(skip.copied().map_or(1, usize::from)..).unwrap_or_default();
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_is_found_wherever_it_is() {
        let alphabet = b"ab";
        // All texts of 10 letters, against a search that cannot be wrong.
        for boundary in ["a", "ab", "aab", "abab", "babba"] {
            let finder = Finder::new(boundary);
            for number in 0..1024_usize {
                let text: std::vec::Vec<u8> =
                    (0..10).map(|bit| alphabet[number >> bit & 1]).collect();
                let want = text.windows(boundary.len()).any(|w| w == boundary.as_bytes());
                assert_eq!(finder.is_in(&text), want, "{boundary} in {text:?}");
            }
        }
    }

    #[test]
    fn boundaries_need_no_quotes() {
        for good in ["a", "0123456789abcdef0123456789abcdef", &"x".repeat(70), "a'+-._"] {
            assert!(is_boundary(good), "{good}");
        }
        for bad in ["", &"x".repeat(71), "a b", "a\r\n", "a;b", "\"a\"", "\u{e9}"] {
            assert!(!is_boundary(bad), "{bad}");
        }
    }
}
