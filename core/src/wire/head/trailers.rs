//! Trailer sections: fields by the same rules as those of a head, but without its leniencies.

use super::examine::examine_fields;
use super::{FieldLines, HeadError, Leniencies, Strictness};

/// Reads a trailer section, with its blank line, into `fields`.
///
/// Lines end with CR LF and are not folded, as everywhere in chunked framing.
pub(crate) fn parse_trailers(
    fields: &mut FieldLines,
    section: &[u8],
    fields_max: usize,
) -> Result<(), HeadError> {
    examine_fields(section, 0, fields_max, Strictness::Strict, Leniencies::default())?;
    let mut room = alloc::vec![httparse::EMPTY_HEADER; fields_max.min(section.len())];
    match httparse::parse_headers(section, &mut room) {
        Ok(httparse::Status::Complete((_, parsed))) => {
            fields.store(section, parsed);
            Ok(())
        }
        _ => Err(HeadError::Unreadable),
    }
}
