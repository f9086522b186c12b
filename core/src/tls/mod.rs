//! TLS without its socket: what a provider has to do, and what it is set up with.

pub mod error;
pub mod provider;

pub use error::TlsError;
pub use provider::{
    Identity, KeyLog, NoTls, Read, Role, Roots, Stage, TlsConfig, TlsPeer, TlsProvider, TlsSession,
    TlsSetup,
};
