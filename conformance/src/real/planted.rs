//! Failures that a scenario plants, on their way through the client and back.

use std::fmt;
use std::io;

use crate::client::Failure;

/// A failure that a scenario asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Planted {
    /// Of a hook (`raise:X`).
    Hook,
    /// Of a source (`{"raise": m}`).
    Source,
}

impl fmt::Display for Planted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("planted by the scenario")
    }
}

impl std::error::Error for Planted {}

/// What a call of a runtime ended in: the planted failure if it is behind it.
pub(crate) fn failure(error: sessio_runtime::Error) -> Failure {
    match error.user().and_then(planted) {
        Some(Planted::Hook) => Failure::Hook,
        Some(Planted::Source) => Failure::Source,
        None => Failure::from(error.into_core()),
    }
}

/// What reading a body through `io::Read` ended in.
pub(crate) fn reading_failure(error: io::Error) -> Failure {
    match error.downcast::<sessio_runtime::Error>() {
        Ok(error) => failure(error),
        Err(error) => Failure::Unsayable(format!("an I/O error without an error of ours: {error}")),
    }
}

/// The planted failure, as it is or within an I/O error.
fn planted(user: &(dyn std::error::Error + Send + Sync + 'static)) -> Option<Planted> {
    let within = || user.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref();
    user.downcast_ref().or_else(within).copied()
}
