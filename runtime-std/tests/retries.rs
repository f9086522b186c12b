//! Attempts that go wrong are repeated as the adapter says.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::{serve, session};
use sessio_core::policy::backoff::Backoff;
use sessio_core::policy::retry::{Count, Failure, Methods, OnStatus, Retry, Wait};
use sessio_std::{Adapter, ErrorKind, Request, Session, Timeouts, upload};

/// A server that answers the requests of all connections in turn: a status, `-` for none and the
/// end of the connection; the last one over and over. The body is the number of the connection.
fn turns(answers: &'static [&'static str]) -> SocketAddr {
    let next = Arc::new(Mutex::new(0));
    serve(move |mut peer| {
        while let Some(head) = peer.head() {
            peer.body(&head);
            let mut next = next.lock().unwrap();
            let answer = answers[(*next).min(answers.len() - 1)];
            *next += 1;
            drop(next);
            match answer {
                "-" => return,
                "503 after" => peer.answer("503 Busy", "Retry-After: 7\r\n", "later"),
                "503 soon" => peer.answer("503 Busy", "Retry-After: soon\r\n", ""),
                "503 huge" => peer.answer("503 Busy", "", &"x".repeat(100 << 10)),
                status => {
                    let number = peer.number.to_string();
                    peer.answer(status, "Set-Cookie: of=this\r\n", &number);
                }
            }
        }
    })
    .0
}

fn with(retry: Retry) -> Session {
    let session = session();
    session.mount("http://", Adapter { max_retries: retry, ..Adapter::default() });
    session
}

/// A session that tells how long it would have waited.
fn counting_waits(retry: Retry) -> (Session, Arc<Mutex<Vec<Duration>>>) {
    let session = with(retry);
    let waits: Arc<Mutex<Vec<Duration>>> = Arc::default();
    let log = Arc::clone(&waits);
    session.set_sleep(move |span| log.lock().unwrap().push(span));
    (session, waits)
}

fn listed(total: u32) -> Retry {
    Retry { status_forcelist: vec![500, 503], ..Retry::times(total) }
}

#[test]
fn a_retry_tells_what_went_wrong_and_keeps_the_connection() {
    let address = turns(&["-", "500 Oops", "503 after", "200 OK"]);
    let (session, waits) = counting_waits(listed(3));
    let mut response = session.get(format!("http://{address}/")).unwrap();
    // The first connection was lost; the next one carries the rest.
    assert_eq!(response.text().unwrap(), "1");
    let told: Vec<_> = response.retries.iter().map(|past| (past.failure, past.wait)).collect();
    let status = |code: u16| Failure::Status(code.try_into().unwrap());
    let after = Wait::Seconds(Duration::from_secs(7));
    assert_eq!(
        told,
        [(Failure::Read, Wait::None), (status(500), Wait::None), (status(503), after)]
    );
    assert_eq!(*waits.lock().unwrap(), [Duration::from_secs(7)]);
    assert!(response.history.is_empty());
}

#[test]
fn cookies_of_a_response_that_does_not_count_are_not_kept() {
    let address = turns(&["500 Oops", "-"]);
    let session = with(listed(1));
    session.get(format!("http://{address}/")).unwrap_err();
    assert_eq!(session.lock().cookies.iter().count(), 0);
}

#[test]
fn used_up_retries_are_an_error_with_the_last_response_or_the_response() {
    let address = turns(&["503 Busy"]);
    let error = with(listed(2)).get(format!("http://{address}/")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Retry);
    let response = error.response().unwrap();
    assert_eq!((response.status.as_u16(), response.bytes()), (503, &b"0"[..]));
    assert_eq!(error.core().retries().len(), 2);
    assert!(error.to_string().ends_with("(after 2 retries)"), "{error}");

    let lenient = Retry { raise_on_status: OnStatus::Return, ..listed(2) };
    let mut response = with(lenient).get(format!("http://{address}/")).unwrap();
    assert_eq!((response.status.as_u16(), response.retries.len()), (503, 2));
    assert_eq!(response.text().unwrap(), "1", "of the second session, which keeps one connection");
}

#[test]
fn a_retry_after_that_cannot_be_read_ends_the_call() {
    let address = turns(&["503 soon"]);
    let error = with(Retry::times(3)).get(format!("http://{address}/")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidHeader);
    assert_eq!(error.response().unwrap().status, 503);
}

