//! What the programs of both runtimes share: the server, the limit on descriptors, the figures.

use std::error::Error;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// How many calls there are, unless the command line says otherwise.
const CALLS: usize = 10_000;

/// Descriptors for everything but the calls.
const SPARE: usize = 64;

/// A session on one thread that asks the same again and again.
pub(crate) trait Many: Sized {
    /// A session for so many calls at once to this URL.
    fn new(url: String, calls: usize) -> Result<Self, Box<dyn Error>>;

    /// Makes so many calls at once; how long each took, the shortest first.
    fn run(&mut self, calls: usize) -> Result<Vec<Duration>, Box<dyn Error>>;

    /// How many connections idle.
    fn idle(&self) -> usize;
}

/// The program: it is the server too, if it is told so.
pub(crate) fn program<M: Many>() -> Result<(), Box<dyn Error>> {
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
            measure::<M>(calls)
        }
    }
}

fn measure<M: Many>(calls: usize) -> Result<(), Box<dyn Error>> {
    let _profiler = dhat::Profiler::builder().testing().build();
    let (_server, port) = Server::start(calls)?;
    let mut many = M::new(format!("http://127.0.0.1:{port}/"), calls)?;

    let before = dhat::HeapStats::get().curr_bytes;
    for round in ["on new connections", "on connections that idled"] {
        let spans = many.run(calls)?;
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
    let idle = many.idle();
    println!("at most {} bytes for each call in flight", (heap.max_bytes - before) / calls);
    println!(
        "{} bytes for each of {idle} connections that idle",
        (heap.curr_bytes - before) / idle.max(1)
    );
    println!("threads: {}", std::fs::read_dir("/proc/self/task")?.count());
    Ok(())
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
