//! A small world: hosts that answer in good and bad ways, calls of one session, virtual time, and
//! what must never happen.
//!
//! Every credential is a marker that names its owner; peers look for the markers of others. Names of
//! hosts are numbers into [`HOSTS`].

mod peer;
mod serve;

use std::sync::Arc;

use sessio_core::exchange::Ask;
use sessio_core::{Error, Exchange, Input, Request, Response, Session, Timeouts};

use crate::drive::moment;
pub use peer::{Connection, Told};

/// The authorities of the world; the last two share a name.
pub const HOSTS: [&str; 4] = ["b.test", "sub.a.test", "a.test", "a.test:8080"];

/// Calls of one input.
const CALLS_MAX: usize = 6;

/// Steps of one input, after which something is taken to spin.
const STEPS_MAX: usize = 20_000;

/// How long a call may take, in milliseconds.
const TOTAL: u64 = 30_000;

/// A socket: its connection's number.
#[derive(Debug)]
pub struct Socket(pub usize);

/// A call.
#[derive(Debug)]
pub struct Call {
    exchange: Exchange<Socket>,
    /// Its number, which its URLs have.
    tag: usize,
    /// The connection that it uses.
    uses: Option<usize>,
    started: u64,
}

/// Choices, one byte each.
#[derive(Debug)]
pub struct Choices<'a> {
    rest: &'a [u8],
}

impl<'a> Choices<'a> {
    /// A number below `below`; 0 when nothing is left.
    pub fn below(&mut self, below: usize) -> usize {
        match self.rest.split_first() {
            Some((byte, rest)) => {
                self.rest = rest;
                usize::from(*byte) % below
            }
            None => 0,
        }
    }

    /// Some bytes.
    pub fn bytes(&mut self) -> &'a [u8] {
        let count = self.below(48).min(self.rest.len());
        let (bytes, rest) = self.rest.split_at(count);
        self.rest = rest;
        bytes
    }
}

/// All of it.
pub struct World<'a> {
    choices: Choices<'a>,
    session: Session<Socket>,
    connections: Vec<Connection>,
    calls: Vec<Call>,
    /// What the peers told about each call, by its tag.
    told: Vec<Told>,
    now: u64,
}

impl<'a> World<'a> {
    /// A world that these choices drive.
    #[must_use]
    pub fn new(data: &'a [u8]) -> Self {
        let mut session = Session::new(3);
        let total = std::time::Duration::from_millis(TOTAL);
        session.timeouts = Timeouts { total: Some(total), ..Timeouts::both(total / 3) };
        session.max_redirects = 5;
        let choices = Choices { rest: data };
        let (connections, calls, told) = (Vec::new(), Vec::new(), Vec::new());
        Self { choices, session, connections, calls, told, now: 0 }
    }

    /// Runs until all calls have ended.
    ///
    /// # Panics
    /// If something happens that must not.
    pub fn run(mut self) {
        for _ in 0..STEPS_MAX {
            let is_over = self.choices.rest.is_empty();
            let place = self.choices.below(self.calls.len().max(1));
            match self.choices.below(8) {
                _ if is_over && self.calls.is_empty() => return self.end(),
                _ if is_over => self.finish_one(),
                0 | 1 if self.told.len() < CALLS_MAX => self.begin(),
                2 if !self.calls.is_empty() && self.choices.below(4) == 0 => self.cancel(place),
                3 if self.choices.below(4) == 0 => self.pass([1, 999, 9_000, 10_000, 95_000]),
                _ if self.calls.is_empty() => self.begin(),
                _ => {
                    self.step(place);
                }
            }
        }
        panic!("the calls do not end")
    }

    /// Nothing is left behind.
    fn end(mut self) {
        assert!(self.session.idle_connections() <= self.connections.len());
        self.session.close();
        assert_eq!(self.session.idle_connections(), 0);
    }

