//! Bytes in and bytes out: codecs that know neither a session nor a message.

pub mod decode;
pub mod form;
pub mod multipart;
