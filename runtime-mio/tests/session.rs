//! The session with a loop of its own, against servers on loopback.

mod common;

use std::io::{BufReader, Read, Write};
use std::time::Duration;

use common::{answering, ok, request, server};
use sessio_mio::{Completion, ErrorKind, Request, Session, Timeouts, Trust};

fn session() -> Session {
    let session = Session::new();
    session.lock().trust_env = Trust::NONE;
    session
}

fn path(head: &str) -> String {
    head.split(' ').nth(1).unwrap_or_default().to_owned()
}

#[test]
fn the_verbs_wait_for_their_response() {
    let address = answering(|head, body| {
        let method = head.split(' ').next().unwrap_or_default();
        ok(if method == "HEAD" { String::new() } else { format!("{method} {}", body.len()) })
    });
    let session = session();
    let url = format!("http://{address}/");
    assert_eq!(session.get(url.as_str()).unwrap().text().unwrap(), "GET 0");
    assert_eq!(session.delete(url.as_str()).unwrap().text().unwrap(), "DELETE 0");
    let form = Request::post(url.as_str()).form([("a", "1")]);
    assert_eq!(session.request(form).unwrap().text().unwrap(), "POST 3");
    assert_eq!(session.lock().idle_connections(), 1);
}

#[test]
fn a_streamed_body_is_read_as_it_is_asked_for_and_its_connection_comes_back() {
    let lines: String = (0..50_000).map(|number| format!("line {number}\n")).collect();
    let body = lines.clone();
    let address = answering(move |_, _| ok(&body));
    let session = session();
    let streamed = || Request::get(format!("http://{address}/")).stream(true);
    let mut response = session.request(streamed()).unwrap();
    assert_eq!(session.lock().idle_connections(), 0);
    let last = response.iter_lines().last().unwrap().unwrap();
    assert_eq!(&last[..], b"line 49999");
    assert_eq!(session.lock().idle_connections(), 1);

    let mut response = session.request(streamed()).unwrap();
    let mut some = vec![0; 1000];
    response.read_exact(&mut some).unwrap();
    assert_eq!(some, lines.as_bytes()[..1000]);
    // Another call works meanwhile; then the rest is given up, and so is its connection.
    assert_eq!(
        session.get(format!("http://{address}/")).unwrap().content().unwrap().len(),
        lines.len()
    );
    drop(response);
    assert_eq!(session.lock().idle_connections(), 1);
}

#[test]
fn calls_that_were_started_go_on_while_others_are_waited_for() {
    let address = answering(|head, _| ok(path(head)));
    let session = session();
    let url = |number: usize| format!("http://{address}/{number}");
    let started: Vec<_> =
        (0..20).map(|number| session.start(Request::get(url(number))).unwrap()).collect();
    assert_eq!(session.get(url(99)).unwrap().text().unwrap(), "/99");
    session.cancel(started[7]);
    let mut over = Vec::new();
    let each = |completion| match completion {
        Completion::Done(id, outcome) => over.push((id, outcome.unwrap().text().into_owned())),
        other => panic!("{other:?}"),
    };
    session.run_until_idle(each).unwrap();
    over.sort();
    let want = started.iter().enumerate().map(|(number, id)| (*id, format!("/{number}")));
    assert_eq!(over, want.filter(|(id, _)| *id != started[7]).collect::<Vec<_>>());
    assert!(session.next().is_none());
}

#[test]
fn a_connection_that_the_server_closed_is_not_used_again() {
    let address = server(|stream| {
        let mut stream = BufReader::new(stream);
        if request(&mut stream).is_some() {
            stream.get_mut().write_all(&ok("once")).unwrap();
        }
    });
    let session = session();
    for _ in 0..10 {
        // A POST is not sent twice, so it fails if it is sent into a dead connection.
        let mut response = session.post(format!("http://{address}/")).unwrap();
        assert_eq!(response.text().unwrap(), "once");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn names_and_redirects_and_the_error_of_a_silent_peer() {
    let address = answering(|head, _| match path(head).as_str() {
        "/a" => b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n".to_vec(),
        path => ok(path),
    });
    let session = session();
    session.set_resolver(move |_, _| Ok(vec![address]));
    let response = session.get("http://a.test/a").unwrap();
    assert_eq!((response.history.len(), response.url().path()), (1, "/b"));
    let first = session.request(Request::get("http://a.test/a").allow_redirects(false)).unwrap();
    let steps: Vec<_> = session.resolve_redirects(first).map(|step| step.unwrap().status).collect();
    assert_eq!(steps, [200]);

    let silent = server(|stream| {
        std::thread::sleep(Duration::from_secs(30));
        drop(stream);
    });
    session.set_resolver(move |_, _| Ok(vec![silent]));
    let timeout = Timeouts::both(Duration::from_millis(50));
    let error = session.request(Request::get("http://a.test/").timeout(timeout)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadTimeout);
}
