//! Credentials and redirects, the rest: rows 27 to 40 of the catalogue.

use serde_json::{Value, json};

use crate::scene::{OK, get, scene, to};

/// `u` and `p` as Basic credentials.
const BASIC: &str = "Basic dTpw";

/// Row 27: CVE-2025-14524 curl.
#[test]
fn s027_redirects_lead_to_http_and_https_only() {
    for next in ["imap://user@b.test/", "ftp://b.test/", "file:///etc/passwd", "gopher://b.test/"] {
        let header = json!({"headers": [["Authorization", "Bearer t"]]});
        let scene = scene().server("http://a.test", [to(next)]);
        let seen = scene.call(get("http://a.test/", header)).run();
        assert_eq!(seen.outcome(0), "InvalidSchema", "{next}");
        assert_eq!(seen.observed["dials"].as_array().map(Vec::len), Some(1), "{next}");
    }
}

/// Row 28: CVE-2026-3783 curl.
#[test]
fn s028_an_entry_for_the_new_host_revives_no_other_credential() {
    let header = json!({"headers": [["Authorization", "Bearer t"]]});
    let seen = scene()
        .netrc("machine b.test login u password p")
        .server("http://a.test", [to("http://b.test/")])
        .server("http://b.test", [OK])
        .call(get("http://a.test/", header))
        .run();
    let values = seen.each("authorization");
    assert_eq!(values[0], "Bearer t");
    assert!(["-", BASIC].contains(&values[1].as_str()), "{values:?}");
}

/// Row 29: CVE-2024-11053 curl.
#[test]
fn s029_user_and_password_come_from_one_entry() {
    let seen = scene()
        .netrc("machine a.test login x password y\ndefault login z\n")
        .server("http://a.test", [to("http://b.test/")])
        .server("http://b.test", [OK])
        .get("http://a.test/")
        .run();
    // `x:y`, then at most `z` without a password.
    let values = seen.each("authorization");
    assert_eq!(values[0], "Basic eDp5");
    assert!(["-", "Basic ejo="].contains(&values[1].as_str()), "{values:?}");
}

/// Row 30: CVE-2025-0167 curl.
#[test]
fn s030_an_empty_default_entry_takes_nothing_from_another() {
    for netrc in ["machine a.test login x password y\ndefault\n", "default\nmachine a.test login x"]
    {
        let seen = scene()
            .netrc(netrc)
            .server("http://a.test", [to("http://b.test/")])
            .server("http://b.test", [OK])
            .get("http://a.test/")
            .run();
        let second = &seen.each("authorization")[1];
        assert!(["-", "Basic Og=="].contains(&second.as_str()), "{netrc}: {second}");
    }
}

/// Row 31: CVE-2026-6429 curl.
#[test]
fn s031_credentials_do_not_stick_to_the_connection_to_a_proxy() {
    let seen = scene()
        .netrc("machine a.test login x password y\ndefault\n")
        .session("proxies", json!([["http", "http://p.test:3128"]]))
        .proxy("http://p.test:3128", [to("http://b.test/"), OK.to_owned()])
        .get("http://a.test/")
        .run();
    assert_eq!(seen.connections(), ["p.test:3128#0", "p.test:3128#0"]);
    let values = seen.each("authorization");
    assert!(values[0] == "Basic eDp5" && !values[1].contains("eDp5"), "{values:?}");
}

/// Row 32: CVE-2020-8169 curl.
#[test]
fn s032_no_part_of_a_password_becomes_a_host() {
    let urls = [
        "http://u:p%40b.test@a.test/",
        "http://u:p@b.test@a.test/",
        "http://u:p%2f%40b.test@a.test/",
    ];
    for url in urls {
        let seen = scene()
            .server("http://a.test", [to("/2"), OK.to_owned()])
            .server("http://b.test", [OK])
            .get(url)
            .run();
        assert_eq!(seen.lines(), ["a.test GET /", "a.test GET /2"], "{url}");
        assert_eq!(seen.observed["dials"][0][0], "a.test", "{url}");
    }
}

