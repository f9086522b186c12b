//! Whose certificates are taken, and what is said about those that are not.

use std::iter::repeat_n;

use sessio_core::WallTime;
use sessio_core::tls::{Roots, Stage, TlsError, default_provider};

use crate::peer::{
    Client, Echo, NOW, VERSIONS, Wants, configure, connect, origin, pem, server, settle, trusting,
};

/// How a handshake ends, with either version, of a client that trusts the certificates in `bundle`
/// (nothing is checked without one) and a server that shows `shown`.
fn check(bundle: &str, shown: &str, host: &str) -> Result<Stage, TlsError> {
    let text = pem(if bundle.is_empty() { "ca.pem" } else { bundle });
    let roots = if bundle.is_empty() { Roots::Anybody } else { Roots::Pem(&text) };
    let config = configure(&trusting(roots));
    let [old, new] = VERSIONS.map(|version| {
        let (client, server) =
            connect(&config, origin(host), &server(shown, version, Wants::Nothing));
        assert_eq!(client.stage.is_err(), server.failed.is_some(), "the peer gets an alert");
        client.stage
    });
    assert_eq!(old, new, "both versions say the same of {shown}");
    new
}

fn wrong(host: &str, names: &[&str]) -> Result<Stage, TlsError> {
    let names = names.iter().copied().map(Into::into).collect();
    Err(TlsError::WrongHost { host: host.into(), names })
}

/// Row 110: RUSTSEC-2016-0002 of hyper, CVE-2016-9015 and CVE-2019-11324 of urllib3.
#[test]
fn s110_names_are_checked_and_roots_replace_those_built_in() {
    let many = [
        "secure.test",
        "other.test",
        "example.com",
        "www.example.com",
        "a.test",
        "b.test",
        "proxy.test",
        "127.0.0.1",
        "::1",
    ];
    let rows = [
        ("ca.pem", "good", "a.test", Ok(Stage::Open)),
        ("both-cas.pem", "good", "a.test", Ok(Stage::Open)),
        ("both-cas.pem", "otherca", "a.test", Ok(Stage::Open)),
        ("ca.pem", "good", "A.Test", Ok(Stage::Open)),
        ("ca.pem", "good", "a.test.", Ok(Stage::Open)),
        ("ca.pem", "good", "127.0.0.1", Ok(Stage::Open)),
        ("ca.pem", "good", "::1", Ok(Stage::Open)),
        ("ca.pem", "good", "c.test", wrong("c.test", &many)),
        ("ca.pem", "good", "127.0.0.2", wrong("127.0.0.2", &many)),
        ("ca.pem", "wronghost", "a.test", wrong("a.test", &["elsewhere.test"])),
        ("ca.pem", "cnonly", "secure.test", wrong("secure.test", &[])),
        ("ca.pem", "wildcard", "a.wild.test", Ok(Stage::Open)),
        ("ca.pem", "wildcard", "wild.test", wrong("wild.test", &["*.wild.test"])),
        ("ca.pem", "wildcard", "a.b.wild.test", wrong("a.b.wild.test", &["*.wild.test"])),
        ("other-ca.pem", "good", "a.test", Err(TlsError::UnknownIssuer)),
        ("ca.pem", "otherca", "a.test", Err(TlsError::UnknownIssuer)),
        ("ca.pem", "expired", "secure.test", Err(TlsError::Expired)),
        ("ca.pem", "notyet", "secure.test", Err(TlsError::NotYetValid)),
    ];
    for (bundle, shown, host, want) in rows {
        assert_eq!(check(bundle, shown, host), want, "{shown} for {host}, trusting {bundle}");
    }
}

#[test]
fn a_self_signed_certificate_is_trusted_if_it_is_in_the_bundle_and_for_itself_alone() {
    let unknown = || Err(TlsError::UnknownIssuer);
    let rows = [
        ("ca.pem", "selfsigned", "secure.test", unknown()),
        ("selfsigned.pem", "selfsigned", "secure.test", Ok(Stage::Open)),
        ("selfsigned.pem", "good", "secure.test", unknown()),
        // It is signed by one that is trusted for itself and is no authority.
        ("selfsigned.pem", "unauthorised", "b.test", unknown()),
        // An authority that is its own server, as `openssl req -x509` makes it.
        ("pinned.pem", "pinned", "a.test", Ok(Stage::Open)),
        ("pinned.pem", "pinned", "b.test", wrong("b.test", &["a.test"])),
        ("ca.pem", "pinned", "a.test", unknown()),
        // A certificate that somebody else has signed is no root by being in the bundle.
        ("good.pem", "good", "a.test", unknown()),
        ("client-bundle.pem", "good", "a.test", unknown()),
    ];
    for (bundle, shown, host, want) in rows {
        assert_eq!(check(bundle, shown, host), want, "{shown} for {host}, trusting {bundle}");
    }
}

