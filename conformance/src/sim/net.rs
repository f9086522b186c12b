//! The simulated network: scripted peers behind byte queues, a virtual clock, chosen cuts.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use crate::peer::{Action, Activity, Attempt, Certificates, Line, LookUp, World};

use super::cuts::Cuts;

/// All connections of a run, and the clock.
pub struct Net {
    /// The servers.
    pub world: World,
    lines: Vec<Cable>,
    /// Since the run began.
    pub now: Duration,
    cuts: Cuts,
    /// Bytes from servers that the client has read.
    pub delivered: usize,
    addresses: Vec<(String, u16)>,
    dialled: BTreeMap<usize, Result<usize, Attempt>>,
}

/// One connection.
struct Cable {
    line: Line,
    inbox: VecDeque<u8>,
    end: Option<End>,
    /// The client has closed its end.
    hung_up: bool,
}

/// How the server's side of a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Closed,
    Reset,
}

/// What a read gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// So many bytes.
    Bytes(usize),
    /// The end of the stream.
    End,
    /// The connection was reset.
    Reset,
    /// Nothing yet.
    Nothing,
}

/// The client's end of a connection; dropping it closes the connection.
pub struct Socket {
    /// `None` for one that never gets through.
    line: Option<usize>,
    net: Rc<RefCell<Net>>,
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Socket({:?})", self.line)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Some(line) = self.line {
            let net = &mut *self.net.borrow_mut();
            net.lines[line].line.closed(&mut net.world);
            net.lines[line].end = Some(End::Closed);
            net.lines[line].hung_up = true;
        }
    }
}

impl Net {
    /// A network of these servers, whose bytes are cut so.
    #[must_use]
    pub fn new(world: World, cuts: Cuts) -> Self {
        Self {
            world,
            lines: Vec::new(),
            now: Duration::ZERO,
            cuts,
            delivered: 0,
            addresses: Vec::new(),
            dialled: BTreeMap::new(),
        }
    }

    /// Looks a name up: every name has one address, unless the scenario says that it has none.
    /// During a SOCKS handshake only those in `dns` have one.
    ///
    /// # Errors
    /// The attempt's outcome, which is noted.
    pub fn resolve(&mut self, host: &str, port: u16) -> Result<SocketAddr, Attempt> {
        if let LookUp::Tell(address) = self.world.look_up(host) {
            return address.map(|ip| SocketAddr::new(ip, port)).ok_or(Attempt::Dns);
        }
        let outcome = self.world.dial(host, port);
        if outcome == Err(Attempt::Dns) {
            return Err(Attempt::Dns);
        }
        let index = self.addresses.len();
        self.addresses.push((host.to_owned(), port));
        self.dialled.insert(index, outcome);
        let low = u16::try_from(index).expect("few names");
        let [high, low] = low.to_be_bytes();
        Ok(SocketAddr::new(Ipv4Addr::new(10, 99, high, low).into(), port))
    }

    /// What becomes of an attempt to connect to an address.
    ///
    /// # Errors
    /// The attempt's outcome.
    pub fn connect(&mut self, address: SocketAddr) -> Result<usize, Attempt> {
        let octets = match address {
            SocketAddr::V4(v4) => v4.ip().octets(),
            SocketAddr::V6(_) => [0; 4],
        };
        let index = usize::from(u16::from_be_bytes([octets[2], octets[3]]));
        let of_name = (octets[0] == 10 && octets[1] == 99).then(|| self.dialled.remove(&index));
        let outcome = match of_name.flatten() {
            Some(outcome) => outcome,
            None => self.world.dial(&address.ip().to_string(), address.port()),
        };
        let server = outcome?;
        let line = Line::accept(&mut self.world, server, Certificates::shared(), self.now);
        self.lines.push(Cable { line, inbox: VecDeque::new(), end: None, hung_up: false });
        Ok(self.lines.len() - 1)
    }

    /// The client's end of a connection, or of one that never gets through.
    #[must_use]
    pub fn socket(net: &Rc<RefCell<Self>>, line: Option<usize>) -> Socket {
        Socket { line, net: Rc::clone(net) }
    }

    /// Sends bytes.
    pub fn send(&mut self, socket: &Socket, bytes: &[u8]) {
        let Some(line) = socket.line else { return };
        self.lines[line].line.receive(&mut self.world, bytes, self.now);
        self.pump();
    }

    /// Reads what has come, up to the next cut.
    pub fn read(&mut self, socket: &Socket, room: &mut [u8]) -> Read {
        self.pump();
        let Some(line) = socket.line else { return Read::Nothing };
        let cable = &mut self.lines[line];
        if cable.inbox.is_empty() {
            return match cable.end {
                None => Read::Nothing,
                Some(End::Closed) => Read::End,
                Some(End::Reset) => Read::Reset,
            };
        }
        let most = room.len().min(cable.inbox.len());
        let count = self.cuts.next(self.delivered, most);
        for place in room.iter_mut().take(count) {
            *place = cable.inbox.pop_front().expect("as many as there are");
        }
        self.delivered += count;
        Read::Bytes(count)
    }

    /// Whether an idle connection is open with nothing to read.
    pub fn is_quiet(&mut self, socket: &Socket) -> bool {
        self.pump();
        let cable = socket.line.map(|line| &self.lines[line]);
        cable.is_some_and(|cable| cable.inbox.is_empty() && cable.end.is_none())
    }

    /// How many connections the client has open with nothing unread: what may idle in a pool.
    #[must_use]
    pub fn clean(&self) -> usize {
        self.lines.iter().filter(|cable| !cable.hung_up && cable.inbox.is_empty()).count()
    }

    /// Lets every server do what is due.
    fn pump(&mut self) {
        for cable in &mut self.lines {
            while let Some(action) = cable.line.poll(&mut self.world, self.now) {
                match action {
                    Action::Send(bytes) if cable.end.is_none() => cable.inbox.extend(bytes),
                    Action::Send(_) => {}
                    Action::Close => cable.end = cable.end.or(Some(End::Closed)),
                    // What came before can be read first, as on Linux.
                    Action::Reset => cable.end = Some(End::Reset),
                }
            }
        }
    }

    /// Jumps to the next moment at which a server or the client has something to do; whether there
    /// is one.
    pub fn jump(&mut self, client: Option<Duration>) -> bool {
        let servers = self.lines.iter().filter_map(|cable| cable.line.deadline()).min();
        let next = match (servers, client) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        if let Some(next) = next {
            self.now = self.now.max(next);
            self.pump();
        }
        next.is_some()
    }

    /// Lets servers finish what they have begun: replies leave whole before the next call.
    pub fn settle(&mut self) {
        self.pump();
        for _ in 0..10_000 {
            let now = self.now;
            let busy = self.lines.iter().filter(|c| c.line.activity(now) == Activity::Busy);
            let next = busy.filter_map(|cable| cable.line.deadline()).min();
            match next {
                Some(next) => self.now = now.max(next),
                None => return,
            }
            self.pump();
        }
    }
}

impl Socket {
    /// Whether it got through.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.line.is_some()
    }
}

impl std::fmt::Debug for Net {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Net").finish_non_exhaustive()
    }
}
