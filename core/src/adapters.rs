//! Adapters: what is mounted for which URLs.
//!
//! Source: `Session.mount` and `Session.get_adapter` in requests 2.34.2, `sessions.py`.

use alloc::string::String;
use alloc::vec::Vec;

use crate::pool::PoolCaps;

/// How URLs under a prefix are served: plain data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adapter {
    /// The caps on the connections that it keeps.
    pub pool: PoolCaps,
}

/// The adapters of a session, longest prefix first.
#[derive(Clone, Debug)]
pub struct Adapters {
    mounted: Vec<Mounted>,
    next_id: usize,
}

#[derive(Clone, Debug)]
struct Mounted {
    prefix: String,
    adapter: Adapter,
    /// Part of the route: what one adapter opened no other uses.
    id: usize,
}

impl Default for Adapters {
    /// One for `https://` and one for `http://`.
    fn default() -> Self {
        let mut adapters = Self::empty();
        adapters.mount("https://", Adapter::default());
        adapters.mount("http://", Adapter::default());
        adapters
    }
}

impl Adapters {
    /// None at all.
    #[must_use]
    pub const fn empty() -> Self {
        Self { mounted: Vec::new(), next_id: 0 }
    }

    /// Mounts an adapter for the URLs that begin with `prefix`, in any case; longer prefixes are
    /// asked first. The one that was mounted there goes, and its connections are not used again.
    pub fn mount(&mut self, prefix: impl Into<String>, adapter: Adapter) {
        let prefix = prefix.into();
        let id = self.next_id;
        self.next_id = self.next_id.saturating_add(1);
        self.mounted.retain(|mounted| mounted.prefix != prefix);
        // Behind all prefixes of at least this length, as requests' ordered dictionary has it.
        let place = self.mounted.iter().position(|m| m.prefix.len() < prefix.len());
        let place = place.unwrap_or(self.mounted.len());
        self.mounted.insert(place, Mounted { prefix, adapter, id });
    }

    /// The adapter for a URL, with its prefix and its number; `None` if nothing is mounted for it.
    #[must_use]
    pub fn get(&self, url: &str) -> Option<(&str, &Adapter, usize)> {
        let fits = |m: &&Mounted| {
            let start = url.as_bytes().get(..m.prefix.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(m.prefix.as_bytes()))
        };
        self.mounted.iter().find(fits).map(|m| (m.prefix.as_str(), &m.adapter, m.id))
    }

    /// The prefixes in the order in which they are asked.
    pub fn prefixes(&self) -> impl Iterator<Item = &str> {
        self.mounted.iter().map(|mounted| mounted.prefix.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_serves() {
        let mut adapters = Adapters::default();
        for prefix in ["http://a.test", "http://A.test/deep", ""] {
            adapters.mount(prefix, Adapter::default());
        }
        let rows = [
            ("http://a.test/x", Some("http://a.test")),
            ("HTTP://A.TEST/DEEP/er", Some("http://A.test/deep")),
            ("http://b.test/", Some("http://")),
            ("https://a.test/", Some("https://")),
            ("mailto:x", Some("")),
        ];
        for (url, want) in rows {
            assert_eq!(adapters.get(url).map(|(prefix, ..)| prefix), want, "{url}");
        }
        assert!(Adapters::empty().get("http://a.test/").is_none());
    }

    #[test]
    fn mounting_again_replaces_the_adapter_and_its_number() {
        let mut adapters = Adapters::default();
        let before = adapters.get("http://a/").map(|(.., id)| id);
        adapters.mount("http://", Adapter::default());
        assert_ne!(adapters.get("http://a/").map(|(.., id)| id), before);
        assert_eq!(adapters.prefixes().count(), 2);
    }
}
