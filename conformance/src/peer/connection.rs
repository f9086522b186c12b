//! One connection as the server behind it sees it: requests in, scripted replies out.
//!
//! The format is described in `oracle/FORMAT.md`, section 3.6.

use std::collections::VecDeque;
use std::time::Duration;

use super::log::{self, Fate, Place};
use super::request::{Read, Reader, Request};
use super::script::{Reply, ServerScript, Then};
use super::socks::{self, Handshake, Next};
use super::world::World;

/// A request that stops arriving for this long is logged as incomplete.
const STALL: Duration = Duration::from_millis(400);

/// A pause above this one is no part of an answer under way.
const SHORT_PAUSE: Duration = Duration::from_millis(20);

/// How a server ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With the notice of TLS, then the end of the stream.
    Orderly,
    /// The end of the stream without the notice of TLS.
    Abort,
    /// A TCP reset.
    Reset,
}

/// Whether the client has to be waited for, or the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// The client is to move: nothing has begun, or the server is silent for good.
    Waiting,
    /// The server is between the first byte of a request and the last of its reply.
    Busy,
    /// A scripted pause of more than 20 ms is under way.
    Paused,
}

/// What a connection does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Sends bytes.
    Send(Vec<u8>),
    /// Ends.
    End(Ending),
    /// From now on carries another server's connection; `unread` came too early.
    Lead { to: usize, unread: Vec<u8> },
}

/// One connection at one server, in plain text.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub(super) place: Place,
    state: State,
    due: VecDeque<(Duration, Step)>,
}

#[derive(Clone, Debug)]
enum State {
    /// Requests; they rest while a reply is due. `since` is the last sign of life.
    Reading { reader: Reader, since: Duration },
    /// A SOCKS handshake.
    Handshaking(Handshake),
    /// On the way to another server: what comes meanwhile is for that one.
    Leading { unread: Vec<u8> },
    /// Whatever comes is ignored.
    Silent,
}

impl Connection {
    /// A connection that was accepted by `server` at `now`.
    pub(super) fn accept(world: &mut World, server: usize, now: Duration) -> Self {
        let connection = world.peer_mut(server).accept();
        let state = if socks::is_socks(world.script(server).kind) {
            State::Handshaking(Handshake::default())
        } else {
            State::Reading { reader: Reader::default(), since: now }
        };
        let place = Place { server, connection, tls: None };
        Self { place, state, due: VecDeque::new() }
    }

    /// Takes bytes from the client.
    pub(super) fn receive(&mut self, world: &mut World, bytes: &[u8], now: Duration) {
        world.peer_mut(self.place.server).hear(bytes);
        match &mut self.state {
            State::Reading { reader, since } => {
                reader.push(bytes);
                *since = now;
            }
            State::Handshaking(handshake) => handshake.push(bytes),
            State::Leading { unread } => unread.extend_from_slice(bytes),
            State::Silent => {}
        }
        self.advance(world, now);
    }

    /// The client has closed, or the connection broke: nothing more will come or go.
    pub(super) fn closed(&mut self, world: &mut World) {
        self.give_up(world);
        self.due.clear();
    }

    /// The next step that is due, if one is.
    pub(super) fn poll(&mut self, world: &mut World, now: Duration) -> Option<Step> {
        if self.stalled_at().is_some_and(|at| at <= now) {
            self.give_up(world);
            self.due.push_back((now, Step::End(Ending::Abort)));
        }
        self.due.front().filter(|(at, _)| *at <= now)?;
        let (_, mut step) = self.due.pop_front()?;
        if let (Step::Lead { unread, .. }, State::Leading { unread: early }) =
            (&mut step, &mut self.state)
        {
            unread.append(early);
        }
        if let State::Reading { since, .. } = &mut self.state {
            *since = now;
        }
        self.advance(world, now);
        Some(step)
    }

    /// When [`Self::poll`] is to be asked again though nothing has arrived.
    pub(super) fn deadline(&self) -> Option<Duration> {
        self.due.front().map(|(at, _)| *at).or_else(|| self.stalled_at())
    }

    /// Whether a reply is under way.
    pub(super) fn activity(&self, now: Duration) -> Activity {
        match (self.due.front(), &self.state) {
            (Some((at, _)), _) if *at > now + SHORT_PAUSE => Activity::Paused,
            (Some(_), _) | (None, State::Handshaking(_)) => Activity::Busy,
            (None, State::Reading { .. }) if self.stalled_at().is_some() => Activity::Busy,
            (None, _) => Activity::Waiting,
        }
    }

