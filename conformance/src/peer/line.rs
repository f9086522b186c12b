//! A client's socket seen from the servers' side, through every layer it carries.
//!
//! A CONNECT or a SOCKS handshake that succeeds puts another server's connection inside the first
//! one; each may have TLS of its own. The driver sees the outermost bytes only.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::connection::{Activity, Connection, Ending, Step};
use super::script::TlsScript;
use super::world::World;

/// What a driver has to do with a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send these bytes now.
    Send(Vec<u8>),
    /// End the stream; nothing follows.
    Close,
    /// Reset the connection; nothing follows.
    Reset,
}

/// What a TLS handshake showed to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSeen {
    /// The name that the client asked for.
    pub server_name: Option<String>,
    /// The common name of the client's certificate.
    pub client: Option<String>,
}

/// What came out of ciphertext.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plaintext {
    /// Possibly nothing.
    pub bytes: Vec<u8>,
    /// Whether the client has announced the end.
    pub end: TlsEnd,
}

/// Whether the client has announced the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TlsEnd {
    /// Not yet.
    #[default]
    Open,
    /// With `close_notify`.
    Noticed,
}

/// Why a connection with TLS is of no more use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsBroken {
    /// The handshake failed, or a record is broken.
    Failed,
    /// What came is no TLS. The recorder's server closes then with bytes unread, which resets.
    NoTls,
}

/// The server's side of TLS on one connection, without input or output.
pub trait TlsLayer: Send + fmt::Debug {
    /// Takes ciphertext from the client.
    ///
    /// # Errors
    /// If the connection is of no more use; an alert may be left in [`Self::take_ciphertext`].
    fn receive(&mut self, ciphertext: &[u8]) -> Result<Plaintext, TlsBroken>;

    /// Takes plaintext for the client.
    fn send(&mut self, plaintext: &[u8]);

    /// Says that nothing follows (`close_notify`).
    fn close(&mut self);

    /// What is to be sent to the client; empty if nothing is.
    fn take_ciphertext(&mut self) -> Vec<u8>;

    /// What the handshake showed, once it is over.
    fn seen(&self) -> Option<TlsSeen>;
}

/// Makes the server's side of TLS.
pub trait TlsProvider: Send + Sync + fmt::Debug {
    /// For a connection that was just accepted.
    fn accept(&self, script: &TlsScript) -> Box<dyn TlsLayer>;
}

/// One socket.
#[derive(Debug)]
pub struct Line {
    provider: Arc<dyn TlsProvider>,
    /// From the outermost to the innermost; only the innermost is not leading.
    levels: Vec<Level>,
    pending: VecDeque<Action>,
    state: LineState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineState {
    Open,
    Over,
}

#[derive(Debug)]
struct Level {
    connection: Connection,
    tls: Option<Box<dyn TlsLayer>>,
}

impl Line {
    /// A connection that `server` accepts at `now`.
    pub fn accept(
        world: &mut World,
        server: usize,
        provider: Arc<dyn TlsProvider>,
        now: Duration,
    ) -> Self {
        let mut line =
            Self { provider, levels: Vec::new(), pending: VecDeque::new(), state: LineState::Open };
        line.add_level(world, server, now);
        line
    }

    /// Takes bytes from the client.
    pub fn receive(&mut self, world: &mut World, bytes: &[u8], now: Duration) {
        if self.state == LineState::Open {
            self.feed(world, 0, bytes, now);
        }
    }

    /// The client has closed its side, or the connection broke.
    pub fn closed(&mut self, world: &mut World) {
        for level in &mut self.levels {
            level.connection.closed(world);
        }
        if self.state == LineState::Open {
            self.finish(Action::Close);
        }
    }

