//! Moving bytes: between a socket and an exchange, and from the sources of an upload.

use std::time::Duration;

use rustix::io::Errno;
use sessio_core::Input;
use sessio_core::exchange::{Deadline, Received, Rewound, Transfer};
use sessio_core::message::SourceId;
use sessio_runtime::BoxError;
use sessio_runtime::clock::Clock;
use sessio_runtime::socket::Moved;

use crate::io::io_error;
use crate::socket::Socket;
use crate::upload::Source;

/// How long to wait: until a deadline, or for ever.
pub(crate) struct Patience<'a> {
    pub(crate) clock: &'a Clock,
    pub(crate) until: Option<Deadline>,
}

impl Patience<'_> {
    /// What is left of it; the clock is read only if there is a deadline.
    pub(crate) fn left(&self) -> Option<Duration> {
        self.until.map(|deadline| deadline.at.since(self.clock.mono()))
    }
}

/// Moves whatever can go on first.
pub(crate) fn serve_transfer<'a>(
    transfer: Transfer<'_, Socket>,
    sources: &mut [Source],
    user: &mut Option<BoxError>,
    patience: &Patience<'_>,
) -> Input<'a, Socket> {
    let Transfer { socket, send, receive, upload } = transfer;
    let is_sending = send.iter().any(|slice| !slice.is_empty());
    if let Some(upload) = upload {
        let Some(source) = sources.get_mut(upload.source.0) else { return Input::SourceFailed };
        if !source.is_prompt() {
            // The source may keep this thread waiting: what can be sent goes first, and an answer
            // that is there already makes the rest of the body moot.
            match if is_sending { socket.send(send) } else { socket.receive_now(receive) } {
                Ok(Moved::Bytes(count)) if is_sending => return sent(count),
                Ok(Moved::Bytes(count)) => return received(count),
                Ok(Moved::Blocked) => {}
                Err(errno) => return last_words(socket, receive, errno),
            }
        }
        return match source.fill(upload.room) {
            Ok(count) => Input::Piece(count),
            Err(error) => {
                *user = Some(error.into());
                Input::SourceFailed
            }
        };
    }
    if is_sending {
        return match socket.send(send) {
            Ok(Moved::Bytes(count)) => sent(count),
            // The peer does not read on: it may have answered before it has read everything.
            Ok(Moved::Blocked) => match socket.receive_now(receive) {
                Ok(Moved::Bytes(count)) => received(count),
                Ok(Moved::Blocked) => match socket.wait(patience.left()) {
                    Ok(()) => Input::Tick,
                    Err(errno) => Input::Lost(io_error(&errno.into())),
                },
                Err(errno) => Input::Lost(io_error(&errno.into())),
            },
            Err(errno) => last_words(socket, receive, errno),
        };
    }
    match socket.receive(receive, patience.left()) {
        Ok(Moved::Bytes(count)) => received(count),
        Ok(Moved::Blocked) => Input::Tick,
        Err(errno) => Input::Lost(io_error(&errno.into())),
    }
}

/// The peer takes no more: what it said before that counts.
fn last_words<'a>(socket: &Socket, receive: &mut [u8], errno: Errno) -> Input<'a, Socket> {
    match socket.receive_now(receive) {
        Ok(Moved::Bytes(count)) if count > 0 => received(count),
        Ok(_) | Err(_) => Input::Lost(io_error(&errno.into())),
    }
}

const fn sent<'a>(count: usize) -> Input<'a, Socket> {
    Input::Moved { sent: count, received: Received::Nothing }
}

const fn received<'a>(count: usize) -> Input<'a, Socket> {
    Input::Moved { sent: 0, received: Received::Bytes(count) }
}

/// Sets a source back to its start.
pub(crate) fn rewind(
    sources: &mut [Source],
    SourceId(id): SourceId,
    user: &mut Option<BoxError>,
) -> Rewound {
    match sources.get_mut(id).map(Source::rewind) {
        Some(Ok(rewound)) => rewound,
        Some(Err(error)) => {
            *user = Some(error.into());
            Rewound::Impossible
        }
        None => Rewound::Impossible,
    }
}
