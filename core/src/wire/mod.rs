//! Bytes in and bytes out: codecs that know neither a session nor a message.

pub mod float;
#[cfg(feature = "json")]
pub mod json_out;
