//! Makes a number of small GETs over one kept connection, for a profiler to count.
//!
//! `count serve` answers on loopback and prints its port; `count PORT CALLS prepared|url|text` asks
//! it with three cookies in the jar. `count cookies SITES CALLS again|anew` asks a jar of ten cookies
//! for each of so many sites for the line of a request, remembered or made anew. The script
//! `.ci/count` runs them under callgrind.
#![allow(clippy::print_stdout, reason = "its output is the port, or the sum of what came")]

use std::error::Error;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use sessio_core::cookies::CallCookies;
use sessio_core::message::CallOptions;
use sessio_core::url::Url;
use sessio_core::{Cookie, Jar, Request as CoreRequest, WallTime};
use sessio_std::{Request, Session};

const RESPONSE: &[u8] =
    b"HTTP/1.1 200 OK\r\nServer: count\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\n\
    Content-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world!";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["serve"] => serve(),
        ["cookies", sites, calls, how] => cookies(sites.parse()?, calls.parse()?, how),
        [port, calls, how] => ask(port.parse()?, calls.parse()?, how),
        _ => Err("count serve | count PORT CALLS prepared|url|text | \
                  count cookies SITES CALLS again|anew"
            .into()),
    }
}

/// Answers every request the same, each connection on a thread.
fn serve() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?.port());
    for stream in listener.incoming() {
        let stream = stream?;
        // A client that goes is no news.
        std::thread::spawn(move || drop(answer(stream)));
    }
    Ok(())
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut room = [0; 4096];
    let mut seen = Vec::new();
    loop {
        let count = stream.read(&mut room)?;
        if count == 0 {
            return Ok(());
        }
        seen.extend_from_slice(&room[..count]);
        while let Some(end) = seen.windows(4).position(|window| window == b"\r\n\r\n") {
            seen.drain(..end + 4);
            stream.write_all(RESPONSE)?;
        }
    }
}

fn ask(port: u16, calls: usize, how: &str) -> Result<(), Box<dyn Error>> {
    let session = Session::new();
    for (name, value) in [("sid", "0123456789abcdef"), ("theme", "dark"), ("lang", "en")] {
        session.lock().cookies.set(Cookie::new(name, value).with_domain("127.0.0.1"))?;
    }
    let text = format!("http://127.0.0.1:{port}/small");
    let url = Url::parse(&text)?;
    let prepared = session.prepare_request(CoreRequest::get(text.as_str()))?.request;
    let message = Arc::new(prepared);
    let mut bytes = 0;
    for _ in 0..calls {
        let mut response = match how {
            "prepared" => session.send_message(&message, CallOptions::default())?,
            "url" => session.request(Request::get(&url))?,
            _ => session.get(text.as_str())?,
        };
        bytes += response.content()?.len();
    }
    println!("{bytes}");
    Ok(())
}

fn cookies(sites: usize, calls: usize, how: &str) -> Result<(), Box<dyn Error>> {
    let mut jar = Jar::new();
    for site in 0..sites {
        for number in 0..10 {
            let cookie = Cookie::new(format!("name{number}"), "0123456789abcdef");
            jar.set(cookie.with_domain(format!(".site{site}.test")))?;
        }
    }
    let (url, now) = (Url::parse("http://www.site0.test/small")?, WallTime::from_unix_seconds(0));
    let given = CallCookies::default();
    let mut sent = 0;
    for _ in 0..calls {
        let line = match how {
            "again" => jar.line(&given, &url, now),
            _ => jar.header(&url, now),
        };
        sent += line.map_or(0, |line| line.sent);
    }
    println!("{sent}");
    Ok(())
}
