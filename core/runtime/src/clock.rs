//! The clocks of this process, read as the core wants them.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use sessio_core::{Now, WallTime};

/// What stands in for the system's wall clock.
pub type WallClock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// The monotonic clock, counted from when the session was made, and the wall clock.
pub struct Clock {
    zero: Instant,
    /// `None` is the system's.
    wall: RwLock<Option<WallClock>>,
}

impl Clock {
    /// Counts from now.
    #[must_use]
    pub fn start() -> Self {
        Self { zero: Instant::now(), wall: RwLock::new(None) }
    }

    /// The monotonic clock.
    #[must_use]
    pub fn mono(&self) -> sessio_core::Instant {
        let nanos = u64::try_from(self.zero.elapsed().as_nanos()).unwrap_or(u64::MAX);
        sessio_core::Instant::from_nanos(nanos)
    }

    /// Both clocks.
    #[must_use]
    pub fn now(&self) -> Now {
        // Read outside the lock: the caller's clock may do what it likes.
        let wall = self.wall.read().unwrap_or_else(PoisonError::into_inner).clone();
        let wall = wall.map_or_else(SystemTime::now, |wall| wall());
        Now { mono: self.mono(), wall: wall_time(wall) }
    }

    /// Replaces the wall clock; `None` is the system's.
    pub fn set_wall(&self, wall: Option<WallClock>) {
        *self.wall.write().unwrap_or_else(PoisonError::into_inner) = wall;
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").field("zero", &self.zero).finish_non_exhaustive()
    }
}

fn wall_time(time: SystemTime) -> WallTime {
    let millis = |span: std::time::Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    WallTime::from_unix_millis(match time.duration_since(UNIX_EPOCH) {
        Ok(after) => millis(after),
        Err(before) => millis(before.duration()).saturating_neg(),
    })
}
