//! A `Set-Cookie` line taken apart.
//!
//! Source: RFC 6265bis section 5.6. Linear in the line; of an attribute given twice the last counts.

use core::fmt;

use super::cookie::SameSite;
use super::date::parse_date;
use super::{Limits, Refusal};
use crate::WallTime;
use crate::planted::Plant;

/// What a `Set-Cookie` line says, before it is known who says it.
#[derive(Clone, PartialEq, Eq)]
pub struct SetCookie<'a> {
    /// The name; empty if there is no equals sign before the first semicolon, or nothing before it.
    pub name: &'a [u8],
    /// The value, byte for byte, quotes included.
    pub value: &'a [u8],
    /// `Domain` as given; an empty one takes back those before it.
    pub domain: Option<&'a [u8]>,
    /// `Path` as given.
    pub path: Option<&'a [u8]>,
    /// `Expires`; an unreadable date is no attribute.
    pub expires: Option<WallTime>,
    /// `Max-Age` in seconds, saturated; anything but digits after an optional minus is no attribute.
    pub max_age: Option<i64>,
    /// `Secure` is there.
    pub secure: bool,
    /// `HttpOnly` is there.
    pub http_only: bool,
    /// `SameSite`, if it has a known value.
    pub same_site: Option<SameSite>,
}

impl<'a> SetCookie<'a> {
    /// Takes `line` apart: the field's value, without its end of line.
    ///
    /// # Errors
    /// A control character other than TAB, neither name nor value, or both together too long.
    pub fn parse(line: &'a [u8], limits: &Limits) -> Result<Self, Refusal> {
        if line.iter().any(|byte| *byte != b'\t' && byte.is_ascii_control()) {
            return Err(Refusal::ControlCharacter);
        }
        let mut parts = line.split(|byte| *byte == b';');
        let pair = parts.next().unwrap_or_default();
        let (name, value) = halves(pair).unwrap_or((&[], trim(pair)));
        if name.is_empty() && value.is_empty() {
            return Err(Refusal::Empty);
        }
        let more = usize::from(Plant::PairOneMore.is_on());
        let bytes_max = limits.pair_bytes_max.saturating_add(more);
        if name.len().saturating_add(value.len()) > bytes_max {
            return Err(Refusal::TooLarge);
        }
        let mut cookie = Self {
            name,
            value,
            domain: None,
            path: None,
            expires: None,
            max_age: None,
            secure: false,
            http_only: false,
            same_site: None,
        };
        for part in parts {
            let (name, value) = halves(part).unwrap_or((trim(part), &[]));
            if value.len() <= limits.attribute_bytes_max {
                cookie.attribute(name, value);
            }
        }
        Ok(cookie)
    }

    fn attribute(&mut self, name: &[u8], value: &'a [u8]) {
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        if is("expires") {
            self.expires = parse_date(value).ok().or(self.expires);
        } else if is("max-age") {
            self.max_age = seconds(value).or(self.max_age);
        } else if is("domain") {
            self.domain = Some(value);
        } else if is("path") {
            self.path = Some(value);
        } else if is("secure") {
            self.secure = true;
        } else if is("httponly") {
            self.http_only = true;
        } else if is("samesite") {
            self.same_site = match () {
                () if value.eq_ignore_ascii_case(b"strict") => Some(SameSite::Strict),
                () if value.eq_ignore_ascii_case(b"lax") => Some(SameSite::Lax),
                () if value.eq_ignore_ascii_case(b"none") => Some(SameSite::None),
                () => None,
            };
        }
    }
}

/// What stands before and after the first equals sign, if there is one.
fn halves(part: &[u8]) -> Option<(&[u8], &[u8])> {
    let (name, rest) = part.split_at_checked(part.iter().position(|byte| *byte == b'=')?)?;
    Some((trim(name), trim(rest.strip_prefix(b"=")?)))
}

/// Without the blanks and tabs around it.
fn trim(text: &[u8]) -> &[u8] {
    // No other white space is left in a line without control characters.
    text.trim_ascii()
}

/// `-`? 1*DIGIT, saturated.
fn seconds(value: &[u8]) -> Option<i64> {
    let (digits, sign) = value.strip_prefix(b"-").map_or((value, 1), |digits| (digits, -1));
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let size = digits.iter().fold(0i64, |sum, digit| {
        sum.saturating_mul(10).saturating_add(i64::from(digit.wrapping_sub(b'0')))
    });
    Some(size.saturating_mul(sign))
}

impl fmt::Debug for SetCookie<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetCookie")
            .field("name", &self.name.escape_ascii())
            .field("value", &"***")
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_pair_and_attributes() {
        let limits = Limits::default();
        let rows: [(&str, (&str, &str)); 8] = [
            ("a=1", ("a", "1")),
            (" a = b c ;x", ("a", "b c")),
            ("a=b=c", ("a", "b=c")),
            ("a", ("", "a")),
            ("=a=b", ("", "a=b")),
            ("a=", ("a", "")),
            ("a=\"x;y\"", ("a", "\"x")),
            ("a=\"q\\\"\"", ("a", "\"q\\\"\"")),
        ];
        for (line, (name, value)) in rows {
            let got = SetCookie::parse(line.as_bytes(), &limits).unwrap();
            assert_eq!((got.name, got.value), (name.as_bytes(), value.as_bytes()), "{line}");
        }
    }

    #[test]
    fn of_an_attribute_given_twice_the_last_readable_one_counts() {
        let line = b"a=1; PATH=/x; path=/y; Max-Age=5; max-age=z; Domain=b; domain=; secure=no";
        let got = SetCookie::parse(line, &Limits::default()).unwrap();
        assert_eq!(got.path, Some(&b"/y"[..]));
        assert_eq!(got.max_age, Some(5));
        assert_eq!(got.domain, Some(&b""[..]));
        assert!(got.secure && !got.http_only);
    }

    #[test]
    fn max_age_saturates() {
        let rows: [(&[u8], Option<i64>); 8] = [
            (b"0", Some(0)),
            (b"-7", Some(-7)),
            (b"9223372036854775808", Some(i64::MAX)),
            (b"-99999999999999999999", Some(-i64::MAX)),
            (b"", None),
            (b"-", None),
            (b"+1", None),
            (b"1.5", None),
        ];
        for (value, want) in rows {
            assert_eq!(seconds(value), want, "{}", value.escape_ascii());
        }
    }

    #[test]
    fn size_limits_hold_on_both_sides() {
        let limits = Limits { pair_bytes_max: 4, attribute_bytes_max: 2, ..Limits::default() };
        let path = |line: &'static str| SetCookie::parse(line.as_bytes(), &limits).map(|c| c.path);
        assert_eq!(path("ab=cd; path=/x"), Ok(Some(&b"/x"[..])));
        assert_eq!(path("ab=cde"), Err(Refusal::TooLarge));
        assert_eq!(path("ab=cd; path=/xy"), Ok(None));
        assert_eq!(path(" = ; path=/x"), Err(Refusal::Empty));
        assert_eq!(path("a=\u{1}"), Err(Refusal::ControlCharacter));
        assert_eq!(path("a=1; x\0"), Err(Refusal::ControlCharacter));
    }
}
