//! Adapters: what is mounted for which URLs.
//!
//! Source: `Session.mount` and `Session.get_adapter` in requests 2.34.2, `sessions.py`.

use alloc::string::String;
use alloc::sync::Arc;

use crate::message::Certificate;
use crate::policy::adapter::{Mounts, NoAdapter};
use crate::policy::retry::Retry;
use crate::pool::PoolCaps;

/// How URLs under a prefix are served: plain data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adapter {
    /// The caps on the connections that it keeps.
    pub pool: PoolCaps,
    /// What servers under the prefix are shown if they ask for a certificate, whoever the call was
    /// addressed to; `None` is the certificate of call or session, where the call was addressed to.
    pub cert: Option<Certificate>,
    /// Which attempts that went wrong are made again; each hop of a call begins with it anew.
    ///
    /// Source: `max_retries` of `HTTPAdapter` in requests.
    pub max_retries: Retry,
}

impl Default for Adapter {
    /// As in requests: pools of 10, no retries.
    fn default() -> Self {
        Self { pool: PoolCaps::default(), cert: None, max_retries: Retry::none() }
    }
}

impl Adapter {
    /// An adapter that makes a request again so many times in all, without a wait: after errors
    /// before it was sent whatever its method is, after errors in reading if the method is one that
    /// a server acts upon once, and where a 413, 429 or 503 says when to come back.
    ///
    /// As `HTTPAdapter(max_retries=3)` in requests; 0 is none.
    ///
    /// ```
    /// use sessio_core::{Adapter, Session};
    ///
    /// let mut session: Session<()> = Session::new(4); // in life 128 random bits
    /// session.mount("https://", Adapter::with_retries(3));
    /// ```
    #[must_use]
    pub fn with_retries(total: u32) -> Self {
        let max_retries = if total == 0 { Retry::none() } else { Retry::times(total) };
        Self { max_retries, ..Self::default() }
    }
}

/// The adapters of a session, longest prefix first.
#[derive(Clone, Debug)]
pub struct Adapters {
    mounts: Mounts<Mounted>,
    next_id: usize,
}

#[derive(Clone, Debug)]
struct Mounted {
    /// Calls hold it while they are under way.
    adapter: Arc<Adapter>,
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
        self.mounts.mount(prefix, Mounted { adapter: Arc::new(adapter), id });
    }

    /// Takes the adapter away that is mounted under exactly this prefix; whether there was one.
    pub fn unmount(&mut self, prefix: &str) -> bool {
        self.mounts.unmount(prefix).is_some()
    }

    /// The adapter for a URL, with its prefix and its number.
    ///
    /// # Errors
    /// If nothing is mounted for it.
    pub fn get(&self, url: &str) -> Result<(&str, &Arc<Adapter>, usize), NoAdapter> {
        self.mounts.get(url).map(|(prefix, mounted)| (prefix, &mounted.adapter, mounted.id))
    }

    /// The prefixes and adapters in the order in which they are asked.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Adapter)> {
        self.mounts.iter().map(|(prefix, mounted)| (prefix, &*mounted.adapter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounting_again_replaces_the_adapter_and_its_number_and_unmounting_takes_it_away() {
        let mut adapters = Adapters::default();
        let id = |adapters: &Adapters| adapters.get("http://a/").map(|(.., id)| id);
        let before = id(&adapters);
        adapters.mount("http://", Adapter::default());
        assert!(before.is_ok() && id(&adapters) != before);
        assert_eq!(adapters.iter().count(), 2);
        assert!(adapters.unmount("http://") && !adapters.unmount("http://"));
        assert!(adapters.get("http://a/").is_err() && adapters.get("https://a/").is_ok());
    }
}
