//! Configurations of TLS that a session has made, so that connections share them and their tickets.

use alloc::sync::Arc;
use alloc::vec::Vec;

use bytes::Bytes;

use super::{Identity, KeyLog, Roots, TlsConfig, TlsError, TlsProvider, TlsSetup};
use crate::secret::Secret;

/// How many configurations are kept; of more, the one least recently used is forgotten, and its
/// tickets with it.
const KEPT_MAX: usize = 32;

/// What a configuration is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Material {
    pub(crate) roots: Trusted,
    /// Certificate and key in PEM.
    pub(crate) identity: Option<(Bytes, Secret<Bytes>)>,
}

/// Whose certificates are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trusted {
    /// Anybody's.
    Anybody,
    /// Those of the built-in roots.
    BuiltIn,
    /// Those of this text in PEM.
    Pem(Bytes),
}

/// The configurations of a session, the most recently used one last.
#[derive(Debug, Default)]
pub(crate) struct Configs {
    kept: Vec<Kept>,
}

#[derive(Debug)]
struct Kept {
    material: Material,
    provider: Arc<dyn TlsProvider>,
    key_log: Option<Arc<dyn KeyLog>>,
    config: Arc<dyn TlsConfig>,
}

impl Kept {
    fn is(
        &self,
        material: &Material,
        provider: &Arc<dyn TlsProvider>,
        key_log: Option<&Arc<dyn KeyLog>>,
    ) -> bool {
        let same_log = match (&self.key_log, key_log) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        same_log && Arc::ptr_eq(&self.provider, provider) && self.material == *material
    }
}

impl Configs {
    /// The configuration of this material: that of before, if there is one.
    ///
    /// # Errors
    /// If roots or identity cannot be used.
    pub(crate) fn get(
        &mut self,
        material: &Material,
        provider: &Arc<dyn TlsProvider>,
        key_log: Option<&Arc<dyn KeyLog>>,
    ) -> Result<Arc<dyn TlsConfig>, TlsError> {
        if let Some(place) = self.kept.iter().position(|k| k.is(material, provider, key_log)) {
            let found = self.kept.remove(place);
            let config = Arc::clone(&found.config);
            self.kept.push(found);
            return Ok(config);
        }
        let config = provider.configure(&TlsSetup {
            roots: match &material.roots {
                Trusted::Anybody => Roots::Anybody,
                Trusted::BuiltIn => Roots::BuiltIn,
                Trusted::Pem(text) => Roots::Pem(text),
            },
            identity: material
                .identity
                .as_ref()
                .map(|(certificates, key)| Identity { certificates, key: key.reveal() }),
            key_log,
        })?;
        if self.kept.len() >= KEPT_MAX {
            self.kept.remove(0);
        }
        self.kept.push(Kept {
            material: material.clone(),
            provider: Arc::clone(provider),
            key_log: key_log.cloned(),
            config: Arc::clone(&config),
        });
        Ok(config)
    }
}