#[test]
fn with_verification_off_every_certificate_will_do() {
    for shown in ["good", "expired", "notyet", "wronghost", "selfsigned", "cnonly", "pinned"] {
        assert_eq!(check("", shown, "a.test"), Ok(Stage::Open), "{shown}");
    }
}

#[test]
fn the_roots_that_are_built_in_do_not_know_the_test_ca() {
    let config = configure(&trusting(Roots::BuiltIn));
    for shown in ["good", "selfsigned", "otherca"] {
        let server = server(shown, VERSIONS[1], Wants::Nothing);
        let (client, _) = connect(&config, origin("secure.test"), &server);
        assert_eq!(client.stage, Err(TlsError::UnknownIssuer), "{shown}");
    }
}

#[test]
fn the_clock_is_the_one_that_is_handed_in() {
    let ca = pem("ca.pem");
    let config = configure(&trusting(Roots::Pem(&ca)));
    let day = |seconds| WallTime::from_unix_seconds(seconds);
    let rows = [
        (day(1_577_836_799), "expired", Err(TlsError::NotYetValid)),
        (day(1_577_836_800), "expired", Ok(Stage::Open)),
        (day(1_609_459_200), "expired", Ok(Stage::Open)),
        (day(1_609_459_201), "expired", Err(TlsError::Expired)),
        (day(4_102_444_800), "notyet", Ok(Stage::Open)),
        (NOW, "good", Ok(Stage::Open)),
        (day(-1), "good", Err(TlsError::NotYetValid)),
        (day(i64::MAX), "good", Err(TlsError::Expired)),
    ];
    for (now, shown, want) in rows {
        let server = server(shown, VERSIONS[1], Wants::Nothing);
        let mut client = Client::at(&config, origin("secure.test"), now);
        settle(&mut client, &mut Echo::new(&server));
        assert_eq!(client.stage, want, "{shown} at {now:?}");
    }
}

#[test]
fn what_is_wrong_with_a_bundle_is_said() {
    let whole = String::from_utf8(pem("ca.pem")).unwrap();
    let junk = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let key = String::from_utf8(pem("client.key")).unwrap();
    let rows = [
        (whole.clone(), None),
        // Old bundles have some that cannot be read.
        ([junk, &whole].concat(), None),
        (String::new(), Some("not in PEM")),
        ("nothing here\n".to_owned(), Some("not in PEM")),
        (key, Some("no certificate")),
        (junk.to_owned(), Some("no certificate in it is whole")),
        (whole.replace("-----END", "----END"), Some("no end")),
    ];
    for (text, want) in rows {
        let configured = default_provider().configure(&trusting(Roots::Pem(text.as_bytes())));
        match (configured, want) {
            (Ok(_), None) => {}
            (Err(TlsError::BadRoots(why)), Some(want)) => assert!(why.contains(want), "{why}"),
            (other, want) => panic!("{text}: {other:?} and not {want:?}"),
        }
    }
}

#[test]
fn hosts_that_no_certificate_can_be_for_are_refused_before_anything_is_sent() {
    let config = configure(&trusting(Roots::Anybody));
    for host in ["", ".", "a b", "a..b", "[::1]", "a\u{e9}.test", &"a".repeat(300)] {
        let refused = config.connect(origin(host), NOW).map(drop);
        assert_eq!(refused, Err(TlsError::BadHost(host.into())), "{host}");
    }
}

#[test]
fn messages_name_the_problem_and_stay_short() {
    let names: Vec<Box<str>> = repeat_n("n.test".into(), 50).collect();
    let told = TlsError::WrongHost { host: "a.test".into(), names }.to_string();
    assert!(told.contains("not for a.test, it is for n.test, ") && told.ends_with("and 40 more"));
    let told = TlsError::WrongHost { host: "a.test".into(), names: Vec::new() }.to_string();
    assert!(told.contains("common name"), "{told}");
}
