//! Adapters in a saved session: all that is said of them, since they are plain data.
//!
//! Source: `HTTPAdapter.__getstate__` in requests 2.34.2, `adapters.py`.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::retry::SavedRetry;
use super::{RestoreSessionError, SavedCertificate};
use crate::adapters::{Adapter, Adapters};
use crate::pool::PoolCaps;

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct SavedAdapter {
    prefix: String,
    pool_connections: usize,
    pool_maxsize: usize,
    #[serde(default)]
    max_retries: SavedRetry,
    #[serde(default)]
    cert: Option<SavedCertificate>,
}

/// The adapters in their order.
pub(super) fn save(adapters: &Adapters) -> Vec<SavedAdapter> {
    let save = |(prefix, adapter): (&str, &Adapter)| {
        let Adapter { pool, cert, max_retries } = adapter;
        let PoolCaps { pool_connections, pool_maxsize } = *pool;
        SavedAdapter {
            prefix: prefix.into(),
            pool_connections,
            pool_maxsize,
            max_retries: SavedRetry::of(max_retries),
            cert: cert.as_ref().map(SavedCertificate::of),
        }
    };
    adapters.iter().map(save).collect()
}

/// The adapters in order: mounting puts a prefix behind those of its length, so it stays.
///
/// # Errors
/// If a method that one of them retries is none.
pub(super) fn restore(
    saved: Vec<SavedAdapter>,
) -> Result<Vec<(String, Adapter)>, RestoreSessionError> {
    let restore = |saved: SavedAdapter| {
        let SavedAdapter { prefix, pool_connections, pool_maxsize, max_retries, cert } = saved;
        let pool = PoolCaps { pool_connections, pool_maxsize };
        let max_retries: Option<_> = SavedRetry::into_retry(max_retries);
        let max_retries = max_retries.ok_or(RestoreSessionError::Method)?;
        let cert = cert.map(SavedCertificate::into_certificate);
        Ok((prefix, Adapter { pool, cert, max_retries }))
    };
    saved.into_iter().map(restore).collect()
}
