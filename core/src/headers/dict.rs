//! Fields that are lists, with quoted strings, or lists of `name=value`.
//!
//! Source: `parse_list_header`, `parse_dict_header` and `unquote_header_value` in requests 2.34.2,
//! `utils.py`; `parse_http_list` of Python's `urllib.request`; RFC 9110, 5.6.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// How many items of a list are read; the rest is left.
pub const ITEMS_MAX: usize = 1000;

/// Whether Python's `str.strip` takes `c` away.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// The items of a list, quoted ones without their quotes.
///
/// A comma inside quotes does not end an item; inside quotes a backslash takes the next character
/// as it is. A quote that is not closed lasts to the end.
#[must_use]
pub fn parse_list_header(value: &str) -> Vec<String> {
    items(value).map(|item| unquoted(&item).into_owned()).collect()
}

/// The pairs of a list of `name=value`; an item without `=` is a name without value. The last value
/// of a name counts, in the place of the first; names are kept as they are written.
#[must_use]
pub fn parse_dict_header(value: &str) -> Vec<(String, Option<String>)> {
    let mut pairs: Vec<(String, Option<String>)> = Vec::new();
    for item in items(value) {
        let (name, value) = match item.split_once('=') {
            Some((name, value)) => (name, Some(unquoted(value).into_owned())),
            None => (item.as_str(), None),
        };
        match pairs.iter_mut().find(|(n, _)| n == name) {
            Some(pair) => pair.1 = value,
            None => pairs.push((name.into(), value)),
        }
    }
    pairs
}

/// What a value in quotes is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quoted {
    /// Any text.
    Text,
    /// A file name: one that begins with two backslashes, a share of Windows, keeps them all.
    FileName,
}

/// `value` without the quotes around it, and with `\\` and `\"` inside them as `\` and `"`; as it is
/// if there are no quotes around it.
#[must_use]
pub fn unquote_header_value(value: &str, quoted: Quoted) -> Cow<'_, str> {
    // A single `"` is, for requests, quoted at both ends.
    let Some(inner) = quotes_off(value) else { return Cow::Borrowed(value) };
    let is_share = quoted == Quoted::FileName && inner.starts_with("\\\\");
    if is_share || !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    // First one pair, then the other: `\\"` becomes `\"` and then `"`, as in requests.
    Cow::Owned(inner.replace("\\\\", "\\").replace("\\\"", "\""))
}

/// What stands between quotes; nothing for a single one.
fn quotes_off(value: &str) -> Option<&str> {
    let rest = value.strip_prefix('"')?;
    if rest.is_empty() { Some("") } else { rest.strip_suffix('"') }
}

/// An item as requests unquotes it: the quotes are taken off twice if there are two pairs.
fn unquoted(item: &str) -> Cow<'_, str> {
    match quotes_off(item) {
        None => Cow::Borrowed(item),
        Some(inner) => unquote_header_value(inner, Quoted::Text),
    }
}

/// The items between commas outside quotes, without blanks around them.
fn items(value: &str) -> impl Iterator<Item = String> {
    let mut chars = value.chars();
    let mut is_over = false;
    let items = core::iter::from_fn(move || {
        if is_over {
            return None;
        }
        let mut item = String::new();
        let mut is_quoted = false;
        loop {
            match chars.next() {
                None => {
                    is_over = true;
                    return (!item.is_empty()).then(|| item.trim_matches(is_blank).into());
                }
                Some(',') if !is_quoted => return Some(item.trim_matches(is_blank).into()),
                Some('\\') if is_quoted => item.extend(chars.next()),
                Some(c) => {
                    is_quoted ^= c == '"';
                    item.push(c);
                }
            }
        }
    });
    items.take(ITEMS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_cut_at_commas_outside_quotes() {
        let rows: [(&str, &[&str]); 9] = [
            ("", &[]),
            (",", &[""]),
            ("a, b ,c", &["a", "b", "c"]),
            ("token, \"quoted, value\"", &["token", "quoted, value"]),
            ("a \"b, c\" d", &["a \"b, c\" d"]),
            ("\"x\\\"y\", \"\\\\\"", &["x\"y", "\\"]),
            ("a, \"b, c", &["a", "\"b, c"]),
            ("\"a\\", &["\"a"]),
            ("a, ", &["a", ""]),
        ];
        for (value, want) in rows {
            assert_eq!(parse_list_header(value), want, "{value}");
        }
        assert_eq!(parse_list_header(&",".repeat(5000)).len(), ITEMS_MAX);
    }

    #[test]
    fn pairs_keep_the_last_value() {
        let rows = [
            ("", ""),
            ("a=1, b, a=\"x, y\"", "[a]=[x, y] [b] "),
            ("a=b=c,A=\"\"", "[a]=[b=c] [A]=[] "),
            ("a=\"", "[a]=[] "),
            (",=x", "[]=[x] "),
        ];
        for (value, want) in rows {
            let mut got = String::new();
            for (name, value) in parse_dict_header(value) {
                let value = value.map(|v| alloc::format!("=[{v}]")).unwrap_or_default();
                got.push_str(&alloc::format!("[{name}]{value} "));
            }
            assert_eq!(got, want, "{value}");
        }
    }

    #[test]
    fn quotes_come_off_where_they_are_around_a_value() {
        let rows = [
            ("\"a\"", Quoted::Text, "a"),
            ("\"a", Quoted::Text, "\"a"),
            ("\"", Quoted::Text, ""),
            ("\"\\\\srv\\x\"", Quoted::Text, "\\srv\\x"),
            ("\"\\\\srv\\x\"", Quoted::FileName, "\\\\srv\\x"),
            ("\"C:\\\\x\"", Quoted::FileName, "C:\\x"),
        ];
        for (value, quoted, want) in rows {
            assert_eq!(unquote_header_value(value, quoted), want, "{value}");
        }
    }
}
