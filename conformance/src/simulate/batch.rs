//! Many runs, one seed after the other, until there were enough calls or one found something.

use std::fmt;
use std::time::{Duration, Instant};

use super::fault::{FaultSet, Tally};
use super::random::mix;
use super::run::{Ran, Violation, run};
use super::setup::{Tls, View, Wanted};
use super::wire::Cutting;

/// What is to be simulated.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The first seed; runs take the seeds from here on.
    pub seed: u64,
    /// At least so many calls.
    pub exchanges: u64,
    /// No longer than this.
    pub time: Option<Duration>,
    /// What may go wrong.
    pub faults: FaultSet,
    /// Which TLS there is.
    pub tls: Tls,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Runs.
    pub runs: u64,
    /// Calls that were made.
    pub exchanges: u64,
    /// Requests that peers heard.
    pub requests: u64,
    /// Runs that were run again, to the same end.
    pub again: u64,
    /// Virtual time.
    pub virtual_time: Duration,
    /// Real time.
    pub real_time: Duration,
    /// How often each fault was seen.
    pub tally: Tally,
    /// Of all that was done.
    pub hash: u64,
}

/// An invariant that a seed breaks.
#[derive(Clone, Debug)]
pub struct Found {
    /// The seed.
    pub seed: u64,
    /// What is broken.
    pub violation: Violation,
    /// Calls until it was found, over all runs.
    pub after: u64,
    /// The faults that are left after shrinking.
    pub faults: FaultSet,
    /// The calls that are left after shrinking, as bits.
    pub calls: u128,
    /// Which TLS there was.
    pub tls: Tls,
    /// What happened, line by line.
    pub log: Vec<String>,
}

/// One in so many runs is done again, whole, byte by byte, and in other cuts.
const CUT_SHARE: u64 = 16;

/// One in so many runs is done again as it was.
const AGAIN_SHARE: u64 = 8;

/// The first seed that breaks an invariant.
#[derive(Clone, Debug)]
pub struct First {
    /// The seed.
    pub seed: u64,
    /// What is broken.
    pub violation: Violation,
    /// Calls until it was found, over all runs.
    pub after: u64,
}

/// Simulates.
///
/// # Errors
/// The first seed that breaks an invariant, made as small as it gets.
pub fn simulate(options: &Options) -> Result<Summary, Box<Found>> {
    first(options).map_err(|first| {
        let wanted = wanted(first.seed, options.faults, options.tls);
        Box::new(shrink(wanted, first.violation, first.after))
    })
}

/// Simulates.
///
/// # Errors
/// The first seed that breaks an invariant, as it was found.
pub fn first(options: &Options) -> Result<Summary, First> {
    let (mut summary, begun) = (Summary::default(), Instant::now());
    let mut seed = options.seed;
    let wanted = wanted(seed, options.faults, options.tls);
    while summary.exchanges < options.exchanges
        && options.time.is_none_or(|time| begun.elapsed() < time)
    {
        let wanted = Wanted { seed, ..wanted };
        match one(&wanted, &mut summary) {
            Ok(ran) => {
                summary.runs += 1;
                summary.hash = mix(summary.hash ^ ran.hash);
                summary.tally.add(&ran.tally);
            }
            Err((violation, _)) => {
                return Err(First { seed, violation, after: summary.exchanges });
            }
        }
        seed = seed.wrapping_add(1);
    }
    summary.real_time = begun.elapsed();
    Ok(summary)
}

/// Replays one seed.
///
/// # Errors
/// What it breaks.
pub fn replay(seed: u64, faults: FaultSet) -> Result<(), Box<Found>> {
    let wanted = wanted(seed, faults, Tls::Some);
    one(&wanted, &mut Summary::default())
        .map(drop)
        .map_err(|(violation, _)| Box::new(shrink(wanted, violation, 0)))
}

const fn wanted(seed: u64, faults: FaultSet, tls: Tls) -> Wanted {
    Wanted { seed, faults, calls: u128::MAX, view: View::Free, tls }
}

