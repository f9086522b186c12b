//! Whether a connection may serve another request after this one.
//!
//! Source: RFC 9112, sections 9.3 and 9.6; RFC 9110, section 7.6.1. Stricter than requests, which
//! drops what it has not read and goes on with the connection.

use core::fmt;

use http::Method;

use super::framing::{self, Framing, Reason};
use crate::planted::Plant;
use crate::wire::head::Version;

/// What becomes of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// It goes back to the pool.
    Keep,
    /// It is closed.
    Close(Close),
}

/// Why a connection is closed after a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// The body ends where the connection does.
    UntilClose,
    /// It now carries a tunnel or another protocol.
    NoLongerHttp,
    /// The response was framed in two ways.
    BothFramings,
    /// The request said `Connection: close`.
    AskedByUs,
    /// The response said `Connection: close`.
    AskedByServer,
    /// HTTP/1.0 without `Connection: keep-alive`.
    Http10,
    /// The answer came while the request's body was not all sent.
    RequestUnfinished,
    /// The response was not read to its end.
    ResponseUnfinished,
    /// More bytes came than the response has.
    Surplus,
}

impl fmt::Display for Close {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UntilClose => "body ends with the connection",
            Self::NoLongerHttp => "connection no longer speaks HTTP",
            Self::BothFramings => "response has Content-Length and Transfer-Encoding",
            Self::AskedByUs => "request asked to close",
            Self::AskedByServer => "server asked to close",
            Self::Http10 => "HTTP/1.0 without keep-alive",
            Self::RequestUnfinished => "answer came before the request was sent",
            Self::ResponseUnfinished => "response not read to its end",
            Self::Surplus => "bytes behind the response",
        })
    }
}

/// How far the request was sent when the response ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// All of it.
    Whole,
    /// Some of it is not sent.
    Partly,
}

/// How far the response was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// To its end, and nothing is known to be behind it.
    Whole,
    /// To its end, and there are bytes behind it.
    WithSurplus,
    /// Not to its end.
    Partly,
}

/// What the two heads say about the connection; see [`options`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The Connection field has the option `close`.
    pub close: bool,
    /// The Connection field has the option `keep-alive`.
    pub keep_alive: bool,
}

/// All that the decision depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The response's version.
    pub version: Version,
    /// How the response was delimited.
    pub framing: framing::Verdict,
    /// The Connection fields of the request.
    pub request: Options,
    /// The Connection fields of the response.
    pub response: Options,
    /// How far the request was sent.
    pub sent: Sent,
    /// How far the response was read.
    pub received: Received,
}

/// Reads the values of all Connection fields of a head: lists of options in any case.
///
/// ```
/// let values = [&b"Keep-Alive, X-Foo"[..], b" CLOSE"];
/// let options = sessio_core::policy::reuse::options(values.into_iter());
/// assert!(options.close && options.keep_alive);
/// ```
pub fn options<'a>(values: impl Iterator<Item = &'a [u8]>) -> Options {
    let mut options = Options::default();
    for value in values {
        // Nearly all there are; what follows takes lists apart.
        if value == b"keep-alive" {
            options.keep_alive = true;
            continue;
        }
        for option in value.split(|b| *b == b',') {
            let option = option.trim_ascii();
            options.close |= option.eq_ignore_ascii_case(b"close");
            options.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
        }
    }
    options
}

/// Whether a request of this method may be sent a second time without asking the caller: the server
/// acts once however often it gets it.
///
/// Source: RFC 9110, 9.2.2, and the registry of methods.
#[must_use]
pub fn is_idempotent(method: &Method) -> bool {
    matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE" | "PUT" | "DELETE" | "QUERY")
}

