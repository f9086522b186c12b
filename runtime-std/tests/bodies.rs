//! Bodies in both directions: uploads, early answers, streamed responses.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::io::{self, BufRead, Read, Write};
use std::time::{Duration, Instant};

use common::{field, serve, session, told};
use sessio_std::{BoxError, ErrorKind, Request, upload};

/// A server that says what it was sent, as `length|body`.
fn echo() -> std::net::SocketAddr {
    serve(|mut peer| {
        while let Some(head) = peer.head() {
            let body = peer.body(&head);
            let length = field(&head, "content-length").unwrap_or("chunked");
            peer.answer("200 OK", "", &format!("{length}|{body}"));
        }
    })
    .0
}

#[test]
fn sources_are_sent_by_length_or_in_chunks() {
    let url = format!("http://{}/", echo());
    let path = std::env::temp_dir().join(format!("sessio-upload-{}", std::process::id()));
    std::fs::write(&path, "0123456789").unwrap();
    let mut half = std::fs::File::open(&path).unwrap();
    half.read_exact(&mut [0; 4]).unwrap();
    let rows = [
        (upload::file(&path).unwrap(), "10|0123456789"),
        (upload::seekable(half).unwrap(), "6|456789"),
        (upload::reader(io::Cursor::new("abc")), "chunked|abc"),
        (upload::sized_reader(io::Cursor::new("abc"), 3), "3|abc"),
        (upload::chunks([Ok("ab"), Ok(""), Ok("cd")]), "chunked|ab\ncd"),
        (upload::repeatable(vec![vec![b'x'], vec![b'y']]), "chunked|x\ny"),
        (upload::chunks(Vec::<io::Result<String>>::new()), "chunked|"),
    ];
    let session = session();
    for (upload, want) in rows {
        let request = Request::post(&*url).upload(upload);
        assert_eq!(session.request(request).unwrap().text().unwrap(), want);
    }
    let request = Request::post(&*url)
        .file_upload("f", upload::file(&path).unwrap(), |part| part.filename("name.txt"));
    let text = session.request(request).unwrap().text().unwrap();
    assert!(text.contains("name=\"f\"; filename=\"name.txt\"\r\n\r\n0123456789\r\n"), "{text}");
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_source_that_fails_or_lies_ends_the_call() {
    #[derive(Debug, PartialEq)]
    struct Mine(u32);
    impl std::fmt::Display for Mine {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "mine {}", self.0)
        }
    }
    impl std::error::Error for Mine {}

    let url = format!("http://{}/", echo());
    let session = session();
    let items = [Ok("ab"), Err(io::Error::other(Mine(7)))];
    let error = session.request(Request::post(&*url).upload(upload::chunks(items))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Upload);
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("mine 7"));
    let mine: BoxError = error.into_user().unwrap();
    let mine = mine.downcast::<io::Error>().unwrap().into_inner().unwrap();
    assert_eq!(mine.downcast_ref::<Mine>(), Some(&Mine(7)));
    for length in [2, 4] {
        let upload = upload::sized_reader(io::Cursor::new("abc"), length);
        let error = session.request(Request::post(&*url).upload(upload)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Upload, "{length}");
        assert!(error.into_user().is_err());
    }
}

#[test]
fn an_answer_before_the_end_of_the_upload_is_taken() {
    let (address, _) = serve(|mut peer| {
        peer.head().unwrap();
        peer.answer("413 Content Too Large", "", "no");
        // It reads nothing more, and keeps the connection open.
        std::thread::sleep(Duration::from_secs(3));
    });
    let url = format!("http://{address}/");
    let endless = io::repeat(b'x');
    let big = vec![b'x'; 64 << 20];
    let rows = [
        Request::post(&*url).upload(upload::reader(endless)),
        Request::post(&*url).upload(upload::seekable(io::Cursor::new(big.clone())).unwrap()),
        Request::post(&*url).body(big),
    ];
    let session = session();
    for request in rows {
        let begun = Instant::now();
        let mut response = session.request(request).unwrap();
        assert_eq!((response.status.as_u16(), response.text().unwrap()), (413, "no".into()));
        assert!(begun.elapsed() < Duration::from_secs(2));
    }
    assert_eq!(session.lock().idle_connections(), 0);
}

