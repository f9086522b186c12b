//! How long each phase of a call took, from the times of its events.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use super::phases::{Moments, Phases};
use super::place::{Place, place};
use crate::time::Instant;
use crate::trace::Event;

/// How many calls are followed at once; the oldest gives way. A call that is given up has no last
/// event.
const OPEN_MAX: usize = 10_000;

/// Measures calls: each is given out when it is over.
///
/// ```
/// # let events: Vec<sessio_core::trace::Event> = Vec::new();
/// let mut timings = sessio_core::observe::Timings::new();
/// for event in &events {
///     // as `Exchange::take_events` gives them
///     if let Some(call) = timings.add(event) {
///         println!("{call}");
///     }
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Timings {
    calls: BTreeMap<u64, Open>,
}

#[derive(Clone, Debug)]
struct Open {
    began: Instant,
    hops: Vec<(Box<str>, Box<str>, Moments)>,
    is_answered: bool,
}

/// A call that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timed {
    /// Its number in the session.
    pub call: u64,
    /// Its hops in order; a request that was sent again before an answer came is one hop.
    pub hops: Vec<TimedHop>,
    /// From its first event to its last, over all hops.
    pub total: Duration,
}

/// One hop of a call that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedHop {
    /// The method.
    pub method: Box<str>,
    /// The URL, as the trace shows it.
    pub url: Box<str>,
    /// Where its time went.
    pub phases: Phases,
}

impl Timings {
    /// Nothing measured.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in what `event` tells of its call; the call, if this was its last event.
    pub fn add(&mut self, event: &Event) -> Option<Timed> {
        if self.calls.len() >= OPEN_MAX && !self.calls.contains_key(&event.call) {
            self.calls.pop_first();
        }
        let place = place(&event.what);
        let open = self.calls.entry(event.call).or_insert_with(|| Open {
            began: event.at,
            hops: Vec::new(),
            is_answered: true,
        });
        match &place {
            Place::Hop { method, url } if open.is_answered => {
                open.is_answered = false;
                open.hops.push((method.as_str().into(), (*url).into(), Moments::new(event.at)));
            }
            Place::Received(_) => open.is_answered = true,
            _ => {}
        }
        if let Some((.., moments)) = open.hops.last_mut() {
            moments.add(event.at, &place);
        }
        if !matches!(place, Place::Over) {
            return None;
        }
        let Open { began, hops, .. } = self.calls.remove(&event.call)?;
        let hop = |(method, url, moments): (_, _, Moments)| TimedHop {
            method,
            url,
            phases: moments.phases(),
        };
        Some(Timed {
            call: event.call,
            hops: hops.into_iter().map(hop).collect(),
            total: event.at.since(began),
        })
    }
}

impl fmt::Display for Timed {
    /// A line for each hop, in milliseconds, and one for the whole call.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for TimedHop { method, url, phases } in &self.hops {
            writeln!(f, "{method} {url}: {phases}")?;
        }
        write!(f, "total {:.1} ms", millis(self.total))
    }
}

impl fmt::Display for Phases {
    /// On one line, in milliseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "waiting {:.1}, ", millis(self.waiting))?;
        match self.connecting {
            Some(span) => write!(f, "connecting {:.1}, ", millis(span))?,
            None => f.write_str("connection reused, ")?,
        }
        if let Some(span) = self.securing {
            write!(f, "securing {:.1}, ", millis(span))?;
        }
        write!(f, "answering {:.1}, ", millis(self.answering))?;
        write!(f, "receiving {:.1} ms", millis(self.receiving))
    }
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}
