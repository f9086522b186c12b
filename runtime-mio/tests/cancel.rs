//! Calls are given up at every moment; descriptors of the whole process are counted, so this test has
//! a program of its own.

mod common;
#[path = "common/looped.rs"]
mod looped;

use std::time::{Duration, Instant};

use common::{answering, ok};
use looped::Loop;
use sessio_mio::{Completion, Request};

/// How many descriptors this process has open.
fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

#[test]
fn a_call_that_is_cancelled_at_any_moment_leaves_nothing_behind() {
    let address = answering(|_, _| ok(vec![b'x'; 300_000]));
    let url = format!("http://{address}/");
    let mut it = Loop::new();
    it.driver.session().lock().limit_connections(Some(2), None);
    let before = descriptors();
    // Cancelled after so many rounds, until it comes through.
    for rounds in 0.. {
        let call = it.driver.start(Request::get(url.as_str()).stream(true)).unwrap();
        let mut over = false;
        for _ in 0..rounds {
            let round = it.round();
            over |= round.iter().any(|completion| matches!(completion, Completion::Done(..)));
        }
        it.driver.cancel(call);
        assert_eq!(it.driver.calls(), 0, "after {rounds} rounds");
        // The next call finds a place and works.
        it.driver.start(Request::get(url.as_str())).unwrap();
        assert_eq!(it.outcomes(1).pop().unwrap().unwrap().bytes().len(), 300_000);
        assert!(it.driver.tokens() <= 2);
        if over {
            break;
        }
    }
    it.driver.session().close();
    assert_eq!(it.driver.tokens(), 0);
    // The server closes its ends when it sees that these are closed.
    let begun = Instant::now();
    while descriptors() > before {
        assert!(begun.elapsed() < Duration::from_secs(10), "{} of {before}", descriptors());
        std::thread::sleep(Duration::from_millis(5));
    }
}
