//! Credentials that follow a redirect which they must not follow: rows 1 to 26 of the catalogue.

use serde_json::{Value, json};
use sessio_core::policy::authorization::{Carry, should_strip_auth};
use url::Url;

use crate::scene::{OK, Seen, get, moved, scene, to};

/// `u` and `p` as Basic credentials.
const BASIC: &str = "Basic dTpw";

/// A call to `from` with these arguments, answered with a redirect to `next`.
fn redirected(from: &str, next: &str, arguments: Value) -> Seen {
    let origin = |url: &str| Url::parse(url).expect("a URL").origin().ascii_serialization();
    let scene = scene().server(&origin(from), [to(next)]);
    scene.server(&origin(next), [OK]).call(get(from, arguments)).run()
}

/// Row 1: CVE-2018-1000007 curl.
#[test]
fn s001_an_authorization_of_the_caller_stays_with_its_host() {
    let header = json!({"headers": [["Authorization", "x"]]});
    let seen = redirected("http://a.test/", "http://b.test/", header);
    assert_eq!(seen.each("authorization"), ["x", "-"]);
}

/// Row 2: CVE-2022-27774 curl.
#[test]
fn s002_another_port_and_scheme_is_another_origin() {
    for next in ["http://a.test:8080/", "https://a.test:8443/", "http://a.test/"] {
        let header = json!({"headers": [["Authorization", "x"]]});
        let seen = redirected("https://a.test/", next, header);
        assert_eq!(seen.each("authorization"), ["x", "-"], "{next}");
    }
}

/// Row 3: CVE-2022-27776 curl.
#[test]
fn s003_another_port_gets_no_cookie_field_of_the_caller() {
    let header = json!({"headers": [["Authorization", "x"], ["Cookie", "k=v"]]});
    let seen = redirected("http://a.test/", "http://a.test:81/", header);
    assert_eq!(seen.each("cookie"), ["k=v", "-"]);
    assert_eq!(seen.each("authorization"), ["x", "-"]);
}

/// Row 4: CVE-2018-18074 requests.
#[test]
fn s004_no_authorization_goes_from_https_to_http() {
    let auth = json!({"auth": {"basic": ["u", "p"]}});
    let seen = redirected("https://a.test/", "http://a.test/", auth);
    assert_eq!(seen.each("authorization"), [BASIC, "-"]);
}

/// Row 5: CVE-2014-1829 requests.
#[test]
fn s005_netrc_is_asked_again_for_the_next_host() {
    let scene = scene().netrc("machine a.test login u password p");
    let seen = scene
        .server("http://a.test", [to("http://b.test/")])
        .server("http://b.test", [to("http://a.test:81/")])
        .server("http://a.test:81", [OK])
        .get("http://a.test/")
        .run();
    assert_eq!(seen.each("authorization"), [BASIC, "-", BASIC]);
}

/// Row 6: CVE-2014-1830 requests.
#[test]
fn s006_the_target_of_a_redirect_gets_no_credentials_of_a_proxy() {
    let env = json!({"http_proxy": "http://u:p@p.test:3128", "no_proxy": "b.test"});
    let seen = scene()
        .with("env", env)
        .proxy("http://p.test:3128", [to("http://b.test/")])
        .server("http://b.test", [OK])
        .get("http://a.test/")
        .run();
    assert_eq!(seen.lines(), ["p.test:3128 GET http://a.test/", "b.test GET /"]);
    assert_eq!(seen.each("proxy-authorization"), [BASIC, "-"]);
}

/// Row 7: CVE-2023-32681 requests.
#[test]
fn s007_within_a_tunnel_nobody_sees_the_credentials_of_the_proxy() {
    let proxy = "http://u:p@p.test:3128";
    let replies = [json!({"send": to("https://a.test/")}), json!({"tunnel": true})];
    let seen = scene()
        .session("proxies", json!([["http", proxy], ["https", proxy]]))
        .proxy("http://p.test:3128", replies)
        .server("https://a.test", [OK])
        .get("http://a.test/")
        .run();
    assert_eq!(seen.each("proxy-authorization"), [BASIC, BASIC, "-"], "{:?}", seen.lines());
    assert_eq!(seen.lines()[2], "a.test GET /");
}

