//! How the body of a response is delimited.
//!
//! Source: RFC 9112, sections 6.1 and 6.3; RFC 9110, sections 6.4.1 and 9.3.6. Where the RFC leaves
//! a choice the stricter one is taken: a framing that two readers may take in two ways is refused.

use alloc::string::{String, ToString};
use core::fmt;

use http::Method;

use crate::planted::Plant;
use crate::wire::head::{Escaped, ResponseHead, Version};

/// Where a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is no body: the response ends with its head.
    None,
    /// After so many bytes; zero is possible.
    Length(u64),
    /// With its last chunk.
    Chunked,
    /// When the server closes the connection.
    UntilClose,
}

/// What decided about the framing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// An answer to HEAD has no body, whatever its fields say.
    AnswerToHead,
    /// An interim response (1xx) has no body.
    Interim,
    /// After 101 the connection speaks another protocol.
    SwitchedProtocols,
    /// 204 and 304 have no body, whatever their fields say.
    StatusWithoutBody,
    /// After a 2xx answer to CONNECT the connection is a tunnel.
    Tunnel,
    /// One Content-Length.
    ContentLength,
    /// Content-Length more than once, but always the same.
    RepeatedContentLength,
    /// `Transfer-Encoding: chunked`.
    TransferEncoding,
    /// Both: chunked wins, and the connection is not to be used again.
    LengthAndChunked,
    /// Neither.
    Unframed,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AnswerToHead => "no body: answer to HEAD",
            Self::Interim => "no body: interim response",
            Self::SwitchedProtocols => "no body: protocol switched",
            Self::StatusWithoutBody => "no body: status 204 or 304",
            Self::Tunnel => "no body: tunnel established",
            Self::ContentLength => "body delimited by Content-Length",
            Self::RepeatedContentLength => "body delimited by Content-Length, which is repeated",
            Self::TransferEncoding => "body is chunked",
            Self::LengthAndChunked => "body is chunked; Content-Length ignored",
            Self::Unframed => "body ends with the connection",
        })
    }
}

/// A framing and what decided about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Where the body ends.
    pub framing: Framing,
    /// Why.
    pub reason: Reason,
}

/// Why a response has no framing that can be trusted; the connection is to be closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FramingError {
    /// A Content-Length that is not digits alone.
    ContentLength(String),
    /// A Content-Length that 64 bits do not hold.
    ContentLengthTooLarge(String),
    /// Several Content-Length that are not the same.
    ContentLengthsDiffer(u64, u64),
    /// A Transfer-Encoding that is not `chunked` alone.
    TransferEncoding(String),
    /// More than one Transfer-Encoding field.
    TransferEncodingRepeated,
    /// A Transfer-Encoding in an HTTP/1.0 response.
    TransferEncodingInHttp10,
}

impl fmt::Display for FramingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ContentLength(value) => write!(f, "invalid Content-Length {value}"),
            Self::ContentLengthTooLarge(value) => {
                write!(f, "Content-Length {value} does not fit 64 bits")
            }
            Self::ContentLengthsDiffer(one, other) => {
                write!(f, "Content-Length is both {one} and {other}")
            }
            Self::TransferEncoding(value) => {
                write!(f, "Transfer-Encoding {value} is not \"chunked\"")
            }
            Self::TransferEncodingRepeated => f.write_str("more than one Transfer-Encoding field"),
            Self::TransferEncodingInHttp10 => {
                f.write_str("Transfer-Encoding in an HTTP/1.0 response")
            }
        }
    }
}

impl core::error::Error for FramingError {}

/// Decides how the body of the response to a request with `method` is delimited.
///
/// # Errors
/// If the fields contradict each other or are not exactly what the grammar says.
pub fn body_framing(method: &Method, head: &ResponseHead) -> Result<Verdict, FramingError> {
    if let Some(reason) = bodiless(method, head.status().as_u16()) {
        return Ok(Verdict { framing: Framing::None, reason });
    }
    let length = content_length(head)?;
    let is_chunked = is_chunked(head)?;
    let (framing, reason) = match (is_chunked, length) {
        (true, Length::Once(length)) if Plant::LengthBeatsChunked.is_on() => {
            (Framing::Length(length), Reason::LengthAndChunked)
        }
        (true, Length::Absent) => (Framing::Chunked, Reason::TransferEncoding),
        (true, Length::Once(_) | Length::Repeated(_)) => {
            (Framing::Chunked, Reason::LengthAndChunked)
        }
        (false, Length::Once(length)) => (Framing::Length(length), Reason::ContentLength),
        (false, Length::Repeated(length)) => {
            (Framing::Length(length), Reason::RepeatedContentLength)
        }
        (false, Length::Absent) => (Framing::UntilClose, Reason::Unframed),
    };
    Ok(Verdict { framing, reason })
}

