//! 1,000 exchanges at once on one thread, in a loop over poll(2) that is written by hand.
//!
//! `cargo run --release -p sessio-core --example poll_loop`. The server is a thread of the same
//! program; it answers nobody before all have asked, so the exchanges are really there at once. The
//! chapter "Embed it in your loop" (`sessio_core::embedding`) walks through this file.
#![expect(clippy::print_stdout, reason = "it is what the program is for")]

use std::error::Error;
use std::io::{Read, Write};
use std::net::{TcpListener, ToSocketAddrs};
use std::sync::Arc;
use std::thread;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sessio_core::exchange::{Ask, Interest, Received, Rewound, Transfer};
use sessio_core::io::IoError;
use sessio_core::message::CallOptions;
use sessio_core::{Exchange, Input, Now, Output, Request, Response, Session};
use sessio_runtime::clock::Clock;
use sessio_runtime::io::io_error;
use sessio_runtime::socket::{self, Moved};
use socket2::Socket;

/// How many exchanges are started at once.
const CALLS: usize = 1000;

fn main() -> Result<(), Box<dyn Error>> {
    let calls = CALLS.min(descriptors()?.saturating_sub(40) / 2);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/", listener.local_addr()?);
    let server = thread::spawn(move || serve(&listener, calls));

    let clock = Clock::start();
    let mut session: Session<Socket> = Session::new(4); // in life 128 random bits
    let request = Arc::new(session.prepare_request(Request::get(url), clock.now())?.request);
    let mut exchanges = Vec::new();
    for _ in 0..calls {
        let plan = session.plan(&CallOptions::default(), Ask::Nobody, Ask::Nobody);
        exchanges.push(session.start(Arc::clone(&request), plan, clock.now())?);
    }
    let responses = run(&mut session, exchanges, &clock)?;
    let bytes: usize = responses.iter().map(|response| response.bytes().len()).sum();
    println!("{} exchanges at once, answered by {bytes} bytes on one thread", responses.len());
    server.join().map_err(|_| "the server broke")??;
    Ok(())
}

/// Serves all exchanges until each has its response, or one has failed.
fn run(
    session: &mut Session<Socket>,
    mut exchanges: Vec<Exchange<Socket>>,
    clock: &Clock,
) -> Result<Vec<Response>, Box<dyn Error>> {
    let mut responses = Vec::new();
    let mut is_ready = vec![true; exchanges.len()];
    while !exchanges.is_empty() {
        for (exchange, _) in exchanges.iter_mut().zip(&is_ready).filter(|(_, ready)| **ready) {
            advance(exchange, session, clock);
        }
        let over = exchanges.extract_if(.., |exchange| matches!(exchange.poll(), Output::Done));
        for exchange in over {
            responses.push(exchange.finish()?);
        }
        is_ready = wait(&mut exchanges, clock.now())?;
        let now = clock.now();
        for (exchange, is_ready) in exchanges.iter_mut().zip(&mut is_ready) {
            if exchange.deadline().is_some_and(|deadline| deadline.at <= now.mono) {
                exchange.handle(Input::Tick, now);
                *is_ready = true;
            }
        }
    }
    Ok(responses)
}

