//! Proxies: tinyproxy, which asks for a password, squid, which asks for it by Digest, and microsocks
//! with and without one.

use sessio_core::policy::proxies::Proxies;
use sessio_core::policy::proxy::ProxyAuth;
use sessio_core::{Kit, Request};

use super::{Case, Outcome, Peers, call, get, holds, refused, same};
use crate::client::Client;

/// The cases of this file.
pub(super) fn cases<C: Client>() -> Vec<Case<C>> {
    vec![
        Case::new("proxy-http", http),
        Case::new("proxy-tunnel", tunnel),
        Case::new("proxy-tunnel-keeps-secrets", tunnel_keeps_secrets),
        Case::new("proxy-digest", digest),
        Case::new("proxy-digest-tunnel", digest_tunnel),
        Case::new("proxy-digest-wrong", digest_wrong),
        Case::new("proxy-auth-wrong", auth_wrong),
        Case::new("proxy-tunnel-refused", tunnel_refused),
        Case::new("proxy-chosen-anew", chosen_anew),
        Case::new("proxy-down", down),
        Case::new("socks5", socks5),
        Case::new("socks5-remote-names", socks5_remote_names),
        Case::new("socks5-auth", socks5_auth),
        Case::new("socks5-auth-wrong", socks5_auth_wrong),
        Case::new("socks5-tls", socks5_tls),
        Case::new("socks5-target-down", socks5_target_down),
    ]
}

fn by<K: Kit>(request: Request<K>, proxy: &str) -> Request<K> {
    request
        .proxies([("http", Some(proxy)), ("https", Some(proxy))].into_iter().collect::<Proxies>())
}

impl Peers {
    fn proxy(&self, user: &str) -> String {
        format!("http://{user}127.0.0.1:{}", self.port("proxy"))
    }

    fn squid(&self, user: &str) -> String {
        format!("http://{user}127.0.0.1:{}", self.port("squid"))
    }

    fn socks(&self, scheme: &str, server: &str, user: &str) -> String {
        format!("{scheme}://{user}127.0.0.1:{}", self.port(server))
    }
}

fn http<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let proxy = peers.proxy("user:secret@");
    for _ in 0..2 {
        let got = call(client, by(get(peers.http("http", "/text")), &proxy))?;
        same("status and length", &(got.status(), got.body.len()), &(200, 45_000))?;
    }
    let large = call(client, by(get(peers.http("http", "/large")), &proxy))?;
    same("large", &large.body.len(), &peers.large())
}

fn tunnel<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let proxy = peers.proxy("user:secret@");
    for (server, version) in [("tls12", "TLSv1.2"), ("tls13", "TLSv1.3"), ("tls13", "TLSv1.3")] {
        let got = call(client, by(get(peers.https(server, "/session")), &proxy))?;
        holds(server, &got.text(), version)?;
    }
    let large = call(client, by(get(peers.https("tls13", "/large")), &proxy))?;
    same("large", &large.body.len(), &peers.large())
}

fn tunnel_keeps_secrets<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let request = get(peers.https("tls13", "/headers")).header("Authorization", "for the origin");
    let got = call(client, by(request, &peers.proxy("user:secret@")))?;
    same("what the origin sees", &got.text().as_str(), &"for the origin||\n")
}

fn digest<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    client.session(|session| session.proxy_auth = ProxyAuth::Digest);
    let proxy = peers.squid("user:secret@");
    // The second one needs no question any more.
    for _ in 0..2 {
        let got = call(client, by(get(peers.http("http", "/text")), &proxy))?;
        same("status and length", &(got.status(), got.body.len()), &(200, 45_000))?;
    }
    let large = call(client, by(get(peers.http("http", "/large")), &proxy))?;
    same("large", &large.body.len(), &peers.large())
}

