//! What the caller attached to a call, beside its message.

use std::fmt;

use sessio_core::message::CallOptions;
use sessio_core::{Hooks, Kit, Prepared, PreparedRequest};

/// What the caller attached to a call: the runtime's part of it.
pub struct Attached<K: Kit> {
    /// The hooks.
    pub hooks: Hooks<K::Hook>,
    /// Custom auth.
    pub auth: Option<K::Auth>,
    /// Where the bytes of a streamed body come from.
    pub sources: Vec<K::Source>,
    /// The options.
    pub options: CallOptions,
}

impl<K: Kit> Attached<K> {
    /// Options alone.
    #[must_use]
    pub const fn only(options: CallOptions) -> Self {
        Self { hooks: Hooks::new(), auth: None, sources: Vec::new(), options }
    }

    /// A prepared request taken apart into its message and the rest.
    #[must_use]
    pub fn split(prepared: Prepared<K>) -> (PreparedRequest, Self) {
        let Prepared { request, hooks, auth, sources, options } = prepared;
        (request, Self { hooks, auth, sources, options })
    }

    /// The same for another call, whose body, if it has one, has no sources.
    #[must_use]
    pub fn without_sources(&self) -> Self {
        Self {
            hooks: self.hooks.clone(),
            auth: self.auth.clone(),
            sources: Vec::new(),
            options: self.options.clone(),
        }
    }
}

impl<K: Kit> Default for Attached<K> {
    fn default() -> Self {
        Self::only(CallOptions::default())
    }
}

impl<K: Kit> fmt::Debug for Attached<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attached")
            .field("hooks", &self.hooks.response().len())
            .field("sources", &self.sources.len())
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
