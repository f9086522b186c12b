//! A turn of the engine: calls of the line are served, and what each stopped at is seen to.

use bytes::Bytes;
use sessio_runtime::shared::{leave, waiters};

use crate::call::Call;
use crate::engine::Engine;
use crate::outbox::{Delivery, Head};
use crate::slot::{Held, Run, Slot};
use crate::slots::CallId;
use crate::world::{Stop, World};

/// What a turn comes to.
pub(crate) enum Step {
    /// Code of the caller's is to run for this call, which is then put back.
    Outside(Box<Call>),
    /// Every call had its turn.
    Rested,
}

/// Whether a call goes on in the next turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Rests,
    Again,
}

impl Engine {
    /// Serves calls until one needs the caller's code, or each had its turn.
    pub(crate) fn step(&mut self) -> Step {
        loop {
            // Code of the caller's may have locked the session since the last step.
            self.freed |= waiters(&self.session).take();
            self.wake_waiting();
            let next = if self.turns == 0 { None } else { self.line.pop_front() };
            let Some(id) = next else { break };
            self.turns -= 1;
            let Some(slot) = self.slots.get_mut(id) else { continue };
            slot.run = Run::Rests;
            let Some(mut call) = slot.call.take() else { continue };
            let stop = call.go_on(&mut World {
                session: &self.session,
                tokens: &mut self.tokens,
                names: &mut self.names,
                probes: self.probes,
                freed: &mut self.freed,
            });
            self.waits_no_more(id, stop);
            if stop == Stop::Outside {
                return Step::Outside(call);
            }
            self.stopped(call, stop);
        }
        self.arm_idle();
        Step::Rested
    }

    /// If a place may have become free, the call runs next whose turn it is. When it has asked, it
    /// may be the next one's turn.
    fn wake_waiting(&mut self) {
        if !std::mem::take(&mut self.freed) || self.waiting.is_empty() {
            return;
        }
        let mut guard = self.session.lock();
        let turn = guard.next_in_line();
        leave(guard);
        if let Some(id) = turn.and_then(|turn| self.waiting.remove(&turn)) {
            self.queue_first(id);
        }
    }

    /// A call that has something else to do than to wait for a place is not asked any more.
    fn waits_no_more(&mut self, id: CallId, stop: Stop) {
        if let Some(slot) = self.slots.get_mut(id)
            && stop != Stop::Full
            && let Some(turn) = slot.turn.take()
        {
            self.waiting.remove(&turn);
        }
    }

    /// Sees to what a call stopped at, and puts it back or ends it.
    fn stopped(&mut self, mut call: Box<Call>, stop: Stop) {
        let id = call.id;
        // Only the caller's code can have given it up, and none ran.
        let Some(slot) = self.slots.get_mut(id) else { return };
        let then = match (stop, slot.outbox.delivery) {
            (Stop::Head | Stop::Data | Stop::Done, Delivery::Held) => {
                slot.held = Held::Yes;
                Then::Rests
            }
            (Stop::Done, Delivery::Drained) => {
                match call.outcome(&self.session) {
                    Ok((response, upgraded)) => {
                        upgraded.into_iter().for_each(|socket| slot.outbox.put_upgraded(socket));
                        slot.outbox.put_outcome(Ok(response));
                    }
                    Err(error) => slot.outbox.put_outcome(Err(error)),
                }
                self.freed = true;
                self.announce(id);
                return;
            }
            (Stop::Head, Delivery::Drained) => give_head(slot, &mut call),
            (Stop::Data, Delivery::Drained) => give_piece(slot, &mut call),
            (Stop::Full, _) => {
                slot.turn = call.ticket();
                slot.turn.and_then(|turn| self.waiting.insert(turn, id));
                Then::Rests
            }
            (Stop::Blocked, _) => {
                if call.has_room() {
                    slot.outbox.put_room();
                }
                Then::Rests
            }
            (Stop::Later | Stop::Outside, _) => Then::Again,
        };
        self.timers.arm(id, &mut slot.armed, call.deadline());
        slot.call = Some(call);
        if then == Then::Again {
            self.queue(id);
        }
        self.announce(id);
    }
}

/// The head of a streamed response is there: it is for the caller, and then the body follows.
fn give_head(slot: &mut Slot, call: &mut Call) -> Then {
    match slot.outbox.head {
        Head::Waits => Then::Rests,
        Head::Wanted => {
            if let Some(head) = call.response() {
                slot.outbox.put_head(head.clone());
            }
            Then::Rests
        }
        Head::Taken => {
            call.read_on();
            Then::Again
        }
    }
}

/// A piece of a body is there: it is for the caller, unless enough of them wait already.
fn give_piece(slot: &mut Slot, call: &mut Call) -> Then {
    if !slot.outbox.has_room() {
        return Then::Rests;
    }
    if let Some(data) = call.data() {
        let piece = Bytes::copy_from_slice(data.bytes);
        call.consumed(piece.len());
        slot.outbox.put_piece(piece);
    }
    Then::Again
}
