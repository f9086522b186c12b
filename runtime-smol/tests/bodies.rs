//! Bodies both ways: streams, readers, lines, early answers, and what time is allowed for them.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::io;
use std::time::{Duration, Instant};

use common::{block_on, counting, serve, session, told};
use futures_lite::{AsyncBufReadExt, AsyncReadExt, StreamExt, io::Cursor, stream};
use sessio_smol::{ErrorKind, Request, Timeouts, Upload, upload};

/// Sends this body in chunks of three bytes, with a pause behind each.
fn chunked(body: &'static str) -> std::net::SocketAddr {
    let (address, _) = serve(move |mut peer| {
        while peer.head().is_some() {
            peer.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            for piece in body.as_bytes().chunks(3) {
                peer.say(format!("{:x}\r\n", piece.len()));
                peer.say([piece, b"\r\n"].concat());
                std::thread::sleep(Duration::from_millis(1));
            }
            peer.say("0\r\n\r\n");
        }
    });
    address
}

#[test]
fn a_streamed_body_is_a_stream_a_reader_and_lines() {
    let url = format!("http://{}/", chunked("one\r\ntwo\nthree"));
    let session = session();
    block_on(async {
        let get = || session.request(Request::get(url.as_str()).stream(true));
        let mut response = get().await.unwrap();
        let chunks: Vec<_> = response.iter_content(2).try_collect::<_, _, Vec<_>>().await.unwrap();
        let chunks: Vec<_> = chunks.iter().map(|c| std::str::from_utf8(c).unwrap()).collect();
        assert_eq!(chunks.concat(), "one\r\ntwo\nthree");
        assert_eq!(chunks[..4], ["on", "e", "\r\n", "t"], "chunks end where the peer's do");

        let mut response = get().await.unwrap();
        let mut lines = response.iter_text_lines();
        assert_eq!(StreamExt::next(&mut lines).await.unwrap().unwrap(), "one");
        assert_eq!(lines.next().await.unwrap().unwrap(), "two");
        drop(lines);
        assert_eq!(response.text().await.unwrap(), "three", "what is left");

        let mut response = get().await.unwrap();
        let mut line = String::new();
        response.read_line(&mut line).await.unwrap();
        let mut rest = Vec::new();
        response.read_to_end(&mut rest).await.unwrap();
        assert_eq!((line.as_str(), rest.as_slice()), ("one\r\n", &b"two\nthree"[..]));
        assert_eq!(response.content().await.unwrap_err().kind(), ErrorKind::StreamConsumed);
    });
    assert_eq!(session.lock().idle_connections(), 1, "each was read to its end");
}

/// What the server has of a request with this body.
async fn sent(body: Upload) -> (String, String) {
    let (address, seen) = serve(|mut peer| {
        let head = peer.head().unwrap();
        let body = peer.body(&head);
        peer.answer("200 OK", "", "");
        (head, body)
    });
    let request = Request::put(format!("http://{address}/")).upload(body);
    assert_eq!(session().request(request).await.unwrap().status, 200);
    told(&seen)
}

#[test]
fn uploads_come_from_streams_readers_and_files() {
    let path = std::env::temp_dir().join(format!("sessio-smol-{}.txt", std::process::id()));
    std::fs::write(&path, "file").unwrap();
    block_on(async {
        let pieces = || ["ab", "", "cde"].map(io::Result::Ok);
        let slow = stream::iter(pieces()).then(|piece| async {
            async_io::Timer::after(Duration::from_millis(5)).await;
            piece
        });
        let reader = || Cursor::new("abcde");
        let mut moved = Cursor::new("abcde");
        moved.set_position(2);
        let rows = [
            ("stream", upload::stream(slow), "ab\ncde", "chunked"),
            ("iterator", upload::chunks(pieces()), "ab\ncde", "chunked"),
            ("repeatable", upload::repeatable(["ab", "cde"]), "ab\ncde", "chunked"),
            ("reader", upload::reader(reader()), "abcde", "chunked"),
            ("sized", upload::sized_reader(reader(), 5), "abcde", "content-length: 5"),
            ("seekable", upload::seekable(moved).await.unwrap(), "cde", "content-length: 3"),
            ("file", upload::file(&path).await.unwrap(), "file", "content-length: 4"),
        ];
        for (name, body, want, framing) in rows {
            let (head, body) = sent(body).await;
            assert!(head.to_lowercase().contains(framing), "{name}: {head}");
            assert_eq!(body, want, "{name}");
        }
    });
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn an_early_answer_ends_an_upload_whose_source_has_nothing_yet() {
    let (address, _) = serve(|mut peer| {
        peer.head();
        peer.answer("413 Content Too Large", "Connection: close\r\n", "");
    });
    let never = stream::pending::<io::Result<&'static str>>();
    let request = Request::put(format!("http://{address}/")).upload(upload::stream(never));
    let began = Instant::now();
    assert_eq!(block_on(session().request(request)).unwrap().status, 413);
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[test]
fn a_source_that_can_be_read_once_is_sent_once() {
    let session = session();
    let address = counting();
    block_on(async {
        let body = upload::stream(stream::iter(["x"].map(io::Result::Ok)));
        let request = Request::put(format!("http://{address}/")).upload(body);
        let prepared = session.prepare_request(request).unwrap();
        assert_eq!(session.send(prepared).await.unwrap().status, 200);
    });
    let (address, _) = serve(|mut peer| {
        let head = peer.head().unwrap();
        peer.body(&head);
        peer.answer("307 Temporary Redirect", "Location: /b\r\n", "");
    });
    let body = upload::reader(Cursor::new("x"));
    let request = Request::put(format!("http://{address}/")).upload(body);
    let error = block_on(session.request(request)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnrewindableBody);
}

#[test]
fn slow_silent_and_broken_peers_end_in_time_and_hold_up_nobody() {
    let (bad, _) = serve(|mut peer| {
        let head = peer.head().unwrap();
        let length = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
        match head.split(' ').nth(1).unwrap() {
            "/silent" => {}
            "/stuck" => peer.say(length),
            "/slow" => {
                peer.say(length);
                for _ in 0..100 {
                    peer.say("x");
                    std::thread::sleep(Duration::from_millis(20));
                }
            }
            _ => return,
        }
        std::thread::sleep(Duration::from_secs(2));
    });
    let good = counting();
    let session = session();
    let span = Some(Duration::from_millis(200));
    let read = Timeouts { read: span, ..Timeouts::NONE };
    let total = Timeouts { total: span, ..Timeouts::NONE };
    let rows = [
        ("/silent", read, ErrorKind::ReadTimeout),
        ("/stuck", read, ErrorKind::ReadTimeout),
        ("/slow", total, ErrorKind::TotalTimeout),
        ("/reset", read, ErrorKind::Connection),
    ];
    let executor = async_executor::LocalExecutor::new();
    let began = Instant::now();
    let tasks = rows.map(|(path, timeouts, want)| {
        let session = session.clone();
        executor.spawn(async move {
            let request = Request::get(format!("http://{bad}{path}")).timeout(timeouts);
            let error = session.request(request).await.unwrap_err();
            assert_eq!(error.kind(), want, "{path}");
        })
    });
    block_on(executor.run(async {
        for _ in 0..50 {
            session.get(format!("http://{good}/")).await.unwrap();
        }
        let others = began.elapsed();
        assert!(others < Duration::from_millis(200), "50 calls beside them took {others:?}");
        for task in tasks {
            task.await;
        }
    }));
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}
