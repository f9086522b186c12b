//! Content-Type fields, read leniently.
//!
//! Source: `_parse_content_type_header` in requests 2.34.2, `utils.py`; RFC 9110, 8.3.1, of which
//! quoted strings with a `;` are not understood, as in requests.

use alloc::string::String;
use alloc::vec::Vec;

/// How many parameters are read; the rest is left.
pub const PARAMS_MAX: usize = 64;

/// A media type and its parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContentType<'a> {
    /// What stands before the first `;`, without blanks around it; as it is written.
    pub media_type: &'a str,
    /// Names in small letters, values without quotes and blanks around them; the last value of a
    /// name counts, in the place of the first.
    pub params: Vec<(String, &'a str)>,
}

impl ContentType<'_> {
    /// The value of the parameter `name`, which is given in small letters.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(n, _)| n == name).map(|(_, value)| *value)
    }
}

/// Reads a Content-Type field; every text is one. A parameter without `=` is left out.
#[must_use]
pub fn parse_content_type(value: &str) -> ContentType<'_> {
    const AROUND: [char; 3] = ['"', '\'', ' '];
    let mut pieces = value.split(';');
    let media_type = pieces.next().unwrap_or_default().trim_matches(super::dict::is_blank);
    let mut params: Vec<(String, &str)> = Vec::new();
    for piece in pieces.take(PARAMS_MAX) {
        let Some((name, value)) = piece.trim_matches(super::dict::is_blank).split_once('=') else {
            continue;
        };
        let name = name.trim_matches(AROUND).to_lowercase();
        let value = value.trim_matches(AROUND);
        match params.iter_mut().find(|(n, _)| *n == name) {
            Some(param) => param.1 = value,
            None => params.push((name, value)),
        }
    }
    ContentType { media_type, params }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_leniently() {
        type Row = (&'static str, &'static str, &'static [(&'static str, &'static str)]);
        let rows: [Row; 7] = [
            ("", "", &[]),
            ("text/x; a=1; B = \"two\" ; c", "text/x", &[("a", "1"), ("b", "two")]),
            ("x; 'a=b'; =v;d=", "x", &[("a", "b"), ("", "v"), ("d", "")]),
            ("x; charset=\"a;b\"", "x", &[("charset", "a")]),
            ("x;a=b=c", "x", &[("a", "b=c")]),
            ("x;a=1;b=2;A=3", "x", &[("a", "3"), ("b", "2")]),
            (" x \t;\ta=1\t", "x", &[("a", "1")]),
        ];
        for (value, media_type, params) in rows {
            let got = parse_content_type(value);
            let got_params: Vec<_> = got.params.iter().map(|(n, v)| (n.as_str(), *v)).collect();
            assert_eq!((got.media_type, got_params.as_slice()), (media_type, params), "{value}");
        }
        assert_eq!(parse_content_type("x; Charset=Y").param("charset"), Some("Y"));
    }

    #[test]
    fn parameters_are_bounded() {
        let mut value = String::from("x");
        (0..PARAMS_MAX + 10).for_each(|n| value.push_str(&alloc::format!(";p{n}=v")));
        assert_eq!(parse_content_type(&value).params.len(), PARAMS_MAX);
    }
}
