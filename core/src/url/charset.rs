//! Which characters of a URL's component go out as they are, and the encoding of the rest.
//!
//! Source: `_encode_invalid_chars` and its character sets in urllib3 2.8, `util/url.py`.

use alloc::string::String;

/// A component of a URL, by what it may hold unescaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    /// User and password.
    Userinfo,
    /// A path; a backslash is left to the crate `url`, which makes it a slash.
    Path,
    /// A query or a fragment.
    Query,
    /// A whole URL, or query text that the caller wrote: requests leaves brackets alone there.
    Whole,
}

/// Whether `byte` is unreserved (RFC 3986, 2.3).
#[must_use]
pub const fn is_unreserved(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~')
}

impl Component {
    /// Whether `byte` stands for itself in this component; `%` never does.
    #[must_use]
    pub const fn allows(self, byte: u8) -> bool {
        match byte {
            b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' | b':' => {
                true
            }
            b'@' | b'/' => !matches!(self, Self::Userinfo),
            b'?' => matches!(self, Self::Query | Self::Whole),
            b'[' | b']' | b'#' => matches!(self, Self::Whole),
            b'\\' => matches!(self, Self::Path),
            _ => is_unreserved(byte),
        }
    }
}

/// One piece of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A byte that is no `%`.
    Byte(u8),
    /// An escape: the byte it stands for, and its two digits as they are written.
    Escape(u8, [u8; 2]),
    /// A `%` that no two hexadecimal digits follow.
    Percent,
}

/// The pieces of a component, in order.
pub(super) fn pieces(text: &[u8]) -> impl Iterator<Item = Piece> {
    let mut rest = text;
    core::iter::from_fn(move || {
        let (&first, after) = rest.split_first()?;
        rest = after;
        if first != b'%' {
            return Some(Piece::Byte(first));
        }
        let [high, low, behind @ ..] = after else { return Some(Piece::Percent) };
        match (hex(*high), hex(*low)) {
            (Some(h), Some(l)) => {
                rest = behind;
                Some(Piece::Escape(h.wrapping_shl(4) | l, [*high, *low]))
            }
            _ => Some(Piece::Percent),
        }
    })
}

/// The value of a hexadecimal digit.
fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|n| u8::try_from(n).ok())
}

/// `%` and two capital digits.
pub(crate) fn push_escape(out: &mut String, byte: u8) {
    const DIGITS: [u8; 16] = *b"0123456789ABCDEF";
    out.push('%');
    for nibble in [byte.wrapping_shr(4), byte & 15] {
        out.push(DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0').into());
    }
}

/// Whether `text` has a `%` that begins no escape.
pub(super) fn has_bare_percent(text: &[u8]) -> bool {
    text.contains(&b'%') && pieces(text).any(|piece| piece == Piece::Percent)
}

/// What happens to escapes of unreserved characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreserved {
    /// They are undone: `%7E` becomes `~`.
    Undone,
    /// They stay.
    Kept,
}

/// What a `%` that begins no escape says about the component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BarePercent {
    /// The component was never escaped: each of its `%` becomes `%25`, as urllib3 has it.
    EscapesAll,
    /// It alone becomes `%25`.
    EscapesItself,
}

/// How escapes are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Escapes of unreserved characters.
    pub unreserved: Unreserved,
    /// A `%` that begins no escape.
    pub bare_percent: BarePercent,
}

/// Whether [`encode`] would give `text` back as it is.
#[must_use]
pub fn is_encoded(text: &str, component: Component, rules: Rules) -> bool {
    pieces(text.as_bytes()).all(|piece| match piece {
        Piece::Byte(byte) => component.allows(byte),
        Piece::Escape(byte, digits) => {
            !(rules.unreserved == Unreserved::Undone && is_unreserved(byte))
                && (component == Component::Whole || !digits.iter().any(u8::is_ascii_lowercase))
        }
        Piece::Percent => false,
    })
}

/// Appends `text` as `component`: what is not allowed there as escapes, and escapes in capitals (in
/// a [`Component::Whole`] as they are written).
pub fn encode(out: &mut String, text: &str, component: Component, rules: Rules) {
    let all = rules.bare_percent == BarePercent::EscapesAll && has_bare_percent(text.as_bytes());
    for piece in pieces(text.as_bytes()) {
        match piece {
            Piece::Byte(byte) if component.allows(byte) => out.push(byte.into()),
            Piece::Byte(byte) => push_escape(out, byte),
            Piece::Percent => push_escape(out, b'%'),
            Piece::Escape(_, digits) if all => {
                push_escape(out, b'%');
                out.extend(digits.map(|d| char::from(d.to_ascii_uppercase())));
            }
            Piece::Escape(byte, _)
                if rules.unreserved == Unreserved::Undone && is_unreserved(byte) =>
            {
                out.push(byte.into());
            }
            Piece::Escape(_, digits) if component == Component::Whole => {
                out.push('%');
                out.extend(digits.map(char::from));
            }
            Piece::Escape(byte, _) => push_escape(out, byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLER: Rules =
        Rules { unreserved: Unreserved::Undone, bare_percent: BarePercent::EscapesAll };
    const SERVER: Rules =
        Rules { unreserved: Unreserved::Undone, bare_percent: BarePercent::EscapesItself };

    fn check(text: &str, component: Component, rules: Rules) -> String {
        let mut out = String::new();
        encode(&mut out, text, component, rules);
        assert_eq!(is_encoded(text, component, rules), out == text, "{text} -> {out}");
        out
    }

    #[test]
    fn each_component_has_characters_of_its_own() {
        let text = "a:@/?#[]|\\ '\u{e9}";
        let rows = [
            (Component::Userinfo, "a:%40%2F%3F%23%5B%5D%7C%5C%20'%C3%A9"),
            (Component::Path, "a:@/%3F%23%5B%5D%7C\\%20'%C3%A9"),
            (Component::Query, "a:@/?%23%5B%5D%7C%5C%20'%C3%A9"),
            (Component::Whole, "a:@/?#[]%7C%5C%20'%C3%A9"),
        ];
        for (component, want) in rows {
            assert_eq!(check(text, component, CALLER), want, "{component:?}");
        }
    }

    #[test]
    fn escapes_are_put_in_one_form() {
        let rows = [
            ("%7e%2f%C3%a9", "~%2F%C3%A9", "~%2F%C3%A9"),
            ("%41%zz", "%2541%25zz", "A%25zz"),
            ("%", "%25", "%25"),
            ("%2", "%252", "%252"),
            ("%%41", "%25%2541", "%25A"),
            ("%25", "%25", "%25"),
            ("", "", ""),
        ];
        for (text, caller, server) in rows {
            assert_eq!(check(text, Component::Path, CALLER), caller, "{text}");
            assert_eq!(check(text, Component::Path, SERVER), server, "{text}");
        }
        assert_eq!(check("%2f", Component::Whole, SERVER), "%2f");
    }
}
