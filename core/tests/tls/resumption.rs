//! Sessions are resumed where everything is the same, and nowhere else.

use std::sync::Arc;

use rustls::{HandshakeKind, ServerConfig};
use sessio_core::tls::{Identity, Role, Roots, Stage, TlsConfig, TlsPeer, TlsSetup};

use crate::peer::{VERSIONS, Wants, configure, connect, origin, pem, server, settle, trusting};

/// Whether a connection resumes; it ends orderly.
fn resumes(config: &Arc<dyn TlsConfig>, peer: TlsPeer<'_>, server: &Arc<ServerConfig>) -> bool {
    let (mut client, mut server) = connect(config, peer, server);
    assert_eq!(client.stage, Ok(Stage::Open));
    client.write(b"x");
    client.session.close(&mut client.out);
    settle(&mut client, &mut server);
    server.tls.handshake_kind() == Some(HandshakeKind::Resumed)
}

#[test]
fn all_but_the_first_connection_to_a_peer_are_resumed() {
    const CONNECTIONS: usize = 200;
    let config = configure(&trusting(Roots::Anybody));
    for version in VERSIONS {
        let server = server("good", version, Wants::Nothing);
        let resumed =
            (0..CONNECTIONS).filter(|_| resumes(&config, origin("a.test"), &server)).count();
        assert_eq!(resumed, CONNECTIONS - 1);
    }
}

/// Row 56: CVE-2021-22890 curl.
#[test]
fn s056_tickets_are_apart_by_role_host_and_port() {
    let config = configure(&trusting(Roots::Anybody));
    let peers = [
        origin("a.test"),
        TlsPeer { role: Role::Proxy, ..origin("a.test") },
        TlsPeer { port: 8443, ..origin("a.test") },
        origin("b.test"),
        origin("127.0.0.1"),
        origin("::1"),
    ];
    for version in VERSIONS {
        let config =
            if version == VERSIONS[0] { &config } else { &configure(&trusting(Roots::Anybody)) };
        let server = server("good", version, Wants::Nothing);
        for peer in peers {
            assert!(!resumes(config, peer, &server), "{peer:?}");
        }
        for peer in peers {
            assert!(resumes(config, peer, &server), "{peer:?}");
        }
    }
}

#[test]
fn tickets_are_apart_by_roots_and_identity() {
    let (ca, bundle) = (pem("ca.pem"), pem("client-bundle.pem"));
    let identity = Some(Identity { certificates: &bundle, key: &bundle });
    let setups = [
        trusting(Roots::Anybody),
        trusting(Roots::Pem(&ca)),
        TlsSetup { identity, ..trusting(Roots::Pem(&ca)) },
    ];
    for version in VERSIONS {
        let server = server("good", version, Wants::Optional);
        for setup in &setups {
            let config = configure(setup);
            assert!(!resumes(&config, origin("a.test"), &server), "{setup:?}");
            assert!(resumes(&config, origin("a.test"), &server), "{setup:?}");
        }
    }
}

#[test]
fn tickets_of_many_peers_do_not_pile_up() {
    let config = configure(&trusting(Roots::Anybody));
    let server = server("good", VERSIONS[1], Wants::Nothing);
    let hosts: Vec<String> = (0..300).map(|number| format!("h{number}.test")).collect();
    for host in &hosts {
        assert!(!resumes(&config, origin(host), &server));
    }
    assert!(!resumes(&config, origin(&hosts[0]), &server), "the oldest were forgotten");
    assert!(resumes(&config, origin(&hosts[299]), &server), "the newest was not");
}
