//! The servers of a soak, in a process of their own: each answers `/NUMBER` as the call of that
//! number wants it.

mod answer;
mod line;

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::ServerConfig;

use super::plan::Place;
use line::Line;
pub use line::secure_config;

/// The stack of a thread that serves a connection.
const STACK_BYTES: usize = 256 * 1024;

/// Where the servers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ports {
    fickle: u16,
    steady: u16,
    secure: u16,
}

impl Ports {
    /// The start of a URL at this place.
    #[must_use]
    pub(super) fn origin(&self, place: Place) -> String {
        match place {
            Place::Fickle => format!("http://127.0.0.1:{}", self.fickle),
            Place::Steady => format!("http://127.0.0.1:{}", self.steady),
            Place::Secure => format!("https://127.0.0.1:{}", self.secure),
        }
    }

    fn parse(line: &str) -> Option<Self> {
        let mut ports = line.split_whitespace().map(|word| word.parse().ok());
        let mut next = || ports.next().flatten();
        Some(Self { fickle: next()?, steady: next()?, secure: next()? })
    }
}

/// The process of the servers; it ends with this value, or with the process that has it.
#[derive(Debug)]
pub(super) struct Servers {
    child: Child,
    /// Where they are.
    pub(super) ports: Ports,
}

impl Servers {
    /// Starts this program again with the command `soak-servers`.
    ///
    /// # Errors
    /// If that does not work.
    pub(super) fn start() -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("soak-servers").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        let ports = Ports::parse(&line).ok_or(io::ErrorKind::InvalidData)?;
        Ok(Self { child, ports })
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves until the input ends; says the ports in a line on `out`.
///
/// # Errors
/// If there are no sockets, or the certificates are not there.
pub fn serve(out: &mut impl Write) -> io::Result<()> {
    let config = line::secure_config().map_err(io::Error::other)?;
    let places = [Place::Fickle, Place::Steady, Place::Secure];
    let mut addresses = Vec::new();
    let listeners = places.map(|place| TcpListener::bind("127.0.0.1:0").map(|it| (place, it)));
    let listeners = listeners.into_iter().collect::<io::Result<Vec<_>>>()?;
    for (_, listener) in &listeners {
        addresses.push(listener.local_addr()?);
    }
    // Redirects lead to the server that keeps its word.
    let there = *addresses.get(1).ok_or(io::ErrorKind::NotFound)?;
    for (place, listener) in listeners {
        let config = Arc::clone(&config);
        thread::spawn(move || accept(&listener, place, there, &config));
    }
    let ports: Vec<String> = addresses.iter().map(|address| address.port().to_string()).collect();
    writeln!(out, "{}", ports.join(" "))?;
    out.flush()?;
    io::stdin().read_to_end(&mut Vec::new()).map(drop)
}

fn accept(listener: &TcpListener, place: Place, there: SocketAddr, config: &Arc<ServerConfig>) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else {
            thread::sleep(Duration::from_millis(10));
            continue;
        };
        let config = Arc::clone(config);
        let serve = move || {
            // Whatever is wrong with a connection is for its client to find.
            let _ = connection(stream, place, there, &config);
        };
        drop(thread::Builder::new().stack_size(STACK_BYTES).spawn(serve));
    }
}

fn connection(
    stream: TcpStream,
    place: Place,
    there: SocketAddr,
    config: &Arc<ServerConfig>,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let line = match place {
        Place::Secure => Line::secure(stream, config).map_err(io::Error::other)?,
        Place::Fickle | Place::Steady => Line::Plain(stream),
    };
    let mut line = BufReader::new(line);
    loop {
        match answer::one(&mut line, place, there)? {
            answer::Next::Another => {}
            answer::Next::Nothing => return Ok(()),
        }
    }
}
