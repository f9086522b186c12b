//! TLS without its arithmetic: the records, the stages, the checks and the end of a stream of TLS,
//! with nothing encrypted. It stands in for rustls where a run has no time for that.
//!
//! Records are those of RFC 8446, 5.1. A handshake is a hello with who is asked for, a certificate,
//! and this side's certificate; a peer may say "done" then, as in TLS 1.2.

use std::sync::Arc;

use sessio_core::time::WallTime;
use sessio_core::tls::{
    Identity, Read, Role, Roots, Stage, TlsConfig, TlsError, TlsPeer, TlsProvider, TlsSession,
    TlsSetup,
};

use super::trust::{Issuer, Shown};

/// Kinds of records.
pub(super) const ALERT: u8 = 21;
pub(super) const HANDSHAKE: u8 = 22;
pub(super) const CONTENT: u8 = 23;

/// At most how much a record holds.
const RECORD_MAX: usize = 1 << 14;

/// What the first authority is written as; and the second.
pub(super) const FIRST: &str = "-----CA first";
pub(super) const SECOND: &str = "-----CA second";

/// Appends a record, or as many as it takes.
pub(super) fn put(kind: u8, content: &[u8], out: &mut Vec<u8>) {
    for piece in content.chunks(RECORD_MAX) {
        let [high, low] = u16::try_from(piece.len()).unwrap_or_default().to_be_bytes();
        out.extend_from_slice(&[kind, 3, 3, high, low]);
        out.extend_from_slice(piece);
    }
}

/// A record: its kind, its content, its length with all.
type Record<'a> = (u8, &'a [u8], usize);

/// The first record: its kind, its content, its length; `None` if it is not whole.
///
/// # Errors
/// If it is none.
pub(super) fn first(bytes: &[u8]) -> Result<Option<Record<'_>>, ()> {
    let [kind, rest @ ..] = bytes else { return Ok(None) };
    let is_bad = !(ALERT..=CONTENT).contains(kind) || rest.first().is_some_and(|byte| *byte != 3);
    if is_bad {
        return Err(());
    }
    let [_, _, high, low, rest @ ..] = rest else { return Ok(None) };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    if length > RECORD_MAX {
        return Err(());
    }
    Ok(rest.get(..length).map(|content| (*kind, content, length + 5)))
}

/// The provider.
#[derive(Debug)]
pub(super) struct NullTls;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trusted {
    Anybody,
    First,
    Second,
}

#[derive(Debug)]
struct Config {
    trusted: Trusted,
    /// What is shown: certificates, never a key.
    identity: Option<String>,
}

/// The line of a text with certificate and key that is the certificate.
fn certificate_of(identity: Identity<'_>) -> Option<String> {
    let text = std::str::from_utf8(identity.certificates).ok()?;
    std::str::from_utf8(identity.key).ok().filter(|text| text.contains("-----KEY "))?;
    text.lines().find(|line| line.starts_with("-----CERT ")).map(str::to_owned)
}

impl TlsProvider for NullTls {
    fn configure(&self, setup: &TlsSetup<'_>) -> Result<Arc<dyn TlsConfig>, TlsError> {
        let trusted = match setup.roots {
            Roots::Anybody => Trusted::Anybody,
            Roots::BuiltIn => Trusted::First,
            Roots::Pem(text) if text == FIRST.as_bytes() => Trusted::First,
            Roots::Pem(text) if text == SECOND.as_bytes() => Trusted::Second,
            Roots::Pem(_) => return Err(TlsError::BadRoots("not an authority".into())),
        };
        let bad = || TlsError::BadIdentity("no certificate with its key".into());
        let identity = match setup.identity {
            Some(identity) => Some(certificate_of(identity).ok_or_else(bad)?),
            None => None,
        };
        Ok(Arc::new(Config { trusted, identity }))
    }
}

impl TlsConfig for Config {
    fn connect(&self, peer: TlsPeer<'_>, now: WallTime) -> Result<Box<dyn TlsSession>, TlsError> {
        let role = if peer.role == Role::Origin { 'o' } else { 'p' };
        let trusted = match self.trusted {
            Trusted::Anybody => 'a',
            Trusted::First => '1',
            Trusted::Second => '2',
        };
        let host = peer.host.trim_end_matches('.');
        Ok(Box::new(Session {
            hello: format!("H{role}{trusted}{} {host}", peer.port),
            host: host.to_owned(),
            trusted: self.trusted,
            identity: self.identity.clone(),
            now: now.unix_seconds(),
            state: State::New,
            failed: None,
        }))
    }
}

