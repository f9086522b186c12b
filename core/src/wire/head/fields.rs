//! Received fields as spans over one buffer.

use alloc::vec::Vec;
use core::fmt;

use http::{HeaderName, HeaderValue};

use crate::headers::{Headers, same_name};

/// Fields as received: names in the peer's case, values without the blanks around them.
///
/// They own one buffer and a list of spans; both are used again, so that reading a head into
/// fields that have grown to their size allocates nothing.
#[derive(Clone, Default)]
pub struct FieldLines {
    bytes: Vec<u8>,
    spans: Vec<Span>,
}

/// Where a field is in the buffer; a head has at most 4 GiB.
#[derive(Clone, Copy)]
struct Span {
    name: (u32, u32),
    value: (u32, u32),
}

impl FieldLines {
    /// The first value of the field `name`, which is compared without regard to case.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&[u8]> {
        self.spans.iter().find(|span| self.is_named(span, name)).map(|span| self.slice(span.value))
    }

    /// All values of the field `name`, in order.
    pub fn fields_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.spans
            .iter()
            .filter(move |span| self.is_named(span, name))
            .map(|span| self.slice(span.value))
    }

    /// Names and values in order. Names are token characters (RFC 9110, 5.6.2).
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&[u8], &[u8])> {
        self.spans.iter().map(|span| (self.slice(span.name), self.slice(span.value)))
    }

    /// How many field lines there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is no field.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The same fields as an owned list; made anew at each call.
    #[must_use]
    pub fn to_headers(&self) -> Headers {
        // What was stored is a name and a value by the same rules, so nothing is left out here.
        self.iter()
            .filter_map(|(name, value)| {
                Some((HeaderName::from_bytes(name).ok()?, HeaderValue::from_bytes(value).ok()?))
            })
            .collect()
    }

    /// The bytes that the fields lie in: a head from its status line on, or a trailer section.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Takes all fields away and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.spans.clear();
    }

    /// Makes `parsed`, whose names and values lie in `bytes`, the fields.
    pub(super) fn store(&mut self, bytes: &[u8], parsed: &[httparse::Header<'_>]) {
        self.clear();
        if self.bytes.capacity() == 0 {
            // Made to measure, which is cheaper than growing.
            self.bytes = Vec::with_capacity(bytes.len());
            self.spans = Vec::with_capacity(parsed.len());
        }
        self.bytes.extend_from_slice(bytes);
        let base = bytes.as_ptr().addr();
        let span = |part: &[u8]| {
            let from = part.as_ptr().addr().saturating_sub(base);
            let to = from.saturating_add(part.len());
            // The limits keep heads below 4 GiB.
            (u32::try_from(from).unwrap_or(u32::MAX), u32::try_from(to).unwrap_or(u32::MAX))
        };
        self.spans.extend(
            parsed
                .iter()
                .map(|field| Span { name: span(field.name.as_bytes()), value: span(field.value) }),
        );
    }

    /// Where the line of each field begins.
    pub(super) fn line_starts(&self) -> impl Iterator<Item = usize> {
        self.spans.iter().map(|span| span.name.0 as usize)
    }

    fn is_named(&self, span: &Span, name: &str) -> bool {
        let (from, to) = span.name;
        to.saturating_sub(from) as usize == name.len()
            && same_name(self.slice(span.name), name.as_bytes())
    }

    fn slice(&self, (from, to): (u32, u32)) -> &[u8] {
        self.bytes.get(from as usize..to as usize).unwrap_or_default()
    }
}

impl PartialEq for FieldLines {
    /// Equal names, in the same case, with equal values in the same order.
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for FieldLines {}

impl fmt::Debug for FieldLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_headers().fmt(f)
    }
}

/// Whether `byte` may stand in a field name (RFC 9110, 5.6.2).
pub(super) const fn is_token(byte: u8) -> bool {
    matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
        || byte.is_ascii_alphanumeric()
}

/// Whether `byte` may stand in a field value or a reason phrase (RFC 9110, 5.5).
pub(super) const fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~' | 0x80..)
}
