//! Many calls at once, each on a thread: do all come through, how long does the last one wait, and
//! what does each cost beside its thread?
//!
//! `cargo run --release -p sessio-std --example concurrency_std 1000`. Server and figures are those of
//! the example `concurrency` of `sessio-mio`.
#![expect(clippy::print_stdout, reason = "it is what the program is for")]

#[path = "../../runtime-mio/examples/concurrency/common.rs"]
mod common;

use std::error::Error;
use std::sync::{Arc, Mutex};
use std::thread::{self, Builder};
use std::time::{Duration, Instant};

use common::Many;
use sessio_core::pool::PoolCaps;
use sessio_std::{CallOptions, PreparedRequest, Request, Session, Trust};

#[global_allocator]
static ALLOC: dhat::Alloc = dhat::Alloc;

/// What a call needs of it is far less.
const STACK_BYTES: usize = 256 * 1024;

fn main() -> Result<(), Box<dyn Error>> {
    common::program::<Threads>()
}

/// The session of all threads.
struct Threads {
    session: Session,
    request: Arc<PreparedRequest>,
}

impl Many for Threads {
    fn new(url: String, calls: usize) -> Result<Self, Box<dyn Error>> {
        let session = Session::new();
        let mut adapter = session.get_adapter("http://")?;
        adapter.pool = PoolCaps { pool_connections: 1, pool_maxsize: calls };
        session.lock().trust_env = Trust::NONE;
        session.mount("http://", adapter);
        let request = Arc::new(session.prepare_request(Request::get(url))?.request);
        Ok(Self { session, request })
    }

    fn run(&mut self, calls: usize) -> Result<Vec<Duration>, Box<dyn Error>> {
        let begun = Instant::now();
        let spans = Mutex::new(Vec::with_capacity(calls));
        let call = || -> sessio_std::Result<()> {
            let options = CallOptions::default();
            self.session.send_message(&self.request, options)?.raise_for_status()?;
            spans.lock().expect("no thread panics").push(begun.elapsed());
            Ok(())
        };
        thread::scope(|scope| -> Result<(), Box<dyn Error>> {
            let begin = |_| Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, call);
            let threads = (0..calls).map(begin).collect::<std::io::Result<Vec<_>>>()?;
            for thread in threads {
                thread.join().map_err(|_| "a thread panicked")??;
            }
            Ok(())
        })?;
        Ok(spans.into_inner().expect("no thread panics"))
    }

    fn idle(&self) -> usize {
        self.session.lock().idle_connections()
    }
}
