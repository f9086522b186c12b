//! The streamed bodies of a scenario: generators, iterables, file objects.
//!
//! The format is described in `oracle/FORMAT.md`, section 3.2, `data`.

use std::collections::VecDeque;

use serde_json::Value;
use sessio_core::message::Rewind;

use crate::value::{self, Text};

/// What a source delivers, and what it says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceSpec {
    /// Items in order; one that fails is `None`.
    pub items: Vec<Option<Vec<u8>>>,
    /// The length that it knows.
    pub length: Option<u64>,
    /// Whether it can be read again.
    pub rewind: Rewind,
    /// Whether setting it back fails when it is tried.
    pub rewind_fails: bool,
}

/// A source being read.
#[derive(Clone, Debug)]
pub struct Reading {
    spec: SourceSpec,
    left: VecDeque<Option<Vec<u8>>>,
}

/// What reading a source gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// So many bytes; 0 is the end.
    Bytes(usize),
    /// It failed.
    Failed,
}

impl Reading {
    /// At the start.
    #[must_use]
    pub fn new(spec: SourceSpec) -> Self {
        let left = spec.items.iter().cloned().collect();
        Self { spec, left }
    }

    /// Puts the next bytes into `room`: of one item at most.
    pub fn read(&mut self, room: &mut [u8]) -> Piece {
        while let Some(item) = self.left.front_mut() {
            let Some(bytes) = item else { return Piece::Failed };
            if bytes.is_empty() {
                self.left.pop_front();
                continue;
            }
            let count = bytes.len().min(room.len());
            room[..count].copy_from_slice(&bytes[..count]);
            bytes.drain(..count);
            return Piece::Bytes(count);
        }
        Piece::Bytes(0)
    }

    /// Sets it back to its start; whether that worked.
    pub fn rewind(&mut self) -> bool {
        if self.spec.rewind_fails {
            return false;
        }
        self.left = self.spec.items.iter().cloned().collect();
        true
    }
}

/// The source of a `data` value, if it is one that streams.
#[must_use]
pub fn parse(data: &Value) -> Option<SourceSpec> {
    let object = data.as_object()?;
    if let Some(items) = object.get("generator") {
        return Some(items_of(items, Rewind::Impossible));
    }
    if let Some(items) = object.get("iterable") {
        return Some(items_of(items, Rewind::Possible));
    }
    if let Some(text) = object.get("text_filelike") {
        let text = text.as_str().expect("text").as_bytes().to_vec();
        let length = Some(text.len() as u64);
        let items = vec![Some(text)];
        return Some(SourceSpec { items, length, rewind: Rewind::Possible, rewind_fails: false });
    }
    object.get("filelike").map(file)
}

fn items_of(items: &Value, rewind: Rewind) -> SourceSpec {
    let item = |item: &Value| match item.get("raise") {
        Some(_) => None,
        None => Some(match value::text(item) {
            Text::Str(text) => text.into_bytes(),
            Text::Bytes(bytes) => bytes,
        }),
    };
    let items = items.as_array().expect("items").iter().map(item).collect();
    SourceSpec { items, length: None, rewind, rewind_fails: false }
}

/// A file object: its length is what it says of itself, else what seek and tell show.
fn file(file: &Value) -> SourceSpec {
    let content = value::bytes(&file["content"]);
    let at = usize::try_from(file["pos"].as_u64().unwrap_or(0)).expect("a position");
    let rest = content.get(at..).unwrap_or_default().to_vec();
    let can = |ability: &str| file.get(ability).is_none_or(|value| value == true);
    let length = match file.get("len").and_then(Value::as_u64) {
        Some(length) => Some(length.saturating_sub(at as u64)),
        None if can("seek") && can("tell") => Some(rest.len() as u64),
        None => None,
    };
    let can_go_back = file.get("seek").is_none_or(|v| v != false) && can("tell");
    let rewind = if can_go_back { Rewind::Possible } else { Rewind::Impossible };
    // Without a length, Python iterates over a file object by lines.
    let items = match length {
        Some(_) => vec![Some(rest)],
        None => rest.split_inclusive(|b| *b == b'\n').map(|line| Some(line.to_vec())).collect(),
    };
    SourceSpec { items, length, rewind, rewind_fails: file["seek"] == "fails" }
}
