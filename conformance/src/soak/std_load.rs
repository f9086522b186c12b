//! The load over `sessio-std`: threads that share a session.

use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use bytes::Bytes;
use sessio_std::{Result, Session, upload};

use super::Load;
use super::ledger::{Ledger, Outcome};
use super::load::{AT_ONCE, given_up_after, request, settle};
use super::plan::{Case, Kind, Sum, Summing};
use super::server::Ports;

/// A session and where the servers are.
pub(super) struct StdLoad {
    session: Session,
    ports: Ports,
}

impl StdLoad {
    pub(super) fn new(ports: Ports) -> Self {
        let session = Session::new();
        settle(&session);
        Self { session, ports }
    }

    fn call(&self, case: Case) -> Outcome {
        self.ended(case).unwrap_or_else(|error| Outcome::Failed(error.kind()))
    }

    fn ended(&self, case: Case) -> Result<Outcome> {
        let upload = |pieces: Vec<Bytes>| upload::chunks(pieces.into_iter().map(io::Result::Ok));
        let mut response = self.session.request(request(case, &self.ports, upload))?;
        let status = response.status.into();
        if !case.is_streamed() {
            return Ok(Outcome::Body { status, sum: Sum::of(&response.bytes()?) });
        }
        let (mut summing, mut left) = (Summing::default(), given_up_after(case));
        for piece in response.iter_chunks() {
            let piece = piece?;
            summing.add(&piece);
            if case.kind == Kind::Cancel && piece.len() >= left {
                return Ok(Outcome::GivenUp);
            }
            left = left.saturating_sub(piece.len());
        }
        Ok(Outcome::Body { status, sum: summing.end() })
    }
}

impl Load for StdLoad {
    fn round(&mut self, numbers: Range<u64>, ledger: &mut Ledger) {
        let (next, ledger) = (AtomicU64::new(numbers.start), Mutex::new(ledger));
        let work = || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= numbers.end {
                    return;
                }
                let case = Case::of(number);
                let outcome = self.call(case);
                ledger.lock().unwrap_or_else(PoisonError::into_inner).enter(case, outcome);
            }
        };
        thread::scope(|scope| (0..AT_ONCE).for_each(|_| drop(scope.spawn(work))));
    }
}
