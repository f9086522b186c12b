//! SHA-256 of long bodies, as results name them.

use sha2::{Digest, Sha256};

/// The digest in lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
