//! What this side shows to peers that ask for a certificate.

use alloc::sync::Arc;
use core::fmt;
use core::sync::atomic::{AtomicUsize, Ordering};

use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;
use rustls::{InconsistentKeys, SignatureScheme};

use crate::tls::{Identity, TlsError, pem};

/// The certificate of this side with its key.
pub(super) fn certified(
    identity: Identity<'_>,
    crypto: &CryptoProvider,
) -> Result<Arc<CertifiedKey>, TlsError> {
    let chain = pem::certificates(identity.certificates).map_err(TlsError::BadIdentity)?;
    let key = pem::key(identity.key).map_err(TlsError::BadIdentity)?;
    let certified = CertifiedKey::from_der(chain, key, crypto).map_err(|error| {
        TlsError::BadIdentity(match error {
            rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                "the key is not that of the certificate".into()
            }
            rustls::Error::InvalidCertificate(_) => "its certificate is damaged".into(),
            _ => "its key is damaged, or of a kind that cannot be used".into(),
        })
    })?;
    Ok(Arc::new(certified))
}

/// What is shown to peers that ask for a certificate, and how often one has asked.
///
/// Sessions are resumed only where this is the same, so it cannot be made for each connection.
pub(super) struct Shown {
    key: Option<Arc<CertifiedKey>>,
    asked: AtomicUsize,
}

impl Shown {
    pub(super) const fn new(key: Option<Arc<CertifiedKey>>) -> Self {
        Self { key, asked: AtomicUsize::new(0) }
    }

    /// How often a peer has asked so far.
    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// Whether there is something to show.
    pub(super) const fn has_key(&self) -> bool {
        self.key.is_some()
    }
}

impl ResolvesClientCert for Shown {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.key.clone()
    }

    fn has_certs(&self) -> bool {
        self.key.is_some()
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown")
    }
}
