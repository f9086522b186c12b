//! Adapters: what is mounted for which URLs.
//!
//! Source: `Session.mount` and `Session.get_adapter` in requests 2.34.2, `sessions.py`.

use alloc::string::String;

use crate::message::Certificate;
use crate::policy::adapter::{Mounts, NoAdapter};
use crate::pool::PoolCaps;

/// How URLs under a prefix are served: plain data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adapter {
    /// The caps on the connections that it keeps.
    pub pool: PoolCaps,
    /// What servers under the prefix are shown if they ask for a certificate, whoever the call was
    /// addressed to; `None` is the certificate of call or session, where the call was addressed to.
    pub cert: Option<Certificate>,
}

/// The adapters of a session, longest prefix first.
#[derive(Clone, Debug)]
pub struct Adapters {
    mounts: Mounts<Mounted>,
    next_id: usize,
}

#[derive(Clone, Debug)]
struct Mounted {
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
    pub fn empty() -> Self {
        Self { mounts: Mounts::default(), next_id: 0 }
    }

    /// Mounts an adapter for the URLs that begin with `prefix`, in any case. The one that was
    /// mounted there goes, and its connections are not used again.
    pub fn mount(&mut self, prefix: impl Into<String>, adapter: Adapter) {
        let id = self.next_id;
        self.next_id = self.next_id.saturating_add(1);
        self.mounts.mount(prefix, Mounted { adapter, id });
    }

    /// The adapter for a URL, with its prefix and its number.
    ///
    /// # Errors
    /// If nothing is mounted for it.
    pub fn get(&self, url: &str) -> Result<(&str, &Adapter, usize), NoAdapter> {
        self.mounts.get(url).map(|(prefix, mounted)| (prefix, &mounted.adapter, mounted.id))
    }

    /// The prefixes and adapters in the order in which they are asked.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Adapter)> {
        self.mounts.iter().map(|(prefix, mounted)| (prefix, &mounted.adapter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounting_again_replaces_the_adapter_and_its_number() {
        let mut adapters = Adapters::default();
        let id = |adapters: &Adapters| adapters.get("http://a/").map(|(.., id)| id);
        let before = id(&adapters);
        adapters.mount("http://", Adapter::default());
        assert!(before.is_ok() && id(&adapters) != before);
        assert_eq!(adapters.iter().count(), 2);
    }
}
