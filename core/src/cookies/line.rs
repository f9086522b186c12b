//! The `Cookie` line of a request.
//!
//! Source: RFC 6265bis section 5.8.3; `merge_cookies` in requests 2.34.2, `cookies.py`.

use alloc::vec::Vec;

use bytes::Bytes;
use http::HeaderValue;
use url::Url;

use super::cookie::Cookie;
use super::jar::Jar;
use super::target::{Fit, Target, fits};
use crate::WallTime;

/// The value of a `Cookie` field, and how long it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// `name=value` pairs, longest path first, then oldest; marked sensitive.
    pub value: HeaderValue,
    /// The moment at which the first of them expires: the same request gets the same line until
    /// then, as long as the jar's generation stays.
    pub until: Option<WallTime>,
    /// How many cookies it has.
    pub sent: usize,
    /// How many more matched and went beyond [`Limits::sent_max`](super::Limits::sent_max) or
    /// [`Limits::line_bytes_max`](super::Limits::line_bytes_max).
    pub left_out: usize,
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
    #[must_use]
    pub fn header_with(&self, call: &Self, target: &Target<'_>, now: WallTime) -> Option<Line> {
        if call.is_empty() {
            return self.header_at(target, now);
        }
        let likes = |jar: &Self, cookie: &Cookie| {
            jar.near(target).flatten().find(|other| other.is_same(cookie)).map(|c| c.creation)
        };
        let mut cookies = Vec::new();
        self.collect(target, &mut cookies, |cookie| {
            fits(cookie, target, now) == Fit::Sent && likes(call, cookie).is_none()
        });
        let mut given = Vec::new();
        call.collect(target, &mut given, |cookie| fits(cookie, target, now) == Fit::Sent);
        cookies.extend(given.into_iter().map(|(rank, cookie)| match likes(self, cookie) {
            Some(creation) => (Rank { creation, ..rank }, cookie),
            None => (Rank { given: true, ..rank }, cookie),
        }));
        self.write(cookies)
    }

    /// Adds the cookies that `pick` names, of those that may matter to `target`.
    fn collect<'a>(
        &'a self,
        target: &Target<'_>,
        into: &mut Vec<(Rank, &'a Cookie)>,
        pick: impl Fn(&Cookie) -> bool,
    ) {
        for shard in self.near(target) {
            into.extend(shard.iter().filter(|cookie| pick(cookie)).map(|c| (Rank::of(c), c)));
        }
    }

    fn write(&self, mut cookies: Vec<(Rank, &Cookie)>) -> Option<Line> {
        cookies.sort_unstable_by_key(|(rank, _)| *rank);
        let limits = self.limits();
        let (mut line, mut until, mut sent) = (Vec::with_capacity(64), None::<WallTime>, 0usize);
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
    given: bool,
    creation: u64,
}

impl Rank {
    fn of(cookie: &Cookie) -> Self {
        let path = core::cmp::Reverse(cookie.path.len());
        Self { path, given: false, creation: cookie.creation }
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
