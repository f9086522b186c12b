//! Calls a second of each runtime against one server on loopback: one call after the other, and 64 at
//! once (over std by 64 threads, over smol and mio on one).
//!
//! `cargo run --release -p sessio-conformance --example speed [CALLS]` runs each of them in turn,
//! seven times, and prints the medians. The server is a process of its own: `speed serve`, which prints
//! its port; `speed ask PORT RUN CALLS` is one run alone, for `strace -f -c` or a profiler, where `RUN`
//! is a name that is printed, as `smol` or `smol-64`.
#![expect(clippy::print_stdout, reason = "it is what the program is for")]

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use sessio_core::PreparedRequest;

/// How many calls a round makes, unless the command line says otherwise.
const CALLS: usize = 20_000;

const ROUNDS: usize = 7;

/// How many calls are under way at once.
const WIDTH: usize = 64;

const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, world!";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Makes so many calls to a URL.
type Run = fn(&str, usize) -> Result<()>;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["serve"] => serve(),
        ["ask", port, name, calls] => {
            let run = RUNS.iter().find(|(other, _)| other == name).ok_or("no such run")?.1;
            run(&format!("http://127.0.0.1:{port}/small"), calls.parse()?)
        }
        [] => compare(CALLS),
        [calls] => compare(calls.parse()?),
        _ => Err("speed [CALLS] | speed serve | speed ask PORT RUN CALLS".into()),
    }
}

/// Each runtime with one call after the other, and with many at once.
const RUNS: [(&str, Run); 6] = [
    ("std", std_one),
    ("smol", smol_one),
    ("mio", mio_one),
    ("std-64", std_wide),
    ("smol-64", smol_wide),
    ("mio-64", mio_wide),
];

fn compare(calls: usize) -> Result<()> {
    let (_server, url) = Server::start()?;
    let mut spans = RUNS.map(|_| Vec::new());
    for _ in 0..ROUNDS {
        for ((_, run), spans) in RUNS.iter().zip(&mut spans) {
            let begun = Instant::now();
            run(&url, calls)?;
            spans.push(begun.elapsed());
        }
    }
    for ((name, _), mut spans) in RUNS.into_iter().zip(spans) {
        spans.sort_unstable();
        let median = spans[ROUNDS / 2].as_secs_f64();
        println!("{name}: {:.0} calls a second", calls as f64 / median);
    }
    Ok(())
}

/// The server's process; it ends with this value.
struct Server(Child);

impl Server {
    fn start() -> Result<(Self, String)> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut server = Self(command.arg("serve").stdout(Stdio::piped()).spawn()?);
        let mut line = String::new();
        let out = server.0.stdout.take().ok_or("no output of the server")?;
        BufReader::new(out).read_line(&mut line)?;
        Ok((server, format!("http://127.0.0.1:{}/small", line.trim())))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Answers every request the same, each connection on a thread.
fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?.port());
    for stream in listener.incoming() {
        let stream = stream?;
        // A client that goes is no news.
        thread::spawn(move || drop(answer(stream)));
    }
    Ok(())
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut room, mut count) = ([0; 4096], 0);
    loop {
        match stream.read(&mut room[count..])? {
            0 => return Ok(()),
            more => count += more,
        }
        if room[..count].ends_with(b"\r\n\r\n") {
            stream.write_all(RESPONSE)?;
            count = 0;
        }
    }
}

macro_rules! prepared {
    ($runtime:ident, $url:ident) => {{
        let session = $runtime::Session::new();
        let mut adapter = session.get_adapter("http://")?;
        adapter.pool.pool_maxsize = WIDTH;
        session.lock().trust_env = $runtime::Trust::NONE;
        session.lock().mount("http://", adapter);
        let request = session.prepare_request($runtime::Request::get($url))?.request;
        (session, Arc::new(request))
    }};
}

fn std_some(session: &sessio_std::Session, request: &Arc<PreparedRequest>, calls: usize) {
    for _ in 0..calls {
        let sent = session.send_message(request, sessio_std::CallOptions::default());
        assert_eq!(sent.expect("an answer").status, 200);
    }
}

fn std_one(url: &str, calls: usize) -> Result<()> {
    let (session, request) = prepared!(sessio_std, url);
    std_some(&session, &request, calls);
    Ok(())
}

fn std_wide(url: &str, calls: usize) -> Result<()> {
    let (session, request) = prepared!(sessio_std, url);
    thread::scope(|scope| {
        for _ in 0..WIDTH {
            scope.spawn(|| std_some(&session, &request, calls / WIDTH));
        }
    });
    Ok(())
}

async fn smol_some(session: &sessio_smol::Session, request: &Arc<PreparedRequest>, calls: usize) {
    for _ in 0..calls {
        let sent = session.send_message(request, sessio_smol::CallOptions::default()).await;
        assert_eq!(sent.expect("an answer").status, 200);
    }
}

fn smol_one(url: &str, calls: usize) -> Result<()> {
    let (session, request) = prepared!(sessio_smol, url);
    smol::block_on(smol_some(&session, &request, calls));
    Ok(())
}

fn smol_wide(url: &str, calls: usize) -> Result<()> {
    let (session, request) = prepared!(sessio_smol, url);
    let executor = smol::LocalExecutor::new();
    smol::block_on(executor.run(async {
        let some = || smol_some(&session, &request, calls / WIDTH);
        let tasks: Vec<_> = (0..WIDTH).map(|_| executor.spawn(some())).collect();
        for task in tasks {
            task.await;
        }
    }));
    Ok(())
}

fn mio_one(url: &str, calls: usize) -> Result<()> {
    let (session, request) = prepared!(sessio_mio, url);
    for _ in 0..calls {
        let sent = session.send_message(&request, sessio_mio::CallOptions::default())?;
        assert_eq!(sent.status, 200);
    }
    Ok(())
}

fn mio_wide(url: &str, calls: usize) -> Result<()> {
    use sessio_mio::{CallOptions, Completion, Driver, Request};
    let mut poll = mio::Poll::new()?;
    let mut events = mio::Events::with_capacity(WIDTH);
    let mut driver = Driver::new(poll.registry(), 0..10 * WIDTH)?;
    let mut adapter = driver.session().get_adapter("http://")?;
    adapter.pool.pool_maxsize = WIDTH;
    driver.session().lock().trust_env = sessio_mio::Trust::NONE;
    driver.session().lock().mount("http://", adapter);
    let request = Arc::new(driver.session().prepare_request(Request::get(url))?.request);
    let mut left = calls;
    for _ in 0..WIDTH.min(calls) {
        driver.send_message(&request, CallOptions::default())?;
        left -= 1;
    }
    while driver.calls() > 0 {
        driver.turn();
        while let Some(completion) = driver.next() {
            let Completion::Done(_, outcome) = completion else { continue };
            assert_eq!(outcome?.status, 200);
            if left > 0 {
                driver.send_message(&request, CallOptions::default())?;
                left -= 1;
            }
        }
        if driver.calls() > 0 {
            poll.poll(&mut events, driver.next_timeout())?;
            for event in &events {
                let _ = driver.handle(event);
            }
        }
    }
    Ok(())
}