/// Row 8: CVE-2015-2296 requests.
#[test]
fn s008_a_cookie_belongs_to_the_host_that_set_it() {
    let sets = format!("{}\r\n", to("http://b.test/").trim_end()) + "Set-Cookie: k=v\r\n\r\n";
    let seen = scene()
        .server("http://a.test", [sets])
        .server("http://b.test", [OK])
        .get("http://a.test/")
        .run();
    assert_eq!(seen.each("cookie"), ["-", "-"]);
    assert_eq!(seen.observed["session_cookies"][0]["domain"], "a.test");
}

/// Row 9: CVE-2018-20060 urllib3.
#[test]
fn s009_basic_credentials_stay_with_their_host() {
    let auth = json!({"auth": {"basic": ["u", "p"]}});
    let seen = redirected("http://a.test/", "http://b.test/", auth);
    assert_eq!(seen.each("authorization"), [BASIC, "-"]);
    let seen = redirected("http://u:p@a.test/", "http://b.test/", Value::Null);
    assert_eq!(seen.each("authorization"), [BASIC, "-"]);
}

/// Row 10: CVE-2018-25091 urllib3.
#[test]
fn s010_names_of_fields_are_compared_whatever_their_case() {
    for name in ["authorization", "AUTHORIZATION", "aUTHORIZATION"] {
        let header = json!({"headers": [[name, "x"]]});
        let seen = redirected("http://a.test/", "http://b.test/", header);
        assert_eq!(seen.each("authorization"), ["x", "-"], "{name}");
    }
}

/// Row 11: CVE-2023-43804 urllib3.
#[test]
fn s011_a_cookie_field_of_the_caller_stays_with_its_host() {
    let header = json!({"headers": [["Cookie", "k=v"]]});
    let seen = redirected("http://a.test/", "http://b.test/", header);
    assert_eq!(seen.each("cookie"), ["k=v", "-"]);
}

/// Row 12: CVE-2024-37891 urllib3.
#[test]
fn s012_without_a_proxy_there_is_no_proxy_authorization() {
    let header = json!({"headers": [["Proxy-Authorization", "x"]]});
    let seen = redirected("http://a.test/", "http://b.test/", header);
    assert_eq!(seen.each("proxy-authorization"), ["-", "-"]);
}

/// Row 13: GHSA-qccp-gfcp-xxvc urllib3.
#[test]
fn s013_every_way_in_leads_through_the_same_rule() {
    for via in ["verb", "request", "send", "bare"] {
        let header = json!({"via": via, "headers": [["Authorization", "x"], ["Cookie", "k=v"]]});
        let seen = redirected("http://a.test/", "http://b.test/", header);
        assert_eq!(seen.each("authorization"), ["x", "-"], "{via}");
        assert_eq!(seen.each("cookie"), ["k=v", "-"], "{via}");
    }
    let header = json!({"headers": [["Authorization", "x"]], "allow_redirects": false});
    let seen = scene()
        .server("http://a.test", [to("http://b.test/")])
        .server("http://b.test", [OK])
        .call(get("http://a.test/", header))
        .call(json!({"op": "send_next", "of": 0}))
        .run();
    assert_eq!(seen.each("authorization"), ["x", "-"]);
}

