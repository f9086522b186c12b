//! A connection that no longer speaks HTTP, with the session in which its place is counted.

use std::fmt;
use std::ops::{Deref, DerefMut};

use sessio_core::{Kit, exchange};

use crate::Waiters;
use crate::shared::Wake;

/// A connection that a call handed over: the core's [`Upgraded`](exchange::Upgraded), which it leads
/// to. When it is dropped, its place is free, and who waits for one looks again.
pub struct Upgraded<S, K: Kit, W: Waiters> {
    core: exchange::Upgraded<S>,
    /// Last, so that it is dropped after the place.
    wake: Wake<S, K, W>,
}

impl<S, K: Kit, W: Waiters> Upgraded<S, K, W> {
    /// Puts the session to it, once its call is over.
    pub const fn new(core: exchange::Upgraded<S>, wake: Wake<S, K, W>) -> Self {
        Self { core, wake }
    }

    /// Takes it apart: the socket, and the bytes that came in and were not read.
    ///
    /// # Errors
    /// Itself, if there is TLS, or bytes are still to be sent.
    pub fn into_socket(self) -> Result<(S, Vec<u8>), Box<Self>> {
        let Self { core, wake } = self;
        core.into_socket().map_err(|core| Box::new(Self { core: *core, wake }))
    }
}

impl<S, K: Kit, W: Waiters> Deref for Upgraded<S, K, W> {
    type Target = exchange::Upgraded<S>;

    fn deref(&self) -> &exchange::Upgraded<S> {
        &self.core
    }
}

impl<S, K: Kit, W: Waiters> DerefMut for Upgraded<S, K, W> {
    fn deref_mut(&mut self) -> &mut exchange::Upgraded<S> {
        &mut self.core
    }
}

impl<S, K: Kit, W: Waiters> fmt::Debug for Upgraded<S, K, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core.fmt(f)
    }
}
