//! Which cookies go when there are too many.
//!
//! Source: RFC 6265bis section 5.7: "remove excess cookies".

use alloc::vec::Vec;

use super::cookie::Cookie;
use super::jar::Jar;
use crate::WallTime;

impl Jar {
    /// Makes room after a cookie was stored in `site`, and gives back what had to go.
    ///
    /// Of a site with too many go the expired ones first, then one that is not `Secure`, then any;
    /// of a jar with too many the expired ones, then any. Among equals goes the one that was set
    /// or sent longest ago.
    pub(super) fn evict(&mut self, site: &str, now: WallTime) -> Vec<Cookie> {
        let mut evicted = Vec::new();
        let max = self.limits().site_max;
        if self.shards.get(site).is_some_and(|shard| shard.len() > max) {
            evicted = self.retain(Some(site), |cookie| !cookie.is_expired(now));
            let shard = self.shards.get(site).filter(|shard| shard.len() > max);
            if let Some(victim) = shard.and_then(|s| least(s.iter(), |c| (c.secure, age(c)))) {
                evicted.extend(self.retain(Some(site), |cookie| cookie.creation != victim));
            }
        }
        let max = self.limits().jar_max;
        if self.len() > max {
            evicted.extend(self.retain(None, |cookie| !cookie.is_expired(now)));
        }
        if self.len() > max {
            // One for one: a jar that was filled by hand beyond the limit is not emptied.
            if let Some(victim) = least(self.shards.values().flatten(), age) {
                evicted.extend(self.retain(None, |cookie| cookie.creation != victim));
            }
        }
        evicted
    }
}

/// When it was set or sent last, and which it is of those sent together.
const fn age(cookie: &Cookie) -> (u64, u64) {
    (cookie.touched, cookie.creation)
}

/// The number of the cookie that goes first.
fn least<'a, R: Ord>(
    cookies: impl Iterator<Item = &'a Cookie>,
    rank: impl Fn(&Cookie) -> R,
) -> Option<u64> {
    cookies.min_by_key(|cookie| rank(cookie)).map(|cookie| cookie.creation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cookies::{CallCookies, Limits};
    use alloc::format;
    use url::Url;

    const NOW: WallTime = WallTime::from_unix_seconds(1_700_000_000);

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn names(cookies: &[Cookie]) -> Vec<&str> {
        cookies.iter().map(Cookie::name).collect()
    }

    #[test]
    fn a_full_site_loses_expired_then_insecure_then_old_cookies() {
        let limits = Limits { site_max: 3, ..Limits::default() };
        let mut jar = Jar::with_limits(limits);
        let https = url("https://a.test/");
        let mut evicted = |line: &str, later: i64| {
            let now = WallTime::from_unix_seconds(NOW.unix_seconds() + later);
            let decision = jar.store(line.as_bytes(), &https, now);
            format!("{:?}", names(&decision.evicted))
        };
        assert_eq!(evicted("s=1; Secure", 0), "[]");
        assert_eq!(evicted("a=1", 0), "[]");
        assert_eq!(evicted("x=1; Max-Age=5", 0), "[]");
        assert_eq!(evicted("b=1", 6), "[\"x\"]");
        assert_eq!(evicted("a=2", 6), "[]");
        assert_eq!(evicted("c=1", 6), "[\"b\"]");
        assert_eq!(evicted("t=1; Secure", 6), "[\"a\"]");
        assert_eq!(evicted("u=1; Secure", 6), "[\"c\"]");
        assert_eq!(evicted("d=1", 6), "[\"d\"]");
        assert_eq!(jar.len(), 3);
    }

    #[test]
    fn a_full_jar_loses_one_for_one() {
        let mut jar = Jar::with_limits(Limits { jar_max: 2, ..Limits::default() });
        for name in ["h", "i", "j", "k"] {
            jar.set(Cookie::new(name, "1")).unwrap();
        }
        let decision = jar.store(b"a=1", &url("http://a.test/"), NOW);
        assert_eq!((names(&decision.evicted), jar.len()), (alloc::vec!["h"], 4));
        jar.retain(None, |cookie| cookie.name() == "a");
        let decision = jar.store(b"b=1", &url("http://b.test/"), NOW);
        assert_eq!((names(&decision.evicted), jar.len()), (Vec::new(), 2));
        let decision = jar.store(b"c=1", &url("http://c.test/"), NOW);
        assert_eq!((names(&decision.evicted), jar.len()), (alloc::vec!["a"], 2));
    }

    #[test]
    fn a_cookie_that_was_sent_stays_longer_than_one_that_was_not() {
        let mut jar = Jar::with_limits(Limits { jar_max: 3, ..Limits::default() });
        let set = |jar: &mut Jar, host: &str| {
            let decision = jar.store(b"k=1; Path=/", &url(&format!("https://{host}.test/")), NOW);
            decision
                .evicted
                .iter()
                .map(|c| alloc::string::String::from(c.domain()))
                .collect::<Vec<_>>()
        };
        let sent = |jar: &mut Jar, host: &str| {
            jar.line(&CallCookies::default(), &url(&format!("https://{host}.test/")), NOW)
        };
        for host in ["a", "b", "c"] {
            assert_eq!(set(&mut jar, host), Vec::<&str>::new());
        }
        assert!(sent(&mut jar, "b").is_some());
        assert!(sent(&mut jar, "a").is_some());
        assert!(sent(&mut jar, "a").is_some());
        for (new, gone) in [("d", "c.test"), ("e", "b.test"), ("f", "a.test"), ("g", "d.test")] {
            assert_eq!(set(&mut jar, new), [gone]);
        }
    }
}
