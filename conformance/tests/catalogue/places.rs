//! URLs, hosts and the choice of a proxy: rows 80 to 93 of the catalogue.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sessio_core::policy::bypass::{Bypass, should_bypass_proxies};
use url::Url;

use crate::scene::{OK, get, scene, to};

/// Where a call to this URL goes, or the kind of its error.
fn goes(url: &str) -> String {
    let seen = scene()
        .server("http://good.test", [OK])
        .server("http://evil.test", [OK])
        .server("https://good.test", [OK])
        .get(url)
        .run();
    let dials = seen.observed["dials"].as_array().cloned().unwrap_or_default();
    assert!(dials.len() <= 1, "{url}: {dials:?}");
    match dials.first() {
        Some(dial) => dial[0].as_str().expect("a host").to_owned(),
        None => seen.outcome(0),
    }
}

/// Row 80: CVE-2016-8624 curl.
#[test]
fn s080_a_fragment_ends_the_host() {
    for url in [
        "http://good.test#@evil.test/",
        "http://good.test?@evil.test/",
        "http://good.test/@evil.test",
    ] {
        assert_eq!(goes(url), "good.test", "{url}");
    }
    // What a browser does with a backslash is done for the check and for the dial.
    assert_eq!(goes("http://good.test\\@evil.test/"), "good.test");
}

/// Row 81: CVE-2022-27780 curl.
#[test]
fn s081_no_delimiter_hides_in_a_host() {
    for escape in ["%2F", "%2f", "%5C", "%23", "%3F", "%40", "%3A", "%00", "%0d%0a", "%20"] {
        let url = format!("http://good.test{escape}10.0.0.1/");
        assert_eq!(goes(&url), "InvalidURL", "{url}");
    }
}

/// Row 82: CVE-2024-47081 requests.
#[test]
fn s082_netrc_is_asked_for_the_host_that_is_dialled() {
    for url in [
        "http://good.test:@evil.test/",
        "http://good.test@evil.test/",
        "http://evil.test/#@good.test",
    ] {
        let seen = scene()
            .netrc("machine good.test login secret password secret")
            .server("http://evil.test", [OK])
            .get(url)
            .run();
        assert_eq!(seen.lines().len(), 1, "{url}");
        assert!(!seen.each("authorization")[0].contains("c2VjcmV0"), "{url}: {}", seen.sent());
    }
}

/// Row 83: CVE-2026-8926 curl.
#[test]
fn s083_an_entry_of_another_user_is_left_alone() {
    let seen = scene()
        .netrc("machine a.test login bob password p")
        .server("http://a.test", [OK])
        .get("http://alice@a.test/")
        .run();
    // `bob:p` nowhere; alice has no password.
    let value = &seen.each("authorization")[0];
    assert!(!value.contains("Ym9iOnA=") && !value.contains("OnA="), "{value}");
}

/// Row 84: CVE-2023-26159 follow-redirects.
#[test]
fn s084_a_bracket_that_does_not_end_is_no_host() {
    for url in
        ["http://[localhost", "http://[::1", "http://::1]/", "http://[]/", "http://a[b.test/"]
    {
        assert_eq!(goes(url), "InvalidURL", "{url}");
    }
}

/// Row 85: CVE-2023-24329 Python.
#[test]
fn s085_blanks_before_the_scheme_hide_nothing() {
    for blank in [" ", "\t", "\n", "\u{1}", "\u{c}"] {
        let url = format!("{blank}https://good.test/");
        let seen = scene()
            .session("proxies", json!([["https://good.test", "http://p.test:1"]]))
            .proxy("http://p.test:1", [json!({"send": "HTTP/1.1 403 F\r\n\r\n", "then": "close"})])
            .server("https://good.test", [OK])
            .get(&url)
            .run();
        // Refused, or seen as what it is by the choice of the proxy too.
        let dials = seen.observed["dials"].as_array().cloned().unwrap_or_default();
        assert!(dials.iter().all(|dial| dial[0] == "p.test"), "{url:?}: {dials:?}");
        assert!(seen.outcome(0).parse::<u16>().is_err(), "{url:?}");
    }
}

/// Row 86: CVE-2025-0938 Python, CVE-2025-47912 and CVE-2026-25679 Go.
#[test]
fn s086_brackets_hold_ipv6_only() {
    let hosts = [
        "[good.test]evil.test",
        "[not-an-ip]",
        "evil.test[::1]",
        "[127.0.0.1]",
        "[v1.x]",
        "[::1]x",
    ];
    for host in hosts {
        let url = format!("http://{host}/");
        assert_eq!(goes(&url), "InvalidURL", "{url}");
    }
}

