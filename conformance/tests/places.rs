//! Calls that wait for a place under the connection limits are served in the order in which they
//! asked, on every runtime, and none starves.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use sessio_core::{ErrorKind, Timeouts};

/// A server that answers the first calls when it is told to, and notes who comes then.
#[derive(Clone)]
struct Server {
    address: SocketAddr,
    state: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Default)]
struct State {
    /// How many calls are held.
    held: usize,
    is_open: bool,
    /// The others, by their path.
    came: Vec<String>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = Self { address, state: Arc::default() };
        let serving = server.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = serving.clone();
                thread::spawn(move || server.serve(stream));
            }
        });
        server
    }

    fn serve(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream);
        loop {
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                if !matches!(reader.read_line(&mut head), Ok(1..)) {
                    return;
                }
            }
            let path = head.split(' ').nth(1).unwrap_or_default();
            let (state, changed) = &*self.state;
            let mut state = state.lock().expect("no panic");
            if path == "/hold" {
                state.held += 1;
                changed.notify_all();
                drop(changed.wait_while(state, |state| !state.is_open).expect("no panic"));
            } else {
                state.came.push(path.to_owned());
                drop(state);
            }
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
            if reader.get_mut().write_all(answer).is_err() {
                return;
            }
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn held(&self) -> usize {
        self.state.0.lock().expect("no panic").held
    }

    fn open(&self) {
        self.state.0.lock().expect("no panic").is_open = true;
        self.state.1.notify_all();
    }

    fn came(&self) -> Vec<String> {
        self.state.0.lock().expect("no panic").came.clone()
    }
}

/// What is done on each runtime: as many calls as there are places are held; then the callers come
/// one after the other, and each makes another call as soon as its first one is over. Caller 0 has
/// no patience: its first call is over before any place is free.
#[derive(Clone, Copy)]
struct Rush {
    places: usize,
    callers: usize,
}

/// Does it on a runtime.
type Run = fn(&Server, Rush);

const IMPATIENT: Timeouts = Timeouts { pool: Some(Duration::from_millis(1)), ..Timeouts::NONE };

fn timeouts(caller: usize, round: usize) -> Timeouts {
    if (caller, round) == (0, 0) { IMPATIENT } else { Timeouts::NONE }
}

fn path(caller: usize, round: usize) -> String {
    format!("/{round}/{caller}")
}

/// The kind of error that a call ends in, if any.
type Ended = Option<ErrorKind>;

fn check(ended: Ended, caller: usize, round: usize) {
    let want = ((caller, round) == (0, 0)).then_some(ErrorKind::PoolTimeout);
    assert_eq!(ended, want, "caller {caller}, round {round}");
}

macro_rules! limited {
    ($runtime:ident, $rush:ident) => {{
        let session = $runtime::Session::new();
        session.lock().trust_env = $runtime::Trust::NONE;
        session.lock().limit_connections(None, Some($rush.places));
        session
    }};
}

fn std(server: &Server, rush: Rush) {
    let session = limited!(sessio_std, rush);
    let wait = |is_so: &dyn Fn() -> bool| {
        while !is_so() {
            thread::sleep(Duration::from_micros(50));
        }
    };
    let call = |path: &str, timeouts| -> Ended {
        let request = sessio_std::Request::get(server.url(path)).timeout(timeouts);
        session.request(request).err().map(|error| error.kind())
    };
    thread::scope(|scope| {
        let call = &call;
        for _ in 0..rush.places {
            scope.spawn(move || assert_eq!(call("/hold", Timeouts::NONE), None));
        }
        wait(&|| server.held() == rush.places);
        for caller in 0..rush.callers {
            let start = move || {
                for round in 0..2 {
                    check(call(&path(caller, round), timeouts(caller, round)), caller, round);
                }
            };
            let small = thread::Builder::new().stack_size(512 * 1024);
            small.spawn_scoped(scope, start).expect("a thread");
            // The impatient one comes back as the first one of all that have patience.
            wait(&|| session.lock().waiting_calls() > caller);
            if caller == 0 {
                thread::sleep(Duration::from_millis(50));
            }
        }
        server.open();
    });
}

