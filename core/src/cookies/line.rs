//! The `Cookie` line of a request.
//!
//! Source: RFC 6265bis section 5.8.3; `merge_cookies` in requests 2.34.2, `cookies.py`.

use alloc::boxed::Box;
use alloc::vec::Vec;

use bytes::Bytes;
use http::HeaderValue;
use url::Url;

use super::cookie::{Cookie, Reach};
use super::jar::Jar;
use super::memo::{Line, Memo};
use super::target::{Fit, Target, fits};
use crate::WallTime;
use crate::planted::Plant;

/// The cookies that were given for one call.
#[derive(Clone, Debug, Default)]
pub struct CallCookies {
    /// The cookies.
    pub jar: Jar,
    /// The host of the URL that the call was addressed to, in `url`'s spelling: those without a
    /// domain go to no other.
    pub home: Box<str>,
    /// How far the session's jar had come when the call was prepared ([`Jar::newest`]): cookies
    /// that it got later stand behind these.
    pub since: u64,
}

impl Jar {
    /// The `Cookie` line of a request to `url` at `now`; none if no cookie goes along.
    #[must_use]
    pub fn header(&self, url: &Url, now: WallTime) -> Option<Line> {
        self.header_at(&Target::of(url), now)
    }

    /// The same for a request whose site is known.
    #[must_use]
    pub fn header_at(&self, target: &Target<'_>, now: WallTime) -> Option<Line> {
        let mut cookies = Vec::new();
        self.collect(target, &mut cookies, |cookie| fits(cookie, target, now) == Fit::Sent);
        self.write(cookies)
    }

    /// The same with the cookies of one call, which take the place of those in the jar that have
    /// their domain, path and name, and otherwise come after them.
    ///
    /// Those of the call that name no domain go to its home alone, the host that the call was
    /// addressed to: on a redirect to another host they are as if not given.
    #[must_use]
    pub fn header_with(
        &self,
        given: &CallCookies,
        target: &Target<'_>,
        now: WallTime,
    ) -> Option<Line> {
        let (call, home) = (&given.jar, &*given.home);
        if call.is_empty() {
            return self.header_at(target, now);
        }
        let since = given.since;
        let fit = |cookie: &Cookie| fits(cookie, target, now) == Fit::Sent;
        let here = |given: &Cookie| {
            given.reach != Reach::Everywhere
                || target.host == home
                || Plant::CallCookiesEverywhere.is_on()
        };
        let mut cookies = Vec::new();
        self.collect(target, &mut cookies, |own| {
            fit(own) && !call.near(target).flatten().any(|given| here(given) && given.is_same(own))
        });
        let mut given = Vec::new();
        call.collect(target, &mut given, |given| fit(given) && here(given));
        cookies.extend(given.into_iter().map(|(rank, cookie)| {
            match self.near(target).flatten().find(|own| own.is_same(cookie)) {
                Some(own) => (Rank { creation: own.creation, ..rank }, cookie),
                None => (Rank { creation: since, given: rank.creation, ..rank }, cookie),
            }
        }));
        self.write(cookies)
    }

    /// The line of a request to `url`, as [`Jar::header_with`] makes it; it is remembered for the
    /// next request like this, and the cookies in it count as used.
    #[must_use]
    pub fn line(&mut self, given: &CallCookies, url: &Url, now: WallTime) -> Option<Line> {
        let is_plain = given.jar.is_empty();
        if is_plain
            && let Some(memo) = &self.memo
            && let Some(line) = memo.recall(url, self.generation(), now)
        {
            // Nothing was sent or set since: the order of use is what it was.
            return line.clone();
        }
        let target = Target::of(url);
        let line = self.header_with(given, &target, now);
        if line.is_some() {
            self.touch(&target, |cookie| fits(cookie, &target, now) == Fit::Sent);
        }
        self.memo = is_plain.then(|| Memo::new(&target, self.generation(), now, line.clone()));
        line
    }

    /// Adds the cookies that `pick` names, of those that may matter to `target`.
    fn collect<'a>(
        &'a self,
        target: &Target<'_>,
        into: &mut Vec<(Rank, &'a Cookie)>,
        pick: impl Fn(&Cookie) -> bool,
    ) {
        for shard in self.near(target) {
            into.reserve(shard.len());
            into.extend(shard.iter().filter(|cookie| pick(cookie)).map(|c| (Rank::of(c), c)));
        }
    }

