//! `WWW-Authenticate` and `Proxy-Authenticate`: lists of challenges, taken apart in one pass.
//!
//! Source: RFC 9110, 11.2, 11.3 and 11.6.1.

use alloc::string::String;
use alloc::vec::Vec;

/// How many challenges are read; the rest is left.
pub const CHALLENGES_MAX: usize = 32;

/// How many parameters of a challenge are read; the rest is left.
pub const PARAMETERS_MAX: usize = 64;

/// One challenge: a scheme, and what the server says for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The scheme in small letters.
    pub scheme: String,
    /// What stands behind the scheme in place of parameters: base64 and the like.
    pub token68: Option<Vec<u8>>,
    /// The parameters in order, names in small letters, values without quotes and escapes.
    pub parameters: Vec<(String, Vec<u8>)>,
}

impl Challenge {
    /// The value of a parameter, by its name in small letters; of several, the last one's.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.parameters.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value.as_slice())
    }
}

/// All challenges of all fields, in order.
///
/// Nothing is refused: what is no part of a challenge is stepped over. A word without `=` is a
/// scheme; if a comma or the end follows at once, the parameters behind it belong to the scheme
/// before it, so that an unquoted `qop=auth,auth-int` does not tear a challenge in two.
#[must_use]
pub fn parse<'a>(fields: impl IntoIterator<Item = &'a [u8]>) -> Vec<Challenge> {
    let mut found = Vec::new();
    for field in fields {
        read_field(&mut Cursor { rest: field }, &mut found);
    }
    found
}

/// Reads one field; parameters do not reach back into the field before.
fn read_field(cursor: &mut Cursor<'_>, found: &mut Vec<Challenge>) {
    let mut current: Option<usize> = None;
    loop {
        cursor.skip(|b| matches!(b, b' ' | b'\t' | b','));
        if cursor.rest.is_empty() {
            return;
        }
        let word = cursor.take(is_token);
        if word.is_empty() {
            cursor.step_over();
            continue;
        }
        let blanks = cursor.skip(is_blank);
        if cursor.eat(b'=') {
            let value = cursor.value();
            let challenge = current.and_then(|place| found.get_mut(place));
            if let Some(challenge) = challenge.filter(|c| c.parameters.len() < PARAMETERS_MAX) {
                challenge.parameters.push((small(word), value));
            }
            continue;
        }
        if found.len() == CHALLENGES_MAX {
            return;
        }
        let is_alone = matches!(cursor.rest.first(), None | Some(b','));
        let token68 = if blanks > 0 && !is_alone { cursor.token68() } else { None };
        if !is_alone || current.is_none() {
            current = Some(found.len());
        }
        found.push(Challenge { scheme: small(word), token68, parameters: Vec::new() });
    }
}

