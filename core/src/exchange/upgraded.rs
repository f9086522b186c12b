//! A connection that no longer speaks HTTP: what a call ends in beside its response.
//!
//! Source: RFC 9110, sections 7.8 and 9.3.6.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::task::Poll;

use crate::connection::Connection;
use crate::connection::stack::Stack;
use crate::error::{Error, ErrorKind};
use crate::http1::buffers::Buffers;
use crate::tls::{Stage, TlsError};

use super::io::Received;

/// Bytes that are queued to be sent at most, before they are encrypted.
pub const UNSENT_MAX: usize = 64 * 1024;
/// Bytes that came in and were not read: with so many, nothing more is received.
pub const UNREAD_MAX: usize = 64 * 1024;

/// What the connection speaks now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// What the `Upgrade` field of a 101 names.
    Named(Box<str>),
    /// Whatever is spoken at the other end of the tunnel, which is here as `host:port`.
    Tunnel(Box<str>),
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::Tunnel(end) => write!(f, "through a tunnel to {end}"),
        }
    }
}

/// A connection after a 101, or after the 2xx to a `CONNECT` of the caller's: its socket, TLS if
/// there is any, the bytes that came behind the response, and its place under the connection limits,
/// which is free when this is dropped.
///
/// It does no I/O. A runtime moves bytes by [`transfer`](Self::transfer) and [`moved`](Self::moved)
/// when [`read`](Self::read) has nothing, and as long as [`has_unsent`](Self::has_unsent). No
/// timeout of the call holds here. It keeps at most [`UNSENT_MAX`] and twice [`UNREAD_MAX`] bytes,
/// and with TLS about as much again in records.
///
/// ```
/// use std::task::Poll;
/// use sessio_core::exchange::{Received, Upgraded};
///
/// /// Sends a message and waits for the first bytes of the answer.
/// fn ask(
///     upgraded: &mut Upgraded<std::net::TcpStream>,
///     message: &[u8],
///     answer: &mut [u8],
/// ) -> Result<usize, Box<dyn std::error::Error>> {
///     use std::io::{Read, Write};
///     assert_eq!(upgraded.write(message)?, message.len(), "a short one is taken whole");
///     loop {
///         if !upgraded.has_unsent() && let Poll::Ready(count) = upgraded.read(answer) {
///             return Ok(count?);
///         }
///         let moving = upgraded.transfer();
///         if moving.send.is_empty() {
///             let count = moving.socket.read(moving.receive)?;
///             upgraded.moved(0, Received::Bytes(count));
///         } else {
///             let count = moving.socket.write(moving.send)?;
///             upgraded.moved(count, Received::Nothing);
///         }
///     }
/// }
/// ```
pub struct Upgraded<S> {
    connection: Connection<S>,
    protocol: Protocol,
    /// What came in and was not read.
    incoming: Buffers,
    peer: Peer,
    /// What waits to be sent, where there is no TLS.
    outgoing: Vec<u8>,
    sent: usize,
    own: Own,
}

/// How far the peer's stream is.
#[derive(Clone, Debug)]
enum Peer {
    Open,
    Ended,
    Broken(TlsError),
}

/// How far this side's stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Own {
    Open,
    Closed,
}

/// Bytes that can move now.
#[derive(Debug)]
pub struct Moving<'a, S> {
    /// The socket.
    pub socket: &'a mut S,
    /// Bytes to send; empty if there is nothing to send now.
    pub send: &'a [u8],
    /// Room to receive into; empty if what came is to be read first, or nothing more comes.
    pub receive: &'a mut [u8],
}

impl<S> Upgraded<S> {
    /// Takes over a connection, with what came behind the response.
    pub(crate) fn new(connection: Connection<S>, protocol: Protocol, left_over: &[u8]) -> Self {
        let mut incoming = Buffers::default();
        incoming.gather(|plain| plain.extend_from_slice(left_over));
        let (peer, outgoing, own) = (Peer::Open, Vec::new(), Own::Open);
        let mut upgraded = Self { connection, protocol, incoming, peer, outgoing, sent: 0, own };
        if let Some(stack) = &upgraded.connection.stack {
            upgraded.peer = peer_of(stack);
        }
        upgraded.decrypt();
        upgraded
    }

    /// What the connection speaks now.
    #[must_use]
    pub const fn protocol(&self) -> &Protocol {
        &self.protocol
    }

    /// The socket, to ask it something. Bytes move by [`transfer`](Self::transfer) alone.
    #[must_use]
    pub const fn socket(&self) -> &S {
        &self.connection.socket
    }

    /// Whether there is TLS between the socket and the caller.
    #[must_use]
    pub const fn is_encrypted(&self) -> bool {
        self.connection.stack.is_some()
    }

    /// Takes it apart: the socket, and the bytes that came in and were not read. The place under the
    /// connection limits is free from now on.
    ///
    /// # Errors
    /// Itself, if there is TLS, or bytes are still to be sent.
    pub fn into_socket(self) -> Result<(S, Vec<u8>), Box<Self>> {
        if self.is_encrypted() || self.has_unsent() {
            return Err(Box::new(self));
        }
        let unread = self.incoming.unread().to_vec();
        Ok((self.connection.socket, unread))
    }

