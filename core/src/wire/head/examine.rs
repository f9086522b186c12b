//! The first thing that is wrong with a head: a reader of lines, for those that `httparse` refuses.
//!
//! It sees whole heads only, so the verdict does not depend on how they were cut. It is never asked
//! about a head without faults and folds.

use alloc::string::String;

use super::fields::{is_text, is_token};
use super::{HeadError, Leniencies, Leniency, Strictness};

/// Longest name that `http::HeaderName` takes.
pub(super) const NAME_BYTES_MAX: usize = 65_535;

/// Fields whose value decides about framing, targets or cookies: never folded.
const NEVER_FOLDED: [&str; 4] = ["content-length", "transfer-encoding", "location", "set-cookie"];

/// A line without its end.
struct Line<'a> {
    bytes: &'a [u8],
    start: usize,
    next: usize,
}

/// Examines a head that begins with `HTTP/1.0` or `HTTP/1.1` and ends with its blank line.
pub(super) fn examine_head(
    head: &[u8],
    fields_max: usize,
    strictness: Strictness,
) -> Result<Leniencies, HeadError> {
    let mut seen = Leniencies::default();
    let Some(line) = line_at(head, 0, strictness, &mut seen)? else { return Ok(seen) };
    status_line(line.bytes)?;
    examine_fields(head, line.next, fields_max, strictness, seen)
}

/// Examines field lines from the offset `at` up to the blank line.
pub(super) fn examine_fields(
    bytes: &[u8],
    mut at: usize,
    fields_max: usize,
    strictness: Strictness,
    mut seen: Leniencies,
) -> Result<Leniencies, HeadError> {
    let mut fields = 0_usize;
    let mut name: &[u8] = &[];
    while let Some(line) = line_at(bytes, at, strictness, &mut seen)? {
        at = line.next;
        let Some(first) = line.bytes.first() else { break };
        if matches!(first, b' ' | b'\t') {
            if fields == 0 {
                return Err(HeadError::LeadingBlank { offset: line.start });
            }
            let is_kept = NEVER_FOLDED.iter().any(|n| name.eq_ignore_ascii_case(n.as_bytes()));
            if strictness == Strictness::Strict || is_kept {
                return Err(HeadError::Fold { name: text(name), offset: line.start });
            }
            seen.add(Leniency::ObsFold);
            check_value(name, line.bytes, line.start)?;
            continue;
        }
        fields = fields.saturating_add(1);
        if fields > fields_max {
            return Err(HeadError::TooManyFields { fields_max });
        }
        name = field_line(&line)?;
    }
    Ok(seen)
}

/// The line at `at`; `None` behind the last one.
fn line_at<'a>(
    bytes: &'a [u8],
    at: usize,
    strictness: Strictness,
    seen: &mut Leniencies,
) -> Result<Option<Line<'a>>, HeadError> {
    let rest = bytes.get(at..).unwrap_or_default();
    let Some(length) = rest.iter().position(|b| *b == b'\n') else { return Ok(None) };
    let line = rest.get(..length).unwrap_or_default();
    let next = at.saturating_add(length).saturating_add(1);
    let content = match line.strip_suffix(b"\r") {
        Some(content) => content,
        None if strictness == Strictness::Strict => {
            return Err(HeadError::BareLf { offset: at.saturating_add(length) });
        }
        None => {
            seen.add(Leniency::BareLf);
            line
        }
    };
    match content.iter().position(|b| *b == b'\r') {
        Some(cr) => Err(HeadError::BareCr { offset: at.saturating_add(cr) }),
        None => Ok(Some(Line { bytes: content, start: at, next })),
    }
}

/// Checks `HTTP/1.x SP 3DIGIT [SP reason]`, of which the first eight bytes are known to be right.
fn status_line(line: &[u8]) -> Result<(), HeadError> {
    let byte = |at: usize| line.get(at).copied();
    if byte(8) != Some(b' ') {
        return Err(HeadError::StatusLine { offset: 8 });
    }
    let mut code = 0_u16;
    for offset in 9..12 {
        let digit = byte(offset).filter(u8::is_ascii_digit);
        let digit = digit.ok_or(HeadError::StatusLine { offset })?;
        code = code.saturating_mul(10).saturating_add(u16::from(digit.wrapping_sub(b'0')));
    }
    if !matches!(byte(12), None | Some(b' ')) {
        return Err(HeadError::StatusLine { offset: 12 });
    }
    if code < 100 {
        return Err(HeadError::StatusCode { code });
    }
    match line.iter().enumerate().skip(12).find(|(_, b)| !is_text(**b)) {
        Some((offset, byte)) => Err(HeadError::Reason { offset, byte: *byte }),
        None => Ok(()),
    }
}

/// Checks a field line that does not begin with a blank; its name.
fn field_line<'a>(line: &Line<'a>) -> Result<&'a [u8], HeadError> {
    let at = |place: usize| line.start.saturating_add(place);
    let colon = line.bytes.iter().position(|b| *b == b':');
    let colon = colon.ok_or(HeadError::NoColon { offset: line.start })?;
    let (name, rest) = line.bytes.split_at_checked(colon).unwrap_or_default();
    if name.is_empty() {
        return Err(HeadError::EmptyName { offset: line.start });
    }
    if let Some((place, byte)) = name.iter().enumerate().find(|(_, b)| !is_token(**b)) {
        let blank_only = name.iter().skip(place).all(|b| matches!(b, b' ' | b'\t'));
        return Err(if blank_only {
            HeadError::BlankBeforeColon { offset: at(place) }
        } else {
            HeadError::FieldName { offset: at(place), byte: *byte }
        });
    }
    if name.len() > NAME_BYTES_MAX {
        return Err(HeadError::FieldNameTooLong { offset: line.start });
    }
    check_value(name, rest, at(colon)).map(|()| name)
}

fn check_value(name: &[u8], value: &[u8], start: usize) -> Result<(), HeadError> {
    match value.iter().enumerate().find(|(_, b)| !is_text(**b)) {
        Some((place, byte)) => Err(HeadError::FieldValue {
            name: text(name),
            offset: start.saturating_add(place),
            byte: *byte,
        }),
        None => Ok(()),
    }
}

fn text(name: &[u8]) -> String {
    String::from_utf8_lossy(name.get(..64).unwrap_or(name)).into_owned()
}