    /// What is to be done now; ask until there is nothing.
    pub fn poll(&mut self, world: &mut World, now: Duration) -> Option<Action> {
        while self.pending.is_empty() && self.state == LineState::Open {
            let inner = self.levels.len() - 1;
            match self.levels[inner].connection.poll(world, now)? {
                Step::Send(bytes) => self.send(inner, &bytes),
                Step::End(ending) => self.end(inner, ending),
                Step::Lead { to, unread } => {
                    self.add_level(world, to, now);
                    if !unread.is_empty() {
                        self.feed(world, inner + 1, &unread, now);
                    }
                }
            }
        }
        self.pending.pop_front()
    }

    /// When [`Self::poll`] is to be asked again though nothing has arrived.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        match self.state {
            LineState::Open => self.levels.iter().filter_map(|l| l.connection.deadline()).min(),
            LineState::Over => None,
        }
    }

    /// Whether the servers still have something to do on it.
    #[must_use]
    pub fn activity(&self, now: Duration) -> Activity {
        if !self.pending.is_empty() {
            return Activity::Busy;
        }
        match (self.state, self.levels.last()) {
            (LineState::Open, Some(Level { tls: Some(tls), .. })) if tls.seen().is_none() => {
                Activity::Busy
            }
            (LineState::Open, Some(level)) => level.connection.activity(now),
            (LineState::Over, _) | (_, None) => Activity::Waiting,
        }
    }

    /// Whether it has ended; what is pending may still have to be done.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.state == LineState::Over
    }

    fn add_level(&mut self, world: &mut World, server: usize, now: Duration) {
        let tls = world.script(server).tls.as_ref().map(|script| self.provider.accept(script));
        let connection = Connection::accept(world, server, now);
        self.levels.push(Level { connection, tls });
    }

    fn feed(&mut self, world: &mut World, index: usize, bytes: &[u8], now: Duration) {
        let is_innermost = index + 1 == self.levels.len();
        let level = &mut self.levels[index];
        let plain = match &mut level.tls {
            None => Ok(Plaintext { bytes: bytes.to_vec(), end: TlsEnd::Open }),
            Some(tls) => {
                let plain = tls.receive(bytes);
                level.connection.place.tls = tls.seen();
                plain
            }
        };
        self.send(index, &[]);
        let plain = match plain {
            Ok(plain) => plain,
            Err(broken) => {
                self.levels[index].connection.closed(world);
                let resets = broken == TlsBroken::NoTls && index == 0;
                return self.finish(if resets { Action::Reset } else { Action::Close });
            }
        };
        if !plain.bytes.is_empty() {
            if is_innermost {
                self.levels[index].connection.receive(world, &plain.bytes, now);
            } else {
                self.feed(world, index + 1, &plain.bytes, now);
            }
        }
        if plain.end == TlsEnd::Noticed {
            for level in self.levels.iter_mut().skip(index) {
                level.connection.closed(world);
            }
            self.finish(Action::Close);
        }
    }

    /// Sends from a level outwards, with whatever its TLS has to say.
    fn send(&mut self, index: usize, bytes: &[u8]) {
        let mut bytes = bytes.to_vec();
        for level in self.levels.iter_mut().take(index + 1).rev() {
            if let Some(tls) = &mut level.tls {
                if !bytes.is_empty() {
                    tls.send(&bytes);
                }
                bytes = tls.take_ciphertext();
            }
        }
        if !bytes.is_empty() {
            self.pending.push_back(Action::Send(bytes));
        }
    }

    fn end(&mut self, index: usize, ending: Ending) {
        if ending == Ending::Orderly {
            if let Some(tls) = &mut self.levels[index].tls {
                tls.close();
            }
            self.send(index, &[]);
        }
        // A proxy tells its client only that the other side is gone, not how.
        let is_outermost = index == 0;
        let reset = ending == Ending::Reset && is_outermost;
        self.finish(if reset { Action::Reset } else { Action::Close });
    }

    fn finish(&mut self, action: Action) {
        if self.state == LineState::Open {
            self.state = LineState::Over;
            self.pending.push_back(action);
        }
    }
}
