//! The response cases of llhttp, h11 and httparse: accepted or refused as they say, or stricter for
//! a reason that stands here.
//!
//! They are read in place, from `shared/data/responses` beside the workspace; where that folder is
//! missing the tests say so and check nothing, which is a failure where `CI` is set.
#![cfg(feature = "json")]
#![expect(clippy::unwrap_used, reason = "a case that cannot be read fails the test")]

mod reader;

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use reader::{Message, Outcome, read_in_every_cut};
use serde_json::Value;
use sessio_core::policy::interim::Upgrade;
use sessio_core::policy::reuse::{self, Close, Reuse};
use sessio_core::wire::chunked::{Chunk, ChunkLimits, Decoder, Step};
use sessio_core::wire::head::{HeadLimits, Leniency, Progress, ResponseHead, Strictness};

const NOT_HTTP: &str = "versions other than HTTP/1.0 and HTTP/1.1 are refused";
const EMPTY_LINE: &str = "an empty line before the status line is for servers only (RFC 9112, 2.2)";
const CODING: &str = "the one transfer coding is chunked; nothing else was offered in TE";

/// Cases of llhttp that it accepts and we refuse.
const STRICTER_THAN_LLHTTP: [(&str, &str); 10] = [
    ("connection:494", EMPTY_LINE),
    ("connection:588", EMPTY_LINE),
    ("pipelining:6", EMPTY_LINE),
    ("sample:697", EMPTY_LINE),
    ("sample:42", NOT_HTTP),
    ("sample:62", NOT_HTTP),
    ("sample:647", NOT_HTTP),
    ("transfer-encoding:45", CODING),
    ("transfer-encoding:76", CODING),
    ("transfer-encoding:114", CODING),
];

/// Cases of llhttp that it refuses and we do not, by a rule of `response_rules.json`.
const OTHER_THAN_LLHTTP: [(&str, &str); 3] = [
    ("transfer-encoding:6", "chunk-size-trailing-space: up to 16 blanks behind a size are skipped"),
    ("transfer-encoding:250", "chunk-size-wraps-u32: an extension may be empty"),
    ("transfer-encoding:347", "chunk-extension: what is in an extension is skipped, not parsed"),
];

/// Cases of llhttp whose head does not end: it refuses the line, we the end of the stream.
const NO_END_OF_HEAD: [&str; 1] = ["invalid:214"];

/// The converted file runs two cases of llhttp together here, with the prose between them: the first
/// response is whole, and what is behind it is none.
const RUN_TOGETHER: &str = "sample:120";

/// Cases of httparse that it accepts, some with an option, and we refuse.
const STRICTER_THAN_HTTPARSE: [(&str, &str); 10] = [
    ("test_response_empty_lines_prefix_lf_only", EMPTY_LINE),
    (
        "test_allow_response_with_whitespace_between_header_name_and_colon",
        "no option for blanks before the colon",
    ),
    (
        "test_allow_response_with_multiple_space_delimiters",
        "no option for several spaces in the status line",
    ),
    ("test_ignore_header_line_with_whitespaces_after_header_name_in_response", NO_IGNORING),
    ("test_response_with_empty_header_name", NO_IGNORING),
    ("test_response_with_invalid_char_between_header_name_and_colon", NO_IGNORING),
    ("test_ignore_header_line_with_missing_colon_in_response", NO_IGNORING),
    ("test_response_header_with_missing_colon_with_folding", NO_IGNORING),
    ("test_header_with_invalid_char_in_value", NO_IGNORING),
    ("test_header_with_invalid_char_in_value_with_folding", NO_IGNORING),
];
const NO_IGNORING: &str = "no option to leave out malformed fields";

fn corpus(name: &str) -> Option<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/responses");
    match std::fs::read_to_string(folder.join(name)) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(error) => {
            let message = format!("not checked: {name} in {}: {error}", folder.display());
            assert!(std::env::var_os("CI").is_none(), "{message}");
            #[expect(clippy::print_stderr, reason = "says that nothing was checked")]
            {
                eprintln!("{message}");
            }
            None
        }
    }
}

