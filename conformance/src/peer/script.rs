//! One entry of a vector's `servers`: address, kind, and the replies to be given in order.
//!
//! The format is described in `oracle/FORMAT.md`, section 3.6.

use std::fmt;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::value;

/// The pause between split pieces where the script names none.
const PAUSE: Duration = Duration::from_micros(300);

/// How a vector breaks the format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed(pub String);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "malformed vector: {}", self.0)
    }
}

impl std::error::Error for Malformed {}

/// One server entry.
#[derive(Clone, Debug)]
pub struct ServerScript {
    /// In lower case and without brackets.
    pub host: String,
    /// As the client dials it; no real port.
    pub port: u16,
    /// What it speaks.
    pub kind: Kind,
    /// Present if it speaks TLS first.
    pub tls: Option<TlsScript>,
    /// To be used up in order, over all connections.
    pub replies: Vec<Arc<Reply>>,
    /// What happens to successive connection attempts; afterwards all succeed.
    pub connects: Vec<Attempt>,
    /// User and password for the check of Digest answers.
    pub digest: Option<(String, String)>,
    /// What a SOCKS proxy asks for and answers.
    pub socks: SocksScript,
}

/// What a server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// HTTP, as origin.
    Origin,
    /// HTTP, as proxy: accepts CONNECT without a scripted reply.
    HttpProxy,
    /// SOCKS version 5.
    Socks5,
    /// SOCKS version 4 or 4a.
    Socks4,
}

/// How a connection attempt ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It succeeds.
    Ok,
    /// Nobody listens.
    Refused,
    /// The name does not resolve.
    Dns,
    /// It exceeds the connect timeout.
    Timeout,
}

/// The TLS side of a server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TlsScript {
    /// Name of a certificate and key in `certs/`.
    pub certificate: String,
    /// Whether it asks for the client's.
    pub clients: TlsClients,
}

/// Whether a server asks for client certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsClients {
    /// It does not ask.
    Unasked,
    /// It asks, and goes on without.
    Optional,
    /// The handshake fails without.
    Required,
}

/// The handshake of a SOCKS proxy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SocksScript {
    /// User and password that are asked for (version 5).
    pub auth: Option<(String, String)>,
    /// Reply code; success if absent.
    pub reply: Option<u8>,
}

/// One reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The bytes, possibly none.
    pub send: Vec<u8>,
    /// How they are cut.
    pub pieces: Pieces,
    /// Pause before the first byte.
    pub delay: Duration,
    /// What comes after the last byte.
    pub then: Then,
}

/// How a reply is cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pieces {
    /// Not at all.
    Whole,
    /// After these ascending offsets, with a pause after each.
    At(Vec<usize>, Duration),
    /// Each byte on its own.
    Every(Duration),
}

/// What comes after the last byte of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// The next request.
    Keep,
    /// An orderly end, with the notice of TLS.
    Close,
    /// A TCP reset.
    Reset,
    /// The end of the TCP stream without the notice of TLS.
    Abort,
    /// Silence until the client closes.
    Hang,
    /// A tunnel to the target of the CONNECT that was answered.
    Tunnel,
}

impl ServerScript {
    /// Reads one server entry.
    ///
    /// # Errors
    /// If a member is missing or not of the form that the format gives it.
    pub fn parse(entry: &Value) -> Result<Self, Malformed> {
        let host = entry["host"].as_str().ok_or_else(|| wrong("host", entry))?;
        let port = small(&entry["port"]).ok_or_else(|| wrong("port", entry))?;
        let replies =
            items(&entry["replies"]).iter().map(|reply| Reply::parse(reply).map(Arc::new));
        let connects = items(&entry["connects"]).iter().map(Attempt::parse);
        Ok(Self {
            host: host.to_lowercase().trim_matches(['[', ']']).to_owned(),
            port,
            kind: Kind::parse(&entry["kind"])?,
            tls: TlsScript::parse(&entry["tls"])?,
            replies: replies.collect::<Result<_, _>>()?,
            connects: connects.collect::<Result<_, _>>()?,
            digest: pair(&entry["digest"])?,
            socks: SocksScript {
                auth: pair(&entry["socks"]["auth"])?,
                reply: small(&entry["socks"]["reply"]),
            },
        })
    }
}

impl Kind {
    fn parse(kind: &Value) -> Result<Self, Malformed> {
        match (kind, kind.as_str()) {
            (Value::Null, _) | (_, Some("origin")) => Ok(Self::Origin),
            (_, Some("http-proxy")) => Ok(Self::HttpProxy),
            (_, Some("socks5-proxy")) => Ok(Self::Socks5),
            (_, Some("socks4-proxy")) => Ok(Self::Socks4),
            _ => Err(wrong("kind", kind)),
        }
    }
}

impl Attempt {
    /// Reads an outcome as `connects` and `unreachable` name it.
    ///
    /// # Errors
    /// If it is none of the four names.
    pub fn parse(outcome: &Value) -> Result<Self, Malformed> {
        match outcome.as_str() {
            Some("ok") => Ok(Self::Ok),
            Some("refused") => Ok(Self::Refused),
            Some("dns") => Ok(Self::Dns),
            Some("timeout") => Ok(Self::Timeout),
            _ => Err(wrong("connection outcome", outcome)),
        }
    }