    fn stalled_at(&self) -> Option<Duration> {
        match &self.state {
            State::Reading { reader, since } if self.due.is_empty() && reader.has_part() => {
                Some(*since + STALL)
            }
            _ => None,
        }
    }

    fn give_up(&mut self, world: &mut World) {
        if let State::Handshaking(_) = &self.state {
            world.handshake_over();
        }
        if let State::Reading { reader, .. } = &mut self.state {
            let script = world.script(self.place.server);
            let entry = log::rest(&self.place, &reader.give_up(), &script, world.defaults());
            if let Some(entry) = entry {
                world.note(entry);
            }
        }
        self.state = State::Silent;
    }

    fn advance(&mut self, world: &mut World, now: Duration) {
        while self.due.is_empty() {
            let script = world.script(self.place.server);
            match &mut self.state {
                State::Reading { reader, .. } => match reader.read() {
                    Read::Nothing | Read::Part => return,
                    Read::Whole(request) => self.answer(world, &script, &request, now),
                    Read::Broken(request) => {
                        self.note(world, &script, &request, Fate::Incomplete);
                        self.end(now, Ending::Abort);
                    }
                },
                State::Handshaking(handshake) => {
                    let next = handshake.next(&script.socks);
                    match next {
                        Next::More => return,
                        Next::Answer(_) => {}
                        Next::Refuse { .. } | Next::Lead { .. } => world.handshake_over(),
                    }
                    self.shake(world, next, now);
                }
                State::Leading { .. } | State::Silent => return,
            }
        }
    }

    fn answer(
        &mut self,
        world: &mut World,
        script: &ServerScript,
        request: &Request,
        now: Duration,
    ) {
        let is_connect = request.line.starts_with(b"CONNECT ");
        let reply = world.peer_mut(self.place.server).take_reply(is_connect);
        let fate = if reply.is_some() { Fate::Answered } else { Fate::Unanswered };
        self.note(world, script, request, fate);
        let Some(reply) = reply else { return self.end(now, Ending::Abort) };
        let at = self.schedule(&reply, now);
        match reply.then {
            Then::Keep => {}
            Then::Hang => self.state = State::Silent,
            Then::Close => self.end(at, Ending::Orderly),
            Then::Abort => self.end(at, Ending::Abort),
            Then::Reset => self.end(at, Ending::Reset),
            Then::Tunnel => {
                let target = request.connect_target();
                let to = target.and_then(|(host, port)| world.find(&host, port));
                self.lead(to, at);
            }
        }
    }

    fn shake(&mut self, world: &mut World, next: Next, now: Duration) {
        match next {
            Next::More => {}
            Next::Answer(answer) => self.due.push_back((now, Step::Send(answer))),
            Next::Refuse { answer, entry } => {
                world.note(log::socks(&self.place, entry));
                self.due.push_back((now, Step::Send(answer)));
                self.end(now, Ending::Abort);
            }
            Next::Lead { answer, entry, host, port, unread } => {
                world.note(log::socks(&self.place, entry));
                self.due.push_back((now, Step::Send(answer)));
                self.state = State::Reading { reader: Reader::with(unread), since: now };
                self.lead(world.find_address(&host, port), now);
            }
        }
    }

    /// Puts the pieces of a reply on the schedule and says when the last one goes.
    fn schedule(&mut self, reply: &Reply, now: Duration) -> Duration {
        let mut at = now;
        for (pause, piece) in reply.timed() {
            at += pause;
            if !piece.is_empty() {
                self.due.push_back((at, Step::Send(piece)));
            }
        }
        at
    }

    fn lead(&mut self, to: Option<usize>, at: Duration) {
        let Some(to) = to else { return self.end(at, Ending::Abort) };
        let unread = match std::mem::replace(&mut self.state, State::Silent) {
            State::Reading { reader, .. } => reader.into_unread(),
            State::Handshaking(_) | State::Leading { .. } | State::Silent => Vec::new(),
        };
        self.state = State::Leading { unread };
        self.due.push_back((at, Step::Lead { to, unread: Vec::new() }));
    }

    fn end(&mut self, at: Duration, ending: Ending) {
        self.state = State::Silent;
        self.due.push_back((at, Step::End(ending)));
    }

    fn note(&self, world: &mut World, script: &ServerScript, request: &Request, fate: Fate) {
        let entry = log::request(&self.place, request, fate, script, world.defaults());
        world.note(entry);
    }
}
