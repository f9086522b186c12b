//! One call of the core against bytes that are known in advance.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use sessio_core::exchange::{Ask, Probe, Received, Rewound, Transfer};
use sessio_core::io::IoError;
use sessio_core::{
    Error, Exchange, Input, Instant, Now, Output, Request, Response, Session, WallTime,
};

/// Steps that a call over an input may take.
const STEPS_MAX: usize = 1_000_000;

/// What came of a call.
#[derive(Debug)]
pub struct Ended {
    /// Its response or error.
    pub result: Result<Response, Error>,
    /// What was sent.
    pub sent: Vec<u8>,
    /// How many of the peer's bytes it read.
    pub read: usize,
    /// How many connections were kept.
    pub idle: usize,
}

/// A moment: so many milliseconds after the start.
#[must_use]
pub fn moment(millis: u64) -> Now {
    Now {
        mono: Instant::from_nanos(millis.saturating_mul(1_000_000)),
        wall: WallTime::from_unix_millis(1_700_000_000_000 + millis.min(1 << 50) as i64),
    }
}

/// Begins a call.
///
/// # Errors
/// If the request is refused.
pub fn begin<S>(
    session: &mut Session<S>,
    request: Request,
    now: Now,
) -> Result<Exchange<S>, Error> {
    let prepared = session.prepare_request(request, now)?;
    let plan = session.plan(&prepared.options, Ask::Nobody, Ask::Nobody);
    session.start(Arc::new(prepared.request), plan, now)
}

/// Has a request answered with these pieces, after which the peer closes.
#[must_use]
pub fn answer(request: Request, pieces: &[&[u8]]) -> Ended {
    let (mut session, now): (Session<()>, Now) = (Session::new(7), moment(0));
    let (mut sent, mut read) = (Vec::new(), 0);
    let mut exchange = match begin(&mut session, request, now) {
        Ok(exchange) => exchange,
        Err(error) => return Ended { result: Err(error), sent, read, idle: 0 },
    };
    let mut peer: Vec<&[u8]> = pieces.iter().rev().copied().collect();
    for _ in 0..STEPS_MAX {
        let input = match exchange.poll() {
            Output::Consult => {
                exchange.consult(&mut session, now);
                continue;
            }
            Output::Resolve(name) => {
                let address = SocketAddr::from((Ipv4Addr::LOCALHOST, name.port));
                exchange.handle(Input::Resolved(&[address]), now);
                continue;
            }
            Output::Connect { id, .. } => Input::Connecting(id, ()),
            Output::Await(attempts) => Input::Connected(attempts[0].id),
            Output::Probe(_) => Input::Probed(Probe::Spoiled),
            Output::Transfer(transfer) => transferred(transfer, &mut peer, &mut sent, &mut read),
            Output::Data(data) => Input::Consumed(data.bytes.len()),
            Output::Rewind(_) => Input::Rewound(Rewound::Done),
            Output::Load(_) => Input::NotLoaded(IoError::NotFound),
            Output::Prepared(_) | Output::Head(_) | Output::Respond(_) => Input::Continue,
            Output::Wait | Output::Full => panic!("there is nothing to wait for"),
            Output::Done => {
                let result = exchange.finish();
                return Ended { result, sent, read, idle: session.idle_connections() };
            }
        };
        exchange.handle(input, now);
    }
    panic!("the call does not end")
}

fn transferred(
    transfer: Transfer<'_, ()>,
    peer: &mut Vec<&[u8]>,
    sent: &mut Vec<u8>,
    read: &mut usize,
) -> Input<'static, ()> {
    let before = sent.len();
    sent.extend(transfer.send.concat());
    if sent.len() > before {
        return Input::Moved { sent: sent.len() - before, received: Received::Nothing };
    }
    assert!(!transfer.receive.is_empty(), "no room to receive into");
    let Some(piece) = peer.pop() else {
        return Input::Moved { sent: 0, received: Received::Bytes(0) };
    };
    let count = piece.len().min(transfer.receive.len());
    transfer.receive[..count].copy_from_slice(&piece[..count]);
    if count < piece.len() {
        peer.push(&piece[count..]);
    }
    *read += count;
    Input::Moved { sent: 0, received: Received::Bytes(count) }
}