#[derive(Debug)]
struct Session {
    hello: String,
    host: String,
    trusted: Trusted,
    identity: Option<String>,
    now: i64,
    state: State,
    failed: Option<TlsError>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    New,
    Greeted,
    /// This side is through, and waits for the peer to be.
    Done,
    Open,
    Ended,
}

/// What a peer says in its handshake, as text.
pub(super) fn certificate(shown: &Shown, host: &str, asks: bool, says_done: bool) -> String {
    let flag = |is: bool| if is { 'y' } else { 'n' };
    let (name, until) = (
        if shown.is_for_host { host } else { "elsewhere.test" },
        if shown.is_expired { 1_000_000_000_i64 } else { 4_102_444_800 },
    );
    let issuer = shown.issuer == Issuer::First;
    format!("C{}{}{}{until} {name}", flag(issuer), flag(asks), flag(says_done))
}

impl Session {
    /// The certificate of the peer.
    fn check(&mut self, text: &str) -> Result<(bool, bool), TlsError> {
        let broken = || TlsError::Broken("no certificate".into());
        let [b'C', issuer, asks, done, ..] = text.as_bytes() else { return Err(broken()) };
        let (until, name) = text[4..].split_once(' ').ok_or_else(broken)?;
        let until: i64 = until.parse().map_err(|_| broken())?;
        let is_signed = self.trusted == Trusted::First && *issuer == b'y';
        if self.trusted != Trusted::Anybody {
            if !is_signed {
                return Err(TlsError::UnknownIssuer);
            }
            if until < self.now {
                return Err(TlsError::Expired);
            }
            if name != self.host {
                let (host, names) = (self.host.as_str().into(), vec![name.into()]);
                return Err(TlsError::WrongHost { host, names });
            }
        }
        Ok((*asks == b'y', *done == b'y'))
    }

    /// One record.
    fn record(
        &mut self,
        kind: u8,
        content: &[u8],
        plain: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<(), TlsError> {
        match (kind, self.state) {
            (ALERT, _) if content == [1, 0] => self.state = State::Ended,
            (ALERT, _) if content == [2, 116] => {
                return Err(TlsError::ClientCertificate("it got none".into()));
            }
            (ALERT, _) => return Err(TlsError::Alert("HandshakeFailure".into())),
            (HANDSHAKE, State::Greeted) => {
                let text = String::from_utf8_lossy(content).into_owned();
                let (asks, says_done) = self.check(&text)?;
                let shown = self.identity.as_deref().filter(|_| asks).unwrap_or_default();
                put(HANDSHAKE, format!("F{shown}").as_bytes(), out);
                self.state = if says_done { State::Done } else { State::Open };
            }
            (HANDSHAKE, State::Done) if content == b"D" => self.state = State::Open,
            (CONTENT, State::Open) => plain.extend_from_slice(content),
            _ => return Err(TlsError::Broken("out of turn".into())),
        }
        Ok(())
    }
}

impl TlsSession for Session {
    fn read(
        &mut self,
        records: &mut [u8],
        plain: &mut Vec<u8>,
        plain_max: usize,
        out: &mut Vec<u8>,
    ) -> Result<Read, TlsError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        if self.state == State::New {
            put(HANDSHAKE, self.hello.as_bytes(), out);
            self.state = State::Greeted;
        }
        let (mut used, before) = (0, plain.len());
        while self.state != State::Ended && (plain.len() < plain_max || plain.len() == before) {
            let step = match first(&records[used..]) {
                Ok(None) => break,
                Ok(Some((kind, content, length))) => {
                    used += length;
                    self.record(kind, content, plain, out)
                }
                Err(()) => Err(TlsError::Broken("no record".into())),
            };
            if let Err(error) = step {
                if !matches!(error, TlsError::Alert(_) | TlsError::ClientCertificate(_)) {
                    put(ALERT, &[2, 42], out);
                }
                self.failed = Some(error.clone());
                return Err(error);
            }
        }
        let stage = match self.state {
            State::New | State::Greeted | State::Done => Stage::Handshake,
            State::Open => Stage::Open,
            State::Ended => Stage::Ended,
        };
        Ok(Read { used, stage })
    }

    fn write(&mut self, plain: &[u8], out: &mut Vec<u8>) -> Result<(), TlsError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        if !matches!(self.state, State::Open | State::Ended) {
            return Err(TlsError::Broken("content may not be sent now".into()));
        }
        put(CONTENT, plain, out);
        Ok(())
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        if self.failed.is_none() && matches!(self.state, State::Open | State::Ended) {
            put(ALERT, &[1, 0], out);
        }
    }
}
