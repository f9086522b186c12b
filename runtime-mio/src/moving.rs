//! Moving bytes: between a socket and an exchange, and from the sources of an upload.

use sessio_core::Input;
use sessio_core::exchange::{Received, Transfer};
use sessio_runtime::BoxError;
use sessio_runtime::socket::Moved;

use crate::io::io_error;
use crate::slots::CallId;
use crate::socket::Socket;
use crate::upload::{Filled, Source};

/// Moves whatever can go on; `None` if that is nothing.
pub(crate) fn move_bytes<'a>(
    transfer: Transfer<'_, Socket>,
    sources: &mut [Source],
    user: &mut Option<BoxError>,
    call: CallId,
) -> Option<Input<'a, Socket>> {
    let Transfer { socket, send, receive, upload } = transfer;
    socket.own(call);
    let is_sending = send.iter().any(|slice| !slice.is_empty());
    let mut upload = upload;
    if let Some(prompt) =
        upload.take_if(|upload| sources.get(upload.source.0).is_none_or(Source::is_prompt))
        && let Some(input) = fill(prompt, sources, user)
    {
        return Some(input);
    }
    if is_sending {
        match socket.send(send) {
            Ok(Moved::Bytes(sent)) => {
                return Some(Input::Moved { sent, received: Received::Nothing });
            }
            Ok(Moved::Blocked) => {}
            Err(errno) => return Some(last_words(socket, receive, errno)),
        }
    }
    // A peer may answer before it has read everything, and before the source has more.
    match socket.receive(receive) {
        Ok(Moved::Bytes(count)) => return Some(received(count)),
        Ok(Moved::Blocked) => {}
        Err(errno) => return Some(Input::Lost(io_error(&errno.into()))),
    }
    upload.and_then(|upload| fill(upload, sources, user))
}

/// Has a source fill the room; `None` if it has nothing yet.
fn fill<'a>(
    upload: sessio_core::exchange::Upload<'_>,
    sources: &mut [Source],
    user: &mut Option<BoxError>,
) -> Option<Input<'a, Socket>> {
    let Some(source) = sources.get_mut(upload.source.0) else { return Some(Input::SourceFailed) };
    match source.fill(upload.room) {
        Ok(Filled::Bytes(count)) => Some(Input::Piece(count)),
        Ok(Filled::Waits) => None,
        Err(error) => {
            *user = Some(error.into());
            Some(Input::SourceFailed)
        }
    }
}

/// The peer takes no more: what it said before that counts.
fn last_words<'a>(
    socket: &Socket,
    receive: &mut [u8],
    errno: rustix::io::Errno,
) -> Input<'a, Socket> {
    match socket.receive_anyway(receive) {
        Ok(Moved::Bytes(count)) if count > 0 => received(count),
        Ok(_) | Err(_) => Input::Lost(io_error(&errno.into())),
    }
}

const fn received<'a>(count: usize) -> Input<'a, Socket> {
    Input::Moved { sent: 0, received: Received::Bytes(count) }
}
