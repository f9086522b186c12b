//! Connections that serve a request which they must not serve: rows 41 to 63 of the catalogue.

use serde_json::{Value, json};

use crate::scene::{OK, get, scene};

/// `u` and `p` as Basic credentials.
const BASIC: &str = "Basic dTpw";

/// A response that nobody asked for.
const EVIL: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL";

/// Row 41: CVE-2015-3143 curl.
#[test]
fn s041_no_connection_is_authenticated() {
    for scheme in ["NTLM", "Negotiate"] {
        let asks =
            format!("HTTP/1.1 401 U\r\nWWW-Authenticate: {scheme}\r\nContent-Length: 0\r\n\r\n");
        let seen = scene()
            .server("http://a.test", [asks, OK.to_owned()])
            .call(get("http://a.test/", json!({"auth": {"digest": ["u", "p"]}})))
            .get("http://a.test/2")
            .run();
        assert_eq!(seen.outcome(0), "401", "{scheme}");
        assert_eq!(seen.each("authorization"), ["-", "-"], "{scheme}");
    }
}

/// Rows 42, 43 and 44: CVE-2014-0015, CVE-2015-3236 and CVE-2022-22576 curl.
#[test]
fn s042_s043_s044_a_connection_knows_no_credentials() {
    let bearer = |token: &str| json!({"headers": [["Authorization", format!("Bearer {token}")]]});
    let seen = scene()
        .server("http://a.test", [OK, OK, OK, OK])
        .call(get("http://a.test/", json!({"auth": {"basic": ["u", "p"]}})))
        .call(get("http://a.test/", bearer("one")))
        .call(get("http://a.test/", bearer("two")))
        .get("http://a.test/")
        .run();
    assert_eq!(seen.connections(), ["a.test#0"; 4]);
    assert_eq!(seen.each("authorization"), [BASIC, "Bearer one", "Bearer two", "-"]);
}

/// Row 46: CVE-2026-6253 curl.
#[test]
fn s046_each_proxy_gets_its_own_credentials() {
    let proxies = json!([["http", "http://u:p@p.test:1"], ["https", "http://q.test:2"]]);
    let seen = scene()
        .session("proxies", proxies)
        .proxy("http://p.test:1", [crate::scene::to("https://a.test/")])
        .proxy("http://q.test:2", [json!({"tunnel": true})])
        .server("https://a.test", [OK])
        .get("http://a.test/")
        .run();
    let names: Vec<_> =
        seen.lines().iter().map(|l| l.split(' ').next().map(str::to_owned)).collect();
    let names: Vec<String> = names.into_iter().flatten().collect();
    assert_eq!(names, ["p.test:1", "q.test:2", "a.test"]);
    assert_eq!(seen.each("proxy-authorization"), [BASIC, "-", "-"]);
}

/// Row 49: CVE-2026-9079 curl.
#[test]
fn s049_a_password_of_a_proxy_goes_with_its_setting() {
    let proxies = |url: &str| json!({"proxies": [["http", url]]});
    let seen = scene()
        .proxy("http://p.test:1", [OK, OK])
        .call(get("http://a.test/", proxies("http://u:p@p.test:1")))
        .call(get("http://a.test/", proxies("http://p.test:1")))
        .run();
    assert_eq!(seen.each("proxy-authorization"), [BASIC, "-"]);
}

/// Row 50: CVE-2026-6276 curl.
#[test]
fn s050_cookies_are_chosen_by_the_url_and_not_by_a_host_field() {
    let sets = "HTTP/1.1 200 OK\r\nSet-Cookie: k=v\r\nContent-Length: 0\r\n\r\n";
    let host = |name: &str| json!({"headers": [["Host", name]]});
    let seen = scene()
        .server("http://a.test", [sets, OK])
        .server("http://b.test", [OK, OK])
        .call(get("http://a.test/", host("b.test")))
        .get("http://b.test/")
        .call(get("http://b.test/", host("a.test")))
        .get("http://a.test/")
        .run();
    assert_eq!(seen.each("cookie"), ["-", "-", "-", "k=v"]);
}

/// Row 51: CVE-2022-27775 curl.
#[test]
fn s051_no_zone_can_be_left_out_of_a_comparison() {
    for url in ["http://[fe80::1%25eth0]/", "http://[fe80::1%eth1]/"] {
        let seen = scene().server("http://[fe80::1]", [OK]).get(url).run();
        assert_eq!((seen.outcome(0).as_str(), seen.lines().len()), ("InvalidURL", 0), "{url}");
    }
}

