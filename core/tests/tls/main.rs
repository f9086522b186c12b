//! TLS as a session sees it, against the server's side of rustls in memory.

#![cfg(any(feature = "tls-aws-lc-rs", feature = "tls-ring"))]
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "what is broken here fails a test")]
#![allow(clippy::indexing_slicing, clippy::panic, reason = "what is broken here fails a test")]

mod certificates;
mod clients;
mod handshake;
mod hostile;
mod peer;
mod resumption;
mod upgraded;
