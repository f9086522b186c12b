//! The head of a request as it goes out, and the last gate before the wire.
//!
//! Nothing that is not one request line and the given fields gets through: no CR, LF, NUL or other
//! control character in the method, the target or a value, no second Host and no second framing.
//!
//! Source: RFC 9112, sections 3 and 5; the case of names is what requests sends by default.

mod names;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::mem::replace;

use http::header::{CONTENT_LENGTH, HeaderName};
use http::{HeaderValue, Method};
use url::Url;

use crate::headers::Headers;
use crate::planted::Plant;
use crate::url::{write_authority, write_dotted_authority};

use names::Part;
pub use names::write_name;

/// Why a request head was not written; values are not kept, they may be secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestHeadError {
    /// The target is empty or has a byte that is not visible ASCII.
    Target {
        /// Where in the target; its length if it is empty.
        offset: usize,
    },
    /// This field, of which there may be one, is given twice.
    Repeated(String),
    /// Content-Length and Transfer-Encoding are both given.
    LengthAndTransferEncoding,
    /// This field says that the body is framed in another way than it is.
    Framing(String),
}

impl fmt::Display for RequestHeadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target { offset } => {
                write!(f, "request target is empty or has an invalid character (byte {offset})")
            }
            Self::Repeated(name) => write!(f, "header {name:?} is given more than once"),
            Self::LengthAndTransferEncoding => {
                f.write_str("both Content-Length and Transfer-Encoding are given")
            }
            Self::Framing(name) => write!(f, "header {name:?} does not fit the body"),
        }
    }
}

impl core::error::Error for RequestHeadError {}

/// What the transport puts into a head beside the fields of the request.
///
/// Each is written in front of the fields, in this order, if the fields do not have it.
#[derive(Clone, Copy, Debug)]
pub struct Own<'a> {
    /// What `Host` is made of: the URL's authority.
    pub host: &'a Url,
    /// What becomes of the dot at the end of a host name.
    pub dot: FinalDot,
    /// The value of `Accept-Encoding`; without the field a server may choose any coding.
    pub accept_encoding: &'a str,
    /// The value of `User-Agent`.
    pub user_agent: &'a str,
    /// How the body is framed, if it has to be said and the fields do not.
    pub framing: BodyFraming,
    /// What becomes of `Proxy-Authorization`.
    pub proxy_authorization: ProxyAuthorization<'a>,
}

/// What becomes of a `Proxy-Authorization`: only a proxy that makes the request may see one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyAuthorization<'a> {
    /// The peer is no such proxy: one among the fields does not go out.
    Drop,
    /// The peer is one, and nothing else is known: one among the fields goes out.
    Keep,
    /// The peer is one and gets this, whatever is among the fields.
    Is(&'a HeaderValue),
}

/// What becomes of the dot at the end of a host name in `Host`.
///
/// It stays where the host stands in what went before: in a target that is a whole URL, or in the
/// CONNECT of a tunnel (RFC 9112, 3.2; `putrequest` in Python's `http/client.py`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinalDot {
    /// It goes: it belongs to name resolution, and urllib3 sends none either.
    Drop,
    /// It stays.
    Keep,
}

/// How a request's body is framed on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFraming {
    /// Nothing has to be said.
    Unsaid,
    /// By this length.
    Length(u64),
    /// By chunks.
    Chunked,
}

/// Appends a request head to `out`: request line, what is the transport's own, the fields in the
/// given order, blank line.
///
/// `target` appends the request target: a path with its query, an absolute URL, or `host:port` for
/// CONNECT. Nothing is allocated but what `out` needs to grow.
///
/// ```
/// use sessio_core::{Headers, url, wire::request_head};
///
/// let (mut out, mut headers) = (Vec::new(), Headers::new());
/// let host = url::parse("http://a.test/?q")?;
/// let framing = request_head::BodyFraming::Unsaid;
/// let proxy_authorization = request_head::ProxyAuthorization::Drop;
/// let (accept_encoding, user_agent) = ("br", "me");
/// let dot = request_head::FinalDot::Drop;
/// let own = request_head::Own {
///     host: &host, dot, accept_encoding, user_agent, framing, proxy_authorization
/// };
/// headers.try_set("x-foo-bar", "1")?;
/// let target = |out: &mut Vec<u8>| url::write_origin_form(&host, out);
/// request_head::write(&mut out, &http::Method::GET, target, own, &headers)?;
/// assert_eq!(
///     out,
///     b"GET /?q HTTP/1.1\r\nHost: a.test\r\nAccept-Encoding: br\r\nUser-Agent: me\r\nX-Foo-Bar: 1\r\n\r\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// What may not go out; `out` is then as it was before.
pub fn write(
    out: &mut Vec<u8>,
    method: &Method,
    target: impl FnOnce(&mut Vec<u8>),
    own: Own<'_>,
    fields: &Headers,
) -> Result<(), RequestHeadError> {
    let start = out.len();
    let result = write_all(out, method, target, own, fields);
    if result.is_err() {
        out.truncate(start);
    }
    result
}