/// Row 53: CVE-2016-7141 and CVE-2021-22924 curl.
#[test]
fn s053_paths_of_certificates_are_compared_byte_for_byte() {
    let file = |name: &str| {
        let path = format!("{}/{name}", sessio_conformance::peer::CERTIFICATES);
        std::fs::read_to_string(path).expect("a certificate of the project")
    };
    let other = file("client-other.pem") + &file("client-other.key");
    let cert = |name: &str| json!({"cert": format!("@files/{name}")});
    let seen = scene()
        .with("files", json!({"c.pem": file("client-bundle.pem"), "C.pem": other}))
        .server("https://a.test", [OK, OK, OK])
        .call(get("https://a.test/", cert("c.pem")))
        .call(get("https://a.test/", cert("C.pem")))
        .get("https://a.test/")
        .run();
    // The server trusts the first certificate only, so the second call ends in the handshake.
    assert_eq!(seen.observed["connections"], json!([3]));
    let shown: Vec<&Value> = seen.wire().iter().map(|entry| &entry["tls"]["client_cert"]).collect();
    assert_eq!(shown, [&json!("client-one"), &Value::Null]);
    assert_eq!(["200", "SSLError", "200"], [0, 1, 2].map(|call| seen.outcome(call)).as_slice());
}

/// Row 54: CVE-2026-4873 curl.
#[test]
fn s054_what_is_to_be_secret_goes_over_no_plain_connection() {
    let seen = scene()
        .server("http://a.test:443", [OK, OK])
        .get("http://a.test:443/")
        .call(get("https://a.test/", json!({"headers": [["Authorization", "secret"]]})))
        .run();
    assert_eq!(seen.observed["dials"].as_array().map(Vec::len), Some(2));
    assert_eq!(seen.outcome(1), "SSLError");
    assert!(!seen.sent().contains("secret"));
}

/// Row 55: CVE-2024-35195 requests.
#[test]
fn s055_a_call_without_verification_leaves_no_connection_to_one_with() {
    let seen = scene()
        .peer("https://a.test", "wronghost", "origin", [OK, OK])
        .call(get("https://a.test/", json!({"verify": false})))
        .get("https://a.test/")
        .run();
    assert_eq!((seen.outcome(0).as_str(), seen.outcome(1).as_str()), ("200", "SSLError"));
    assert_eq!(seen.lines(), ["a.test GET /"]);
}

/// Rows 57 and 58: CVE-2021-28363 urllib3 and CVE-2022-32210 undici.
#[test]
fn s057_s058_proxy_and_target_are_both_verified() {
    let rows = [
        ("https://p.test:1", "good", "wronghost"),
        ("https://p.test:1", "wronghost", "good"),
        ("https://p.test:1", "good", "otherca"),
        ("http://p.test:1", "good", "wronghost"),
        ("http://p.test:1", "good", "expired"),
    ];
    for (proxy, of_proxy, of_target) in rows {
        // No certificate is for `p.test`, so the good one is that of `proxy.test`.
        let proxy = proxy.replace("p.test", "proxy.test");
        let run = |of_proxy, of_target| {
            scene()
                .session("proxies", json!([["https", proxy]]))
                .peer(&proxy, of_proxy, "http-proxy", [json!({"tunnel": true})])
                .peer("https://a.test", of_target, "origin", [OK])
                .call(get("https://a.test/", json!({"headers": [["Authorization", "secret"]]})))
                .run()
        };
        let seen = run(of_proxy, of_target);
        assert!(
            ["SSLError", "ProxyError"].contains(&seen.outcome(0).as_str()),
            "{}",
            seen.outcome(0)
        );
        assert!(!seen.sent().contains("secret"), "{proxy} {of_proxy} {of_target}");
        assert_eq!(run("good", "good").outcome(0), "200", "{proxy}");
    }
}

/// Rows 59, 60 and 61: CVE-2026-48931 Node, and what curl 7.88.1 and requests 2.34.2 do.
#[test]
fn s059_s060_s061_a_planted_response_is_never_handed_out() {
    let rows = [
        json!({"send": format!("{OK}{EVIL}")}),
        json!({"send": format!("{OK}{EVIL}"), "split": [OK.len()], "pause_ms": 10}),
        json!({"send": format!("{OK}{EVIL}"), "split": [OK.len()], "pause_ms": 15}),
        json!({"send": format!("{OK}garbage")}),
        json!({"send": format!("{OK}x"), "split": [OK.len()], "pause_ms": 10}),
    ];
    for row in rows {
        let seen = scene()
            .server("http://a.test", [row.clone(), json!({"send": OK})])
            .get("http://a.test/1")
            .get("http://a.test/2")
            .run();
        assert_eq!(seen.connections(), ["a.test#0", "a.test#1"], "{row}");
        assert_eq!((seen.body(0), seen.body(1)), ("ok", "ok"), "{row}");
    }
}