/// Waits until one of them can go on or the first deadline is there; says which can.
fn wait(exchanges: &mut [Exchange<Socket>], now: Now) -> Result<Vec<bool>, Errno> {
    let first = exchanges.iter().filter_map(Exchange::deadline).map(|deadline| deadline.at).min();
    let timeout = first.and_then(|at| Timespec::try_from(at.since(now.mono)).ok());
    // Asked again, each says what it said before: so the loans of all are held at the same time.
    let outputs: Vec<_> = exchanges.iter_mut().map(Exchange::poll).collect();
    let (mut set, mut whose) = (Vec::new(), Vec::new());
    for (place, output) in outputs.iter().enumerate() {
        for (socket, interest) in output.interests() {
            set.push(PollFd::new(socket, flags(interest)));
            whose.push(place);
        }
    }
    // Who found no place under the connection limits asks again when anything has happened.
    let mut is_ready: Vec<_> = outputs.iter().map(|o| matches!(o, Output::Full)).collect();
    if !set.is_empty() || timeout.is_some() {
        match poll(&mut set, timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    for (entry, place) in set.iter().zip(whose) {
        is_ready[place] |= !entry.revents().is_empty();
    }
    Ok(is_ready)
}

fn flags(interest: Interest) -> PollFlags {
    match interest {
        Interest::Readable => PollFlags::IN,
        Interest::Writable => PollFlags::OUT,
        Interest::Both => PollFlags::IN | PollFlags::OUT,
    }
}

/// Goes on with one exchange until it is blocked or over.
fn advance(exchange: &mut Exchange<Socket>, session: &mut Session<Socket>, clock: &Clock) {
    let mut has_asked = false;
    loop {
        let addresses: Vec<_>;
        let input = match exchange.poll() {
            Output::Full if has_asked => return,
            Output::Consult | Output::Full => {
                has_asked = true;
                exchange.consult(session, clock.now());
                continue;
            }
            // This waits. A loop that must not says `Pending`, and `Resolved` when it knows.
            Output::Resolve(name) => match (name.host, name.port).to_socket_addrs() {
                Ok(found) => {
                    addresses = found.collect();
                    Input::Resolved(&addresses)
                }
                Err(_) => Input::Unresolved(IoError::Unresolved),
            },
            Output::Connect { id, target, options } => match socket::open(target, options) {
                Ok(socket) => Input::Connecting(id, socket),
                Err(error) => Input::NotConnected(id, io_error(&error)),
            },
            Output::Await(attempts) => {
                let found = attempts.iter().find_map(|a| Some((a.id, socket::decided(&a.socket)?)));
                match found {
                    Some((id, Ok(()))) => Input::Connected(id),
                    Some((id, Err(error))) => Input::NotConnected(id, io_error(&error)),
                    None => return,
                }
            }
            Output::Probe(socket) => Input::Probed(socket::probe(socket)),
            Output::Transfer(transfer) => match move_some(transfer) {
                Ok(Some(input)) => input,
                Ok(None) => return,
                Err(errno) => Input::Lost(io_error(&errno.into())),
            },
            Output::Load(_) => Input::NotLoaded(IoError::NotFound), // in life it reads the file
            Output::Rewind(_) => Input::Rewound(Rewound::Impossible), // there are no sources here
            Output::Prepared(_) | Output::Head(_) | Output::Respond(_) => Input::Continue,
            Output::Data(data) => Input::Consumed(data.bytes.len()),
            Output::Wait | Output::Done => return,
        };
        exchange.handle(input, clock.now());
    }
}

/// Moves whichever bytes can move; `None` if none can.
fn move_some<'a>(transfer: Transfer<'_, Socket>) -> Result<Option<Input<'a, Socket>>, Errno> {
    let Transfer { socket, send, receive, upload: _ } = transfer;
    if send.iter().any(|slice| !slice.is_empty())
        && let Moved::Bytes(sent) = socket::send_now(&*socket, send)?
    {
        return Ok(Some(Input::Moved { sent, received: Received::Nothing }));
    }
    // Even if there is something to send: a peer may answer before it has read everything.
    Ok(match socket::receive_now(&*socket, receive)? {
        Moved::Bytes(count) => Some(Input::Moved { sent: 0, received: Received::Bytes(count) }),
        Moved::Blocked => None,
    })
}

/// Raises the limit on descriptors as far as it goes.
fn descriptors() -> Result<usize, Errno> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?;
    Ok(maximum.map_or(usize::MAX, |max| usize::try_from(max).unwrap_or(usize::MAX)))
}

/// Takes all callers in, then answers each.
fn serve(listener: &TcpListener, calls: usize) -> std::io::Result<()> {
    let streams: Vec<_> = listener.incoming().take(calls).collect::<Result<_, _>>()?;
    for mut stream in streams {
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte)?;
            head.extend(byte);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")?;
    }
    Ok(())
}
