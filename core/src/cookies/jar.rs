//! The jar: cookies by site, with what responses do to it.
//!
//! Source: RFC 6265bis section 5.7; `RequestsCookieJar` in requests 2.34.2, `cookies.py`.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use url::Url;

use super::accept::{Refusal, accept, is_overlay, text};
use super::cookie::{BadCookie, Cookie, Reach};
use super::limits::Limits;
use super::memo::Memo;
use super::set_cookie::SetCookie;
use super::shards::Shards;
use super::site;
use super::target::Target;
use crate::WallTime;
use crate::planted::Plant;

/// What became of a cookie that a response set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It is new.
    Stored,
    /// It took the place of its like.
    Replaced,
    /// It had expired, and its like is gone.
    Deleted,
    /// It had expired, and there was none like it.
    Expired,
    /// It was not taken.
    Refused(Refusal),
}

/// A verdict, on which cookie, and which others had to go for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The cookie's name; empty if it has none, or if the line was not read so far.
    pub name: String,
    /// What became of it.
    pub verdict: Verdict,
    /// Cookies removed because a limit was reached; it may be among them itself.
    pub evicted: Vec<Cookie>,
}

/// Cookies, in the order of their creation within a site.
///
/// A request looks at the cookies of its own site and at those without a site (put in by hand for
/// every host or for a public suffix), however many others there are.
#[derive(Clone, Default)]
pub struct Jar {
    /// By site, `""` holding those without one. Longest path first, then oldest first.
    pub(super) shards: Shards,
    len: usize,
    numbered: u64,
    generation: u64,
    limits: Limits,
    /// The line that was made last, for the next request like it.
    pub(super) memo: Option<Memo>,
}

impl Jar {
    /// An empty jar with the default limits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty jar with these limits.
    #[must_use]
    pub fn with_limits(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// The limits that responses are held to.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Changes the limits; cookies that are there stay.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
        self.generation = self.generation.wrapping_add(1);
    }

    /// How many cookies there are, expired ones included.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Grows with each cookie that is put in or sent: how far the jar has come.
    #[must_use]
    pub const fn newest(&self) -> u64 {
        self.numbered
    }

