//! `sessio-smol` as a client, whose names lead to the servers of a scenario.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sessio_core::message::CallOptions;
use sessio_core::{Now, WallTime};
use sessio_smol::{
    AsyncAuthFlow, CoreSession, Hook, Kit, Prepared, Request, Response, Session, Socket, Upload,
};

use super::source;
use crate::client::source::SourceSpec;
use crate::client::{Client, Failure, HookLog};
use crate::loopback::LoopbackWorld;
use crate::real::live::RealLive;
use crate::real::planted::failure;
use crate::real::surroundings::{self, SEED, Signs, Surroundings};
use crate::scenario::{AuthKind, HookSpec};

/// A session of `sessio-smol` and what is around it.
pub struct SmolClient {
    session: Session,
    around: Surroundings,
}

impl SmolClient {
    /// A fresh session for real servers, with the system's clock and names.
    #[must_use]
    pub fn live() -> Self {
        let session = Session::from_core(CoreSession::new(SEED));
        Self { session, around: Surroundings::live() }
    }

    /// A fresh session at a wall clock in Unix seconds.
    #[must_use]
    pub fn new(world: Arc<LoopbackWorld>, wall: f64) -> Self {
        let session = Session::from_core(CoreSession::new(SEED));
        let around = Surroundings::put_around(&session, world, wall);
        Self { session, around }
    }
}

impl Client for SmolClient {
    type Socket = Socket;
    type Kit = Kit;
    type Live = RealLive<Response>;

    fn session<R>(&mut self, with: impl FnOnce(&mut CoreSession) -> R) -> R {
        with(&mut self.session.lock())
    }

    fn hook(&self, spec: HookSpec, log: &HookLog) -> Hook {
        Hook::new(surroundings::hook(spec, log))
    }

    fn auth(&self, kind: AuthKind) -> Arc<dyn AsyncAuthFlow> {
        Arc::new(Signs(kind))
    }

    fn source(&self, spec: SourceSpec) -> Upload {
        source::made(spec)
    }

    fn prepare(&mut self, request: Request) -> Result<Prepared, Failure> {
        self.session.prepare_request(request).map_err(failure)
    }

    fn prepare_bare(&mut self, request: Request) -> Result<Prepared, Failure> {
        let now = Now { wall: self.wall(), ..Now::default() };
        Ok(Prepared::bare(request, SEED, now)?)
    }

    fn send(
        &mut self,
        prepared: Prepared,
        options: CallOptions,
        _: &HookLog,
    ) -> Result<RealLive<Response>, Failure> {
        let sent = self.session.send_with(prepared, options);
        smol::block_on(sent).map(RealLive).map_err(failure)
    }

    fn sleeps(&self) -> Vec<Duration> {
        self.around.sleeps()
    }

    fn trace(&self) -> Vec<String> {
        self.around.trace()
    }

    fn advance_clock(&mut self, seconds: f64) {
        self.around.advance_clock(seconds);
    }

    fn wall(&self) -> WallTime {
        self.around.wall()
    }

    fn settle(&mut self) {
        self.around.settle();
    }
}

impl fmt::Debug for SmolClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmolClient").field("session", &self.session).finish_non_exhaustive()
    }
}
