//! TLS by rustls 0.23 over its unbuffered interface: TLS 1.2 and 1.3, no clock, no sockets.
//!
//! Nothing of rustls shows outside of this folder and `pem.rs`: its next version has another shape.

mod config;
mod identity;
mod refusal;
mod session;
mod tickets;
mod verify;

use alloc::sync::Arc;

use rustls::crypto::CryptoProvider;

use self::config::Config;
use super::{TlsConfig, TlsError, TlsProvider, TlsSetup};

/// The provider that comes along. With both features on the cryptography is that of aws-lc-rs.
#[derive(Debug)]
pub(super) struct Rustls {
    crypto: Arc<CryptoProvider>,
}

impl Rustls {
    pub(super) fn new() -> Self {
        #[cfg(feature = "tls-aws-lc-rs")]
        let crypto = rustls::crypto::aws_lc_rs::default_provider();
        #[cfg(not(feature = "tls-aws-lc-rs"))]
        let crypto = rustls::crypto::ring::default_provider();
        Self { crypto: Arc::new(crypto) }
    }
}

impl TlsProvider for Rustls {
    fn configure(&self, setup: &TlsSetup<'_>) -> Result<Arc<dyn TlsConfig>, TlsError> {
        Ok(Arc::new(Config::new(&self.crypto, setup)?))
    }
}
