//! One run: calls on one session in a simulated world, in an order that the seed determines.

use std::fmt;
use std::sync::Arc;

use sessio_core::exchange::Ask;
use sessio_core::message::PreparedRequest;
use sessio_core::{Error, Exchange, Instant, Now, Session, WallTime};

use super::call::{Call, Feed, Reading};
use super::chain::Chain;
use super::digest::Challenge;
use super::fault::{Fault, Tally};
use super::jar::NaiveJar;
use super::marker::{self, Markers, Owner};
use super::random::{Random, mix};
use super::real_tls::Servers;
use super::served::Served;
use super::setup::{CALLS_MAX, Puppet, Setup, Turns, View, Wanted};
use super::wire::{Socket, Wire};

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which: I1 to I16, or G for a call that had to succeed.
    pub invariant: &'static str,
    /// What happened.
    pub text: String,
    /// The call that it happened to, if it was one.
    pub call: Option<usize>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.text)?;
        match self.call {
            Some(call) => write!(f, " (call {call})"),
            None => Ok(()),
        }
    }
}

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ran {
    /// Calls that were made.
    pub(crate) calls: u64,
    /// Requests that peers heard.
    pub(crate) requests: u64,
    /// Of all that was done, in order.
    pub(crate) hash: u64,
    /// Of what each call came to, and of the cookies that were left.
    pub(crate) outcomes: Vec<String>,
    /// Virtual time, in nanoseconds.
    pub(crate) time: u64,
    pub(crate) tally: Tally,
    /// What happened, line by line, if it was asked for.
    pub(crate) log: Vec<String>,
}

/// Whether the caller is asked about responses before they count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asks {
    Never,
    /// It is, and has not been asked about the present one.
    Before,
    /// It was asked.
    After,
}

/// A call in flight.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) call: usize,
    pub(crate) exchange: Exchange<Socket>,
    pub(crate) reading: Reading,
    pub(crate) cancel_at: Option<usize>,
    pub(crate) feed: Option<Feed>,
    /// What a streamed body gave so far.
    pub(crate) got: Vec<u8>,
    /// Not before this moment.
    pub(crate) wake: u64,
    pub(crate) is_full: bool,
    pub(crate) steps: usize,
    /// Steps since anything outside changed.
    pub(crate) still: usize,
    pub(crate) ends_by: Option<u64>,
    pub(crate) attempts: u64,
    pub(crate) moved: usize,
    pub(crate) asks: Asks,
    /// The connection that its present request is on.
    pub(crate) line: Option<usize>,
}

/// A run under way.
pub(crate) struct Run {
    pub(crate) setup: Setup,
    pub(crate) markers: Markers,
    pub(crate) session: Session<Socket, Puppet>,
    pub(crate) wire: Wire,
    pub(crate) chains: Vec<Option<Chain>>,
    pub(crate) served: Vec<Served>,
    pub(crate) jar: NaiveJar,
    #[expect(clippy::vec_box, reason = "they are taken out and put back at every turn")]
    live: Vec<Box<Live>>,
    pub(crate) now: u64,
    /// Wall clock at the start, in Unix seconds.
    pub(crate) wall: i64,
    turns: Random,
    pub(crate) ran: Ran,
    /// Whether a place may have become free.
    pub(crate) freed: bool,
    pub(crate) logs: bool,
    /// Challenges by Digest.
    pub(crate) challenges: Vec<Challenge>,
    /// The servers of TLS, where that is real.
    pub(crate) servers: Option<Servers>,
}

/// What a turn came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It can go on at once.
    Ready,
    /// Not before this moment.
    Blocked(u64),
    /// It is over.
    Over,
}

/// Runs it.
pub(crate) fn run(wanted: &Wanted, logs: bool) -> Result<Ran, (Violation, Vec<String>)> {
    let mut markers = Markers::new(wanted.seed);
    let setup = Setup::new(wanted, &mut markers);
    let mut run = Run {
        session: setup.session(),
        markers,
        wire: Wire::default(),
        chains: (0..CALLS_MAX).map(|_| None).collect(),
        served: Vec::new(),
        jar: NaiveJar::default(),
        live: Vec::new(),
        now: 1_000_000_000,
        wall: 1_800_000_000,
        turns: Random::of(&[wanted.seed, 9]),
        ran: Ran::default(),
        freed: false,
        logs,
        challenges: Vec::new(),
        servers: setup.is_real.then(Servers::default),
        setup,
    };
    match run.all(wanted) {
        Ok(()) => Ok(run.ran),
        Err(violation) => Err((violation, run.ran.log)),
    }
}

