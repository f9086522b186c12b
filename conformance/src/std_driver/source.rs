//! The streamed bodies of a scenario as uploads of `sessio-std`, each by the constructor that a
//! caller would take for it.

use std::io::{self, Read, Seek, SeekFrom};

use sessio_core::message::Rewind;
use sessio_std::{Upload, upload};

use super::planted::Planted;
use crate::client::source::{Piece, Reading, SourceSpec};
use crate::scenario::Ability;

/// The upload that delivers what the scenario says.
pub(super) fn made(spec: SourceSpec) -> Upload {
    let SourceSpec { ref items, length, rewind, back } = spec;
    let made = match (length, rewind) {
        (Some(length), Rewind::Impossible) => {
            upload::sized_reader(File::new(spec.clone(), length), length)
        }
        (Some(length), Rewind::Possible) => {
            upload::seekable(File::new(spec.clone(), length)).expect("nothing was read yet")
        }
        (None, _) => match items.iter().cloned().collect::<Option<Vec<Vec<u8>>>>() {
            Some(items) if back == Ability::Works => upload::repeatable(items),
            Some(_) | None => upload::chunks(items.clone().into_iter().map(item)),
        },
    };
    // What a file says of itself, which need not be so.
    Upload { rewind, ..made }
}

fn item(item: Option<Vec<u8>>) -> io::Result<Vec<u8>> {
    item.ok_or_else(|| io::Error::other(Planted::Source))
}

/// A file object.
struct File {
    reading: Reading,
    length: u64,
    place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Start,
    Beyond,
}

impl File {
    fn new(spec: SourceSpec, length: u64) -> Self {
        Self { reading: Reading::new(spec), length, place: Place::Start }
    }
}

impl Read for File {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.place = Place::Beyond;
        match self.reading.read(room) {
            Piece::Bytes(count) => Ok(count),
            Piece::Failed => Err(io::Error::other(Planted::Source)),
        }
    }
}

impl Seek for File {
    /// As far as an upload needs it: where it begins, how long it is, and back to the beginning.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match (to, self.place) {
            (SeekFrom::Start(0) | SeekFrom::Current(0), Place::Start) => Ok(0),
            (SeekFrom::End(0), Place::Start) => Ok(self.length),
            (SeekFrom::Start(0), Place::Beyond) if self.reading.rewind() => {
                self.place = Place::Start;
                Ok(0)
            }
            _ => Err(io::Error::other("the scenario's file cannot be set there")),
        }
    }
}
