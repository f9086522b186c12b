//! A jar that the caller looks through and clears by hand.
#![expect(clippy::unwrap_used, reason = "cookies of tests are cookies")]

use sessio_core::cookies::{Limits, Reach, SameSite};
use sessio_core::{Cookie, Jar, WallTime, url};

const NOW: WallTime = WallTime::from_unix_seconds(1_700_000_000);

fn jar(lines: &[&str]) -> Jar {
    let mut jar = Jar::new();
    let from = url::parse("https://www.a.test/x").unwrap();
    jar.extract(lines.iter().map(|line| line.as_bytes()), &from, NOW);
    jar
}

#[test]
fn a_cookie_says_what_was_set() {
    let jar = jar(&[
        "host=1; SameSite=Strict; Secure",
        "wide=2; Domain=a.test; SameSite=none; HttpOnly",
        "odd=3; SameSite=other",
    ]);
    let rows = [
        ("host", Reach::Host, Some(SameSite::Strict), true, false),
        ("wide", Reach::Subdomains, Some(SameSite::None), false, true),
        ("odd", Reach::Host, None, false, false),
    ];
    let mut before = 0;
    for row in rows {
        let cookie = jar.iter().find(|cookie| cookie.name() == row.0).unwrap();
        let got = (
            cookie.name(),
            cookie.reach(),
            cookie.same_site(),
            cookie.is_secure(),
            cookie.is_http_only(),
        );
        assert_eq!(got, row);
        assert_eq!(cookie.is_host_only(), cookie.reach() != Reach::Subdomains);
        assert!(cookie.creation() > before, "later ones have greater numbers");
        before = cookie.creation();
    }
    let by_hand = Cookie::new("a", "b").with_http_only(false).with_same_site(SameSite::Lax);
    assert_eq!((by_hand.is_http_only(), by_hand.same_site()), (false, Some(SameSite::Lax)));
    assert_eq!(by_hand.reach(), Reach::Everywhere);
}

#[test]
fn what_ends_with_the_session_or_is_over_can_be_cleared() {
    let mut all = jar(&["session=1", "short=2; Max-Age=10", "long=3; Max-Age=1000"]);
    let mut lasting = all.clone();
    lasting.clear_session_cookies();
    assert_eq!(lasting.keys(), ["short", "long"]);
    all.clear_expired_cookies(WallTime::from_unix_seconds(1_700_000_009));
    assert_eq!(all.len(), 3);
    all.clear_expired_cookies(WallTime::from_unix_seconds(1_700_000_010));
    assert_eq!(all.keys(), ["session", "long"]);
}

#[test]
fn other_limits_hold_for_what_comes_and_not_for_what_is_there() {
    let mut jar = jar(&["a=1", "b=2"]);
    let before = jar.generation();
    jar.set_limits(Limits { response_max: 1, ..Limits::default() });
    assert_ne!(jar.generation(), before);
    assert_eq!((jar.len(), jar.limits().response_max), (2, 1));
    let from = url::parse("https://www.a.test/").unwrap();
    let decisions = jar.extract([&b"c=3"[..], b"d=4"], &from, NOW);
    assert_eq!(jar.len(), 3);
    assert_eq!(decisions.len(), 2);
}
