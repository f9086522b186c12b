//! A session that was saved and brought back: whatever kinds of values it has.
#![cfg(feature = "json")]
#![expect(clippy::unwrap_used, reason = "a session that cannot be saved fails the test")]

use sessio_core::cookies::{RestoreError, SavedJar, Which};
use sessio_core::message::Auth;
use sessio_core::policy::digest::{DigestAuth, UserName};
use sessio_core::policy::merge::Given;
use sessio_core::{Adapter, Cookie, Jar, RestoreSessionError, SavedSession, Session};

fn again(session: &Session<()>) -> Session<()> {
    let text = serde_json::to_string(&session.save()).unwrap();
    let saved: SavedSession = serde_json::from_str(&text).unwrap();
    let shown = format!("{saved:?}");
    assert!(shown.contains("version") && !shown.contains("S3CRET"), "{shown}");
    let mut other = Session::new(2);
    other.restore(saved).unwrap();
    assert_eq!(serde_json::to_string(&other.save()).unwrap(), text);
    other
}

#[test]
fn credentials_of_each_kind_come_back() {
    let digest = || DigestAuth::new("u", "S3CRET");
    let kinds: [fn(&Auth<std::convert::Infallible>) -> bool; 6] = [
        |auth| matches!(auth, Auth::Basic { .. }),
        |auth| matches!(auth, Auth::Basic { .. }),
        |auth| matches!(auth, Auth::ProxyBasic { .. }),
        |auth| matches!(auth, Auth::Bearer(token) if token.reveal() == "S3CRET"),
        |auth| matches!(auth, Auth::Digest(digest) if digest.user_name() == UserName::Plain),
        |auth| matches!(auth, Auth::Digest(digest) if digest.user_name() == UserName::Hashed),
    ];
    let given = [
        Auth::basic("u", "S3CRET"),
        Auth::basic(b"\xff".to_vec(), b"\xffS3CRET".to_vec()),
        Auth::proxy_basic("u", "S3CRET"),
        Auth::bearer("S3CRET"),
        Auth::Digest(digest()),
        Auth::Digest(digest().with_user_name(UserName::Hashed)),
    ];
    for (auth, is_same_kind) in given.into_iter().zip(kinds) {
        let mut session: Session<()> = Session::new(1);
        session.auth = Given::Use(auth);
        let other = again(&session);
        let Given::Use(auth) = &other.auth else { panic!("no auth") };
        assert!(is_same_kind(auth), "{auth:?}");
    }
    let mut off: Session<()> = Session::new(1);
    off.auth = Given::Off;
    assert!(matches!(again(&off).auth, Given::Off));
}

#[test]
fn parameters_of_each_type_come_back() {
    let mut session: Session<()> = Session::new(1);
    session.params.push("text", "a b");
    session.params.push("bytes", b"\xff".to_vec());
    session.params.push("whole", 1_u64 << 60);
    session.params.push("broken", 1.5);
    session.params.push("flag", true);
    session.params.push("several", ["a", "b"]);
    assert_eq!(again(&session).params, session.params);
    assert_eq!(again(&session).params.encode(), session.params.encode());
}

#[test]
fn what_cannot_be_brought_back_is_said_and_changes_nothing() {
    let mut session: Session<()> = Session::new(1);
    session.headers.try_set("x-a", "1").unwrap();
    session.mount("http://a.test/", Adapter::with_retries(2));
    session.cookies.set(Cookie::new("c", "v")).unwrap();
    let text = serde_json::to_string(&session.save()).unwrap();
    let rows = [
        ("\"version\":1", "\"version\":99", "the saved session is of version 99"),
        ("\"x-a\"", "\"x a\"", "invalid header name \"x a\""),
        ("\"HEAD\"", "\"HE AD\"", "a method that the saved session retries is none"),
    ];
    for (from, to, want) in rows {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from} is not in {text}");
        let mut other: Session<()> = Session::new(3);
        other.max_redirects = 3;
        let error = other.restore(serde_json::from_str(&changed).unwrap()).unwrap_err();
        assert!(error.to_string().starts_with(want), "{error}");
        assert_eq!((other.max_redirects, other.cookies.len()), (3, 0));
    }
    let cookies = RestoreSessionError::Cookies(RestoreError::Version(9));
    assert_eq!(cookies.to_string(), "saved cookies of unknown version 9");
}

#[test]
fn cookies_that_cannot_be_brought_back_say_why() {
    use std::error::Error as _;

    let mut jar = Jar::new();
    jar.set(Cookie::new("name", "S3CRET")).unwrap();
    let text = jar.to_json(Which::All).unwrap();
    assert!(!format!("{:?}", jar.save()).contains("S3CRET"));
    assert_eq!(Jar::from_json(&text).unwrap().get("name").unwrap(), Some("S3CRET"));

    let later = text.replacen("\"version\":1", "\"version\":9", 1);
    let error = Jar::from_json(&later).unwrap_err();
    assert_eq!(error.to_string(), "saved cookies of unknown version 9");
    assert!(error.source().is_none());

    let bad = text.replacen("S3CRET", "S3CRET\\n", 1);
    let error = Jar::from_json(&bad).unwrap_err();
    assert_eq!(error.to_string(), "unusable cookie among the saved");
    let cause = error.source().map(ToString::to_string);
    assert_eq!(cause.as_deref(), Some("control character in a cookie"));

    let error = Jar::from_json("{").unwrap_err();
    assert_eq!(error.to_string(), "no saved cookies: unreadable at line 1 column 1");
    assert!(error.source().is_none());
    let empty: SavedJar = Jar::new().save();
    assert!(Jar::restore(empty).unwrap().is_empty());
}