impl Run {
    pub(super) const fn now(&self) -> Now {
        let wall = WallTime::from_unix_seconds(self.wall + self.seconds());
        Now { mono: Instant::from_nanos(self.now), wall }
    }

    #[expect(clippy::cast_possible_wrap, reason = "a short run")]
    const fn seconds(&self) -> i64 {
        (self.now / 1_000_000_000) as i64
    }

    /// The wall clock in Unix seconds.
    pub(super) const fn wall_seconds(&self) -> i64 {
        self.wall + self.seconds()
    }

    /// Notes what was done.
    pub(super) fn note(&mut self, parts: &[u64]) {
        for part in parts {
            self.ran.hash = mix(self.ran.hash ^ part).wrapping_add(*part);
        }
    }

    /// Notes it for people.
    pub(super) fn log(&mut self, what: impl FnOnce() -> String) {
        if self.logs {
            let line = format!("{:>9.3} ms  {}", (self.now - 1_000_000_000) as f64 / 1e6, what());
            self.ran.log.push(line);
        }
    }

    fn all(&mut self, wanted: &Wanted) -> Result<(), Violation> {
        let mut numbers = (0..self.setup.calls).filter(|n| wanted.calls & 1 << n != 0);
        loop {
            while self.live.len() < self.setup.concurrent {
                let Some(number) = numbers.next() else { break };
                self.begin(number)?;
            }
            if self.live.is_empty() {
                break;
            }
            let place = self.next_turn()?;
            self.turn(place)?;
        }
        self.finish()
    }

    /// Who is served next; if nobody is ready, time passes.
    fn next_turn(&mut self) -> Result<usize, Violation> {
        if std::mem::take(&mut self.freed) {
            self.live.iter_mut().filter(|live| live.is_full).for_each(|live| live.wake = 0);
        }
        let mut ready = self.live.iter().filter(|live| live.wake <= self.now).count();
        if ready == 0 {
            if self.live.iter().all(|live| live.is_full) {
                return Err(Violation {
                    invariant: "I13",
                    text: "every call waits for a place, and nobody has one".into(),
                    call: self.live.first().map(|live| live.call),
                });
            }
            let next = self.live.iter().map(|live| live.wake).min().unwrap_or(u64::MAX);
            self.now = next;
            for live in &mut self.live {
                live.still = 0;
            }
            ready = self.live.iter().filter(|live| live.wake <= self.now).count();
            self.leap();
        }
        let skipped = match self.setup.view {
            View::Free if ready > 1 => self.turns.below(ready),
            View::Free | View::Cut(_) => 0,
        };
        let mut places = (0..self.live.len()).filter(|n| self.live[*n].wake <= self.now);
        Ok(places.nth(skipped).unwrap_or(0))
    }

    /// The wall clock may leap while time passes.
    fn leap(&mut self) {
        if self.setup.faults.has(Fault::WallLeap)
            && self.setup.view == View::Free
            && self.turns.chance(20)
        {
            let year = 365 * 86_400;
            self.wall += if self.turns.chance(500) { year } else { -year };
            for live in &self.live {
                if let Some(chain) = &mut self.chains[live.call] {
                    chain.befell = chain.befell.with(Fault::WallLeap);
                }
            }
        }
    }

    /// Serves one call: one output, or until it has to wait.
    fn turn(&mut self, place: usize) -> Result<(), Violation> {
        let mut live = self.live.remove(place);
        let turns = if self.setup.view == View::Free { Turns::Any } else { Turns::InOrder };
        loop {
            match self.step(&mut live)? {
                Turn::Over => {
                    drop(live);
                    self.freed = true;
                    self.wire.sweep();
                    return Ok(());
                }
                Turn::Blocked(until) => {
                    live.wake = until;
                    break;
                }
                Turn::Ready if turns == Turns::Any => {
                    live.wake = 0;
                    break;
                }
                Turn::Ready => {}
            }
        }
        self.freed |= self.wire.sweep();
        self.live.insert(place, live);
        Ok(())
    }