fn write_all(
    out: &mut Vec<u8>,
    method: &Method,
    target: impl FnOnce(&mut Vec<u8>),
    own: Own<'_>,
    fields: &Headers,
) -> Result<(), RequestHeadError> {
    // A `Method` is a token by construction (RFC 9110, 9.1).
    out.extend_from_slice(method.as_str().as_bytes());
    out.push(b' ');
    let begin = out.len();
    target(out);
    check_target(out.get(begin..).unwrap_or_default())?;
    out.extend_from_slice(b" HTTP/1.1\r\n");
    let present = Present::of(fields)?;
    own_fields(out, own, &present);
    let mut to_proxy = own.proxy_authorization;
    for (name, value) in fields.iter() {
        let mut value = value;
        match Part::of(name.as_str()) {
            Part::Host => out.extend_from_slice(b"Host"),
            Part::UserAgent => out.extend_from_slice(b"User-Agent"),
            Part::AcceptEncoding => out.extend_from_slice(b"Accept-Encoding"),
            Part::Usual(written) => out.extend_from_slice(written.as_bytes()),
            Part::ProxyAuthorization => {
                match to_proxy {
                    ProxyAuthorization::Keep => {}
                    ProxyAuthorization::Drop => continue,
                    // It takes the place of the one that is there.
                    ProxyAuthorization::Is(other) => {
                        value = other;
                        to_proxy = ProxyAuthorization::Drop;
                    }
                }
                write_name(out, name.as_str());
            }
            Part::Length | Part::Coding => {
                check_framing(name, value, own.framing)?;
                write_name(out, name.as_str());
            }
            Part::Other => write_name(out, name.as_str()),
        }
        out.extend_from_slice(b": ");
        // A `HeaderValue` has no control character but TAB by construction; a test holds it to that.
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    if let ProxyAuthorization::Is(value) = to_proxy {
        out.extend_from_slice(b"Proxy-Authorization: ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
    Ok(())
}

/// Appends the transport's own fields that are not among those given.
fn own_fields(out: &mut Vec<u8>, own: Own<'_>, present: &Present) {
    if !present.host {
        out.extend_from_slice(b"Host: ");
        match own.dot {
            FinalDot::Keep => write_dotted_authority(own.host, out),
            FinalDot::Drop => write_authority(own.host, out),
        }
        out.extend_from_slice(b"\r\n");
    }
    if !present.accept_encoding {
        line(out, "Accept-Encoding", own.accept_encoding);
    }
    match own.framing {
        _ if (present.length || present.coding) && !Plant::LengthTwice.is_on() => {}
        BodyFraming::Unsaid => {}
        BodyFraming::Chunked => line(out, "Transfer-Encoding", "chunked"),
        BodyFraming::Length(length) => {
            out.extend_from_slice(b"Content-Length: ");
            write_number(out, length);
            out.extend_from_slice(b"\r\n");
        }
    }
    if !present.user_agent {
        line(out, "User-Agent", own.user_agent);
    }
}

/// Appends a number in decimal.
fn write_number(out: &mut Vec<u8>, number: u64) {
    let start = out.len();
    let mut rest = number;
    loop {
        out.push(b"0123456789".get((rest % 10) as usize).copied().unwrap_or(b'0'));
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.get_mut(start..).unwrap_or_default().reverse();
}

/// Whether a framing field of the caller's frames the body as it is framed: else what follows the head would
/// be taken for more or less than one body (RFC 9112, 11.2).
fn check_framing(
    name: &HeaderName,
    value: &HeaderValue,
    framing: BodyFraming,
) -> Result<(), RequestHeadError> {
    let fits = if *name == CONTENT_LENGTH {
        let value = value.as_bytes();
        let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
        let text = core::str::from_utf8(value).ok().filter(|_| is_number);
        match (framing, text.and_then(|text| text.parse::<u64>().ok())) {
            (BodyFraming::Unsaid, length) => length == Some(0),
            (BodyFraming::Length(body), length) => length == Some(body),
            (BodyFraming::Chunked, _) => false,
        }
    } else {
        framing == BodyFraming::Chunked && value.as_bytes().eq_ignore_ascii_case(b"chunked")
    };
    if fits { Ok(()) } else { Err(RequestHeadError::Framing(name.as_str().into())) }
}

fn check_target(target: &[u8]) -> Result<(), RequestHeadError> {
    let invalid = target.iter().position(|b| !b.is_ascii_graphic());
    let invalid = invalid.filter(|_| !Plant::TargetDecoded.is_on());
    match invalid.or_else(|| target.is_empty().then_some(0)) {
        Some(offset) => Err(RequestHeadError::Target { offset }),
        None => Ok(()),
    }
}

fn line(out: &mut Vec<u8>, name: &str, value: &str) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value.as_bytes());
    out.extend_from_slice(b"\r\n");
}

/// Which of the transport's own fields the request has.
#[derive(Default)]
struct Present {
    host: bool,
    accept_encoding: bool,
    length: bool,
    coding: bool,
    user_agent: bool,
}

impl Present {
    /// Looks at the fields before any is written: those that stand once at most do.
    fn of(fields: &Headers) -> Result<Self, RequestHeadError> {
        let mut present = Self::default();
        for (name, _) in fields.iter() {
            let repeats = match Part::of(name.as_str()) {
                Part::Host => replace(&mut present.host, true),
                Part::Length => replace(&mut present.length, true),
                Part::Coding => replace(&mut present.coding, true),
                Part::AcceptEncoding => {
                    present.accept_encoding = true;
                    false
                }
                Part::UserAgent => {
                    present.user_agent = true;
                    false
                }
                Part::Usual(_) | Part::ProxyAuthorization | Part::Other => false,
            };
            if repeats {
                return Err(RequestHeadError::Repeated(name.as_str().into()));
            }
            if present.length && present.coding {
                return Err(RequestHeadError::LengthAndTransferEncoding);
            }
        }
        Ok(present)
    }
}

#[cfg(test)]
mod tests;
