//! The cookie rows of the catalogue of known vulnerabilities of HTTP clients, by their numbers.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use sessio_core::cookies::{Cookie, Decision, Jar, Refusal, Verdict, Which, parse_date};
use sessio_core::url::Url;
use sessio_core::{ErrorKind, WallTime};

const NOW: WallTime = WallTime::from_unix_seconds(1_700_000_000);

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn store(jar: &mut Jar, from: &str, line: impl AsRef<[u8]>) -> Decision {
    jar.store(line.as_ref(), &url(from), NOW)
}

fn sent(jar: &Jar, to: &str) -> String {
    let line = jar.header(&url(to), NOW);
    line.map_or_else(String::new, |line| String::from_utf8_lossy(line.value.as_bytes()).into())
}

/// Sets one cookie in an empty jar, and says what became of it.
fn check(from: &str, line: impl AsRef<[u8]>, want: Verdict) {
    let got = store(&mut Jar::new(), from, &line).verdict;
    assert_eq!(got, want, "{} from {from}", line.as_ref().escape_ascii());
}

/// Row 78: CVE-2026-0672, CVE-2026-3644 in Python's http.cookies.
#[test]
fn s078_no_control_character_gets_into_a_line() {
    for byte in (0..32).chain([127]).filter(|byte| *byte != 9) {
        let text = format!("a{}Set-Cookie: x=y", char::from(byte));
        assert!(Jar::new().set(Cookie::new("n", text.as_str())).is_err(), "value with {byte}");
        assert!(Jar::new().set(Cookie::new(text, "v")).is_err(), "name with {byte}");
    }
}

/// Row 95: CVE-2013-1944 in curl, CVE-2018-20852 in Python.
#[test]
fn s095_a_domain_is_matched_by_whole_labels() {
    let mut jar = Jar::new();
    assert_eq!(
        store(&mut jar, "http://ample.com/", "a=1; Domain=ample.com").verdict,
        Verdict::Stored
    );
    assert_eq!(sent(&jar, "http://www.ample.com/"), "a=1");
    assert_eq!(sent(&jar, "http://example.com/"), "");
    let refused = Verdict::Refused(Refusal::DomainMismatch);
    check("http://example.com/", "a=1; Domain=ample.com", refused);
}

/// Row 96: CVE-2014-3613 in curl.
#[test]
fn s096_an_address_is_no_domain() {
    for domain in ["168.0.1", ".168.0.1", "1", "0.1"] {
        let refused = Verdict::Refused(Refusal::IpAddress);
        check("http://192.168.0.1/", format!("a=1; Domain={domain}"), refused);
    }
    let mut jar = Jar::new();
    jar.set(Cookie::new("a", "1").with_domain("168.0.1")).unwrap();
    assert_eq!(sent(&jar, "http://192.168.0.1/"), "");
    store(&mut jar, "http://192.168.0.1/", "b=1; Domain=192.168.0.1");
    assert_eq!(sent(&jar, "http://192.168.0.1/"), "b=1");
    assert_eq!(sent(&jar, "http://1.192.168.0.1.test/"), "");
}

/// Row 97: CVE-2014-3620 in curl.
#[test]
fn s097_nobody_sets_cookies_for_a_public_suffix() {
    let refused = Verdict::Refused(Refusal::PublicSuffix);
    check("http://a.com/", "a=1; Domain=com", refused);
    check("http://a.com/", "a=1; Domain=.com", refused);
    #[cfg(feature = "public-suffix")]
    for (from, domain) in [("http://a.co.uk/", "co.uk"), ("http://a.github.io/", "github.io")] {
        check(from, format!("a=1; Domain={domain}"), refused);
    }
}

/// Row 98: CVE-2022-27779, CVE-2026-8924 in curl.
#[test]
fn s098_a_trailing_dot_gets_round_nothing() {
    let suffix = Verdict::Refused(Refusal::PublicSuffix);
    let other = Verdict::Refused(Refusal::DomainMismatch);
    check("https://a.com./", "a=1; Domain=com.", suffix);
    check("https://a.com/", "a=1; Domain=a.com.", other);
    check("https://a.com./", "a=1; Domain=a.com", other);
    #[cfg(feature = "public-suffix")]
    check("https://a.co.uk./", "a=1; Domain=co.uk.", suffix);
    let mut jar = Jar::new();
    store(&mut jar, "https://a.com./", "dot=1");
    store(&mut jar, "https://a.com/", "plain=1");
    assert_eq!(sent(&jar, "https://a.com/"), "plain=1");
    assert_eq!(sent(&jar, "https://a.com./"), "dot=1");
}

