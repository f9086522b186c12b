//! TLS without its socket: what a provider has to do, what it is set up with, and one that does it.

pub(crate) mod configs;
pub mod error;
#[cfg(any(feature = "tls-aws-lc-rs", feature = "tls-ring"))]
mod pem;
pub mod provider;
#[cfg(any(feature = "tls-aws-lc-rs", feature = "tls-ring"))]
mod rustls;

use alloc::sync::Arc;

pub use error::TlsError;
pub use provider::{
    ALPN, Identity, KeyLog, NoTls, Read, Role, Roots, Stage, TlsConfig, TlsPeer, TlsProvider,
    TlsSession, TlsSetup, UNUSED_MAX,
};

/// The provider that this build has: rustls, by the features `tls-aws-lc-rs` (which goes first) and
/// `tls-ring`, or else [`NoTls`].
#[must_use]
pub fn default_provider() -> Arc<dyn TlsProvider> {
    #[cfg(any(feature = "tls-aws-lc-rs", feature = "tls-ring"))]
    return Arc::new(rustls::Rustls::new());
    #[cfg(not(any(feature = "tls-aws-lc-rs", feature = "tls-ring")))]
    return Arc::new(NoTls);
}