    /// The name that `dials` has.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::Dns => "dns",
            Self::Timeout => "timeout",
        }
    }
}

impl TlsScript {
    fn parse(tls: &Value) -> Result<Option<Self>, Malformed> {
        let certificate = match tls {
            Value::Null => return Ok(None),
            Value::String(name) => name.clone(),
            _ => tls["cert"].as_str().ok_or_else(|| wrong("tls", tls))?.to_owned(),
        };
        let clients = match (&tls["client_auth"], tls["client_auth"].as_str()) {
            (Value::Null, _) => TlsClients::Unasked,
            (_, Some("optional")) => TlsClients::Optional,
            (_, Some("required")) => TlsClients::Required,
            _ => return Err(wrong("client_auth", tls)),
        };
        Ok(Some(Self { certificate, clients }))
    }
}

impl Reply {
    /// The answer to a CONNECT for which the script has none.
    #[must_use]
    pub fn tunnel() -> Self {
        let send = b"HTTP/1.1 200 Connection established\r\n\r\n".to_vec();
        Self { send, pieces: Pieces::Whole, delay: Duration::ZERO, then: Then::Tunnel }
    }

    /// Silence until the client closes.
    #[must_use]
    pub fn silence() -> Self {
        Self { send: Vec::new(), pieces: Pieces::Whole, delay: Duration::ZERO, then: Then::Hang }
    }

    fn parse(reply: &Value) -> Result<Self, Malformed> {
        if reply["hang"] == true {
            return Ok(Self::silence());
        }
        let pause = milliseconds(&reply["pause_ms"], "pause_ms")?.unwrap_or(PAUSE);
        let pieces = match &reply["split"] {
            Value::Null => Pieces::Whole,
            Value::String(every) if every == "every" => Pieces::Every(pause),
            Value::Array(offsets) => {
                let offsets = offsets.iter().map(|o| small(o).ok_or_else(|| wrong("split", o)));
                Pieces::At(offsets.collect::<Result<_, _>>()?, pause)
            }
            other => return Err(wrong("split", other)),
        };
        let tunnel = reply["tunnel"] == true;
        let send = match &reply["send"] {
            Value::Null if tunnel => Self::tunnel().send,
            Value::Null => Vec::new(),
            bytes => byte_string(bytes)?,
        };
        let then = if tunnel { Then::Tunnel } else { Then::parse(&reply["then"])? };
        let delay = milliseconds(&reply["delay_ms"], "delay_ms")?.unwrap_or_default();
        Ok(Self { send, pieces, delay, then })
    }

    /// The pieces in order, each with the pause before it.
    #[must_use]
    pub fn timed(&self) -> Vec<(Duration, Vec<u8>)> {
        let (offsets, pause) = match &self.pieces {
            Pieces::Whole => (Vec::new(), Duration::ZERO),
            Pieces::At(offsets, pause) => (offsets.clone(), *pause),
            Pieces::Every(pause) => ((1..self.send.len()).collect(), *pause),
        };
        let mut pieces = Vec::new();
        let mut from = 0;
        for to in offsets.into_iter().chain([self.send.len()]) {
            let to = to.min(self.send.len());
            if to > from {
                let before = if from == 0 { self.delay } else { pause };
                pieces.push((before, self.send[from..to].to_vec()));
                from = to;
            }
        }
        if pieces.is_empty() {
            pieces.push((self.delay, Vec::new()));
        }
        pieces
    }
}

impl Then {
    fn parse(then: &Value) -> Result<Self, Malformed> {
        match (then, then.as_str()) {
            (Value::Null, _) | (_, Some("keep")) => Ok(Self::Keep),
            (_, Some("close")) => Ok(Self::Close),
            (_, Some("reset")) => Ok(Self::Reset),
            (_, Some("abort")) => Ok(Self::Abort),
            (_, Some("hang")) => Ok(Self::Hang),
            _ => Err(wrong("then", then)),
        }
    }
}

/// A byte string of section 2, or why it is none.
pub(crate) fn byte_string(bytes: &Value) -> Result<Vec<u8>, Malformed> {
    catch_unwind(|| value::bytes(bytes)).map_err(|_| wrong("byte string", bytes))
}

/// What a member should have been, and what it is.
pub(crate) fn wrong(what: &str, found: &Value) -> Malformed {
    Malformed(format!("{what} in {found}"))
}

fn items(array: &Value) -> &[Value] {
    array.as_array().map_or(&[], Vec::as_slice)
}

fn small<T: TryFrom<u64>>(number: &Value) -> Option<T> {
    number.as_u64().and_then(|number| T::try_from(number).ok())
}

fn milliseconds(number: &Value, what: &str) -> Result<Option<Duration>, Malformed> {
    match number {
        Value::Null => Ok(None),
        _ => {
            let count = number.as_f64().ok_or_else(|| wrong(what, number))?;
            let span = Duration::try_from_secs_f64(count / 1000.0);
            span.map(Some).map_err(|_| wrong(what, number))
        }
    }
}

fn pair(two: &Value) -> Result<Option<(String, String)>, Malformed> {
    if two.is_null() {
        return Ok(None);
    }
    match (two[0].as_str(), two[1].as_str()) {
        (Some(first), Some(second)) => Ok(Some((first.to_owned(), second.to_owned()))),
        _ => Err(wrong("pair of texts", two)),
    }
}