    fn write(&self, mut cookies: Vec<(Rank, &Cookie)>) -> Option<Line> {
        cookies.sort_unstable_by_key(|(rank, _)| *rank);
        let limits = self.limits();
        let bytes = cookies.iter().fold(0usize, |sum, (_, cookie)| {
            let pair = cookie.name.len().saturating_add(cookie.value().map_or(0, str::len));
            sum.saturating_add(pair).saturating_add(b"=; ".len())
        });
        let mut line = Vec::with_capacity(bytes.min(limits.line_bytes_max));
        let (mut until, mut sent) = (None::<WallTime>, 0usize);
        for (_, cookie) in &cookies {
            let before = line.len();
            if before > 0 {
                line.extend_from_slice(b"; ");
            }
            write_pair(&mut line, cookie);
            if line.len() > limits.line_bytes_max || sent >= limits.sent_max {
                line.truncate(before);
                continue;
            }
            sent = sent.saturating_add(1);
            if let Some(expires) = cookie.expires {
                until = Some(until.map_or(expires, |until| until.min(expires)));
            }
        }
        if sent == 0 {
            return None;
        }
        // Only what a header field may hold gets into the jar.
        let mut value = HeaderValue::from_maybe_shared(Bytes::from(line)).ok()?;
        value.set_sensitive(true);
        Some(Line { value, until, sent, left_out: cookies.len().saturating_sub(sent) })
    }
}

/// The order in a line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    path: core::cmp::Reverse<usize>,
    creation: u64,
    /// Among the cookies of a call, which stand behind those that were there when it began.
    given: u64,
}

impl Rank {
    fn of(cookie: &Cookie) -> Self {
        let path = core::cmp::Reverse(cookie.path.len());
        Self { path, creation: cookie.creation, given: 0 }
    }
}

fn write_pair(line: &mut Vec<u8>, cookie: &Cookie) {
    write_text(line, &cookie.name);
    if let Some(value) = cookie.value() {
        line.push(b'=');
        write_text(line, value);
    }
}

