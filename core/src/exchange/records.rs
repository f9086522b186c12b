//! HTTP through TLS: what goes out is encrypted, what comes in decrypted, between socket and message.

use crate::connection::stack::Stack;
use crate::error::{Error, ErrorKind};
use crate::http1::ReceiveError;
use crate::http1::buffers::Buffers;
use crate::planted::Plant;
use crate::policy::retry::Failure;
use crate::policy::reuse::Close;
use crate::settings::Limits;
use crate::tls::{Stage, TlsError};

use super::Exchange;
use super::io::{Output, Received, Transfer};
use super::receiving::Receiving;
use super::state::{Answer, State};

/// How much of a body is encrypted at a time.
const ENCRYPT_MAX: usize = 64 * 1024;

/// What came of reading records.
#[derive(Debug)]
enum Arrived {
    /// Nothing that means anything yet.
    Nothing,
    /// Plaintext.
    Bytes,
    /// The end of the peer's stream.
    End,
}

impl<S> Exchange<S> {
    /// Encrypts what can go out, as long as nothing waits to be sent.
    pub(super) fn encrypt(&mut self) {
        let State::Talking(talking) = &mut self.state else { return };
        let Some(stack) = &mut talking.connection.stack else { return };
        let mut result = Ok(());
        while !stack.has_unsent() && result.is_ok() {
            let loan = talking.outgoing.loan(self.call.limits.upload_piece_bytes_max);
            let mut count = 0_usize;
            for bytes in loan.send {
                let room = ENCRYPT_MAX.saturating_sub(count).min(bytes.len());
                let bytes = bytes.get(..room).unwrap_or_default();
                if !bytes.is_empty() && result.is_ok() {
                    result = stack.write(bytes);
                    count = count.saturating_add(bytes.len());
                }
            }
            if count == 0 {
                break;
            }
            talking.outgoing.sent(count);
        }
        if let Err(error) = result {
            self.state = self.failed(Error::new(ErrorKind::Ssl, error));
        }
    }

    /// Records moved while the request goes out or the head is awaited.
    pub(super) fn talked_in_records(&mut self, sent: usize, received: Received) {
        let State::Talking(talking) = &mut self.state else { return };
        let Some(stack) = &mut talking.connection.stack else { return };
        stack.sent(sent);
        if sent > 0 || matches!(received, Received::Bytes(1..)) {
            self.call.last_moved = self.now;
        }
        match arrive(stack, received, &mut self.buffers, &self.call.limits) {
            // Cut off before the head is whole is an end like any other: there is nothing yet that
            // could pass for the whole of something.
            Ok(Arrived::End) | Err(TlsError::Truncated) => {
                let error = match talking.answer {
                    Answer::Nothing => ReceiveError::NoResponse,
                    Answer::Begun => ReceiveError::InHead,
                };
                if let State::Talking(talking) = self.take() {
                    self.state = self.broken(talking, error.into());
                }
                return;
            }
            Err(error) => {
                if let State::Talking(talking) = self.take() {
                    self.state = self.broken(talking, Error::new(ErrorKind::Ssl, error));
                }
                return;
            }
            Ok(Arrived::Nothing) => {}
            Ok(Arrived::Bytes) if !talking.outgoing.has_begun() => {
                self.state = self.broken_off(ReceiveError::Unasked.into(), Failure::Read);
                return;
            }
            Ok(Arrived::Bytes) => {
                talking.answer = Answer::Begun;
                self.read_heads();
            }
        }
        self.encrypt();
    }