    /// Changes whenever the jar does: what was computed from it still holds while this stays.
    ///
    /// Two jars may show the same number.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// Takes the `Set-Cookie` lines of one response of `url`, in order; one decision for each.
    ///
    /// `lines` are the values of the field, without their end of line.
    pub fn extract<'a>(
        &mut self,
        lines: impl IntoIterator<Item = &'a [u8]>,
        url: &Url,
        now: WallTime,
    ) -> Vec<Decision> {
        let mut decisions = Vec::new();
        let more = usize::from(Plant::CookiesOneMore.is_on());
        let response_max = self.limits.response_max.saturating_add(more);
        for (number, line) in lines.into_iter().enumerate() {
            decisions.push(if number < response_max {
                self.store(line, url, now)
            } else {
                refused(String::new(), Refusal::TooMany)
            });
        }
        decisions
    }

    /// Takes one `Set-Cookie` line of a response of `url`.
    pub fn store(&mut self, line: &[u8], url: &Url, now: WallTime) -> Decision {
        let cookie = match accept(line, url, now, &self.limits) {
            Ok(cookie) => cookie,
            Err(refusal) => {
                let set = SetCookie::parse(line, &self.limits);
                return refused(set.map_or_else(|_| String::new(), |set| text(set.name)), refusal);
            }
        };
        let name = String::from(cookie.own_name());
        let target = Target::of(url);
        if self.near(&target).flatten().any(|old| is_overlay(&cookie, old, &target)) {
            return refused(name, Refusal::SecureOverlay);
        }
        if cookie.is_expired(now) {
            let removed = self.retain(Some(shard_of(&cookie)), |old| !old.is_same(&cookie));
            let verdict = if removed.is_empty() { Verdict::Expired } else { Verdict::Deleted };
            return Decision { name, verdict, evicted: Vec::new() };
        }
        let site = String::from(shard_of(&cookie));
        let verdict = self.insert(cookie);
        let evicted = match verdict {
            Verdict::Stored => self.evict(&site, now),
            _ => Vec::new(),
        };
        Decision { name, verdict, evicted }
    }

    /// Puts in a cookie made by hand, as `RequestsCookieJar.set_cookie` does: it takes the place of
    /// one with its domain, path and name, and in a value within quotes `\"` is dropped.
    ///
    /// # Errors
    /// It could not go into a header field.
    pub fn set(&mut self, mut cookie: Cookie) -> Result<(), BadCookie> {
        if !Plant::CookieUnchecked.is_on() {
            cookie.check()?;
        }
        let plain = cookie.value().filter(|v| v.starts_with('"') && v.ends_with('"'));
        if let Some(plain) = plain.map(|value| value.replace("\\\"", "")) {
            cookie.value = Some(plain.into());
        }
        self.insert(cookie);
        Ok(())
    }

    /// Notes that the cookies that `is_sent` names, of those that may matter to `target`, were used
    /// now.
    pub(super) fn touch(&mut self, target: &Target<'_>, is_sent: impl Fn(&Cookie) -> bool) {
        self.numbered = self.numbered.wrapping_add(1);
        let number = self.numbered;
        for name in near_names(target) {
            let shard = self.shards.get_mut(name).into_iter().flatten();
            shard.filter(|cookie| is_sent(cookie)).for_each(|cookie| cookie.touched = number);
        }
    }

    /// Puts in or replaces, without questions.
    pub(super) fn insert(&mut self, mut cookie: Cookie) -> Verdict {
        self.generation = self.generation.wrapping_add(1);
        self.numbered = self.numbered.wrapping_add(1);
        cookie.touched = self.numbered;
        self.shards.make(shard_of(&cookie));
        let Some(shard) = self.shards.get_mut(shard_of(&cookie)) else { return Verdict::Expired };
        if let Some(old) = shard.iter_mut().find(|old| old.is_same(&cookie)) {
            cookie.creation = old.creation;
            *old = cookie;
            return Verdict::Replaced;
        }
        cookie.creation = self.numbered;
        let place = shard.partition_point(|old| old.path.len() >= cookie.path.len());
        shard.insert(place, cookie);
        self.len = self.len.saturating_add(1);
        Verdict::Stored
    }

    /// Removes those that `keep` does not name, of one shard or of all, and gives them back.
    pub(super) fn retain(
        &mut self,
        site: Option<&str>,
        mut keep: impl FnMut(&Cookie) -> bool,
    ) -> Vec<Cookie> {
        let mut removed = Vec::new();
        self.shards.sweep(site, |shard| {
            removed.extend(shard.extract_if(.., |cookie| !keep(cookie)));
        });
        if !removed.is_empty() {
            self.generation = self.generation.wrapping_add(1);
            self.len = self.len.saturating_sub(removed.len());
        }
        removed
    }

    /// All cookies, oldest first.
    pub(super) fn by_creation(&self) -> impl Iterator<Item = &Cookie> {
        let mut cookies: Vec<&Cookie> = self.shards.values().flatten().collect();
        cookies.sort_by_key(|cookie| cookie.creation);
        cookies.into_iter()
    }

    /// The lists in which cookies for `target` can be.
    pub(super) fn near<'j, 'u>(
        &'j self,
        target: &Target<'u>,
    ) -> impl Iterator<Item = &'j Vec<Cookie>> + use<'j, 'u> {
        near_names(target).filter_map(|site| self.shards.get(site))
    }
}

/// The names of the lists in which cookies for `target` can be.
fn near_names<'u>(target: &Target<'u>) -> impl Iterator<Item = &'u str> + use<'u> {
    let (host, site) = (target.host, target.site);
    let own = core::iter::once(site.name(host)).filter(|site| !site.is_empty());
    own.chain(site.above(host)).chain(core::iter::once(""))
}