/// Row 62: CVE-2024-24791 Go.
#[test]
fn s062_a_final_answer_in_place_of_100_leaves_no_half_used_connection() {
    for answer in ["HTTP/1.1 401 U\r\nContent-Length: 0\r\n\r\n", OK] {
        let posted =
            json!({"method": "POST", "data": "12345", "headers": [["Expect", "100-continue"]]});
        let seen = scene()
            .server("http://a.test", [answer, OK])
            .call(get("http://a.test/1", posted))
            .get("http://a.test/2")
            .run();
        assert_eq!(seen.lines(), ["a.test POST /1", "a.test GET /2"], "{answer}");
        let is_whole = seen.wire()[0]["body"] == "12345";
        let is_elsewhere = seen.wire()[1]["conn"] == 1;
        assert!(is_whole || is_elsewhere, "{:?}", seen.wire());
        assert_eq!(seen.outcome(1), "200");
    }
}

/// Row 63: CVE-2024-24750 undici.
#[test]
fn s063_a_body_that_is_not_read_gives_no_connection_back() {
    let seen = scene()
        .server("http://a.test", [OK, OK, OK])
        .call(get("http://a.test/1", json!({"stream": true})))
        .call(get("http://a.test/2", json!({"stream": true, "read": [{"close": true}]})))
        .get("http://a.test/3")
        .run();
    assert_eq!(seen.connections(), ["a.test#0", "a.test#1", "a.test#2"]);
    // An endless body behind a redirect is not read to its end either.
    let head = "HTTP/1.1 302 F\r\nLocation: /2\r\nContent-Length: 9000000\r\n\r\n";
    let endless = json!({"parts": [head, {"repeat": ["x", 1_000_000]}]});
    let seen = scene()
        .server("http://a.test", [json!({"send": endless, "then": "hang"}), json!({"send": OK})])
        .get("http://a.test/1")
        .run();
    assert_eq!(seen.connections(), ["a.test#0", "a.test#1"]);
    assert_eq!(seen.outcome(0), "200");
}

/// Row 111: CVE-2023-28321 curl, RUSTSEC-2026-0098 and RUSTSEC-2026-0099 webpki.
#[test]
fn s111_a_wildcard_is_one_whole_label() {
    let rows = [
        ("https://x.wild.test/", "200"),
        ("https://X.wild.test/", "200"),
        ("https://xn--strae-oqa.wild.test/", "200"),
        ("https://wild.test/", "SSLError"),
        ("https://a.b.wild.test/", "SSLError"),
        ("https://x.wild.test.evil.test/", "SSLError"),
        ("https://xwild.test/", "SSLError"),
    ];
    for (url, want) in rows {
        let origin = url.trim_end_matches('/').to_lowercase();
        let seen = scene().peer(&origin, "wildcard", "origin", [OK]).get(url).run();
        assert_eq!(seen.outcome(0), want, "{url}");
    }
}

/// Row 47: CVE-2026-7168 and CVE-2026-8927 curl.
#[test]
fn s047_what_one_proxy_asked_is_not_answered_to_another() {
    let asks = |nonce: &str| {
        format!(
            "HTTP/1.1 407 P\r\nProxy-Authenticate: Digest realm=\"r\", nonce=\"{nonce}\", qop=\"auth\"\r\n\
             Content-Length: 0\r\n\r\n"
        )
    };
    let by = |url: &str| json!({"proxies": [["http", url]]});
    let seen = scene()
        .proxy("http://p.test:1", [asks("one"), OK.to_owned(), OK.to_owned()])
        .proxy("http://q.test:2", [asks("two"), OK.to_owned()])
        .call(get("http://a.test/", by("http://u:p@p.test:1")))
        .call(get("http://a.test/", by("http://v:q@q.test:2")))
        .call(get("http://a.test/", by("http://u:p@p.test:1")))
        .run();
    for (entry, value) in seen.wire().iter().zip(seen.each("proxy-authorization")) {
        let (own, other) = if entry["server"] == 0 { ("one", "two") } else { ("two", "one") };
        assert!(!value.contains(other), "{value}");
        assert!(!value.starts_with("Digest") || value.contains(own), "{value}");
    }
}
