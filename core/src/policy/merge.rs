//! What one call's settings and the session's give together.
//!
//! Source: `merge_setting` and `merge_hooks` in requests 2.34.2, `sessions.py`.

use alloc::vec::Vec;

/// A setting as requests tells them apart: mappings merge key by key, anything else is whole.
///
/// Keys are compared by `K`'s `PartialEq`: a case-insensitive key type merges header names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting<K, V, T> {
    /// Not given: the other side's setting counts.
    Absent,
    /// An ordered mapping; a `None` value takes its key away.
    Mapping(Vec<(K, Option<V>)>),
    /// Anything else: text, a list of pairs, a flag.
    Value(T),
}

/// What a call or a session says about something that can also be turned off.
///
/// Absent and off differ: what is absent is taken from elsewhere, what is off stays off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Given<T> {
    /// Nothing was said.
    #[default]
    Absent,
    /// Explicitly nothing.
    Off,
    /// This one.
    Use(T),
}

impl<T> Given<T> {
    /// This if it says anything, else `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match self {
            Self::Absent => other,
            said @ (Self::Off | Self::Use(_)) => said,
        }
    }

    /// The same about a reference.
    pub const fn as_ref(&self) -> Given<&T> {
        match self {
            Self::Absent => Given::Absent,
            Self::Off => Given::Off,
            Self::Use(value) => Given::Use(value),
        }
    }
}

impl<T> From<Option<T>> for Given<T> {
    /// `None` is absent, as it is in requests.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Use)
    }
}

/// The setting that a request goes out with.
///
/// Two mappings merge: the session's keys first, each replaced in place where the request has it
/// too (the request's spelling of the key counts), then the request's own; keys whose value is
/// `None` are gone. In every other case the request's setting wins whole, unless it is absent.
/// Takes time in the product of the two lengths: both come from the caller.
#[must_use]
pub fn merge_setting<K: PartialEq, V, T>(
    request: Setting<K, V, T>,
    session: Setting<K, V, T>,
) -> Setting<K, V, T> {
    match (request, session) {
        (request, Setting::Absent) => request,
        (Setting::Absent, session) => session,
        (Setting::Mapping(request), Setting::Mapping(session)) => {
            Setting::Mapping(merge_mappings(request, session))
        }
        (request, Setting::Mapping(_) | Setting::Value(_)) => request,
    }
}

/// Two mappings as one: see [`merge_setting`].
#[must_use]
pub fn merge_mappings<K: PartialEq, V>(
    request: Vec<(K, Option<V>)>,
    session: Vec<(K, Option<V>)>,
) -> Vec<(K, Option<V>)> {
    let mut merged: Vec<(K, Option<V>)> =
        Vec::with_capacity(session.len().saturating_add(request.len()));
    for (key, value) in session.into_iter().chain(request) {
        match merged.iter_mut().find(|(k, _)| *k == key) {
            Some(place) => *place = (key, value),
            None => merged.push((key, value)),
        }
    }
    merged.retain(|(_, value)| value.is_some());
    merged
}

/// Hooks by event; an event with no list is one that was given as `None`.
pub type HooksByEvent<E, I> = Vec<(E, Option<Vec<I>>)>;

/// The event that requests dispatches.
pub const RESPONSE: &str = "response";

/// The hooks that a request goes out with.
///
/// An empty list for the event `response` counts as no hooks at all, so that the default of one
/// side does not take the other's away; else they merge as mappings do.
#[must_use]
pub fn merge_hooks<E: AsRef<str> + PartialEq, I>(
    request: Option<HooksByEvent<E, I>>,
    session: Option<HooksByEvent<E, I>>,
) -> Option<HooksByEvent<E, I>> {
    match (request, session) {
        (request, None) => request,
        (request, Some(session)) if has_empty_response(&session) => request,
        (None, session) => session,
        (Some(request), session) if has_empty_response(&request) => session,
        (Some(request), Some(session)) => Some(merge_mappings(request, session)),
    }
}

fn has_empty_response<E: AsRef<str>, I>(hooks: &HooksByEvent<E, I>) -> bool {
    let response = hooks.iter().rev().find(|(event, _)| event.as_ref() == RESPONSE);
    matches!(response, Some((_, Some(list))) if list.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    type Text = Setting<&'static str, &'static str, &'static str>;

    #[test]
    fn the_request_wins_and_mappings_merge() {
        use Setting::{Absent, Mapping, Value};
        let map =
            |pairs: &[(&'static str, Option<&'static str>)]| -> Text { Mapping(pairs.to_vec()) };
        let rows = [
            (Absent, Absent, Absent),
            (Absent, Value("s"), Value("s")),
            (Value("r"), Absent, Value("r")),
            (Value("r"), Value("s"), Value("r")),
            (map(&[("a", Some("1"))]), Value("s"), map(&[("a", Some("1"))])),
            (Value("r"), map(&[("a", Some("1"))]), Value("r")),
            (
                map(&[("c", Some("3")), ("a", Some("1"))]),
                map(&[("a", Some("x")), ("b", Some("2"))]),
                map(&[("a", Some("1")), ("b", Some("2")), ("c", Some("3"))]),
            ),
            (map(&[("a", None)]), map(&[("a", Some("x")), ("b", None)]), map(&[])),
            // Alone, a mapping stays as it is.
            (map(&[("a", None)]), Absent, map(&[("a", None)])),
        ];
        for (row, (request, session, want)) in rows.into_iter().enumerate() {
            assert_eq!(merge_setting(request, session), want, "row {row}");
        }
    }

    #[test]
    fn an_empty_response_list_is_no_hooks() {
        let hooks = |items: &[u8]| Some(vec![("response", Some(items.to_vec()))]);
        let rows = [
            (hooks(&[1]), hooks(&[2]), hooks(&[1])),
            (hooks(&[]), hooks(&[2]), hooks(&[2])),
            (hooks(&[1]), hooks(&[]), hooks(&[1])),
            (None, hooks(&[2]), hooks(&[2])),
            (None, hooks(&[]), None),
            (Some(vec![("response", None)]), hooks(&[2]), Some(vec![])),
        ];
        for (row, (request, session, want)) in rows.into_iter().enumerate() {
            assert_eq!(merge_hooks(request, session), want, "row {row}");
        }
    }

    #[test]
    fn off_is_said_and_absent_is_not() {
        let rows = [
            (Given::Absent, Given::Use(2), Given::Use(2)),
            (Given::Off, Given::Use(2), Given::Off),
            (Given::Use(1), Given::Off, Given::Use(1)),
            (Given::Absent, Given::Absent, Given::Absent),
        ];
        for (call, session, want) in rows {
            assert_eq!(call.or(session), want, "{call:?} or {session:?}");
        }
    }
}
