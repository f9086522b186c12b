//! The value of a `Cookie` field, and the last one, remembered for the next request like it.
//!
//! Making a line costs a look at the public suffix list, at each cookie of the site, a sort and an
//! allocation; most calls ask the same URL as the one before.

use alloc::boxed::Box;

use http::HeaderValue;
use url::Url;

use super::target::{Target, Transport};
use crate::WallTime;
use crate::planted::Plant;

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

/// A line, and which requests it is for.
#[derive(Clone)]
pub(super) struct Memo {
    transport: Transport,
    port: Option<u16>,
    host: Box<str>,
    path: Box<str>,
    generation: u64,
    made: WallTime,
    line: Option<Line>,
}

impl Memo {
    /// That `line` is for requests to `target`.
    pub(super) fn new(
        target: &Target<'_>,
        generation: u64,
        made: WallTime,
        line: Option<Line>,
    ) -> Self {
        let (host, path) = (target.host.into(), target.path.into());
        let (transport, port) = (target.transport, target.port);
        Self { transport, port, host, path, generation, made, line }
    }

    /// The line of a request to `url` at `now`, if it is the same and the jar is of `generation`.
    pub(super) fn recall(
        &self,
        url: &Url,
        generation: u64,
        now: WallTime,
    ) -> Option<&Option<Line>> {
        let until = self.line.as_ref().and_then(|line| line.until);
        let holds = (self.generation == generation || Plant::CookieLineStale.is_on())
            // A clock that was set back may bring cookies back.
            && self.made <= now
            && until.is_none_or(|until| now < until)
            && *self.path == *url.path()
            && *self.host == *url.host_str().unwrap_or_default()
            && self.port == url.port_or_known_default()
            && self.transport == Transport::of(url);
        holds.then_some(&self.line)
    }
}