/// Row 99: CVE-2023-46218 in curl.
#[test]
fn s099_suffixes_are_compared_whatever_their_case() {
    let refused = Verdict::Refused(Refusal::PublicSuffix);
    check("http://a.com/", "a=1; Domain=CoM", refused);
    #[cfg(feature = "public-suffix")]
    for domain in ["co.UK", "CO.uk", ".Co.Uk"] {
        check("http://A.CO.UK/", format!("a=1; Domain={domain}"), refused);
    }
}

/// Row 100: CVE-2022-32205 in curl, CVE-2025-58186 in Go.
#[test]
fn s100_cookies_are_bounded_in_a_response_a_request_a_site_and_a_jar() {
    let mut jar = Jar::new();
    let lines: Vec<String> = (0..10_000).map(|n| format!("n{n}=v")).collect();
    let decisions = jar.extract(lines.iter().map(String::as_bytes), &url("http://a.test/"), NOW);
    let refused = Verdict::Refused(Refusal::TooMany);
    assert_eq!(decisions.iter().filter(|d| d.verdict == refused).count(), 9950);
    assert_eq!(jar.len(), 50);
    for line in &lines {
        store(&mut jar, "http://a.test/", line);
    }
    assert_eq!(jar.len(), 180);
    let line = jar.header(&url("http://a.test/"), NOW).unwrap();
    assert_eq!((line.sent, line.left_out), (150, 30));
    for site in 0..3_100 {
        store(&mut jar, &format!("http://site{site}.test/"), "a=1");
    }
    assert_eq!(jar.len(), 3_000);
    assert_eq!(sent(&jar, "http://site3099.test/"), "a=1");
    let mut jar = Jar::new();
    for number in 0..50 {
        store(&mut jar, "http://a.test/", format!("n{number}={}", "v".repeat(1_000)));
    }
    let line = jar.header(&url("http://a.test/"), NOW).unwrap();
    assert!(line.value.len() <= 8_192 && line.left_out > 0, "{}", line.value.len());
}

/// Row 101: CVE-2022-35252 in curl.
#[test]
fn s101_a_control_byte_voids_the_cookie() {
    let refused = Verdict::Refused(Refusal::ControlCharacter);
    for byte in (0u8..32).chain([127]).filter(|byte| *byte != b'\t') {
        check("http://a.test/", [b'a', b'=', byte, b'b'], refused);
        check("http://a.test/", [b"a=b; Path=/".as_slice(), &[byte]].concat(), refused);
    }
    check("http://a.test/", "a=\tb", Verdict::Stored);
}

/// Row 102: CVE-2025-9086 in curl.
#[test]
fn s102_what_comes_in_the_clear_does_not_overlay_a_secure_cookie() {
    let mut jar = Jar::new();
    store(&mut jar, "https://a.test/", "a=secret; Secure; Path=/");
    let overlay = Verdict::Refused(Refusal::SecureOverlay);
    for line in ["a=1; Path=/", "a=1", "a=; Path=/; Max-Age=0", "a=1; Domain=a.test; Path=/x"] {
        assert_eq!(store(&mut jar, "http://a.test/", line).verdict, overlay, "{line}");
        assert_eq!(store(&mut jar, "http://www.a.test/", "a=1; Domain=a.test").verdict, overlay);
    }
    assert_eq!(sent(&jar, "https://a.test/"), "a=secret");
    let plain = Verdict::Refused(Refusal::SecureFromPlain);
    assert_eq!(store(&mut jar, "http://a.test/", "a=1; Secure; Path=/").verdict, plain);
}

/// Row 103: CVE-2016-8615 in curl.
#[test]
fn s103_a_long_line_of_a_cookie_file_stays_one_cookie() {
    let mut jar = Jar::new();
    let long = "v".repeat(5_000);
    let decision = store(&mut jar, "http://a.test/", format!("a={long}"));
    assert_eq!(decision.verdict, Verdict::Refused(Refusal::TooLarge));
    let value = "v".repeat(4_095);
    store(&mut jar, "http://a.test/", format!("a={value}"));
    let again = Jar::from_netscape(&jar.to_netscape(Which::All).text).unwrap();
    assert_eq!(again, jar);
    assert!(Jar::from_netscape(&format!("a.test\tFALSE\t/\tFALSE\t0\ta\t{long}")).is_err());
}

