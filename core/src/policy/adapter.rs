//! Which adapter serves a URL: the one mounted under the longest prefix of it.
//!
//! Source: `mount` and `get_adapter` in requests 2.34.2, `sessions.py`.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::planted::Plant;

/// Adapters by prefix, in the order in which they are tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mounts<A> {
    entries: Vec<(String, A)>,
}

/// No prefix fits the URL: `InvalidSchema` in requests.
///
/// It does not name the URL, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAdapter;

impl fmt::Display for NoAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no connection adapter is mounted for the URL")
    }
}

impl core::error::Error for NoAdapter {}

impl<A> Default for Mounts<A> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<A> Mounts<A> {
    /// Mounts an adapter under a prefix, in the place of the one that was there.
    ///
    /// It is tried before all shorter prefixes and after those that are as long. A prefix is
    /// plain text: `http://a.test` fits `http://a.test.evil/` too, `http://a.test/` does not.
    pub fn mount(&mut self, prefix: impl Into<String>, adapter: A) {
        let prefix = prefix.into();
        let length = prefix.chars().count();
        match self.entries.iter_mut().find(|(p, _)| *p == prefix) {
            Some((_, place)) => *place = adapter,
            None => self.entries.push((prefix, adapter)),
        }
        // Stable: those that are shorter go behind all others and keep their order.
        self.entries.sort_by_key(|(p, _)| p.chars().count() < length);
    }

    /// The adapter for a URL and the prefix it is mounted under; case does not matter.
    ///
    /// # Errors
    /// If no prefix fits.
    pub fn get(&self, url: &str) -> Result<(&str, &A), NoAdapter> {
        let fits = |prefix: &str| {
            url.as_bytes()
                .get(..prefix.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
        };
        let found = self.entries.iter().find(|(prefix, _)| fits(prefix));
        let found =
            found.or_else(|| self.entries.last().filter(|_| Plant::AnySchemeFollowed.is_on()));
        found.map(|(prefix, adapter)| (prefix.as_str(), adapter)).ok_or(NoAdapter)
    }

    /// The adapters in the order in which they are tried.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &A)> {
        self.entries.iter().map(|(prefix, adapter)| (prefix.as_str(), adapter))
    }

    /// Takes the adapter away that is mounted under exactly this prefix.
    pub fn unmount(&mut self, prefix: &str) -> Option<A> {
        let place = self.entries.iter().position(|(own, _)| own == prefix)?;
        Some(self.entries.remove(place).1)
    }

    /// Takes all adapters away.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mounts(prefixes: &[&'static str]) -> Mounts<usize> {
        let mut mounts = Mounts::default();
        for (number, prefix) in prefixes.iter().enumerate() {
            mounts.mount(*prefix, number);
        }
        mounts
    }

    #[test]
    fn longer_prefixes_are_tried_first() {
        let rows: &[(&[&str], &[&str])] = &[
            (&["https://", "http://"], &["https://", "http://"]),
            (&["http://", "https://"], &["https://", "http://"]),
            (&["http://a", "http://b/c", "http://b"], &["http://b/c", "http://a", "http://b"]),
            (&["http://a", "http://b", "http://a"], &["http://a", "http://b"]),
        ];
        for (given, want) in rows {
            let mounts = mounts(given);
            let order: Vec<_> = mounts.iter().map(|(prefix, _)| prefix).collect();
            assert_eq!(order, *want, "{given:?}");
        }
    }

    #[test]
    fn the_longest_prefix_in_any_case_serves() {
        let mounts = mounts(&["https://", "http://", "HTTP://A.test/Deep", "http://a.test"]);
        let rows = [
            ("http://a.test/deep/er", Ok(2)),
            ("http://a.test.evil/", Ok(3)),
            ("http://b/", Ok(1)),
            ("HTTPS://b/", Ok(0)),
            ("ftp://b/", Err(NoAdapter)),
            ("http:/", Err(NoAdapter)),
            ("", Err(NoAdapter)),
        ];
        for (url, want) in rows {
            assert_eq!(mounts.get(url).map(|(_, number)| *number), want, "{url}");
        }
    }
}