/// Row 87: CVE-2016-8625 curl, RUSTSEC-2024-0421 idna and CVE-2026-39821 Go.
#[test]
fn s087_no_false_label_stands_for_an_ascii_name() {
    for host in ["xn--example-.org", "xn--.test", "xn--a.test"] {
        assert_eq!(goes(&format!("http://{host}/")), "InvalidURL", "{host}");
    }
    // Other forms of one name are one name to the check and to the dial.
    for host in ["GOOD.test", "ｇｏｏｄ.test", "good。test"] {
        assert_eq!(goes(&format!("http://{host}/")), "good.test", "{host}");
    }
    assert_eq!(
        Url::parse("http://straße.test/").expect("a URL").host_str(),
        Some("xn--strae-oqa.test")
    );
}

/// Row 88: CVE-2019-14809 Go.
#[test]
fn s088_no_port_is_more_than_a_number() {
    for url in [
        "http://a:b:c/",
        "http://good.test:80x/",
        "http://good.test:65536/",
        "http://good.test:-1/",
        "http://good.test:+80/",
    ] {
        assert_eq!(goes(url), "InvalidURL", "{url}");
    }
}

/// Whether the list makes a URL go past the proxy.
fn is_exempt(url: &str, list: &str) -> bool {
    let url = Url::parse(url).expect("a URL");
    !matches!(should_bypass_proxies(&url, list), Bypass::No)
}

/// Row 89: CVE-2025-22870 Go.
#[test]
fn s089_no_zone_takes_part_in_a_choice() {
    for url in ["http://[::1%25.example.com]/", "http://[::1%.example.com]/"] {
        assert!(Url::parse(url).is_err(), "{url}");
    }
    for entry in ["::1%25.example.com", "::1%eth0", "%25.example.com"] {
        assert!(!is_exempt("http://[::1]/", entry), "{entry}");
    }
}

/// Row 90: CVE-2025-62718, GHSA-pmwg-cvhr-8vh7 and GHSA-m7pr-hjqh-92cm axios.
#[test]
fn s090_every_form_of_an_address_is_that_address() {
    let rows = [
        ("http://127.1/", "127.0.0.1"),
        ("http://0x7f.1/", "127.0.0.1"),
        ("http://2130706433/", "127.0.0.0/8"),
        ("http://0177.0.0.1/", "127.0.0.1"),
        ("http://127.0.0.1./", "127.0.0.1"),
        ("http://LOCALHOST/", "localhost"),
        ("http://[0:0:0:0:0:0:0:1]/", "::1"),
        ("http://[::1]/", "0:0:0:0:0:0:0:1"),
        ("http://[::ffff:7f00:1]/", "::ffff:127.0.0.1"),
        ("http://[fd00::1]/", "fd00::/8"),
        ("http://[2001:DB8::1]/", "2001:db8::/32"),
    ];
    for (url, list) in rows {
        assert!(is_exempt(url, list), "{url} {list}");
    }
    for (url, list) in [("http://127.0.0.1.evil.test/", "127.0.0.1"), ("http://[::2]/", "::1/128")]
    {
        assert!(!is_exempt(url, list), "{url} {list}");
    }
}

/// Row 91: CVE-2016-5386 Go, CVE-2016-1000110 Python and CVE-2016-5388 Tomcat.
#[test]
fn s091_in_a_cgi_process_http_proxy_is_a_field_of_the_peer() {
    let rows = [
        (json!({"HTTP_PROXY": "http://p.test:1"}), "p.test"),
        (json!({"HTTP_PROXY": "http://p.test:1", "REQUEST_METHOD": "GET"}), "a.test"),
        (json!({"http_proxy": "http://p.test:1", "REQUEST_METHOD": "GET"}), "p.test"),
    ];
    for (env, want) in rows {
        let seen = scene()
            .with("env", env.clone())
            .proxy("http://p.test:1", [OK])
            .server("http://a.test", [OK])
            .get("http://a.test/")
            .run();
        assert_eq!(seen.observed["dials"][0][0], want, "{env}");
    }
}

/// Row 93: CVE-2026-56860 Go.
#[test]
fn s093_dots_in_a_location_cost_no_more_than_its_length() {
    let time = |count: usize| {
        let path = "/a/..".repeat(count) + &"/b".repeat(count) + &"/..".repeat(count) + "/end";
        let began = Instant::now();
        let seen =
            scene().server("http://a.test", [to(&path), OK.to_owned()]).get("http://a.test/").run();
        assert_eq!(seen.lines(), ["a.test GET /", "a.test GET /end"]);
        began.elapsed()
    };
    // Six kilobytes, then sixty: ten times the work and not a hundred times.
    let (few, many) = (time(600).max(Duration::from_millis(2)), time(6_000));
    assert!(many < few * 40, "{few:?} and {many:?}");
    // More than a head may hold is refused.
    let seen = scene()
        .server("http://a.test", [to(&"/a/..".repeat(20_000))])
        .call(get("http://a.test/", Value::Null))
        .run();
    assert!(seen.outcome(0).parse::<u16>().is_err(), "{}", seen.outcome(0));
}
