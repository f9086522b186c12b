//! The streamed bodies of a scenario as uploads of `sessio-std`, each by the constructor that a
//! caller would take for it.

use sessio_core::message::Rewind;
use sessio_std::{Upload, upload};

use crate::client::source::SourceSpec;
use crate::real::source::{File, item};
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
