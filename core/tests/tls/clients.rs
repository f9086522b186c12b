//! Certificates of the client: whom they are shown, and how refusals read.

use sessio_core::tls::{Identity, Roots, Stage, TlsError, TlsSetup, default_provider};

use crate::peer::{VERSIONS, Wants, configure, connect, origin, pem, server, trusting};

/// How it ends when a client with this certificate meets a server, and whom the server saw.
fn check(
    files: Option<(&str, &str)>,
    version: usize,
    wants: Wants,
) -> (Result<Stage, TlsError>, bool) {
    let ca = pem("ca.pem");
    let files = files.map(|(certificates, key)| (pem(certificates), pem(key)));
    let identity = files.as_ref().map(|(certificates, key)| Identity { certificates, key });
    let config = configure(&TlsSetup { identity, ..trusting(Roots::Pem(&ca)) });
    let server = server("good", VERSIONS[version], wants);
    let (client, server) = connect(&config, origin("a.test"), &server);
    (client.stage, server.tls.peer_certificates().is_some())
}

#[test]
fn a_client_certificate_is_shown_to_those_who_ask_for_it() {
    let pair = Some(("client.pem", "client.key"));
    let bundle = Some(("client-bundle.pem", "client-bundle.pem"));
    let rows = [
        (pair, Wants::Required, true),
        (bundle, Wants::Required, true),
        (pair, Wants::Optional, true),
        (pair, Wants::Nothing, false),
        (None, Wants::Optional, false),
        (None, Wants::Nothing, false),
    ];
    for version in 0..2 {
        for (files, wants, want) in rows {
            let told = format!("{files:?} {wants:?}");
            assert_eq!(check(files, version, wants), (Ok(Stage::Open), want), "{told}");
        }
    }
}

#[test]
fn refused_clients_are_told_why() {
    for version in 0..2 {
        let (none, _) = check(None, version, Wants::Required);
        let Err(TlsError::ClientCertificate(why)) = none else { panic!("{none:?}") };
        assert!(why.contains("none was given"), "{why}");
        let files = Some(("client-other.pem", "client-other.key"));
        let (other, _) = check(files, version, Wants::Required);
        let Err(TlsError::ClientCertificate(why)) = other else { panic!("{other:?}") };
        assert!(why.contains("refused the one it got"), "{why}");
    }
}

#[test]
fn keys_come_in_three_forms_and_bad_ones_are_named() {
    let rows = [
        ("client.pem", "client.key", None),
        ("rsa.pem", "rsa.key", None),
        ("sec1.pem", "sec1.key", None),
        ("client.pem", "client.pem", Some("no private key")),
        ("client.key", "client.key", Some("no certificate")),
        ("client.pem", "client-other.key", Some("not that of the certificate")),
        ("client.pem", "rsa.key", Some("not that of the certificate")),
        ("sec1.pem", "encrypted.key", Some("encrypted")),
        ("rsa.pem", "encrypted-rsa.key", Some("encrypted")),
    ];
    for (certificates, key, want) in rows {
        let told = format!("{certificates} with {key}");
        let (certificates, key) = (pem(certificates), pem(key));
        let identity = Some(Identity { certificates: &certificates, key: &key });
        let setup = TlsSetup { identity, ..trusting(Roots::Anybody) };
        match (default_provider().configure(&setup), want) {
            (Ok(_), None) => {}
            (Err(TlsError::BadIdentity(why)), Some(want)) => {
                assert!(why.contains(want), "{told}: {why}");
            }
            (other, want) => panic!("{told}: {other:?} and not {want:?}"),
        }
    }
}
