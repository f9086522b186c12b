//! Protection spaces: which requests may carry an answer before they are asked for one.
//!
//! Source: RFC 7616, 3.3 (`domain`) and 3.6.

use alloc::string::String;
use alloc::vec::Vec;

use url::{Position, Url};

use crate::url::is_same_origin;

/// The URLs of one origin that share a nonce.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Space {
    /// All of the origin.
    Whole,
    /// Those whose path and query begin with one of these.
    Below(Vec<String>),
}

impl Space {
    /// The space that a challenge for `url` names with `domain`.
    ///
    /// What it names of other origins is left: no answer goes there unasked. A list that does not
    /// even cover `url` is no use, and counts as none.
    pub(super) fn of(url: &Url, domain: &str) -> Self {
        let named =
            domain.split_ascii_whitespace().filter_map(|reference| url.join(reference).ok());
        let below = named.filter(|named| is_same_origin(named, url));
        let below = Self::Below(below.map(|named| place(&named).into()).collect());
        if below.covers(url) { below } else { Self::Whole }
    }

    /// Whether `url`, which is of the space's origin, is in it.
    pub(super) fn covers(&self, url: &Url) -> bool {
        match self {
            Self::Whole => true,
            Self::Below(prefixes) => prefixes.iter().any(|prefix| place(url).starts_with(prefix)),
        }
    }
}

/// Path and query.
fn place(url: &Url) -> &str {
    &url[Position::BeforePath..Position::AfterQuery]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_covers_what_begins_with_one_of_its_uris() {
        let rows = [
            ("", "/other", true),
            ("/", "/other", true),
            ("/a", "/a/b", true),
            ("/a", "/b", false),
            ("/b /a", "/b?x", true),
            ("http://a.test/a", "/a", true),
            ("http://a.test:80/a http://b.test/", "/x", false),
            ("http://b.test/", "/x", true),
            ("/elsewhere", "/x", true),
            ("http://[", "/x", true),
        ];
        let asked = Url::parse("http://a.test/a/page?q").unwrap();
        for (domain, path, want) in rows {
            let url = asked.join(path).unwrap();
            assert_eq!(Space::of(&asked, domain).covers(&url), want, "{domain:?} {path}");
        }
    }
}
