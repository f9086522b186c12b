//! 10,000 calls at once on one thread, each a task of a local executor: do all come through, how long
//! does the last one wait, and what does each cost?
//!
//! `cargo run --release -p sessio-smol --example concurrency_smol [CALLS]`. Server and figures are
//! those of the example `concurrency` of `sessio-mio`; what a call takes includes its task.
#![expect(clippy::print_stdout, reason = "it is what the program is for")]

#[path = "../../runtime-mio/examples/concurrency/common.rs"]
mod common;

use std::cell::RefCell;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_executor::LocalExecutor;
use common::Many;
use sessio_core::pool::PoolCaps;
use sessio_smol::{CallOptions, PreparedRequest, Request, Session, Trust};

#[global_allocator]
static ALLOC: dhat::Alloc = dhat::Alloc;

fn main() -> Result<(), Box<dyn Error>> {
    common::program::<Tasks>()
}

/// The session of all tasks.
struct Tasks {
    session: Session,
    request: Arc<PreparedRequest>,
}

impl Many for Tasks {
    fn new(url: String, calls: usize) -> Result<Self, Box<dyn Error>> {
        let session = Session::new();
        let mut adapter = session.get_adapter("http://")?;
        adapter.pool = PoolCaps { pool_connections: 1, pool_maxsize: calls };
        {
            let mut settings = session.lock();
            settings.trust_env = Trust::NONE;
            settings.mount("http://", adapter);
        }
        let request = Arc::new(session.prepare_request(Request::get(url))?.request);
        Ok(Self { session, request })
    }

    fn run(&mut self, calls: usize) -> Result<Vec<Duration>, Box<dyn Error>> {
        let begun = Instant::now();
        let spans = RefCell::new(Vec::with_capacity(calls));
        let call = async || -> sessio_smol::Result<()> {
            let options = CallOptions::default();
            self.session.send_message(&self.request, options).await?.raise_for_status()?;
            spans.borrow_mut().push(begun.elapsed());
            Ok(())
        };
        let executor = LocalExecutor::new();
        let tasks: Vec<_> = (0..calls).map(|_| executor.spawn(call())).collect();
        async_io::block_on(executor.run(async {
            for task in tasks {
                task.await?;
            }
            sessio_smol::Result::Ok(())
        }))?;
        drop(executor);
        Ok(spans.into_inner())
    }

    fn idle(&self) -> usize {
        self.session.lock().idle_connections()
    }
}
