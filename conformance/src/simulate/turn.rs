//! One turn of a call: its output is asked for, twice, and answered.

use std::net::SocketAddr;

use sessio_core::connection::Target;
use sessio_core::exchange::{PieceEnd, Probe, Rewound};
use sessio_core::io::IoError;
use sessio_core::{Input, Output};

use super::answer::MS;
use super::call::Reading;
use super::chain::Then;
use super::fault::Fault;
use super::random::Random;
use super::run::{Asks, Live, Run, Turn, Violation};
use super::served::Leads;
use super::trust::load;
use super::wire::{Socket, Through};
use super::world::{address, place_at, place_named};

/// Steps without anything changing outside, after which a call spins.
const STILL_MAX: usize = 64;

/// What an output says, as far as it can be compared with another.
fn sketch(output: &Output<'_, Socket>) -> [u64; 4] {
    let at = |bytes: &[u8]| (bytes.as_ptr() as u64).wrapping_mul(bytes.len() as u64 | 1);
    match output {
        Output::Consult => [1, 0, 0, 0],
        Output::Resolve(name) => [2, name.host.len() as u64, u64::from(name.port), 0],
        Output::Connect { id, .. } => [3, id.0, 0, 0],
        Output::Await(attempts) => [4, attempts.len() as u64, 0, 0],
        Output::Probe(socket) => [5, socket.number as u64, 0, 0],
        Output::Transfer(transfer) => {
            let upload = transfer.upload.as_ref().map_or(0, |upload| upload.room.len());
            let receive = transfer.receive.len() as u64;
            let send = transfer.send.iter().map(|part| at(part)).fold(receive, u64::wrapping_add);
            [6, transfer.socket.number as u64, send, upload as u64]
        }
        Output::Rewind(source) => [7, source.0 as u64, 0, 0],
        Output::Load(path) => [8, path.len() as u64, 0, 0],
        Output::Wait => [9, 0, 0, 0],
        Output::Full => [10, 0, 0, 0],
        Output::Prepared(_) => [11, 0, 0, 0],
        Output::Head(_) => [12, 0, 0, 0],
        Output::Data(data) => [13, at(data.bytes), data.bytes.len() as u64, 0],
        Output::Respond(_) => [14, 0, 0, 0],
        Output::Done => [15, 0, 0, 0],
    }
}

impl Run {
    /// Serves one output of a call.
    pub(super) fn step(&mut self, live: &mut Live) -> Result<Turn, Violation> {
        let now = self.now();
        if live.exchange.deadline().is_some_and(|deadline| deadline.at <= now.mono) {
            live.exchange.handle(Input::Tick, now);
        }
        live.steps += 1;
        live.still += 1;
        live.is_full = false;
        if live.cancel_at == Some(live.steps) {
            self.log(|| format!("call {}: dropped by the caller", live.call));
            return self.cancelled(live);
        }
        let (once, twice) = (sketch(&live.exchange.poll()), sketch(&live.exchange.poll()));
        if once != twice {
            return self.broken("I12", live, format!("asked twice: {once:?}, then {twice:?}"));
        }
        self.note(&[once[0], live.call as u64, self.now]);
        if live.still > STILL_MAX {
            return self.broken("I3", live, format!("it spins over {once:?}"));
        }
        if live.steps > 400 + live.moved * 3 {
            let text = format!("{} steps for {} bytes", live.steps, live.moved);
            return self.broken("I16", live, text);
        }
        let is_late = live.ends_by.is_some_and(|by| by <= self.now);
        if is_late && once[0] != 15 {
            return self.broken("I3", live, "it is not over at its deadline".into());
        }
        if self.ran.hash & 0xfff == 0 {
            self.no_secret(live.call, &format!("{:?}", live.exchange))?;
        }
        match once[0] {
            1 | 10 => self.consult(live, once[0] == 10),
            6 => self.transfer(live),
            4 => Ok(self.attempts(live)),
            13 => self.data(live),
            9 => Ok(Turn::Blocked(live.exchange.deadline().map_or(u64::MAX, |d| d.at.as_nanos()))),
            15 => self.judge(live).map(|()| Turn::Over),
            _ => self.at_once(live),
        }
    }

    pub(super) fn broken(
        &self,
        invariant: &'static str,
        live: &Live,
        text: String,
    ) -> Result<Turn, Violation> {
        Err(Violation { invariant, text, call: Some(live.call) })
    }

    /// The caller drops the call: its connection has to go, unless it was given back.
    fn cancelled(&mut self, live: &mut Live) -> Result<Turn, Violation> {
        let text = format!("{:?}", live.exchange);
        self.no_secret(live.call, &text)?;
        if let Some(line) = live.line {
            let line = &mut self.wire.lines[line];
            if line.user == Some(live.call) && line.is_busy() {
                line.spoil(self.now, "its call was dropped");
            }
        }
        self.ran.outcomes.push(format!("{}: cancelled", live.call));
        self.settle_tally(live.call);
        Ok(Turn::Over)
    }

