//! How much memory a peer can make an exchange hold at the default limits, its body streamed.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
#![expect(clippy::print_stdout, reason = "it prints what it measures")]

use std::sync::Arc;

use sessio_core::exchange::{Ask, Plan, Received};
use sessio_core::message::CallOptions;
use sessio_core::{Exchange, Input, Now, Output, PreparedRequest, Request, Session};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

/// What any peer can make an exchange hold (SECURITY.md, G17).
const PEAK_BYTES_MAX: usize = 128 * 1024;

/// zstd and br have windows that the peer chooses: 8 MiB by [`DecodeLimits`], which the decoder may
/// hold twice while its buffer grows, and 16 MiB by the format.
///
/// [`DecodeLimits`]: sessio_core::wire::decode::DecodeLimits
const WINDOW_BYTES_MAX: usize = 16 * 1024 * 1024;

/// After so many bytes the peer gives in and closes.
const STREAM_BYTES: usize = 3_000_000;

/// What a peer sends: once this, then that again and again.
struct Peer {
    start: &'static [u8],
    again: Box<[u8]>,
    sent: usize,
}

impl Peer {
    fn new(start: &'static str, again: impl AsRef<[u8]>) -> Self {
        Self { start: start.as_bytes(), again: again.as_ref().into(), sent: 0 }
    }

    /// Fills the room; nothing is left after [`STREAM_BYTES`].
    fn send(&mut self, room: &mut [u8]) -> usize {
        if self.sent >= STREAM_BYTES {
            return 0;
        }
        for place in &mut *room {
            let behind = self.sent.checked_sub(self.start.len());
            *place = match behind {
                None => self.start[self.sent],
                Some(at) => self.again[at % self.again.len()],
            };
            self.sent += 1;
        }
        room.len()
    }
}

/// A head, and that of a gzip member.
const GZIP_HEAD: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff";

/// A head, and that of a zstd frame with a window of 8 MiB.
const ZSTD_HEAD: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\n\r\n\x28\xb5\x2f\xfd\x00\x68";

/// A head, and eight MiB of zeros.
const BROTLI_HEAD: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n\xcb\xff\xff\xff\xf8\x27\x00\xe2\xb1@ \xf7\xfe\x6f";

/// A block of RFC 1951 that is stored: 65,535 zeros.
fn zeros() -> Box<[u8]> {
    [&[0, 0xff, 0xff, 0, 0][..], &[0; 65_535]].concat().into()
}

/// Serves a call from a peer, reading all content; the peak of its memory, and how it ended.
fn peak(mut peer: Peer) -> (usize, Result<u64, String>) {
    let mut session = Session::<()>::new(7);
    let request: Arc<PreparedRequest> = Arc::new(
        session.prepare_request(Request::get("http://127.0.0.1/"), Now::default()).unwrap().request,
    );
    let profiler = dhat::Profiler::builder().testing().build();
    let options = CallOptions { stream: Some(true), ..CallOptions::default() };
    let plan: Plan = session.plan(&options, Ask::Nobody, Ask::Nobody);
    let mut exchange: Exchange<()> = session.start(request, plan, Now::default()).unwrap();
    let (now, mut content) = (Now::default(), 0);
    loop {
        let input = match exchange.poll() {
            Output::Consult => {
                exchange.consult(&mut session, now);
                continue;
            }
            Output::Connect { id, .. } => Input::Connecting(id, ()),
            Output::Await(attempts) => Input::Connected(attempts[0].id),
            Output::Transfer(transfer) => {
                let sent = transfer.send.iter().map(|bytes| bytes.len()).sum();
                let received = if sent > 0 { 0 } else { peer.send(transfer.receive) };
                match (sent, received) {
                    (0, 0) => Input::Moved { sent, received: Received::Bytes(0) },
                    (_, 0) => Input::Moved { sent, received: Received::Nothing },
                    _ => Input::Moved { sent, received: Received::Bytes(received) },
                }
            }
            Output::Head(_) => Input::Continue,
            Output::Data(data) => {
                content += data.bytes.len() as u64;
                Input::Consumed(data.bytes.len())
            }
            Output::Done => break,
            other => panic!("{other:?}"),
        };
        exchange.handle(input, now);
    }
    let outcome = exchange.finish().map(|_| content).map_err(|error| error.to_string());
    let stats = dhat::HeapStats::get();
    drop(profiler);
    (stats.max_bytes, outcome)
}

/// Row 128, CVE-2025-13836 Python, and all that has no end.
#[test]
fn s128_no_peer_makes_an_exchange_hold_more_than_it_may() {
    let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let trailers = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n";
    let rows = [
        (
            "length of 9 EB",
            Peer::new("HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999\r\n\r\n", "x"),
        ),
        ("until close", Peer::new("HTTP/1.1 200 OK\r\n\r\n", "x")),
        ("one field", Peer::new("HTTP/1.1 200 OK\r\nA: ", "x")),
        ("fields", Peer::new("HTTP/1.1 200 OK\r\n", "A: b\r\n")),
        ("long fields", Peer::new("HTTP/1.1 200 OK\r\n", format!("A: {}\r\n", "b".repeat(600)))),
        ("folds", Peer::new("HTTP/1.1 200 OK\r\nA: b\r\n", " c\r\n")),
        (
            "cookies",
            Peer::new("HTTP/1.1 200 OK\r\n", format!("Set-Cookie: k={}\r\n", "v".repeat(500))),
        ),
        ("reason", Peer::new("HTTP/1.1 200 ", "x")),
        ("interim", Peer::new("", "HTTP/1.1 100 Continue\r\n\r\n")),
        (
            "long interim",
            Peer::new("", format!("HTTP/1.1 103 E\r\nA: {}\r\n\r\n", "b".repeat(60_000))),
        ),
        ("chunks", Peer::new(chunks, "1\r\nx\r\n")),
        (
            "a chunk of 16 EB",
            Peer::new(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
                "x",
            ),
        ),
        ("chunk size", Peer::new(chunks, "0")),
        ("extension", Peer::new("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", "x")),
        ("extensions", Peer::new(chunks, "1;aaaaaaaaaaaaaaaa\r\nx\r\n")),
        (
            "trailer",
            Peer::new("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: ", "x"),
        ),
        ("trailers", Peer::new(trailers, "A: b\r\n")),
        ("gzip of zeros", Peer { start: GZIP_HEAD, again: zeros(), sent: 0 }),
        ("zstd of zeros", Peer { start: ZSTD_HEAD, again: (*b"\x02\x00\x10\x00").into(), sent: 0 }),
        ("brotli of zeros", Peer { start: BROTLI_HEAD, again: [0].into(), sent: 0 }),
        ("garbage", Peer::new("", [0_u8])),
    ];
    let mut over = Vec::new();
    for (name, peer) in rows {
        let (peak, outcome) = peak(peer);
        println!("{name:>20}: {peak:>8} bytes, {outcome:?}");
        let has_window = name.starts_with("zstd") || name.starts_with("brotli");
        let window = if has_window { WINDOW_BYTES_MAX } else { 0 };
        if peak > PEAK_BYTES_MAX + window {
            over.push((name, peak));
        }
    }
    assert!(over.is_empty(), "{over:?}");
}
