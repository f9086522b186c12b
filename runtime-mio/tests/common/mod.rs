//! What the tests share: servers on loopback that do as they are told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

/// A server with a thread for each connection, which does as `serve` says.
pub(crate) fn server(serve: impl Fn(TcpStream) + Clone + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback and mio work");
    let address = listener.local_addr().expect("loopback and mio work");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = serve.clone();
            thread::spawn(move || serve(stream));
        }
    });
    address
}

/// The head of the next request, and its body by its length; `None` when the client has gone.
pub(crate) fn request(stream: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let lower = head.to_ascii_lowercase();
    let length = lower.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
    let mut body = vec![0; length.map_or(0, |text| text.parse().expect("a number"))];
    stream.read_exact(&mut body).ok()?;
    Some((head, body))
}

/// Answers each request with what `answer` makes of its head and body.
pub(crate) fn answering(
    answer: impl Fn(&str, &[u8]) -> Vec<u8> + Clone + Send + 'static,
) -> SocketAddr {
    server(move |stream| {
        stream.set_nodelay(true).expect("loopback and mio work");
        let mut stream = BufReader::new(stream);
        while let Some((head, body)) = request(&mut stream) {
            if stream.get_mut().write_all(&answer(&head, &body)).is_err() {
                return;
            }
        }
    })
}

/// A response of this content.
pub(crate) fn ok(content: impl AsRef<[u8]>) -> Vec<u8> {
    let content = content.as_ref();
    let mut all =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", content.len()).into_bytes();
    all.extend_from_slice(content);
    all
}