/// Row 106: CVE-2017-15010 in tough-cookie, CVE-2024-7592 in Python.
#[test]
fn s106_time_to_read_a_line_grows_with_its_length_and_no_faster() {
    // Quadratic time would be minutes here.
    let limits = sessio_core::cookies::Limits {
        pair_bytes_max: usize::MAX,
        attribute_bytes_max: usize::MAX,
        ..Default::default()
    };
    let many = 400_000;
    for piece in [" ", "\\\"", ";", "=", "; a", "expires=1:", "; Domain=."] {
        let line = format!("a={}x", piece.repeat(many / piece.len()));
        let mut jar = Jar::with_limits(limits.clone());
        jar.store(line.as_bytes(), &url("http://a.test/"), NOW);
        assert!(jar.len() <= 1, "{piece:?}");
        assert!(parse_date(line.as_bytes()).is_err(), "{piece:?}");
    }
}

/// Row 107: RUSTSEC-2017-0005, CVE-2016-8621, RUSTSEC-2020-0071, RUSTSEC-2026-0009.
#[test]
fn s107_no_lifetime_or_date_overflows() {
    let rows = [
        ("Max-Age=9223372036854775807", Verdict::Stored),
        ("Max-Age=99999999999999999999999", Verdict::Stored),
        ("Max-Age=-9223372036854775808", Verdict::Expired),
        ("Max-Age=-99999999999999999999999", Verdict::Expired),
        ("Expires=Fri, 31 Dec 9999 23:59:59 GMT", Verdict::Stored),
        ("Expires=Mon, 01 Jan 1601 00:00:00 GMT", Verdict::Expired),
        ("Expires=Mon, 99 Jan 99999999999 99:99:99 GMT", Verdict::Stored),
        ("Expires=0", Verdict::Stored),
    ];
    for (attribute, want) in rows {
        for now in [i64::MIN, -1, 0, 1_700_000_000, i64::MAX] {
            let line = format!("a=1; {attribute}");
            let mut jar = Jar::new();
            let now = WallTime::from_unix_seconds(now);
            let decision = jar.store(line.as_bytes(), &url("http://a.test/"), now);
            assert!(!matches!(decision.verdict, Verdict::Refused(_)), "{line} at {now:?}");
            let _ = jar.header(&url("http://a.test/"), now);
        }
        check("http://a.test/", format!("a=1; {attribute}"), want);
    }
}

/// Row 108: CVE-2022-29248 in guzzle.
#[test]
fn s108_nobody_sets_cookies_for_another_host() {
    let refused = Verdict::Refused(Refusal::DomainMismatch);
    for domain in ["evil.com", ".evil.com", "www.good.com", "good.com.evil.com", "ood.com"] {
        check("https://good.com/", format!("a=1; Domain={domain}"), refused);
    }
}

/// Row 109: CVE-2015-3145, CVE-2016-8623 in curl.
#[test]
fn s109_a_quote_as_a_path_is_a_path_that_is_none() {
    for path in ["\"", "\"\"", "\"/x\"", "", "x", "//", "/\""] {
        let mut jar = Jar::new();
        let line = format!("a=1; path={path}");
        assert_eq!(store(&mut jar, "http://a.test/d/f", &line).verdict, Verdict::Stored, "{line}");
        let own = if path.starts_with('/') { path } else { "/d" };
        assert_eq!(jar.list_paths(), [own], "{line}");
    }
}

/// A name in more than one place is a conflict, which the caller sees as requests' exception.
#[test]
fn an_ambiguous_name_is_an_error_of_its_own_kind() {
    let mut jar = Jar::new();
    jar.set(Cookie::new("a", "1").with_domain("a.test")).unwrap();
    jar.set(Cookie::new("a", "2").with_domain("b.test")).unwrap();
    let error = sessio_core::Error::from(jar.get("a").unwrap_err());
    assert_eq!(error.kind(), ErrorKind::CookieConflict);
}