/// One seed in all the ways in which it is looked at.
fn one(wanted: &Wanted, summary: &mut Summary) -> Result<Ran, (Violation, Vec<String>)> {
    let seed = wanted.seed;
    let count = |ran: &Ran, summary: &mut Summary| {
        summary.exchanges += ran.calls;
        summary.requests += ran.requests;
        summary.virtual_time += Duration::from_nanos(ran.time);
    };
    let ran = run(wanted, false)?;
    count(&ran, summary);
    if seed.is_multiple_of(AGAIN_SHARE) {
        let again = run(wanted, false)?;
        count(&again, summary);
        summary.again += 1;
        if again.hash != ran.hash {
            return Err((differs("I12", "the same seed does something else"), Vec::new()));
        }
    }
    if seed % CUT_SHARE == 1 {
        let mut first: Option<Ran> = None;
        for cutting in [Cutting::Whole, Cutting::ByByte, Cutting::Seeded] {
            let ran = run(&Wanted { view: View::Cut(cutting), ..*wanted }, false)?;
            count(&ran, summary);
            summary.again += 1;
            match &first {
                None => first = Some(ran),
                Some(first) if first.outcomes == ran.outcomes => {}
                Some(first) => {
                    let mut pairs = first.outcomes.iter().zip(&ran.outcomes);
                    let other = pairs.find(|(one, other)| one != other);
                    let text = format!("cut {cutting:?}, {other:?} differ");
                    return Err((differs("I8", &text), Vec::new()));
                }
            }
        }
    }
    Ok(ran)
}

fn differs(invariant: &'static str, text: &str) -> Violation {
    Violation { invariant, text: text.to_owned(), call: None }
}

/// Takes calls and faults away as long as the same invariant breaks.
fn shrink(wanted: Wanted, violation: Violation, after: u64) -> Found {
    let Wanted { mut faults, mut calls, .. } = wanted;
    let mut violation = violation;
    let fails = |faults: FaultSet, calls: u128, invariant: &str| {
        let wanted = Wanted { faults, calls, ..wanted };
        let found = one(&wanted, &mut Summary::default()).err().map(|(found, _)| found);
        found.filter(|found| found.invariant == invariant)
    };
    // Halves first, then one by one.
    for size in [32, 8, 1] {
        for place in 0..128 / size {
            let less = calls & !(((1u128 << size) - 1) << (place * size));
            if less != calls
                && let Some(found) = fails(faults, less, violation.invariant)
            {
                (calls, violation) = (less, found);
            }
        }
    }
    for fault in super::Fault::ALL {
        if faults.has(*fault)
            && let Some(found) = fails(faults.without(*fault), calls, violation.invariant)
        {
            (faults, violation) = (faults.without(*fault), found);
        }
    }
    let log = trace(&Wanted { faults, calls, ..wanted });
    Found { seed: wanted.seed, violation, after, faults, calls, tls: wanted.tls, log }
}

/// What happens in a run, up to where it breaks.
fn trace(wanted: &Wanted) -> Vec<String> {
    let views = [Cutting::Whole, Cutting::ByByte, Cutting::Seeded].map(View::Cut);
    let mut last = Vec::new();
    for view in [View::Free].into_iter().chain(views) {
        match run(&Wanted { view, ..*wanted }, true) {
            Err((_, log)) => return log,
            Ok(ran) => last = ran.log,
        }
    }
    last
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.log {
            writeln!(f, "  {line}")?;
        }
        let calls: Vec<usize> = (0..128).filter(|n| self.calls & 1 << n != 0).collect();
        writeln!(f, "seed {} after {} exchanges: {}", self.seed, self.after, self.violation)?;
        if calls.len() < 100 {
            writeln!(f, "left of it: calls {calls:?}")?;
        }
        write!(
            f,
            "again: sessio-conformance simulate --seed {} --exchanges 1 --tls {} --faults {}",
            self.seed,
            self.tls.name(),
            self.faults.names()
        )
    }
}

impl Summary {
    /// Calls in a second of real time.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.exchanges as f64 / self.real_time.as_secs_f64().max(1e-9)
    }

    /// The figures, and the table of faults.
    #[must_use]
    pub fn text(&self, faults: FaultSet) -> String {
        format!(
            "{}runs {}, of them run again {}; exchanges {}; requests {}; trace hash {:016x}\n\
             {:.1} s, {:.0} exchanges a second; virtual to real time {:.0} : 1",
            self.tally.table(faults),
            self.runs,
            self.again,
            self.exchanges,
            self.requests,
            self.hash,
            self.real_time.as_secs_f64(),
            self.rate(),
            self.virtual_time.as_secs_f64() / self.real_time.as_secs_f64().max(1e-9),
        )
    }
}
