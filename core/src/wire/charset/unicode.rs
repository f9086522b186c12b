//! UTF-8, UTF-16 and UTF-32 in pieces, with U+FFFD for what is wrong.
//!
//! Source: Unicode 15 section 3.9, "best practices for using U+FFFD"; the codecs of CPython 3.11
//! with `errors="replace"`. Each function takes in all but a last, incomplete character.

use alloc::string::String;

use super::Faults;

/// The order of the bytes of a code unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

/// What one call took in.
pub(super) struct Taken {
    pub(super) consumed: usize,
    pub(super) faults: Faults,
}

/// Decodes UTF-8. A byte order mark is a character.
pub(super) fn utf8(bytes: &[u8], text: &mut String) -> Taken {
    let (mut consumed, mut faults) = (0_usize, Faults::None);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        consumed = consumed.saturating_add(chunk.valid().len());
        let invalid = chunk.invalid();
        let next = consumed.saturating_add(invalid.len());
        // At the very end, what is no character may be the start of one.
        if next == bytes.len()
            && core::str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none())
        {
            break;
        }
        // CPython waits for the third byte of a surrogate, too, though it will not take it.
        if let Some([0xed, 0xa0..=0xbf]) = bytes.get(consumed..) {
            break;
        }
        if !invalid.is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
            faults = Faults::Some;
        }
        consumed = next;
    }
    Taken { consumed, faults }
}

/// Decodes UTF-16. A lone surrogate is one fault.
pub(super) fn utf16(bytes: &[u8], order: Order, text: &mut String) -> Taken {
    let (mut rest, mut faults) = (bytes, Faults::None);
    while let Some((unit, tail)) = split_unit(rest, order) {
        let (decoded, tail) = match unit {
            0xd800..=0xdbff => match split_unit(tail, order) {
                None => break,
                Some((low, after)) => match char::decode_utf16([unit, low]).next() {
                    Some(Ok(pair)) => (Ok(pair), after),
                    Some(Err(_)) | None => (Err(()), tail),
                },
            },
            _ => (char::from_u32(u32::from(unit)).ok_or(()), tail),
        };
        text.push(decoded.unwrap_or(char::REPLACEMENT_CHARACTER));
        if decoded.is_err() {
            faults = Faults::Some;
        }
        rest = tail;
    }
    Taken { consumed: bytes.len().saturating_sub(rest.len()), faults }
}

fn split_unit(bytes: &[u8], order: Order) -> Option<(u16, &[u8])> {
    let (unit, rest) = bytes.split_first_chunk()?;
    let unit = match order {
        Order::Little => u16::from_le_bytes(*unit),
        Order::Big => u16::from_be_bytes(*unit),
    };
    Some((unit, rest))
}

/// Decodes UTF-32. Four bytes that are no character are one fault.
pub(super) fn utf32(bytes: &[u8], order: Order, text: &mut String) -> Taken {
    let (mut rest, mut faults) = (bytes, Faults::None);
    while let Some((unit, tail)) = rest.split_first_chunk() {
        let code = match order {
            Order::Little => u32::from_le_bytes(*unit),
            Order::Big => u32::from_be_bytes(*unit),
        };
        let decoded = char::from_u32(code);
        if decoded.is_none() {
            faults = Faults::Some;
        }
        text.push(decoded.unwrap_or(char::REPLACEMENT_CHARACTER));
        rest = tail;
    }
    Taken { consumed: bytes.len().saturating_sub(rest.len()), faults }
}
