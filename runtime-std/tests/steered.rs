//! Who has a say in where a redirect leads, and what goes along: hooks, adapters, secret fields.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::net::SocketAddr;
use std::sync::mpsc::Receiver;

use common::{field, serve, session, told};
use sessio_std::{Adapter, ErrorKind, Hook, Request, Response, Result, Session, Verdict};

/// A server that leads from `/start` to `/far`, or to the URL behind its `?`, and answers all else
/// with its path; it tells the heads that it was sent.
fn leading() -> (SocketAddr, Receiver<String>) {
    let (tell, hear) = std::sync::mpsc::channel();
    let (address, _) = serve(move |mut peer| {
        while let Some(head) = peer.head() {
            let target = head.split(' ').nth(1).unwrap().to_owned();
            match target.strip_prefix("/start") {
                Some(to) => {
                    let to = to.strip_prefix('?').unwrap_or("/far");
                    peer.answer("302 Found", &format!("Location: {to}\r\n"), "");
                }
                None => peer.answer("200 OK", "", &target),
            }
            let _ = tell.send(head);
        }
    });
    (address, hear)
}

/// What a call to `/start` comes to under `hook`.
fn steered(session: &Session, address: SocketAddr, hook: Hook) -> Result<Response> {
    session.request(Request::get(format!("http://{address}/start")).hook(hook))
}

#[test]
fn a_hook_stops_turns_or_refuses_a_redirect() {
    let (address, _) = leading();
    let session = session();
    let stop = Hook::look(|response| drop(response.headers_mut().remove("location")));
    let response = steered(&session, address, stop).unwrap();
    assert_eq!((response.status.as_u16(), response.history.len()), (302, 0));

    let turn = Hook::new(|response, _| {
        if response.is_redirect() {
            response.headers_mut().try_set("location", "/near")?;
        }
        Ok(Verdict::Continue)
    });
    let mut response = steered(&session, address, turn).unwrap();
    assert_eq!(response.text().unwrap(), "/near");

    let refuse = Hook::new(|response, _| match response.is_redirect() {
        true => Err("no redirects today".into()),
        false => Ok(Verdict::Continue),
    });
    let error = steered(&session, address, refuse).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Hook);
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "no redirects today");
}

#[test]
fn a_redirect_does_not_lead_where_no_adapter_is_mounted() {
    let (address, _) = leading();
    let session = session();
    session.lock().unmount("http://");
    session.mount(format!("http://{address}/"), Adapter::default());
    let near = session.get(format!("http://{address}/start")).unwrap();
    assert_eq!(near.history.len(), 1);
    let far = session.get(format!("http://{address}/start?http://localhost:{}/", address.port()));
    assert_eq!(far.unwrap_err().kind(), ErrorKind::InvalidSchema);
}

#[test]
fn a_secret_field_stays_with_the_origin_it_was_given_for() {
    let (address, heads) = leading();
    let session = session();
    session.lock().headers.try_set_secret("X-Session-Key", "k1").unwrap();
    session.lock().headers.try_set("X-Plain", "p").unwrap();
    let elsewhere = format!("http://localhost:{}/", address.port());
    for (to, want) in [("/far", [Some("k1"), Some("k2")]), (&*elsewhere, [None, None])] {
        let url = format!("http://{address}/start?{to}");
        session.request(Request::get(url).secret_header("X-Call-Key", "k2")).unwrap();
        let [first, second] = [(); 2].map(|()| told(&heads));
        let keys = |head| ["x-session-key", "x-call-key"].map(|name| field(head, name));
        assert_eq!(keys(&first), [Some("k1"), Some("k2")], "{to}");
        assert_eq!((keys(&second), field(&second, "x-plain")), (want, Some("p")), "{to}");
    }
}