#[test]
fn the_body_of_a_response_that_does_not_count_is_read_up_to_its_limit() {
    for (max, connection) in [(1 << 20, "0"), (64 << 10, "1")] {
        let address = turns(&["503 huge", "200 OK"]);
        let session = with(listed(1));
        session.lock().limits.redirect_body_bytes_max = max;
        let mut response = session.get(format!("http://{address}/")).unwrap();
        assert_eq!(response.text().unwrap(), connection, "{max}");
    }
}

#[test]
fn connecting_is_tried_again_whatever_the_method_is() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (session, waits) = counting_waits(Retry {
        backoff: Backoff { factor: Duration::from_millis(100), ..Backoff::default() },
        ..Retry::times(3)
    });
    let request = Request::post(format!("http://{free}/")).body("x");
    let error = session.request(request).unwrap_err();
    assert_eq!((error.kind(), error.core().retries().len()), (ErrorKind::Connection, 3));
    assert_eq!(*waits.lock().unwrap(), [200, 400].map(Duration::from_millis));
}

#[test]
fn a_request_that_may_have_been_seen_is_repeated_if_its_method_is_allowed() {
    let any = Retry { allowed_methods: Methods::Any, ..Retry::times(1) };
    for (retry, works) in [(Retry::times(1), false), (any, true)] {
        let address = turns(&["-", "200 OK"]);
        let request = Request::post(format!("http://{address}/")).body("x");
        assert_eq!(with(retry).request(request).is_ok(), works);
    }
}

#[test]
fn what_cannot_be_sent_again_is_an_error_that_says_so() {
    let any = Retry { allowed_methods: Methods::Any, ..listed(2) };
    for (answer, status) in [("-", None), ("503 Busy", Some(503))] {
        let address = turns(if status.is_some() { &["503 Busy"] } else { &["-"] });
        let body = upload::chunks(["one", "two"].map(|item| Ok(item.as_bytes().to_vec())));
        let request = Request::post(format!("http://{address}/")).upload(body);
        let error = with(any.clone()).request(request).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnrewindableBody, "{answer}: {error}");
        assert_eq!(error.response().map(|response| response.status.as_u16()), status);
    }
}

#[test]
fn waits_are_real_and_the_total_timeout_ends_them() {
    let address = turns(&["500 Oops", "500 Oops", "200 OK"]);
    let backoff = Backoff { factor: Duration::from_millis(60), ..Backoff::default() };
    let begun = Instant::now();
    with(Retry { backoff, ..listed(2) }).get(format!("http://{address}/")).unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(120));

    let address = turns(&["503 after"]);
    let begun = Instant::now();
    let timeouts = Timeouts { total: Some(Duration::from_millis(100)), ..Timeouts::NONE };
    let request = Request::get(format!("http://{address}/")).timeout(timeouts);
    let error = with(listed(2)).request(request).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TotalTimeout);
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_count_that_is_off_tells_the_error_as_what_it_is() {
    let silent = || {
        serve(|mut peer| {
            peer.head();
            std::thread::sleep(Duration::from_secs(1));
        })
    };
    let rows = [
        (Retry { read: Count::Off, ..Retry::times(2) }, ErrorKind::ReadTimeout, 0),
        (Retry { read: Count::Left(1), ..Retry::times(2) }, ErrorKind::Connection, 1),
    ];
    for (retry, kind, count) in rows {
        let (address, _) = silent();
        let timeouts = Timeouts { read: Some(Duration::from_millis(50)), ..Timeouts::NONE };
        let request = Request::get(format!("http://{address}/")).timeout(timeouts);
        let error = with(retry).request(request).unwrap_err();
        assert_eq!((error.kind(), error.core().retries().len()), (kind, count), "{error}");
    }
}

#[test]
fn a_look_up_that_is_forbidden_is_not_tried_again() {
    let session = with(Retry::times(5));
    let asked = Arc::new(Mutex::new(0));
    let log = Arc::clone(&asked);
    session.set_resolver(move |_, _| {
        *log.lock().unwrap() += 1;
        Err(std::io::ErrorKind::PermissionDenied.into())
    });
    session.get("http://10.0.0.1/").unwrap_err();
    assert_eq!(*asked.lock().unwrap(), 1);
}