    /// What a body asks for.
    pub(super) fn poll_receiving<'a>(
        receiving: &'a mut Receiving<S>,
        buffers: &'a mut Buffers,
        limits: &Limits,
    ) -> Output<'a, S> {
        let socket = &mut receiving.connection.socket;
        let (send, receive) = match &mut receiving.connection.stack {
            None => (&[][..], buffers.room(limits.receive_bytes_max)),
            Some(stack) => stack.lend(),
        };
        Output::Transfer(Transfer { socket, send: [send, &[]], receive, upload: None })
    }

    /// Records moved while the body is read.
    pub(super) fn body_in_records(&mut self, sent: usize, received: Received) {
        let State::Receiving(receiving) = &mut self.state else { return };
        let Some(stack) = &mut receiving.connection.stack else { return };
        stack.sent(sent);
        if matches!(received, Received::Bytes(1..)) {
            self.call.last_moved = self.now;
        }
        match arrive(stack, received, &mut self.buffers, &self.call.limits) {
            Ok(Arrived::Nothing) => {}
            Ok(Arrived::Bytes) => self.body_step(),
            Ok(Arrived::End) => self.body_closed(),
            // Whoever cut the stream off may have cut the body off, unless its length is known.
            Err(TlsError::Truncated)
                if receiving.body.has_known_end() || Plant::CloseNotifyUnneeded.is_on() =>
            {
                self.body_closed();
            }
            Err(error) => self.body_broken(Error::new(ErrorKind::ChunkedEncoding, error)),
        }
    }

    /// Whether more of the body could be decrypted from what has come in already.
    pub(super) fn decrypt_more(&mut self) -> bool {
        let State::Receiving(receiving) = &mut self.state else { return false };
        let Some(stack) = &mut receiving.connection.stack else { return false };
        let before = self.buffers.unread().len();
        let max = before.saturating_add(self.call.limits.receive_bytes_max);
        while stack.has_more() {
            match self.buffers.gather(|plain| stack.read(plain, max)) {
                Ok(()) if self.buffers.unread().len() > before => return true,
                Ok(()) => {}
                Err(error) => {
                    self.body_broken(Error::new(ErrorKind::ChunkedEncoding, error));
                    return false;
                }
            }
        }
        if stack.stage() == Stage::Ended {
            self.body_closed();
        }
        false
    }

    /// Looks whether the peer sent anything behind the message that just ended; the buffers of TLS
    /// go back if not.
    pub(super) fn surplus(&mut self, receiving: &mut Receiving<S>) -> Option<Close> {
        if Plant::SurplusKept.is_on() {
            self.buffers.forget();
        }
        if !self.buffers.unread().is_empty() {
            return Some(Close::Surplus);
        }
        let stack = receiving.connection.stack.as_mut()?;
        while stack.has_more() {
            let max = self.call.limits.receive_bytes_max;
            let read = self.buffers.gather(|plain| stack.read(plain, max));
            if read.is_err() || !self.buffers.unread().is_empty() {
                self.buffers.forget();
                return Some(Close::Surplus);
            }
        }
        if stack.stage() != Stage::Open || stack.has_leftovers() || stack.has_unsent() {
            return Some(Close::Surplus);
        }
        self.buffers.stack = stack.strip();
        None
    }
}

/// Takes in what came: records into plaintext.
fn arrive(
    stack: &mut Stack,
    received: Received,
    buffers: &mut Buffers,
    limits: &Limits,
) -> Result<Arrived, TlsError> {
    let count = match received {
        Received::Nothing => return Ok(Arrived::Nothing),
        Received::Bytes(count) => count,
    };
    stack.filled(count);
    let before = buffers.unread().len();
    let max = before.saturating_add(limits.receive_bytes_max);
    let read = buffers.gather(|plain| stack.read(plain, max));
    let has_bytes = buffers.unread().len() > before;
    match (read, stack.stage(), has_bytes) {
        // What came before the break counts; the break is met again behind it.
        (Err(error), _, false) => Err(error),
        (_, _, true) => Ok(Arrived::Bytes),
        (Ok(()), Stage::Ended, false) => Ok(Arrived::End),
        (Ok(()), Stage::Handshake | Stage::Open, false) if count == 0 => Err(TlsError::Truncated),
        (Ok(()), Stage::Handshake | Stage::Open, false) => Ok(Arrived::Nothing),
    }
}
