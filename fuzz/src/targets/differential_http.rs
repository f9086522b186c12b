//! One response, three readers: the core, ureq-proto, and httparse for the head alone. Where they
//! differ, the difference is on the list below.
//!
//! Input: the method (0 GET, 1 HEAD) and 4 to begin with a status line; a seed for cuts; the bytes
//! that the peer sends before it closes.
//!
//! The list. The core refuses what ureq-proto accepts:
//! 1. a head that breaks the project's table of rules, which httparse does not see: an empty line
//!    before the status line, a status below 100, too many interim responses, or one with 101;
//! 2. a framing that the table refuses: lengths that differ or are none, codings that are not
//!    `chunked` alone, a coding in HTTP/1.0;
//! 3. a chunked body that breaks the grammar: ureq-proto reads sizes and ends of chunks and
//!    trailers less strictly, and takes the end of the stream after `0` CR LF for the body's;
//! 4. a body that is shorter than was said.
//!
//! The core accepts what ureq-proto refuses:
//! 5. folded fields (httparse refuses them unless told otherwise);
//! 6. more than its 128 fields, or numbers that it limits lower;
//! 7. lengths that are given twice and equal, or beside `chunked`;
//! 8. a reason or a value that is not ASCII, where it asks for text;
//! 9. chunk extensions, blanks and leading zeros beyond its small buffer.

use sessio_core::Request;
use ureq_proto::client::{Call, RecvResponseResult, SendRequestResult};

use crate::drive::answer;
use crate::input::{self, cut, show};
use crate::model::head::{self, Rules};
use crate::model::response::{Framing, Read, framing, read};

/// What a reader made of a response.
#[derive(Debug, PartialEq)]
enum Made {
    Refused,
    Broken(u16),
    Whole(u16, Vec<u8>),
}

/// Runs one input.
pub fn run(data: &[u8]) {
    let (flags, rest) = input::flags(data);
    let (seed, bytes) = input::flags(rest);
    let method = if flags & 1 == 0 { "GET" } else { "HEAD" };
    let mut bytes = bytes.to_vec();
    if flags & 4 != 0 {
        bytes.splice(..0, *b"HTTP/1.1 200 OK\r\n");
    }
    let request = Request::new(method, "http://a.test/")
        .allow_redirects(false)
        .header("Accept-Encoding", "identity");
    let ended = answer(request, &cut(&bytes, seed));
    let is_bad_location =
        |error: &sessio_core::Error| error.kind() == sessio_core::ErrorKind::InvalidUrl;
    let core = match &ended.result {
        // It would be an error to follow it, and it is one to look at it.
        Err(error) if is_bad_location(error) => return,
        Ok(response) => Made::Whole(response.status.as_u16(), response.bytes().to_vec()),
        Err(error) => match error.response() {
            Some(response) => Made::Broken(response.status.as_u16()),
            None => Made::Refused,
        },
    };
    heads(&bytes, &core);
    let other = ureq(method, &bytes);
    if !is_listed(method, &bytes, &core, &other) {
        panic!("the core {core:?}, ureq-proto {other:?}: {}", show(&bytes));
    }
}

/// What httparse refuses, the core refuses, but for folds.
fn heads(bytes: &[u8], core: &Made) {
    let mut fields = [httparse::EMPTY_HEADER; 128];
    let mut response = httparse::Response::new(&mut fields);
    match response.parse(bytes) {
        Err(httparse::Error::TooManyHeaders) => {}
        Err(error) => {
            let folded = matches!(
                head::read(bytes, Rules::DEFAULT),
                head::Read::Whole(head) if head.folded
            );
            assert!(folded || *core == Made::Refused, "{error}: {}", show(bytes));
        }
        Ok(httparse::Status::Partial) => {
            assert_eq!(*core, Made::Refused, "half a head: {}", show(bytes));
        }
        Ok(httparse::Status::Complete(_)) => {}
    }
}

/// Whether a difference is none, or one of the list.
fn is_listed(method: &str, bytes: &[u8], core: &Made, other: &Made) -> bool {
    if core == other {
        return true;
    }
    let model = read(bytes, method);
    let coded = |head: &head::Head| !head.values("content-encoding").is_empty();
    match (core, other, &model) {
        // ureq-proto does not decode contents.
        (_, _, Read::Whole { head, .. } | Read::Broken(head, _)) if coded(head) => true,
        // 1 and 2.
        (Made::Refused, _, Read::Refused) => true,
        // 3 and 4: the statuses are the same.
        (Made::Broken(status), Made::Whole(theirs, _) | Made::Broken(theirs), Read::Broken(..)) => {
            status == theirs
        }
        // 5 to 9, and what it would refuse of a body.
        (
            Made::Whole(..) | Made::Broken(_),
            Made::Refused,
            Read::Whole { head, .. } | Read::Broken(head, _),
        ) => is_odd(method, bytes, head),
        (Made::Whole(status, _), Made::Broken(theirs), Read::Whole { framing, .. }) => {
            status == theirs && *framing == Framing::Chunked
        }
        _ => false,
    }
}

/// Whether a head, or one of the interim ones before it, has something that ureq-proto does not
/// take.
fn is_odd(method: &str, bytes: &[u8], last: &head::Head) -> bool {
    let mut at = 0;
    while let head::Read::Whole(head) = head::read(&bytes[at..], Rules::DEFAULT) {
        at += head.used;
        let ascii = |text: &[u8]| text.iter().all(u8::is_ascii);
        let both = framing(method, &head) == Some(Framing::Chunked)
            && !head.values("content-length").is_empty();
        let fields = head.fields.iter();
        let lengths = head.values("content-length");
        if head.folded
            || head.fields.len() >= 64
            || !ascii(&head.reason)
            || !{ fields }.all(|(_, value)| ascii(value))
            || both
            || lengths.len() > 1
            || lengths.iter().any(|value| value.contains(&b','))
            // With no body the framing fields do not count, but it reads them.
            || head.status < 200
            || framing(method, &head) == Some(Framing::Bodiless)
        {
            return true;
        }
        if head == *last {
            return false;
        }
    }
    true
}

/// Reads with ureq-proto.
fn ureq(method: &str, bytes: &[u8]) -> Made {
    let request = http::Request::builder().method(method).uri("http://a.test/").body(());
    let call = Call::new(request.expect("a request")).expect("a call");
    let mut call = call.proceed();
    call.write(&mut [0; 1024]).expect("room for a head");
    let Ok(Some(SendRequestResult::RecvResponse(mut call))) = call.proceed() else {
        panic!("it has no body")
    };
    let mut rest = bytes;
    let status = loop {
        match call.try_response(rest, false) {
            Err(_) | Ok((0, None)) => return Made::Refused,
            Ok((used, response)) => {
                rest = &rest[used..];
                if let Some(response) = response {
                    break response.status().as_u16();
                }
            }
        }
    };
    let mut call = match call.proceed() {
        Some(RecvResponseResult::RecvBody(call)) => call,
        Some(_) => return Made::Whole(status, Vec::new()),
        None => return Made::Refused,
    };
    let (mut body, mut room) = (Vec::new(), vec![0; 4096]);
    loop {
        match call.read(rest, &mut room) {
            Err(_) => return Made::Broken(status),
            Ok((used, count)) => {
                body.extend_from_slice(&room[..count]);
                rest = &rest[used..];
                if used == 0 && count == 0 {
                    break;
                }
            }
        }
    }
    match call.can_proceed() {
        true => Made::Whole(status, body),
        false => Made::Broken(status),
    }
}