/// Why there is no body, if method and status alone say so.
fn bodiless(method: &Method, status: u16) -> Option<Reason> {
    match status {
        101 if !Plant::SwitchUnasked.is_on() => Some(Reason::SwitchedProtocols),
        100..=199 => Some(Reason::Interim),
        _ if method == Method::HEAD && !Plant::AnswerToHeadHasBody.is_on() => {
            Some(Reason::AnswerToHead)
        }
        200..=299 if method == Method::CONNECT => Some(Reason::Tunnel),
        204 | 304 if !Plant::NoContentHasBody.is_on() => Some(Reason::StatusWithoutBody),
        _ => None,
    }
}

enum Length {
    Absent,
    Once(u64),
    Repeated(u64),
}

/// The one length that all Content-Length fields, and all members of their lists, give.
fn content_length(head: &ResponseHead) -> Result<Length, FramingError> {
    let mut length = Length::Absent;
    for field in head.fields_named("content-length") {
        for member in field.split(|b| *b == b',') {
            let plus: &[u8] = if Plant::LengthWithSign.is_on() { b"+" } else { b"" };
            let member = member.trim_ascii();
            let next = digits(member.strip_prefix(plus).unwrap_or(member), field)?;
            length = match length {
                Length::Absent => Length::Once(next),
                Length::Once(first) | Length::Repeated(first)
                    if first == next || Plant::LengthsDiffer.is_on() =>
                {
                    Length::Repeated(first)
                }
                Length::Once(first) | Length::Repeated(first) => {
                    return Err(FramingError::ContentLengthsDiffer(first, next));
                }
            };
        }
    }
    Ok(length)
}

fn digits(member: &[u8], field: &[u8]) -> Result<u64, FramingError> {
    if member.is_empty() || !member.iter().all(u8::is_ascii_digit) {
        return Err(FramingError::ContentLength(Escaped(field).to_string()));
    }
    member
        .iter()
        .try_fold(0_u64, |length, digit| {
            let digit = u64::from(digit.wrapping_sub(b'0'));
            match Plant::LengthOverflows.is_on() {
                true => Some(length.wrapping_mul(10).wrapping_add(digit)),
                false => length.checked_mul(10)?.checked_add(digit),
            }
        })
        .ok_or_else(|| FramingError::ContentLengthTooLarge(Escaped(field).to_string()))
}

