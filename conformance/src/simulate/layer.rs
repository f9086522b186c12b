//! The peers' side of TLS on a connection: over the null layer, or over rustls.

use super::null_tls::{self, ALERT, CONTENT, HANDSHAKE, certificate, put};
use super::real_tls::Server as RealServer;
use super::trust::Shown;

/// Who a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hello {
    /// Whether it takes the peer for a proxy; rustls does not say.
    pub(crate) is_proxy: Option<bool>,
    /// The name, without the dot of the root; none for addresses over rustls.
    pub(crate) host: Option<String>,
    /// Whose certificates it takes: as the null layer writes it.
    pub(crate) trusted: Option<char>,
}

/// Whether a peer asks for a certificate of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Asking {
    No,
    May,
    Must,
}

/// What a peer does in a handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) shown: Shown,
    pub(crate) asking: Asking,
    /// It refuses with an alert.
    pub(crate) refuses: bool,
    /// The handshake ends with a word of the peer: TLS 1.2.
    pub(crate) is_old: bool,
}

/// Where a layer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Handshake,
    Open,
    /// One of both sides has ended it.
    Over,
}

/// One layer.
#[derive(Debug)]
pub(crate) enum Layer {
    Null(NullServer),
    Real(Box<RealServer>),
}

impl Layer {
    /// Takes what came: appends content to `plain` and what is to be said in turn to `out`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn take(
        &mut self,
        bytes: &[u8],
        plain: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<(), String> {
        match self {
            Self::Null(server) => server.take(bytes, plain, out),
            Self::Real(server) => server.take(bytes, plain, out),
        }
    }

    /// Content as it goes over the wire.
    pub(super) fn wrap(&mut self, plain: &[u8]) -> Vec<u8> {
        match self {
            Self::Null(_) => {
                let mut out = Vec::with_capacity(plain.len() + 5);
                put(CONTENT, plain, &mut out);
                out
            }
            Self::Real(server) => server.wrap(plain),
        }
    }

    /// The end of this side's stream.
    pub(super) fn close(&mut self) -> Vec<u8> {
        match self {
            Self::Null(server) if server.stage != Stage::Open => Vec::new(),
            Self::Null(_) => vec![ALERT, 3, 3, 0, 2, 1, 0],
            Self::Real(server) => server.close(),
        }
    }

    pub(super) fn stage(&self) -> Stage {
        match self {
            Self::Null(server) => server.stage,
            Self::Real(server) => server.stage,
        }
    }

    pub(super) fn hello(&self) -> Option<&Hello> {
        match self {
            Self::Null(server) => server.hello.as_ref(),
            Self::Real(server) => server.hello.as_ref(),
        }
    }

    pub(super) fn plan(&self) -> &Plan {
        match self {
            Self::Null(server) => &server.plan,
            Self::Real(server) => &server.plan,
        }
    }

    /// The certificate that the client has shown, as its line in PEM begins and ends.
    pub(super) fn identity(&self) -> Option<&str> {
        match self {
            Self::Null(server) => server.identity.as_deref(),
            Self::Real(server) => server.identity.as_deref(),
        }
    }
}

/// The peers' side of the null layer.
#[derive(Debug)]
pub(crate) struct NullServer {
    plan: Plan,
    raw: Vec<u8>,
    stage: Stage,
    hello: Option<Hello>,
    identity: Option<String>,
}

impl NullServer {
    pub(super) const fn new(plan: Plan) -> Self {
        Self { plan, raw: Vec::new(), stage: Stage::Handshake, hello: None, identity: None }
    }

    fn take(&mut self, bytes: &[u8], plain: &mut Vec<u8>, out: &mut Vec<u8>) -> Result<(), String> {
        self.raw.extend_from_slice(bytes);
        let (raw, mut used) = (std::mem::take(&mut self.raw), 0);
        while self.stage != Stage::Over {
            let first =
                null_tls::first(&raw[used..]).map_err(|()| "no record of TLS".to_owned())?;
            let Some((kind, content, length)) = first else { break };
            used += length;
            self.record(kind, content, plain, out)?;
        }
        self.raw = raw;
        self.raw.drain(..used);
        Ok(())
    }

    fn record(
        &mut self,
        kind: u8,
        content: &[u8],
        plain: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<(), String> {
        match (kind, content, self.stage) {
            (ALERT, ..) => self.stage = Stage::Over,
            (HANDSHAKE, [b'H', role, trusted, rest @ ..], Stage::Handshake) => {
                let rest = String::from_utf8_lossy(rest).into_owned();
                let (_, host) = rest.split_once(' ').ok_or("a hello without a host")?;
                self.hello = Some(Hello {
                    is_proxy: Some(*role == b'p'),
                    host: Some(host.to_owned()),
                    trusted: Some(char::from(*trusted)),
                });
                if self.plan.refuses {
                    put(ALERT, &[2, 40], out);
                    self.stage = Stage::Over;
                    return Ok(());
                }
                let asks = self.plan.asking != Asking::No;
                let text = certificate(&self.plan.shown, host, asks, self.plan.is_old);
                put(HANDSHAKE, text.as_bytes(), out);
            }
            (HANDSHAKE, [b'F', shown @ ..], Stage::Handshake) if self.hello.is_some() => {
                let shown = String::from_utf8_lossy(shown).into_owned();
                self.identity = (!shown.is_empty()).then_some(shown);
                if self.plan.asking == Asking::Must && self.identity.is_none() {
                    put(ALERT, &[2, 116], out);
                    self.stage = Stage::Over;
                    return Ok(());
                }
                if self.plan.is_old {
                    put(HANDSHAKE, b"D", out);
                }
                self.stage = Stage::Open;
            }
            (CONTENT, content, Stage::Open) => plain.extend_from_slice(content),
            _ => return Err(format!("a record of kind {kind} out of turn")),
        }
        Ok(())
    }
}
