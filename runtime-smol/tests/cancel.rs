//! A call that is dropped at any poll leaves nothing behind: no descriptor, no place, no memory.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use common::{descriptors, poll_times, serve, session};
use futures_lite::stream;
use sessio_smol::{Hook, Request, Session, Verdict, upload};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

/// One test at a time: they count what the process has.
static ALONE: Mutex<()> = Mutex::new(());

/// Answers by path, in small pieces, so that a call has many polls.
fn server() -> SocketAddr {
    let (address, _) = serve(|mut peer| {
        while let Some(head) = peer.head() {
            if peer.whole_body(&head).is_none() {
                return;
            }
            let path = head.split(' ').nth(1).unwrap();
            if path == "/moved" {
                peer.answer("302 Found", "Location: /there\r\n", "");
                continue;
            }
            peer.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            for piece in ["3\r\nabc\r\n", "3\r\ndef\r\n", "0\r\n\r\n"] {
                std::thread::sleep(std::time::Duration::from_millis(2));
                peer.say(piece);
            }
        }
    });
    address
}

/// A call, by name.
async fn call(session: &Session, address: SocketAddr, what: &str) -> sessio_smol::Result<String> {
    let request = match what {
        "name" => Request::get("http://localhost.test/"),
        "redirect" => Request::get(format!("http://{address}/moved")),
        "upload" => {
            let pieces = ["ab", "cd"].map(|piece| io::Result::Ok(piece.as_bytes()));
            let slow = stream::unfold(pieces.into_iter(), |mut left| async move {
                futures_lite::future::yield_now().await;
                let piece = left.next()?;
                Some((piece, left))
            });
            Request::put(format!("http://{address}/")).upload(upload::stream(slow))
        }
        "hook" => Request::get(format!("http://{address}/")).hook(Hook::awaiting(|_, _| {
            Box::pin(async {
                futures_lite::future::yield_now().await;
                Ok(Verdict::Continue)
            })
        })),
        _ => Request::get(format!("http://{address}/")).stream(what == "stream"),
    };
    let mut response = session.request(request).await?;
    let mut text = String::new();
    if what == "stream" {
        let mut items = response.iter_content(2);
        while let Some(item) = items.next().await {
            text += std::str::from_utf8(&item?).unwrap();
        }
        return Ok(text);
    }
    response.text().await
}

/// Drops a call after ever more polls, until it comes to its end; how many polls that took.
fn drop_everywhere(session: &Session, address: SocketAddr, what: &str) -> usize {
    for times in 1..200 {
        let ended = poll_times(call(session, address, what), times);
        // One place in all: the next call gets it, or waits for ever.
        let next = poll_times(call(session, address, "plain"), 10_000).unwrap();
        assert_eq!(next.unwrap(), "abcdef", "after {times} polls of {what}");
        if let Some(result) = ended {
            assert_eq!(result.unwrap(), "abcdef", "{what}");
            return times;
        }
    }
    panic!("{what} never ends")
}

#[test]
fn a_call_that_is_dropped_at_any_poll_leaves_nothing_behind() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let address = server();
    let session = session();
    {
        let mut settings = session.lock();
        settings.limit_connections(Some(1), Some(1));
        settings.connect_to("a.test", 80, address);
    }
    session.set_resolver(move |host, port| match host {
        "localhost.test" => Ok(vec![address]),
        _ => Ok(vec![(host.parse::<std::net::IpAddr>().unwrap(), port).into()]),
    });
    let calls = ["plain", "name", "redirect", "upload", "hook", "stream"];
    // Threads of the pool, the reactor and caches are there after the first round.
    for what in calls {
        drop_everywhere(&session, address, what);
    }
    session.close();
    std::thread::sleep(std::time::Duration::from_millis(100));
    let _profiler = dhat::Profiler::builder().testing().build();
    let before = (descriptors(), dhat::HeapStats::get().curr_bytes);
    for round in 0..3 {
        for what in calls {
            let polls = drop_everywhere(&session, address, what);
            assert!(polls > 2, "{what} has {polls} polls: nothing was dropped half-way");
        }
        session.close();
        // The other ends are closed by threads of the server.
        let late = std::time::Instant::now() + std::time::Duration::from_secs(4);
        while descriptors() > before.0 && std::time::Instant::now() < late {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert_eq!(descriptors(), before.0, "descriptors in round {round}");
    }
    // The profiler sees what the server's threads hold for a moment, too.
    let grown = dhat::HeapStats::get().curr_bytes.saturating_sub(before.1);
    assert!(grown < 32 * 1024, "{grown} bytes more than before");
}

/// A waiter that was woken and dropped passes nothing on that others need.
#[test]
fn a_dropped_waiter_keeps_nobody_waiting() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let address = server();
    let session = session();
    session.lock().limit_connections(Some(1), None);
    let run = |task: &mut std::pin::Pin<Box<dyn Future<Output = String>>>, times| {
        poll_times(task.as_mut(), times)
    };
    let ask = |what: &'static str| -> std::pin::Pin<Box<dyn Future<Output = String>>> {
        let session = session.clone();
        Box::pin(async move { call(&session, address, what).await.unwrap() })
    };
    let (mut holder, mut gone, mut waits) = (ask("stream"), ask("plain"), ask("plain"));
    assert_eq!(run(&mut holder, 3), None);
    assert_eq!(run(&mut gone, 1), None);
    assert_eq!(run(&mut waits, 1), None);
    drop(holder);
    // The place is free and `gone` was woken first; it goes away without having looked.
    drop(gone);
    assert_eq!(run(&mut waits, 10_000).as_deref(), Some("abcdef"));
}
