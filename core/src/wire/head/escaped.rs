//! Bytes of a peer in a text for people: no control character gets through.

use core::fmt;

use crate::planted::Plant;

/// Shown at most; what is longer is cut and marked.
const SHOWN_MAX: usize = 64;

/// Shows bytes as ASCII in quotes, all others as escapes.
pub(crate) struct Escaped<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.get(..SHOWN_MAX).unwrap_or(self.0);
        let rest = if shown.len() < self.0.len() { "..." } else { "" };
        if Plant::PeerBytesInError.is_on() {
            return f.write_str(&alloc::string::String::from_utf8_lossy(shown));
        }
        write!(f, "\"{}{rest}\"", shown.escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn control_and_non_ascii_bytes_are_escaped_and_long_texts_cut() {
        let rows: [(&[u8], &str); 3] = [
            (b"gzip", "\"gzip\""),
            (b"\x1b[31m\r\n\xff\"", "\"\\x1b[31m\\r\\n\\xff\\\"\""),
            (b"", "\"\""),
        ];
        for (bytes, want) in rows {
            assert_eq!(format!("{}", Escaped(bytes)), want);
        }
        assert_eq!(format!("{}", Escaped(&[b'a'; 64])).len(), 66);
        assert!(format!("{}", Escaped(&[b'a'; 65])).ends_with("a...\""));
    }
}
