//! Bytes in and bytes out: codecs that know neither a session nor a message.

pub mod challenge;
pub mod charset;
pub mod chunked;
pub mod decode;
pub mod float;
pub mod form;
pub mod head;
#[cfg(feature = "json")]
pub mod json;
#[cfg(feature = "json")]
pub mod json_out;
pub mod lines;
pub mod multipart;
pub mod pieces;
pub mod request_head;
pub mod socks;
pub mod tunnel;
