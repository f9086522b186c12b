//! Folded field lines made one.

use alloc::vec::Vec;

/// Copies a head with each fold, and the blanks around it, replaced by one space.
///
/// Source: RFC 9112, section 5.2.
pub(super) fn unfold(head: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(head.len());
    for line in head.split_inclusive(|b| *b == b'\n') {
        if matches!(line.first(), Some(b' ' | b'\t')) {
            let kept = out.trim_ascii_end().len();
            out.truncate(kept);
            out.push(b' ');
            out.extend_from_slice(line.trim_ascii_start());
            if line.trim_ascii().is_empty() {
                // Nothing but blanks: `trim` took the end of the line as well.
                out.extend_from_slice(b"\r\n");
            }
        } else {
            out.extend_from_slice(line);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    #[test]
    fn a_fold_becomes_one_space() {
        let rows = [
            ("a: 1\r\n 2\r\nb: 3\r\n\r\n", "a: 1 2\r\nb: 3\r\n\r\n"),
            ("a: 1 \t\r\n\t  2\r\n 3\r\n\r\n", "a: 1 2 3\r\n\r\n"),
            ("a: 1\n 2\n\n", "a: 1 2\n\n"),
            ("a:\r\n 2\r\n\r\n", "a: 2\r\n\r\n"),
            ("a: 1\r\n \r\nb: 3\r\n\r\n", "a: 1 \r\nb: 3\r\n\r\n"),
        ];
        for (head, want) in rows {
            assert_eq!(String::from_utf8(unfold(head.as_bytes())).unwrap(), want, "{head:?}");
        }
    }
}
