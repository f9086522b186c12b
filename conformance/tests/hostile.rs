//! Hostile servers against every runtime over real sockets: each call ends within its deadline, and
//! no peer makes it hold more memory than the limits allow.
#![expect(clippy::print_stdout, reason = "it prints what it measures")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use sessio_core::Timeouts;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

/// What the whole call may take.
const DEADLINE: Duration = Duration::from_millis(300);

/// How late a call may end (SECURITY.md, G18).
const LATE_MAX: Duration = Duration::from_millis(50);

/// A machine that is busy with other tests makes any call late: the best of so many counts.
const TRIES: usize = 5;

/// What an exchange may hold at the default limits, its body streamed (SECURITY.md, G17).
const PEAK_BYTES_MAX: usize = 128 * 1024;

/// What a server sends: once this, then that again and again with a pause between.
struct Server {
    name: &'static str,
    start: Vec<u8>,
    again: Vec<u8>,
    pause: Duration,
}

fn server(name: &'static str, start: &str, again: impl Into<Vec<u8>>, pause: u64) -> Server {
    let pause = Duration::from_millis(pause);
    Server { name, start: start.into(), again: again.into(), pause }
}

fn servers() -> Vec<Server> {
    let ok = "HTTP/1.1 200 OK\r\n";
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut bomb = server("a bomb", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", "", 10);
    bomb.start.extend(gzip_of_zeros());
    vec![
        server("no answer", "", "", 10),
        server("a slow head", "HTTP/1.1 200 OK\r\nA: ", "x", 10),
        server("a slow body", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", "x", 10),
        server("a head without end", ok, "A: b\r\n".repeat(500), 0),
        server("a field without end", "HTTP/1.1 200 OK\r\nA: ", "x".repeat(4_000), 0),
        server("1xx without end", "", "HTTP/1.1 100 Continue\r\n\r\n", 1),
        server("trailers without end", &format!("{chunked}0\r\n"), "A: b\r\n".repeat(500), 0),
        server("chunks without end", chunked, "1\r\nx\r\n".repeat(500), 0),
        server("slow chunks", chunked, "1\r\nx\r\n", 10),
        server("an extension without end", &format!("{chunked}1;"), "x".repeat(4_000), 0),
        server("extensions without end", chunked, "1;aaaa\r\nx\r\n".repeat(300), 0),
        bomb,
        server(
            "too long a length",
            "HTTP/1.1 200 OK\r\nContent-Length: 9000000000000\r\n\r\n",
            "",
            10,
        ),
        server("a body without end", "HTTP/1.1 200 OK\r\n\r\n", "x".repeat(4_000), 0),
    ]
}

/// Fifty megabytes of zeros, in fifty kilobytes.
fn gzip_of_zeros() -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..50 {
        encoder.write_all(&[0; 1_000_000]).expect("memory");
    }
    encoder.finish().expect("memory")
}

/// Does to one client what this server does, for a little longer than the client may wait.
fn torment(mut stream: TcpStream, server: &Server) {
    let mut request = [0; 4_096];
    let mut sent = stream.read(&mut request).and_then(|_| stream.write_all(&server.start));
    let began = Instant::now();
    while sent.is_ok() && began.elapsed() < DEADLINE * 3 {
        sent = stream.write_all(&server.again);
        thread::sleep(server.pause);
    }
}

/// Serves all connections, for as long as the test runs.
fn serve(server: Arc<Server>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let server = Arc::clone(&server);
            thread::spawn(move || torment(stream, &server));
        }
    });
    address
}

/// Makes a call to a URL.
type Call = dyn FnMut(&str, Timeouts) -> Result<u64, String>;

/// A runtime that makes a call and reads its body to the end; the count, or the error.
struct Runtime {
    name: &'static str,
    call: Box<Call>,
}

macro_rules! blocking {
    ($name:literal, $runtime:ident) => {{
        let session = $runtime::Session::new();
        session.lock().trust_env = $runtime::Trust::NONE;
        let call = move |url: &str, timeouts: Timeouts| {
            let request = $runtime::Request::get(url).timeout(timeouts).stream(true);
            let mut response = session.request(request).map_err(|error| error.to_string())?;
            let (mut total, mut room) = (0, [0; 8_192]);
            loop {
                match response.read(&mut room) {
                    Ok(0) => return Ok(total),
                    Ok(count) => total += count as u64,
                    Err(error) => return Err(error.to_string()),
                }
            }
        };
        Runtime { name: $name, call: Box::new(call) }
    }};
}

fn smol() -> Runtime {
    use smol::io::AsyncReadExt as _;
    let session = sessio_smol::Session::new();
    session.lock().trust_env = sessio_smol::Trust::NONE;
    let call = move |url: &str, timeouts: Timeouts| {
        smol::block_on(async {
            let request = sessio_smol::Request::get(url).timeout(timeouts).stream(true);
            let mut response = session.request(request).await.map_err(|error| error.to_string())?;
            let (mut total, mut room) = (0, [0; 8_192]);
            loop {
                match response.read(&mut room).await {
                    Ok(0) => return Ok(total),
                    Ok(count) => total += count as u64,
                    Err(error) => return Err(error.to_string()),
                }
            }
        })
    };
    Runtime { name: "smol", call: Box::new(call) }
}

/// How long a call takes at best, how much memory it holds at worst, and how it ends.
fn measure(runtime: &mut Runtime, address: SocketAddr) -> (Duration, usize, Result<u64, String>) {
    let url = format!("http://{address}/");
    let timeouts = Timeouts { total: Some(DEADLINE), ..Timeouts::NONE };
    let (mut best, mut peak, mut outcome) = (Duration::MAX, 0, Ok(0));
    for _ in 0..TRIES {
        let profiler = dhat::Profiler::builder().testing().build();
        let began = Instant::now();
        outcome = (runtime.call)(&url, timeouts);
        best = best.min(began.elapsed());
        peak = peak.max(dhat::HeapStats::get().max_bytes);
        drop(profiler);
        if best <= DEADLINE + LATE_MAX {
            break;
        }
    }
    (best, peak, outcome)
}

#[test]
fn every_call_ends_in_time_and_within_its_memory() {
    let mut runtimes = [blocking!("std", sessio_std), smol(), blocking!("mio", sessio_mio)];
    let sound = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
    let (mut faults, sound) = (Vec::new(), server("sound", sound, "", 10));
    let servers: Vec<(Arc<Server>, SocketAddr)> = servers()
        .into_iter()
        .chain([sound])
        .map(Arc::new)
        .map(|server| (Arc::clone(&server), serve(server)))
        .collect();
    for runtime in &mut runtimes {
        // Threads and tables that a runtime makes once are not a call's.
        let (_, address) = servers.last().expect("the sound one");
        assert_eq!(measure(runtime, *address).2, Ok(2), "{}", runtime.name);
        for (server, address) in &servers {
            let (took, peak, outcome) = measure(runtime, *address);
            println!(
                "{:>4} {:>25}: {took:>9.1?} {peak:>7} bytes {outcome:?}",
                runtime.name, server.name
            );
            if took > DEADLINE + LATE_MAX {
                faults.push(format!("{} {}: took {took:?}", runtime.name, server.name));
            }
            if peak > PEAK_BYTES_MAX {
                faults.push(format!("{} {}: held {peak} bytes", runtime.name, server.name));
            }
            if outcome.is_ok() != (server.name == "sound") {
                faults.push(format!("{} {}: ended in {outcome:?}", runtime.name, server.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
