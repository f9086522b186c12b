//! Models: what the core should say, worked out once more in the plainest way.

pub mod chunked;
pub mod cookie;
pub mod date;
pub mod digest;
pub mod head;
pub mod netrc;
pub mod pool;
pub mod request;
pub mod response;
