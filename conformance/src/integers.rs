//! Integers beyond 64 bits in vectors, which the JSON reader of this crate would round.
//!
//! They are rewritten as `{"$int": "digits"}` before the text is read.

use std::borrow::Cow;

/// The member that stands for such an integer.
pub const TAG: &str = "$int";

/// JSON text whose integers all fit 64 bits.
#[must_use]
pub fn kept(json: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let (mut copied, mut at) = (0, 0);
    let bytes = json.as_bytes();
    while let Some(byte) = bytes.get(at) {
        let rest = &bytes[at..];
        let length = match byte {
            b'"' => string(rest),
            b'-' | b'0'..=b'9' => rest.iter().take_while(|b| is_of_number(**b)).count(),
            _ => 1,
        };
        let token = &json.as_bytes()[at..at + length];
        if is_long(token) {
            let digits = &json[at..at + length];
            out.push_str(&json[copied..at]);
            out.push_str(&format!("{{\"{TAG}\":\"{digits}\"}}"));
            copied = at + length;
        }
        at += length;
    }
    match copied {
        0 => Cow::Borrowed(json),
        _ => Cow::Owned(out + &json[copied..]),
    }
}

/// The length of the string that begins here.
fn string(rest: &[u8]) -> usize {
    let mut is_escaped = false;
    let end = rest.iter().skip(1).position(|byte| {
        let ends = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        ends
    });
    end.map_or(rest.len(), |end| end + 2)
}

const fn is_of_number(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
}

fn is_long(token: &[u8]) -> bool {
    let digits = token.strip_prefix(b"-").unwrap_or(token);
    let is_integer = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let text = || String::from_utf8_lossy(token);
    is_integer && text().parse::<i64>().is_err() && text().parse::<u64>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_integers_beyond_64_bits_are_rewritten() {
        let rows = [
            ("[18446744073709551615,1e+100]", None),
            ("[18446744073709551616]", Some(r#"[{"$int":"18446744073709551616"}]"#)),
            (r#"{"a":-9223372036854775809}"#, Some(r#"{"a":{"$int":"-9223372036854775809"}}"#)),
            ("-9223372036854775808", None),
            (r#""\"é99999999999999999999""#, None),
            (r#""\\",99999999999999999999 "#, Some(r#""\\",{"$int":"99999999999999999999"} "#)),
            ("99999999999999999999.5", None),
            ("\"99999999999999999999", None),
        ];
        for (json, want) in rows {
            assert_eq!(kept(json), want.unwrap_or(json), "{json}");
        }
    }
}
