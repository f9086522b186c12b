//! How a response is read, its framing and what it may cost: rows 116 to 138 of the catalogue.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::scene::{OK, Seen, get, moved, scene};

/// A call whose answer is these bytes, then silence if nothing is refused, and one more call.
fn answered(bytes: Value) -> Seen {
    scene()
        .server("http://a.test", [json!({"send": bytes}), json!({"send": OK})])
        .call(get("http://a.test/1", json!({"timeout": 5})))
        .get("http://a.test/2")
        .run()
}

/// That these bytes are refused at once and their connection is closed.
fn check_refused(bytes: impl Into<Value>) -> Seen {
    let bytes = bytes.into();
    let seen = answered(bytes.clone());
    let outcome = seen.outcome(0);
    assert!(outcome.parse::<u16>().is_err() && outcome != "ReadTimeout", "{bytes}: {outcome}");
    assert_eq!(seen.connections().last().map(String::as_str), Some("a.test#1"), "{bytes}");
    assert_eq!(seen.body(1), "ok", "{bytes}");
    seen
}

fn head(fields: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n")
}

fn chunked(body: &str) -> String {
    head("Transfer-Encoding: chunked") + body
}

/// Row 116: CVE-2015-5739 and CVE-2019-16276 Go, CVE-2022-32213 llhttp.
#[test]
fn s116_no_blank_stands_before_a_colon() {
    for fields in
        ["Content-Length : 2", "Content-Length\t: 2", "Transfer-Encoding : chunked", "X : y"]
    {
        check_refused(head(fields) + "ok");
    }
}

/// Row 117: CVE-2022-1705 Go, RUSTSEC-2021-0020 hyper and RUSTSEC-2020-0031 tiny_http.
#[test]
fn s117_chunked_is_a_whole_word_and_stands_once() {
    let codings = [
        "\u{b}chunked",
        "xchunked",
        "chunked, chunked",
        "chunked\r\nTransfer-Encoding: chunked",
        "identity",
        "chunked, identity",
        "gzip, chunked",
        "\"chunked\"",
        "chunked;q=1",
        ",chunked x",
    ];
    for coding in codings {
        check_refused(head(&format!("Transfer-Encoding: {coding}")) + "2\r\nok\r\n0\r\n\r\n");
    }
}

/// Row 118: RUSTSEC-2021-0078 hyper.
#[test]
fn s118_a_length_is_digits() {
    for length in [
        "+2",
        "-2",
        "0x2",
        "2.0",
        "2 2",
        "2e0",
        "",
        "0_2",
        "\u{b2}",
        "2, 3",
        "18446744073709551616",
    ] {
        check_refused(head(&format!("Content-Length: {length}")) + "ok");
    }
}

/// Row 119: RUSTSEC-2021-0079 hyper and RUSTSEC-2020-0093 async-h1.
#[test]
fn s119_no_chunk_size_overflows() {
    for size in
        ["f0000000000000003", "10000000000000002", "00000000000000002", "ffffffffffffffffff"]
    {
        check_refused(chunked(&format!("{size}\r\nok\r\n0\r\n\r\n")));
    }
}

/// Row 120: CVE-2025-22871 Go.
#[test]
fn s120_no_bare_line_feed_ends_a_line_among_chunks() {
    for body in
        ["2\nok\r\n0\r\n\r\n", "2;x\nok\r\n0\r\n\r\n", "2\r\nok\n0\r\n\r\n", "2\r\nok\r\n0\n\r\n"]
    {
        check_refused(chunked(body));
    }
}

/// Row 121: CVE-2025-43859 h11.
#[test]
fn s121_both_bytes_behind_a_chunk_are_looked_at() {
    for body in
        ["3\r\nxxx__1a\r\n", "2\r\nok\rx0\r\n\r\n", "2\r\nokx\n0\r\n\r\n", "2\r\nok0\r\n\r\n\r\n"]
    {
        check_refused(chunked(body));
    }
}

/// Row 122: CVE-2025-53643 aiohttp.
#[test]
fn s122_trailers_are_read_as_fields_and_kept_apart() {
    for trailer in ["bad", "A : b", ": b", " a: b", "a\u{0}: b", "a: b\rc"] {
        check_refused(chunked(&format!("2\r\nok\r\n0\r\n{trailer}\r\n\r\n")));
    }
    let good = "2\r\nok\r\n0\r\nContent-Length: 9\r\nSet-Cookie: k=v\r\nLocation: /x\r\n\r\n";
    let seen = answered(chunked(good).into());
    assert_eq!((seen.body(0), seen.body(1)), ("ok", "ok"));
    assert_eq!(seen.connections(), ["a.test#0", "a.test#0"]);
    assert_eq!(seen.observed["session_cookies"], json!([]));
    assert!(!seen.observed["calls"][0]["headers"].to_string().contains("location"));
}

