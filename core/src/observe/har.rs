//! Calls as an HTTP archive, which browsers and other tools can open.
//!
//! Source: HAR 1.2, <http://www.softwareishard.com/blog/har-12-spec/>.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde_json::{Value, json};

use super::entry::Entry;
use super::place::{Place, place};
use crate::time::Now;
use crate::trace::Event;

/// Collects calls, and shows them as the JSON of a HAR file: one entry for each hop, with what was
/// decided under `_decisions`.
///
/// Bodies are not part of events, so there are none. A value that the events hide is `***`.
///
/// ```
/// # let events: Vec<sessio_core::trace::Event> = Vec::new();
/// let mut har = sessio_core::observe::Har::new(sessio_core::Now::default());
/// events.iter().for_each(|event| har.add(event)); // as `Exchange::take_events` gives them
/// assert!(har.to_string().starts_with("{\"log\":"));
/// ```
#[derive(Clone, Debug)]
pub struct Har {
    /// One reading of both clocks, by which moments get their dates.
    read: Now,
    entries: Vec<Entry>,
    /// The place of each call's present entry.
    present: BTreeMap<u64, usize>,
}

impl Har {
    /// No calls; `read` is a reading of the clocks that the events are timed by.
    #[must_use]
    pub const fn new(read: Now) -> Self {
        Self { read, entries: Vec::new(), present: BTreeMap::new() }
    }

    /// How many entries there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes in what `event` tells of its call.
    pub fn add(&mut self, event: &Event) {
        let place = place(&event.what);
        let present = self.present.get(&event.call).and_then(|place| self.entries.get_mut(*place));
        let entry = match (&place, present) {
            // The same request again, on another connection, is the same entry.
            (Place::Hop { .. }, Some(entry)) if !entry.is_answered() => entry,
            (Place::Hop { .. }, _) | (_, None) => {
                self.present.insert(event.call, self.entries.len());
                self.entries.push(Entry::new(event.at));
                let Some(entry) = self.entries.last_mut() else { return };
                entry
            }
            (_, Some(entry)) => entry,
        };
        entry.add(event.at, &event.what, &place);
        if matches!(place, Place::Over) {
            self.present.remove(&event.call);
        }
    }

    /// The archive as a value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let entries: Vec<Value> = self.entries.iter().map(|e| e.to_value(self.read)).collect();
        json!({"log": {
            "version": "1.2",
            "creator": {"name": "sessio", "version": env!("CARGO_PKG_VERSION")},
            "entries": entries,
        }})
    }
}

impl fmt::Display for Har {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: String = alloc::format!("{}", self.to_value());
        f.write_str(&text)
    }
}
