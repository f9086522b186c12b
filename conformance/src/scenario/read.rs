//! What is read of a response after the call has returned.
//!
//! The format is described in `oracle/FORMAT.md`, section 3.5.

use serde_json::Value;

use super::{count, flag, integer, items, optional, text, wrong};
use crate::peer::Malformed;

/// One entry of `read`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadSpec {
    /// The content in pieces.
    IterContent {
        /// Bytes a piece.
        size: PieceSize,
        /// Stops after this many pieces.
        max: Option<usize>,
        /// Gives text.
        decode: bool,
    },
    /// The content in lines.
    IterLines {
        /// Bytes a read.
        chunk_size: i64,
        /// What ends a line, if not the usual ends.
        delimiter: Option<String>,
        /// Stops after this many lines.
        max: Option<usize>,
        /// Gives text.
        decode: bool,
    },
    /// The whole content.
    Content,
    /// The whole text.
    Text,
    /// The content as JSON.
    Json,
    /// Sets the encoding; `None` unsets it.
    SetEncoding(Option<String>),
    /// Closes the response.
    Close,
    /// Fails if the status is an error.
    RaiseForStatus,
    /// Bytes of the body, decoded or as they came.
    RawRead {
        /// How many; `None` is all.
        size: Option<i64>,
        /// Whether content codings are undone.
        decode_content: bool,
    },
}

/// What is given for the size of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PieceSize {
    /// None: as the content comes.
    AsItComes,
    /// This many bytes; not all numbers are usable.
    Bytes(i64),
    /// Nothing that could be a size: an error is expected.
    Unusable(Value),
}

impl PieceSize {
    fn parse(size: &Value) -> Self {
        match size {
            Value::Null => Self::AsItComes,
            other => other.as_i64().map_or_else(|| Self::Unusable(other.clone()), Self::Bytes),
        }
    }
}

pub(super) fn all(reads: &Value) -> Result<Vec<ReadSpec>, Malformed> {
    items(reads)?.iter().map(ReadSpec::parse).collect()
}

impl ReadSpec {
    fn parse(read: &Value) -> Result<Self, Malformed> {
        let members = read.as_object().ok_or_else(|| wrong("read", read))?;
        let is = |name: &str| members.contains_key(name);
        let max = || optional(read, "max", count);
        let switch = |name: &str| Ok(optional(read, name, flag)?.unwrap_or(false));
        if is("iter_content") {
            let size = PieceSize::parse(&read["iter_content"]);
            return Ok(Self::IterContent { size, max: max()?, decode: switch("decode")? });
        }
        if is("iter_lines") {
            let lines = &read["iter_lines"];
            return Ok(Self::IterLines {
                chunk_size: optional(lines, "chunk_size", integer)?.unwrap_or(512),
                delimiter: optional(lines, "delimiter", text)?,
                max: max()?,
                decode: switch("decode")?,
            });
        }
        if is("raw_read") {
            let size = optional(read, "raw_read", integer)?;
            return Ok(Self::RawRead { size, decode_content: switch("decode_content")? });
        }
        if is("set_encoding") {
            return optional(read, "set_encoding", text).map(Self::SetEncoding);
        }
        let plain = [
            ("content", Self::Content),
            ("text", Self::Text),
            ("json", Self::Json),
            ("close", Self::Close),
            ("raise_for_status", Self::RaiseForStatus),
        ];
        let found = plain.into_iter().find(|(name, _)| is(name));
        found.map(|(_, spec)| spec).ok_or_else(|| wrong("read", read))
    }
}