/// Row 123: CVE-2023-39326 Go and RUSTSEC-2026-0181 vibeio-http.
#[test]
fn s123_extensions_of_all_chunks_share_one_bound() {
    let chunk = format!("1;{}\r\nx\r\n", "a".repeat(600));
    let body = |count: usize| chunked(&(chunk.repeat(count) + "0\r\n\r\n"));
    check_refused(body(60));
    assert_eq!(answered(body(20).into()).body(0), "x".repeat(20));
}

/// Row 125: RUSTSEC-2022-0022 hyper.
#[test]
fn s125_nothing_here_can_read_what_was_never_written() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let workspace = std::fs::read_to_string(format!("{root}/Cargo.toml")).expect("a workspace");
    assert!(workspace.lines().any(|line| line.replace(' ', "") == "unsafe_code=\"forbid\""));
    for member in ["core", "core/runtime", "runtime-std", "runtime-smol", "runtime-mio"] {
        let package = std::fs::read_to_string(format!("{root}/{member}/Cargo.toml")).expect(member);
        assert!(package.contains("[lints]\nworkspace = true"), "{member}");
    }
}

/// Row 126: CVE-2023-38039 curl and CVE-2013-1752 Python.
#[test]
fn s126_a_head_has_an_end() {
    let lines = |count: usize, length: usize| {
        let field = format!("A: {}\r\n", "x".repeat(length));
        json!({"parts": ["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", {"repeat": [field, count]}, "\r\nok"]})
    };
    assert_eq!(answered(lines(127, 400)).body(0), "ok");
    for (count, length) in [(128, 1), (100, 700), (1, 70_000), (10_000, 10)] {
        check_refused(lines(count, length));
    }
}

/// Row 127: CVE-2021-3737 Python.
#[test]
fn s127_sixteen_interim_responses_are_enough() {
    let interim = |count: usize| "HTTP/1.1 100 Continue\r\n\r\n".repeat(count) + OK;
    assert_eq!(answered(interim(16).into()).body(0), "ok");
    for count in [17, 1_000] {
        check_refused(interim(count));
    }
}

/// The fields of its length, and ten megabytes of zeros in ten kilobytes.
fn bomb() -> Value {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, &vec![0_u8; 10_000_000]).expect("memory");
    let packed = encoder.finish().expect("memory");
    assert!(packed.len() < 11_000, "{}", packed.len());
    let latin: String = packed.iter().map(|byte| char::from(*byte)).collect();
    json!({"parts": [format!("Content-Length: {}\r\n\r\n", packed.len()), latin]})
}

/// Row 129: CVE-2022-32206 and CVE-2023-23916 curl, CVE-2025-66418 urllib3, CVE-2026-22036 undici.
#[test]
fn s129_two_codings_are_enough() {
    let lists = [
        "gzip, gzip, gzip".to_owned(),
        vec!["gzip"; 1_000].join(", "),
        "gzip\r\nContent-Encoding: gzip\r\nContent-Encoding: deflate".to_owned(),
    ];
    for list in lists {
        let seen = answered(
            (head(&format!("Content-Encoding: {list}\r\nContent-Length: 2")) + "ok").into(),
        );
        assert_eq!(seen.outcome(0), "ContentDecodingError", "{list}");
    }
}

/// Rows 130 and 133: CVE-2025-66471, CVE-2026-21441 and GHSA-mf9v-mfxr-j63j urllib3; axios.
#[test]
fn s130_s133_only_what_is_asked_for_is_decoded_and_the_ratio_is_bounded() {
    // Behind a redirect: the packed bytes are read and thrown away.
    let redirect = "HTTP/1.1 302 F\r\nLocation: /2\r\nContent-Encoding: gzip\r\n";
    let send = json!({"send": {"parts": [redirect, bomb()]}});
    let seen =
        scene().server("http://a.test", [send, json!({"send": OK})]).get("http://a.test/1").run();
    assert_eq!((seen.outcome(0).as_str(), seen.body(0)), ("200", "ok"));
    // Streamed or not, the bound is below: ten megabytes never come out of ten kilobytes.
    let start = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n";
    for arguments in [Value::Null, json!({"stream": true, "read": [{"iter_content": 65_536}]})] {
        let seen = scene()
            .server("http://a.test", [json!({"send": {"parts": [start, bomb()]}})])
            .call(get("http://a.test/1", arguments))
            .run();
        let shown = seen.observed["calls"][0].to_string();
        assert!(shown.contains("ContentDecodingError"), "{}", &shown[..shown.len().min(300)]);
        assert!(shown.len() < 4_000_000, "{}", shown.len());
    }
    // Ten bytes of it are ten bytes.
    let read = json!({"stream": true, "read": [{"iter_content": 10, "max": 1}, {"close": true}]});
    let seen = scene()
        .server("http://a.test", [json!({"send": {"parts": [start, bomb()]}})])
        .call(get("http://a.test/1", read))
        .run();
    let chunks = &seen.observed["calls"][0]["reads"][0]["chunks"];
    assert_eq!(chunks.as_array().map(Vec::len), Some(1), "{chunks}");
}