/// What is still unread of a field; each step goes forward only.
struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// Takes the bytes at the start that `is` says yes to.
    fn take(&mut self, is: fn(u8) -> bool) -> &'a [u8] {
        let end = self.rest.iter().position(|b| !is(*b)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, &[]));
        self.rest = rest;
        taken
    }

    fn skip(&mut self, is: fn(u8) -> bool) -> usize {
        self.take(is).len()
    }

    fn eat(&mut self, byte: u8) -> bool {
        match self.rest.split_first() {
            Some((first, rest)) if *first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Goes past something that no challenge begins with: a quoted string, or one byte.
    fn step_over(&mut self) {
        if self.eat(b'"') {
            self.quoted();
        } else if let Some((_, rest)) = self.rest.split_first() {
            self.rest = rest;
        }
    }

    /// The value of a parameter: a quoted string, or everything to the next blank or comma.
    fn value(&mut self) -> Vec<u8> {
        self.skip(is_blank);
        if self.eat(b'"') { self.quoted() } else { self.take(|b| b != b',' && !is_blank(b)).into() }
    }

    /// A quoted string behind its first quote; one that is not closed lasts to the end.
    fn quoted(&mut self) -> Vec<u8> {
        let mut value = Vec::new();
        loop {
            value.extend_from_slice(self.take(|b| b != b'"' && b != b'\\'));
            match self.rest.split_first() {
                Some((b'\\', rest)) => {
                    let (escaped, rest) = rest.split_at_checked(1).unwrap_or((rest, &[]));
                    value.extend_from_slice(escaped);
                    self.rest = rest;
                }
                Some((_, rest)) => {
                    self.rest = rest;
                    return value;
                }
                None => return value,
            }
        }
    }

    /// A token68, if one stands here and a comma or the end follows.
    fn token68(&mut self) -> Option<Vec<u8>> {
        let start = self.rest;
        let letters = self.skip(|b| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b));
        let padding = self.skip(|b| b == b'=');
        let length = letters.saturating_add(padding);
        self.skip(is_blank);
        if letters > 0 && matches!(self.rest.first(), None | Some(b',')) {
            return start.get(..length).map(<[u8]>::to_vec);
        }
        self.rest = start;
        None
    }
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Source: RFC 9110, 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// In small letters.
fn small(word: &[u8]) -> String {
    word.iter().map(|b| char::from(b.to_ascii_lowercase())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn shown(fields: &[&str]) -> String {
        let mut out = String::new();
        for Challenge { scheme, token68, parameters } in parse(fields.iter().map(|f| f.as_bytes()))
        {
            out += &scheme;
            if let Some(token) = token68 {
                out += &format!(" {}", String::from_utf8_lossy(&token));
            }
            for (name, value) in parameters {
                out += &format!(" {name}=[{}]", String::from_utf8_lossy(&value));
            }
            out.push(';');
        }
        out
    }

    #[test]
    fn challenges_are_found_in_one_field_and_in_several() {
        let rows: [(&[&str], &str); 25] = [
            (&[], ""),
            (&[""], ""),
            (&[" , ,"], ""),
            (&["Basic"], "basic;"),
            (&["Basic realm=\"x\""], "basic realm=[x];"),
            (
                &[
                    "Basic realm=\"simple\", Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\"",
                ],
                "basic realm=[simple];newauth realm=[apps] type=[1] title=[Login to \"apps\"];",
            ),
            (&["Negotiate, Basic realm=x"], "negotiate;basic realm=[x];"),
            (&["Negotiate", "Digest realm=x,nonce=y"], "negotiate;digest realm=[x] nonce=[y];"),
            (&["Negotiate YWJj==, NTLM"], "negotiate YWJj==;ntlm;"),
            (&["Bearer abc/+~ ,Basic realm=x"], "bearer abc/+~;basic realm=[x];"),
            (&["DIGEST REALM=\"x\" , Nonce = y"], "digest realm=[x] nonce=[y];"),
            (&["Digest realm=\"a, b\", nonce=\"c=d\""], "digest realm=[a, b] nonce=[c=d];"),
            (&["Digest realm=\"r\" nonce=\"n\""], "digest realm=[r] nonce=[n];"),
            (&["Digest qop=auth,auth-int, nonce=n"], "digest qop=[auth] nonce=[n];auth-int;"),
            (&["Digest nonce=abc==, realm=r"], "digest nonce=[abc==] realm=[r];"),
            (&["Digest realm=\"r\", Basic realm=\"b\""], "digest realm=[r];basic realm=[b];"),
            (&["Basic realm=\"Digest realm=x\""], "basic realm=[Digest realm=x];"),
            (&["Digest realm=\"open"], "digest realm=[open];"),
            (&["Digest realm=\"open\\"], "digest realm=[open];"),
            (&["Digest realm="], "digest realm=;"),
            (&["Digest  ,realm=x"], "digest realm=[x];"),
            (&["realm=x, Digest nonce=y"], "digest nonce=[y];"),
            (&["\"Basic x\" ) Digest nonce=y"], "digest nonce=[y];"),
            (&["Digest nonce=y", "realm=x"], "digest nonce=[y];"),
            (&["Digest realm=\"\u{e9}\""], "digest realm=[\u{e9}];"),
        ];
        for (fields, want) in rows {
            assert_eq!(shown(fields), want, "{fields:?}");
        }
    }

    #[test]
    fn of_a_parameter_given_twice_the_last_counts() {
        let found = parse([b"Digest nonce=a, NONCE=b".as_slice()]);
        assert_eq!(found[0].get("nonce"), Some(b"b".as_slice()));
        assert_eq!(found[0].get("realm"), None);
    }

    #[test]
    fn counts_are_bounded() {
        let many = "A x=1, ".repeat(CHALLENGES_MAX + 1);
        assert_eq!(parse([many.as_bytes()]).len(), CHALLENGES_MAX);
        let many = format!("A {}", "x=1, ".repeat(PARAMETERS_MAX + 1));
        let found = parse([many.as_bytes()]);
        assert_eq!((found.len(), found[0].parameters.len()), (1, PARAMETERS_MAX));
    }

    /// Row 94: CVE-2021-33503 urllib3, CVE-2020-8492 Python: no input makes the parser go back.
    #[test]
    #[expect(clippy::disallowed_types, reason = "the test's own clock")]
    fn s094_a_challenge_costs_no_more_than_its_length() {
        for piece in ["a ", "a,", " ,", "a=", "a=\"", "\\\"", "a b=", "\"", "=", "aaaa ", "a b "] {
            let long = piece.repeat(1 << 19);
            let begun = std::time::Instant::now();
            let found = parse([long.as_bytes()]);
            assert!(found.len() <= CHALLENGES_MAX, "{piece:?}");
            assert!(begun.elapsed() < core::time::Duration::from_secs(5), "{piece:?}");
        }
    }
}