#[test]
fn a_body_that_was_read_goes_out_again_if_it_can() {
    let (address, _) = serve(|mut peer| {
        while let Some(head) = peer.head() {
            let body = peer.body(&head);
            match head.contains(" /0 ") {
                true => peer.answer("308 PR", "Location: /1\r\n", ""),
                false => peer.answer("200 OK", "", &body),
            }
        }
    });
    let url = format!("http://{address}/0");
    let session = session();
    let request = Request::put(&*url).upload(upload::repeatable(["a", "b"]));
    assert_eq!(session.request(request).unwrap().text().unwrap(), "a\nb");
    let request = Request::put(&*url).upload(upload::reader(io::Cursor::new("once")));
    let error = session.request(request).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnrewindableBody);
    assert_eq!(error.response().unwrap().status, 308);
}

/// A server of one body in two chunks, with a line end cut between them.
fn chunked() -> std::net::SocketAddr {
    serve(|mut peer| {
        while peer.head().is_some() {
            peer.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            peer.say("6\r\none\r\nt\r\n");
            std::thread::sleep(Duration::from_millis(20));
            peer.say("7\r\nwo\r\n\u{e9}.\r\n0\r\nX-T: 1\r\n\r\n");
        }
    })
    .0
}

#[test]
fn a_streamed_body_is_read_once_and_a_body_at_hand_again_and_again() {
    let url = format!("http://{}/", chunked());
    let session = session();
    let ask = |stream| session.request(Request::get(&*url).stream(stream)).unwrap();
    let items = |response: &mut sessio_std::Response, count| -> Vec<String> {
        let items = response.iter_content(count).map(|item| item.unwrap().to_vec());
        items.map(|item| String::from_utf8(item).unwrap()).collect()
    };
    let mut response = ask(true);
    assert_eq!(items(&mut response, 4), ["one\r", "\nt", "wo\r\n", "\u{e9}."]);
    assert_eq!(response.trailers.get_str("x-t"), Some("1"));
    assert_eq!(response.content().unwrap_err().kind(), ErrorKind::StreamConsumed);
    let mut again = response.iter_lines();
    assert_eq!(again.next().unwrap().unwrap_err().kind(), ErrorKind::StreamConsumed);
    assert!(again.next().is_none());

    let mut response = ask(false);
    for _ in 0..2 {
        assert_eq!(items(&mut response, 0), ["one\r\ntwo\r\n\u{e9}."]);
        assert_eq!(items(&mut response, 6), ["one\r\nt", "wo\r\n\u{e9}", "."]);
    }
    let lines: Vec<_> = ask(true).iter_lines().map(|line| line.unwrap()).collect();
    assert_eq!(lines, ["one", "two", "\u{e9}."]);
    let lines: Vec<_> = ask(true).iter_text_lines_by("t").map(|line| line.unwrap()).collect();
    assert_eq!(lines, ["one\r\n", "wo\r\n\u{e9}."]);
    let text: String = ask(true).iter_text(1).map(|text| text.unwrap()).collect();
    assert_eq!(text, "one\r\ntwo\r\n\u{e9}.");
    assert_eq!(ask(true).text().unwrap(), text);
    assert_eq!(ask(true).content().unwrap(), ask(false).content().unwrap());
    assert_eq!(io::read_to_string(&mut ask(true)).unwrap(), text);
    assert_eq!(io::read_to_string(&mut ask(false)).unwrap(), text);
    assert_eq!(session.lock().idle_connections(), 1);
}

#[test]
fn what_an_iterator_did_not_give_out_is_read_next() {
    let (address, _) = serve(|mut peer| {
        while peer.head().is_some() {
            peer.answer("200 OK", "", "0123456789\nab\n");
        }
    });
    let session = session();
    let request = || Request::get(format!("http://{address}/")).stream(true);
    let mut response = session.request(request()).unwrap();
    assert_eq!(response.iter_content(3).next().unwrap().unwrap(), "012");
    // The rest was not asked for, whether it has come or not.
    assert_eq!(session.lock().idle_connections(), 0);
    assert_eq!(response.iter_content(2).next().unwrap().unwrap(), "34");
    response.read_exact(&mut [0; 2]).unwrap();
    assert_eq!(response.iter_lines().next().unwrap().unwrap(), "789");
    // The end of a line was looked for in all of it, and the connection is free.
    assert_eq!(session.lock().idle_connections(), 1);
    assert_eq!(response.text().unwrap(), "ab\n");
    assert_eq!(response.text().unwrap(), "ab\n");

    let mut response = session.request(request()).unwrap();
    let mut line = String::new();
    assert_eq!(response.read_line(&mut line).unwrap(), 11);
    assert_eq!(response.iter_content(0).next().unwrap().unwrap(), "ab\n");
    for _ in 0..2 {
        assert_eq!(response.read(&mut [0]).unwrap(), 0);
    }
    assert_eq!(response.text().unwrap_err().kind(), ErrorKind::StreamConsumed);
}

