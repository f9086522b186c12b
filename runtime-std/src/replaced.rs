//! What a caller may put in the place of the system's own: the resolver, the wall clock.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use sessio_core::shared::Lookups;

use crate::Session;

impl Session {
    /// Has later calls ask `resolver`, with host and port, where to connect; the addresses are
    /// tried in its order, but by turns of IPv6 and IPv4.
    ///
    /// It is asked about every host that is connected to, also about hosts that are IP addresses
    /// (without brackets), so it can keep a call and its redirects away from some of them: an error
    /// of kind `PermissionDenied` says so in the call's error. Other errors, and no addresses at
    /// all, are a name that cannot be looked up. A host that [`connect_to`] sends to a fixed address
    /// is not asked about.
    ///
    /// It runs on the thread of the call, or, if the call has a time limit, on one of its own. The
    /// session is not locked meanwhile. Idle connections are closed, since they were made before.
    ///
    /// [`connect_to`]: sessio_core::shared::Shared::connect_to
    pub fn set_resolver(
        &self,
        resolver: impl Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync + 'static,
    ) {
        let mut guard = self.inner.lock();
        guard.resolver = Some(Arc::new(resolver));
        guard.session.lookups = Lookups::NamesAndAddresses;
        guard.session.close();
    }

    /// Has the operating system asked again, about names only. Idle connections are closed.
    pub fn without_resolver(&self) {
        let mut guard = self.inner.lock();
        guard.resolver = None;
        guard.session.lookups = Lookups::Names;
        guard.session.close();
    }

    /// Reads the time of day from `clock` from now on: it decides when cookies expire. Spans and
    /// time limits are measured by the system's monotonic clock all the same.
    ///
    /// For tests and replays. It is read several times in a call, on its thread, and must not use
    /// the session, which may be locked then.
    pub fn set_wall_clock(&self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) {
        self.inner.clock.set_wall(Some(Arc::new(clock)));
    }

    /// Reads the system's clock again.
    pub fn without_wall_clock(&self) {
        self.inner.clock.set_wall(None);
    }
}
