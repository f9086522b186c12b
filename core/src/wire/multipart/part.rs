//! One part: its name, its content, and its head.
//!
//! Source: `RequestField` and `format_multipart_header_param` in urllib3 2.8, `fields.py`;
//! `guess_filename` in requests 2.34.2, `utils.py`; the HTML standard, "Multipart form data".

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};

use crate::planted::Plant;

/// What a part holds.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// Bytes that are here.
    Bytes(Bytes),
    /// A file, which is read while the body is sent.
    File {
        /// The caller's number for it.
        index: usize,
        /// Its length in bytes; `None` if it is found out only by reading.
        length: Option<u64>,
    },
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::File { index, length } => write!(f, "file {index} of {length:?} bytes"),
        }
    }
}

/// One part of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub(super) content: Content,
    name: String,
    filename: Option<String>,
    content_type: Option<String>,
    headers: Vec<(String, Vec<u8>)>,
}

/// Why a body cannot be laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MultipartError {
    /// The name of a field is not UTF-8.
    Name,
    /// This is no name of a header of a part.
    HeaderName(String),
    /// The value of this header of a part has a line break or another control character.
    HeaderValue(String),
    /// The boundary is none: 1 to 70 letters, digits and `'+-._`.
    Boundary,
    /// The boundary occurs in a part; another one has to be taken.
    BoundaryInContent,
}

impl fmt::Display for MultipartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("the name of a form field is not UTF-8"),
            Self::HeaderName(name) => write!(f, "invalid header name {name:?} in a form part"),
            Self::HeaderValue(name) => write!(
                f,
                "invalid value of header {name:?} in a form part: line breaks and control \
                 characters are not allowed"
            ),
            Self::Boundary => {
                f.write_str("invalid boundary: it is 1 to 70 letters, digits and '+-._")
            }
            Self::BoundaryInContent => f.write_str("the boundary occurs in a form part"),
        }
    }
}

impl core::error::Error for MultipartError {}

impl Part {
    /// A part with `content`, without file name, type and headers.
    #[must_use]
    pub fn new(name: impl Into<String>, content: Content) -> Self {
        let name = name.into();
        Self { content, name, filename: None, content_type: None, headers: Vec::new() }
    }

    /// A part with bytes that are here.
    #[must_use]
    pub fn bytes(name: impl Into<String>, content: impl Into<Bytes>) -> Self {
        Self::new(name, Content::Bytes(content.into()))
    }

    /// The part with a file name; an empty one is one.
    #[must_use]
    pub fn filename(self, filename: impl Into<String>) -> Self {
        Self { filename: Some(filename.into()), ..self }
    }

    /// The part with a media type; an empty one is left out.
    #[must_use]
    pub fn content_type(self, content_type: impl Into<String>) -> Self {
        Self { content_type: Some(content_type.into()), ..self }
    }

    /// The part with one more header, spelled as given; an empty value is left out.
    ///
    /// Content-Disposition, and where there is a media type Content-Type, are the part's own and
    /// win over these; `Content-Type` and `Content-Location` in this spelling are left out in any
    /// case, as urllib3 does.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The content, if it is in memory.
    pub(super) fn in_memory(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Bytes(bytes) => Some(bytes),
            Content::File { .. } => None,
        }
    }

    /// The header lines and the empty line; names of headers that were left out go to `overridden`.
    pub(super) fn head(&self, overridden: &mut Vec<String>) -> Result<Vec<u8>, MultipartError> {
        let mut out = b"Content-Disposition: form-data; ".to_vec();
        param(&mut out, "name", &self.name);
        if let Some(filename) = &self.filename {
            out.extend_from_slice(b"; ");
            param(&mut out, "filename", filename);
        }
        out.extend_from_slice(b"\r\n");
        let content_type = self.content_type.as_deref().filter(|text| !text.is_empty());
        if let Some(content_type) = content_type {
            line(&mut out, "Content-Type", content_type.as_bytes())?;
        }
        for (name, value) in self.headers.iter().filter(|(_, value)| !value.is_empty()) {
            let is = |other: &str| name.eq_ignore_ascii_case(other);
            if is("content-disposition")
                || (is("content-type") && content_type.is_some())
                || matches!(name.as_str(), "Content-Type" | "Content-Location")
            {
                overridden.push(name.clone());
            } else {
                line(&mut out, name, value)?;
            }
        }
        out.extend_from_slice(b"\r\n");
        Ok(out)
    }
}

/// `name="value"`, with `"`, CR and LF escaped, in UTF-8.
fn param(out: &mut Vec<u8>, name: &str, value: &str) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"=\"");
    for byte in value.bytes() {
        match byte {
            b'\n' | b'\r' if Plant::PartNameRaw.is_on() => out.push(byte),
            b'\n' => out.extend_from_slice(b"%0A"),
            b'\r' => out.extend_from_slice(b"%0D"),
            b'"' => out.extend_from_slice(b"%22"),
            byte => out.push(byte),
        }
    }
    out.push(b'"');
}

fn line(out: &mut Vec<u8>, name: &str, value: &[u8]) -> Result<(), MultipartError> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| MultipartError::HeaderName(name.into()))?;
    HeaderValue::from_bytes(value).map_err(|_| MultipartError::HeaderValue(name.into()))?;
    for piece in [name.as_bytes(), b": ", value, b"\r\n"] {
        out.extend_from_slice(piece);
    }
    Ok(())
}

/// The file name that a file's own name suggests: what stands after the last `/`, unless the name
/// is empty, begins with `<` or ends with `>`, as those of unnamed streams do.
#[must_use]
pub fn guess_filename(name: &str) -> Option<&str> {
    if name.is_empty() || name.starts_with('<') || name.ends_with('>') {
        return None;
    }
    Some(name.rsplit_once('/').map_or(name, |(_, base)| base))
}
