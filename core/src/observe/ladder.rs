//! A call as a drawing in plain text: who sent what to whom, and each decision with its reason.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use core::fmt;

use super::place::{Place, place};
use crate::time::Instant;
use crate::trace::Event;

/// Characters between the lines of two parties.
const SPAN: usize = 48;
/// Characters before the client's line: the time in seconds since the call began.
const MARGIN: usize = 10;

/// Draws calls as ladders, each with its parties side by side and time going down.
///
/// ```
/// # let events: Vec<sessio_core::trace::Event> = Vec::new();
/// let mut ladder = sessio_core::observe::Ladder::new();
/// events.iter().for_each(|event| ladder.add(event)); // as `Exchange::take_events` gives them
/// print!("{ladder}");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Ladder {
    calls: BTreeMap<u64, Drawing>,
}

/// One call.
#[derive(Clone, Debug)]
struct Drawing {
    began: Instant,
    /// Who is at the other end, as the last heading has it.
    peer: Box<str>,
    text: String,
}

/// Which way an arrow goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Out,
    Back,
}

impl Ladder {
    /// Nothing drawn.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Draws what `event` tells, in its own call's ladder.
    pub fn add(&mut self, event: &Event) {
        let drawing = self.calls.entry(event.call).or_insert_with(|| Drawing {
            began: event.at,
            peer: "".into(),
            text: String::new(),
        });
        drawing.add(event);
    }
}

impl fmt::Display for Ladder {
    /// The calls in the order in which they began.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, drawing) in &self.calls {
            if self.calls.len() > 1 {
                writeln!(f, "call {number}")?;
            }
            f.write_str(&drawing.text)?;
        }
        Ok(())
    }
}

impl Drawing {
    fn add(&mut self, event: &Event) {
        match place(&event.what) {
            Place::Hop { method, url } => {
                self.heading(url);
                self.note(event.at, &format!("{method} {url}"));
            }
            Place::Sent(head) => {
                let (method, url) = head.first.split_once(' ').unwrap_or((&head.first, ""));
                let (_, target) = split(url);
                self.arrow(event.at, Way::Out, &format!("{method} {target}"));
            }
            Place::Interim(status) => self.arrow(event.at, Way::Back, &format!("{status}")),
            Place::Received(head) => self.arrow(event.at, Way::Back, &head.first),
            Place::Body(0) => self.note(event.at, &event.what),
            Place::Body(bytes) => self.arrow(event.at, Way::Back, &format!("{bytes} bytes")),
            Place::Over => {
                self.note(event.at, &event.what);
                self.text.push('\n');
            }
            Place::Cookies(_)
            | Place::Opening
            | Place::Connected
            | Place::SetCookie { .. }
            | Place::Redirect(_)
            | Place::Decision => self.note(event.at, &event.what),
        }
    }

    /// Names the parties, if they are not those of the last heading.
    fn heading(&mut self, url: &str) {
        let (origin, _) = split(url);
        let peer = origin.rsplit_once('@').map_or(origin, |(_, host)| host);
        let peer = peer.rsplit_once("//").map_or(peer, |(_, host)| host);
        if peer == &*self.peer {
            return;
        }
        self.peer = peer.into();
        let half = peer.chars().count().saturating_div(2);
        let room = SPAN.saturating_add(1).saturating_sub(half).max("client ".len());
        let line = format!("{:>MARGIN$} {:<room$}{peer}\n", "", "client");
        self.text.push_str(&line);
    }

    fn note(&mut self, at: Instant, what: &dyn fmt::Display) {
        let time = self.time(at);
        self.text.push_str(&format!("{time:>MARGIN$}  │ · {what}\n"));
    }

    /// An arrow between the client and the peer with `label` at its tail.
    fn arrow(&mut self, at: Instant, way: Way, label: &str) {
        let time = self.time(at);
        // Both ends, a blank on each side of the label, and a bit of line.
        let room = SPAN.saturating_sub(6);
        let is_cut = label.chars().count() > room;
        let cut: String = match is_cut {
            true => label.chars().take(room.saturating_sub(1)).chain(['…']).collect(),
            false => label.into(),
        };
        let shaft = "─".repeat(room.saturating_sub(cut.chars().count()));
        let line = match way {
            Way::Out => format!("{time:>MARGIN$}  ├─ {cut} {shaft}─▶│\n"),
            Way::Back => format!("{time:>MARGIN$}  │◀─{shaft} {cut} ─┤\n"),
        };
        self.text.push_str(&line);
        if is_cut {
            self.text.push_str(&format!("{:>MARGIN$}  │   {label}\n", ""));
        }
    }

    /// Seconds since the call began.
    fn time(&self, at: Instant) -> String {
        let since = at.since(self.began);
        format!("{}.{:03} s", since.as_secs(), since.subsec_millis())
    }
}

/// Origin and target of a URL.
fn split(url: &str) -> (&str, &str) {
    let host = url.find("//").map_or(0, |at| at.saturating_add(2));
    let rest = url.get(host..).unwrap_or_default();
    let end = rest.find(['/', '?', '#']).map_or(url.len(), |at| host.saturating_add(at));
    url.split_at_checked(end).unwrap_or((url, ""))
}
