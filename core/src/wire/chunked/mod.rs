//! The chunked transfer coding, in and out.
//!
//! Source: RFC 9112, section 7.1.

mod decode;
mod encode;
mod error;

pub use decode::{Chunk, ChunkLimits, Decoder, Step};
pub use encode::{DATA_END, LAST_CHUNK, SIZE_LINE_ROOM, size_line};
pub use error::ChunkError;

#[cfg(test)]
mod tests;
