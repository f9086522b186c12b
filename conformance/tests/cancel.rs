//! Calls that are given up, or whose session is closed, at any moment leave nothing behind: no
//! descriptor, no place under the limits, no memory; and the session goes on.
//!
//! Over mio calls are cancelled after every event. Over std another thread closes the session while
//! calls wait. (Over smol a call is dropped at every poll: `runtime-smol/tests/cancel.rs`.)

use std::alloc::System;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use cap::Cap;
use mio::{Events, Poll};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use sessio_conformance::peer::CERTIFICATES;
use sessio_conformance::soak::secure_config;
use sessio_core::policy::settings::Verify;
use sessio_core::{Kit, Session, Timeouts};
use sessio_mio::{CallId, Completion, Driver};

/// Counts what is allocated and not freed.
#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, usize::MAX);

/// One test at a time: they count what the process has.
static ALONE: Mutex<()> = Mutex::new(());

/// What a server's threads may hold for a moment more.
const HEAP_SLACK: usize = 48 * 1024;

/// How often everything is done again before and while it is counted.
const ROUNDS: usize = 2;

trait Line: Read + Write {}
impl<T: Read + Write> Line for T {}

/// Serves every connection in a thread of its own.
fn serve(each: impl Fn(TcpStream) + Clone + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let each = each.clone();
            thread::spawn(move || each(stream));
        }
    });
    address
}

/// Answers by path, in small pieces with pauses, so that there are many events.
fn answer(line: impl Line) -> std::io::Result<()> {
    let mut line = BufReader::new(line);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if line.read_line(&mut head)? == 0 {
                return Ok(());
            }
        }
        if head.contains("Transfer-Encoding: chunked") {
            let mut body = String::new();
            while !body.ends_with("0\r\n\r\n") && line.read_line(&mut body)? > 0 {}
        }
        let path = head.split(' ').nth(1).unwrap_or_default();
        let pieces: &[&str] = match path {
            "/moved" => {
                &["HTTP/1.1 302 Found\r\nLocation: /there\r\n", "Content-Length: 0\r\n\r\n"]
            }
            _ => &[
                "HTTP/1.1 200 OK\r\n",
                "Transfer-Encoding: chunked\r\n\r\n",
                "3\r\nabc\r\n",
                "3\r\ndef\r\n",
                "0\r\n\r\n",
            ],
        };
        for piece in pieces {
            line.get_mut().write_all(piece.as_bytes())?;
            line.get_mut().flush()?;
            thread::sleep(Duration::from_millis(1));
        }
    }
}

fn plain() -> SocketAddr {
    serve(|stream| {
        let _ = stream.set_nodelay(true);
        // Whoever is given up closes while it is answered.
        let _ = answer(stream);
    })
}

fn secure() -> SocketAddr {
    let config: Arc<ServerConfig> = secure_config().expect("the certificates of the tests");
    serve(move |stream| {
        let _ = stream.set_nodelay(true);
        let tls = ServerConnection::new(Arc::clone(&config)).expect("a sound configuration");
        let _ = answer(StreamOwned::new(tls, stream));
    })
}

