//! Whole responses: head, framing and body come out as the model reads them, at any cuts; no byte
//! behind the end is taken for one of the body, and no connection is kept with one in hand.
//!
//! Input: the method (0 GET, 1 HEAD, 2 POST) in two bits, 4 begin with a status line; a seed for
//! cuts; the bytes that the peer sends before it closes.

use sessio_core::message::Content;
use sessio_core::{ErrorKind, Request};

use crate::drive::{Ended, answer};
use crate::input::{self, cut, show};
use crate::model::response::{Framing, Read, read};

/// Runs one input.
pub fn run(data: &[u8]) {
    let (flags, rest) = input::flags(data);
    let (seed, bytes) = input::flags(rest);
    let method = ["GET", "HEAD", "POST"][usize::from(flags & 3) % 3];
    let mut bytes = bytes.to_vec();
    if flags & 4 != 0 {
        bytes.splice(..0, *b"HTTP/1.1 200 OK\r\n");
    }
    let want = read(&bytes, method);
    for seed in [0, 1, seed] {
        let request = Request::new(method, "http://a.test/").allow_redirects(false);
        let ended = answer(request, &cut(&bytes, seed));
        check(&ended, &want, bytes.len(), seed, &show(&bytes));
    }
}

fn check(ended: &Ended, want: &Read, length: usize, seed: u8, shown: &str) {
    assert!(ended.read <= length);
    match (&ended.result, want) {
        (Ok(response), Read::Whole { head, body, used, framing }) => {
            assert_eq!(response.status.as_u16(), head.status, "{shown}");
            if head.values("content-encoding").is_empty() {
                assert_eq!(show(response.bytes()), show(body), "cuts {seed}: {shown}");
                assert!(matches!(response.content, Content::Complete(_)));
            }
            assert!(ended.read >= *used, "the body came from nowhere: {shown}");
            let may_keep = ended.read == *used && is_persistent(head, *framing);
            assert_eq!(ended.idle == 1, may_keep, "cuts {seed}: {shown}");
        }
        (Err(error), Read::Broken(head, data)) => {
            let response = error.response();
            if head.values("content-encoding").is_empty() {
                let partial = response.map(sessio_core::Response::bytes).unwrap_or_default();
                assert_eq!(show(partial), show(data), "cuts {seed}, {error}: {shown}");
            }
            assert_eq!(ended.idle, 0);
        }
        (Err(error), Read::Refused) => {
            assert!(error.response().is_none(), "{error}: {shown}");
            assert_eq!(ended.idle, 0);
        }
        (Err(error), Read::Whole { head, .. })
            if [ErrorKind::ContentDecoding].contains(&error.kind()) =>
        {
            assert!(!head.values("content-encoding").is_empty(), "{error}: {shown}");
        }
        // A Location that is no URL is an error even where it is not followed, as in requests.
        (Err(error), Read::Whole { head, .. })
            if error.kind() == ErrorKind::InvalidUrl && matches!(head.status, 301..=308) =>
        {
            assert!(!head.values("location").is_empty(), "{error}: {shown}");
        }
        (Ok(response), want) => panic!("{response:?} for {want:?}: {shown}"),
        (Err(error), Read::Whole { .. }) => panic!("{error}: {shown}"),
    }
}

/// Whether heads and framing let the connection go on.
fn is_persistent(head: &crate::model::head::Head, framing: Framing) -> bool {
    let has = |option: &str| {
        head.values("connection").iter().any(|value| {
            let mut options = value.split(|b| *b == b',').map(crate::model::head::trim);
            options.any(|is| is.eq_ignore_ascii_case(option.as_bytes()))
        })
    };
    let both = framing == Framing::Chunked && !head.values("content-length").is_empty();
    framing != Framing::Close && !both && !has("close") && (head.minor == 1 || has("keep-alive"))
}
