//! Servers that answer never, or a byte at a time, or break off at any point, hold up no other call of
//! the same thread, and the calls to them end in their time: over smol and over mio. (Over std each
//! call has a thread; `hostile.rs` has its calls end in time.)

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use sessio_core::{ErrorKind, Timeouts};
use socket2::SockRef;

/// What a call to a hostile server may take.
const DEADLINE: Duration = Duration::from_millis(1_500);

/// How late it may end, on a machine that is busy with other tests.
const LATE_MAX: Duration = Duration::from_millis(1_000);

/// Calls to a sound server, one after the other, while the hostile ones are under way.
const SOUND: usize = 20;

const RESPONSE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/// What a server does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Server {
    Sound,
    /// It accepts, and that is all.
    Silent,
    /// Of its answer it sends a byte each second.
    Drips,
    /// It sends so many bytes of its answer and resets the connection.
    ResetsAfter(usize),
    /// It resets the connection as soon as it is there.
    ResetsAtOnce,
}

impl Server {
    fn all_hostile() -> Vec<Self> {
        let resets = (0..RESPONSE.len()).map(Self::ResetsAfter);
        [Self::Silent, Self::Drips, Self::ResetsAtOnce].into_iter().chain(resets).collect()
    }

    fn start(self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // The client may be gone.
                thread::spawn(move || drop(self.serve(stream)));
            }
        });
        address
    }

    fn serve(self, mut stream: TcpStream) -> std::io::Result<()> {
        let reset = |stream: &TcpStream| SockRef::from(stream).set_linger(Some(Duration::ZERO));
        if self == Self::ResetsAtOnce {
            return reset(&stream);
        }
        let mut head = [0; 4_096];
        while stream.read(&mut head)? > 0 {
            match self {
                Self::Sound => stream.write_all(RESPONSE.as_bytes())?,
                Self::Silent | Self::ResetsAtOnce => {}
                Self::Drips => {
                    for byte in RESPONSE.bytes() {
                        stream.write_all(&[byte])?;
                        thread::sleep(Duration::from_secs(1));
                    }
                }
                Self::ResetsAfter(count) => {
                    stream.write_all(&RESPONSE.as_bytes()[..count])?;
                    // What was sent is to be there before the reset.
                    thread::sleep(Duration::from_millis(5));
                    return reset(&stream);
                }
            }
        }
        Ok(())
    }

    /// Checks how a call to it ended, and after how long.
    fn check(self, runtime: &str, ended: Option<ErrorKind>, took: Duration) {
        let what = format!("{runtime}, {self:?}: {ended:?} after {took:?}");
        assert!(took <= DEADLINE + LATE_MAX, "{what}");
        match self {
            Self::Sound => assert_eq!(ended, None, "{what}"),
            Self::Silent | Self::Drips => {
                assert_eq!(ended, Some(ErrorKind::TotalTimeout), "{what}")
            }
            Self::ResetsAfter(_) | Self::ResetsAtOnce => {
                assert!(ended.is_some_and(|kind| kind != ErrorKind::TotalTimeout), "{what}");
            }
        }
    }
}

/// All calls, on this thread: those to the hostile servers at once, and meanwhile the sound ones, one
/// after the other. How long the sound ones took together.
type Run = fn(&[(Server, SocketAddr)], SocketAddr) -> Duration;

fn timeouts() -> Timeouts {
    Timeouts { total: Some(DEADLINE), ..Timeouts::NONE }
}

fn smol(hostile: &[(Server, SocketAddr)], sound: SocketAddr) -> Duration {
    let session = sessio_smol::Session::new();
    session.lock().trust_env = sessio_smol::Trust::NONE;
    let call = async |address: SocketAddr| {
        let url = format!("http://{address}/");
        let begun = Instant::now();
        let request = sessio_smol::Request::get(url).timeout(timeouts());
        let ended = session.request(request).await.err().map(|error| error.kind());
        (ended, begun.elapsed())
    };
    let executor = smol::LocalExecutor::new();
    smol::block_on(executor.run(async {
        let call = &call;
        let under_way: Vec<_> = hostile
            .iter()
            .map(|&(server, address)| executor.spawn(async move { (server, call(address).await) }))
            .collect();
        let begun = Instant::now();
        for _ in 0..SOUND {
            let (ended, took) = call(sound).await;
            Server::Sound.check("smol", ended, took);
        }
        let took = begun.elapsed();
        for task in under_way {
            let (server, (ended, took)) = task.await;
            server.check("smol", ended, took);
        }
        took
    }))
}

fn mio(hostile: &[(Server, SocketAddr)], sound: SocketAddr) -> Duration {
    use sessio_mio::{Completion, Driver, Request};
    let mut poll = mio::Poll::new().expect("a selector");
    let mut events = mio::Events::with_capacity(64);
    let mut driver = Driver::new(poll.registry(), 0..1_000).expect("a driver");
    driver.session().lock().trust_env = sessio_mio::Trust::NONE;
    let calls = RefCell::new(BTreeMap::new());
    let start = |driver: &mut Driver, server, address| {
        let request = Request::get(format!("http://{address}/")).timeout(timeouts());
        let id = driver.start(request).expect("a call");
        calls.borrow_mut().insert(id, (server, Instant::now()));
    };
    for &(server, address) in hostile {
        start(&mut driver, server, address);
    }
    let (begun, took, left) = (Instant::now(), Cell::new(Duration::ZERO), Cell::new(SOUND));
    start(&mut driver, Server::Sound, sound);
    while !calls.borrow().is_empty() {
        driver.turn();
        while let Some(completion) = driver.next() {
            let Completion::Done(id, outcome) = completion else { continue };
            let (server, since) = calls.borrow_mut().remove(&id).expect("a call");
            server.check("mio", outcome.err().map(|error| error.kind()), since.elapsed());
            if server == Server::Sound {
                took.set(begun.elapsed());
                left.set(left.get() - 1);
                if left.get() > 0 {
                    start(&mut driver, Server::Sound, sound);
                }
            }
        }
        if driver.calls() > 0 {
            poll.poll(&mut events, driver.next_timeout()).expect("events");
        }
        for event in &events {
            let _ = driver.handle(event);
        }
    }
    took.get()
}

#[test]
fn a_hostile_server_holds_up_no_other_call_and_its_own_ends_in_time() {
    let hostile: Vec<_> =
        Server::all_hostile().into_iter().map(|server| (server, server.start())).collect();
    let sound = Server::Sound.start();
    let runtimes: [(&str, Run); 2] = [("smol", smol), ("mio", mio)];
    for (name, run) in runtimes {
        let took = run(&hostile, sound);
        assert!(took < DEADLINE, "{name}: {SOUND} sound calls took {took:?}");
    }
}
