//! Calls over real sockets: reuse, threads, cookies and redirects, unix sockets, places.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use common::{counting, field, serve, session, told};
use sessio_std::{ErrorKind, Request};

#[test]
fn a_connection_is_used_again() {
    let address = counting();
    let session = session();
    for _ in 0..3 {
        assert_eq!(session.get(format!("http://{address}/")).unwrap().text().unwrap(), "0");
    }
    assert_eq!(session.lock().idle_connections(), 1);
    session.close();
    assert_eq!(session.lock().idle_connections(), 0);
    assert_eq!(session.get(format!("http://{address}/")).unwrap().text().unwrap(), "1");
}

#[test]
fn a_name_is_looked_up() {
    let address = counting();
    let url = format!("http://localhost:{}/", address.port());
    for timeout in [None, Some(Duration::from_secs(2))] {
        let timeouts = sessio_std::Timeouts { connect: timeout, ..sessio_std::Timeouts::NONE };
        let response = session().request(Request::get(&*url).timeout(timeouts)).unwrap();
        assert_eq!(response.status, 200);
    }
}

#[test]
fn threads_share_a_session() {
    let address = counting();
    let session = session();
    let barrier = Arc::new(Barrier::new(2));
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let (session, barrier) = (session.clone(), Arc::clone(&barrier));
            thread::spawn(move || {
                barrier.wait();
                for _ in 0..50 {
                    let response = session.get(format!("http://{address}/")).unwrap();
                    assert_eq!(response.status, 200);
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert!((1..=2).contains(&session.lock().idle_connections()));
}

#[test]
fn cookies_and_history_come_along_a_redirect() {
    let (address, heads) = serve(|mut peer| {
        let first = peer.head().unwrap();
        peer.answer("302 Found", "Location: /end\r\nSet-Cookie: a=1\r\n", "moved");
        let second = peer.head().unwrap();
        peer.answer("200 OK", "", "end");
        (first, second)
    });
    let session = session();
    let mut response = session.get(format!("http://{address}/start")).unwrap();
    assert_eq!(response.text().unwrap(), "end");
    assert_eq!(response.url().path(), "/end");
    let before = &response.history[0];
    assert_eq!((before.status.as_u16(), before.bytes()), (302, &b"moved"[..]));
    let (first, second) = told(&heads);
    assert!(first.starts_with("GET /start HTTP/1.1\r\n") && field(&first, "cookie").is_none());
    assert_eq!(field(&second, "cookie"), Some("a=1"));
    assert_eq!(session.lock().cookies.iter().count(), 1);
}

#[test]
fn redirects_can_be_followed_step_by_step() {
    let (address, _) = serve(|mut peer| {
        while let Some(head) = peer.head() {
            let body = peer.body(&head);
            match head.split(' ').nth(1) {
                Some("/0") => peer.answer("307 TR", "Location: /1\r\n", &body),
                Some("/1") => peer.answer("307 TR", "Location: /2\r\n", &body),
                _ => peer.answer("200 OK", "", &body),
            }
        }
    });
    let session = session();
    let request = Request::post(format!("http://{address}/0"))
        .upload(sessio_std::upload::repeatable(["ab", "cd"]))
        .allow_redirects(false);
    let first = session.request(request).unwrap();
    assert_eq!((first.status.as_u16(), first.history.len()), (307, 0));
    let steps: Vec<_> = session
        .resolve_redirects(first)
        .map(|step| {
            let mut response = step.unwrap();
            (response.status.as_u16(), response.history.len(), response.text().unwrap())
        })
        .collect();
    assert_eq!(steps, [(307, 1, "ab\ncd".into()), (200, 2, "ab\ncd".into())]);

    session.lock().max_redirects = 1;
    let request = Request::get(format!("http://{address}/0")).allow_redirects(false);
    let first = session.request(request).unwrap();
    let steps: Vec<_> = session.resolve_redirects(first).collect();
    assert_eq!(steps.len(), 2);
    assert_eq!(steps[1].as_ref().unwrap_err().kind(), ErrorKind::TooManyRedirects);
}

#[test]
fn a_stale_connection_is_replaced_for_get_and_not_for_post() {
    for (method, want) in [("GET", Ok("1".to_string())), ("POST", Err(ErrorKind::Connection))] {
        // The second request is read before the connection is closed: no probe can tell.
        let (address, _) = serve(|mut peer| {
            let count = if peer.number == 0 { 1 } else { usize::MAX };
            for _ in 0..count {
                let Some(head) = peer.head() else { return };
                peer.body(&head);
                let number = peer.number.to_string();
                peer.answer("200 OK", "", &number);
            }
            peer.head();
        });
        let session = session();
        session.get(format!("http://{address}/")).unwrap();
        let again = session.request(Request::new(method, format!("http://{address}/")));
        let got = again.map(|mut r| r.text().unwrap()).map_err(|error| error.kind());
        assert_eq!(got, want, "{method}");
    }
}

#[test]
fn a_call_waits_for_a_place() {
    let (address, _) = serve(|mut peer| {
        while peer.head().is_some() {
            thread::sleep(Duration::from_millis(50));
            let number = peer.number.to_string();
            peer.answer("200 OK", "", &number);
        }
    });
    let session = session();
    session.lock().limit_connections(None, Some(1));
    session.lock().timeouts.pool = Some(Duration::from_secs(4));
    let url = format!("http://{address}/");
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (session, url) = (session.clone(), url.clone());
            thread::spawn(move || session.get(url).unwrap().text().unwrap())
        })
        .collect();
    let numbers: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert_eq!(numbers, ["0"; 4]);
}

#[test]
fn a_dropped_call_gives_its_place_to_one_that_waits() {
    let address = counting();
    let session = session();
    session.lock().limit_connections(Some(1), None);
    session.lock().timeouts.pool = Some(Duration::from_secs(4));
    let url = format!("http://{address}/");
    let held = session.request(Request::get(&*url).stream(true)).unwrap();
    let waiter = {
        let (session, url) = (session.clone(), url.clone());
        thread::spawn(move || session.get(url).unwrap().text().unwrap())
    };
    thread::sleep(Duration::from_millis(50));
    drop(held);
    assert_eq!(waiter.join().unwrap(), "1");

    let _held = session.request(Request::get(&*url).stream(true)).unwrap();
    let pool = Some(Duration::from_millis(60));
    let timeouts = sessio_std::Timeouts { pool, ..sessio_std::Timeouts::NONE };
    let begun = Instant::now();
    let error = session.request(Request::get(&*url).timeout(timeouts)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PoolTimeout);
    assert!(begun.elapsed() >= Duration::from_millis(60));
}

#[test]
fn a_unix_socket_can_stand_for_a_host() {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixListener;

    let path = std::env::temp_dir().join(format!("sessio-{}.sock", std::process::id()));
    let listener = UnixListener::bind(&path).unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = [0; 1000];
        let count = stream.read(&mut head).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").unwrap();
        String::from_utf8_lossy(&head[..count]).into_owned()
    });
    let session = session();
    let target = sessio_core::connection::Target::Unix(path.to_str().unwrap().into());
    let to = sessio_core::shared::ConnectTo::Target(target);
    session.lock().connect_to("docker.test", 80, to);
    for connect in [None, Some(Duration::from_secs(1))] {
        let timeouts = sessio_std::Timeouts { connect, ..sessio_std::Timeouts::NONE };
        if connect.is_none() {
            let mut response =
                session.request(Request::get("http://docker.test/v").timeout(timeouts)).unwrap();
            assert_eq!(response.text().unwrap(), "ok");
        }
    }
    assert_eq!(field(&server.join().unwrap(), "host"), Some("docker.test"));
    std::fs::remove_file(&path).unwrap();
    session.close();
    let error = session.get("http://docker.test/v").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("no such"), "{error}");
}