fn bytes(row: &Value, key: &str) -> Vec<u8> {
    STANDARD.decode(row[key].as_str().unwrap()).unwrap()
}

fn pairs<'a>(fields: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| bytes.iter().map(|b| char::from(*b)).collect::<String>();
    fields.map(|(name, value)| (text(name), text(value))).collect()
}

fn wanted_pairs(rows: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let trimmed = |value: &Value| text(value).trim_matches([' ', '\t']).to_owned();
    rows.as_array().unwrap().iter().map(|row| (text(&row[0]), trimmed(&row[1]))).collect()
}

/// The messages in `bytes`, one after the other as long as the connection may go on, and whether
/// something in them, or behind the last one, is refused.
fn messages(id: &str, bytes: &[u8], method: &Method) -> (Vec<Message>, Option<Outcome>) {
    let (mut rest, mut found) = (bytes.to_vec(), Vec::new());
    loop {
        if !found.is_empty() && rest.is_empty() {
            return (found, None);
        }
        let outcome = read_in_every_cut(id, &rest, method, Upgrade::Asked, Strictness::Strict);
        match outcome {
            Outcome::Accept(message) => {
                rest = message.surplus.clone();
                let goes_on = matches!(message.reuse, Reuse::Keep | Reuse::Close(Close::Surplus))
                    && !reuse::options(message.head.fields_named("connection")).close;
                found.push(*message);
                if !goes_on && !rest.is_empty() {
                    return (found, Some(Outcome::Reject("data after the last message".into())));
                }
            }
            other => return (found, Some(other)),
        }
    }
}

/// What differs from a case of llhttp, if anything.
fn llhttp_fault(row: &Value) -> Option<String> {
    let id = row["id"].as_str().unwrap();
    let method = if row["skip_body"].is_null() { Method::GET } else { Method::HEAD };
    let (found, last) = messages(id, &bytes(row, "b64"), &method);
    let is_refused = match &last {
        Some(Outcome::Reject(why)) => why != "ended in the head" || NO_END_OF_HEAD.contains(&id),
        _ => false,
    };
    if id == RUN_TOGETHER {
        assert_eq!((found.len(), found[0].body.len()), (1, 219), "{id}");
        assert_eq!(found[0].reuse, Reuse::Close(Close::Surplus), "{id}");
        return None;
    }
    let accept = row["accept"].as_bool().unwrap();
    if accept == is_refused {
        return Some(format!("accept is {accept}: {found:?} {last:?}"));
    }
    let whole = row["messages"].as_array().unwrap().iter();
    let whole = whole.filter(|m| m["status"].as_u64().is_some_and(|status| status / 100 != 1));
    for (want, got) in whole.zip(&found) {
        if want["status"].as_u64() != Some(got.head.status().as_u16().into()) {
            return Some(format!("status {}", got.head.status()));
        }
        if accept && bytes(want, "body_b64") != got.body {
            return Some(format!("body {:?}", got.body));
        }
        if accept && wanted_pairs(&want["headers"]) != pairs(got.head.iter()) {
            return Some(format!("headers {:?}", got.head));
        }
    }
    None
}

#[test]
fn strict_cases_of_llhttp_are_accepted_or_refused_as_there() {
    let Some(corpus) = corpus("llhttp.json") else { return };
    let rows = corpus["cases"].as_array().unwrap().iter().filter(|row| row["mode"] == "strict");
    let (mut count, mut faults) = (0, Vec::new());
    for row in rows {
        count += 1;
        let id = row["id"].as_str().unwrap();
        let mut listed = STRICTER_THAN_LLHTTP.iter().chain(&OTHER_THAN_LLHTTP);
        let is_listed = listed.any(|(listed, _)| *listed == id);
        let fault = llhttp_fault(row);
        if fault.is_some() != is_listed {
            faults.push(format!("{id} {}: {fault:?}", row["name"]));
        }
    }
    assert_eq!(count, 75);
    assert!(faults.is_empty(), "{} of 75:\n{}", faults.len(), faults.join("\n"));
}

