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
/// The same where a proxy stands between them.
const PROXY_SPAN: usize = 34;
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
    /// The URL of the present hop.
    url: Box<str>,
    by: By,
    /// Who stands side by side, as the last heading has it.
    parties: (Option<Box<str>>, Box<str>),
    /// What was said of a hop before it was known whether it goes by a proxy.
    held: Option<String>,
    text: String,
}

/// Which way a hop goes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum By {
    /// Straight to the origin.
    Itself,
    /// By a proxy that reads the request and passes it on.
    Forward(Box<str>),
    /// Through a proxy that passes bytes on.
    Tunnel(Box<str>),
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
            url: "".into(),
            by: By::Itself,
            parties: (None, "".into()),
            held: None,
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
            let mut drawing = drawing.clone();
            drawing.release();
            f.write_str(&drawing.text)?;
        }
        Ok(())
    }
}

impl Drawing {
    fn add(&mut self, event: &Event) {
        match place(&event.what) {
            Place::Hop { method, url } => {
                self.release();
                (self.url, self.by, self.held) = (url.into(), By::Itself, Some(String::new()));
                self.note(event.at, &format!("{method} {url}"));
            }
            Place::Way(way) => {
                self.by = by(way, &self.url);
                self.release();
                self.note(event.at, &event.what);
            }
            Place::Sent(head) => {
                let (method, url) = head.first.split_once(' ').unwrap_or((&head.first, ""));
                let (_, target) = split(url);
                self.arrow(event.at, Way::Out, &format!("{method} {target}"));
            }
            // The proxy alone is told, and goes on by itself.
            Place::Tunnel(route) => self.arrow_of(
                event.at,
                Way::Out,
                &format!("CONNECT {}", tunnel_end(route)),
                &By::Forward("".into()),
            ),
            Place::Interim(head) => self.arrow(event.at, Way::Back, &head.first),
            Place::Received(head) => self.arrow(event.at, Way::Back, &head.first),
            Place::Body(0) => self.note(event.at, &event.what),
            Place::Body(bytes) => self.arrow(event.at, Way::Back, &format!("{bytes} bytes")),
            Place::Over => {
                self.note(event.at, &event.what);
                self.release();
                self.text.push('\n');
            }
            Place::Cookies(_)
            | Place::Opening
            | Place::Connected
            | Place::Secured
            | Place::SetCookie { .. }
            | Place::Redirect(_)
            | Place::Decision => self.note(event.at, &event.what),
        }
    }

    /// Names the parties of the hop, if they are not those of the last heading, and says what was
    /// held back.
    fn release(&mut self) {
        let Some(held) = self.held.take() else { return };
        let (proxy, span) = match &self.by {
            By::Itself => (None, SPAN),
            By::Forward(proxy) | By::Tunnel(proxy) => (Some(proxy.clone()), PROXY_SPAN),
        };
        let parties = (proxy, name(split(&self.url).0).into());
        if parties != self.parties {
            // Each name is centred on its line; the client's begins one to the left of it.
            let mut line = format!("{:>MARGIN$} {:<7}", "", "client");
            let names = parties.0.iter().chain([&parties.1]);
            for (place, name) in (1..).zip(names) {
                let half = name.chars().count().saturating_div(2);
                let begin =
                    span.saturating_mul(place).saturating_add(MARGIN + 2).saturating_sub(half);
                let gap = begin.saturating_sub(line.chars().count()).max(1);
                line.extend(core::iter::repeat_n(' ', gap));
                line.push_str(name);
            }
            self.text.push_str(&line);
            self.text.push('\n');
            self.parties = parties;
        }
        self.text.push_str(&held);
    }

    fn note(&mut self, at: Instant, what: &dyn fmt::Display) {
        let line = format!("{:>MARGIN$}  │ · {what}\n", self.time(at));
        self.held.as_mut().unwrap_or(&mut self.text).push_str(&line);
    }

    /// An arrow between the client and the origin with `label` at its tail; what a proxy does on
    /// its own, which is not seen from here, is dashed.
    fn arrow(&mut self, at: Instant, way: Way, label: &str) {
        let by = self.by.clone();
        self.arrow_of(at, way, label, &by);
    }

    /// The same for bytes that go another way than the hop's request.
    fn arrow_of(&mut self, at: Instant, way: Way, label: &str, by: &By) {
        self.release();
        let time = self.time(at);
        let span = if *by == By::Itself { SPAN } else { PROXY_SPAN };
        // Both ends, a blank on each side of the label, and a bit of line.
        let room = span.saturating_sub(6);
        let is_cut = label.chars().count() > room;
        let cut: String = match is_cut {
            true => label.chars().take(room.saturating_sub(1)).chain(['…']).collect(),
            false => label.into(),
        };
        let shaft = "─".repeat(room.saturating_sub(cut.chars().count()));
        let (line, dashes) =
            ("─".repeat(span.saturating_sub(2)), "╌".repeat(span.saturating_sub(2)));
        let arrow = match (way, by) {
            (Way::Out, By::Itself) => format!("├─ {cut} {shaft}─▶│"),
            (Way::Out, By::Forward(_)) => format!("├─ {cut} {shaft}─▶│{dashes}▶│"),
            (Way::Out, By::Tunnel(_)) => format!("├─ {cut} {shaft}──┼{line}▶│"),
            (Way::Back, By::Itself) => format!("│◀─{shaft} {cut} ─┤"),
            (Way::Back, By::Forward(_)) => format!("│◀─{shaft} {cut} ─┤◀{dashes}┤"),
            (Way::Back, By::Tunnel(_)) => format!("│◀{line}┼──{shaft} {cut} ─┤"),
        };
        self.text.push_str(&format!("{time:>MARGIN$}  {arrow}\n"));
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

/// Which way a hop to `url` goes, from the words of the decision: a proxy's URL and who named it, or
/// `none` and why.
fn by(way: &str, url: &str) -> By {
    let proxy = way.split_once(" (").map_or(way, |(proxy, _)| proxy);
    if proxy == "none" {
        By::Itself
    } else if proxy.starts_with("socks") || url.starts_with("https:") {
        By::Tunnel(name(split(proxy).0).into())
    } else {
        By::Forward(name(split(proxy).0).into())
    }
}

/// Host and port at the end of a tunnel, from the name of its route.
fn tunnel_end(route: &str) -> &str {
    name(route.split_once(" by ").map_or(route, |(end, _)| end))
}

/// Host and port of an origin.
fn name(origin: &str) -> &str {
    let host = origin.rsplit_once("//").map_or(origin, |(_, host)| host);
    host.rsplit_once('@').map_or(host, |(_, host)| host)
}

/// Origin and target of a URL.
fn split(url: &str) -> (&str, &str) {
    let host = url.find("//").map_or(0, |at| at.saturating_add(2));
    let rest = url.get(host..).unwrap_or_default();
    let end = rest.find(['/', '?', '#']).map_or(url.len(), |at| host.saturating_add(at));
    url.split_at_checked(end).unwrap_or((url, ""))
}
