//! Bytes in and bytes out: codecs that know neither a session nor a message.

pub mod chunked;
pub mod decode;
pub mod form;
pub mod head;
pub mod multipart;
pub mod request_head;
