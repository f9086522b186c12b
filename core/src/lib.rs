//! HTTP sessions in the manner of Python's `requests`, as a state machine without I/O.
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unwrap_used
    )
)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod cookies;
pub mod environment;
pub mod headers;
pub mod message;
pub mod policy;
pub mod secret;
pub mod time;
pub mod url;
pub mod wire;

pub use headers::Headers;
pub use secret::Secret;
pub use time::{Instant, Now, WallTime};