    /// Begins a call.
    fn begin(&mut self, number: usize) -> Result<(), Violation> {
        let mut call = Call::make(&self.setup, &mut self.markers, number);
        if self.setup.view != View::Free {
            // After how many outputs or pieces something happens depends on the cuts.
            call.cancel_at = None;
            if let Reading::Until(_) = call.reading {
                call.reading = Reading::Pieces(usize::MAX);
            }
        }
        let Call { request, mut chain, reading, cancel_at, timeouts, asks, .. } = call;
        self.ran.calls += 1;
        let now = self.now();
        let prepared = match self.session.prepare_request(request, now) {
            Ok(prepared) => prepared,
            Err(error) => return self.refused(&chain, &error),
        };
        let of_jar = match &chain.target {
            Some(target) => {
                self.jar.line(chain.at, &super::answer::path_of(target), self.wall_seconds())
            }
            None => Vec::new(),
        };
        chain.put_cookies(of_jar);
        self.setup.route(&mut chain);
        self.log(|| {
            let Chain { method, at, via, trust, identity, .. } = &chain;
            let way = format!("via {via:?}, trusts {trust:?}, shows {identity:?}");
            format!("call {number}: {method} {at}{}, {way}", target(&chain))
        });
        let ask = if asks { Ask::Runtime } else { Ask::Nobody };
        let plan = self.session.plan(&prepared.options, ask, ask);
        let ends_by = timeouts.total.map(|span| now.mono.after(span).as_nanos());
        let request: Arc<PreparedRequest> = Arc::new(prepared.request);
        self.chains[number] = Some(chain);
        let exchange = match self.session.start(request, plan, now) {
            Ok(exchange) => exchange,
            Err(error) => {
                return Err(Violation {
                    invariant: "G",
                    text: format!("not begun: {error}"),
                    call: Some(number),
                });
            }
        };
        self.live.push(Box::new(Live {
            call: number,
            exchange,
            reading,
            cancel_at,
            feed: prepared.sources.into_iter().next(),
            got: Vec::new(),
            wake: 0,
            is_full: false,
            steps: 0,
            still: 0,
            ends_by,
            attempts: 0,
            moved: 0,
            asks: if asks { Asks::Before } else { Asks::Never },
            line: None,
        }));
        Ok(())
    }

    /// A request that is none: only those that must not go may be refused.
    fn refused(&mut self, chain: &Chain, error: &Error) -> Result<(), Violation> {
        self.log(|| format!("call {}: refused, {error}", chain.call));
        self.ran.outcomes.push(format!("{}: refused {:?}", chain.call, error.kind()));
        self.ran.tally.count(chain.befell);
        self.no_secret(chain.call, &format!("{error} {error:?}"))?;
        if chain.must_not_go {
            return Ok(());
        }
        let text = format!("a sound request is refused: {error}");
        Err(Violation { invariant: "G", text, call: Some(chain.call) })
    }

    /// What must hold when all calls are over.
    fn finish(&mut self) -> Result<(), Violation> {
        self.wire.sweep();
        let (held, idle) = (self.wire.held(), self.session.idle_connections());
        let violation = |invariant, text| Err(Violation { invariant, text, call: None });
        if held != idle {
            return violation("I13", format!("{held} connections are held and {idle} idle"));
        }
        let now = self.now();
        let kept = self.session.cookies.iter().filter(|cookie| !cookie.is_expired(now.wall));
        let (kept, model) = (kept.count(), self.jar.live(self.wall_seconds()));
        if kept != model && !self.jar.is_vague {
            return violation(
                "I9",
                format!("the jar has {kept} cookies and ought to have {model}"),
            );
        }
        self.session.close();
        self.wire.sweep();
        if self.wire.held() > 0 {
            return violation("I13", "a closed session holds connections".into());
        }
        self.ran.time = self.now - 1_000_000_000;
        self.ran.requests = self.served.len() as u64;
        self.ran.outcomes.sort();
        Ok(())
    }

    /// Text for people must not hold a secret.
    pub(super) fn no_secret(&self, call: usize, text: &str) -> Result<(), Violation> {
        let in_numbers = text.contains(marker::AS_NUMBERS).then_some(Owner::Nobody);
        match self.markers.is_in(text).or(in_numbers) {
            None => Ok(()),
            Some(owner) => {
                let text = format!("a secret of {owner:?} stands in {text:?}");
                Err(Violation { invariant: "I15", text, call: Some(call) })
            }
        }
    }
}

/// The target of the present request, as far as it is known.
pub(super) fn target(chain: &Chain) -> &str {
    chain.target.as_deref().unwrap_or("/?")
}
