//! The core as a client, over the simulated network.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use sessio_core::exchange::Ask;
use sessio_core::message::{CallOptions, Upload};
use sessio_core::trace::Recording;
use sessio_core::{Exchange, Instant, Kit, Now, Prepared, Request, Session, WallTime};

use super::drive::{Outcome, Run};
use super::fault::Faults;
use super::files::Files;
use super::live::SimLive;
use super::net::{Net, Socket};
use crate::client::source::{Reading, SourceSpec};
use crate::client::{self, Client, Failure, HookLog};
use crate::scenario::{AuthKind, HookSpec};

/// What the simulation attaches to requests.
#[derive(Debug)]
pub struct SimKit;

impl Kit for SimKit {
    type Hook = HookSpec;
    type Auth = AuthKind;
    type Source = SourceSpec;
}

/// A session of the core, its network, its clocks.
pub struct SimClient {
    pub(super) shared: Rc<Shared>,
}

/// What a client and its open streams share.
pub(super) struct Shared {
    pub(super) session: RefCell<Session<Socket, SimKit>>,
    pub(super) net: Rc<RefCell<Net>>,
    pub(super) wall: RefCell<f64>,
    pub(super) faults: RefCell<Faults>,
    pub(super) files: Files,
    /// What was decided so far, in words.
    pub(super) trace: RefCell<Vec<String>>,
    /// The waits before attempts were repeated.
    pub(super) sleeps: RefCell<Vec<Duration>>,
}

impl Shared {
    /// What both clocks say.
    pub(super) fn now(&self) -> Now {
        let mono = u64::try_from(self.net.borrow().now.as_nanos()).expect("a short run");
        #[expect(clippy::cast_possible_truncation, reason = "a time of this era")]
        let millis = (*self.wall.borrow() * 1000.0) as i64;
        Now { mono: Instant::from_nanos(mono), wall: WallTime::from_unix_millis(millis) }
    }
}

impl SimClient {
    /// A fresh session at a wall clock in Unix seconds, with these files in reach.
    #[must_use]
    pub fn new(net: Net, wall: f64, faults: Faults, files: Files) -> Self {
        Self {
            shared: Rc::new(Shared {
                session: RefCell::new(Session::new(1)),
                net: Rc::new(RefCell::new(net)),
                wall: RefCell::new(wall),
                faults: RefCell::new(faults),
                files,
                trace: RefCell::default(),
                sleeps: RefCell::default(),
            }),
        }
    }

    /// The network, once nothing uses it any more.
    #[must_use]
    pub fn net(&self) -> Rc<RefCell<Net>> {
        Rc::clone(&self.shared.net)
    }

    /// The outputs so far.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.shared.faults.borrow().seen()
    }
}

/// Custom auth signs when a request is prepared.
fn signed(mut prepared: Prepared<SimKit>) -> Prepared<SimKit> {
    if let Some(kind) = prepared.auth.take() {
        client::sign(&kind, &mut prepared.request);
    }
    prepared
}

impl Client for SimClient {
    type Socket = Socket;
    type Kit = SimKit;
    type Live = SimLive;

    fn session<R>(&mut self, with: impl FnOnce(&mut Session<Socket, SimKit>) -> R) -> R {
        with(&mut self.shared.session.borrow_mut())
    }

    fn hook(&self, spec: HookSpec, _: &HookLog) -> HookSpec {
        spec
    }

    fn auth(&self, kind: AuthKind) -> AuthKind {
        kind
    }

    fn source(&self, spec: SourceSpec) -> Upload<SourceSpec> {
        Upload { length: spec.length, rewind: spec.rewind, source: spec }
    }

    fn prepare(&mut self, request: Request<SimKit>) -> Result<Prepared<SimKit>, Failure> {
        let now = self.shared.now();
        let prepared = self.shared.session.borrow_mut().prepare_request(request, now)?;
        Ok(signed(prepared))
    }

    fn prepare_bare(&mut self, request: Request<SimKit>) -> Result<Prepared<SimKit>, Failure> {
        Ok(signed(Prepared::bare(request, 1, self.shared.now())?))
    }

    fn send(
        &mut self,
        prepared: Prepared<SimKit>,
        options: CallOptions,
        log: &HookLog,
    ) -> Result<SimLive, Failure> {
        let now = self.shared.now();
        let respond = if prepared.hooks.is_empty() { Ask::Nobody } else { Ask::Runtime };
        let exchange: Exchange<Socket> = {
            let mut session = self.shared.session.borrow_mut();
            session.trace = Recording::On;
            let plan = session.plan(&options, respond, Ask::Nobody);
            session.start(Arc::new(prepared.request), plan, now)?
        };
        let mut run = Run {
            shared: Rc::clone(&self.shared),
            exchange,
            sources: prepared.sources.into_iter().map(Reading::new).collect(),
            hooks: prepared.hooks,
            next_hook: 0,
            options,
            log: Arc::clone(log),
            planted: None,
        };
        match run.until_response()? {
            Outcome::Head => Ok(SimLive::streamed(run)),
            Outcome::Done => Ok(SimLive::whole(run.finish()?)),
        }
    }

    fn sleeps(&self) -> Vec<Duration> {
        self.shared.sleeps.borrow().clone()
    }

    fn trace(&self) -> Vec<String> {
        self.shared.trace.borrow().clone()
    }

    fn advance_clock(&mut self, seconds: f64) {
        *self.shared.wall.borrow_mut() += seconds;
    }

    fn wall(&self) -> WallTime {
        self.shared.now().wall
    }

    fn settle(&mut self) {
        self.shared.net.borrow_mut().settle();
    }
}

/// A moment of the core as one of the network.
pub(super) fn moment(at: Instant) -> Duration {
    Duration::from_nanos(at.as_nanos())
}

impl std::fmt::Debug for SimClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SimClient").finish_non_exhaustive()
    }
}
