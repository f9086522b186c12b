//! The clocks of this process, read as the core wants them, and waiting by them.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use sessio_core::{Now, WallTime};

/// What stands in for the system's wall clock.
pub type WallClock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// What stands in for sleeping.
pub type Sleep = Arc<dyn Fn(Duration) + Send + Sync>;

/// The monotonic clock, counted from when the session was made, and the wall clock.
pub struct Clock {
    zero: Instant,
    /// `None` is the system's.
    wall: RwLock<Option<WallClock>>,
    /// `None` is the thread's.
    sleep: RwLock<Option<Sleep>>,
    /// Nanoseconds that were waited without being slept.
    skipped: AtomicU64,
}

impl Clock {
    /// Counts from now.
    #[must_use]
    pub fn start() -> Self {
        Self {
            zero: Instant::now(),
            wall: RwLock::new(None),
            sleep: RwLock::new(None),
            skipped: AtomicU64::new(0),
        }
    }

    /// The monotonic clock.
    #[must_use]
    pub fn mono(&self) -> sessio_core::Instant {
        let skipped = self.skipped.load(Ordering::Relaxed);
        sessio_core::Instant::from_nanos(nanos(self.zero.elapsed()).saturating_add(skipped))
    }

    /// The wall clock.
    #[must_use]
    pub fn wall(&self) -> WallTime {
        // Read outside the lock: the caller's clock may do what it likes.
        let wall = self.wall.read().unwrap_or_else(PoisonError::into_inner).clone();
        wall_time(wall.map_or_else(SystemTime::now, |wall| wall()))
    }

    /// Both clocks.
    #[must_use]
    pub fn now(&self) -> Now {
        let wall = self.wall();
        Now { mono: self.mono(), wall }
    }

    /// Lets the wait before another attempt pass, where sleeping is replaced; else, and where
    /// something else is waited for, it is the runtime's to wait until the deadline. To be told what
    /// `Exchange::wait_span` says.
    pub fn pass(&self, wait_span: Option<Duration>) -> Passed {
        let Some(span) = wait_span else { return Passed::NotYet };
        let sleep = self.sleep.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(sleep) = sleep else { return Passed::NotYet };
        sleep(span);
        self.skipped.fetch_add(nanos(span), Ordering::Relaxed);
        Passed::Already
    }

    /// Replaces sleeping; `None` is the runtime's own.
    pub fn set_sleep(&self, sleep: Option<Sleep>) {
        *self.sleep.write().unwrap_or_else(PoisonError::into_inner) = sleep;
    }

    /// Replaces the wall clock; `None` is the system's.
    pub fn set_wall(&self, wall: Option<WallClock>) {
        *self.wall.write().unwrap_or_else(PoisonError::into_inner) = wall;
    }
}

/// Whether a wait is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passed {
    /// It is, by the clock too.
    Already,
    /// It has not begun.
    NotYet,
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").field("zero", &self.zero).finish_non_exhaustive()
    }
}

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

fn wall_time(time: SystemTime) -> WallTime {
    let millis = |span: Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    WallTime::from_unix_millis(match time.duration_since(UNIX_EPOCH) {
        Ok(after) => millis(after),
        Err(before) => millis(before.duration()).saturating_neg(),
    })
}
