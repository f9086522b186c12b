//! What the tests of this runtime share.

#![allow(dead_code, unused_imports, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test helper")]

#[path = "../../../runtime-std/tests/common/peer.rs"]
mod peer;

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

pub(crate) use futures_lite::future::block_on;
pub(crate) use peer::{Peer, counting, field, serve, told};

/// A session that does not look at the environment of the test.
pub(crate) fn session() -> sessio_smol::Session {
    let session = sessio_smol::Session::new();
    session.lock().trust_env = sessio_smol::Trust::NONE;
    session
}

/// Polls a future so often, each time when it asked for it, and drops it then; whether it was over.
pub(crate) fn poll_times<T>(future: impl Future<Output = T>, times: usize) -> Option<T> {
    let mut future = pin!(future);
    let mut left = times;
    block_on(std::future::poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            // The next one would be the last: it is dropped without waiting.
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }))
}

/// How many descriptors this process has.
pub(crate) fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}
