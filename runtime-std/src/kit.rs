//! What this runtime attaches to requests: hooks, custom auth, upload sources.

use std::sync::Arc;

pub use sessio_runtime::kit::{AuthFlow, AuthVerdict, BoxError, Hook, HookId, HookResult, Verdict};

use crate::upload::Source;

/// The attachments of this runtime.
#[derive(Clone, Copy, Debug)]
pub struct Kit;

impl sessio_core::Kit for Kit {
    type Hook = Hook;
    type Auth = Arc<dyn AuthFlow>;
    type Source = Source;
}