    fn begin(&mut self) {
        if self.told.len() >= CALLS_MAX {
            return;
        }
        let tag = self.told.len();
        let host = self.choices.below(HOSTS.len());
        let method = ["GET", "POST", "PUT", "HEAD"][self.choices.below(4)];
        let url = format!("http://{}/{tag}", HOSTS[host]);
        let mut request = Request::new(method, url).header("X-Tag", tag.to_string());
        let kinds = self.choices.below(16);
        if kinds & 1 != 0 {
            request = request.header("Authorization", format!("Bearer AUTH-{host}-"));
        }
        if kinds & 2 != 0 {
            request = request.digest_auth("user", "DIGEST-SECRET-");
        }
        if kinds & 4 != 0 && method != "GET" {
            request = request.body(format!("body of {tag}"));
        }
        request = request.stream(kinds & 8 != 0);
        let now = moment(self.now);
        let prepared = self.session.prepare_request(request, now).expect("a request");
        let plan = self.session.plan(&prepared.options, Ask::Nobody, Ask::Nobody);
        let exchange = self.session.start(Arc::new(prepared.request), plan, now).expect("a plan");
        self.told.push(Told::new(method));
        self.calls.push(Call { exchange, tag, uses: None, started: self.now });
    }

    /// A call is given up: its connection must never serve again.
    fn cancel(&mut self, place: usize) {
        let call = self.calls.remove(place);
        if let Some(id) = call.uses {
            // One that the call has done with, before it was sent elsewhere, may serve others.
            let done = self.connections[id].is_between();
            self.connections[id].poison_unless(done, "its call was given up");
        }
    }

    /// Time passes, and all calls are told.
    fn pass(&mut self, spans: [u64; 5]) {
        self.now += spans[self.choices.below(5)];
        self.tick();
    }

    fn tick(&mut self) {
        let now = moment(self.now);
        for call in &mut self.calls {
            call.exchange.handle(Input::Tick, now);
            let deadline = call.exchange.deadline();
            assert!(deadline.is_none_or(|deadline| deadline.at > now.mono), "a deadline is missed");
        }
    }

    /// When no choices are left: steps for the first call, or time until it goes on.
    fn finish_one(&mut self) {
        if self.step(0) {
            return;
        }
        let deadline = self.calls[0].exchange.deadline().expect("a call has a deadline");
        let at = deadline.at.as_nanos().div_ceil(1_000_000);
        assert!(at <= self.calls[0].started + TOTAL, "a deadline lies beyond the call's time");
        self.now = self.now.max(at);
        self.tick();
    }

    /// A call has ended: what came of it?
    fn ended(&mut self, call: Call) {
        let told = &self.told[call.tag];
        let (tag, uses) = (call.tag, call.uses);
        let mut call = call;
        match call.exchange.outcome() {
            Ok(response) => check_response(&response, told, tag),
            Err(error) => {
                check_words(&error);
                // Whatever it was: the connection may not be clean.
                if let Some(id) = uses {
                    let done = self.connections[id].is_between();
                    self.connections[id].poison_unless(done, "its call failed");
                }
            }
        }
    }
}

/// No secret stands in an error.
fn check_words(error: &Error) {
    let words = format!("{error} {error:?} {:?}", error.cause());
    assert!(!words.contains("AUTH-") && !words.contains("DIGEST-SECRET"), "{words}");
    assert!(!words.contains("COOKIE-"), "{words}");
}

/// A response is the answer to its own request, and whole.
fn check_response(response: &Response, told: &Told, tag: usize) {
    let shown = format!("{response:?}");
    assert!(!shown.contains("AUTH-") && !shown.contains("COOKIE-"), "{shown}");
    let field = |name| response.header_str(name).map(str::to_owned);
    if told.is_wild {
        return;
    }
    assert_eq!(field("x-tag"), Some(tag.to_string()), "an answer to another request");
    if let (Some(body), true) = (field("x-body"), !response.bytes().is_empty()) {
        assert_eq!(response.bytes(), body.as_bytes(), "a body is cut off unnoticed");
    }
    assert!(response.history.len() <= told.asked, "it was redirected by nobody");
}
