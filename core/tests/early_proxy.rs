//! A proxy that speaks before it is asked: its words are not the answer.

#![allow(clippy::unwrap_used, reason = "a test")]

use sessio_core::exchange::{Ask, Received};
use sessio_core::{Input, Instant, Now, Output, Request, Session, WallTime};

/// What a call by `proxy` ends in, where these bytes come before anything was sent.
fn call(proxy: &str, early: &[u8]) -> (String, usize) {
    let now =
        Now { mono: Instant::from_nanos(0), wall: WallTime::from_unix_seconds(1_700_000_000) };
    let mut session: Session<()> = Session::new(7);
    session.proxies.set("all", Some(proxy));
    let prepared = session.prepare_request(Request::get("https://a.test/"), now).unwrap();
    let plan = session.plan(&prepared.options, Ask::Nobody, Ask::Nobody);
    let mut exchange = session.start(prepared.request.into(), plan, now).unwrap();
    let (mut sent, mut is_early) = (0, true);
    loop {
        let input = match exchange.poll() {
            Output::Consult => {
                exchange.consult(&mut session, now);
                continue;
            }
            Output::Resolve(_) => Input::Resolved(&[([192, 0, 2, 1], 1).into()]),
            Output::Connect { id, .. } => Input::Connecting(id, ()),
            Output::Await(attempts) => Input::Connected(attempts[0].id),
            Output::Transfer(transfer) if is_early => {
                is_early = false;
                transfer.receive[..early.len()].copy_from_slice(early);
                Input::Moved { sent: 0, received: Received::Bytes(early.len()) }
            }
            Output::Transfer(transfer) => {
                let count = transfer.send.iter().map(|part| part.len()).sum();
                sent += count;
                let received = if count == 0 { Received::Bytes(0) } else { Received::Nothing };
                Input::Moved { sent: count, received }
            }
            Output::Done => {
                let error = exchange.outcome().unwrap_err();
                return (std::error::Error::source(&error).unwrap().to_string(), sent);
            }
            other => panic!("{other:?}"),
        };
        exchange.handle(input, now);
    }
}

#[test]
fn what_a_proxy_says_before_it_is_asked_is_no_answer() {
    let rows: [(&str, &[u8]); 4] = [
        ("http://p.test:1", b"HTTP/1.1 200 OK\r\n\r\n"),
        ("http://p.test:1", b"HTTP/1.1 407 x\r\n\r\n"),
        ("socks5h://p.test:1", &[5, 0]),
        ("socks4a://p.test:1", &[0, 90, 0, 0, 0, 0, 0, 0]),
    ];
    for (proxy, early) in rows {
        let want = ("the peer answered before it was asked".to_owned(), 0);
        assert_eq!(call(proxy, early), want, "{proxy} {early:?}");
    }
}
