//! `sessio-std` as a client, whose names lead to the servers of a scenario.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sessio_core::message::CallOptions;
use sessio_core::trace::{Event, What};
use sessio_core::{Now, PreparedRequest, WallTime};
use sessio_std::{
    AuthFlow, BoxError, CoreSession, Hook, Kit, Prepared, Request, Session, Socket, Upload, Verdict,
};

use super::live::StdLive;
use super::planted::{Planted, failure};
use super::source;
use crate::client::hook::{self, Want};
use crate::client::source::SourceSpec;
use crate::client::{self, Client, Failure, HookLog};
use crate::loopback::{LoopbackWorld, Rest};
use crate::peer::{Attempt, LookUp};
use crate::scenario::{AuthKind, HookSpec};

/// The same for every run: boundaries and nonces repeat.
const SEED: u128 = 1;

/// A session of `sessio-std`, the servers, and the wall clock.
pub struct StdClient {
    session: Session,
    servers: Servers,
    wall: Arc<Mutex<SystemTime>>,
}

/// Whom the client talks to.
enum Servers {
    /// Those of a scenario.
    Scripted(Arc<LoopbackWorld>),
    /// Real ones, which nobody can ask whether they rest.
    Real,
}

impl StdClient {
    /// A fresh session for real servers, with the system's clock and names.
    #[must_use]
    pub fn live() -> Self {
        let session = Session::from_core(CoreSession::new(SEED));
        let wall = Arc::new(Mutex::new(SystemTime::now()));
        Self { session, servers: Servers::Real, wall }
    }

    /// A fresh session at a wall clock in Unix seconds.
    #[must_use]
    pub fn new(world: Arc<LoopbackWorld>, wall: f64) -> Self {
        let session = Session::from_core(CoreSession::new(SEED));
        let wall = Arc::new(Mutex::new(UNIX_EPOCH + Duration::from_secs_f64(wall)));
        let time = Arc::clone(&wall);
        session.set_wall_clock(move || *time.lock().unwrap_or_else(PoisonError::into_inner));
        let servers = Arc::clone(&world);
        session.set_resolver(move |host, port| match servers.look_up(host) {
            LookUp::Tell(Some(address)) => Ok(vec![SocketAddr::new(address, port)]),
            LookUp::Tell(None) => Err(io::ErrorKind::NotFound.into()),
            LookUp::Dial => match servers.dial(host, port) {
                (Attempt::Dns, _) => Err(io::ErrorKind::NotFound.into()),
                (_, address) => Ok(vec![address]),
            },
        });
        let servers = Arc::clone(&world);
        session.on_event(move |event| settle_between(&servers, event));
        Self { session, servers: Servers::Scripted(world), wall }
    }
}

/// Waits for the servers to rest before another request of the same call.
fn settle_between(world: &LoopbackWorld, event: &Event) {
    if matches!(event.what, What::Redirect { .. } | What::Answered(_) | What::Resend | What::Again)
    {
        settle(world);
    }
}

fn settle(world: &LoopbackWorld) {
    assert_eq!(world.quiesce(), Rest::Settled, "the servers are never at rest");
}

/// Custom auth of a scenario.
struct Signs(AuthKind);

impl AuthFlow for Signs {
    fn sign(&self, request: &mut PreparedRequest) -> Result<(), BoxError> {
        client::sign(&self.0, request);
        Ok(())
    }
}

impl Client for StdClient {
    type Socket = Socket;
    type Kit = Kit;
    type Live = StdLive;

    fn session<R>(&mut self, with: impl FnOnce(&mut CoreSession) -> R) -> R {
        with(&mut self.session.lock())
    }

    fn hook(&self, spec: HookSpec, log: &HookLog) -> Hook {
        let log = Arc::clone(log);
        Hook::new(move |response, options| match hook::run(&spec, response, options, &log) {
            Want::GoOn => Ok(Verdict::Continue),
            Want::Raise => Err(Box::new(Planted::Hook)),
            Want::Resend(request) => Ok(Verdict::Resend(request)),
        })
    }

    fn auth(&self, kind: AuthKind) -> Arc<dyn AuthFlow> {
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
    ) -> Result<StdLive, Failure> {
        self.session.send_with(prepared, options).map(StdLive::new).map_err(failure)
    }

    fn advance_clock(&mut self, seconds: f64) {
        let mut wall = self.wall.lock().unwrap_or_else(PoisonError::into_inner);
        let span = Duration::from_secs_f64(seconds.abs());
        *wall = if seconds < 0.0 { *wall - span } else { *wall + span };
    }

    fn wall(&self) -> WallTime {
        let wall = *self.wall.lock().unwrap_or_else(PoisonError::into_inner);
        let since = wall.duration_since(UNIX_EPOCH).expect("a time of this era");
        WallTime::from_unix_millis(i64::try_from(since.as_millis()).expect("a time of this era"))
    }

    fn settle(&mut self) {
        match &self.servers {
            Servers::Scripted(world) => settle(world),
            Servers::Real => {}
        }
    }
}

impl fmt::Debug for StdClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StdClient").field("session", &self.session).finish_non_exhaustive()
    }
}
