//! A runtime whose calls are waited for as a client, whose names lead to the servers of a scenario.

use std::fmt;
use std::io::{self, Read};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use sessio_core::message::{CallOptions, Rewind, Upload};
use sessio_core::{Kit, Now, Prepared, Request, Session, WallTime};
use sessio_runtime::blocking::{Front, Response};
use sessio_runtime::{Attached, AuthFlow, Feed, Hook, Result, SharedSession, Waiters, upload};

use super::live::{Reads, RealLive};
use super::planted::failure;
use super::source::{File, item};
use super::surroundings::{self, SEED, Signs, Surroundings};
use crate::client::source::SourceSpec;
use crate::client::{Client, Failure, HookLog};
use crate::loopback::LoopbackWorld;
use crate::scenario::{Ability, AuthKind, HookSpec};

/// A runtime whose calls are waited for.
pub trait Runtime: Sized {
    /// What it keeps connections in.
    type Socket;
    /// What it attaches to requests; its sources are those that all runtimes share.
    type Kit: Kit<Hook = Hook, Auth = Arc<dyn AuthFlow>, Source: From<upload::Source>>;
    /// Who waits for a place.
    type Waiters: Waiters;
    /// Its calls.
    type Feed: Feed;
    /// Its session.
    type Session: Front<Feed = Self::Feed, Kit = Self::Kit>
        + Deref<Target = SharedSession<Self::Socket, Self::Kit, Self::Waiters>>
        + fmt::Debug;

    /// A session of a core session.
    fn session(core: Session<Self::Socket, Self::Kit>) -> Self::Session;
}

/// A session of such a runtime and what is around it.
pub struct BlockingClient<R: Runtime> {
    session: R::Session,
    around: Surroundings,
}

impl<R: Runtime> BlockingClient<R> {
    /// A fresh session for real servers, with the system's clock and names.
    #[must_use]
    pub fn live() -> Self {
        Self { session: R::session(Session::new(SEED)), around: Surroundings::live() }
    }

    /// A fresh session at a wall clock in Unix seconds.
    #[must_use]
    pub fn new(world: Arc<LoopbackWorld>, wall: f64) -> Self {
        let session = R::session(Session::new(SEED));
        let around = Surroundings::put_around(&session, world, wall);
        Self { session, around }
    }
}

impl<R: Runtime> Client for BlockingClient<R> {
    type Socket = R::Socket;
    type Kit = R::Kit;
    type Live = RealLive<Response<R::Feed, R::Kit>>;

    fn session<T>(&mut self, with: impl FnOnce(&mut Session<Self::Socket, Self::Kit>) -> T) -> T {
        with(&mut self.session.lock())
    }

    fn hook(&self, spec: HookSpec, log: &HookLog) -> Hook {
        Hook::new(surroundings::hook(spec, log))
    }

    fn auth(&self, kind: AuthKind) -> Arc<dyn AuthFlow> {
        Arc::new(Signs(kind))
    }

    fn source(&self, spec: SourceSpec) -> Upload<<R::Kit as Kit>::Source> {
        made(spec)
    }

    fn prepare(
        &mut self,
        request: Request<R::Kit>,
    ) -> std::result::Result<Prepared<R::Kit>, Failure> {
        self.session.prepare_request(request).map_err(failure)
    }

    fn prepare_bare(
        &mut self,
        request: Request<R::Kit>,
    ) -> std::result::Result<Prepared<R::Kit>, Failure> {
        let now = Now { wall: self.wall(), ..Now::default() };
        Ok(Prepared::bare(request, SEED, now)?)
    }

    fn send(
        &mut self,
        prepared: Prepared<R::Kit>,
        options: CallOptions,
        _: &HookLog,
    ) -> std::result::Result<Self::Live, Failure> {
        let (request, attached) = Attached::split(prepared);
        let sent = self.session.call(request.into(), Attached { options, ..attached });
        sent.map(RealLive).map_err(failure)
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

impl<R: Runtime> fmt::Debug for BlockingClient<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockingClient").field("session", &self.session).finish_non_exhaustive()
    }
}

impl<F: Feed, K: Kit> Reads for Response<F, K> {
    fn content_items(&mut self, size: usize) -> impl Iterator<Item = Result<impl Into<Vec<u8>>>> {
        self.iter_content(size)
    }

    fn text_items(&mut self, size: usize) -> impl Iterator<Item = Result<String>> {
        self.iter_text(size)
    }

    fn lines(&mut self, between: &[u8]) -> impl Iterator<Item = Result<impl Into<Vec<u8>>>> {
        self.iter_lines_by(between)
    }

    fn text_lines(&mut self, between: &str) -> impl Iterator<Item = Result<String>> {
        self.iter_text_lines_by(between)
    }

    fn whole(&mut self) -> Result<impl Into<Vec<u8>>> {
        self.content()
    }

    fn as_it_came(&mut self) {
        let _ = self.raw();
    }

    fn read_most(&mut self, most: u64) -> io::Result<Vec<u8>> {
        let mut read = Vec::new();
        Read::take(self, most).read_to_end(&mut read).map(|_| read)
    }

    fn give_up(&mut self) {
        self.close();
    }
}

/// The upload that delivers what the scenario says.
fn made<S: From<upload::Source>>(spec: SourceSpec) -> Upload<S> {
    let SourceSpec { ref items, length, rewind, back } = spec;
    let made = match (length, rewind) {
        (Some(length), Rewind::Impossible) => {
            upload::sized_reader(File::new(spec.clone(), length), length)
        }
        (Some(length), Rewind::Possible) => {
            upload::seekable(File::new(spec.clone(), length)).expect("nothing was read yet")
        }
        (None, _) => match items.iter().cloned().collect::<Option<Vec<Vec<u8>>>>() {
            Some(items) if back == Ability::Works => upload::repeatable(items),
            Some(_) | None => upload::chunks(items.clone().into_iter().map(item)),
        },
    };
    // What a file says of itself, which need not be so.
    Upload { source: made.source.into(), length: made.length, rewind }
}
