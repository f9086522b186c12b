//! A loopback server that does as a test tells it, a connection at a time; for every runtime.

#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test helper")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// One accepted connection.
pub(crate) struct Peer {
    pub(crate) stream: BufReader<TcpStream>,
    /// The number of this connection, from 0.
    pub(crate) number: usize,
}

impl Peer {
    /// The next request's head, as text; `None` when the client has closed.
    pub(crate) fn head(&mut self) -> Option<String> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            match self.stream.read_line(&mut head) {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
        Some(head)
    }

    /// A request body as its head frames it: of a chunked one the chunks, one a line.
    pub(crate) fn body(&mut self, head: &str) -> String {
        self.whole_body(head).unwrap()
    }

    /// The same; `None` if the client goes before its end.
    pub(crate) fn whole_body(&mut self, head: &str) -> Option<String> {
        if field(head, "transfer-encoding").is_some() {
            let mut chunks = Vec::new();
            loop {
                let mut line = String::new();
                self.stream.read_line(&mut line).ok()?;
                let size = usize::from_str_radix(line.trim(), 16).ok()?;
                let chunk = self.exactly(size + 2)?;
                if size == 0 {
                    return Some(chunks.join("\n"));
                }
                chunks.push(chunk.trim_end().to_string());
            }
        }
        let length = field(head, "content-length").map_or(0, |text| text.parse().unwrap());
        self.exactly(length)
    }

    fn exactly(&mut self, count: usize) -> Option<String> {
        let mut bytes = vec![0; count];
        self.stream.read_exact(&mut bytes).ok()?;
        Some(String::from_utf8(bytes).unwrap())
    }

    /// Sends these bytes; a client that is gone does not matter.
    pub(crate) fn say(&mut self, text: impl AsRef<[u8]>) {
        let _ = self.stream.get_mut().write_all(text.as_ref());
    }

    /// Sends a response with a length.
    pub(crate) fn answer(&mut self, status: &str, fields: &str, body: &str) {
        let length = body.len();
        self.say(format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{fields}\r\n{body}"));
    }

    /// Whether the client closes within a second.
    pub(crate) fn sees_close(&mut self) -> bool {
        self.stream.get_ref().set_read_timeout(Some(Duration::from_secs(1))).unwrap();
        let mut rest = Vec::new();
        match self.stream.read_to_end(&mut rest) {
            Ok(_) => true,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }
}

/// The value of a field in a head.
pub(crate) fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (field, value) = line.split_once(':')?;
        field.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// Serves every connection in a thread of its own; what `serve` returns comes out of the receiver.
/// Threads end with the process.
pub(crate) fn serve<T: Send + 'static>(
    serve: impl Fn(Peer) -> T + Clone + Send + 'static,
) -> (SocketAddr, mpsc::Receiver<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, hear) = mpsc::channel();
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let (serve, tell) = (serve.clone(), tell.clone());
            let stream = stream.unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(4))).unwrap();
            let peer = Peer { stream: BufReader::new(stream), number };
            thread::spawn(move || drop(tell.send(serve(peer))));
        }
    });
    (address, hear)
}

/// What came out of the server, in time.
pub(crate) fn told<T>(hear: &mpsc::Receiver<T>) -> T {
    hear.recv_timeout(Duration::from_secs(4)).unwrap()
}

/// A server that answers every request with the number of its connection.
pub(crate) fn counting() -> SocketAddr {
    serve(|mut peer| {
        while let Some(head) = peer.head() {
            peer.body(&head);
            let number = peer.number.to_string();
            peer.answer("200 OK", "", &number);
        }
    })
    .0
}
