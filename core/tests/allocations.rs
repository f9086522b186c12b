//! How many heap allocations a small request makes in the core, from `start` to `Done`: on a
//! connection kept alive, with three cookies in the jar.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
#![expect(clippy::print_stdout, reason = "it prints what it counts")]

use std::sync::Arc;

use sessio_core::exchange::{Ask, Plan, Probe, Received};
use sessio_core::message::CallOptions;
use sessio_core::{Cookie, Exchange, Input, Now, Output, PreparedRequest, Request, Session};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

const RESPONSE: &[u8] =
    b"HTTP/1.1 200 OK\r\nServer: test\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\n\
    Content-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world!";

/// Who takes the body.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Body {
    /// The caller, in place.
    Lent,
    /// The response, as its own.
    Owned,
}

/// Serves one call from memory; the bytes of content that came by.
fn serve(session: &mut Session<()>, mut exchange: Exchange<()>) -> (usize, Exchange<()>) {
    let now = Now::default();
    let mut content = 0;
    loop {
        let input = match exchange.poll() {
            Output::Consult => {
                exchange.consult(session, now);
                continue;
            }
            Output::Resolve(_) => Input::Resolved(&[]),
            Output::Connect { id, .. } => Input::Connecting(id, ()),
            Output::Await(attempts) => Input::Connected(attempts[0].id),
            Output::Probe(()) => Input::Probed(Probe::Quiet),
            Output::Transfer(transfer) => {
                let sent = transfer.send.iter().map(|bytes| bytes.len()).sum();
                transfer.receive[..RESPONSE.len()].copy_from_slice(RESPONSE);
                Input::Moved { sent, received: Received::Bytes(RESPONSE.len()) }
            }
            Output::Head(_) => Input::Continue,
            Output::Data(data) => {
                content += data.bytes.len();
                Input::Consumed(data.bytes.len())
            }
            Output::Done => return (content, exchange),
            other => panic!("{other:?}"),
        };
        exchange.handle(input, now);
    }
}

fn session() -> Session<()> {
    let mut session = Session::new(7);
    for (name, value) in [("sid", "0123456789abcdef"), ("theme", "dark"), ("lang", "en")] {
        session.cookies.set(Cookie::new(name, value).with_domain("127.0.0.1")).unwrap();
    }
    session
}

fn plan(session: &Session<()>, body: Body) -> Plan {
    let options = CallOptions { stream: Some(body == Body::Lent), ..CallOptions::default() };
    session.plan(&options, Ask::Nobody, Ask::Nobody)
}

/// Heap blocks and bytes that `work` asks for.
fn counted<T>(work: impl FnOnce() -> T) -> (T, u64, u64) {
    let before = dhat::HeapStats::get();
    let result = work();
    let after = dhat::HeapStats::get();
    (result, after.total_blocks - before.total_blocks, after.total_bytes - before.total_bytes)
}

/// Calls once to warm up, then counts a call of a prepared request.
fn call(session: &mut Session<()>, request: &Arc<PreparedRequest>, body: Body) -> (u64, u64) {
    let mut last = (0, 0);
    for _ in 0..3 {
        let plan = plan(session, body);
        let ((content, exchange), blocks, bytes) = counted(|| {
            let exchange = session.start(Arc::clone(request), plan, Now::default()).unwrap();
            serve(session, exchange)
        });
        let response = exchange.finish().unwrap();
        assert_eq!(content + response.bytes().len(), 13);
        session.recycle(response);
        last = (blocks, bytes);
    }
    last
}

#[test]
fn a_small_get_on_a_kept_connection_allocates_hardly_at_all() {
    let _profiler = dhat::Profiler::builder().testing().build();
    let mut session = session();
    let request = || Request::get("http://127.0.0.1:8080/small");
    let prepared = session.prepare_request(request(), Now::default()).unwrap().request;
    assert!(prepared.headers.contains("cookie"), "the cookies go along");
    let prepared = Arc::new(prepared);
    for (body, max) in [(Body::Lent, 0), (Body::Owned, 4)] {
        let (blocks, bytes) = call(&mut session, &prepared, body);
        println!("prepared, body {body:?}: {blocks} allocations, {bytes} bytes");
        assert!(blocks <= max, "{body:?}: {blocks} allocations");
    }
    let plan = plan(&session, Body::Owned);
    let ((_, exchange), blocks, bytes) = counted(|| {
        let prepared = session.prepare_request(request(), Now::default()).unwrap();
        let exchange = session.start(Arc::new(prepared.request), plan, Now::default()).unwrap();
        serve(&mut session, exchange)
    });
    drop(exchange);
    println!("from text, body Owned: {blocks} allocations, {bytes} bytes (with preparing)");
}
