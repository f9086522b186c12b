//! Digest on a redirect: what is answered there is the request that goes out there.

#![allow(clippy::unwrap_used, reason = "a test")]

use sessio_core::exchange::{Ask, Probe, Received};
use sessio_core::{Auth, Input, Instant, Now, Output, Request, Session, WallTime};

const ASKS: &str = "HTTP/1.1 401 x\r\nWWW-Authenticate: Digest realm=r, nonce=n, qop=auth\r\n\
                    Content-Length: 0\r\n\r\n";
const LEADS: &str = "HTTP/1.1 302 x\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// Makes a call; each head that is sent gets the next reply. Gives the heads.
fn call(session: &mut Session<()>, replies: &[&str]) -> Vec<String> {
    let now =
        Now { mono: Instant::from_nanos(0), wall: WallTime::from_unix_seconds(1_700_000_000) };
    let prepared = session.prepare_request(Request::get("http://a.test/here"), now).unwrap();
    let plan = session.plan(&prepared.options, Ask::Nobody, Ask::Nobody);
    let mut exchange = session.start(prepared.request.into(), plan, now).unwrap();
    let (mut heads, mut replies) = (Vec::new(), replies.iter());
    loop {
        let input = match exchange.poll() {
            Output::Consult => {
                exchange.consult(session, now);
                continue;
            }
            Output::Resolve(_) => Input::Resolved(&[([192, 0, 2, 1], 80).into()]),
            Output::Connect { id, .. } => Input::Connecting(id, ()),
            Output::Await(attempts) => Input::Connected(attempts[0].id),
            Output::Probe(()) => Input::Probed(Probe::Quiet),
            Output::Transfer(transfer) if transfer.send[0].is_empty() => {
                let reply = replies.next().unwrap().as_bytes();
                transfer.receive[..reply.len()].copy_from_slice(reply);
                Input::Moved { sent: 0, received: Received::Bytes(reply.len()) }
            }
            Output::Transfer(transfer) => {
                heads.push(String::from_utf8(transfer.send.concat()).unwrap());
                let sent = transfer.send.iter().map(|part| part.len()).sum();
                Input::Moved { sent, received: Received::Nothing }
            }
            Output::Done => return heads,
            other => panic!("{other:?}"),
        };
        exchange.handle(input, now);
    }
}

#[test]
fn an_answer_that_is_given_ahead_is_made_anew_for_the_next_hop() {
    let mut session: Session<()> = Session::new(7);
    session.auth = sessio_core::policy::merge::Given::Use(Auth::digest("u", "p"));
    assert_eq!(call(&mut session, &[ASKS, OK]).len(), 2);
    let heads = call(&mut session, &[LEADS, OK]);
    let wants = [("uri=\"/here\"", "nc=00000002"), ("uri=\"/there\"", "nc=00000003")];
    assert_eq!(heads.len(), wants.len());
    for (head, (uri, count)) in heads.iter().zip(wants) {
        assert!(head.contains(uri) && head.contains(count), "{head}");
    }
}
