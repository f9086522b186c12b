//! Hooks of call and session: merged as settings are, but an empty list for `response` is none.
//!
//! Input: for each side nothing, or events with their lists of hooks.

use arbitrary::{Arbitrary, Unstructured};
use sessio_core::policy::merge::{HooksByEvent, merge_hooks};

type Side = Option<Vec<(u8, Option<Vec<u8>>)>>;

const EVENTS: [&str; 4] = ["response", "other", "Response", ""];

/// Runs one input.
pub fn run(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let Ok((request, session)) = <(Side, Side)>::arbitrary(&mut input) else { return };
    let merged = merge_hooks(hooks(&request), hooks(&session));
    assert_eq!(merged, model(&hooks(&request), &hooks(&session)), "{request:?} over {session:?}");
}

fn hooks(side: &Side) -> Option<HooksByEvent<&'static str, u8>> {
    let named = |(event, list): &(u8, Option<Vec<u8>>)| {
        (EVENTS[usize::from(*event) % EVENTS.len()], list.clone())
    };
    side.as_ref().map(|side| side.iter().map(named).collect())
}

/// Source: `merge_hooks` in requests, `sessions.py`.
fn model(
    request: &Option<HooksByEvent<&'static str, u8>>,
    session: &Option<HooksByEvent<&'static str, u8>>,
) -> Option<HooksByEvent<&'static str, u8>> {
    let is_empty = |side: &HooksByEvent<&str, u8>| {
        let mut last = None;
        for (event, list) in side {
            if *event == "response" {
                last = Some(list.clone());
            }
        }
        last == Some(Some(vec![]))
    };
    let Some(own) = session.as_ref().filter(|own| !is_empty(own)) else { return request.clone() };
    let Some(call) = request.as_ref().filter(|call| !is_empty(call)) else {
        return session.clone();
    };
    let mut merged: HooksByEvent<&'static str, u8> = Vec::new();
    for (event, list) in own.iter().chain(call) {
        match merged.iter_mut().find(|(known, _)| known == event) {
            Some(place) => place.1.clone_from(list),
            None => merged.push((event, list.clone())),
        }
    }
    Some(merged.into_iter().filter(|(_, list)| list.is_some()).collect())
}
