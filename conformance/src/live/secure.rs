//! TLS with nginx and openssl: versions, certificates of both sides, and what is refused.

use sessio_core::message::Certificate;
use sessio_core::policy::settings::Verify;

use super::{Case, Outcome, Peers, call, get, holds, refused, same};
use crate::client::Client;

/// The cases of this file.
pub(super) fn cases<C: Client>() -> Vec<Case<C>> {
    vec![
        Case::new("tls-1.2", tls12),
        Case::new("tls-1.3", tls13),
        Case::new("tls-large", large),
        Case::new("tls-resumed", resumed),
        Case::new("tls-redirect-from-http", redirect_from_http),
        Case::new("tls-client-certificate", client_certificate),
        Case::new("tls-client-certificate-absent", client_certificate_absent),
        Case::new("tls-unknown-issuer", unknown_issuer),
        Case::new("tls-expired", expired),
        Case::new("tls-wrong-host", wrong_host),
        Case::new("tls-unchecked", unchecked),
        Case::new("tls-towards-plain", towards_plain),
        Case::new("tls-plain-towards-tls", plain_towards_tls),
    ]
}

fn tls12<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let got = call(client, get(peers.https("tls12", "/session")))?;
    holds("version", &got.text(), "TLSv1.2 ")
}

fn tls13<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let got = call(client, get(peers.https("tls13", "/session")))?;
    holds("version", &got.text(), "TLSv1.3 ")
}

fn large<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let plain = call(client, get(peers.http("http", "/large")))?;
    for server in ["tls12", "tls13"] {
        let got = call(client, get(peers.https(server, "/large")))?;
        same(server, &(got.body == plain.body), &true)?;
    }
    Ok(())
}

/// A second connection resumes the session of the first; nginx says `r` then.
fn resumed<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    for server in ["tls12", "tls13"] {
        let session = || get(peers.https(server, "/session")).header("Connection", "close");
        holds(server, &call(client, session())?.text(), " .\n")?;
        holds(server, &call(client, session())?.text(), " r\n")?;
    }
    Ok(())
}

fn redirect_from_http<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let got = call(client, get(peers.http("http", "/to-tls")))?;
    same("history", &got.response.history.len(), &1)?;
    holds("version", &got.text(), "TLSv1.3 ")
}

fn client_certificate<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let bundle = Certificate::Both(peers.certificate("client-bundle.pem"));
    let pair = Certificate::Pair {
        certificate: peers.certificate("client.pem"),
        key: peers.certificate("client.key"),
    };
    for certificate in [bundle, pair] {
        let got = call(client, get(peers.https("mutual", "/")).cert(certificate))?;
        same("subject", &got.text().as_str(), &"CN=client-one\n")?;
    }
    Ok(())
}

/// nginx lets the handshake pass and answers with 400.
fn client_certificate_absent<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let got = call(client, get(peers.https("mutual", "/")))?;
    same("status", &got.status(), &400)?;
    holds("reason", &got.text(), "No required SSL certificate was sent")?;
    // A connection without one is no connection for a call with one.
    client_certificate(client, peers)?;
    same("without again", &call(client, get(peers.https("mutual", "/")))?.status(), &400)
}

fn fails<C: Client>(client: &mut C, url: String, verify: Verify, why: &str) -> Outcome {
    let (kind, message) = refused(client, get(url).verify(verify))?;
    same("kind", &kind.as_str(), &"SSLError")?;
    holds("message", &message, why)
}

fn unknown_issuer<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let other = Verify::Bundle(peers.certificate("other-ca.pem"));
    for verify in [Verify::On, other] {
        fails(client, peers.https("tls13", "/session"), verify, "nobody who is trusted")?;
    }
    Ok(())
}

fn expired<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let verify = Verify::Bundle(peers.certificate("ca.pem"));
    fails(client, peers.https("expired", "/"), verify, "expired")
}

fn wrong_host<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let verify = Verify::Bundle(peers.certificate("ca.pem"));
    fails(client, peers.https("wronghost", "/"), verify, "it is for elsewhere.test")
}

fn unchecked<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    for server in ["expired", "wronghost"] {
        let got = call(client, get(peers.https(server, "/")).verify(Verify::Off))?;
        same(server, &got.status(), &200)?;
    }
    // What was opened without checks is of no use to a call with checks.
    expired(client, peers)?;
    wrong_host(client, peers)
}

fn towards_plain<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let (kind, _) = refused(client, get(peers.https("http", "/text")))?;
    same("kind", &kind.as_str(), &"SSLError")
}

/// nginx answers plainly that it wants TLS.
fn plain_towards_tls<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let got = call(client, get(peers.http("tls13", "/session")))?;
    same("status", &got.status(), &400)
}
