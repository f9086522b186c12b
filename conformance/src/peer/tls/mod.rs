//! The scripted servers' side of TLS, by rustls: at most TLS 1.2, so that a missing client
//! certificate shows in the handshake.
//!
//! The format is described in `oracle/FORMAT.md`, sections 3.6 and 6.

mod certificate;
mod layer;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustls::pki_types::pem::{Error, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::version::TLS12;
use rustls::{RootCertStore, ServerConfig, ServerConnection};

use super::line::{TlsLayer, TlsProvider};
use super::script::{TlsClients, TlsScript};
use layer::{RustlsLayer, Unusable};

/// The test certificates that come along.
pub const CERTIFICATES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/oracle/certs");

/// Servers with the certificates of one directory. Clones share what was read.
#[derive(Clone, Debug)]
pub struct Certificates {
    directory: PathBuf,
    configs: Arc<Mutex<BTreeMap<TlsScript, Arc<ServerConfig>>>>,
}

impl Certificates {
    /// The certificates of a directory: `NAME.pem` with `NAME.key`, and `ca.pem` for clients.
    #[must_use]
    pub fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), configs: Arc::default() }
    }

    /// The test certificates that come along, read once for all runs.
    #[must_use]
    pub fn shared() -> Arc<dyn TlsProvider> {
        static SHARED: OnceLock<Certificates> = OnceLock::new();
        Arc::new(SHARED.get_or_init(Self::default).clone())
    }

    /// What servers with this script have in common, made at the first one.
    fn config(&self, script: &TlsScript) -> Result<Arc<ServerConfig>, String> {
        let mut configs = self.configs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = configs.get(script) {
            return Ok(Arc::clone(config));
        }
        let config = Arc::new(self.made(script)?);
        configs.insert(script.clone(), Arc::clone(&config));
        Ok(config)
    }

    fn made(&self, script: &TlsScript) -> Result<ServerConfig, String> {
        let name = &script.certificate;
        let chain = self.chain(name)?;
        let key = PrivateKeyDer::from_pem_file(self.directory.join(format!("{name}.key")));
        let key = key.map_err(|error| format!("the key of {name}: {error}"))?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&TLS12]);
        let builder = builder.map_err(|error| error.to_string())?;
        let builder = match script.clients {
            TlsClients::Unasked => builder.with_no_client_auth(),
            TlsClients::Optional | TlsClients::Required => {
                let mut roots = RootCertStore::empty();
                for root in self.chain("ca")? {
                    roots.add(root).map_err(|error| format!("ca: {error}"))?;
                }
                let clients = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
                let clients = match script.clients {
                    TlsClients::Optional => clients.allow_unauthenticated(),
                    TlsClients::Unasked | TlsClients::Required => clients,
                };
                let clients = clients.build().map_err(|error| format!("ca: {error}"))?;
                builder.with_client_cert_verifier(clients)
            }
        };
        builder.with_single_cert(chain, key).map_err(|error| format!("{name}: {error}"))
    }

    fn chain(&self, name: &str) -> Result<Vec<CertificateDer<'static>>, String> {
        let file = self.directory.join(format!("{name}.pem"));
        let chain = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
        chain.map_err(|error: Error| format!("the certificate {name}: {error}"))
    }
}

impl Default for Certificates {
    /// The test certificates that come along.
    fn default() -> Self {
        Self::new(Path::new(CERTIFICATES))
    }
}

impl TlsProvider for Certificates {
    /// A server whose certificate cannot be used breaks every connection off.
    fn accept(&self, script: &TlsScript) -> Box<dyn TlsLayer> {
        let connection = self.config(script).and_then(|config| {
            ServerConnection::new(config).map_err(|error| format!("{script:?}: {error}"))
        });
        match connection {
            Ok(connection) => Box::new(RustlsLayer::new(connection)),
            Err(why) => Box::new(Unusable(why)),
        }
    }
}

#[cfg(test)]
mod tests;
