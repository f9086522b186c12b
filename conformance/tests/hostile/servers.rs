//! Servers that do what they can to keep a client waiting, to fill its memory, or to break it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::DEADLINE;

/// What a server sends: once this, then that again and again with a pause between.
struct Server {
    name: &'static str,
    scheme: &'static str,
    start: Vec<u8>,
    again: Vec<u8>,
    pause: Duration,
    then: Then,
}

/// What follows what is sent once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Torment,
    Reset,
}

/// A server that is served.
pub(crate) struct Hostile {
    /// What it does.
    pub(crate) name: &'static str,
    /// Where it is.
    pub(crate) url: String,
}

fn server(name: &'static str, start: &str, again: impl Into<Vec<u8>>, pause: u64) -> Server {
    let pause = Duration::from_millis(pause);
    let (start, again) = (start.into(), again.into());
    Server { name, scheme: "http", start, again, pause, then: Then::Torment }
}

fn secure(server: Server) -> Server {
    Server { scheme: "https", ..server }
}

/// A server that resets the connection when it has sent so much.
fn reset(name: &'static str, start: &str) -> Server {
    Server { then: Then::Reset, ..server(name, start, "", 0) }
}

fn servers() -> Vec<Server> {
    let ok = "HTTP/1.1 200 OK\r\n";
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut bomb = server("a bomb", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", "", 10);
    bomb.start.extend(gzip_of_zeros());
    vec![
        server("no answer", "", "", 10),
        server("a slow head", "HTTP/1.1 200 OK\r\nA: ", "x", 10),
        server("a byte a second", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", "x", 1_000),
        secure(server("no handshake", "", "", 10)),
        // A record that says it has 16 KiB, and has a byte at a time.
        secure(server("a slow handshake", "\x16\x03\x03\x40\x00\x02", "x", 10)),
        reset("a reset before the head", ""),
        reset("a reset within the head", "HTTP/1.1 200 OK\r\nA: "),
        reset("a reset behind the head", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
        reset("a reset within the body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"),
        reset("a reset within a chunk", &format!("{chunked}9\r\nx")),
        secure(reset("a reset within the handshake", "\x16\x03\x03\x40\x00")),
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
    if server.then == Then::Reset {
        // What the client is to see before the reset has to be read by it.
        thread::sleep(Duration::from_millis(5));
        let _ = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        return;
    }
    let began = Instant::now();
    while sent.is_ok() && began.elapsed() < DEADLINE * 3 {
        sent = stream.write_all(&server.again);
        thread::sleep(server.pause);
    }
}

/// Serves all connections, for as long as the test runs; its URL.
fn serve(server: Server) -> Hostile {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let hostile = Hostile { name: server.name, url: format!("{}://{address}/", server.scheme) };
    let server = Arc::new(server);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let server = Arc::clone(&server);
            thread::spawn(move || torment(stream, &server));
        }
    });
    hostile
}

/// Every hostile server, and the URL of one that answers `ok`.
pub(crate) fn all_served() -> (Vec<Hostile>, String) {
    let sound = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
    let sound = serve(server("sound", sound, "", 10)).url;
    (servers().into_iter().map(serve).collect(), sound)
}
