//! The wait before the next attempt, after so many failures.
//!
//! Source: `get_backoff_time` in urllib3 2.8.0, `util/retry.py`.

use core::time::Duration;

/// How the wait grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// It doubles from this up; zero for no wait but the jitter.
    pub factor: Duration,
    /// It grows to this and no further, jitter and all.
    pub max: Duration,
    /// What is added to it at random, at most.
    pub jitter: Duration,
}

impl Default for Backoff {
    /// No wait, and if there is to be one, 120 s at most.
    fn default() -> Self {
        Self { factor: Duration::ZERO, max: Duration::from_secs(120), jitter: Duration::ZERO }
    }
}

impl Backoff {
    /// The wait before the next attempt, after `failures` attempts in a row failed.
    ///
    /// With a factor of 100 ms the waits are 0, 200 ms, 400 ms, 800 ms, and so on to the maximum.
    /// After a single failure there is none. Of the jitter it takes `random` parts of 2³² - 1.
    #[must_use]
    pub fn wait(&self, failures: usize, random: u32) -> Duration {
        let doublings = match failures.checked_sub(1) {
            None | Some(0) => return Duration::ZERO,
            Some(doublings) => u32::try_from(doublings).unwrap_or(u32::MAX),
        };
        let times = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        let jitter = self.jitter.saturating_mul(random).checked_div(u32::MAX);
        let wait = self.factor.saturating_mul(times);
        wait.saturating_add(jitter.unwrap_or_default()).min(self.max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_its_bound() {
        let millis = Duration::from_millis;
        let backoff = Backoff { factor: millis(100), max: millis(500), jitter: Duration::ZERO };
        let rows = [(0, 0), (1, 0), (2, 200), (3, 400), (4, 500), (33, 500), (usize::MAX, 500)];
        for (failures, want) in rows {
            assert_eq!(backoff.wait(failures, u32::MAX), millis(want), "{failures}");
        }
        let backoff = Backoff { jitter: millis(50), ..backoff };
        for (random, want) in [(0, 200), (u32::MAX / 2 + 1, 225), (u32::MAX, 250)] {
            assert_eq!(backoff.wait(2, random).as_millis(), want, "{random}");
        }
        assert_eq!(backoff.wait(4, u32::MAX), millis(500));
    }
}
