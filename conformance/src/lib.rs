//! Runs recorded behaviour of Python's requests against every sessio runtime.

pub mod peer;
pub mod pure;
pub mod sha256;
pub mod value;
pub mod vectors;