/// Decides whether the connection may serve another request.
///
/// It is a necessary condition: a connection that is kept is still to be probed before its next
/// request, since bytes may come while it is idle.
#[must_use]
pub fn decide(seen: &Seen) -> Reuse {
    let why = match (seen.framing.framing, seen.framing.reason) {
        (_, Reason::Tunnel | Reason::SwitchedProtocols) => Some(Close::NoLongerHttp),
        (_, Reason::LengthAndChunked) if !Plant::BothFramingsKept.is_on() => {
            Some(Close::BothFramings)
        }
        (Framing::UntilClose, _) => Some(Close::UntilClose),
        (Framing::None | Framing::Length(_) | Framing::Chunked, _) => None,
    };
    let why = why.or(match (seen.sent, seen.received) {
        (Sent::Partly, _) if Plant::UploadUnfinishedKept.is_on() => None,
        (Sent::Partly, _) => Some(Close::RequestUnfinished),
        (Sent::Whole, Received::Partly) => Some(Close::ResponseUnfinished),
        (Sent::Whole, Received::WithSurplus) => Some(Close::Surplus),
        (Sent::Whole, Received::Whole) => None,
    });
    match why {
        Some(why) => Reuse::Close(why),
        None if seen.request.close => Reuse::Close(Close::AskedByUs),
        None if seen.response.close && !Plant::CloseIgnored.is_on() => {
            Reuse::Close(Close::AskedByServer)
        }
        None if seen.version == Version::Http10
            && !seen.response.keep_alive
            && !Plant::Http10Kept.is_on() =>
        {
            Reuse::Close(Close::Http10)
        }
        None => Reuse::Keep,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Reuse::Keep;

    const PLAIN: Seen = Seen {
        version: Version::Http11,
        framing: framing::Verdict { framing: Framing::Length(2), reason: Reason::ContentLength },
        request: Options { close: false, keep_alive: true },
        response: Options { close: false, keep_alive: false },
        sent: Sent::Whole,
        received: Received::Whole,
    };

    fn framed(framing: Framing, reason: Reason) -> Seen {
        Seen { framing: framing::Verdict { framing, reason }, ..PLAIN }
    }

    #[test]
    fn a_connection_is_kept_only_if_nothing_speaks_against_it() {
        let close = Options { close: true, keep_alive: true };
        let old = Seen { version: Version::Http10, ..PLAIN };
        let rows = [
            (PLAIN, Keep),
            (Seen { request: close, ..PLAIN }, Reuse::Close(Close::AskedByUs)),
            (Seen { response: close, ..PLAIN }, Reuse::Close(Close::AskedByServer)),
            (Seen { sent: Sent::Partly, ..PLAIN }, Reuse::Close(Close::RequestUnfinished)),
            (Seen { received: Received::Partly, ..PLAIN }, Reuse::Close(Close::ResponseUnfinished)),
            (Seen { received: Received::WithSurplus, ..PLAIN }, Reuse::Close(Close::Surplus)),
            (old, Reuse::Close(Close::Http10)),
            (Seen { response: Options { keep_alive: true, close: false }, ..old }, Keep),
            (Seen { response: close, ..old }, Reuse::Close(Close::AskedByServer)),
            (framed(Framing::Chunked, Reason::TransferEncoding), Keep),
            (framed(Framing::None, Reason::AnswerToHead), Keep),
            (framed(Framing::None, Reason::StatusWithoutBody), Keep),
            (framed(Framing::Length(2), Reason::RepeatedContentLength), Keep),
            (framed(Framing::Chunked, Reason::LengthAndChunked), Reuse::Close(Close::BothFramings)),
            (framed(Framing::UntilClose, Reason::Unframed), Reuse::Close(Close::UntilClose)),
            (framed(Framing::None, Reason::Tunnel), Reuse::Close(Close::NoLongerHttp)),
            (framed(Framing::None, Reason::SwitchedProtocols), Reuse::Close(Close::NoLongerHttp)),
        ];
        for (seen, want) in rows {
            assert_eq!(decide(&seen), want, "{seen:?}");
        }
    }

    #[test]
    fn options_are_whole_members_of_lists() {
        let rows: [(&[&[u8]], bool, bool); 7] = [
            (&[], false, false),
            (&[b"close"], true, false),
            (&[b"Keep-Alive"], false, true),
            (&[b"upgrade,\tCLOSE ", b"keep-alive"], true, true),
            (&[b"closed, not-close, keep alive"], false, false),
            (&[b",,", b""], false, false),
            (&[b"x;close"], false, false),
        ];
        for (values, close, keep_alive) in rows {
            let want = Options { close, keep_alive };
            assert_eq!(options(values.iter().copied()), want, "{values:?}");
        }
    }
}
