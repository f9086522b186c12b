//! 10,000 calls at once on one thread: do all come through, how long does the last one wait, and
//! what does each cost?
//!
//! `cargo run --release -p sessio-mio --example concurrency [CALLS]`. The server is a process of its
//! own; it answers nobody before all have asked. Then everything is asked again over the connections
//! that idle. Memory is what is allocated on the heap, counted by `dhat`.
#![expect(clippy::print_stdout, reason = "it is what the program is for")]

use std::error::Error;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::{Events, Poll};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sessio_core::pool::PoolCaps;
use sessio_mio::{CallOptions, Completion, Driver, PreparedRequest, Request, Trust};

#[global_allocator]
static ALLOC: dhat::Alloc = dhat::Alloc;

/// How many calls there are, unless the command line says otherwise.
const CALLS: usize = 10_000;

/// Descriptors for everything but the calls.
const SPARE: usize = 64;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let descriptors = raise_descriptor_limit()?;
    match (arguments.next(), arguments.next()) {
        (Some(word), Some(calls)) if word == "serve" => serve(calls.parse()?),
        (calls, _) => {
            let wanted = calls.map_or(Ok(CALLS), |calls| calls.parse())?;
            let calls = wanted.min(descriptors.saturating_sub(SPARE));
            if calls < wanted {
                println!("the machine gives {descriptors} descriptors: {calls} calls");
            }
            measure(calls)
        }
    }
}

fn measure(calls: usize) -> Result<(), Box<dyn Error>> {
    let _profiler = dhat::Profiler::builder().testing().build();
    let (_server, port) = Server::start(calls)?;
    let poll = Poll::new()?;
    let driver = Driver::new(poll.registry(), 0..calls + 1)?;
    {
        let mut adapter = driver.session().get_adapter("http://")?;
        adapter.pool = PoolCaps { pool_connections: 1, pool_maxsize: calls };
        let mut settings = driver.session().lock();
        settings.trust_env = Trust::NONE;
        settings.mount("http://", adapter);
    }
    let request = Request::get(format!("http://127.0.0.1:{port}/"));
    let request = Arc::new(driver.session().prepare_request(request)?.request);
    let mut all = All { poll, events: Events::with_capacity(1024), driver, request };

    let before = dhat::HeapStats::get().curr_bytes;
    for round in ["on new connections", "on connections that idled"] {
        let spans = all.run(calls)?;
        let at = |share: usize| spans[(spans.len() - 1) * share / 100].as_millis();
        println!("{} calls at once {round}: all answered", spans.len());
        println!(
            "  half of them after {} ms, 99 % after {} ms, the last after {} ms",
            at(50),
            at(99),
            at(100)
        );
    }
    let heap = dhat::HeapStats::get();
    let idle = all.driver.session().lock().idle_connections();
    println!("at most {} bytes for each call in flight", (heap.max_bytes - before) / calls);
    println!(
        "{} bytes for each of {idle} connections that idle",
        (heap.curr_bytes - before) / idle.max(1)
    );
    Ok(())
}

/// The loop.
struct All {
    poll: Poll,
    events: Events,
    driver: Driver,
    request: Arc<PreparedRequest>,
}

impl All {
    /// Makes so many calls at once; how long each took, the shortest first.
    fn run(&mut self, calls: usize) -> Result<Vec<Duration>, Box<dyn Error>> {
        let begun = Instant::now();
        let mut spans = Vec::with_capacity(calls);
        for _ in 0..calls {
            self.driver.send_message(&self.request, CallOptions::default())?;
        }
        loop {
            self.driver.turn();
            while let Some(completion) = self.driver.next() {
                if let Completion::Done(_, outcome) = completion {
                    outcome?.raise_for_status()?;
                    spans.push(begun.elapsed());
                }
            }
            if spans.len() == calls {
                return Ok(spans);
            }
            self.poll.poll(&mut self.events, self.driver.next_timeout())?;
            for event in &self.events {
                self.driver.handle(event);
            }
        }
    }
}

/// The server's process; it ends with this value.
struct Server(Child);

impl Server {
    fn start(calls: usize) -> Result<(Self, u16), Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        let child = command.arg("serve").arg(calls.to_string()).stdout(Stdio::piped()).spawn()?;
        let mut server = Self(child);
        let mut line = String::new();
        let out = server.0.stdout.take().ok_or("no output of the server")?;
        BufReader::new(out).read_line(&mut line)?;
        Ok((server, line.trim().parse()?))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Takes all callers in, then answers each; and again.
fn serve(calls: usize) -> Result<(), Box<dyn Error>> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
    socket.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
    // So many may stand at the door: the rest would knock again a second later.
    socket.listen(i32::try_from(calls)?)?;
    let listener = TcpListener::from(socket);
    println!("{}", listener.local_addr()?.port());
    let mut streams = Vec::with_capacity(calls);
    for stream in listener.incoming().take(calls) {
        streams.push(stream?);
    }
    loop {
        for stream in &mut streams {
            match receive(stream) {
                // The client has what it wanted.
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
                other => other?,
            }
        }
        for stream in &mut streams {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")?;
        }
    }
}

fn receive(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut head = Vec::new();
    let mut room = [0; 1024];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut room)? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            count => head.extend_from_slice(&room[..count]),
        }
    }
    Ok(())
}

/// Raises the limit on descriptors as far as it goes.
fn raise_descriptor_limit() -> Result<usize, rustix::io::Errno> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?;
    Ok(maximum.map_or(usize::MAX, |max| usize::try_from(max).unwrap_or(usize::MAX)))
}
