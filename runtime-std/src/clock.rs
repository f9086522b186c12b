//! The clocks of this process, read as the core wants them.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use sessio_core::{Now, WallTime};

/// The monotonic clock, counted from when the session was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    zero: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { zero: Instant::now() }
    }

    /// The monotonic clock.
    pub(crate) fn mono(self) -> sessio_core::Instant {
        let nanos = u64::try_from(self.zero.elapsed().as_nanos()).unwrap_or(u64::MAX);
        sessio_core::Instant::from_nanos(nanos)
    }

    /// Both clocks.
    pub(crate) fn now(self) -> Now {
        Now { mono: self.mono(), wall: wall() }
    }
}

fn wall() -> WallTime {
    let millis = |span: std::time::Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    WallTime::from_unix_millis(match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(after) => millis(after),
        Err(before) => millis(before.duration()).saturating_neg(),
    })
}