/// A core session that trusts the certificates of the tests, and nothing of the environment.
fn settle<S, K: Kit>(session: &mut Session<S, K>) {
    session.trust_env = sessio_std::Trust::NONE;
    session.verify = Verify::bundle(format!("{CERTIFICATES}/ca.pem"));
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

/// What the process holds once the servers' threads have seen that their clients are gone: they have
/// until it is not more than `wanted`, or 5 seconds.
fn held(wanted: (usize, usize)) -> (usize, usize) {
    let began = Instant::now();
    loop {
        let now = (descriptors(), HEAP.allocated());
        let is_settled = now.0 <= wanted.0 && now.1 <= wanted.1;
        if is_settled || began.elapsed() > Duration::from_secs(5) {
            return now;
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// Does something again and again; what it leaves behind after the first rounds is a fault.
fn leaves_nothing(mut what: impl FnMut()) {
    (0..ROUNDS).for_each(|_| what());
    thread::sleep(Duration::from_millis(300));
    let before = held((descriptors(), HEAP.allocated()));
    for round in 0..ROUNDS {
        what();
        let after = held((before.0, before.1 + HEAP_SLACK));
        assert!(after.0 <= before.0, "descriptors: {} of {}, {round}", after.0, before.0);
        assert!(after.1 <= before.1 + HEAP_SLACK, "heap: {} of {}, {round}", after.1, before.1);
    }
}

/// A loop of the caller's that takes one event at a time.
struct Loop {
    poll: Poll,
    events: Events,
    driver: Driver,
}

impl Loop {
    fn new() -> Self {
        let poll = Poll::new().expect("mio");
        let mut driver = Driver::new(poll.registry(), 0..64).expect("mio");
        driver.set_lookup(sessio_mio::Lookup::Threads);
        Self { poll, events: Events::with_capacity(1), driver }
    }

    /// Goes on until so many events have come, or the call is over: its text then.
    fn go_on(&mut self, call: CallId, events: usize) -> Option<String> {
        let (began, mut seen, mut text) = (Instant::now(), 0, Vec::new());
        loop {
            assert!(began.elapsed() < Duration::from_secs(20), "{call:?} does not end");
            self.driver.turn();
            while let Some(completion) = self.driver.next() {
                match completion {
                    Completion::Data(_, piece) => text.extend_from_slice(&piece),
                    Completion::Room(call) => {
                        self.driver.push(call, "piece").expect("there is room");
                        self.driver.finish(call);
                    }
                    Completion::Done(done, outcome) if done == call => {
                        text.extend_from_slice(outcome.expect("a sound server").bytes());
                        return String::from_utf8(text).ok();
                    }
                    _ => {}
                }
            }
            if seen == events {
                return None;
            }
            self.poll.poll(&mut self.events, self.driver.next_timeout()).expect("mio");
            for event in &self.events {
                self.driver.handle(event);
                seen += 1;
            }
        }
    }
}

/// Cancels a call after ever more events, until it comes to its end; how many events that took.
fn cancel_everywhere(it: &mut Loop, what: &str, at: (SocketAddr, SocketAddr)) -> usize {
    use sessio_mio::{Request, upload};
    let (plain, secure) = at;
    let url = match what {
        "secure" => format!("https://{secure}/"),
        "name" => format!("http://localhost:{}/", plain.port()),
        "redirect" => format!("http://{plain}/moved"),
        _ => format!("http://{plain}/"),
    };
    let request = || match what {
        "upload" => Request::put(url.as_str()).upload(upload::pushed()),
        _ => Request::get(url.as_str()).stream(what == "stream"),
    };
    for events in 0..200 {
        // There is one place: with a call in it, this one waits.
        let holder = (what == "waits").then(|| it.driver.start(request()).expect("a request"));
        let call = it.driver.start(request()).expect("a request");
        let ended = it.go_on(call, events);
        it.driver.cancel(call);
        it.driver.cancel(call);
        holder.into_iter().for_each(|holder| it.driver.cancel(holder));
        assert_eq!(it.driver.calls(), 0, "{what} after {events} events");
        // The next call gets the place, or waits for ever.
        let next = it.driver.start(Request::get(format!("http://{plain}/"))).expect("a request");
        assert_eq!(it.go_on(next, usize::MAX).as_deref(), Some("abcdef"), "{what} {events}");
        // A fresh connection for the next one, so that it is connected to as well.
        it.driver.session().close();
        if let Some(text) = ended {
            assert_eq!(text, "abcdef", "{what}");
            return events;
        }
    }
    panic!("{what} never ends")
}

#[test]
fn a_call_over_mio_that_is_cancelled_after_any_event_leaves_nothing_behind() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let at = (plain(), secure());
    let mut it = Loop::new();
    {
        let mut settings = it.driver.session().lock();
        settle(&mut settings);
        settings.limit_connections(Some(1), Some(1));
    }
    leaves_nothing(|| {
        for what in ["plain", "secure", "name", "redirect", "stream", "upload", "waits"] {
            let events = cancel_everywhere(&mut it, what, at);
            assert!(events > 2, "{what} has {events} events: nothing was cancelled half-way");
        }
        // That of the look-ups is left.
        assert!(it.driver.tokens() <= 1, "{} tokens", it.driver.tokens());
    });
}

/// Where a call waits: its URL, and what keeps the server from going on.
struct Point {
    name: &'static str,
    url: String,
    /// Whether there is only one place, which another call has.
    limited: bool,
}

/// A listener that accepts nobody, with its queue full: whoever connects to it waits.
fn full_listener() -> (TcpListener, Vec<TcpStream>, SocketAddr) {
    use socket2::{Domain, Socket, Type};
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    let any: SocketAddr = ([127, 0, 0, 1], 0).into();
    socket.bind(&any.into()).expect("a port");
    socket.listen(0).expect("a port");
    let listener = TcpListener::from(socket);
    let address = listener.local_addr().expect("an address");
    let short = Duration::from_millis(100);
    let queued = (0..8).map_while(|_| TcpStream::connect_timeout(&address, short).ok()).collect();
    (listener, queued, address)
}

/// A server that says so much of a response and no more.
fn stops_after(said: &'static str) -> SocketAddr {
    serve(move |mut stream| {
        let mut room = [0; 4096];
        let _ = stream.read(&mut room).and_then(|_| stream.write_all(said.as_bytes()));
        while stream.read(&mut room).is_ok_and(|count| count > 0) {}
    })
}

#[test]
fn a_session_over_std_that_another_thread_closes_while_calls_wait_leaves_nothing_behind() {
    use sessio_std::{ErrorKind, Request, Session};
    const CALLS: usize = 3;
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (sound, (_listener, queued, full)) = (plain(), full_listener());
    assert!(queued.len() < 8, "the queue has no end");
    let head = stops_after("HTTP/1.1 200 OK\r\n");
    let body = stops_after("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    let point = |name, url, limited| Point { name, url, limited };
    let points = [
        point("connect", format!("http://{full}/"), false),
        point("handshake", format!("https://{}/", stops_after("")), false),
        point("head", format!("http://{head}/"), false),
        point("body", format!("http://{body}/"), false),
        point("name", format!("http://slow.test:{}/", sound.port()), false),
        point("place", format!("http://{head}/"), true),
    ];
    let session = Session::new();
    settle(&mut session.lock());
    session.set_resolver(move |host, port| {
        if host == "slow.test" {
            thread::sleep(Duration::from_millis(60));
            return Err(std::io::ErrorKind::NotFound.into());
        }
        Ok(vec![(host.parse::<std::net::IpAddr>().expect("an address"), port).into()])
    });
    let span = Duration::from_millis(150);
    let timeouts = Timeouts { total: Some(span), ..Timeouts::NONE };
    leaves_nothing(|| {
        for Point { name, url, limited } in &points {
            session.lock().limit_connections(limited.then_some(1), None);
            let over = AtomicBool::new(false);
            thread::scope(|scope| {
                scope.spawn(|| {
                    while !over.load(Ordering::Acquire) {
                        session.close();
                        thread::sleep(Duration::from_millis(5));
                    }
                });
                let call = || session.request(Request::get(url.as_str()).timeout(timeouts));
                let calls: [_; CALLS] = std::array::from_fn(|_| scope.spawn(call));
                for call in calls {
                    let kind = call.join().expect("no panic").expect_err(name).kind();
                    let is_expected =
                        kind.is_timeout() || (*name, kind) == ("name", ErrorKind::Connection);
                    assert!(is_expected, "{name}: {kind:?}");
                }
                over.store(true, Ordering::Release);
            });
            // Nothing that is given back late is kept, and a place is free.
            assert_eq!(session.lock().idle_connections(), 0, "{name}");
            let next = session.get(format!("http://{sound}/"));
            assert_eq!(next.expect(name).text().expect(name), "abcdef", "{name}");
            session.close();
        }
    });
}

#[test]
fn a_connection_in_use_when_its_session_is_closed_is_closed_behind_its_call() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let address = plain();
    let session = sessio_std::Session::new();
    settle(&mut session.lock());
    let url = format!("http://{address}/");
    let streamed = || session.request(sessio_std::Request::get(url.as_str()).stream(true));
    let mut old = streamed().expect("a head");
    session.close();
    // The route is in use again before that call is over.
    let mut new = streamed().expect("a head");
    assert_eq!(old.text().expect("a body"), "abcdef");
    assert_eq!(session.lock().idle_connections(), 0);
    assert_eq!(new.text().expect("a body"), "abcdef");
    assert_eq!(session.lock().idle_connections(), 1);
}