#[test]
fn a_dropped_stream_closes_its_connection() {
    let (address, closed) = serve(|mut peer| {
        peer.head();
        peer.say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
        peer.sees_close()
    });
    let session = session();
    let request = || Request::get(format!("http://{address}/")).stream(true);
    drop(session.request(request()).unwrap());
    assert!(told(&closed));
    let mut response = session.request(request()).unwrap();
    assert_eq!(response.iter_content(4).next().unwrap().unwrap(), "some");
    response.close();
    assert!(told(&closed));
    assert_eq!(response.read(&mut [0]).unwrap(), 0);
    assert_eq!(response.text().unwrap(), "");
    assert_eq!(session.lock().idle_connections(), 0);
}

#[test]
fn a_body_given_up_half_way_closes_its_connection_even_if_all_has_arrived() {
    // Lines are looked for in 512 bytes at a time.
    let body = format!("0123\n{}", "x".repeat(512));
    let (address, closed) = serve(move |mut peer| {
        peer.head();
        peer.answer("200 OK", "", &body);
        peer.sees_close()
    });
    let session = session();
    let ask = || session.request(Request::get(format!("http://{address}/")).stream(true)).unwrap();
    let mut response = ask();
    assert_eq!(response.iter_content(4).next().unwrap().unwrap(), "0123");
    response.close();
    assert!(told(&closed));
    let mut response = ask();
    assert_eq!(response.iter_lines().next().unwrap().unwrap(), "0123");
    response.close();
    assert!(told(&closed));
    assert_eq!(session.lock().idle_connections(), 0);
}

#[test]
fn what_came_of_a_body_that_broke_off_is_in_the_error() {
    let (address, _) = serve(|mut peer| {
        peer.head();
        peer.say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
    });
    let session = session();
    for stream in [false, true] {
        let request = Request::get(format!("http://{address}/")).stream(stream);
        let error = session.request(request).and_then(|mut r| r.content()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ChunkedEncoding, "{stream}");
        assert_eq!(error.into_response().unwrap().bytes(), b"some", "{stream}");
    }
    let mut response =
        session.request(Request::get(format!("http://{address}/")).stream(true)).unwrap();
    let items: Vec<_> = response.iter_content(3).map(|i| i.map_err(|e| e.kind())).collect();
    assert_eq!(items, [Ok("som".into()), Err(ErrorKind::ChunkedEncoding)]);
}

#[test]
fn coded_content_is_decoded_unless_it_is_read_raw() {
    let mut coder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    coder.write_all(b"[1, 2]").unwrap();
    let coded = coder.finish().unwrap();
    let body = coded.clone();
    let (address, _) = serve(move |mut peer| {
        while peer.head().is_some() {
            let length = body.len();
            peer.say(format!(
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {length}\r\n\r\n"
            ));
            peer.say(&body);
        }
    });
    let url = format!("http://{address}/");
    let session = session();
    assert_eq!(session.get(&*url).unwrap().json::<Vec<u8>>().unwrap(), [1, 2]);
    let error = session.get(&*url).unwrap().json::<String>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::JsonDecode);
    assert_eq!(error.into_response().unwrap().text(), "[1, 2]");
    let mut response = session.request(Request::get(&*url).stream(true)).unwrap();
    let mut raw = Vec::new();
    response.raw().unwrap().read_to_end(&mut raw).unwrap();
    assert_eq!(raw, coded);
    let mut response = session.request(Request::get(&*url).stream(true)).unwrap();
    response.read_exact(&mut [0]).unwrap();
    assert_eq!(response.raw().unwrap_err().kind(), ErrorKind::StreamConsumed);
}

#[test]
fn a_streamed_body_is_collected_up_to_the_limit() {
    let (address, _) = serve(|mut peer| {
        peer.head();
        peer.answer("200 OK", "", "0123456789");
    });
    let session = session();
    for (max, want) in [(10, Ok(10)), (9, Err(ErrorKind::Limit))] {
        session.lock().limits.body_bytes_max = max;
        for stream in [false, true] {
            let request = Request::get(format!("http://{address}/")).stream(stream);
            let got = session.request(request).and_then(|mut r| r.content());
            assert_eq!(got.map(|b| b.len()).map_err(|e| e.kind()), want, "{max} {stream}");
        }
    }
}
