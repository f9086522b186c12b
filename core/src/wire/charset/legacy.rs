//! The charsets of one byte or several that are not Unicode, on the tables of `encoding_rs`.
//!
//! Source: the WHATWG Encoding Standard for the tables, the codecs of CPython 3.11 for where they
//! differ: there, windows code pages have holes and ISO 8859 has control characters.

use alloc::boxed::Box;
use alloc::string::String;

use encoding_rs::{Decoder, DecoderResult, Encoding};

use super::Faults;
use super::unicode::Taken;

/// A legacy charset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Legacy {
    /// One byte a character.
    Single(&'static Encoding, C1, &'static [(u8, char)]),
    /// Several.
    Multi(&'static Encoding),
}

/// What the bytes 80 to 9F are in a charset of one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum C1 {
    /// What the table says.
    Table,
    /// Control characters, whatever the table says.
    Controls,
    /// Characters, or nothing where the table says that they are control characters.
    Holes,
}

/// A decoder of one text.
pub(super) enum LegacyDecoder {
    /// The characters of the bytes 80 to FF.
    Single(Box<[char; 128]>),
    Multi(Box<Decoder>),
}

impl Legacy {
    pub(super) fn decoder(self) -> LegacyDecoder {
        match self {
            Self::Single(encoding, c1, patches) => {
                LegacyDecoder::Single(Box::new(table(encoding, c1, patches)))
            }
            Self::Multi(encoding) => {
                LegacyDecoder::Multi(Box::new(encoding.new_decoder_without_bom_handling()))
            }
        }
    }
}

fn table(encoding: &'static Encoding, c1: C1, patches: &[(u8, char)]) -> [char; 128] {
    core::array::from_fn(|index| {
        let byte = u8::try_from(index).unwrap_or(0) | 0x80;
        if let Some((_, patch)) = patches.iter().find(|(place, _)| *place == byte) {
            return *patch;
        }
        let bytes = [byte];
        let (text, _) = encoding.decode_without_bom_handling(&bytes);
        let plain = text.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER);
        match c1 {
            C1::Controls if byte < 0xa0 => char::from(byte),
            C1::Holes if plain.is_control() => char::REPLACEMENT_CHARACTER,
            C1::Controls | C1::Holes | C1::Table => plain,
        }
    })
}

impl LegacyDecoder {
    pub(super) fn decode(&mut self, bytes: &[u8], text: &mut String) -> Taken {
        let faults = match self {
            Self::Single(table) => {
                let mut faults = Faults::None;
                text.extend(bytes.iter().map(|&byte| {
                    let high = byte.checked_sub(0x80).and_then(|at| table.get(usize::from(at)));
                    let decoded = high.copied().unwrap_or_else(|| char::from(byte));
                    if decoded == char::REPLACEMENT_CHARACTER {
                        faults = Faults::Some;
                    }
                    decoded
                }));
                faults
            }
            Self::Multi(decoder) => run(decoder, bytes, text, Last::No),
        };
        Taken { consumed: bytes.len(), faults }
    }

    pub(super) fn finish(&mut self, text: &mut String) -> Faults {
        match self {
            Self::Single(_) => Faults::None,
            Self::Multi(decoder) => run(decoder, b"", text, Last::Yes),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Yes,
    No,
}

/// Decodes all of `bytes`.
fn run(decoder: &mut Decoder, bytes: &[u8], text: &mut String, last: Last) -> Faults {
    let (mut rest, mut faults) = (bytes, Faults::None);
    loop {
        let room = decoder.max_utf8_buffer_length_without_replacement(rest.len());
        text.reserve(room.unwrap_or(rest.len()).max(16));
        let (result, read) =
            decoder.decode_to_string_without_replacement(rest, text, last == Last::Yes);
        rest = rest.get(read..).unwrap_or_default();
        match result {
            DecoderResult::InputEmpty => return faults,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => {
                text.push(char::REPLACEMENT_CHARACTER);
                faults = Faults::Some;
            }
        }
    }
}