/// Two pieces at every place, and one piece for each byte.
fn cuts(bytes: &[u8]) -> impl Iterator<Item = Vec<&[u8]>> {
    let halves = (0..=bytes.len()).map(|cut| {
        let (first, second) = bytes.split_at(cut);
        vec![first, second]
    });
    halves.chain([bytes.chunks(1).collect()])
}

/// What a chunked body decodes to: its data, trailers, and whether it has ended.
type Decoded = Result<(Vec<u8>, Vec<(String, String)>, bool), String>;

fn decode(pieces: &[&[u8]]) -> Decoded {
    let (mut decoder, limits, mut data) = (Decoder::new(), ChunkLimits::default(), Vec::new());
    for mut rest in pieces.iter().copied() {
        while let Step::Data { skip, length, .. } =
            decoder.step(rest, &limits).map_err(|e| e.to_string())?
        {
            data.extend_from_slice(&rest[skip..skip + length]);
            rest = &rest[skip + length..];
        }
    }
    Ok((data, pairs(decoder.trailers().iter()), decoder.is_ended()))
}

fn h11_fault(row: &Value) -> Option<String> {
    let (input, accept) = (bytes(row, "b64"), row["accept"].as_bool().unwrap());
    let reader = row["reader"].as_str().unwrap();
    if reader == "ChunkedReader" {
        let got = decode(&[&input]);
        for pieces in cuts(&input) {
            assert_eq!(decode(&pieces), got, "{pieces:?}: {row}");
        }
        let want = accept.then(|| {
            let is_whole = row["complete"].as_bool().unwrap();
            (bytes(row, "body_b64"), wanted_pairs(&row["trailers"]), is_whole)
        });
        // A body that is refused at its end only is refused as incomplete.
        let got = got.ok().filter(|(_, _, is_whole)| accept || *is_whole);
        return (got != want).then(|| format!("{got:?}"));
    }
    // Readers of bodies get a head before them, those of requests another first line.
    let input = match reader {
        "response-head" => input,
        "request-head" => {
            let line = input.iter().position(|b| *b == b'\n').unwrap();
            if input[..line].ends_with(b" HTTP/1.1\r") {
                [b"HTTP/1.1 200 OK\r", &input[line..]].concat()
            } else {
                input
            }
        }
        "Http10Reader" => [b"HTTP/1.0 200 OK\r\n\r\n", &input[..]].concat(),
        other => {
            let length = other.trim_matches(|c: char| !c.is_ascii_digit());
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
            [head.as_bytes(), &input].concat()
        }
    };
    let strictness = Strictness::Default;
    let id = row["line"].to_string();
    let outcome = read_in_every_cut(&id, &input, &Method::GET, Upgrade::Asked, strictness);
    let Outcome::Accept(message) = &outcome else {
        return accept.then(|| format!("{outcome:?}"));
    };
    if !accept {
        return Some(format!("{outcome:?}"));
    }
    let is_same = match reader {
        "response-head" => {
            let as_sent = pairs(message.head.iter());
            let version = message.head.version().to_string();
            row["status_code"].as_u64() == Some(message.head.status().as_u16().into())
                && row["reason"].as_str().map(str::as_bytes) == Some(message.head.reason())
                && version.strip_prefix("HTTP/") == row["http_version"].as_str()
                && wanted_pairs(&row["headers"]) == as_sent
        }
        _ => bytes(row, "body_b64") == message.body,
    };
    (!is_same).then(|| format!("{message:?}"))
}

