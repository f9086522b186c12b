//! Moving bytes: between a socket and an exchange, and from the sources of an upload.

use std::task::{Context, Poll};

use sessio_core::Input;
use sessio_core::exchange::{Received, Transfer};
use sessio_core::io::IoError;
use sessio_runtime::BoxError;
use sessio_runtime::socket::Moved;

use crate::socket::Socket;
use crate::upload::Source;

/// Moves whatever can go on first; else it waits for all that can.
pub(crate) fn poll_transfer<'a>(
    transfer: Transfer<'_, Socket>,
    sources: &mut [Source],
    user: &mut Option<BoxError>,
    cx: &mut Context<'_>,
) -> Poll<Input<'a, Socket>> {
    let Transfer { socket, send, receive, upload } = transfer;
    let length = send.iter().map(|slice| slice.len()).sum::<usize>();
    if length > 0 {
        match socket.poll_send(cx, send) {
            Poll::Ready(Ok(count)) => {
                // If that was all, an answer takes a while.
                if count == length && upload.is_none() {
                    socket.expect_nothing_yet();
                }
                return Poll::Ready(Input::Moved { sent: count, received: Received::Nothing });
            }
            Poll::Ready(Err(why)) => return Poll::Ready(last_words(socket, receive, why)),
            Poll::Pending => {}
        }
    }
    if let Some(upload) = upload {
        let Some(source) = sources.get_mut(upload.source.0) else {
            return Poll::Ready(Input::SourceFailed);
        };
        // An answer that is there already makes the rest of the body moot; where the source is
        // always ready, it is seen when the peer takes no more.
        if !source.is_prompt() {
            match socket.receive_now(receive) {
                Ok(Moved::Bytes(count)) => return Poll::Ready(received(count)),
                Ok(Moved::Blocked) => {}
                Err(why) => return Poll::Ready(Input::Lost(why)),
            }
        }
        match source.poll_fill(cx, upload.room) {
            Poll::Ready(Ok(count)) => return Poll::Ready(Input::Piece(count)),
            Poll::Ready(Err(error)) => {
                *user = Some(error.into());
                return Poll::Ready(Input::SourceFailed);
            }
            Poll::Pending => {}
        }
    }
    socket.poll_receive(cx, receive).map(|result| match result {
        Ok(count) => received(count),
        Err(why) => Input::Lost(why),
    })
}

/// The peer takes no more: what it said before that counts.
fn last_words<'a>(socket: &Socket, receive: &mut [u8], why: IoError) -> Input<'a, Socket> {
    match socket.receive_now(receive) {
        Ok(Moved::Bytes(count)) if count > 0 => received(count),
        Ok(_) | Err(_) => Input::Lost(why),
    }
}

const fn received<'a>(count: usize) -> Input<'a, Socket> {
    Input::Moved { sent: 0, received: Received::Bytes(count) }
}
