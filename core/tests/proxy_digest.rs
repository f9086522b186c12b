//! A proxy that asks by Digest: over plain http and for a tunnel, played in memory.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::VecDeque;

use md5::{Digest as _, Md5};
use sessio_core::exchange::{Ask, Probe, Received, Transfer};
use sessio_core::policy::proxy::ProxyAuth;
use sessio_core::{
    Error, ErrorKind, Input, Instant, Now, Output, Request, Response, Session, WallTime,
};

const NOW: Now =
    Now { mono: Instant::from_nanos(0), wall: WallTime::from_unix_seconds(1_700_000_000) };
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn asks(words: &str) -> String {
    format!(
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: {words}\r\n\
         Content-Length: 2\r\n\r\nno"
    )
}

/// A session that goes to `proxy` for everything, and shows Digest to it.
fn session(proxy: &str) -> Session<usize> {
    let mut session = Session::new(7);
    session.proxies.set("all", Some(proxy));
    session.proxy_auth = ProxyAuth::Digest;
    session
}

/// Makes a call; each request that is sent gets the next reply. Gives the outcome and the heads.
fn get(
    session: &mut Session<usize>,
    url: &str,
    replies: &[String],
) -> (Result<Response, Error>, Vec<String>) {
    let mut replies: VecDeque<Vec<u8>> =
        replies.iter().map(|reply| reply.clone().into_bytes()).collect();
    let prepared = session.prepare_request(Request::get(url), NOW).unwrap();
    let plan = session.plan(&prepared.options, Ask::Nobody, Ask::Nobody);
    let mut exchange = session.start(prepared.request.into(), plan, NOW).unwrap();
    let (mut heads, mut sent_so_far, mut coming) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..1000 {
        let input = match exchange.poll() {
            Output::Consult => {
                exchange.consult(session, NOW);
                continue;
            }
            Output::Resolve(_) => Input::Resolved(&[std::net::SocketAddr::new(
                std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
                1,
            )]),
            Output::Connect { id, .. } => Input::Connecting(id, 0),
            Output::Await(attempts) => Input::Connected(attempts[0].id),
            Output::Probe(_) => Input::Probed(Probe::Quiet),
            Output::Transfer(Transfer { send, receive, .. }) => {
                let sent = send.iter().map(|bytes| bytes.len()).sum();
                sent_so_far.extend(send.concat());
                if sent_so_far.ends_with(b"\r\n\r\n") {
                    heads.push(String::from_utf8(std::mem::take(&mut sent_so_far)).unwrap());
                    coming = replies.pop_front().unwrap_or_default();
                }
                let count = if sent > 0 { 0 } else { coming.len().min(receive.len()) };
                receive[..count].copy_from_slice(&coming[..count]);
                coming.drain(..count);
                let received = if sent > 0 { Received::Nothing } else { Received::Bytes(count) };
                Input::Moved { sent, received }
            }
            Output::Done => return (exchange.finish(), heads),
            other => panic!("{other:?}"),
        };
        exchange.handle(input, NOW);
    }
    panic!("the call does not end");
}

