//! What a call waits for beside its sockets: look-ups and files, which are threads' work, and time.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use async_io::Timer;
use blocking::{Task, unblock};
use sessio_core::exchange::Deadline;
use sessio_core::io::IoError;
use sessio_core::{Input, Instant};
use sessio_runtime::clock::Clock;
use sessio_runtime::files;
use sessio_runtime::resolve::LookUp;

use crate::io::io_error;
use crate::socket::Socket;

/// The work that is under way for a call. Dropped, nobody hears of its end.
#[derive(Debug, Default)]
pub(crate) enum Work {
    #[default]
    Nothing,
    LookUp(Task<Result<Vec<SocketAddr>, IoError>>),
    File(Task<io::Result<Vec<u8>>>),
}

/// What came of it.
pub(crate) enum Done {
    Addresses(Result<Vec<SocketAddr>, IoError>),
    Text(Result<Vec<u8>, IoError>),
}

impl Done {
    /// What the exchange is told of it.
    pub(crate) fn input(&self) -> Input<'_, Socket> {
        match self {
            Self::Addresses(Ok(found)) => Input::Resolved(found),
            Self::Addresses(Err(why)) => Input::Unresolved(*why),
            Self::Text(Ok(text)) => Input::Loaded(text),
            Self::Text(Err(why)) => Input::NotLoaded(*why),
        }
    }
}

impl Work {
    /// A look-up, on a thread where it holds up nobody.
    pub(crate) fn look_up(look_up: LookUp) -> Self {
        Self::LookUp(unblock(move || {
            // The caller's resolver may panic; the call ends with an error.
            let found = catch_unwind(AssertUnwindSafe(|| look_up.run()));
            found.unwrap_or(Err(IoError::Unresolved))
        }))
    }

    /// The reading of a file.
    pub(crate) fn load(path: &str) -> Self {
        let path = path.to_owned();
        Self::File(unblock(move || files::load(&path)))
    }

    /// Waits for its end; for ever, if there is none.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Done> {
        let done = match self {
            Self::Nothing => return Poll::Pending,
            Self::LookUp(task) => Done::Addresses(ready!(Pin::new(task).poll(cx))),
            Self::File(task) => {
                Done::Text(ready!(Pin::new(task).poll(cx)).map_err(|error| io_error(&error)))
            }
        };
        *self = Self::Nothing;
        Poll::Ready(done)
    }
}

/// Wakes a task when a deadline is over. There is a timer only where one is waited for.
#[derive(Debug, Default)]
pub(crate) struct Alarm {
    /// With the moment at which it goes off.
    timer: Option<(Timer, Instant)>,
}

impl Alarm {
    /// Waits until a deadline is over, which may have moved since it was last asked; for ever, if
    /// there is none.
    pub(crate) fn poll(
        &mut self,
        deadline: Option<Deadline>,
        clock: &Clock,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let Some(Deadline { at, .. }) = deadline else { return Poll::Pending };
        loop {
            match &mut self.timer {
                // One that goes off too early is set again then: a read timeout moves with each
                // byte that comes.
                Some((timer, set_to)) if *set_to <= at => {
                    let is_due = *set_to == at;
                    ready!(Pin::new(timer).poll(cx));
                    self.timer = None;
                    if is_due {
                        return Poll::Ready(());
                    }
                }
                Some(_) | None => {
                    let left = at.since(clock.mono());
                    if left.is_zero() {
                        return Poll::Ready(());
                    }
                    self.timer = Some((Timer::after(left), at));
                }
            }
        }
    }

    /// Waits for so long, from when it is first asked.
    pub(crate) fn poll_pause(
        &mut self,
        span: Duration,
        clock: &Clock,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let (timer, _) =
            self.timer.get_or_insert_with(|| (Timer::after(span), clock.mono().after(span)));
        ready!(Pin::new(timer).poll(cx));
        self.timer = None;
        Poll::Ready(())
    }
}
