//! The load over `sessio-smol`: tasks of one thread that share a session.

use std::cell::{Cell, RefCell};
use std::io;
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use sessio_smol::{Result, Session, upload};
use smol::{LocalExecutor, Timer, future, stream};

use super::Load;
use super::ledger::{Ledger, Outcome};
use super::load::{AT_ONCE, request, settle};
use super::plan::{Case, Kind, Sum, Summing};
use super::server::Ports;

/// The longest that a call goes on before it is dropped, for [`Kind::Cancel`].
const DROPPED_AFTER_MICROS_MAX: u64 = 12_000;

/// A session and where the servers are.
pub(super) struct SmolLoad {
    session: Session,
    ports: Ports,
}

impl SmolLoad {
    pub(super) fn new(ports: Ports) -> Self {
        let session = Session::new();
        settle(&session);
        Self { session, ports }
    }

    async fn call(&self, case: Case) -> Outcome {
        let called =
            async { self.ended(case).await.unwrap_or_else(|error| Outcome::Failed(error.kind())) };
        if case.kind != Kind::Cancel {
            return called.await;
        }
        let span = Duration::from_micros(case.choice(5, DROPPED_AFTER_MICROS_MAX));
        let given_up = async {
            Timer::after(span).await;
            Outcome::GivenUp
        };
        future::or(called, given_up).await
    }

    async fn ended(&self, case: Case) -> Result<Outcome> {
        let upload = |pieces: Vec<Bytes>| {
            upload::stream(stream::iter(pieces.into_iter().map(io::Result::Ok)))
        };
        let mut response = self.session.request(request(case, &self.ports, upload)).await?;
        let status = response.status.into();
        if !case.is_streamed() {
            return Ok(Outcome::Body { status, sum: Sum::of(&response.bytes().await?) });
        }
        let mut summing = Summing::default();
        let mut pieces = response.iter_chunks();
        while let Some(piece) = pieces.next().await {
            summing.add(&piece?);
        }
        Ok(Outcome::Body { status, sum: summing.end() })
    }
}

impl Load for SmolLoad {
    fn round(&mut self, numbers: Range<u64>, ledger: &mut Ledger) {
        let (next, ledger) = (Cell::new(numbers.start), RefCell::new(ledger));
        let work = async || {
            while next.get() < numbers.end {
                let case = Case::of(next.replace(next.get() + 1));
                let outcome = self.call(case).await;
                ledger.borrow_mut().enter(case, outcome);
            }
        };
        let executor = LocalExecutor::new();
        let tasks: Vec<_> = (0..AT_ONCE).map(|_| executor.spawn(work())).collect();
        future::block_on(executor.run(async {
            for task in tasks {
                task.await;
            }
        }));
    }
}
