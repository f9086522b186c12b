//! HTTP sessions in the manner of Python's `requests`, as a state machine without I/O.
//!
//! Who knows requests finds each of its names in [`python`]; who drives the core with a loop of
//! their own begins with [`embedding`].
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

pub mod adapters;
pub mod connection;
pub mod cookies;
pub mod embedding;
pub mod environment;
mod error;
pub mod exchange;
pub mod headers;
pub mod http1;
pub mod io;
mod merged;
pub mod message;
pub mod policy;
pub mod pool;
mod prepare;
pub mod python;
pub mod random;
#[cfg(feature = "json")]
pub mod saved;
pub mod secret;
mod session;
pub mod settings;
pub mod shared;
pub mod time;
pub mod trace;
pub mod url;
pub mod wire;

pub use adapters::Adapter;
pub use cookies::{Cookie, Jar};
pub use environment::Environment;
pub use error::{Cause, Error, ErrorKind};
pub use exchange::{Exchange, Input, Output};
pub use headers::Headers;
pub use message::{Auth, Body, Hooks, Kit, PreparedRequest, Request, Response};
pub use prepare::Prepared;
#[cfg(feature = "json")]
pub use saved::SavedSession;
pub use secret::Secret;
pub use session::{Session, session};
pub use settings::{Limits, Timeouts};
pub use time::{Instant, Now, WallTime};
pub use wire::form::Params;
