//! A loop of the caller's own, for the tests of the driver.

use std::time::{Duration, Instant};

use mio::{Events, Poll};
use sessio_mio::{Completion, Driver, Handled, Trust};

/// A loop as a caller would write it.
pub(crate) struct Loop {
    pub(crate) poll: Poll,
    pub(crate) events: Events,
    pub(crate) driver: Driver,
}

impl Loop {
    pub(crate) fn new() -> Self {
        let poll = Poll::new().expect("loopback and mio work");
        let driver = Driver::new(poll.registry(), 10..1000).expect("loopback and mio work");
        driver.session().lock().trust_env = Trust::NONE;
        Self { poll, events: Events::with_capacity(64), driver }
    }

    /// One round: what can be done, what came of it, then the wait for events.
    pub(crate) fn round(&mut self) -> Vec<Completion> {
        self.driver.turn();
        let all: Vec<_> = std::iter::from_fn(|| self.driver.next()).collect();
        if all.is_empty() {
            let most = Duration::from_millis(100);
            let timeout = self.driver.next_timeout().map_or(most, |span| span.min(most));
            self.poll.poll(&mut self.events, Some(timeout)).expect("loopback and mio work");
            for event in &self.events {
                assert_eq!(self.driver.handle(event), Handled::Ours);
            }
        }
        all
    }

    /// Rounds until `is_last` says yes of a completion; all completions.
    pub(crate) fn until(
        &mut self,
        mut is_last: impl FnMut(&Completion) -> bool,
    ) -> Vec<Completion> {
        let (mut all, begun) = (Vec::new(), Instant::now());
        loop {
            assert!(begun.elapsed() < Duration::from_secs(20), "it does not end: {all:?}");
            let round = self.round();
            let over = round.iter().any(&mut is_last);
            all.extend(round);
            if over {
                return all;
            }
        }
    }

    /// Rounds until so many calls are over; their outcomes, in the order in which they ended.
    pub(crate) fn outcomes(
        &mut self,
        count: usize,
    ) -> Vec<sessio_mio::Result<sessio_core::Response>> {
        let mut left = count;
        let all = self.until(|completion| {
            left -= usize::from(matches!(completion, Completion::Done(..)));
            left == 0
        });
        let outcome = |completion| match completion {
            Completion::Done(_, outcome) => Some(outcome.map(|response| *response)),
            _ => None,
        };
        all.into_iter().filter_map(outcome).collect()
    }
}