fn smol(server: &Server, rush: Rush) {
    let session = limited!(sessio_smol, rush);
    let call = async |path: String, timeouts| -> Ended {
        let request = sessio_smol::Request::get(server.url(&path)).timeout(timeouts);
        session.request(request).await.err().map(|error| error.kind())
    };
    let executor = smol::LocalExecutor::new();
    smol::block_on(executor.run(async {
        let mut tasks = Vec::new();
        for _ in 0..rush.places {
            let holds = async { assert_eq!(call("/hold".into(), Timeouts::NONE).await, None) };
            tasks.push(executor.spawn(holds));
        }
        while server.held() < rush.places {
            smol::Timer::after(Duration::from_millis(1)).await;
        }
        for caller in 0..rush.callers {
            tasks.push(executor.spawn(async move {
                for round in 0..2 {
                    let ended = call(path(caller, round), timeouts(caller, round)).await;
                    check(ended, caller, round);
                }
            }));
            if caller == 0 {
                smol::Timer::after(Duration::from_millis(50)).await;
            }
            while session.lock().waiting_calls() <= caller {
                smol::future::yield_now().await;
            }
        }
        server.open();
        for task in tasks {
            task.await;
        }
    }));
}

fn mio(server: &Server, rush: Rush) {
    use sessio_mio::{Completion, Driver, Request};
    let mut poll = mio::Poll::new().expect("a selector");
    let mut events = mio::Events::with_capacity(64);
    let mut driver = Driver::new(poll.registry(), 0..10_000).expect("a driver");
    driver.session().lock().trust_env = sessio_mio::Trust::NONE;
    driver.session().lock().limit_connections(None, Some(rush.places));
    let calls = RefCell::new(BTreeMap::new());
    let start = |driver: &mut Driver, caller, round| {
        let request = Request::get(server.url(&path(caller, round)));
        let request = request.timeout(timeouts(caller, round));
        calls.borrow_mut().insert(driver.start(request).expect("a call"), (caller, round));
    };
    let left = Cell::new(rush.places + 2 * rush.callers);
    let mut turn = |driver: &mut Driver| {
        driver.turn();
        while let Some(completion) = driver.next() {
            let Completion::Done(id, outcome) = completion else { continue };
            left.set(left.get() - 1);
            let over = calls.borrow_mut().remove(&id);
            let ended = outcome.err().map(|error| error.kind());
            match over {
                None => assert_eq!(ended, None),
                Some((caller, round)) => {
                    check(ended, caller, round);
                    if round == 0 {
                        start(driver, caller, 1);
                    }
                }
            }
        }
        let patience = driver.next_timeout().unwrap_or(Duration::MAX);
        poll.poll(&mut events, Some(patience.min(Duration::from_millis(1)))).expect("events");
        for event in &events {
            let _ = driver.handle(event);
        }
    };
    for _ in 0..rush.places {
        driver.start(Request::get(server.url("/hold"))).expect("a call");
    }
    while server.held() < rush.places {
        turn(&mut driver);
    }
    start(&mut driver, 0, 0);
    while calls.borrow().values().all(|(_, round)| *round == 0) {
        turn(&mut driver);
    }
    for caller in 1..rush.callers {
        start(&mut driver, caller, 0);
    }
    while driver.session().lock().waiting_calls() < rush.callers {
        turn(&mut driver);
    }
    server.open();
    while left.get() > 0 {
        turn(&mut driver);
    }
}

/// A call is noted when it came to the server. It may be late by as many as there are others in
/// flight, and no further.
fn check_order(name: &str, rush: Rush, came: &[String]) {
    // Who asked first: the impatient one's second call, the others' first, then all that came back.
    let first = (1..rush.callers).map(|caller| (path(caller, 0), caller));
    let mut asked: BTreeMap<String, usize> = first.chain([(path(0, 1), 0)]).collect();
    asked.extend((1..rush.callers).map(|caller| (path(caller, 1), rush.callers)));
    let mut waiting = vec![1; rush.callers];
    waiting.push(rush.callers - 1);
    assert_eq!(came.len(), asked.len(), "{name}");
    let mut first = 0;
    for path in came {
        let turn = asked.remove(path).expect("nobody comes twice");
        let overtaken: usize = waiting[first..turn.max(first)].iter().sum();
        assert!(overtaken < rush.places, "{name}: {path} overtook {overtaken}");
        waiting[turn] -= 1;
        while first < waiting.len() - 1 && waiting[first] == 0 {
            first += 1;
        }
    }
}

#[test]
fn whoever_waits_longest_is_served_first_and_nobody_starves() {
    let runtimes: [(&str, Run); 3] = [("std", std), ("smol", smol), ("mio", mio)];
    for (name, run) in runtimes {
        for rush in [Rush { places: 1, callers: 30 }, Rush { places: 2, callers: 1_000 }] {
            let server = Server::start();
            run(&server, rush);
            check_order(name, rush, &server.came());
        }
    }
}