/// One byte for each character.
fn write_text(line: &mut Vec<u8>, text: &str) {
    if text.is_ascii() {
        line.extend_from_slice(text.as_bytes());
    } else {
        line.extend(text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cookies::Limits;
    use alloc::format;
    use alloc::string::{String, ToString};

    const START: i64 = 1_700_000_000;
    const NOW: WallTime = WallTime::from_unix_seconds(START);

    fn filled(from: &str, lines: &[&str]) -> Jar {
        let mut jar = Jar::new();
        let url = Url::parse(from).unwrap();
        jar.extract(lines.iter().map(|line| line.as_bytes()), &url, NOW);
        jar
    }

    fn shown(line: Option<Line>) -> String {
        line.map_or_else(String::new, |l| l.value.as_bytes().escape_ascii().to_string())
    }

    #[test]
    fn longer_paths_come_first_then_older_cookies_and_a_replaced_one_keeps_its_age() {
        let lines = ["b=1; Path=/", "a=2; Path=/x", "c=3; Path=/; Domain=a.test", "b=4; Path=/"];
        let mut jar = filled("http://www.a.test/", &lines);
        jar.set(Cookie::new("d", "5")).unwrap();
        jar.set(Cookie::new("e", "6").with_domain("test")).unwrap();
        let url = Url::parse("http://www.a.test/x/y").unwrap();
        assert_eq!(shown(jar.header(&url, NOW)), "a=2; b=4; c=3; d=5; e=6");
        let url = Url::parse("http://b.test/x/y").unwrap();
        assert_eq!(shown(jar.header(&url, NOW)), "d=5; e=6");
    }

    #[test]
    fn cookies_of_a_call_beat_the_jar_and_stay_with_their_host() {
        let mut jar = filled("http://a.test/", &["k=1; Path=/", "n=0; Path=/"]);
        jar.set(Cookie::new("s", "session")).unwrap();
        let mut call = Jar::from_pairs([("s", Some("call")), ("r", Some("2"))]).unwrap();
        call.set(Cookie::new("k", "9").with_domain("a.test")).unwrap();
        call.set(Cookie::new("b", "3").with_domain("b.test")).unwrap();
        call.set(Cookie::new("n", "0").with_domain("a.test").with_secure(true)).unwrap();
        let given = CallCookies { jar: call, home: "a.test".into(), since: jar.newest() };
        let rows = [
            ("http://a.test/", "k=9; s=call; r=2"),
            ("https://a.test/", "k=9; n=0; s=call; r=2"),
            ("http://b.test/", "s=session; b=3"),
            ("http://c.test/", "s=session"),
        ];
        for (url, want) in rows {
            let url = Url::parse(url).unwrap();
            let line = jar.header_with(&given, &Target::of(&url), NOW);
            assert_eq!(shown(line), want, "{url}");
        }
        jar.set(Cookie::new("later", "1")).unwrap();
        let url = Url::parse("http://a.test/").unwrap();
        let line = jar.header_with(&given, &Target::of(&url), NOW);
        assert_eq!(shown(line), "k=9; s=call; r=2; later=1", "it came after the call began");
    }

    #[test]
    fn a_line_holds_until_the_first_expiry_in_it() {
        let lines = ["a=1", "b=2; Max-Age=60", "c=3; Max-Age=9; Path=/else", "d=4; Max-Age=70"];
        let jar = filled("http://a.test/", &lines);
        let url = Url::parse("http://a.test/").unwrap();
        let line = jar.header(&url, NOW).unwrap();
        assert_eq!(line.until.map(WallTime::unix_seconds), Some(1_700_000_060));
        let line = jar.header(&url, line.until.unwrap()).unwrap();
        assert_eq!((line.sent, line.until.map(WallTime::unix_seconds)), (2, Some(1_700_000_070)));
        assert_eq!(jar.header(&url, line.until.unwrap()).unwrap().until, None);
    }

    #[test]
    fn bytes_go_out_as_they_came_and_are_not_shown() {
        let url = Url::parse("http://a.test/").unwrap();
        let mut jar = Jar::new();
        jar.store(b"a=\xff\xc3\"", &url, NOW);
        jar.store(b"a=\xff\xc3\xa9 \"", &url, NOW);
        let line = jar.header(&url, NOW).unwrap();
        assert_eq!(line.value.as_bytes(), b"a=\xff\xc3\xa9 \"");
        assert!(format!("{line:?} {jar:?}").contains("Sensitive"));
        assert!(!format!("{line:?} {jar:?}").contains('\u{c3}'));
    }

    #[test]
    fn what_goes_beyond_a_limit_is_counted() {
        let url = Url::parse("http://a.test/").unwrap();
        for (sent_max, line_bytes_max, want) in
            [(3, 16, (3, 0)), (2, 16, (2, 1)), (3, 8, (2, 1)), (3, 7, (1, 2)), (3, 2, (0, 3))]
        {
            let limits = Limits { sent_max, line_bytes_max, ..Limits::default() };
            let mut jar = Jar::with_limits(limits);
            jar.extract([&b"a=1"[..], b"b=2", b"c=3"], &url, NOW);
            let got = jar.header(&url, NOW).map_or((0, 3), |line| (line.sent, line.left_out));
            assert_eq!(got, want, "{sent_max} {line_bytes_max}");
        }
    }

    fn line_at(jar: &mut Jar, to: &str, at: i64) -> String {
        let now = WallTime::from_unix_seconds(at);
        let url = Url::parse(to).unwrap();
        let pure = jar.header(&url, now);
        let line = jar.line(&CallCookies::default(), &url, now);
        assert_eq!(line, pure, "{to} {at}");
        assert_eq!(jar.line(&CallCookies::default(), &url, now), pure, "{to} {at}");
        shown(line)
    }

    #[test]
    fn a_remembered_line_is_that_of_the_request_and_no_other() {
        let mut jar = Jar::new();
        let from = Url::parse("https://a.test/").unwrap();
        for line in ["s=1; Secure; Path=/", "x=2; Path=/x", "m=3; Path=/; Max-Age=60"] {
            jar.store(line.as_bytes(), &from, WallTime::from_unix_seconds(START));
        }
        jar.set(Cookie::new("p", "4").with_domain("a.test").with_port("8080")).unwrap();
        let rows = [
            ("https://a.test/", START, "s=1; m=3"),
            ("http://a.test/", START, "m=3"),
            ("https://a.test/x", START, "x=2; s=1; m=3"),
            ("https://a.test:8080/x", START, "x=2; s=1; m=3; p=4"),
            ("https://b.test/x", START, ""),
            ("http://a.test/", START + 59, "m=3"),
            ("http://a.test/", START + 60, ""),
            ("http://a.test/", START + 59, "m=3"),
        ];
        for (to, at, want) in rows {
            assert_eq!(line_at(&mut jar, to, at), want, "{to} {at}");
        }
        assert_eq!(line_at(&mut jar, "https://b.test/x", START), "");
        jar.set(Cookie::new("h", "5")).unwrap();
        assert_eq!(line_at(&mut jar, "https://b.test/x", START), "h=5");
        jar.remove("h");
        assert_eq!(line_at(&mut jar, "https://b.test/x", START), "");
    }

    #[test]
    fn cookies_of_a_call_are_not_remembered() {
        let (mut jar, url) = (Jar::new(), Url::parse("https://a.test/").unwrap());
        let now = WallTime::from_unix_seconds(START);
        let call = Jar::from_pairs([("c", Some("1"))]).unwrap();
        let given = CallCookies { jar: call, home: "a.test".into(), since: 0 };
        assert!(jar.line(&given, &url, now).is_some());
        assert_eq!(jar.line(&CallCookies::default(), &url, now), None);
        assert!(jar.line(&given, &url, now).is_some());
    }
}