impl fmt::Debug for Jar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.shards.values().flatten()).finish()
    }
}

impl PartialEq for Jar {
    /// The same cookies in the same order of creation.
    fn eq(&self, other: &Self) -> bool {
        let plain = |cookie: &Cookie| Cookie { creation: 0, touched: 0, ..cookie.clone() };
        self.len == other.len && self.by_creation().map(plain).eq(other.by_creation().map(plain))
    }
}

/// The name of the list that `cookie` is kept in: its site, or none for those that have none.
fn shard_of(cookie: &Cookie) -> &str {
    let domain = cookie.bare_domain();
    match site::registrable(domain) {
        Some(site) => site,
        None if cookie.reach == Reach::Host || site::is_address(domain) => domain,
        None => "",
    }
}

const fn refused(name: String, refusal: Refusal) -> Decision {
    Decision { name, verdict: Verdict::Refused(refusal), evicted: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    const NOW: WallTime = WallTime::from_unix_seconds(1_700_000_000);

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_verdict_says_what_became_of_a_cookie() {
        use Verdict::{Deleted, Expired, Refused, Replaced, Stored};
        let rows = [
            ("http://a.test/", "a=1", Stored, 1),
            ("http://a.test/", "a=2", Replaced, 1),
            ("http://a.test/", "a=3; Domain=a.test", Stored, 2),
            ("http://a.test/", "a=; Max-Age=0", Deleted, 1),
            ("http://a.test/", "a=; Max-Age=0", Expired, 1),
            ("http://a.test/", "bare", Stored, 2),
            ("http://a.test/", "=other", Replaced, 2),
            ("http://a.test/", "a=1; Domain=b.test", Refused(Refusal::DomainMismatch), 2),
        ];
        let mut jar = Jar::new();
        for (from, line, want, len) in rows {
            let before = jar.generation();
            assert_eq!(jar.store(line.as_bytes(), &url(from), NOW).verdict, want, "{line}");
            assert_eq!(jar.len(), len, "{line}");
            let changed = !matches!(want, Expired | Refused(_));
            assert_eq!(jar.generation() != before, changed, "{line}");
        }
    }

    #[test]
    fn what_comes_in_the_clear_hides_no_secure_cookie() {
        let refused = Verdict::Refused(Refusal::SecureOverlay);
        let rows = [
            ("http://a.test/", "s=2; Path=/", refused),
            ("http://a.test/", "s=; Path=/; Max-Age=0", refused),
            ("http://www.a.test/", "s=2; Path=/", refused),
            ("http://www.a.test/", "s=2; Domain=a.test; Path=/x", refused),
            ("http://a.test/", "t=2; Path=/", Verdict::Stored),
            ("http://b.test/", "s=2; Path=/", Verdict::Stored),
            ("https://a.test/", "s=2; Path=/", Verdict::Replaced),
            ("http://a.test/", "s=3; Path=/", Verdict::Replaced),
            ("http://a.test/", "p=1; Path=/", Verdict::Stored),
        ];
        let mut jar = Jar::new();
        jar.store(b"s=1; Secure; Path=/", &url("https://a.test/"), NOW);
        jar.store(b"p=1; Secure; Path=/deep", &url("https://a.test/"), NOW);
        for (from, line, want) in rows {
            assert_eq!(jar.store(line.as_bytes(), &url(from), NOW).verdict, want, "{line}");
        }
    }

    #[test]
    fn a_response_sets_so_many_cookies_and_no_more() {
        let mut jar = Jar::with_limits(Limits { response_max: 2, ..Limits::default() });
        let lines = [&b"a=1"[..], b"\0", b"c=3"];
        let decisions = jar.extract(lines, &url("http://a.test/"), NOW);
        let verdicts: Vec<Verdict> = decisions.iter().map(|d| d.verdict).collect();
        let refused = [Refusal::ControlCharacter, Refusal::TooMany].map(Verdict::Refused);
        assert_eq!(verdicts, [Verdict::Stored, refused[0], refused[1]]);
    }

    #[test]
    fn a_cookie_by_hand_is_found_wherever_its_domain_reaches() {
        let rows = [
            ("", "http://x.test/", true),
            ("test", "http://x.test/", true),
            (".a.test", "http://x.a.test/", true),
            ("a.test", "http://a.test/", true),
            ("localhost", "http://localhost/", true),
            ("localhost", "http://x.localhost/", true),
            ("192.0.2.1", "http://192.0.2.1/", true),
            ("[::1]", "http://[::1]/", true),
            ("2.1", "http://192.0.2.1/", false),
            ("amazonaws.com", "http://x.s3.amazonaws.com/", true),
            ("com", "http://x.s3.amazonaws.com/", true),
            ("a.test", "http://a.test./", false),
        ];
        for (domain, to, want) in rows {
            let mut jar = Jar::new();
            jar.set(Cookie::new("a", "1").with_domain(domain)).unwrap();
            assert_eq!(jar.header(&url(to), NOW).is_some(), want, "{domain:?} to {to}");
        }
    }

    #[test]
    fn a_request_looks_at_as_many_cookies_however_many_other_sites_there_are() {
        let rows = [1usize, 100, 10_000];
        for sites in rows {
            let mut jar = Jar::new();
            for site in 0..sites {
                for number in 0..10 {
                    let cookie = Cookie::new(format!("c{number}"), "v");
                    jar.set(cookie.with_domain(format!(".site{site}.test"))).unwrap();
                }
            }
            assert_eq!(jar.len(), sites * 10);
            let to = url("http://www.site0.test/");
            let target = Target::of(&to);
            assert_eq!(jar.near(&target).flatten().count(), 10, "{sites}");
            let most = jar.shards.longest_bucket();
            assert!(most <= 8, "{sites}: {most} sites to compare the name with");
        }
    }

    #[test]
    fn escaped_quotes_are_dropped_by_hand_only() {
        let mut jar = Jar::new();
        jar.set(Cookie::new("q", "\"a\\\"b\"")).unwrap();
        assert_eq!(jar.get("q"), Ok(Some("\"ab\"")));
        jar.store(b"q=\"a\\\"b\"", &url("http://a.test/"), NOW);
        assert_eq!(jar.get_in("q", Some("a.test"), None), Ok(Some("\"a\\\"b\"")));
    }

    #[test]
    fn whatever_bytes_come_the_line_is_one_field_and_the_jar_is_bounded() {
        let pieces: [&[u8]; 16] = [
            b"a",
            b"=",
            b";",
            b" ",
            b"\t",
            b"\"",
            b"\xff",
            b"\0",
            b"domain",
            b".a.test",
            b"path",
            b"/",
            b"expires=1 Jan 2098 0:0:0",
            b"max-age",
            b"9223372036854775808",
            b"__Host-",
        ];
        let limits = Limits { site_max: 5, ..Limits::default() };
        let (mut jar, mut seed) = (Jar::with_limits(limits), 1u64);
        let from = url("https://www.a.test/d/");
        for _ in 0..5000 {
            let mut line = Vec::new();
            for _ in 0..12 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                line.extend_from_slice(pieces[(seed >> 60) as usize]);
            }
            jar.store(&line, &from, NOW);
            assert!(jar.len() <= 5 && jar.len() == jar.iter().count());
            if let Some(sent) = jar.header(&from, NOW) {
                let bytes = sent.value.as_bytes();
                assert!(!bytes.iter().any(|b| matches!(b, b'\r' | b'\n' | 0)), "{line:?}");
                assert!(sent.sent <= jar.len());
            }
        }
        assert_eq!(jar.len(), 5);
    }
}
