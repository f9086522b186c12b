//! Bytes from a call to its peer and back, and the checks when a request begins.

use sessio_core::exchange::{Input, Output, Received};
use sessio_core::io::IoError;
use sessio_core::message::SourceId;

use super::answer::MS;
use super::chain::{Chain, is_idempotent};
use super::fault::Fault;
use super::judge::may_go_wrong;
use super::later::Later;
use super::random::Random;
use super::run::{Live, Run, Turn, Violation};
use super::served::{Served, Verdict};
use super::setup::{Setup, View};
use super::wire::{Cutting, Read};

impl Run {
    /// Moves bytes.
    pub(super) fn transfer(&mut self, live: &mut Live) -> Result<Turn, Violation> {
        let now = self.now();
        let Output::Transfer(transfer) = live.exchange.poll() else { return Ok(Turn::Ready) };
        let number = transfer.socket.number;
        let wanted: usize = transfer.send.iter().map(|part| part.len()).sum();
        let line = &mut self.wire.lines[number];
        if wanted > 0 && (live.line != Some(number) || line.is_free()) {
            live.line = Some(number);
            self.take_up(live.call, number)?;
            return Ok(Turn::Ready);
        }
        let mut sent = 0;
        // What has come before the first byte of a request is read before that goes out.
        let is_asked = line.written > line.written_before || line.is_quiet(self.now);
        if wanted > 0 && is_asked {
            match line.accepts(wanted, self.now) {
                Ok(count) => {
                    let of_head = count.min(transfer.send[0].len());
                    line.come_in(&transfer.send[0][..of_head]);
                    line.come_in(&transfer.send[1][..count - of_head]);
                    line.written += count;
                    sent = count;
                }
                Err(why) => {
                    live.exchange.handle(Input::Lost(why), now);
                    return Ok(Turn::Ready);
                }
            }
        }
        let received = match line.take(transfer.receive, self.now) {
            Read::Bytes(count) => Received::Bytes(count),
            Read::Nothing => Received::Nothing,
            Read::End => Received::Bytes(0),
            Read::Reset => {
                live.exchange.handle(Input::Lost(IoError::Reset), now);
                return Ok(Turn::Ready);
            }
        };
        if sent == 0 && received == Received::Nothing {
            let room = transfer.upload.map(|upload| (upload.source, upload.room));
            if let Some((SourceId(_), room)) = room
                && let Some(feed) = &mut live.feed
            {
                let input = feed.fill(room);
                live.moved += 64;
                live.still = 0;
                live.exchange.handle(input, now);
                return Ok(Turn::Ready);
            }
            let line = self.wire.lines[number].next(self.now);
            let deadline = live.exchange.deadline().map_or(u64::MAX, |d| d.at.as_nanos());
            return Ok(Turn::Blocked(line.min(deadline)));
        }
        let count = if let Received::Bytes(count) = received { count } else { 0 };
        live.moved += sent + count;
        live.still = 0;
        live.exchange.handle(Input::Moved { sent, received }, now);
        self.note(&[sent as u64, count as u64]);
        if sent > 0 {
            self.hear(number)?;
        }
        Ok(Turn::Ready)
    }

    /// The first byte of a call is about to go out on a connection.
    fn take_up(&mut self, call: usize, number: usize) -> Result<(), Violation> {
        let line = &self.wire.lines[number];
        let is_new = line.carried == 0;
        if is_new {
            self.opened(call, number)?;
        }
        let is_raised = self.chains[call].as_ref().is_some_and(|chain| self.setup.is_raised(chain));
        if is_new && is_raised {
            // The request begins when its first byte has come through all layers.
            self.spoil_line(call, number);
            return Ok(());
        }
        self.begin_request(call, number)
    }

