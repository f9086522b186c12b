//! The jar's lists of cookies by site, found in constant time.
//!
//! A `BTreeMap` over 10,000 sites made a request nearly twice as dear as one over a single site.

use alloc::string::String;
use alloc::vec::Vec;

use super::cookie::Cookie;

/// Lists by site; `""` is the site of cookies without one.
#[derive(Clone, Default)]
pub(super) struct Shards {
    /// A power of two of them, or none; each holds the sites whose hash ends in its number.
    buckets: Vec<Vec<Shard>>,
    sites: usize,
}

#[derive(Clone)]
struct Shard {
    hash: u64,
    site: String,
    cookies: Vec<Cookie>,
}

impl Shards {
    /// The cookies of `site`.
    pub(super) fn get(&self, site: &str) -> Option<&Vec<Cookie>> {
        let hash = hash(site);
        let bucket = self.buckets.get(self.bucket(hash))?;
        bucket.iter().find(|shard| shard.is(hash, site)).map(|shard| &shard.cookies)
    }

    /// The same, to change them.
    pub(super) fn get_mut(&mut self, site: &str) -> Option<&mut Vec<Cookie>> {
        let hash = hash(site);
        let number = self.bucket(hash);
        let bucket = self.buckets.get_mut(number)?;
        bucket.iter_mut().find(|shard| shard.is(hash, site)).map(|shard| &mut shard.cookies)
    }

    /// Puts in an empty list for `site` if there is none.
    pub(super) fn make(&mut self, site: &str) {
        if self.get(site).is_some() {
            return;
        }
        self.sites = self.sites.saturating_add(1);
        if self.sites > self.buckets.len() {
            self.grow();
        }
        let hash = hash(site);
        let number = self.bucket(hash);
        if let Some(bucket) = self.buckets.get_mut(number) {
            bucket.push(Shard { hash, site: String::from(site), cookies: Vec::new() });
        }
    }

    /// All lists, in no particular order, but always the same one for the same sites.
    pub(super) fn values(&self) -> impl Iterator<Item = &Vec<Cookie>> {
        self.buckets.iter().flatten().map(|shard| &shard.cookies)
    }

    /// Changes lists, one site's or all, and drops those that are empty then.
    pub(super) fn sweep(&mut self, site: Option<&str>, mut change: impl FnMut(&mut Vec<Cookie>)) {
        let only = site.map(|site| (hash(site), site));
        let number = only.map(|(hash, _)| self.bucket(hash));
        let buckets = match number {
            Some(number) => self.buckets.get_mut(number..).unwrap_or_default(),
            None => &mut self.buckets,
        };
        for bucket in buckets.iter_mut().take(if number.is_some() { 1 } else { usize::MAX }) {
            let before = bucket.len();
            bucket.retain_mut(|shard| {
                if only.is_none_or(|(hash, site)| shard.is(hash, site)) {
                    change(&mut shard.cookies);
                }
                !shard.cookies.is_empty()
            });
            self.sites = self.sites.saturating_sub(before.saturating_sub(bucket.len()));
        }
    }

    /// How many sites share a bucket at the most.
    #[cfg(test)]
    pub(super) fn longest_bucket(&self) -> usize {
        self.buckets.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// The number of the bucket for a hash.
    fn bucket(&self, hash: u64) -> usize {
        let mask = self.buckets.len().saturating_sub(1);
        usize::try_from(hash & u64::try_from(mask).unwrap_or(u64::MAX)).unwrap_or(0)
    }

    /// Doubles the buckets and puts every site where it then belongs.
    fn grow(&mut self) {
        let size = self.buckets.len().saturating_mul(2).max(8);
        let old = core::mem::take(&mut self.buckets);
        self.buckets.resize_with(size, Vec::new);
        for shard in old.into_iter().flatten() {
            let number = self.bucket(shard.hash);
            if let Some(bucket) = self.buckets.get_mut(number) {
                bucket.push(shard);
            }
        }
    }
}

impl Shard {
    fn is(&self, hash: u64, site: &str) -> bool {
        self.hash == hash && self.site == site
    }
}

/// FNV-1a. Whoever owns domains with equal hashes slows down requests by one comparison for each,
/// within the jar's limit.
fn hash(site: &str) -> u64 {
    site.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn every_site_is_found_while_lists_come_and_go() {
        let mut shards = Shards::default();
        let cookie = Cookie::new("a", "1");
        for number in 0..100 {
            let site = format!("site{number}.test");
            shards.make(&site);
            shards.make(&site);
            shards.get_mut(&site).unwrap().push(cookie.clone());
        }
        assert_eq!((shards.sites, shards.values().count()), (100, 100));
        shards.sweep(Some("site7.test"), Vec::clear);
        shards.sweep(Some("elsewhere.test"), Vec::clear);
        assert_eq!((shards.sites, shards.values().count()), (99, 99));
        for number in 0..100 {
            let found = shards.get(&format!("site{number}.test")).is_some();
            assert_eq!(found, number != 7, "{number}");
        }
        shards.sweep(None, Vec::clear);
        assert_eq!((shards.sites, shards.values().count()), (0, 0));
    }
}