fn is_chunked(head: &ResponseHead) -> Result<bool, FramingError> {
    let mut fields = head.fields_named("transfer-encoding");
    let Some(coding) = fields.next() else { return Ok(false) };
    if head.version() == Version::Http10 && !Plant::TransferCodingInHttp10.is_on() {
        return Err(FramingError::TransferEncodingInHttp10);
    }
    if fields.next().is_some() && !Plant::TransferCodingTwice.is_on() {
        return Err(FramingError::TransferEncodingRepeated);
    }
    if !coding.eq_ignore_ascii_case(b"chunked") && !Plant::AnyTransferCoding.is_on() {
        return Err(FramingError::TransferEncoding(Escaped(coding).to_string()));
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::head::{HeadLimits, Progress, Strictness};
    use alloc::format;

    fn check(
        method: &Method,
        status: u16,
        fields: &str,
    ) -> Result<(Framing, Reason), FramingError> {
        check_version("HTTP/1.1", method, status, fields)
    }

    fn check_version(
        version: &str,
        method: &Method,
        status: u16,
        fields: &str,
    ) -> Result<(Framing, Reason), FramingError> {
        let text = format!("{version} {status} OK\r\n{fields}\r\n");
        let mut head = ResponseHead::new();
        let progress =
            head.parse(text.as_bytes(), &HeadLimits::default(), Strictness::Strict).unwrap();
        assert_eq!(progress, Progress::Complete { used: text.len() });
        body_framing(method, &head).map(|verdict| (verdict.framing, verdict.reason))
    }

    #[test]
    fn method_and_status_come_before_all_fields() {
        let rows = [
            (Method::HEAD, 200, Reason::AnswerToHead),
            (Method::HEAD, 404, Reason::AnswerToHead),
            (Method::GET, 100, Reason::Interim),
            (Method::GET, 101, Reason::SwitchedProtocols),
            (Method::HEAD, 103, Reason::Interim),
            (Method::GET, 204, Reason::StatusWithoutBody),
            (Method::POST, 304, Reason::StatusWithoutBody),
            (Method::CONNECT, 200, Reason::Tunnel),
            (Method::CONNECT, 204, Reason::Tunnel),
        ];
        for (method, status, reason) in rows {
            for fields in ["", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"] {
                let want = Ok((Framing::None, reason));
                assert_eq!(check(&method, status, fields), want, "{method} {status} {fields}");
            }
        }
    }

    #[test]
    fn fields_decide_about_all_others() {
        use Framing::{Chunked, Length, UntilClose};
        use Reason::*;
        let rows = [
            (200, "", (UntilClose, Unframed)),
            (200, "Content-Length: 0\r\n", (Length(0), ContentLength)),
            (205, "Content-Length: 2\r\n", (Length(2), ContentLength)),
            (999, "content-length:\t 002 \r\n", (Length(2), ContentLength)),
            (200, "Content-Length: 2, 2\r\n", (Length(2), RepeatedContentLength)),
            (
                200,
                "Content-Length: 2\r\nContent-Length: 02\r\n",
                (Length(2), RepeatedContentLength),
            ),
            (200, "Content-Length: 18446744073709551615\r\n", (Length(u64::MAX), ContentLength)),
            (200, "Transfer-Encoding: CHUNKED\r\n", (Chunked, TransferEncoding)),
            (
                200,
                "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
                (Chunked, LengthAndChunked),
            ),
        ];
        for (status, fields, want) in rows {
            assert_eq!(check(&Method::GET, status, fields), Ok(want), "{fields}");
        }
        let refused = check(&Method::CONNECT, 407, "Content-Length: 2\r\n");
        assert_eq!(refused, Ok((Length(2), ContentLength)), "a refused CONNECT has a body");
    }

    #[test]
    fn framing_that_can_be_read_in_two_ways_is_refused() {
        let bad =
            ["+2", "-2", "0x2", "2x", "", "2.0", "2e0", "0_2", "2;", "2,", ",2", "0 2", "2,,2"];
        for value in bad {
            let got = check(&Method::GET, 200, &format!("Content-Length: {value}\r\n"));
            let want = FramingError::ContentLength(format!("\"{value}\""));
            assert_eq!(got, Err(want), "{value:?}");
        }
        let codings = ["", "identity", "xchunked", "gzip, chunked", "chunked, chunked", "chunked,"];
        for value in codings {
            let got = check(&Method::GET, 200, &format!("Transfer-Encoding: {value}\r\n"));
            let want = FramingError::TransferEncoding(format!("\"{value}\""));
            assert_eq!(got, Err(want), "{value:?}");
        }
        let rows = [
            ("Content-Length: 1, 2\r\n", FramingError::ContentLengthsDiffer(1, 2)),
            (
                "Content-Length: 1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n",
                FramingError::ContentLengthsDiffer(1, 2),
            ),
            (
                "Content-Length: 18446744073709551616\r\n",
                FramingError::ContentLengthTooLarge("\"18446744073709551616\"".into()),
            ),
            (
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                FramingError::TransferEncodingRepeated,
            ),
        ];
        for (fields, want) in rows {
            assert_eq!(check(&Method::GET, 200, fields), Err(want), "{fields}");
        }
        let old = check_version("HTTP/1.0", &Method::GET, 200, "Transfer-Encoding: chunked\r\n");
        assert_eq!(old, Err(FramingError::TransferEncodingInHttp10));
    }
}