    /// The first byte of a request is about to go out on a connection.
    pub(super) fn begin_request(&mut self, call: usize, number: usize) -> Result<(), Violation> {
        let line = &mut self.wire.lines[number];
        // Bytes that were sent before a request and arrive after it cannot be told from its
        // response: nothing would be learnt from that race.
        line.retract(self.now);
        let Some(chain) = &mut self.chains[call] else { return Ok(()) };
        let fail = |invariant, text| Err(Violation { invariant, text, call: Some(call) });
        if chain.must_not_go {
            return fail("I7", "a request that must not go out does".into());
        }
        if let Some((since, why)) = line.poison
            && since <= self.now
        {
            let late = (self.now - since) / MS;
            return fail("I5", format!("line {number} is used again {late} ms after: {why}"));
        }
        self.may_carry(call, number)?;
        let Some(chain) = &mut self.chains[call] else { return Ok(()) };
        chain.sends += 1;
        tried_again(chain, &self.served, &self.setup, self.now).map_err(|text| Violation {
            invariant: "I2",
            text,
            call: Some(call),
        })?;
        let again = chain
            .sent_on
            .replace(number)
            .is_some_and(|before| self.wire.lines[before].heard_of(call));
        let tries = self.setup.retrying.as_ref().map_or(0, |retrying| retrying.total);
        let is_for_all = self.setup.retrying.as_ref().is_some_and(|retrying| retrying.is_for_all);
        if again && !is_for_all && !is_idempotent(&chain.method) {
            return fail("I2", format!("a {} is sent twice", chain.method));
        }
        if chain.sends > 2 + 2 * tries {
            return fail("I2", format!("a request is sent {} times", chain.sends));
        }
        let line = &mut self.wire.lines[number];
        if line.carried > 0 {
            chain.inherits = line.befell;
        }
        line.user = Some(call);
        let is_raised = line.carried == 0 && line.written > 0;
        line.written_before = if is_raised { 0 } else { line.written };
        line.carried += 1;
        line.has_head = false;
        if !is_raised {
            self.spoil_line(call, number);
        }
        self.log(|| format!("call {call}: request on line {number}"));
        Ok(())
    }

    /// What befalls the connection while this request is on it.
    fn spoil_line(&mut self, call: usize, number: usize) {
        let Some(chain) = &mut self.chains[call] else { return };
        let parts = [self.setup.seed, 5, call as u64, chain.visits as u64, chain.sends as u64];
        let mut random = Random::of(&parts);
        let kinds = [
            Fault::ShortWrite,
            Fault::WriteBlock,
            Fault::WriteReset,
            Fault::HalfClose,
            Fault::ShortRead,
        ];
        let Some(fault) = self.setup.draw(&kinds, &mut random) else { return };
        chain.befell = chain.befell.with(fault);
        let line = &mut self.wire.lines[number];
        line.befell = line.befell.with(fault);
        let most = *random.pick(&[30, 2000]);
        let at = line.written + random.below(most);
        match fault {
            Fault::WriteBlock => {
                line.block = Some((at, self.now + random.between(1, 3000) as u64 * MS));
            }
            Fault::WriteReset => line.broken_at = Some((at, IoError::Reset)),
            Fault::HalfClose => line.broken_at = Some((at, IoError::BrokenPipe)),
            _ if self.setup.view == View::Free => line.cutting = Cutting::Seeded,
            _ => {}
        }
    }
}

/// Whether a request may be sent again though it was answered: where the answer asks for it, and
/// after the wait that it asks for.
fn tried_again(
    chain: &mut Chain,
    served: &[Served],
    setup: &Setup,
    now: u64,
) -> Result<(), String> {
    let before = std::mem::replace(&mut chain.served_before, chain.served);
    let is_again = chain.sent_on.is_some() && chain.served != before;
    let Some(served) = chain.served.and_then(|number| served.get(number)).filter(|_| is_again)
    else {
        return Ok(());
    };
    let Some(retrying) = &setup.retrying else { return Ok(()) };
    if served.verdict != Verdict::Sound || may_go_wrong(chain) || chain.is_excused {
        // Something else may have gone wrong with it, and that is a try too.
        chain.tries_left = chain.tries_left.saturating_sub(1);
        return Ok(());
    }
    if !retrying.concerns(chain, served, chain.tries_left) || chain.tries_left == 0 {
        return Err(format!("sent again after an answer of {}", served.status));
    }
    chain.tries_left -= 1;
    match served.later {
        Some(Later::Seconds(seconds)) if now < chain.answered_at + seconds * 1_000_000_000 => {
            Err(format!("sent again before {seconds} s have passed"))
        }
        _ => Ok(()),
    }
}