    /// Lends the session.
    fn consult(&mut self, live: &mut Live, is_full: bool) -> Result<Turn, Violation> {
        self.count_cookies(live);
        let before = std::sync::Arc::as_ptr(live.exchange.request());
        let now = self.now();
        live.exchange.consult(&mut self.session, now);
        self.freed |= self.wire.sweep();
        if !std::ptr::eq(before, std::sync::Arc::as_ptr(live.exchange.request())) {
            self.hop(live)?;
        }
        // Something may have been given back, even if the call itself has to wait now.
        self.freed |= !is_full;
        if matches!(live.exchange.poll(), Output::Full) {
            live.is_full = true;
            live.still = 0;
            self.befall(live.call, Fault::FewPlaces);
            let until = live.exchange.deadline().map_or(u64::MAX, |d| d.at.as_nanos());
            return Ok(Turn::Blocked(until));
        }
        // Who waited and goes on is no longer in the way of those behind.
        self.freed = true;
        Ok(Turn::Ready)
    }

    /// The call goes on to another request: it has to be the one that the response leads to.
    fn hop(&mut self, live: &mut Live) -> Result<(), Violation> {
        let Some(chain) = &mut self.chains[live.call] else { return Ok(()) };
        let fail = |text: String| Err(Violation { invariant: "I14", text, call: Some(live.call) });
        let Some(served) = chain.served.and_then(|number| self.served.get(number)) else {
            return fail("it goes on without a response".into());
        };
        match chain.then(served) {
            Then::Go => {}
            Then::Prove => {
                chain.prove(served);
                chain.tries_left =
                    self.setup.retrying.as_ref().map_or(0, |retrying| retrying.total);
                live.line = None;
                return Ok(());
            }
            // It may be refused by its scheme only after it was prepared; not a byte may go out.
            Then::Fail if served.leads == Leads::Astray => {
                chain.must_not_go = true;
                return Ok(());
            }
            other => return fail(format!("it goes on where {other:?} was due: {served:?}")),
        }
        chain.go_on(served);
        let path = chain.target.as_deref().map(super::answer::path_of);
        let wall = self.wall + (self.now / 1_000_000_000).cast_signed();
        let of_jar = path.map_or(Vec::new(), |path| self.jar.line(chain.at, &path, wall));
        chain.put_cookies(of_jar);
        self.setup.route(chain);
        chain.tries_left = self.setup.retrying.as_ref().map_or(0, |retrying| retrying.total);
        live.line = None;
        if live.asks == Asks::After {
            live.asks = Asks::Before;
        }
        let line = format!("call {}: on to {} {}", live.call, chain.method, chain.at);
        self.log(|| line);
        Ok(())
    }

    /// The cookies of the response that the exchange has count from now on.
    fn count_cookies(&mut self, live: &Live) {
        // Whoever is asked about responses is asked before they count.
        if live.asks == Asks::Before {
            return;
        }
        let Some(response) = live.exchange.response() else { return };
        let number = response.header_str("x-serve").and_then(|text| text.parse::<usize>().ok());
        let Some(number) = number else { return };
        let wall = self.wall_seconds();
        let Some(chain) = &mut self.chains[live.call] else { return };
        if chain.counted == Some(number) {
            return;
        }
        chain.counted = Some(number);
        let served = &self.served[number];
        self.jar.take(&served.cookies, served.origin, &served.path, wall);
    }

    /// Something befalls a call.
    pub(super) fn befall(&mut self, call: usize, fault: Fault) {
        if let Some(chain) = &mut self.chains[call] {
            chain.befell = chain.befell.with(fault);
        }
    }

    /// Waits for attempts to connect.
    fn attempts(&mut self, live: &mut Live) -> Turn {
        let now = self.now();
        let deadline = live.exchange.deadline().map_or(u64::MAX, |d| d.at.as_nanos());
        let Output::Await(attempts) = live.exchange.poll() else { return Turn::Ready };
        let mut next = u64::MAX;
        let mut input = None;
        for attempt in attempts.iter() {
            match self.wire.lines[attempt.socket.number].through {
                Through::At(at) if at <= self.now => input = Some(Input::Connected(attempt.id)),
                Through::RefusedAt(at) if at <= self.now => {
                    input = Some(Input::NotConnected(attempt.id, IoError::Refused));
                }
                Through::At(at) | Through::RefusedAt(at) => next = next.min(at),
                Through::Never => {}
            }
        }
        let Some(input) = input else { return Turn::Blocked(next.min(deadline)) };
        live.still = 0;
        live.exchange.handle(input, now);
        Turn::Ready
    }

