//! The charset that a `Content-Type` field names or implies.
//!
//! Source: `get_encoding_from_headers` and `_parse_content_type_header` in requests 2.34.2,
//! `utils.py`.

/// The encoding that `value`, a `Content-Type` field, gives its body; `None` if it says nothing.
///
/// The last `charset` parameter counts, as it was written but for blanks and quotes around it. With
/// none of them, a type with `text` in it is ISO-8859-1 (RFC 2616 section 3.7.1), and
/// `application/json` is UTF-8; both are compared with regard to case.
#[must_use]
pub fn encoding_from_content_type(value: &str) -> Option<&str> {
    let mut tokens = value.split(';');
    let content_type = tokens.next().map(trim)?;
    let mut parameters = tokens.filter_map(|token| trim(token).split_once('='));
    let is_charset = |(name, _): &(&str, &str)| unquote(name).eq_ignore_ascii_case("charset");
    match parameters.rfind(is_charset) {
        Some((_, charset)) => Some(unquote(charset).trim_matches(['\'', '"'])),
        None if content_type.contains("text") => Some("ISO-8859-1"),
        None if content_type.contains("application/json") => Some("utf-8"),
        None => None,
    }
}

/// Python's `str.strip`: Unicode white space, and the four separators that it counts in.
fn trim(token: &str) -> &str {
    token.trim_matches(|c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c))
}

fn unquote(part: &str) -> &str {
    part.trim_matches(['"', '\'', ' '])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_type_names_or_implies_an_encoding() {
        let rows = [
            ("", None),
            ("text/html; charset=utf-8", Some("utf-8")),
            ("text/html;charset=UTF-8", Some("UTF-8")),
            ("text/html; charset=\"utf-8\"", Some("utf-8")),
            ("text/html; Charset = ' iso-8859-2' ; x=y", Some("iso-8859-2")),
            ("text/html; charset=a; charset=b", Some("b")),
            ("text/html; charset=a; charset", Some("a")),
            ("text/html; charset=a=b", Some("a=b")),
            ("text/html; charset", Some("ISO-8859-1")),
            ("text/html; charset=", Some("")),
            ("text", Some("ISO-8859-1")),
            ("TEXT/PLAIN", None),
            ("application/json; x", Some("utf-8")),
            ("application/vnd.api+json", None),
            ("image/png", None),
            (" ; charset=u", Some("u")),
            ("x; charset=\u{b}u\u{b}", Some("\u{b}u")),
            ("x; charset\u{b}=u", None),
            ("x; charset=' u", Some("u")),
        ];
        for (value, want) in rows {
            assert_eq!(encoding_from_content_type(value), want, "{value}");
        }
    }
}