/// Row 14: CVE-2023-45803 urllib3.
#[test]
fn s014_a_post_that_becomes_a_get_leaves_its_body_behind() {
    for (status, data) in [301, 302, 303]
        .into_iter()
        .flat_map(|s| [(s, json!("k=v")), (s, json!({"generator": ["k"]}))])
    {
        let posted = json!({"method": "POST", "data": data, "headers": [["Content-Type", "t/t"]]});
        let seen = scene()
            .server("http://a.test", [moved(status, "http://b.test/")])
            .server("http://b.test", [OK])
            .call(get("http://a.test/", posted))
            .run();
        assert_eq!(seen.lines()[1], "b.test GET /", "{status}");
        assert!(seen.wire()[1]["body"] == "", "{status}: {:?}", seen.wire()[1]);
        for name in ["content-length", "content-type", "transfer-encoding"] {
            assert_eq!(seen.each(name)[1], "-", "{status} {name}");
        }
    }
}

/// Row 15: CVE-2022-0155 follow-redirects.
#[test]
fn s015_a_cookie_field_of_the_session_stays_with_the_first_host() {
    let seen = scene()
        .session("headers", json!([["Cookie", "k=v"]]))
        .server("http://a.test", [to("http://b.test/")])
        .server("http://b.test", [OK])
        .get("http://a.test/")
        .run();
    assert_eq!(seen.each("cookie"), ["k=v", "-"]);
}

/// Row 16: CVE-2022-0536 follow-redirects.
#[test]
fn s016_nothing_secret_goes_on_in_the_clear() {
    let sets = "HTTP/1.1 302 F\r\nLocation: http://a.test/\r\nSet-Cookie: s=1; Secure\r\n\
                Content-Length: 0\r\n\r\n";
    let seen = scene()
        .server("https://a.test", [sets])
        .server("http://a.test", [OK])
        .call(get("https://a.test/", json!({"auth": {"basic": ["u", "p"]}})))
        .run();
    assert_eq!(seen.each("authorization"), [BASIC, "-"]);
    assert_eq!(seen.each("cookie"), ["-", "-"]);
}

/// Row 17: CVE-2024-28849 follow-redirects.
#[test]
fn s017_a_proxy_authorization_by_hand_is_for_the_first_hop() {
    let seen = scene()
        .with("env", json!({"http_proxy": "http://p.test:3128", "no_proxy": "b.test"}))
        .proxy("http://p.test:3128", [to("http://b.test/")])
        .server("http://b.test", [OK])
        .call(get("http://a.test/", json!({"auth": {"proxy": ["u", "p"]}})))
        .run();
    assert_eq!(seen.each("proxy-authorization"), [BASIC, "-"]);
}

/// Row 18: CVE-2022-31151 and CVE-2023-45143 undici.
#[test]
fn s018_a_cookie_field_goes_to_no_other_origin() {
    for next in ["http://a.test:81/", "https://a.test/", "http://x.a.test/", "http://127.0.0.1/"] {
        let header = json!({"headers": [["Cookie", "k=v"]]});
        let seen = redirected("http://a.test/", next, header);
        assert_eq!(seen.each("cookie"), ["k=v", "-"], "{next}");
    }
}

/// Row 19: CVE-2024-24758 and CVE-2024-30260 undici.
#[test]
fn s019_whatever_the_status_both_authorizations_stay() {
    for status in [301, 302, 303, 307, 308] {
        let fields = json!([["Authorization", "x"], ["Proxy-Authorization", "y"]]);
        let seen = scene()
            .server("http://a.test", [moved(status, "http://b.test/")])
            .server("http://b.test", [OK])
            .call(get("http://a.test/", json!({"headers": fields})))
            .run();
        assert_eq!(seen.each("authorization"), ["x", "-"], "{status}");
        assert_eq!(seen.each("proxy-authorization"), ["-", "-"], "{status}");
    }
}

/// Row 20: CVE-2023-45289 Go.
#[test]
fn s020_a_zone_makes_no_sub_domain() {
    for next in ["http://[::1%25.foo.com]/", "http://[::1%.foo.com]/"] {
        let header = json!({"headers": [["Authorization", "x"]]});
        let scene = scene().server("http://foo.com", [to(next)]);
        let seen = scene.call(get("http://foo.com/", header)).run();
        assert_eq!(seen.lines(), ["foo.com GET /"], "{next}");
        assert_eq!(seen.outcome(0), "InvalidURL", "{next}");
    }
}

