//! Mixed load with faults for a given time: does every call end as it has to, and does the process
//! hold no more at the end than at the beginning?
//!
//! Calls are made in rounds, [`AT_ONCE`] at a time. Between two rounds nothing is in flight, and
//! what the process holds is looked at: idle connections, and whatever was not given back.

mod ledger;
mod load;
mod mio_load;
pub mod plan;
mod server;
mod smol_load;
mod std_load;
mod watch;

use std::fmt;
use std::io;
use std::ops::Range;
use std::time::{Duration, Instant};

use crate::driver::Name;
pub use ledger::{Ledger, Outcome, Row};
pub use load::AT_ONCE;
pub use server::{secure_config, serve};
pub use watch::{Held, Sample, Tolerance};

/// How many calls a round has.
const ROUND: u64 = 128;

/// A runtime under load.
trait Load {
    /// Makes the calls of these numbers; none is in flight afterwards.
    fn round(&mut self, numbers: Range<u64>, ledger: &mut Ledger);
}

/// What came of a soak.
#[derive(Clone, Debug)]
pub struct Report {
    driver: Name,
    took: Duration,
    begun: u64,
    ledger: Ledger,
    rounds: usize,
    held: Option<[Held; 4]>,
}

/// Why there is no report.
#[derive(Debug)]
pub enum Unusable {
    /// The driver has no process or no sockets.
    Driver(Name),
    /// Servers, sockets or `/proc` are not to be had.
    Io(io::Error),
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Driver(name) => write!(f, "no soak on {}: it has no sockets", name.text()),
            Self::Io(_) => write!(f, "servers or /proc are not to be had"),
        }
    }
}

impl std::error::Error for Unusable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Driver(_) => None,
            Self::Io(error) => Some(error),
        }
    }
}

impl From<io::Error> for Unusable {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Keeps a driver under load for so long; `heap` says how many bytes are allocated.
///
/// # Errors
/// If the driver is `sim`, or servers, sockets or `/proc` are not to be had.
pub fn run(driver: Name, span: Duration, heap: fn() -> usize) -> Result<Report, Unusable> {
    let servers = server::Servers::start()?;
    let mut load: Box<dyn Load> = match driver {
        Name::Sim => return Err(Unusable::Driver(driver)),
        Name::Std => Box::new(std_load::StdLoad::new(servers.ports)),
        Name::Smol => Box::new(smol_load::SmolLoad::new(servers.ports)),
        Name::Mio => Box::new(mio_load::MioLoad::new(servers.ports)?),
    };
    let mut samples = Vec::with_capacity(usize::try_from(watch::SAMPLES_MAX).unwrap_or(0));
    let pause = span / watch::SAMPLES_MAX;
    let (begun, mut ledger, mut rounds) = (Instant::now(), Ledger::default(), 0);
    let (mut number, mut next) = (0, Duration::ZERO);
    while begun.elapsed() < span {
        load.round(number..number + ROUND, &mut ledger);
        number += ROUND;
        rounds += 1;
        let now = begun.elapsed();
        if now >= next && samples.len() < samples.capacity() {
            samples.push(Sample::now(heap())?);
            next = now + pause;
        }
    }
    Ok(Report {
        driver,
        took: begun.elapsed(),
        begun: number,
        ledger,
        rounds,
        held: watch::held(&samples),
    })
}

impl Report {
    /// Whether every call that was begun ended as it had to, and everything held stayed the same.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let is_flat = self.held.is_some_and(|held| held.iter().all(Held::is_flat));
        is_flat && self.ledger.wrong() == 0 && self.ledger.calls() == self.begun
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for complaint in self.ledger.complaints() {
            writeln!(f, "WRONG {complaint}")?;
        }
        writeln!(
            f,
            "{:<10}{:>9}{:>9}{:>10}{:>9}",
            "kind", "bodies", "faults", "given up", "wrong"
        )?;
        for (kind, row) in self.ledger.rows() {
            let Row { bodies, faults, given_up, wrong } = row;
            let kind = format!("{kind:?}");
            writeln!(f, "{kind:<10}{bodies:>9}{faults:>9}{given_up:>10}{wrong:>9}")?;
        }
        writeln!(f, "{:<16}{:>12}{:>12}{:>12}", "held", "first third", "last third", "at most")?;
        match &self.held {
            Some(held) => held.iter().try_for_each(|held| writeln!(f, "{held}"))?,
            None => writeln!(f, "too few rounds to say")?,
        }
        let seconds = self.took.as_secs_f64();
        let (ended, begun) = (self.ledger.calls(), self.begun);
        write!(
            f,
            "{}: {ended} of {begun} calls ended, {} wrong, {} rounds in {seconds:.0} s: {}",
            self.driver.text(),
            self.ledger.wrong(),
            self.rounds,
            if self.is_sound() { "sound" } else { "NOT SOUND" }
        )
    }
}
