//! Bodies of `multipart/form-data`, laid out as segments so that files are streamed.
//!
//! Source: `RequestEncodingMixin._encode_files` in requests 2.34.2, `models.py`;
//! `encode_multipart_formdata` in urllib3 2.8, `filepost.py`; RFC 7578.

pub mod boundary;
pub mod part;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use super::form::Params;
pub use boundary::is_boundary;
pub use part::{Content, MultipartError, Part, guess_filename};

/// Content up to this size is copied next to its header; more is a segment of its own.
const COPY_BYTES_MAX: usize = 1024;

/// A piece of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Bytes that are here.
    Bytes(Bytes),
    /// The content of a file, which whoever sends the body reads.
    File {
        /// Which one: the number that the part had.
        index: usize,
        /// Its length in bytes; `None` if it is found out only by reading.
        length: Option<u64>,
    },
}

/// A body: what is sent, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The pieces; two of bytes may follow each other, none is empty.
    pub segments: Vec<Segment>,
    /// The length of the body in bytes; `None` if that of a file is not known.
    pub length: Option<u64>,
    /// The value of the Content-Type field of the request.
    pub content_type: String,
    /// Custom headers of parts that did not go out, as the part writes that field itself.
    pub overridden: Vec<String>,
}

impl Plan {
    /// The whole body, if it has no file.
    #[must_use]
    pub fn bytes(&self) -> Option<Bytes> {
        if let [Segment::Bytes(all)] = self.segments.as_slice() {
            return Some(all.clone());
        }
        let mut body = Vec::new();
        for segment in &self.segments {
            match segment {
                Segment::Bytes(bytes) => body.extend_from_slice(bytes),
                Segment::File { .. } => return None,
            }
        }
        Some(body.into())
    }
}

/// The parts of a body, in order.
///
/// ```
/// use sessio_core::wire::multipart::{Multipart, Part};
///
/// let mut form = Multipart::new();
/// form.push(Part::bytes("f", "hello").filename("a.txt").content_type("text/plain"));
/// let plan = form.plan("0123456789abcdef0123456789abcdef")?;
/// assert_eq!(plan.length, Some(169));
/// # Ok::<(), sessio_core::wire::multipart::MultipartError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Multipart {
    parts: Vec<Part>,
}

impl Multipart {
    /// No parts.
    #[must_use]
    pub const fn new() -> Self {
        Self { parts: Vec::new() }
    }

    /// Adds a part at the end. requests puts the fields before the files.
    pub fn push(&mut self, part: Part) {
        self.parts.push(part);
    }

    /// Adds a part for each value of each pair; a pair without value is left out.
    ///
    /// # Errors
    /// [`MultipartError::Name`] if a name is not UTF-8.
    pub fn push_fields(&mut self, fields: &Params) -> Result<(), MultipartError> {
        for (name, value) in fields.iter() {
            let name = core::str::from_utf8(name).map_err(|_| MultipartError::Name)?;
            for value in value.flatten() {
                self.push(Part::bytes(name, value.into_owned()));
            }
        }
        Ok(())
    }

    /// Whether there is no part.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Lays the body out, with `boundary` between its parts.
    ///
    /// The boundary has to be hard to guess for whoever wrote the files: 32 random hexadecimal
    /// digits in requests. What is in memory is searched for it; what is streamed is not.
    ///
    /// # Errors
    /// If a header of a part is none; [`MultipartError::Boundary`] if `boundary` is none (RFC 2046,
    /// 5.1.1); [`MultipartError::BoundaryInContent`] if it occurs in a part: take another one.
    pub fn plan(&self, boundary: &str) -> Result<Plan, MultipartError> {
        if !is_boundary(boundary) {
            return Err(MultipartError::Boundary);
        }
        let finder = boundary::Finder::new(boundary);
        let mut layout = Layout::default();
        let mut overridden = Vec::new();
        for part in &self.parts {
            let head = part.head(&mut overridden)?;
            if finder.is_in(&head) || part.in_memory().is_some_and(|bytes| finder.is_in(bytes)) {
                return Err(MultipartError::BoundaryInContent);
            }
            layout.text.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
            layout.text.extend_from_slice(&head);
            layout.content(&part.content);
            layout.text.extend_from_slice(b"\r\n");
        }
        layout.text.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        layout.flush();
        Ok(Plan {
            length: length(&layout.segments),
            segments: layout.segments,
            content_type: format!("multipart/form-data; boundary={boundary}"),
            overridden,
        })
    }
}

/// Segments so far, and the bytes that go into the next one.
#[derive(Default)]
struct Layout {
    segments: Vec<Segment>,
    text: Vec<u8>,
}

impl Layout {
    fn content(&mut self, content: &Content) {
        match content {
            Content::Bytes(bytes) if bytes.len() <= COPY_BYTES_MAX => {
                self.text.extend_from_slice(bytes);
            }
            Content::Bytes(bytes) => {
                self.flush();
                self.segments.push(Segment::Bytes(bytes.clone()));
            }
            Content::File { index, length } => {
                self.flush();
                self.segments.push(Segment::File { index: *index, length: *length });
            }
        }
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.segments.push(Segment::Bytes(core::mem::take(&mut self.text).into()));
        }
    }
}

/// The sum of all lengths; `None` if one is not known or the sum is more than a `u64` holds.
fn length(segments: &[Segment]) -> Option<u64> {
    segments.iter().try_fold(0_u64, |sum, segment| {
        sum.checked_add(match segment {
            Segment::Bytes(bytes) => u64::try_from(bytes.len()).ok()?,
            Segment::File { length, .. } => (*length)?,
        })
    })
}

#[cfg(test)]
mod tests;
