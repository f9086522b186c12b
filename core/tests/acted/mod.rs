//! A call acted out in memory, for the tests of what observers make of it.

use std::sync::Arc;
use std::time::Duration;

use sessio_core::exchange::{Ask, Probe, Received};
use sessio_core::trace::{Event, Recording};
use sessio_core::{Cookie, Input, Instant, Now, Output, Request, Session, WallTime};

/// A login that sets cookies and leads to another host, which answers.
pub(crate) const LOGIN: [&str; 2] = [
    "HTTP/1.1 302 Found\r\nLocation: http://u:MARK-location@b.test/home?q=a%20b\r\n\
     Set-Cookie: sid=MARK-set; Path=/; HttpOnly\r\nSet-Cookie: bad=1; Domain=c.test\r\n\
     Content-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello",
];

/// The events of a call to `http://a.test/login` with credentials of all kinds, in which each step
/// takes 10 ms and the peers answer this.
pub(crate) fn act(recording: Recording, responses: &[&str]) -> Vec<Event> {
    let mut now =
        Now { mono: Instant::from_nanos(0), wall: WallTime::from_unix_seconds(1_700_000_000) };
    let mut session: Session<()> = Session::new(1);
    session.trace = recording;
    session.cookies.set(Cookie::new("theme", "MARK-cookie").with_domain("a.test")).unwrap();
    let request = Request::get("http://me:MARK-userinfo@a.test/login");
    let request = request.header("Proxy-Authorization", "MARK-proxy");
    let prepared = session.prepare_request(request, now).unwrap();
    let plan = session.plan(&prepared.options, Ask::Nobody, Ask::Nobody);
    let mut exchange = session.start(Arc::new(prepared.request), plan, now).unwrap();
    let (mut events, mut left) = (exchange.take_events(), responses.iter());
    loop {
        let address = ([192, 0, 2, 1], 80).into();
        now.mono = now.mono.after(Duration::from_millis(10));
        let input = match exchange.poll() {
            Output::Consult => {
                exchange.consult(&mut session, now);
                events.extend(exchange.take_events());
                continue;
            }
            Output::Resolve(_) => Input::Resolved(std::slice::from_ref(&address)),
            Output::Connect { id, .. } => Input::Connecting(id, ()),
            Output::Await(attempts) => Input::Connected(attempts[0].id),
            Output::Probe(()) => Input::Probed(Probe::Quiet),
            Output::Transfer(transfer) => {
                let sent = transfer.send.iter().map(|bytes| bytes.len()).sum();
                let bytes = match sent {
                    0 => left.next().map_or(&b""[..], |response| response.as_bytes()),
                    _ => b"",
                };
                transfer.receive[..bytes.len()].copy_from_slice(bytes);
                let received = match sent {
                    0 => Received::Bytes(bytes.len()),
                    _ => Received::Nothing,
                };
                Input::Moved { sent, received }
            }
            Output::Done => return events,
            other => panic!("{other:?}"),
        };
        exchange.handle(input, now);
        events.extend(exchange.take_events());
    }
}
