//! A small server on loopback for the tour: a thread for each connection, as long as it is kept.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

/// Bytes of a request body that are read at most.
const BODY_MAX: u64 = 16 * 1024 * 1024;

/// Lines of the text that `/log.txt` sends.
const LOG_LINES: u32 = 60_000;

/// Starts it; it ends with the process.
pub(crate) fn start() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that breaks off is its own loss.
            thread::spawn(move || drop(serve(stream)));
        }
    });
    Ok(address)
}

/// What `/log.txt` is, before it is compressed.
pub(crate) fn log() -> String {
    let mut text = String::new();
    for line in 0..LOG_LINES {
        let odd = line.wrapping_mul(2_654_435_761) >> 8;
        // Writing to a string does not fail.
        let _ = writeln!(text, "{line:06} sensor-{} reads {odd}", odd % 7);
    }
    text
}

struct Asked {
    method: String,
    path: String,
    fields: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Asked {
    fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

struct Answer {
    status: &'static str,
    fields: String,
    body: Vec<u8>,
}

impl Answer {
    fn text(body: impl Into<String>) -> Self {
        let fields = "Content-Type: text/plain; charset=utf-8\r\n".into();
        Self { status: "200 OK", fields, body: body.into().into_bytes() }
    }

    fn redirect(status: &'static str, location: &str) -> Self {
        Self { status, fields: format!("Location: {location}\r\n"), body: Vec::new() }
    }

    fn with(mut self, field: &str) -> Self {
        self.fields.push_str(field);
        self.fields.push_str("\r\n");
        self
    }
}

fn serve(stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    while let Some(asked) = receive(&mut stream)? {
        let answer = answer(&asked)?;
        let Answer { status, fields, body } = answer;
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{fields}\r\n");
        let to = stream.get_mut();
        to.write_all(head.as_bytes())?;
        to.write_all(&body)?;
    }
    Ok(())
}

/// The next request; `None` when the client has closed.
fn receive(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Asked>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        lines.push(line.to_owned());
    }
    let mut words = lines.first().map(String::as_str).unwrap_or_default().split(' ');
    let method = words.next().unwrap_or_default().to_owned();
    let path = words.next().unwrap_or_default().to_owned();
    let split = |line: &String| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    let fields = lines.iter().skip(1).filter_map(split).collect();
    let mut asked = Asked { method, path, fields, body: Vec::new() };
    let length = asked.field("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    stream.take(u64::min(length, BODY_MAX)).read_to_end(&mut asked.body)?;
    Ok(Some(asked))
}

fn answer(asked: &Asked) -> io::Result<Answer> {
    let body = String::from_utf8_lossy(&asked.body);
    Ok(match (asked.method.as_str(), asked.path.as_str()) {
        ("POST", "/login") if body.contains("password=lovelace") => {
            Answer::redirect("303 See Other", "/me")
                .with("Set-Cookie: login=ada; Path=/; HttpOnly; SameSite=Lax")
                .with("Set-Cookie: spy=1; Domain=b.test")
        }
        ("POST", "/login") => Answer { status: "403 Forbidden", ..Answer::text("wrong password") },
        ("GET", "/me") => match asked.field("cookie") {
            Some(cookie) => Answer::text(format!("hello, I know you by {cookie}")),
            None => Answer { status: "401 Unauthorized", ..Answer::text("who are you?") },
        },
        ("GET", "/moved") => Answer::redirect("302 Found", "http://b.test/landing"),
        ("GET", "/landing") => Answer::text(match asked.field("authorization") {
            Some(_) => "b.test got your password!",
            None => "b.test got no Authorization and no Cookie",
        }),
        ("POST", "/order") => Answer::redirect("302 Found", "/order/7"),
        ("GET", "/order/7") => Answer::text(format!("order 7; body of {} bytes", body.len())),
        ("GET", "/log.txt") => {
            let mut coder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            coder.write_all(log().as_bytes())?;
            let gzip = Answer::text("").with("Content-Encoding: gzip");
            Answer { body: coder.finish()?, ..gzip }
        }
        ("POST", "/upload") => {
            let parts = body.matches("Content-Disposition: form-data").count();
            Answer::text(format!("{} bytes, {parts} parts", asked.body.len()))
        }
        ("GET", "/status") => Answer::text("all is well").with("X-Load: 0.07"),
        _ => Answer { status: "404 Not Found", ..Answer::text("there is nothing here") },
    })
}
