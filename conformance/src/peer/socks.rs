//! The proxy's side of SOCKS 4, 4a and 5.
//!
//! Source: RFC 1928, RFC 1929, and the SOCKS 4 and 4a memoranda.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::{Value, json};

use super::script::{Kind, SocksScript};
use crate::value::from_latin1;

/// A handshake in progress.
#[derive(Clone, Debug, Default)]
pub(super) struct Handshake {
    buffer: Vec<u8>,
    step: Step,
}

#[derive(Clone, Debug, Default)]
enum Step {
    #[default]
    Greeting,
    Password {
        methods: Vec<u8>,
    },
    Request {
        methods: Vec<u8>,
        auth: Value,
    },
}

/// What the proxy does next.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Next {
    /// More bytes are needed.
    More,
    /// An answer on the way.
    Answer(Vec<u8>),
    /// The handshake failed: answer, log, close.
    Refuse { answer: Vec<u8>, entry: Value },
    /// The handshake succeeded: answer, log, lead to this address. What came too early is `unread`.
    Lead { answer: Vec<u8>, entry: Value, host: String, port: u16, unread: Vec<u8> },
}

impl Handshake {
    /// Adds bytes; [`Self::next`] looks at them.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// One step as far as the bytes go; ask again after an [`Next::Answer`].
    pub(super) fn next(&mut self, script: &SocksScript) -> Next {
        let version = self.buffer.first().copied();
        match std::mem::take(&mut self.step) {
            Step::Greeting if version == Some(5) => self.greeting(script),
            Step::Greeting => self.version4(script),
            Step::Password { methods } => self.password(methods, script),
            Step::Request { methods, auth } => self.request(methods, auth, script),
        }
    }

    fn greeting(&mut self, script: &SocksScript) -> Next {
        let Some(count) = self.buffer.get(1).copied().map(usize::from) else { return Next::More };
        let Some(methods) = self.buffer.get(2..2 + count).map(<[u8]>::to_vec) else {
            return Next::More;
        };
        self.buffer.drain(..2 + count);
        match &script.auth {
            None => {
                self.step = Step::Request { methods, auth: Value::Null };
                Next::Answer(vec![5, 0])
            }
            Some(_) if methods.contains(&2) => {
                self.step = Step::Password { methods };
                Next::Answer(vec![5, 2])
            }
            Some(_) => Next::Refuse {
                answer: vec![5, 0xff],
                entry: json!({"version": 5, "methods": methods, "refused": true}),
            },
        }
    }

    fn password(&mut self, methods: Vec<u8>, script: &SocksScript) -> Next {
        let Some((user, password, end)) = credentials(&self.buffer) else {
            self.step = Step::Password { methods };
            return Next::More;
        };
        self.buffer.drain(..end);
        let auth = json!([user, password]);
        if script.auth == Some((user, password)) {
            self.step = Step::Request { methods, auth };
            return Next::Answer(vec![1, 0]);
        }
        Next::Refuse {
            answer: vec![1, 1],
            entry: json!({"version": 5, "methods": methods, "auth": auth, "refused": true}),
        }
    }

    fn request(&mut self, methods: Vec<u8>, auth: Value, script: &SocksScript) -> Next {
        let Some((form, host, port, end)) = address5(&self.buffer) else {
            self.step = Step::Request { methods, auth };
            return Next::More;
        };
        let entry = json!({"version": 5, "methods": methods, "auth": auth,
            "command": self.buffer[1], "address_type": form, "address": host, "port": port});
        self.buffer.drain(..end);
        let code = script.reply.unwrap_or(0);
        self.end(vec![5, code, 0, 1, 0, 0, 0, 0, 0, 0], entry, host, port, code == 0)
    }

    fn version4(&mut self, script: &SocksScript) -> Next {
        let Some((user, form, host, end)) = address4(&self.buffer) else { return Next::More };
        let port = u16::from_be_bytes([self.buffer[2], self.buffer[3]]);
        let entry = json!({"version": 4, "user": user, "command": self.buffer[1],
            "address_type": form, "address": host, "port": port});
        self.buffer.drain(..end);
        let code = script.reply.unwrap_or(90);
        self.end(vec![0, code, 0, 0, 0, 0, 0, 0], entry, host, port, code == 90)
    }

    fn end(&mut self, answer: Vec<u8>, entry: Value, host: String, port: u16, ok: bool) -> Next {
        if ok {
            let unread = std::mem::take(&mut self.buffer);
            Next::Lead { answer, entry, host, port, unread }
        } else {
            Next::Refuse { answer, entry }
        }
    }
}

/// The kind that speaks this protocol, for messages.
pub(super) fn is_socks(kind: Kind) -> bool {
    matches!(kind, Kind::Socks4 | Kind::Socks5)
}

fn credentials(bytes: &[u8]) -> Option<(String, String, usize)> {
    let user_end = 2 + usize::from(*bytes.get(1)?);
    let user = from_latin1(bytes.get(2..user_end)?);
    let end = user_end + 1 + usize::from(*bytes.get(user_end)?);
    let password = from_latin1(bytes.get(user_end + 1..end)?);
    Some((user, password, end))
}

fn address5(bytes: &[u8]) -> Option<(&'static str, String, u16, usize)> {
    let (form, host, end) = match bytes.get(3)? {
        1 => {
            let octets: [u8; 4] = bytes.get(4..8)?.try_into().ok()?;
            ("ipv4", Ipv4Addr::from(octets).to_string(), 8)
        }
        4 => {
            let octets: [u8; 16] = bytes.get(4..20)?.try_into().ok()?;
            ("ipv6", Ipv6Addr::from(octets).to_string(), 20)
        }
        _ => {
            let end = 5 + usize::from(*bytes.get(4)?);
            ("domain", from_latin1(bytes.get(5..end)?), end)
        }
    };
    let port: [u8; 2] = bytes.get(end..end + 2)?.try_into().ok()?;
    Some((form, host, u16::from_be_bytes(port), end + 2))
}

fn address4(bytes: &[u8]) -> Option<(String, &'static str, String, usize)> {
    let octets: [u8; 4] = bytes.get(4..8)?.try_into().ok()?;
    let (user, end) = until_nul(bytes, 8)?;
    match octets {
        [0, 0, 0, last] if last != 0 => {
            let (name, end) = until_nul(bytes, end)?;
            Some((user, "domain", name, end))
        }
        _ => Some((user, "ipv4", Ipv4Addr::from(octets).to_string(), end)),
    }
}

fn until_nul(bytes: &[u8], from: usize) -> Option<(String, usize)> {
    let rest = bytes.get(from..)?;
    let length = rest.iter().position(|&byte| byte == 0)?;
    Some((from_latin1(&rest[..length]), from + length + 1))
}
