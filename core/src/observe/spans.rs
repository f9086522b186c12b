//! Calls as spans and decisions as events of the crate `tracing`.
//!
//! A call is a span `call` with its number, each hop a span `hop` below it with method, URL and
//! status; what was decided is an event in its hop, at level `DEBUG`, or `WARN` if the call failed.

use alloc::collections::BTreeMap;

use tracing::{Span, debug, debug_span, field, info_span, warn};

use super::place::{Place, place};
use crate::trace::{Event, What};

/// How many calls are followed at once; the oldest gives way. A call that is given up has no last
/// event.
const OPEN_MAX: usize = 10_000;

/// Tells events to the subscriber of `tracing` that is in force where they are added.
///
/// The times of the spans are those at which the events are added.
#[derive(Debug, Default)]
pub struct Spans {
    calls: BTreeMap<u64, Call>,
}

#[derive(Debug)]
struct Call {
    call: Span,
    hop: Span,
}

impl Spans {
    /// No calls.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells what `event` says of its call.
    pub fn add(&mut self, event: &Event) {
        if self.calls.len() >= OPEN_MAX && !self.calls.contains_key(&event.call) {
            self.calls.pop_first();
        }
        let Call { call, hop } = self.calls.entry(event.call).or_insert_with(|| {
            let call = info_span!("call", number = event.call);
            Call { hop: call.clone(), call }
        });
        let what = &event.what;
        match place(what) {
            Place::Hop { method, url } => {
                *hop = debug_span!(parent: &*call, "hop", %method, url, status = field::Empty);
            }
            Place::Received(head) => {
                let status = head.first.split_once(' ').map_or(&*head.first, |(status, _)| status);
                hop.record("status", status);
                debug!(parent: &*hop, "{what}");
            }
            Place::Over => {
                if matches!(what, What::Failed(_)) {
                    warn!(parent: &*hop, "{what}");
                }
                self.calls.remove(&event.call);
            }
            Place::Way(_)
            | Place::Cookies(_)
            | Place::Opening
            | Place::Connected
            | Place::Tunnel(_)
            | Place::Secured
            | Place::Sent(_)
            | Place::Interim(_)
            | Place::Body(_)
            | Place::SetCookie { .. }
            | Place::Redirect(_)
            | Place::Decision => debug!(parent: &*hop, "{what}"),
        }
    }
}
