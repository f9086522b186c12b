//! The decision trace as lines for people: `→` sent, `←` received, `·` decided.

use sessio_core::policy::authorization::Next;
use sessio_core::trace::{Head, What};

use crate::paint::{Paint, Tint};

/// How much is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Everything.
    All,
    /// What a first look needs.
    Telling,
}

/// The fields of a first look. Cookies have events of their own.
const TELLING: [&str; 6] = [
    "Authorization",
    "Content-Encoding",
    "Content-Length",
    "Content-Type",
    "Location",
    "Transfer-Encoding",
];

/// A field name as it goes out: `Content-Type`.
pub(crate) fn title_case(name: &str) -> String {
    let mut is_first = true;
    let letter = |letter: char| {
        let shown = if is_first { letter.to_ascii_uppercase() } else { letter };
        is_first = letter == '-';
        shown
    };
    name.chars().map(letter).collect()
}

/// The lines for an event; none where it is not worth one.
pub(crate) fn lines(what: &What, paint: Paint, detail: Detail) -> Vec<String> {
    if detail == Detail::Telling && !is_telling(what) {
        return Vec::new();
    }
    match what {
        // What was sent says the same.
        What::Request { .. } => Vec::new(),
        What::Sent(head) => message("→", head, paint, Tint::Sent, detail),
        What::Received(head) => message("←", head, paint, Tint::Received, detail),
        What::Timeout(_) | What::NotConnected(..) => line(what, paint, Tint::Wrong),
        What::Redirect { .. } | What::Authorization(_) | What::Dropped(..) => {
            line(what, paint, Tint::Decided)
        }
        _ => line(what, paint, Tint::Quiet),
    }
}

fn is_telling(what: &What) -> bool {
    if let What::Dropped(name, _) = what {
        // That decision has an event of its own.
        return name != "authorization";
    }
    !matches!(
        what,
        What::Adapter(_)
            | What::Answer(_)
            | What::Authorization(Next::Nothing)
            | What::Body(_)
            | What::Connected(_)
            | What::Kept
    )
}

fn line(what: &What, paint: Paint, tint: Tint) -> Vec<String> {
    vec![paint.tint(tint, &format!("· {what}"))]
}

/// A head: its first line, then its fields, each on a line of its own or the telling ones on one.
fn message(arrow: &str, head: &Head, paint: Paint, tint: Tint, detail: Detail) -> Vec<String> {
    let field = |(name, value): &(Box<str>, Box<str>)| format!("{}: {value}", title_case(name));
    let fields: Vec<String> = head.fields.iter().map(field).collect();
    let mut lines = vec![paint.tint(tint, &format!("{arrow} {}", head.first))];
    match detail {
        Detail::All => lines.extend(fields.iter().map(|field| format!("{arrow}   {field}"))),
        Detail::Telling => {
            let is_told = |field: &&String| {
                field.split_once(':').is_some_and(|(name, _)| TELLING.contains(&name))
            };
            let told: Vec<&str> = fields.iter().filter(is_told).map(String::as_str).collect();
            if !told.is_empty() {
                let told = paint.tint(Tint::Quiet, &told.join(" | "));
                lines.push(format!("    {told}"));
            }
        }
    }
    lines
}