/// Row 21: CVE-2024-45336 Go.
#[test]
fn s021_what_was_once_left_behind_stays_there() {
    let header = json!({"headers": [["Authorization", "x"], ["Cookie", "k=v"]]});
    let seen = scene()
        .server("http://a.test", [to("http://b.test/1"), OK.to_owned()])
        .server("http://b.test", [to("/2"), to("http://a.test/3")])
        .call(get("http://a.test/", header))
        .run();
    assert_eq!(seen.lines().len(), 4);
    assert_eq!(seen.each("authorization"), ["x", "-", "-", "-"]);
    assert_eq!(seen.each("cookie"), ["k=v", "-", "-", "-"]);
}

/// Row 22: CVE-2025-4673 Go.
#[test]
fn s022_fields_of_proxies_go_to_no_other_origin() {
    let fields = json!([["Proxy-Authorization", "x"], ["Proxy-Authenticate", "y"]]);
    let seen = redirected("http://a.test/", "http://b.test/", json!({"headers": fields}));
    assert_eq!(seen.each("proxy-authorization"), ["-", "-"]);
    assert_eq!(seen.each("proxy-authenticate")[1], "-");
}

/// Row 23: reqwest #2985.
#[test]
fn s023_schemes_are_compared_where_ports_are_equal() {
    let rows = [
        ("https://h:8443/", "http://h:8443/"),
        ("http://h:8443/", "https://h:8443/"),
        ("https://h/", "http://h:443/"),
        ("http://h:80/", "https://h:80/"),
    ];
    for (old, new) in rows {
        let (old, new) = (Url::parse(old).expect("a URL"), Url::parse(new).expect("a URL"));
        let carry = should_strip_auth(&old, &new);
        assert!(matches!(carry, Carry::Strip(_)), "{old} to {new}: {carry:?}");
    }
}

/// Row 24: ureq PR 608.
#[test]
fn s024_cookies_are_chosen_anew_on_each_hop() {
    let sets = |value: &str, next: &str| {
        format!(
            "HTTP/1.1 302 F\r\nLocation: {next}\r\nSet-Cookie: {value}\r\nContent-Length: 0\r\n\r\n"
        )
    };
    let seen = scene()
        .server("http://a.test", [sets("a=1", "http://b.test/"), OK.to_owned()])
        .server("http://b.test", [sets("b=2", "http://b.test/2"), sets("b=3", "http://a.test/")])
        .get("http://a.test/")
        .run();
    assert_eq!(seen.each("cookie"), ["-", "-", "b=2", "a=1"]);
}

/// Row 25: ureq-proto 3.x.
#[test]
fn s025_another_port_gets_neither_authorization() {
    let fields = json!([["Authorization", "x"], ["Proxy-Authorization", "y"]]);
    let seen = redirected("https://a.test/", "https://a.test:8443/", json!({"headers": fields}));
    assert_eq!(seen.each("authorization"), ["x", "-"]);
    assert_eq!(seen.each("proxy-authorization"), ["-", "-"]);
}

/// Row 26: CVE-2022-31042, 31043, 31090 and 31091 guzzle.
#[test]
fn s026_neither_host_port_nor_scheme_may_change() {
    for next in ["https://b.test/", "https://a.test:444/", "http://a.test/"] {
        let call = json!({"auth": {"basic": ["u", "p"]}, "headers": [["Cookie", "k=v"]]});
        let seen = redirected("https://a.test/", next, call);
        assert_eq!(seen.each("authorization"), [BASIC, "-"], "{next}");
        assert_eq!(seen.each("cookie"), ["k=v", "-"], "{next}");
    }
}
