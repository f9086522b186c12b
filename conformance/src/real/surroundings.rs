//! What a runtime's session has around it in a scenario: the servers under their names, the wall
//! clock, and who hears what it decides.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sessio_core::trace::{Event, What};
use sessio_core::{Kit, PreparedRequest, WallTime};
use sessio_runtime::{AuthFlow, BoxError, HookResult, SharedSession, Verdict, Waiters};

use super::planted::Planted;
use crate::client::hook::{self, Want};
use crate::client::{self, HookLog};
use crate::loopback::{LoopbackWorld, Rest};
use crate::peer::{Attempt, LookUp};
use crate::scenario::{AuthKind, HookSpec};

/// The same for every run: boundaries and nonces repeat.
pub const SEED: u128 = 1;

/// Servers, wall clock and trace of a session over real sockets.
pub struct Surroundings {
    servers: Servers,
    wall: Arc<Mutex<SystemTime>>,
    trace: Arc<Mutex<Vec<String>>>,
    sleeps: Arc<Mutex<Vec<Duration>>>,
}

/// Whom the client talks to.
enum Servers {
    /// Those of a scenario.
    Scripted(Arc<LoopbackWorld>),
    /// Real ones, which nobody can ask whether they rest.
    Real,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Surroundings {
    /// Puts them around a fresh session, at a wall clock in Unix seconds.
    pub fn put_around<S, K: Kit, W: Waiters>(
        session: &SharedSession<S, K, W>,
        world: Arc<LoopbackWorld>,
        wall: f64,
    ) -> Self {
        let wall = Arc::new(Mutex::new(UNIX_EPOCH + Duration::from_secs_f64(wall)));
        let time = Arc::clone(&wall);
        session.set_wall_clock(move || *locked(&time));
        let sleeps: Arc<Mutex<Vec<Duration>>> = Arc::default();
        let log = Arc::clone(&sleeps);
        session.set_sleep(move |span| locked(&log).push(span));
        let servers = Arc::clone(&world);
        session.set_resolver(move |host, port| resolve(&servers, host, port));
        let (servers, trace) = (Arc::clone(&world), Arc::<Mutex<Vec<String>>>::default());
        let told = Arc::clone(&trace);
        session.on_event(move |event| {
            locked(&told).push(event.what.to_string());
            settle_between(&servers, event);
        });
        Self { servers: Servers::Scripted(world), wall, trace, sleeps }
    }

    /// Real servers, with the system's clock and names.
    #[must_use]
    pub fn live() -> Self {
        let wall = Arc::new(Mutex::new(SystemTime::now()));
        Self { servers: Servers::Real, wall, trace: Arc::default(), sleeps: Arc::default() }
    }

    /// What was decided so far, in words.
    #[must_use]
    pub fn trace(&self) -> Vec<String> {
        locked(&self.trace).clone()
    }

    /// The waits before attempts were repeated, which took no time.
    #[must_use]
    pub fn sleeps(&self) -> Vec<Duration> {
        locked(&self.sleeps).clone()
    }

    /// Changes the wall clock.
    pub fn advance_clock(&self, seconds: f64) {
        let mut wall = locked(&self.wall);
        let span = Duration::from_secs_f64(seconds.abs());
        *wall = if seconds < 0.0 { *wall - span } else { *wall + span };
    }

    /// The wall clock.
    #[must_use]
    pub fn wall(&self) -> WallTime {
        let since = locked(&self.wall).duration_since(UNIX_EPOCH).expect("a time of this era");
        WallTime::from_unix_millis(i64::try_from(since.as_millis()).expect("a time of this era"))
    }

    /// Waits for the servers to rest.
    pub fn settle(&self) {
        match &self.servers {
            Servers::Scripted(world) => settle(world),
            Servers::Real => {}
        }
    }
}

fn resolve(servers: &LoopbackWorld, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    match servers.look_up(host) {
        LookUp::Tell(Some(address)) => Ok(vec![SocketAddr::new(address, port)]),
        LookUp::Tell(None) => Err(io::ErrorKind::NotFound.into()),
        LookUp::Dial => match servers.dial(host, port) {
            (Attempt::Dns, _) => Err(io::ErrorKind::NotFound.into()),
            (_, address) => Ok(vec![address]),
        },
    }
}

/// Waits for the servers to rest before another request of the same call.
fn settle_between(world: &LoopbackWorld, event: &Event) {
    let goes_on = matches!(
        event.what,
        What::Redirect { .. } | What::Answered(_) | What::Resend | What::Again | What::Retry(_)
    );
    if goes_on {
        settle(world);
    }
}

fn settle(world: &LoopbackWorld) {
    assert_eq!(world.quiesce(), Rest::Settled, "the servers are never at rest");
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings").finish_non_exhaustive()
    }
}

/// Custom auth of a scenario.
#[derive(Debug)]
pub struct Signs(pub AuthKind);

impl AuthFlow for Signs {
    fn sign(&self, request: &mut PreparedRequest) -> Result<(), BoxError> {
        client::sign(&self.0, request);
        Ok(())
    }
}

/// What a hook of a scenario does.
pub fn hook(
    spec: HookSpec,
    log: &HookLog,
) -> impl Fn(&mut sessio_core::Response, &sessio_core::message::CallOptions) -> HookResult
+ Send
+ Sync
+ 'static {
    let log = Arc::clone(log);
    move |response, options| match hook::run(&spec, response, options, &log) {
        Want::GoOn => Ok(Verdict::Continue),
        Want::Raise => Err(Box::new(Planted::Hook)),
        Want::Resend(request) => Ok(Verdict::Resend(request)),
    }
}