fn digest_tunnel<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    client.session(|session| session.proxy_auth = ProxyAuth::Digest);
    let proxy = peers.squid("user:secret@");
    for (server, version) in [("tls12", "TLSv1.2"), ("tls13", "TLSv1.3"), ("tls13", "TLSv1.3")] {
        let got = call(client, by(get(peers.https(server, "/session")), &proxy))?;
        holds(server, &got.text(), version)?;
        same("no hop of its own", &got.response.history.len(), &0)?;
    }
    let request = get(peers.https("tls13", "/headers")).header("Authorization", "for the origin");
    let got = call(client, by(request, &proxy))?;
    same("what the origin sees", &got.text().as_str(), &"for the origin||\n")?;
    let large = call(client, by(get(peers.https("tls13", "/large")), &proxy))?;
    same("large", &large.body.len(), &peers.large())
}

fn digest_wrong<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    client.session(|session| session.proxy_auth = ProxyAuth::Digest);
    for user in ["user:wrong@", ""] {
        let proxy = peers.squid(user);
        let got = call(client, by(get(peers.http("http", "/text")), &proxy))?;
        same("plain", &got.status(), &407)?;
        let (kind, message) = refused(client, by(get(peers.https("tls13", "/session")), &proxy))?;
        same("tunnel", &kind.as_str(), &"ProxyError")?;
        same("no secret", &message.contains("wrong"), &false)?;
    }
    Ok(())
}

fn auth_wrong<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let proxy = peers.proxy("user:wrong@");
    let got = call(client, by(get(peers.http("http", "/text")), &proxy))?;
    same("plain", &(400..500).contains(&got.status()), &true)?;
    let (kind, message) = refused(client, by(get(peers.https("tls13", "/session")), &proxy))?;
    same("tunnel", &kind.as_str(), &"ProxyError")?;
    same("no secret", &message.contains("wrong"), &false)
}

fn tunnel_refused<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    // Nobody listens on port 1.
    let request = get("https://127.0.0.1:1/".to_owned());
    let (kind, _) = refused(client, by(request, &peers.proxy("user:secret@")))?;
    same("kind", &kind.as_str(), &"ProxyError")
}

fn chosen_anew<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let proxy = peers.proxy("user:secret@");
    let got = call(client, by(get(peers.http("http", "/to-tls")), &proxy))?;
    same("history", &got.response.history.len(), &1)?;
    holds("version", &got.text(), "TLSv1.3")
}

fn down<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let request = by(get(peers.http("http", "/text")), "http://127.0.0.1:1");
    let (kind, _) = refused(client, request)?;
    same("kind", &kind.as_str(), &"ProxyError")
}

fn socks5<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let proxy = peers.socks("socks5", "socks_open", "");
    let got = call(client, by(get(peers.http("http", "/text")), &proxy))?;
    same("length", &got.body.len(), &45_000)?;
    let large = call(client, by(get(peers.http("http", "/large")), &proxy))?;
    same("large", &large.body.len(), &peers.large())
}

fn socks5_remote_names<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let url = peers.http("http", "/text").replace("127.0.0.1", "localhost");
    let got = call(client, by(get(url), &peers.socks("socks5h", "socks_open", "")))?;
    same("length", &got.body.len(), &45_000)
}

fn socks5_auth<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let proxy = peers.socks("socks5", "socks", "user:secret@");
    let got = call(client, by(get(peers.http("http", "/text")), &proxy))?;
    same("length", &got.body.len(), &45_000)
}

fn socks5_auth_wrong<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    for user in ["user:wrong@", ""] {
        let proxy = peers.socks("socks5", "socks", user);
        let (kind, message) = refused(client, by(get(peers.http("http", "/text")), &proxy))?;
        same("kind", &kind.as_str(), &"ConnectionError")?;
        same("no secret", &message.contains("wrong"), &false)?;
    }
    Ok(())
}

fn socks5_tls<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let proxy = peers.socks("socks5h", "socks", "user:secret@");
    let got = call(client, by(get(peers.https("tls13", "/session")), &proxy))?;
    holds("version", &got.text(), "TLSv1.3")
}

fn socks5_target_down<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let proxy = peers.socks("socks5", "socks_open", "");
    let (kind, _) = refused(client, by(get("http://127.0.0.1:1/".to_owned()), &proxy))?;
    same("kind", &kind.as_str(), &"ConnectionError")
}
