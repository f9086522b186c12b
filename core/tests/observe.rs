//! What observers make of a call: the drawing as it is to look, the archive by the fields that
//! HAR 1.2 requires, and no secret in either unless it was asked for.

#![cfg(feature = "json")]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod acted;

use std::sync::Arc;

use acted::{LOGIN, act};
use http::Version;
use serde_json::Value;
use sessio_core::exchange::Ask;
use sessio_core::io::IoError;
use sessio_core::observe::{Har, Ladder, Phases, Timings};
use sessio_core::policy::redirect::{NextBody, NextMethod, Stop};
use sessio_core::settings::TimeoutKind;
use sessio_core::trace::{Event, Expecting, Head, Recording, What};
use sessio_core::{Instant, Now, Output, Request, Session, WallTime};

const NOW: Now =
    Now { mono: Instant::from_nanos(0), wall: WallTime::from_unix_seconds(1_700_000_000) };

fn ladder(events: &[Event]) -> String {
    let mut ladder = Ladder::new();
    events.iter().for_each(|event| ladder.add(event));
    ladder.to_string()
}

fn har(events: &[Event]) -> Value {
    let mut har = Har::new(NOW);
    events.iter().for_each(|event| har.add(event));
    serde_json::from_str(&har.to_string()).unwrap()
}

const DRAWN: &str = include_str!("data/ladder.txt");

#[test]
fn a_redirect_with_cookies_is_drawn_as_it_went() {
    let drawn = ladder(&act(Recording::On, &LOGIN));
    assert_eq!(drawn, DRAWN, "\n{drawn}");
}

#[test]
fn a_proxy_has_a_line_of_its_own_and_what_it_does_alone_is_dashed() {
    let head = |first: &str| {
        Box::new(Head { first: first.into(), version: Version::HTTP_11, fields: Vec::new() })
    };
    let hop = |url: &str, way: &str| {
        let first = format!("GET {url}");
        [
            What::Request { method: http::Method::GET, url: url.into() },
            What::Proxy(way.into()),
            What::Sent(head(&first)),
            What::Received(head("200 OK")),
        ]
    };
    let hops = [
        hop("http://a.test/x", "http://***@proxy.test:3128 (environment http_proxy)"),
        hop("https://a.test/y", "http://***@proxy.test:3128 (environment http_proxy)"),
        hop("http://a.test/z", "none (no_proxy a.test)"),
        hop("http://a.test/", "socks5h://s.test:1080 (session)"),
    ];
    let event = |what| Event { call: 1, at: Instant::from_nanos(0), what };
    let drawn = ladder(&hops.into_iter().flatten().map(event).collect::<Vec<_>>());
    assert_eq!(drawn, include_str!("data/ladder_proxy.txt"), "\n{drawn}");
}

#[test]
fn a_tunnel_is_asked_for_at_the_proxy_and_its_time_is_apart() {
    let head = |first: &str| {
        Box::new(Head { first: first.into(), version: Version::HTTP_11, fields: Vec::new() })
    };
    let route = "https://a.test:443 by proxy http://***@proxy.test:3128";
    let rows = [
        (0, What::Request { method: http::Method::GET, url: "https://a.test/x".into() }),
        (0, What::Proxy("http://***@proxy.test:3128 (session)".into())),
        (2, What::Open(route.into())),
        (5, What::Connected(route.into())),
        (5, What::Tunnel(route.into())),
        (20, What::Secured(route.into())),
        (21, What::Sent(head("GET https://a.test/x"))),
        (31, What::Received(head("200 OK"))),
        (71, What::Body(9)),
        (72, What::Finished),
    ];
    let at = |millis: u64| Instant::from_nanos(millis * 1_000_000);
    let events = rows.map(|(millis, what)| Event { call: 1, at: at(millis), what });
    let drawn = ladder(&events);
    assert_eq!(drawn, include_str!("data/ladder_tunnel.txt"), "\n{drawn}");
    let timings = &har(&events)["log"]["entries"][0]["timings"];
    let spans = ["blocked", "connect", "ssl", "wait", "receive"].map(|name| &timings[name]);
    assert_eq!(spans.map(|span| span.as_f64().unwrap()), [3.0, 18.0, 15.0, 10.0, 40.0]);
    let mut measured = Timings::new();
    let over: Vec<_> = events.iter().filter_map(|event| measured.add(event)).collect();
    assert_eq!(
        over.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["GET https://a.test/x: waiting 3.0, connecting 3.0, securing 15.0, answering 10.0, \
          receiving 40.0 ms\ntotal 72.0 ms"]
    );
}

