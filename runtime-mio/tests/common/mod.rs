//! What the tests of the driver share: a loop, and servers on loopback that do as they are told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use mio::{Events, Poll};
use sessio_mio::{Completion, Driver, Handled, Trust};

/// A loop as a caller would write it.
pub(crate) struct Loop {
    pub(crate) poll: Poll,
    pub(crate) events: Events,
    pub(crate) driver: Driver,
}

impl Loop {
    pub(crate) fn new() -> Self {
        let poll = Poll::new().expect("loopback and mio work");
        let driver = Driver::new(poll.registry(), 10..1000).expect("loopback and mio work");
        driver.session().lock().trust_env = Trust::NONE;
        Self { poll, events: Events::with_capacity(64), driver }
    }

    /// One round: what can be done, what came of it, then the wait for events.
    pub(crate) fn round(&mut self) -> Vec<Completion> {
        self.driver.turn();
        let all: Vec<_> = std::iter::from_fn(|| self.driver.next()).collect();
        if all.is_empty() {
            let most = Duration::from_millis(100);
            let timeout = self.driver.next_timeout().map_or(most, |span| span.min(most));
            self.poll.poll(&mut self.events, Some(timeout)).expect("loopback and mio work");
            for event in &self.events {
                assert_eq!(self.driver.handle(event), Handled::Ours);
            }
        }
        all
    }

    /// Rounds until `is_last` says yes of a completion; all completions.
    pub(crate) fn until(
        &mut self,
        mut is_last: impl FnMut(&Completion) -> bool,
    ) -> Vec<Completion> {
        let (mut all, begun) = (Vec::new(), Instant::now());
        loop {
            assert!(begun.elapsed() < Duration::from_secs(20), "it does not end: {all:?}");
            let round = self.round();
            let over = round.iter().any(&mut is_last);
            all.extend(round);
            if over {
                return all;
            }
        }
    }

    /// Rounds until so many calls are over; their outcomes, in the order in which they ended.
    pub(crate) fn outcomes(
        &mut self,
        count: usize,
    ) -> Vec<sessio_mio::Result<sessio_core::Response>> {
        let mut left = count;
        let all = self.until(|completion| {
            left -= usize::from(matches!(completion, Completion::Done(..)));
            left == 0
        });
        let outcome = |completion| match completion {
            Completion::Done(_, outcome) => Some(outcome.map(|response| *response)),
            _ => None,
        };
        all.into_iter().filter_map(outcome).collect()
    }
}

/// A server with a thread for each connection, which does as `serve` says.
pub(crate) fn server(serve: impl Fn(TcpStream) + Clone + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback and mio work");
    let address = listener.local_addr().expect("loopback and mio work");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = serve.clone();
            thread::spawn(move || serve(stream));
        }
    });
    address
}

/// The head of the next request, and its body by its length; `None` when the client has gone.
pub(crate) fn request(stream: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let lower = head.to_ascii_lowercase();
    let length = lower.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
    let mut body = vec![0; length.map_or(0, |text| text.parse().expect("a number"))];
    stream.read_exact(&mut body).ok()?;
    Some((head, body))
}

/// Answers each request with what `answer` makes of its head and body.
pub(crate) fn answering(
    answer: impl Fn(&str, &[u8]) -> Vec<u8> + Clone + Send + 'static,
) -> SocketAddr {
    server(move |stream| {
        stream.set_nodelay(true).expect("loopback and mio work");
        let mut stream = BufReader::new(stream);
        while let Some((head, body)) = request(&mut stream) {
            if stream.get_mut().write_all(&answer(&head, &body)).is_err() {
                return;
            }
        }
    })
}

/// A response of this content.
pub(crate) fn ok(content: impl AsRef<[u8]>) -> Vec<u8> {
    let content = content.as_ref();
    let mut all =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", content.len()).into_bytes();
    all.extend_from_slice(content);
    all
}
