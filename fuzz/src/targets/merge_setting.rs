//! Settings of call and session: merged as Python's dicts are, key by key.
//!
//! Input: for each side a kind, then keys and values. A key is a letter, whose case counts for one
//! of the two kinds of key; a value is a number, or `None`.

use arbitrary::{Arbitrary, Unstructured};
use sessio_core::policy::merge::{Setting, merge_mappings, merge_setting};

/// One side as it is given.
#[derive(Arbitrary, Clone, Debug, PartialEq)]
enum Side {
    Absent,
    Mapping(Vec<(u8, Option<u8>)>),
    Value(u8),
}

/// A key that is compared with or without regard to case.
#[derive(Clone, Debug)]
struct Key {
    letter: char,
    has_case: bool,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        match self.has_case {
            true => self.letter == other.letter,
            false => self.letter.eq_ignore_ascii_case(&other.letter),
        }
    }
}

type Pairs = Vec<(char, Option<u8>)>;

/// Runs one input.
pub fn run(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let Ok((request, session)) = <(Side, Side)>::arbitrary(&mut input) else { return };
    for has_case in [true, false] {
        let merged = merge_setting(setting(&request, has_case), setting(&session, has_case));
        match (&merged, model(&request, &session, has_case)) {
            (Setting::Mapping(pairs), Ok(want)) => {
                let pairs: Pairs = pairs.iter().map(|(k, v)| (k.letter, *v)).collect();
                assert_eq!(pairs, want, "{request:?} over {session:?}");
            }
            (_, Err(side)) => assert_eq!(merged, setting(side, has_case)),
            (_, Ok(want)) => panic!("{merged:?} for {want:?}"),
        }
        if let (Side::Mapping(call), Side::Mapping(_)) = (&request, &session) {
            let (Setting::Mapping(a), Setting::Mapping(b)) =
                (setting(&request, has_case), setting(&session, has_case))
            else {
                unreachable!("both are mappings")
            };
            let once = merge_mappings(a.clone(), b);
            assert!(once.iter().all(|(_, value)| value.is_some()));
            // What the call says is said already: once more changes nothing.
            assert_eq!(merge_mappings(a, once.clone()), once, "{call:?}");
        }
    }
}

fn setting(side: &Side, has_case: bool) -> Setting<Key, u8, u8> {
    match side {
        Side::Absent => Setting::Absent,
        Side::Value(value) => Setting::Value(*value),
        Side::Mapping(pairs) => Setting::Mapping(
            pairs.iter().map(|(k, v)| (Key { letter: letter(*k), has_case }, *v)).collect(),
        ),
    }
}

fn letter(byte: u8) -> char {
    char::from(b"abcdABCD"[usize::from(byte % 8)])
}

/// The merged pairs, or the side that is taken as it is.
///
/// Source: `merge_setting` in requests, `sessions.py`.
fn model<'a>(request: &'a Side, session: &'a Side, has_case: bool) -> Result<Pairs, &'a Side> {
    let (Side::Mapping(call), Side::Mapping(own)) = (request, session) else {
        return Err(if *request == Side::Absent { session } else { request });
    };
    let id = |c: char| if has_case { c } else { c.to_ascii_lowercase() };
    let (mut order, mut last) = (Vec::new(), std::collections::HashMap::new());
    for (key, value) in own.iter().chain(call) {
        let letter = letter(*key);
        if last.insert(id(letter), (letter, *value)).is_none() {
            order.push(id(letter));
        }
    }
    Ok(order.iter().map(|id| last[id]).filter(|(_, value)| value.is_some()).collect())
}