#[test]
fn cases_of_h11_give_what_they_give_there() {
    let Some(corpus) = corpus("h11.json") else { return };
    let rows = corpus["cases"].as_array().unwrap();
    assert_eq!(rows.len(), 33);
    let fault = |row| Some(format!("{row}: {}", h11_fault(row)?));
    let faults: Vec<String> = rows.iter().filter_map(fault).collect();
    assert!(faults.is_empty(), "{} of 33:\n{}", faults.len(), faults.join("\n"));
}

fn is_folded(head: &ResponseHead) -> bool {
    head.leniencies().has(Leniency::ObsFold)
}

fn allows_folds(row: &Value) -> bool {
    row["option"].as_str().is_some_and(|option| option.contains("multiline"))
}

/// What becomes of a head that comes in pieces: it is read again from its start each time.
fn verdict(row: &Value, input: &[u8], pieces: &[&[u8]]) -> String {
    let (mut head, mut length) = (ResponseHead::new(), 0);
    for piece in pieces {
        length += piece.len();
        match head.parse(&input[..length], &HeadLimits::default(), Strictness::Default) {
            Ok(Progress::Complete { .. }) if is_folded(&head) && !allows_folds(row) => {
                return "reject: recorded as a leniency".to_owned();
            }
            Ok(Progress::Complete { .. }) => return "accept".to_owned(),
            Ok(Progress::Partial) => {}
            Err(error) => return format!("reject: {error}"),
        }
    }
    "partial".to_owned()
}

#[test]
fn cases_of_httparse_are_accepted_or_refused_as_there() {
    let Some(corpus) = corpus("httparse.json") else { return };
    let rows = corpus["cases"].as_array().unwrap();
    assert_eq!(rows.len(), 51);
    let mut faults = Vec::new();
    for row in rows {
        let (id, input) = (row["id"].as_str().unwrap(), bytes(row, "b64"));
        let got = verdict(row, &input, &[&input]);
        for pieces in cuts(&input) {
            assert_eq!(verdict(row, &input, &pieces), got, "{id}: {pieces:?}");
        }
        let is_same = got.starts_with(row["verdict"].as_str().unwrap());
        let is_listed = row["verdict"] == "accept"
            && STRICTER_THAN_HTTPARSE.iter().any(|(listed, _)| *listed == id);
        if is_same == is_listed {
            faults.push(format!("{id} ({}): {got}, not {}", row["option"], row["verdict"]));
        }
    }
    assert!(faults.is_empty(), "{} of 51:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn chunk_sizes_of_httparse_are_read_as_there() {
    let Some(corpus) = corpus("httparse.json") else { return };
    let rows = corpus["chunk_sizes"].as_array().unwrap();
    assert_eq!(rows.len(), 14);
    for row in rows {
        let input = bytes(row, "b64");
        let (mut decoder, limits) = (Decoder::new(), ChunkLimits::default());
        let used = row["used"].as_u64().map_or(input.len(), |used| used as usize);
        let step = decoder.step(&input[..used], &limits);
        for pieces in cuts(&input[..used]) {
            let mut decoder = Decoder::new();
            let is_refused = pieces.iter().any(|piece| decoder.step(piece, &limits).is_err());
            assert_eq!(is_refused, step.is_err(), "{pieces:?}: {row}");
        }
        match row["verdict"].as_str().unwrap() {
            "reject" => assert!(step.is_err(), "{row}"),
            _ => assert_eq!(step, Ok(Step::NeedMore { used }), "{row}"),
        }
        let Some(size) = row["size"].as_u64().filter(|size| *size > 0) else { continue };
        let most = usize::try_from(size).unwrap_or(usize::MAX).min(200_000);
        let chunk = if most as u64 == size { Chunk::Ends } else { Chunk::Continues };
        let step = decoder.step(&vec![b'x'; most], &limits);
        assert_eq!(step, Ok(Step::Data { skip: 0, length: most, chunk }), "{row}");
    }
}
