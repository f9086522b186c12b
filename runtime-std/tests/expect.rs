//! `Expect: 100-continue`: the body waits for the server's word, for a while.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::time::{Duration, Instant};

use common::{Peer, serve, session, told};
use sessio_std::{Request, Session};

fn patient(wait: Duration) -> Session {
    let session = session();
    session.lock().limits.expect_wait = wait;
    session
}

fn put(address: std::net::SocketAddr) -> Request {
    Request::put(format!("http://{address}/")).header("Expect", "100-continue").body("the body")
}

/// Whether a byte of the body comes within a tenth of a second.
fn is_body_there(peer: &mut Peer) -> bool {
    use std::io::BufRead;
    let wait = |peer: &Peer, span| peer.stream.get_ref().set_read_timeout(Some(span)).unwrap();
    wait(peer, Duration::from_millis(100));
    let there = peer.stream.fill_buf().is_ok_and(|bytes| !bytes.is_empty());
    wait(peer, Duration::from_secs(4));
    there
}

#[test]
fn the_body_goes_out_when_the_server_wants_it() {
    let (address, hear) = serve(|mut peer| {
        let head = peer.head().unwrap();
        let was_there = is_body_there(&mut peer);
        peer.say("HTTP/1.1 100 Continue\r\nX-A: 1\r\n\r\n");
        let body = peer.body(&head);
        peer.answer("200 OK", "", "");
        (was_there, body)
    });
    let response = patient(Duration::from_secs(30)).request(put(address)).unwrap();
    assert_eq!(response.status, 200);
    assert_eq!(told(&hear), (false, "the body".into()));
}

#[test]
fn the_body_goes_out_when_the_server_says_nothing() {
    let (address, hear) = serve(|mut peer| {
        let head = peer.head().unwrap();
        let body = peer.body(&head);
        peer.answer("200 OK", "", "");
        body
    });
    let begun = Instant::now();
    patient(Duration::from_millis(150)).request(put(address)).unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(150));
    assert_eq!(told(&hear), "the body");
}

#[test]
fn a_server_that_does_not_know_it_is_asked_again_without() {
    let (address, hear) = serve(|mut peer| {
        let head = peer.head()?;
        if peer.number == 0 {
            peer.answer("417 Expectation Failed", "", "no");
            return None;
        }
        let body = peer.body(&head);
        peer.answer("200 OK", "", "");
        Some((head.to_lowercase().contains("expect"), body))
    });
    let response = patient(Duration::from_secs(30)).request(put(address)).unwrap();
    assert_eq!(response.status, 200);
    let second = std::iter::repeat_with(|| told(&hear)).find_map(|said| said).unwrap();
    assert_eq!(second, (false, "the body".into()));
}

/// Row 62: CVE-2024-24791 (Go).
#[test]
fn s062_a_final_answer_before_the_body_ends_the_connection() {
    let (address, hear) = serve(|mut peer| {
        peer.head().unwrap();
        peer.answer("401 Unauthorized", "", "who?");
        (is_body_there(&mut peer), peer.sees_close())
    });
    let session = patient(Duration::from_secs(30));
    let mut response = session.request(put(address)).unwrap();
    assert_eq!((response.status.as_u16(), response.text().unwrap().as_str()), (401, "who?"));
    assert_eq!(told(&hear), (false, true));
    assert_eq!(session.lock().idle_connections(), 0);
}