    /// What can move now. Tell [`moved`](Self::moved) what did.
    pub fn transfer(&mut self) -> Moving<'_, S> {
        let wants_more =
            matches!(self.peer, Peer::Open) && self.incoming.unread().len() < UNREAD_MAX;
        let (send, receive) = match self.connection.stack.as_deref_mut() {
            None => {
                let receive =
                    if wants_more { self.incoming.room(UNREAD_MAX) } else { Default::default() };
                (self.outgoing.get(self.sent..).unwrap_or_default(), receive)
            }
            Some(stack) => {
                let wants_more = wants_more && !stack.has_more();
                let (send, room) = stack.lend();
                (send, if wants_more { room } else { Default::default() })
            }
        };
        Moving { socket: &mut self.connection.socket, send, receive }
    }

    /// Tells what moved; 0 bytes received are the end of the peer's stream.
    pub fn moved(&mut self, sent: usize, received: Received) {
        if let Some(stack) = self.connection.stack.as_deref_mut() {
            stack.sent(sent);
            let Received::Bytes(count) = received else { return };
            stack.filled(count);
            self.decrypt();
            if count == 0 && matches!(self.peer, Peer::Open) {
                self.peer = Peer::Broken(TlsError::Truncated);
            }
            return;
        }
        self.sent = self.sent.saturating_add(sent);
        if self.sent >= self.outgoing.len() {
            self.outgoing.clear();
            self.sent = 0;
        }
        match received {
            Received::Nothing => {}
            Received::Bytes(0) => self.peer = Peer::Ended,
            Received::Bytes(count) => self.incoming.filled(count, UNREAD_MAX),
        }
    }

    /// Decrypts what has come, as far as there is room.
    fn decrypt(&mut self) {
        let Some(stack) = self.connection.stack.as_deref_mut() else { return };
        while matches!(self.peer, Peer::Open)
            && stack.has_more()
            && self.incoming.unread().len() < UNREAD_MAX
        {
            let before = self.incoming.unread().len();
            let max = before.saturating_add(UNREAD_MAX);
            self.peer = match self.incoming.gather(|plain| stack.read(plain, max)) {
                Ok(()) => peer_of(stack),
                Err(error) => Peer::Broken(error),
            };
        }
    }

    /// Reads bytes that are at hand: how many, which is 0 at the end of the peer's stream and for an
    /// empty `room`; [`Poll::Pending`] if bytes have to move first.
    ///
    /// # Errors
    /// [`ErrorKind::Ssl`] if TLS is broken, or was cut off without `close_notify`: behind the bytes
    /// that came before it, and from then on.
    pub fn read(&mut self, room: &mut [u8]) -> Poll<Result<usize, Error>> {
        let unread = self.incoming.unread();
        let count = unread.len().min(room.len());
        if let (Some(room), Some(bytes)) = (room.get_mut(..count), unread.get(..count)) {
            room.copy_from_slice(bytes);
        }
        if count > 0 || room.is_empty() {
            self.incoming.consume(count);
            self.decrypt();
            return Poll::Ready(Ok(count));
        }
        match &self.peer {
            Peer::Open => Poll::Pending,
            Peer::Ended => Poll::Ready(Ok(0)),
            Peer::Broken(error) => Poll::Ready(Err(Error::new(ErrorKind::Ssl, error.clone()))),
        }
    }

    /// Queues bytes to be sent, encrypted if there is TLS: how many, which is 0 if what is queued
    /// has to be sent first.
    ///
    /// # Errors
    /// [`ErrorKind::Connection`] behind [`close`](Self::close); [`ErrorKind::Ssl`] if TLS is broken.
    pub fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        if self.own == Own::Closed {
            return Err(Error::new(ErrorKind::Connection, "this side has ended its stream"));
        }
        let Some(stack) = self.connection.stack.as_deref_mut() else {
            let free = UNSENT_MAX.saturating_sub(self.outgoing.len());
            let bytes = bytes.get(..free).unwrap_or(bytes);
            self.outgoing.extend_from_slice(bytes);
            return Ok(bytes.len());
        };
        if stack.has_unsent() {
            return Ok(0);
        }
        let bytes = bytes.get(..UNSENT_MAX).unwrap_or(bytes);
        stack.write(bytes).map_err(|error| Error::new(ErrorKind::Ssl, error))?;
        Ok(bytes.len())
    }

    /// Whether bytes wait to be sent.
    #[must_use]
    pub fn has_unsent(&self) -> bool {
        self.connection.stack.as_ref().map_or(!self.outgoing.is_empty(), |s| s.has_unsent())
    }

    /// Ends this side's stream: with TLS, `close_notify` is queued. When nothing is left to be sent,
    /// the runtime shuts down the sending half of the socket. The peer may go on.
    ///
    /// # Errors
    /// [`ErrorKind::Ssl`] if TLS is broken.
    pub fn close(&mut self) -> Result<(), Error> {
        match (core::mem::replace(&mut self.own, Own::Closed), &mut self.connection.stack) {
            (Own::Closed, _) | (Own::Open, None) => Ok(()),
            (Own::Open, Some(stack)) => {
                stack.close().map_err(|error| Error::new(ErrorKind::Ssl, error))
            }
        }
    }
}

fn peer_of(stack: &Stack) -> Peer {
    match stack.stage() {
        Stage::Ended => Peer::Ended,
        Stage::Handshake | Stage::Open => Peer::Open,
    }
}

impl<S> fmt::Debug for Upgraded<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgraded").field("protocol", &self.protocol).finish_non_exhaustive()
    }
}
