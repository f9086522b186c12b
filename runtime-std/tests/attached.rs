//! What a caller attaches: hooks, custom auth, an observer.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use common::{field, serve, session};
use sessio_std::{
    Auth, AuthFlow, AuthVerdict, BoxError, ErrorKind, Hook, PreparedRequest, Request, Verdict,
};

/// A server that answers with path and `Authorization`, 401 without that one, 302 on `/from`.
fn guarded() -> std::net::SocketAddr {
    serve(|mut peer| {
        while let Some(head) = peer.head() {
            let path = head.split(' ').nth(1).unwrap().to_string();
            match (path.as_str(), field(&head, "authorization")) {
                ("/token", _) => peer.answer("200 OK", "", "t0"),
                ("/from", _) => peer.answer("302 Found", "Location: /to\r\n", ""),
                (_, None) => peer.answer("401 Unauthorized", "", "who?"),
                (_, Some(token)) => peer.answer("200 OK", "", &format!("{path} {token}")),
            }
        }
    })
    .0
}

fn with_token(request: &PreparedRequest, token: &str) -> PreparedRequest {
    let mut request = request.clone();
    request.headers.try_set("Authorization", token).unwrap();
    request
}

#[test]
fn a_hook_may_call_the_session_and_have_the_request_sent_again() {
    let address = guarded();
    let session = session();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let renew = {
        let session = session.clone();
        Hook::new(move |response, _| {
            if response.status != 401 {
                return Ok(Verdict::Continue);
            }
            let token = session.get(format!("http://{address}/token"))?.text()?;
            Ok(Verdict::resend(with_token(&response.request, &token)))
        })
    };
    let look = {
        let seen = Arc::clone(&seen);
        Hook::look(move |response| seen.lock().unwrap().push(response.status.as_u16()))
    };
    let request = Request::get(format!("http://{address}/x")).hook(renew).hook(look);
    let mut response = session.request(request).unwrap();
    assert_eq!(response.text().unwrap(), "/x t0");
    assert_eq!(response.history.iter().map(|r| r.status.as_u16()).collect::<Vec<_>>(), [401]);
    assert_eq!(*seen.lock().unwrap(), [200]);
}

#[test]
fn a_hook_sees_every_hop_and_may_replace_the_response() {
    let address = guarded();
    let session = session();
    let count = Arc::new(AtomicU32::new(0));
    let hook = {
        let count = Arc::clone(&count);
        Hook::new(move |response, options| {
            count.fetch_add(1, Ordering::Relaxed);
            if response.status == 401 {
                assert_eq!(options.allow_redirects, Some(true));
                *response = sessio_core::Response::new(
                    Arc::clone(&response.request),
                    "299".parse().unwrap(),
                );
                response.set_reason("Made Up");
            }
            Ok(Verdict::Continue)
        })
    };
    let id = hook.id();
    session.lock().hooks.register(hook);
    let ask = || Request::get(format!("http://{address}/from")).allow_redirects(true);
    let response = session.request(ask()).unwrap();
    assert_eq!((response.status.as_u16(), &*response.reason()), (299, "Made Up"));
    assert_eq!((response.history.len(), count.load(Ordering::Relaxed)), (1, 2));
    // A request with hooks does not run those of the session.
    session.request(ask().hook(Hook::look(|_| ()))).unwrap();
    assert_eq!(count.load(Ordering::Relaxed), 2);
    assert!(session.lock().hooks.deregister(|hook| hook.id() == id).is_some());
    assert_eq!(session.request(ask()).unwrap().status, 401);
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[test]
fn the_error_of_a_hook_reaches_the_caller_whole() {
    let address = guarded();
    let session = session();
    let wrong = || -> BoxError { "no such luck".into() };
    for stream in [false, true] {
        let request = Request::get(format!("http://{address}/x")).stream(stream);
        let error = session.request(request.hook(Hook::new(move |_, _| Err(wrong())))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Hook);
        assert_eq!(error.request().unwrap().url.path(), "/x");
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "no such luck");
        assert_eq!(error.into_user().unwrap().to_string(), "no such luck");
    }
}

