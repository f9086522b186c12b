//! The client's side of a SOCKS handshake: bytes in, bytes out.
//!
//! Source: RFC 1928 and RFC 1929 (version 5); "SOCKS: A protocol for TCP proxy across firewalls" and
//! "SOCKS 4A: A Simple Extension" (version 4); `contrib/socks.py` in urllib3 2.8.

mod error;
mod v4;
mod v5;

pub use error::{Reply4, Reply5, SocksError};

use alloc::vec::Vec;
use core::net::IpAddr;

use crate::secret::Secret;

/// Where the proxy is to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocksTarget<'a> {
    /// The host.
    pub host: SocksHost<'a>,
    /// The port.
    pub port: u16,
}

/// A host as the proxy is told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SocksHost<'a> {
    /// An address.
    Address(IpAddr),
    /// A name, which the proxy looks up.
    Name(&'a str),
}

/// The version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SocksVersion {
    /// Version 4, with the extension 4a for names.
    V4,
    /// Version 5.
    V5,
}

/// Who the client is: user and password.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SocksUser<'a> {
    /// The user.
    pub user: &'a str,
    /// The password; version 4 has none.
    pub password: &'a str,
}

impl core::fmt::Debug for SocksUser<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SocksUser")
    }
}

/// A handshake under way.
#[derive(Debug)]
pub struct Handshake {
    /// What is to be sent; it holds the password.
    outgoing: Secret<Vec<u8>>,
    sent: usize,
    /// The present answer of the proxy as far as it has come: at most 262 bytes.
    answer: Vec<u8>,
    state: State,
}

/// Which answer is awaited.
#[derive(Debug)]
enum State {
    /// The one answer of version 4.
    Reply4,
    /// Which method of authentication the proxy takes; what follows is said then.
    Method { user: Option<Secret<Vec<u8>>>, request: Vec<u8> },
    /// Whether user and password are right.
    Status { request: Vec<u8> },
    /// Whether the target was reached.
    Reply5,
    /// None any more.
    Done,
}

/// Whether a handshake is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It is not.
    Pending,
    /// The way to the target is open.
    Done,
}

impl Handshake {
    /// Begins a handshake.
    ///
    /// # Errors
    /// If target or user cannot be said in this version of the protocol.
    pub fn new(
        version: SocksVersion,
        target: &SocksTarget<'_>,
        user: Option<&SocksUser<'_>>,
    ) -> Result<Self, SocksError> {
        let (outgoing, state) = match version {
            SocksVersion::V4 => (v4::request(target, user)?, State::Reply4),
            SocksVersion::V5 => {
                let login = user.map(v5::login).transpose()?.map(Secret::new);
                let request = v5::request(target)?;
                (v5::methods(login.is_some()), State::Method { user: login, request })
            }
        };
        Ok(Self { outgoing: Secret::new(outgoing), sent: 0, answer: Vec::new(), state })
    }

    /// What is to be sent now; empty if nothing is.
    #[must_use]
    pub fn unsent(&self) -> &[u8] {
        self.outgoing.reveal().get(self.sent..).unwrap_or_default()
    }

    /// So many bytes of it were sent.
    pub fn sent(&mut self, count: usize) {
        self.sent = self.sent.saturating_add(count);
    }

    /// Takes bytes in: how many of them were used, and whether the handshake is over. What was not
    /// used belongs to the target.
    ///
    /// # Errors
    /// If the proxy refuses, or does not speak SOCKS.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<(usize, Progress), SocksError> {
        let mut used = 0_usize;
        for byte in bytes {
            if matches!(self.state, State::Done) {
                break;
            }
            used = used.saturating_add(1);
            self.answer.push(*byte);
            self.step()?;
        }
        let done = matches!(self.state, State::Done);
        Ok((used, if done { Progress::Done } else { Progress::Pending }))
    }

    /// Looks at the answer so far.
    fn step(&mut self) -> Result<(), SocksError> {
        let state = core::mem::replace(&mut self.state, State::Done);
        self.state = match state {
            State::Reply4 => match v4::reply(&self.answer)? {
                Progress::Pending => State::Reply4,
                Progress::Done => State::Done,
            },
            State::Method { user, request } => match v5::method(&self.answer, user.is_some())? {
                None => State::Method { user, request },
                Some(v5::Method::Open) => self.say(request, State::Reply5),
                Some(v5::Method::Password) => {
                    let login = user.map(Secret::into_inner).unwrap_or_default();
                    self.say(login, State::Status { request })
                }
            },
            State::Status { request } => match v5::status(&self.answer)? {
                Progress::Pending => State::Status { request },
                Progress::Done => self.say(request, State::Reply5),
            },
            State::Reply5 => match v5::reply(&self.answer)? {
                Progress::Pending => State::Reply5,
                Progress::Done => State::Done,
            },
            State::Done => State::Done,
        };
        Ok(())
    }

    /// Sends something and waits for the next answer.
    fn say(&mut self, bytes: Vec<u8>, next: State) -> State {
        self.outgoing = Secret::new(bytes);
        self.sent = 0;
        self.answer.clear();
        next
    }
}

#[cfg(test)]
mod tests;
