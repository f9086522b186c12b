//! Where a head or a trailer section ends.

use crate::planted::Plant;

/// Where the blank line of a head in `bytes` ends, if at least its last two bytes lie behind `from`.
pub(crate) fn find_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from.saturating_sub(if Plant::HeadCutAtLineEnd.is_on() { 0 } else { 2 });
    loop {
        let rest = bytes.get(at..)?;
        at = at.saturating_add(rest.iter().position(|b| *b == b'\n')?).saturating_add(1);
        match bytes.get(at..)? {
            [b'\n', ..] => return Some(at.saturating_add(1)),
            [b'\r', b'\n', ..] => return Some(at.saturating_add(2)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_behind_the_first_blank_line_wherever_the_search_went_on() {
        let rows: [(&[u8], Option<usize>); 7] = [
            (b"a\r\n\r\nb", Some(5)),
            (b"a\n\nb\n\n", Some(3)),
            (b"a\n\r\n", Some(4)),
            (b"a\r\n\n", Some(4)),
            (b"a\r\nb\r\n\r", None),
            (b"a\r\r\n", None),
            (b"", None),
        ];
        for (bytes, want) in rows {
            let end = want.unwrap_or(bytes.len());
            for searched in 0..end {
                assert_eq!(find_end(bytes, searched), want, "{bytes:?} from {searched}");
            }
        }
    }
}
