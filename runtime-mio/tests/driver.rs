//! The driver in a loop of the caller's own, against servers on loopback.

mod common;
#[path = "common/looped.rs"]
mod looped;

use std::io::{BufReader, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::{answering, ok, request, server};
use looped::Loop;
use sessio_mio::{
    CallId, Completion, ErrorKind, Hook, Lookup, NotPushed, Request, Timeouts, Verdict, upload,
};

fn path(head: &str) -> String {
    head.split(' ').nth(1).unwrap_or_default().to_owned()
}

#[test]
fn many_calls_are_served_at_once_and_share_the_session() {
    let address = answering(|head, _| ok(path(head)));
    let mut it = Loop::new();
    for number in 0..100 {
        it.driver.start(Request::get(format!("http://{address}/{number}"))).unwrap();
    }
    let mut texts: Vec<_> =
        it.outcomes(100).into_iter().map(|r| r.unwrap().text().into_owned()).collect();
    texts.sort();
    texts.dedup();
    assert_eq!((texts.len(), it.driver.calls()), (100, 0));
    assert_eq!(it.driver.session().lock().idle_connections(), 10);
    assert_eq!(it.driver.tokens(), 10, "one for each idle connection");
}

#[test]
fn a_connection_is_used_again() {
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    let address = server(move |stream| {
        count.fetch_add(1, Ordering::SeqCst);
        let mut stream = BufReader::new(stream);
        while request(&mut stream).is_some() {
            stream.get_mut().write_all(&ok("again")).unwrap();
        }
    });
    let mut it = Loop::new();
    for _ in 0..5 {
        it.driver.start(Request::get(format!("http://{address}/"))).unwrap();
        assert_eq!(it.outcomes(1).pop().unwrap().unwrap().text(), "again");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[test]
fn a_streamed_body_comes_in_pieces_behind_its_head_and_waits_for_its_caller() {
    const SIZE: usize = 2_000_000;
    let address = answering(|_, _| ok(vec![7; SIZE]));
    let mut it = Loop::new();
    let call = it.driver.start(Request::get(format!("http://{address}/")).stream(true)).unwrap();
    let head = it.until(|completion| matches!(completion, Completion::Head(..)));
    assert!(matches!(&head[..], [Completion::Head(id, head)] if *id == call && head.status == 200));
    it.driver.pause(call);
    for _ in 0..5 {
        assert!(it.round().is_empty(), "a paused call gives nothing");
    }
    it.driver.resume(call);
    let rest = it.until(|completion| matches!(completion, Completion::Done(..)));
    let mut size = 0;
    for completion in &rest {
        match completion {
            Completion::Data(_, piece) => size += piece.len(),
            Completion::Done(_, outcome) => assert!(outcome.is_ok(), "{outcome:?}"),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(size, SIZE);
}

#[test]
fn an_upload_is_pushed_as_the_caller_has_it() {
    let address = server(|stream| {
        let mut stream = BufReader::new(stream);
        let (head, _) = request(&mut stream).unwrap();
        assert!(head.contains("Transfer-Encoding: chunked"), "{head}");
        let mut body = String::new();
        while !body.ends_with("0\r\n\r\n") {
            std::io::BufRead::read_line(&mut stream, &mut body).unwrap();
        }
        stream.get_mut().write_all(&ok(body)).unwrap();
    });
    let mut it = Loop::new();
    let call = it
        .driver
        .start(Request::post(format!("http://{address}/")).upload(upload::pushed()))
        .unwrap();
    for piece in ["one", "three"] {
        it.until(|completion| matches!(completion, Completion::Room(id) if *id == call));
        it.driver.push(call, piece).unwrap();
    }
    it.driver.finish(call);
    assert!(matches!(it.driver.push(call, "late"), Err(NotPushed::Over(_))));
    let echoed = it.outcomes(1).pop().unwrap().unwrap().text().into_owned();
    assert_eq!(echoed.replace("0000000", ""), "3\r\none\r\n5\r\nthree\r\n0\r\n\r\n");
}

#[test]
fn a_peer_that_is_slow_or_silent_holds_up_nobody_and_ends_in_time() {
    let slow = server(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        while stream.write_all(b".").is_ok() {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    let silent = server(|stream| {
        std::thread::sleep(Duration::from_secs(30));
        drop(stream);
    });
    let quick = answering(|_, _| ok("quick"));
    let mut it = Loop::new();
    let total = Timeouts { total: Some(Duration::from_millis(600)), ..Timeouts::NONE };
    let begun = Instant::now();
    it.driver.start(Request::get(format!("http://{slow}/")).timeout(total)).unwrap();
    let read = Timeouts::both(Duration::from_millis(400));
    it.driver.start(Request::get(format!("http://{silent}/")).timeout(read)).unwrap();
    for _ in 0..20 {
        it.driver.start(Request::get(format!("http://{quick}/"))).unwrap();
    }
    let mut outcomes = it.outcomes(22);
    let kinds: Vec<_> =
        outcomes.split_off(20).into_iter().map(|outcome| outcome.unwrap_err().kind()).collect();
    assert!(outcomes.iter().all(|outcome| outcome.is_ok()), "the quick ones are first");
    assert!(kinds.iter().all(|kind| kind.is_timeout()), "{kinds:?}");
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(600) && took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn who_waits_for_a_place_is_served_in_order_and_no_longer_than_the_pool_timeout() {
    let address = answering(|head, _| {
        std::thread::sleep(Duration::from_millis(20));
        ok(path(head))
    });
    let mut it = Loop::new();
    it.driver.session().lock().limit_connections(None, Some(1));
    for number in 0..8 {
        it.driver.start(Request::get(format!("http://{address}/{number}"))).unwrap();
    }
    let came: Vec<_> = it.outcomes(8).into_iter().map(|r| r.unwrap().text().into_owned()).collect();
    assert_eq!(came, ["/0", "/1", "/2", "/3", "/4", "/5", "/6", "/7"]);

    let silent = server(|stream| {
        std::thread::sleep(Duration::from_secs(30));
        drop(stream);
    });
    let url = format!("http://{silent}/");
    let holds = it.driver.start(Request::get(url.as_str())).unwrap();
    let patience = Timeouts { pool: Some(Duration::from_millis(50)), ..Timeouts::NONE };
    it.driver.start(Request::get(url.as_str()).timeout(patience)).unwrap();
    let error = it.outcomes(1).pop().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PoolTimeout);
    // Whoever stands behind one that gave up is not forgotten.
    it.driver
        .start(Request::get(url.as_str()).timeout(Timeouts::both(Duration::from_millis(50))))
        .unwrap();
    it.round();
    it.driver.cancel(holds);
    assert_eq!(it.outcomes(1).pop().unwrap().unwrap_err().kind(), ErrorKind::ReadTimeout);
}

#[test]
fn names_are_looked_up_beside_the_loop_or_by_the_caller() {
    let address = answering(|head, _| ok(path(head)));
    let mut it = Loop::new();
    it.driver.start(Request::get(format!("http://localhost:{}/thread", address.port()))).unwrap();
    assert_eq!(it.outcomes(1).pop().unwrap().unwrap().text(), "/thread");

    it.driver.set_lookup(Lookup::Caller);
    let url = format!("http://a.test:{}/caller", address.port());
    for _ in 0..2 {
        it.driver.start(Request::get(url.as_str())).unwrap();
    }
    let asked = it.until(|completion| matches!(completion, Completion::Resolve { .. }));
    let [Completion::Resolve { id, host, port }] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!((&**host, *port), ("a.test", address.port()));
    it.driver.resolved(*id, Ok(vec![address]));
    assert!(it.outcomes(2).into_iter().all(|outcome| outcome.unwrap().text() == "/caller"));

    it.driver.start(Request::get("http://b.test/")).unwrap();
    let asked = it.until(|completion| matches!(completion, Completion::Resolve { .. }));
    let [Completion::Resolve { id, .. }] = &asked[..] else { panic!("{asked:?}") };
    it.driver.resolved(*id, Err(std::io::ErrorKind::PermissionDenied.into()));
    assert_eq!(it.outcomes(1).pop().unwrap().unwrap_err().kind(), ErrorKind::Connection);
}

#[test]
fn hooks_and_the_observer_run_within_the_turn_and_may_use_the_session() {
    let address = answering(|head, _| ok(path(head)));
    let mut it = Loop::new();
    let told = Arc::new(Mutex::new(0));
    let count = Arc::clone(&told);
    it.driver.session().on_event(move |_| *count.lock().unwrap() += 1);
    let once = Mutex::new(true);
    let hook = Hook::new(move |response, _| {
        if std::mem::take(&mut *once.lock().unwrap()) {
            let mut again = (*response.request).clone();
            again.url.set_path("/again");
            return Ok(Verdict::resend(again));
        }
        Ok(Verdict::Continue)
    });
    it.driver.start(Request::get(format!("http://{address}/")).hook(hook)).unwrap();
    let response = it.outcomes(1).pop().unwrap().unwrap();
    assert_eq!((response.text().as_ref(), response.history.len()), ("/again", 1));
    assert!(*told.lock().unwrap() > 4);
    let fails = Hook::new(|_, _| Err("no".into()));
    it.driver.start(Request::get(format!("http://{address}/")).hook(fails)).unwrap();
    let error = it.outcomes(1).pop().unwrap().unwrap_err();
    assert_eq!(error.into_user().unwrap().to_string(), "no");
}

#[test]
fn idle_connections_are_closed_when_their_time_is_up() {
    let address = answering(|_, _| ok("x"));
    let mut it = Loop::new();
    it.driver.session().lock().set_idle_max(Some(Duration::from_millis(200)));
    it.driver.start(Request::get(format!("http://{address}/"))).unwrap();
    assert!(it.outcomes(1).pop().unwrap().is_ok());
    assert_eq!(it.driver.tokens(), 1);
    let begun = Instant::now();
    while it.driver.tokens() > 0 {
        assert!(begun.elapsed() < Duration::from_secs(10));
        it.round();
    }
}

#[test]
fn without_a_token_left_a_connection_cannot_be_opened() {
    let address = answering(|_, _| ok("x"));
    let poll = mio::Poll::new().unwrap();
    let mut driver = sessio_mio::Driver::new(poll.registry(), 5..5).unwrap();
    let call: CallId = driver.start(Request::get(format!("http://{address}/"))).unwrap();
    driver.turn();
    let Some(Completion::Done(id, Err(error))) = driver.next() else { panic!("no outcome") };
    assert_eq!((id, error.kind()), (call, ErrorKind::Connection));
}

#[test]
fn a_reset_at_any_byte_of_the_response_ends_its_own_call_alone() {
    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    let resets = server(|stream| {
        let mut stream = BufReader::new(stream);
        let Some((head, _)) = request(&mut stream) else { return };
        let count: usize = path(&head)[1..].parse().unwrap();
        stream.get_mut().write_all(&ANSWER[..count]).unwrap();
        std::thread::sleep(Duration::from_millis(10));
        // What is unread makes the closing a reset, and so does this.
        socket2::SockRef::from(stream.get_ref()).set_linger(Some(Duration::ZERO)).unwrap();
    });
    let quick = answering(|_, _| ok("quick"));
    let mut it = Loop::new();
    let mut wanted = std::collections::BTreeMap::new();
    for count in 0..=ANSWER.len() {
        let call = it.driver.start(Request::get(format!("http://{resets}/{count}"))).unwrap();
        wanted.insert(call, count == ANSWER.len());
        wanted.insert(it.driver.start(Request::get(format!("http://{quick}/"))).unwrap(), true);
    }
    let mut left = wanted.len();
    let all = it.until(|completion| {
        left -= usize::from(matches!(completion, Completion::Done(..)));
        left == 0
    });
    for completion in all {
        let Completion::Done(call, outcome) = completion else { panic!("{completion:?}") };
        assert_eq!(outcome.is_ok(), wanted[&call], "{call:?}: {outcome:?}");
    }
}

#[test]
fn a_driver_may_be_made_on_one_thread_and_used_on_another() {
    let address = answering(|_, _| ok("moved"));
    let mut it = Loop::new();
    it.driver.start(Request::get(format!("http://{address}/"))).unwrap();
    let other = std::thread::spawn(move || it.outcomes(1).pop().unwrap().unwrap());
    assert_eq!(other.join().unwrap().text(), "moved");
}
