//! What the tests of this runtime share.

#![allow(dead_code, unused_imports, reason = "each test file uses a part of it")]

mod peer;

pub(crate) use peer::{Peer, counting, field, serve, told};

/// A session that does not look at the environment of the test.
pub(crate) fn session() -> sessio_std::Session {
    let session = sessio_std::Session::new();
    session.lock().trust_env = sessio_std::Trust::NONE;
    session
}
