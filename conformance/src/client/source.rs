//! The streamed bodies of a scenario: generators, iterables, file objects.
//!
//! The format is described in `oracle/FORMAT.md`, section 3.2, `data`.

use std::collections::VecDeque;

use sessio_core::message::Rewind;

use crate::scenario::{Ability, BodySpec, Filelike, Item};

/// What a source delivers, and what it says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceSpec {
    /// Items in order; one that fails is `None`.
    pub items: Vec<Option<Vec<u8>>>,
    /// The length that it knows.
    pub length: Option<u64>,
    /// Whether it says that it can be read again.
    pub rewind: Rewind,
    /// Whether it can.
    pub back: Ability,
}

impl SourceSpec {
    /// A source of these bytes, which can be read again.
    #[must_use]
    pub fn bytes(bytes: Vec<u8>) -> Self {
        Self {
            length: Some(bytes.len() as u64),
            items: vec![Some(bytes)],
            rewind: Rewind::Possible,
            back: Ability::Works,
        }
    }
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

    /// Whether it is a file: then it has bytes whenever it is asked.
    #[must_use]
    pub fn is_prompt(&self) -> bool {
        self.spec.length.is_some() && self.spec.rewind == Rewind::Possible
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
        if self.spec.back != Ability::Works {
            return false;
        }
        self.left = self.spec.items.iter().cloned().collect();
        true
    }
}

/// The source of a `data` value, if it is one that streams.
#[must_use]
pub fn of(data: &BodySpec) -> Option<SourceSpec> {
    match data {
        BodySpec::Plain(_) => None,
        BodySpec::Generator(items) => Some(of_items(items, Rewind::Impossible)),
        BodySpec::Iterable(items) => Some(of_items(items, Rewind::Possible)),
        BodySpec::TextFile(text) => Some(SourceSpec::bytes(text.clone().into_bytes())),
        BodySpec::File(file) => Some(of_file(file)),
    }
}

fn of_items(items: &[Item], rewind: Rewind) -> SourceSpec {
    let item = |item: &Item| match item {
        Item::Fails(_) => None,
        Item::Piece(text) => Some(text.utf8().to_vec()),
    };
    let back = if rewind == Rewind::Possible { Ability::Works } else { Ability::Missing };
    SourceSpec { items: items.iter().map(item).collect(), length: None, rewind, back }
}

/// A file object: its length is what it says of itself, else what seek and tell show.
fn of_file(file: &Filelike) -> SourceSpec {
    let rest = file.content.get(file.position..).unwrap_or_default().to_vec();
    let both_work = file.seek == Ability::Works && file.tell == Ability::Works;
    let length = match file.length {
        Some(length) => Some(length.saturating_sub(file.position) as u64),
        None => both_work.then_some(rest.len() as u64),
    };
    let can = file.seek != Ability::Missing && file.tell == Ability::Works;
    let rewind = if can { Rewind::Possible } else { Rewind::Impossible };
    // Without a length, Python iterates over a file object by lines.
    let items = match length {
        Some(_) => vec![Some(rest)],
        None => rest.split_inclusive(|b| *b == b'\n').map(|line| Some(line.to_vec())).collect(),
    };
    SourceSpec { items, length, rewind, back: file.seek }
}
