//! No sockets, no clock, no threads: a client and two servers in memory, and time that is counted.
//!
//! `cargo run -p sessio-core --example in_memory`. What runs here is the same core that runs over
//! sockets; this is also how one tests a program around it. The chapter "Embed it in your loop"
//! (`sessio_core::embedding`) walks through this file.
#![expect(clippy::print_stdout, reason = "it is what the program is for")]

use std::cell::RefCell;
use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use sessio_core::connection::{AttemptId, Target};
use sessio_core::exchange::{Ask, Probe, Received, Rewound, Transfer};
use sessio_core::io::IoError;
use sessio_core::message::CallOptions;
use sessio_core::trace::Recording;
use sessio_core::{
    Error, Exchange, Input, Instant, Now, Output, Request, Response, Session, WallTime,
};

/// Both directions of a connection; the socket of this program is a handle to it.
#[derive(Default)]
struct Pipe {
    peer: Peer,
    to_peer: VecDeque<u8>,
    to_client: VecDeque<u8>,
}

type Socket = Rc<RefCell<Pipe>>;

/// The servers.
#[derive(Clone, Copy, Default)]
enum Peer {
    /// Leads on to the other one, and gives a cookie that is its own.
    #[default]
    Front,
    /// Says hello.
    Back,
}

impl Pipe {
    /// The peer reads, and answers when a request is complete.
    fn serve(&mut self) {
        let asked = self.to_peer.make_contiguous();
        if !asked.ends_with(b"\r\n\r\n") {
            return;
        }
        println!("{}", String::from_utf8_lossy(asked).trim_end());
        self.to_peer.clear();
        self.to_client.extend(match self.peer {
            Peer::Front => {
                &b"HTTP/1.1 302 Found\r\nLocation: http://back.test/hello\r\n\
                   Set-Cookie: who=front\r\nContent-Length: 0\r\n\r\n"[..]
            }
            Peer::Back => {
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                            6\r\nhello \r\n5\r\nthere\r\n0\r\n\r\n"
            }
        });
    }
}

fn main() -> Result<(), Error> {
    let mut session: Session<Socket> = Session::new(4);
    session.trace = Recording::On;
    let request = Request::get("http://front.test/").basic_auth("ada", "lovelace");
    let mut clock = Now { mono: Instant::from_nanos(0), wall: WallTime::from_unix_seconds(0) };
    let prepared = session.prepare_request(request, clock)?;
    let plan = session.plan(&CallOptions::default(), Ask::Nobody, Ask::Nobody);
    let mut exchange = session.start(Arc::new(prepared.request), plan, clock)?;
    let response = loop {
        // Every step takes a millisecond.
        clock.mono = clock.mono.after(Duration::from_millis(1));
        match step(&mut exchange, &mut session, clock) {
            Step::Went => {}
            Step::Over => break exchange.finish()?,
        }
    };
    show(&response);
    Ok(())
}

/// What a step came to.
enum Step {
    Went,
    Over,
}

/// Does the next thing that the exchange asks for.
fn step(exchange: &mut Exchange<Socket>, session: &mut Session<Socket>, now: Now) -> Step {
    let addresses;
    let input = match exchange.poll() {
        Output::Consult | Output::Full => {
            exchange.consult(session, now);
            return Step::Went;
        }
        Output::Resolve(name) => {
            let number = if name.host == "front.test" { 1 } else { 2 };
            addresses = [SocketAddr::from((Ipv4Addr::new(10, 0, 0, number), name.port))];
            Input::Resolved(&addresses)
        }
        Output::Connect { id, target, options: _ } => connect(id, target),
        // Connections in memory stand at once.
        Output::Await(attempts) => match attempts.first() {
            Some(attempt) => Input::Connected(attempt.id),
            None => Input::Tick,
        },
        Output::Probe(socket) => Input::Probed(match socket.borrow().to_client.is_empty() {
            true => Probe::Quiet,
            false => Probe::Spoiled,
        }),
        Output::Transfer(transfer) => move_bytes(transfer),
        Output::Load(_) => Input::NotLoaded(IoError::NotFound),
        Output::Rewind(_) => Input::Rewound(Rewound::Impossible),
        Output::Prepared(_) | Output::Head(_) | Output::Respond(_) => Input::Continue,
        Output::Data(data) => Input::Consumed(data.bytes.len()),
        Output::Wait => Input::Tick,
        Output::Done => return Step::Over,
    };
    exchange.handle(input, now);
    for event in exchange.take_events() {
        println!("    {:>3} ms  {:?}", event.at.as_nanos() / 1_000_000, event.what);
    }
    Step::Went
}

fn connect<'a>(id: AttemptId, target: &Target) -> Input<'a, Socket> {
    let peer = match target {
        Target::Address(address) if address.ip() == Ipv4Addr::new(10, 0, 0, 1) => Peer::Front,
        Target::Address(_) => Peer::Back,
        Target::Unix(_) => return Input::NotConnected(id, IoError::NotFound),
    };
    Input::Connecting(id, Rc::new(RefCell::new(Pipe { peer, ..Pipe::default() })))
}

/// Sends all there is to send; else lets the peer work, and receives what it said. At most three
/// bytes at a time, to show that it does not matter.
fn move_bytes<'a>(transfer: Transfer<'_, Socket>) -> Input<'a, Socket> {
    let Transfer { socket, send, receive, upload: _ } = transfer;
    let mut pipe = socket.borrow_mut();
    let sent = send.concat();
    if !sent.is_empty() {
        pipe.to_peer.extend(&sent);
        return Input::Moved { sent: sent.len(), received: Received::Nothing };
    }
    pipe.serve();
    let count = pipe.to_client.len().min(receive.len()).min(3);
    for (place, byte) in receive.iter_mut().zip(pipe.to_client.drain(..count)) {
        *place = byte;
    }
    Input::Moved { sent: 0, received: Received::Bytes(count) }
}

fn show(response: &Response) {
    println!(
        "{} {}, by way of {} redirect",
        response.status,
        response.text(),
        response.history.len()
    );
}