/// Row 33: CVE-2021-22876 curl.
#[test]
fn s033_no_referer_is_made_up() {
    let seen = scene()
        .server("http://a.test", [to("http://b.test/")])
        .server("http://b.test", [OK])
        .get("http://u:p@a.test/#fragment")
        .run();
    assert_eq!(seen.each("referer"), ["-", "-"]);
    assert!(!seen.sent().contains("fragment"));
}

/// Row 34: CVE-2026-9546 curl.
#[test]
fn s034_a_referer_of_one_call_is_gone_in_the_next() {
    let seen = scene()
        .server("http://a.test", [OK, OK])
        .call(get("http://a.test/", json!({"headers": [["Referer", "http://secret.test/"]]})))
        .get("http://a.test/")
        .run();
    assert_eq!(seen.each("referer"), ["http://secret.test/", "-"]);
}

/// Row 35: CVE-2020-28168 axios.
#[test]
fn s035_a_redirect_does_not_pass_the_proxy_by() {
    let seen = scene()
        .session("proxies", json!([["http", "http://p.test:3128"]]))
        .proxy("http://p.test:3128", [to("http://10.0.0.1/"), OK.to_owned()])
        .server("http://10.0.0.1", [OK])
        .get("http://a.test/")
        .run();
    let want = ["p.test:3128 GET http://a.test/", "p.test:3128 GET http://10.0.0.1/"];
    assert_eq!(seen.lines(), want);
}

/// Row 36: GHSA-j5f8-grm9-p9fc axios.
#[test]
fn s036_a_hop_without_a_proxy_has_no_proxy_authorization() {
    let seen = scene()
        .session("proxies", json!([["http", "http://u:p@p.test:3128"]]))
        .proxy("http://p.test:3128", [to("https://b.test/")])
        .server("https://b.test", [OK])
        .get("http://a.test/")
        .run();
    assert_eq!(seen.lines()[1], "b.test GET /");
    assert_eq!(seen.each("proxy-authorization"), [BASIC, "-"]);
}

/// Row 39: CVE-2022-33987 got.
#[test]
fn s039_no_redirect_leads_to_a_socket_of_this_machine() {
    let seen = scene()
        .server("http://a.test", [to("http://unix:/var/run/docker.sock:/containers")])
        .get("http://a.test/")
        .run();
    // It is a host of that name, and there is none.
    assert_eq!(seen.observed["dials"][1], json!(["unix", 80, "refused"]));
    for next in ["unix:///var/run/docker.sock", "http+unix://%2Fvar%2Frun%2Fdocker.sock/"] {
        let seen = scene().server("http://a.test", [to(next)]).get("http://a.test/").run();
        assert_eq!(seen.outcome(0), "InvalidSchema", "{next}");
        assert_eq!(seen.observed["dials"].as_array().map(Vec::len), Some(1), "{next}");
    }
}

/// Row 40: CVE-2025-50181 and CVE-2025-50182 urllib3.
#[test]
fn s040_where_redirects_are_off_none_is_followed_on_any_way_in() {
    for via in ["verb", "request", "send", "bare"] {
        let rows = [(json!({"allow_redirects": false}), json!(30), "302")];
        let none_left = (Value::Null, json!(0), "TooManyRedirects");
        for (arguments, most, want) in rows.into_iter().chain([none_left]) {
            let mut call = get("http://a.test/", arguments);
            call["via"] = via.into();
            let seen = scene()
                .session("max_redirects", most)
                .server("http://a.test", [to("http://b.test/")])
                .server("http://b.test", [OK])
                .call(call)
                .run();
            assert_eq!((seen.outcome(0).as_str(), seen.lines().len()), (want, 1), "{via}");
        }
    }
}
