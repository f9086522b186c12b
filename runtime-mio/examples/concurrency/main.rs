//! 10,000 calls at once on one thread: do all come through, how long does the last one wait, and
//! what does each cost?
//!
//! `cargo run --release -p sessio-mio --example concurrency [CALLS]`. The server is a process of its
//! own; it answers nobody before all have asked. Then everything is asked again over the connections
//! that idle. Memory is what is allocated on the heap, counted by `dhat`.
#![expect(clippy::print_stdout, reason = "it is what the program is for")]

mod common;

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::Many;
use mio::{Events, Poll};
use sessio_core::pool::PoolCaps;
use sessio_mio::{CallOptions, Completion, Driver, PreparedRequest, Request, Trust};

#[global_allocator]
static ALLOC: dhat::Alloc = dhat::Alloc;

fn main() -> Result<(), Box<dyn Error>> {
    common::program::<Looped>()
}

/// The loop.
struct Looped {
    poll: Poll,
    events: Events,
    driver: Driver,
    request: Arc<PreparedRequest>,
}

impl Many for Looped {
    fn new(url: String, calls: usize) -> Result<Self, Box<dyn Error>> {
        let poll = Poll::new()?;
        let driver = Driver::new(poll.registry(), 0..calls + 1)?;
        {
            let mut adapter = driver.session().get_adapter("http://")?;
            adapter.pool = PoolCaps { pool_connections: 1, pool_maxsize: calls };
            let mut settings = driver.session().lock();
            settings.trust_env = Trust::NONE;
            settings.mount("http://", adapter);
        }
        let request = Arc::new(driver.session().prepare_request(Request::get(url))?.request);
        Ok(Self { poll, events: Events::with_capacity(1024), driver, request })
    }

    fn run(&mut self, calls: usize) -> Result<Vec<Duration>, Box<dyn Error>> {
        let begun = Instant::now();
        let mut spans = Vec::with_capacity(calls);
        for _ in 0..calls {
            self.driver.send_message(&self.request, CallOptions::default())?;
        }
        loop {
            self.driver.turn();
            while let Some(completion) = self.driver.next() {
                if let Completion::Done(_, outcome) = completion {
                    outcome?.raise_for_status()?;
                    spans.push(begun.elapsed());
                }
            }
            if spans.len() == calls {
                return Ok(spans);
            }
            self.poll.poll(&mut self.events, self.driver.next_timeout())?;
            for event in &self.events {
                self.driver.handle(event);
            }
        }
    }

    fn idle(&self) -> usize {
        self.driver.session().lock().idle_connections()
    }
}
