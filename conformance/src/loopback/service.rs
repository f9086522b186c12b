//! The thread that serves all servers of a vector.

use std::collections::VecDeque;
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::sockets::{Arrival, Ear, Followed, Sent, close, receive, reset, send};
use crate::peer::{Action, Activity, Line, TlsProvider, World};

/// What the caller asks of the thread.
#[derive(Debug)]
pub(super) enum Order {
    /// Answer when nothing is left to do.
    Settle(Sender<()>),
    /// Log what is unfinished, close everything, and end.
    Stop,
}

/// The state of the thread.
#[derive(Debug)]
pub(super) struct Service {
    world: Arc<Mutex<World>>,
    listeners: Vec<TcpListener>,
    provider: Arc<dyn TlsProvider>,
    inbox: Receiver<Order>,
    ear: Ear,
    began: Instant,
    clients: Vec<Client>,
    waiting: Vec<Sender<()>>,
}

/// One accepted connection.
#[derive(Debug)]
struct Client {
    stream: TcpStream,
    line: Line,
    unsent: VecDeque<Action>,
    state: Stream,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stream {
    Open,
    Gone,
}

/// Whether something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    Busy,
    Quiet,
}

/// Whether the thread goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    On,
    Over,
}

impl Service {
    pub(super) fn new(
        world: Arc<Mutex<World>>,
        listeners: Vec<TcpListener>,
        provider: Arc<dyn TlsProvider>,
        inbox: Receiver<Order>,
        ear: Ear,
    ) -> Self {
        let (clients, waiting) = (Vec::new(), Vec::new());
        let began = Instant::now();
        Self { world, listeners, provider, inbox, ear, began, clients, waiting }
    }

    pub(super) fn run(mut self) {
        while self.orders() == Life::On {
            let round = self.round();
            if round == Round::Quiet && self.is_settled() {
                for caller in self.waiting.drain(..) {
                    // Whoever asked may be gone.
                    let _ = caller.send(());
                }
            }
            if round == Round::Quiet {
                self.wait();
            }
        }
        // The client's last close may still be unread.
        while self.round() == Round::Busy {}
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        self.clients.iter_mut().for_each(|client| client.line.closed(&mut world));
    }

    fn orders(&mut self) -> Life {
        loop {
            match self.inbox.try_recv() {
                Ok(Order::Settle(caller)) => self.waiting.push(caller),
                Ok(Order::Stop) | Err(TryRecvError::Disconnected) => return Life::Over,
                Err(TryRecvError::Empty) => return Life::On,
            }
        }
    }

    /// Does everything that can be done without waiting.
    fn round(&mut self) -> Round {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.began.elapsed();
        let mut round = Round::Quiet;
        for (server, listener) in self.listeners.iter().enumerate() {
            while let Ok((stream, _)) = listener.accept() {
                // Without them the client would see the same bytes, later.
                let _ = (stream.set_nonblocking(true), stream.set_nodelay(true));
                let line = Line::accept(&mut world, server, Arc::clone(&self.provider), now);
                let unsent = VecDeque::new();
                self.clients.push(Client { stream, line, unsent, state: Stream::Open });
                round = Round::Busy;
            }
        }
        let mut left = Vec::with_capacity(self.clients.len());
        for mut client in self.clients.drain(..) {
            if client.serve(&mut world, now) == Round::Busy {
                round = Round::Busy;
            }
            left.extend(client.settle(&mut world));
        }
        self.clients = left;
        round
    }

    fn is_settled(&self) -> bool {
        let now = self.began.elapsed();
        let at_rest = |client: &Client| {
            client.unsent.is_empty() && client.line.activity(now) != Activity::Busy
        };
        self.clients.iter().all(at_rest)
    }

    fn wait(&self) {
        let deadlines = self.clients.iter().filter_map(|client| client.line.deadline());
        let left = deadlines.min().map(|at| at.saturating_sub(self.began.elapsed()));
        let limit = left.and_then(|left| Timespec::try_from(left).ok());
        let mut interests = vec![PollFd::from_borrowed_fd(self.ear.as_fd(), PollFlags::IN)];
        interests
            .extend(self.listeners.iter().map(|listener| PollFd::new(listener, PollFlags::IN)));
        interests.extend(self.clients.iter().map(|client| {
            let write = if client.unsent.is_empty() { PollFlags::empty() } else { PollFlags::OUT };
            PollFd::new(&client.stream, PollFlags::IN | write)
        }));
        // Interrupted or not: the next round looks at everything.
        let _ = poll(&mut interests, limit.as_ref());
        self.ear.hear();
    }
}

impl Client {
    fn serve(&mut self, world: &mut World, now: Duration) -> Round {
        let mut round = Round::Quiet;
        match receive(&self.stream) {
            Arrival::Bytes(bytes) => {
                self.line.receive(world, &bytes, now);
                round = Round::Busy;
            }
            Arrival::End => {
                self.line.closed(world);
                self.state = Stream::Gone;
                return Round::Busy;
            }
            Arrival::Nothing => {}
        }
        while let Some(action) = self.line.poll(world, now) {
            self.unsent.push_back(action);
            round = Round::Busy;
        }
        round
    }

    /// Does what the line said; gives the client back unless its connection has ended.
    fn settle(mut self, world: &mut World) -> Option<Self> {
        while self.state == Stream::Open {
            match self.unsent.pop_front() {
                None => return Some(self),
                Some(Action::Close) => {
                    close(&self.stream);
                    self.state = Stream::Gone;
                }
                Some(Action::Reset) => {
                    reset(self.stream);
                    return None;
                }
                Some(Action::Send(bytes)) => {
                    let ends = self.unsent.front() == Some(&Action::Close);
                    let followed = if ends { Followed::ByEnd } else { Followed::ByNothing };
                    match send(&self.stream, &bytes, followed) {
                        Sent::All => {}
                        Sent::Part(sent) => {
                            let rest = bytes.get(sent..).unwrap_or_default().to_vec();
                            self.unsent.push_front(Action::Send(rest));
                            return Some(self);
                        }
                        Sent::Broken => {
                            self.line.closed(world);
                            self.state = Stream::Gone;
                        }
                    }
                }
            }
        }
        None
    }
}
