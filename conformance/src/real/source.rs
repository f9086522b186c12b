//! The files and items of a scenario's streamed bodies.

use std::io::{self, Read, Seek, SeekFrom};

use super::planted::Planted;
use crate::client::source::{Piece, Reading, SourceSpec};

/// An item of a generator.
pub(crate) fn item(item: Option<Vec<u8>>) -> io::Result<Vec<u8>> {
    item.ok_or_else(|| io::Error::other(Planted::Source))
}

/// A file object.
pub(crate) struct File {
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
    pub(crate) fn new(spec: SourceSpec, length: u64) -> Self {
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