    /// Content for the caller.
    fn data(&mut self, live: &mut Live) -> Result<Turn, Violation> {
        let now = self.now();
        let Output::Data(data) = live.exchange.poll() else { return Ok(Turn::Ready) };
        if data.bytes.is_empty() && data.piece == PieceEnd::NotYet {
            return self.broken("I12", live, "content without bytes".into());
        }
        let most = match live.reading {
            Reading::Pieces(most) => most,
            Reading::Until(left) if live.got.len() >= left => {
                self.log(|| format!("call {}: the caller reads no more", live.call));
                return self.cancelled(live);
            }
            Reading::Until(_) | Reading::Whole => usize::MAX,
        };
        let count = data.bytes.len().min(most);
        live.got.extend_from_slice(&data.bytes[..count]);
        live.moved += count;
        live.still = 0;
        live.exchange.handle(Input::Consumed(count), now);
        Ok(Turn::Ready)
    }

    /// Outputs that have one answer.
    fn at_once(&mut self, live: &mut Live) -> Result<Turn, Violation> {
        let now = self.now();
        let (seed, call) = (self.setup.seed, live.call as u64);
        let mut random = Random::of(&[seed, 4, call, live.attempts]);
        let input = match live.exchange.poll() {
            Output::Resolve(name) => {
                live.attempts += 1;
                let (port, found) = (name.port, place_named(name.host));
                let fails = self.setup.draws(Fault::Unresolved, &mut random);
                let Some(host) = found.filter(|_| !fails) else {
                    if fails {
                        self.befall(live.call, Fault::Unresolved);
                    }
                    live.exchange.handle(Input::Unresolved(IoError::Unresolved), now);
                    return Ok(Turn::Ready);
                };
                let first = SocketAddr::new(address(host, false), port);
                let second = SocketAddr::new(address(host, true), port);
                if self.setup.draws(Fault::SecondAddress, &mut random) {
                    self.befall(live.call, Fault::SecondAddress);
                    live.exchange.handle(Input::Resolved(&[second, first]), now);
                } else {
                    live.exchange.handle(Input::Resolved(&[first]), now);
                }
                return Ok(Turn::Ready);
            }
            Output::Connect { id, target, .. } => {
                let Target::Address(to) = *target else {
                    return self.broken("I6", live, "a unix socket".into());
                };
                live.attempts += 1;
                live.still = 0;
                let Some((host, is_dead)) = place_at(to.ip()) else {
                    return self.broken("I6", live, format!("connects to {to}"));
                };
                let (host, through) = ((host, to.port()), self.through(call, is_dead, &mut random));
                match through {
                    None => Input::NotConnected(id, IoError::Refused),
                    Some(through) => {
                        Input::Connecting(id, self.connect(live.call, host, through, &mut random))
                    }
                }
            }
            Output::Probe(socket) => {
                let line = &mut self.wire.lines[socket.number];
                let probe = if line.is_quiet(self.now) { Probe::Quiet } else { Probe::Spoiled };
                Input::Probed(probe)
            }
            Output::Rewind(_) => {
                let done = live.feed.as_mut().is_some_and(super::call::Feed::rewind);
                Input::Rewound(if done { Rewound::Done } else { Rewound::Impossible })
            }
            Output::Respond(_) => {
                live.asks = Asks::After;
                Input::Continue
            }
            Output::Load(path) => match load(path, &self.setup.texts) {
                Some(text) => Input::Loaded(text),
                None => Input::NotLoaded(IoError::NotFound),
            },
            Output::Prepared(_) | Output::Head(_) => Input::Continue,
            other => {
                return Err(Violation {
                    invariant: "I12",
                    text: format!("asks for {other:?}"),
                    call: Some(live.call),
                });
            }
        };
        live.exchange.handle(input, now);
        Ok(Turn::Ready)
    }

    /// Whether an attempt to connect gets through, and when; `None` is refused at once.
    fn through(&mut self, call: u64, is_dead: bool, random: &mut Random) -> Option<Through> {
        let at = self.now + random.between(1, 20) as u64 * MS;
        if is_dead {
            return match random.below(3) {
                0 => None,
                1 => Some(Through::RefusedAt(at)),
                _ => Some(Through::Never),
            };
        }
        let kinds = [Fault::Refused, Fault::ConnectTimeout];
        let fault = self.setup.draw(&kinds, random);
        if let Some(fault) = fault {
            self.befall(usize::try_from(call).unwrap_or_default(), fault);
        }
        match fault {
            Some(Fault::Refused) if random.chance(300) => None,
            Some(Fault::Refused) => Some(Through::RefusedAt(at)),
            Some(_) => Some(Through::Never),
            None => Some(Through::At(at)),
        }
    }
}