/// Row 131: CVE-2020-7212 urllib3.
#[test]
fn s131_escaping_a_url_costs_no_more_than_its_length() {
    let time = |count: usize| {
        let url = format!("http://a.test/?{}", "é%zz ".repeat(count));
        let began = Instant::now();
        assert_eq!(scene().server("http://a.test", [OK]).get(&url).run().outcome(0), "200");
        began.elapsed()
    };
    let (few, many) = (time(500).max(Duration::from_millis(2)), time(5_000));
    assert!(many < few * 40, "{few:?} and {many:?}");
}

/// Row 132: CVE-2025-58754 axios.
#[test]
fn s132_there_is_http_and_https_and_nothing_else() {
    for url in
        ["data:text/plain,abc", "data:;base64,AAAA", "file:///etc/passwd", "blob:http://a.test/1"]
    {
        let seen = scene().get(url).run();
        assert_eq!(seen.outcome(0), "InvalidSchema", "{url}");
    }
    for url in ["data:text/plain,abc", "javascript:alert(1)"] {
        let seen = scene().server("http://a.test", [moved(302, url)]).get("http://a.test/").run();
        assert_eq!(seen.outcome(0), "InvalidSchema", "{url}");
    }
}

/// Row 134: CVE-2025-61724 Go.
#[test]
fn s134_joining_folded_lines_costs_no_more_than_their_length() {
    let time = |count: usize| {
        let folded = json!({"parts": ["HTTP/1.1 200 OK\r\nA: b\r\n", {"repeat": [" c\r\n", count]},
            "Content-Length: 2\r\n\r\nok"]});
        let began = Instant::now();
        assert_eq!(answered(folded).body(0), "ok");
        began.elapsed()
    };
    let (few, many) = (time(1_000).max(Duration::from_millis(2)), time(10_000));
    assert!(many < few * 40, "{few:?} and {many:?}");
}

/// Row 135: CVE-2026-42507 Go.
#[test]
fn s135_errors_hold_no_control_characters_of_the_peer() {
    let rows = [
        head("\u{1b}[31m: x"),
        head("A: \u{1b}[31m"),
        head("Content-Length: \u{1b}[31m"),
        head("Transfer-Encoding: \u{8}x"),
        "HTTP/1.1 \u{1b}[31m\r\n\r\n".to_owned(),
        chunked("\u{1b}[31m\r\n"),
        moved(302, "http://\u{7}a b/"),
        moved(302, "x\u{1b}[31m://b/"),
    ];
    for row in rows {
        let seen =
            scene().server("http://a.test", [row.clone()]).get("http://u:secret@a.test/").run();
        let message = seen.message(0);
        assert!(!message.is_empty(), "{row:?}");
        assert!(!message.chars().any(char::is_control), "{row:?}: {message:?}");
        assert!(!message.contains("secret"), "{row:?}: {message}");
    }
}

/// Row 137: urllib3 2.6.3.
#[test]
fn s137_no_server_puts_the_client_to_sleep_for_days() {
    for after in ["99999999", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let busy =
            format!("HTTP/1.1 503 Busy\r\nRetry-After: {after}\r\nContent-Length: 0\r\n\r\n");
        let retries = json!({"total": 2, "status_forcelist": [503]});
        let seen = scene()
            .session("mounts", json!([{"prefix": "http://", "adapter": {"max_retries": retries}}]))
            .server("http://a.test", [busy, OK.to_owned()])
            .get("http://a.test/")
            .run();
        let sleeps = seen.observed["sleeps"].as_array().cloned().unwrap_or_default();
        assert!(
            sleeps.iter().all(|s| s.as_f64().is_some_and(|s| s <= 21_600.0)),
            "{after}: {sleeps:?}"
        );
    }
}

/// Row 138: follow-redirects, axios, curl.
#[test]
fn s138_a_circle_of_redirects_ends_after_thirty() {
    let replies = vec![moved(302, "/"); 40];
    let seen = scene().server("http://a.test", replies).get("http://a.test/").run();
    assert_eq!((seen.outcome(0).as_str(), seen.lines().len()), ("TooManyRedirects", 31));
}

/// Row 139: RUSTSEC-2024-0019 mio.
#[test]
fn s139_the_event_loop_is_not_one_that_mixes_tokens_up() {
    let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock");
    let lock = std::fs::read_to_string(lock).expect("a lock file");
    let version = lock.split_once("name = \"mio\"\nversion = \"").expect("mio").1;
    let numbers: Vec<u32> = version.split(['.', '"']).map_while(|n| n.parse().ok()).collect();
    assert!(numbers >= vec![0, 8, 11], "{numbers:?}");
}