#[test]
fn what_threads_share_may_cross_them() {
    fn is_shared<T: Send + Sync + 'static>() {}
    fn is_sent<T: Send + 'static>() {}
    is_shared::<sessio_std::Session>();
    is_shared::<sessio_std::Error>();
    is_sent::<sessio_std::Response>();
    is_sent::<sessio_std::Prepared>();
    is_sent::<Request>();
}

#[test]
fn settings_are_the_calls_then_the_sessions_then_the_environments() {
    use sessio_std::{CallOptions, Environment, Trust, Url};

    let session = session();
    let variables = [("http_proxy", "http://env.test:1"), ("all_proxy", "http://all.test:2")];
    session.lock().environment = Environment::new(variables, None);
    session.lock().trust_env = Trust::ALL;
    let url = Url::parse("http://a.test/").unwrap();
    let settings = session.merge_environment_settings(&url, &CallOptions::default());
    assert_eq!(settings.proxies.iter().count(), 2);
    let mut request = Request::get(url.clone()).no_proxy().stream(true);
    let options = request.options_mut().clone();
    let settings = session.merge_environment_settings(&url, &options);
    assert_eq!(settings.proxies.iter().count(), 0);
    assert_eq!(settings.stream, sessio_core::policy::settings::Stream::Stream);
}

#[test]
fn a_prepared_request_is_sent_as_it_stands() {
    let (address, heads) = serve(|mut peer| {
        let mut heads = Vec::new();
        while let Some(head) = peer.head() {
            peer.answer("302 Found", "Location: /x\r\n", "");
            heads.push(head);
        }
        heads
    });
    let session = session();
    let request = Request::get(format!("http://{address}/p")).allow_redirects(false);
    let mut prepared = session.prepare_request(request).unwrap();
    prepared.request.headers.try_set("X-Late", "1").unwrap();
    session.lock().headers.try_set("X-Later", "2").unwrap();
    let message = Arc::new(prepared.request.clone());
    let options = prepared.options.clone();
    assert_eq!(session.send(prepared).unwrap().status, 302);
    for _ in 0..2 {
        let response = session.send_message(&message, options.clone()).unwrap();
        assert_eq!(response.next.as_ref().unwrap().url.path(), "/x");
    }
    session.close();
    let heads = told(&heads);
    assert_eq!(heads.len(), 3);
    for head in heads {
        assert_eq!((field(&head, "x-late"), field(&head, "x-later")), (Some("1"), None));
    }
}