/// The first words of each head, and of its answer to the proxy, which has to be right: the target
/// it is for and its count.
fn shown(heads: &[String]) -> Vec<String> {
    let show = |head: &String| {
        let line = head.lines().next().unwrap();
        let (method, target) = (line.split(' ').next().unwrap(), line.split(' ').nth(1).unwrap());
        let field = head.lines().find_map(|line| line.strip_prefix("Proxy-Authorization: "));
        let Some(field) = field else { return format!("{method} {target}") };
        let value = |name: &str| {
            let (_, rest) = field.split_once(&format!("{name}=")).expect(name);
            rest.trim_start_matches('"').split(['"', ',']).next().unwrap()
        };
        let md5 = |text: String| {
            Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        let secret = md5(format!("u:{}:p", value("realm")));
        let request = md5(format!("{method}:{target}"));
        let (nonce, nc, cnonce) = (value("nonce"), value(" nc"), value("cnonce"));
        let proof = md5(format!("{secret}:{nonce}:{nc}:{cnonce}:auth:{request}"));
        assert_eq!(value("response"), proof, "{field}");
        format!("{method} {} {nonce} {}", value("uri"), nc.trim_start_matches('0'))
    };
    heads.iter().map(show).collect()
}

#[test]
fn a_proxy_is_shown_nothing_before_it_asks_and_then_each_time() {
    let mut session = session("http://u:p@proxy.test:3128");
    let challenge = asks("Basic realm=b, Digest realm=r, nonce=n, qop=auth");
    let (response, heads) = get(&mut session, "http://a.test/1?q", &[challenge, OK.into()]);
    let response = response.unwrap();
    assert_eq!((response.status.as_u16(), response.history.len()), (200, 1));
    assert_eq!(shown(&heads), ["GET http://a.test/1?q", "GET http://a.test/1?q n 1"]);
    let (_, heads) = get(&mut session, "http://b.test/2", &[OK.into()]);
    assert_eq!(shown(&heads), ["GET http://b.test/2 n 2"]);
}

#[test]
fn a_tunnel_is_asked_for_again_with_the_answer_once() {
    let mut session = session("http://u:p@proxy.test:3128");
    let challenge = asks("Digest realm=r, nonce=n, qop=auth");
    let (error, heads) = get(&mut session, "https://a.test/", &[challenge.clone(), challenge]);
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Proxy);
    assert_eq!(error.response().unwrap().status.as_u16(), 407);
    assert_eq!(shown(&heads), ["CONNECT a.test:443", "CONNECT a.test:443 n 1"]);
}

#[test]
fn a_challenge_that_cannot_be_answered_stays_the_response() {
    for challenge in ["Basic realm=b", "Digest realm=r, nonce=n, algorithm=ROT13"] {
        let mut session = session("http://u:p@proxy.test:3128");
        let (response, heads) = get(&mut session, "http://a.test/", &[asks(challenge)]);
        assert_eq!(response.unwrap().status.as_u16(), 407, "{challenge}");
        assert_eq!(shown(&heads), ["GET http://a.test/"], "{challenge}");
    }
}

/// Row 47: CVE-2026-7168, CVE-2026-8927 curl.
#[test]
fn s047_what_one_proxy_asked_is_not_answered_to_another() {
    let mut session = session("http://u:p@one.test:3128");
    let challenge = asks("Digest realm=r, nonce=n, qop=auth");
    get(&mut session, "http://a.test/1", &[challenge, OK.into()]).0.unwrap();
    for other in
        ["http://u:p@two.test:3128", "http://u:p@one.test:3129", "http://u:x@one.test:3128"]
    {
        session.proxies.set("all", Some(other));
        let (_, heads) = get(&mut session, "http://a.test/2", &[OK.into()]);
        assert_eq!(shown(&heads), ["GET http://a.test/2"], "{other}");
    }
    session.proxies.set("all", Some("http://u:p@one.test:3128"));
    let (_, heads) = get(&mut session, "http://a.test/3", &[OK.into()]);
    assert_eq!(shown(&heads), ["GET http://a.test/3 n 2"]);
}

/// Row 31: CVE-2026-6429 curl.
#[test]
fn s031_credentials_stay_with_their_request_on_a_shared_proxy_connection() {
    let mut session = session("http://proxy.test:3128");
    let to_b = "HTTP/1.1 302 Found\r\nLocation: http://b.test/\r\nContent-Length: 0\r\n\r\n";
    let url = "http://ada:lovelace@a.test/";
    let (response, heads) = get(&mut session, url, &[to_b.into(), OK.into()]);
    assert_eq!(response.unwrap().url().as_str(), "http://b.test/");
    assert_eq!(session.idle_connections(), 1);
    let has = |head: &String| head.contains("\r\nAuthorization: ");
    assert_eq!(heads.iter().map(has).collect::<Vec<_>>(), [true, false]);
}