#[test]
fn the_phases_of_a_hop_are_all_of_its_time() {
    let mut timings = Timings::new();
    let events = act(Recording::On, &LOGIN);
    let mut over: Vec<_> = events.iter().filter_map(|event| timings.add(event)).collect();
    let timed = over.pop().unwrap();
    assert!(over.is_empty() && timed.hops.len() == 2, "{timed:?}");
    let ms = std::time::Duration::from_millis;
    let want = Phases {
        waiting: ms(0),
        connecting: Some(ms(30)),
        securing: None,
        answering: ms(20),
        receiving: ms(0),
    };
    assert_eq!(timed.hops[0].phases, want);
    assert_eq!(timed.hops[0].phases.total(), ms(50));
    assert_eq!(timed.total, ms(120));
}

#[test]
fn an_archive_has_every_field_that_is_required() {
    let har = har(&act(Recording::On, &LOGIN));
    let log = &har["log"];
    assert_eq!(log["version"], "1.2");
    assert!(log["creator"]["name"].is_string() && log["creator"]["version"].is_string());
    let entries = log["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2);
    let required = [
        ("", &["startedDateTime", "time", "request", "response", "cache", "timings"][..]),
        ("request", &["method", "url", "httpVersion", "cookies", "headers", "queryString"]),
        ("request", &["headersSize", "bodySize"]),
        ("response", &["status", "statusText", "httpVersion", "cookies", "headers", "content"]),
        ("response", &["redirectURL", "headersSize", "bodySize"]),
        ("timings", &["send", "wait", "receive"]),
    ];
    for entry in entries {
        for (part, names) in required {
            let part = if part.is_empty() { entry } else { &entry[part] };
            for name in names {
                assert!(!part[name].is_null(), "{name} in {part}");
            }
        }
        for name in ["size", "mimeType"] {
            assert!(!entry["response"]["content"][name].is_null(), "{name} in {entry}");
        }
        let lists =
            ["cookies", "headers"].map(|list| [&entry["request"][list], &entry["response"][list]]);
        for item in lists.iter().flatten().flat_map(|list| list.as_array().unwrap()) {
            assert!(item["name"].is_string() && item["value"].is_string(), "{item}");
        }
        let phases = entry["timings"].as_object().unwrap().values();
        let sum: f64 = phases.map(|span| span.as_f64().unwrap().max(0.0)).sum();
        assert!((sum - entry["time"].as_f64().unwrap()).abs() < 1e-6, "{entry}");
    }
}

#[test]
fn an_archive_says_what_was_asked_and_answered() {
    let har = har(&act(Recording::On, &LOGIN));
    let [first, second] = [0, 1].map(|place| &har["log"]["entries"][place]);
    assert_eq!(first["startedDateTime"], "2023-11-14T22:13:20.000Z");
    assert_eq!(first["request"]["method"], "GET");
    assert_eq!(first["request"]["cookies"][0]["name"], "theme");
    assert_eq!(first["response"]["status"], 302);
    assert_eq!(first["response"]["statusText"], "Found");
    assert_eq!(first["response"]["redirectURL"], "http://***@b.test/home?q=a%20b");
    assert_eq!(first["response"]["cookies"][0]["name"], "sid");
    assert_eq!(first["response"]["cookies"][0]["comment"], "stored");
    assert_eq!(second["request"]["queryString"][0]["value"], "a b");
    assert_eq!(second["response"]["content"]["size"], 5);
    assert_eq!(second["response"]["content"]["mimeType"], "text/plain");
    assert_eq!(second["response"]["redirectURL"], "");
    let decisions = first["_decisions"].as_array().unwrap();
    let refused = "cookie bad: refused: domain does not cover the host";
    assert!(decisions.iter().any(|decision| decision == refused), "{decisions:?}");
}

#[test]
fn no_secret_is_told_unless_it_was_asked_for() {
    let markers = ["MARK-userinfo", "MARK-location", "MARK-cookie", "MARK-set", "MARK-proxy"];
    let hidden = act(Recording::On, &LOGIN);
    let told = format!("{}{}{hidden:?}", ladder(&hidden), har(&hidden));
    assert!(!told.contains("MARK"), "{told}");
    assert!(!told.contains("bWU6TUFSSy1"), "the password in Base64: {told}");
    let shown = har(&act(Recording::WithSecrets, &LOGIN));
    let text = shown.to_string();
    for marker in markers {
        assert!(text.contains(marker), "{marker} in {text}");
    }
    let [request, response] = ["request", "response"].map(|part| &shown["log"]["entries"][0][part]);
    assert_eq!(request["cookies"][0]["value"], "MARK-cookie");
    let set = &response["cookies"][0];
    assert_eq!((&set["value"], &set["httpOnly"]), (&"MARK-set".into(), &true.into()));
    assert!(act(Recording::Off, &LOGIN).is_empty());
}

#[test]
fn calls_that_run_at_once_are_told_apart() {
    let one = act(Recording::On, &LOGIN);
    let two = one.iter().map(|event| Event { call: 2, ..event.clone() });
    let both: Vec<Event> = one.iter().cloned().zip(two).flat_map(|(one, two)| [one, two]).collect();
    let alone = ladder(&one);
    assert_eq!(ladder(&both), format!("call 1\n{alone}call 2\n{alone}"));
    let entries = har(&both)["log"]["entries"].as_array().unwrap().len();
    assert_eq!(entries, 4);
}

#[test]
fn a_call_that_fails_is_an_entry_without_a_response() {
    let events = act(Recording::On, &["HTTP/1.1 nonsense\r\n\r\n"]);
    assert!(matches!(events.last().unwrap().what, What::Failed(_)), "{events:?}");
    let har = har(&events);
    let entry = &har["log"]["entries"][0];
    assert_eq!(
        (&entry["response"]["status"], har["log"]["entries"].as_array().unwrap().len()),
        (&0.into(), 1)
    );
    assert!(ladder(&events).contains("· failed: "), "{}", ladder(&events));
}

#[test]
fn every_kind_of_event_has_a_place_in_the_drawing_and_in_the_archive() {
    let head = |first: &str| {
        let fields = vec![("x-a".into(), "1".into())];
        Box::new(Head { first: first.into(), version: Version::HTTP_11, fields })
    };
    let whats = [
        What::Request { method: http::Method::GET, url: "http://a.test/".into() },
        What::Adapter("http://".into()),
        What::CookiesSent("a".into()),
        What::Netrc("a.test".into()),
        What::Reused("http://a.test:80".into()),
        What::Spoiled("http://a.test:80".into()),
        What::Proxy("none".into()),
        What::Tunnel("https://a.test:443".into()),
        What::Secured("https://a.test:443".into()),
        What::Open("http://a.test:80".into()),
        What::NotConnected("a.test".into(), IoError::Refused),
        What::Connected("http://a.test:80".into()),
        What::Again,
        What::Sent(head("GET http://a.test/")),
        What::Interim(head("103")),
        What::Expect(Expecting::Held),
        What::Received(head("302 Found")),
        What::Body(7),
        What::Kept,
        What::Cookie { name: "c".into(), verdict: "stored".into() },
        What::Redirect {
            status: 302,
            to: "http://b.test/".into(),
            method: NextMethod::Keep,
            body: NextBody::Keep,
        },
        What::PartHeaderDropped("x".into()),
        What::Answer(Stop::Status),
        What::UnknownCoding("x".into()),
        What::Answered("r".into()),
        What::Unanswered(sessio_core::policy::digest::Unusable::NoDigest),
        What::Resend,
        What::Timeout(TimeoutKind::Read),
        What::Finished,
        What::Failed("why".into()),
    ];
    let (mut drawn, mut kept) = (Ladder::new(), Har::new(NOW));
    for (number, what) in (1..).zip(whats) {
        let (before, archived) = (drawn.to_string(), kept.to_string());
        let event = Event { call: 1, at: Instant::from_nanos(number * 1_000_000), what };
        drawn.add(&event);
        kept.add(&event);
        assert!(drawn.to_string().len() > before.len(), "{event:?}");
        assert_ne!(kept.to_string(), archived, "{event:?}");
    }
}

#[test]
fn a_call_that_waits_for_a_place_says_its_request_once() {
    let mut session: Session<()> = Session::new(1);
    session.trace = Recording::On;
    session.limit_connections(Some(1), None);
    let [first, mut second] = [(); 2].map(|()| {
        let prepared = session.prepare_request(Request::get("http://a.test/"), NOW).unwrap();
        let plan = session.plan(&prepared.options, Ask::Nobody, Ask::Nobody);
        session.start(Arc::new(prepared.request), plan, NOW).unwrap()
    });
    let mut told = second.take_events();
    for _ in 0..3 {
        assert!(matches!(second.poll(), Output::Full));
        second.consult(&mut session, NOW);
        told.extend(second.take_events());
    }
    drop(first);
    second.consult(&mut session, NOW);
    told.extend(second.take_events());
    let told: Vec<_> = told.iter().map(|event| event.what.to_string()).collect();
    let want = [
        "request: GET http://a.test/",
        "adapter: mounted under \"http://\"",
        "connection: opening to http://a.test:80",
    ];
    assert_eq!(told, want);
}