#[test]
fn a_hook_that_panics_frees_its_place() {
    let address = guarded();
    let session = session();
    session.lock().limit_connections(Some(1), None);
    session.lock().timeouts.pool = Some(std::time::Duration::from_secs(4));
    let request = Request::get(format!("http://{address}/token")).stream(true);
    let request = request.hook(Hook::look(|_| std::panic::resume_unwind(Box::new("on purpose"))));
    let thread = std::thread::spawn({
        let session = session.clone();
        move || session.request(request).map(drop)
    });
    assert!(thread.join().is_err());
    assert_eq!(session.get(format!("http://{address}/token")).unwrap().status, 200);
}

/// Signs as told, and answers so many challenges.
struct Rounds {
    sign: Result<(), &'static str>,
    rounds: u32,
}

impl AuthFlow for Rounds {
    fn sign(&self, request: &mut PreparedRequest) -> Result<(), BoxError> {
        request.headers.try_set("X-Signed", "yes")?;
        Ok(self.sign?)
    }

    fn respond(
        &self,
        response: &sessio_core::Response,
        round: u32,
    ) -> Result<AuthVerdict, BoxError> {
        if round >= self.rounds {
            return Ok(AuthVerdict::Accept);
        }
        let request = with_token(&response.request, &format!("round {round}"));
        Ok(AuthVerdict::Resend(Box::new(request)))
    }
}

#[test]
fn custom_auth_signs_and_answers_in_rounds_before_hooks_look() {
    let address = guarded();
    let session = session();
    let seen = Arc::new(AtomicU32::new(0));
    for rounds in [1, 3] {
        let hook = {
            let seen = Arc::clone(&seen);
            Hook::look(move |_| seen.store(seen.load(Ordering::Relaxed) + 1, Ordering::Relaxed))
        };
        let auth = Auth::Custom(Arc::new(Rounds { sign: Ok(()), rounds }) as Arc<dyn AuthFlow>);
        let request = Request::get(format!("http://{address}/x")).auth(auth).hook(hook);
        let mut response = session.request(request).unwrap();
        assert_eq!(response.text().unwrap(), format!("/x round {}", rounds - 1));
        assert_eq!(response.history.len(), rounds as usize);
        assert_eq!(response.request.headers.get_str("x-signed"), Some("yes"));
    }
    assert_eq!(seen.load(Ordering::Relaxed), 2);
    let auth = Arc::new(Rounds { sign: Err("no key"), rounds: 0 });
    let request = Request::get(format!("http://{address}/x")).auth(Auth::Custom(auth));
    let error = session.request(request).unwrap_err();
    assert_eq!(
        (error.kind(), error.user().unwrap().to_string()),
        (ErrorKind::Hook, "no key".into())
    );
}

#[test]
fn custom_auth_does_not_answer_other_origins() {
    let other = guarded();
    let (address, _) = serve(move |mut peer| {
        while peer.head().is_some() {
            peer.answer("302 Found", &format!("Location: http://{other}/x\r\n"), "");
        }
    });
    let auth = Arc::new(Rounds { sign: Ok(()), rounds: 1 });
    let request = Request::get(format!("http://{address}/")).auth(Auth::Custom(auth));
    let response = session().request(request).unwrap();
    assert_eq!(response.status, 401);
}

#[test]
fn an_observer_is_told_what_calls_decide() {
    let address = guarded();
    let session = session();
    let told = Arc::new(Mutex::new(Vec::new()));
    session.on_event({
        let told = Arc::clone(&told);
        move |event| told.lock().unwrap().push(event.what.to_string())
    });
    session.get(format!("http://{address}/from")).unwrap();
    let events = std::mem::take(&mut *told.lock().unwrap());
    for want in ["request: GET", "redirect: 302", "connection: reused", "received: 401"] {
        assert!(events.iter().any(|event| event.starts_with(want)), "{want}: {events:?}");
    }
    session.without_observer();
    session.get(format!("http://{address}/from")).unwrap();
    assert!(told.lock().unwrap().is_empty());
}
