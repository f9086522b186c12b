//! One request and its answer, by the number in its path.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::line::Line;
use crate::soak::plan::{Case, Cut, Kind, Place, Sum};

/// What follows on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Another request may come.
    Another,
    /// Nothing.
    Nothing,
}

/// Pieces of a slow body, and the pause before each.
const PIECES: usize = 4;
const PAUSE: Duration = Duration::from_millis(4);

/// A fickle server closes one in so many kept connections after a response.
const CLOSES_ONE_IN: u64 = 16;

/// What was asked.
struct Asked {
    case: Case,
    /// Whether a redirect has led here.
    is_there: bool,
    body: Vec<u8>,
}

pub(super) fn one(line: &mut BufReader<Line>, place: Place, there: SocketAddr) -> io::Result<Next> {
    let Some(asked) = request(line)? else { return Ok(Next::Nothing) };
    let case = asked.case;
    let line = line.get_mut();
    match case.kind {
        Kind::Redirect if !asked.is_there => {
            let fields = format!("Location: http://{there}/{}/there\r\n", case.number);
            line.write_all(&sized("302 Found", &fields, b"elsewhere"))?;
        }
        Kind::Closing => {
            line.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            line.write_all(&case.content())?;
            line.end()?;
            return Ok(Next::Nothing);
        }
        Kind::Chunked | Kind::Large => line.write_all(&chunked(case))?,
        Kind::Slow | Kind::Cancel => slowly(line, case)?,
        Kind::Empty => line.write_all(b"HTTP/1.1 204 No Content\r\n\r\n")?,
        Kind::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&case.content())?;
            let body = encoder.finish()?;
            line.write_all(&sized("200 OK", "Content-Encoding: gzip\r\n", &body))?;
        }
        Kind::Put | Kind::Post => {
            line.write_all(&sized("200 OK", "", Sum::of(&asked.body).text().as_bytes()))?;
        }
        Kind::Reset => {
            let all = sized("200 OK", "", &case.content());
            let count = match case.cut() {
                Cut::Behind => all.len(),
                Cut::Within(share) => all.len().saturating_mul(share.into()) >> 16,
            };
            line.write_all(all.get(..count).unwrap_or(&all))?;
            line.flush()?;
            thread::sleep(Duration::from_millis(1));
            line.reset()?;
            return Ok(Next::Nothing);
        }
        Kind::Short => {
            let length = case.size() + 1;
            write!(line, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n")?;
            line.write_all(&case.content())?;
            line.end()?;
            return Ok(Next::Nothing);
        }
        Kind::Garbage => {
            line.write_all(b"\x00\x01 this is no HTTP\r\n\r\n")?;
            line.end()?;
            return Ok(Next::Nothing);
        }
        Kind::Silent => {
            line.await_end();
            return Ok(Next::Nothing);
        }
        Kind::Kept | Kind::Redirect => {
            let fields = format!("Set-Cookie: c{}={}\r\n", case.number % 8, case.number);
            line.write_all(&sized("200 OK", &fields, &case.content()))?;
        }
    }
    line.flush()?;
    let closes = place == Place::Fickle && case.choice(4, CLOSES_ONE_IN) == 0;
    Ok(if closes { Next::Nothing } else { Next::Another })
}

fn request(line: &mut BufReader<Line>) -> io::Result<Option<Asked>> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if line.read_line(&mut head)? == 0 {
            return Ok(None);
        }
    }
    let wrong = || io::Error::from(io::ErrorKind::InvalidData);
    let mut path = head.split(' ').nth(1).ok_or_else(wrong)?.split('/').skip(1);
    let number = path.next().and_then(|word| word.parse().ok()).ok_or_else(wrong)?;
    let is_there = path.next() == Some("there");
    let head = head.to_ascii_lowercase();
    let body = if head.contains("\r\ntransfer-encoding: chunked\r\n") {
        chunks(line)?
    } else {
        let length = head.lines().find_map(|field| field.strip_prefix("content-length: "));
        let length = length.map_or(Ok(0), str::parse).map_err(|_| wrong())?;
        let mut body = Vec::new();
        line.take(length).read_to_end(&mut body)?;
        body
    };
    Ok(Some(Asked { case: Case::of(number), is_there, body }))
}

/// A request body in chunks, without trailers.
fn chunks(line: &mut BufReader<Line>) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut size = String::new();
        line.read_line(&mut size)?;
        let size = u64::from_str_radix(size.trim(), 16).map_err(io::Error::other)?;
        line.take(size).read_to_end(&mut body)?;
        line.read_exact(&mut [0; 2])?;
        if size == 0 {
            return Ok(body);
        }
    }
}

fn sized(status: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{fields}Content-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn chunked(case: Case) -> Vec<u8> {
    let mut all = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let content = case.content();
    let (mut rest, mut what) = (content.as_slice(), 1000);
    let below = if case.kind == Kind::Large { 100_000 } else { 3_000 };
    while !rest.is_empty() {
        let size = usize::try_from(case.choice(what, below)).unwrap_or(0) + 1;
        let (chunk, behind) = rest.split_at(size.min(rest.len()));
        all.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        all.extend_from_slice(chunk);
        all.extend_from_slice(b"\r\n");
        (rest, what) = (behind, what + 1);
    }
    all.extend_from_slice(b"0\r\n\r\n");
    all
}

fn slowly(line: &mut Line, case: Case) -> io::Result<()> {
    let all = sized("200 OK", "", &case.content());
    for piece in all.chunks(all.len() / PIECES + 1) {
        thread::sleep(PAUSE);
        line.write_all(piece)?;
        line.flush()?;
    }
    Ok(())
}
