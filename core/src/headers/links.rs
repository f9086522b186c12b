//! Link fields: where a response says its neighbours are.
//!
//! Source: `parse_header_links` in requests 2.34.2, `utils.py`; `Response.links` there, `models.py`;
//! RFC 8288, of which this is the part that requests reads.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

/// How many links of one field are read; the rest is left.
pub const LINKS_MAX: usize = 1000;

/// One link: a URL as it is written, and parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The URL, as it is written: it may be relative.
    pub url: String,
    /// The parameters in order; the last value of a name counts, in the place of the first. A
    /// parameter `url` takes the place of [`Link::url`].
    pub params: Vec<(String, String)>,
}

impl Link {
    /// The value of a parameter; names are compared as they are written.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// What the link is to the resource, `next` or `last` for example.
    #[must_use]
    pub fn rel(&self) -> Option<&str> {
        self.param("rel")
    }

    /// The key of this link among the others: `rel`, or the URL where there is none.
    fn key(&self) -> &str {
        self.rel().filter(|rel| !rel.is_empty()).unwrap_or(&self.url)
    }

    fn set(&mut self, name: &str, value: &str) {
        if name == "url" {
            value.clone_into(&mut self.url);
        } else if let Some(param) = self.params.iter_mut().find(|(n, _)| n == name) {
            value.clone_into(&mut param.1);
        } else {
            self.params.push((name.to_owned(), value.to_owned()));
        }
    }
}

/// The links of a Link field, in order.
///
/// As in requests a link begins at `, <`, a `;` ends a parameter even inside quotes, and from the
/// first parameter on that has no `=` or more than one, those of that link are left out.
#[must_use]
pub fn parse_header_links(value: &str) -> Vec<Link> {
    const AROUND: [char; 3] = [' ', '\'', '"'];
    let value = value.trim_matches(AROUND);
    if value.is_empty() {
        return Vec::new();
    }
    LinkTexts { rest: Some(value) }.take(LINKS_MAX).map(|text| link(text, &AROUND)).collect()
}

/// How many parameters of one link are read; the rest is left.
const PARAMS_MAX: usize = 32;

fn link(text: &str, around: &[char]) -> Link {
    let (url, params) = text.split_once(';').unwrap_or((text, ""));
    let url = url.trim_matches(['<', '>', ' ', '\'', '"']).to_owned();
    let mut link = Link { url, params: Vec::new() };
    for param in params.split(';').take(PARAMS_MAX) {
        match param.split_once('=') {
            Some((name, value)) if !value.contains('=') => {
                link.set(name.trim_matches(around), value.trim_matches(around));
            }
            _ => break,
        }
    }
    link
}

/// The texts between one `,` with blanks and `<` and the next.
struct LinkTexts<'a> {
    rest: Option<&'a str>,
}

impl<'a> Iterator for LinkTexts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.rest.take()?;
        let mut from = 0_usize;
        while let Some(comma) = text.get(from..).and_then(|t| t.find(',')) {
            let comma = from.saturating_add(comma);
            let after = text.get(comma.saturating_add(1)..).unwrap_or_default();
            let trimmed = after.trim_start_matches(' ');
            if let Some(next) = trimmed.strip_prefix('<') {
                self.rest = Some(next);
                return text.get(..comma);
            }
            // The blanks are no comma: the next look begins behind them.
            from = text.len().saturating_sub(trimmed.len());
        }
        Some(text)
    }
}

/// The links of a Link field by their `rel`, or by their URL where there is none; of those with the
/// same key the last one, in the place of the first.
#[must_use]
pub fn links(value: &str) -> Vec<(String, Link)> {
    let mut keyed: Vec<(String, Link)> = Vec::new();
    for link in parse_header_links(value) {
        match keyed.iter_mut().find(|(key, _)| key == link.key()) {
            Some(place) => place.1 = link,
            None => keyed.push((link.key().to_owned(), link)),
        }
    }
    keyed
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn shown(value: &str) -> String {
        let mut out = String::new();
        for link in parse_header_links(value) {
            out.push_str(&format!("<{}>", link.url));
            for (name, value) in link.params {
                out.push_str(&format!(" {name}={value}"));
            }
        }
        out
    }

    #[test]
    fn links_are_read_as_requests_reads_them() {
        let rows = [
            ("", ""),
            (" '\"", ""),
            ("<a>; rel=next", "<a> rel=next"),
            ("<a>;rel=x,<b>;rel=y", "<a> rel=x<b> rel=y"),
            ("<a>; rel=x,, ,  <b>; rel=y", "<a> rel=x,,<b> rel=y"),
            ("<a,b>; rel=x", "<a,b> rel=x"),
            ("<a>; q=\"x=y\"; rel=next", "<a>"),
            ("<a>; title=\"c;d\"; rel=x", "<a> title=c"),
            ("<a>; rel=x; rel=y", "<a> rel=y"),
            ("<a>; url=b; rel=y", "<b> rel=y"),
            (",<a>", "<><a>"),
        ];
        for (value, want) in rows {
            assert_eq!(shown(value), want, "{value}");
        }
    }

    #[test]
    fn the_last_link_of_a_key_counts() {
        let found = links("<1>; rel=x, <2>, <3>; rel=x, <4>; rel=\"\"");
        let keys: Vec<_> = found.iter().map(|(k, l)| (k.as_str(), l.url.as_str())).collect();
        assert_eq!(keys, [("x", "3"), ("2", "2"), ("4", "4")]);
    }

    #[test]
    fn links_and_parameters_are_bounded() {
        let value = "<a>; rel=x, ".repeat(LINKS_MAX + 10);
        assert_eq!(parse_header_links(&value).len(), LINKS_MAX);
        let mut value = String::from("<a>");
        (0..PARAMS_MAX + 10).for_each(|n| value.push_str(&format!(";p{n}=v")));
        assert_eq!(parse_header_links(&value)[0].params.len(), PARAMS_MAX);
        assert_eq!(parse_header_links(&", ".repeat(100_000)).len(), 1);
    }
}
