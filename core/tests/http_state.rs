//! The cookie cases and dates of the http-state working group, under the verdicts of RFC 6265bis.
//!
//! They are read from `shared/data/http-state` beside the repository; without it there is nothing
//! to run, which is a failure where `CI` is set.

#![cfg(feature = "json")]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

mod reader;

use std::path::{Path, PathBuf};

use http::Method;
use reader::{Outcome, read_in_every_cut};
use serde_json::Value;
use sessio_core::WallTime;
use sessio_core::cookies::{Jar, parse_date};
use sessio_core::policy::interim::Upgrade;
use sessio_core::wire::head::Strictness;
use url::Url;

/// Cases with a verdict of our own, by id: none.
const OWN_VERDICTS: [(&str, Option<&str>); 0] = [];

fn data(file: &str) -> Option<Value> {
    let mut places = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(1);
    let place = |dir: &Path| -> PathBuf { dir.join("shared/data/http-state").join(file) };
    let Some(path) = places.by_ref().take(2).map(place).find(|path| path.exists()) else {
        let message = "shared/data/http-state is not beside the repository";
        assert!(std::env::var_os("CI").is_none(), "{message}");
        eprintln!("{message}: skipped");
        return None;
    };
    let text = std::fs::read_to_string(&path).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

/// Each character one byte.
fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

/// The lines as they come out of a response that has them, whatever pieces it comes in.
fn through_a_response(id: &str, lines: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n".to_vec();
    for line in lines {
        bytes.extend([b"Set-Cookie: ", &line[..], b"\r\n"].concat());
    }
    bytes.extend(b"\r\n");
    let (asked, strictness) = (Upgrade::NotAsked, Strictness::Strict);
    let outcome = read_in_every_cut(id, &bytes, &Method::GET, asked, strictness);
    let Outcome::Accept(message) = outcome else { panic!("{id}: {outcome:?}") };
    message.head.fields_named("set-cookie").map(<[u8]>::to_vec).collect()
}

#[test]
fn cookies_come_back_as_the_working_group_says() {
    let Some(data) = data("cookies.json") else { return };
    let now = WallTime::from_unix_seconds(data["now"].as_i64().unwrap());
    let (mut cases, mut failures) = (0, Vec::new());
    for case in data["cases"].as_array().unwrap() {
        if case["disabled_upstream"] == true {
            continue;
        }
        cases += 1;
        let id = case["id"].as_str().unwrap();
        let verdict = case.get("rfc6265bis").unwrap_or(&case["cookie"]).as_str();
        let own = OWN_VERDICTS.iter().find(|(own, _)| *own == id);
        let want = own.map_or(verdict, |(_, own)| *own).map(latin1);
        let from = Url::parse(case["set_from"].as_str().unwrap()).unwrap();
        let lines = case["set_cookie"].as_array().unwrap().iter();
        let lines: Vec<Vec<u8>> = lines.map(|line| latin1(line.as_str().unwrap())).collect();
        let lines = through_a_response(id, &lines);
        let mut jar = Jar::new();
        jar.extract(lines.iter().map(Vec::as_slice), &from, now);
        let to = Url::parse(case["request"].as_str().unwrap()).unwrap();
        let got = jar.header(&to, now).map(|line| line.value.as_bytes().to_vec());
        if got != want {
            let shown = |line: Option<Vec<u8>>| line.map(|line| line.escape_ascii().to_string());
            failures.push(format!("{id}: got {:?}, want {:?}", shown(got), shown(want)));
        }
    }
    assert!(failures.is_empty(), "{} of {cases}:\n{}", failures.len(), failures.join("\n"));
    assert_eq!(cases, 218);
}

#[test]
fn dates_mean_what_the_working_group_says() {
    let Some(data) = data("dates.json") else { return };
    let dates = data.as_array().unwrap();
    for date in dates {
        let text = date["text"].as_str().unwrap();
        let got = parse_date(&latin1(text)).ok().map(WallTime::unix_seconds);
        assert_eq!(got, date["unix"].as_i64(), "{text}");
    }
    assert_eq!(dates.len(), 70);
}
