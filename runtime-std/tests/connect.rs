//! Where connections go and how: local addresses, the guard of addresses, proxies that refuse.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use common::{counting, serve, session, told};
use sessio_std::{Addresses, ErrorKind, Proxies, Request, SocketOptions};

#[test]
fn a_session_connects_from_the_address_that_it_is_bound_to() {
    let (address, hear) = serve(|mut peer| {
        let from = peer.stream.get_ref().peer_addr().unwrap().ip();
        peer.head();
        peer.answer("200 OK", "", "");
        from
    });
    let session = session();
    let bind = Some(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 9)));
    let keepalive = Some(Duration::from_secs(30));
    session.lock().socket = SocketOptions { bind, keepalive, ..SocketOptions::default() };
    session.get(format!("http://{address}/")).unwrap();
    assert_eq!(Some(told(&hear)), bind);

    session.lock().socket.bind = Some(IpAddr::V6(std::net::Ipv6Addr::LOCALHOST));
    session.close();
    let error = session.get(format!("http://localhost.test:{}/", address.port()));
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Connection);
}

#[test]
fn the_guard_refuses_what_is_not_public_as_an_address_a_name_and_a_redirect() {
    let address = counting();
    let session = session();
    session.lock().addresses = Addresses::Public;
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433"] {
        let url = format!("http://{host}:{}/", address.port());
        let error = session.get(&*url).unwrap_err();
        let told = std::error::Error::source(&error).unwrap().to_string();
        assert!(told.contains("is a loopback address"), "{host}: {told}");
    }
    // The caller may vouch for a host; where it redirects to is not vouched for.
    let (vouched, _hear) = serve(move |mut peer| {
        peer.head();
        peer.answer("302 Found", &format!("Location: http://{address}/\r\n"), "");
    });
    session.lock().connect_to("a.test", 80, vouched);
    let error = session.get("http://a.test/").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(error.request().unwrap().url.as_str().contains("127.0.0.1"));
}

fn proxied(scheme: &str, proxy: SocketAddr, url: &str) -> sessio_std::Error {
    let mut proxies = Proxies::new();
    proxies.set("all", Some(&format!("{scheme}://user:hunter2@{proxy}")));
    session().request(Request::get(url).proxies(proxies)).unwrap_err()
}

#[test]
fn a_tunnel_that_is_refused_is_an_error_with_the_proxys_answer() {
    let (proxy, hear) = serve(|mut peer| {
        let head = peer.head();
        peer.answer("403 Forbidden", "Via: here\r\n", "not that one");
        head
    });
    let error = proxied("http", proxy, "https://a.test/secret");
    let response = error.response().unwrap();
    assert_eq!((error.kind(), response.status.as_u16()), (ErrorKind::Proxy, 403));
    assert_eq!(response.headers().get("via").unwrap(), "here");
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("403") && !shown.contains("hunter2"), "{shown}");
    assert!(told(&hear).unwrap().starts_with("CONNECT a.test:443 "));
}

#[test]
fn each_way_in_which_a_proxy_fails_says_what_it_is() {
    // What the proxy says, and how the error goes on.
    let rows: [(&str, &str, &[u8], ErrorKind, &str); 7] = [
        (
            "socks5h",
            "http",
            b"\x05\x02\x01\x01",
            ErrorKind::Connection,
            "this user with this password",
        ),
        (
            "socks5h",
            "http",
            b"\x05\x00\x05\x05\x00\x01",
            ErrorKind::Connection,
            "connection refused",
        ),
        ("socks4a", "http", b"\x00\x5b", ErrorKind::Connection, "rejected or failed"),
        ("socks5h", "http", b"HTTP/1.1 400 Bad\r\n\r\n", ErrorKind::Connection, "does not speak"),
        ("http", "https", b"\x05\x00\r\n\r\n", ErrorKind::Connection, "not HTTP"),
        ("https", "https", b"HTTP/1.1 400 Bad\r\n\r\n", ErrorKind::Proxy, "TLS"),
        ("http", "https", b"HTTP/1.1 200 OK\r\n\r\nsurplus", ErrorKind::Proxy, "behind its answer"),
    ];
    for (scheme, target, says, kind, want) in rows {
        let says = says.to_vec();
        let (proxy, _hear) = serve(move |mut peer| peer.say(&says));
        let error = proxied(scheme, proxy, &format!("{target}://a.test/"));
        let source = std::error::Error::source(&error).map(ToString::to_string);
        let told = format!("{error} {error:?} {}", source.unwrap_or_default());
        assert_eq!(error.kind(), kind, "{scheme}: {told}");
        assert!(told.contains(want) && !told.contains("hunter2"), "{scheme}: {told}");
    }
}
