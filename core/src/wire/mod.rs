//! Bytes in and bytes out: codecs that know neither a session nor a message.

pub mod charset;
pub mod decode;
#[cfg(feature = "json")]
pub mod json;
pub mod lines;
pub mod pieces;
