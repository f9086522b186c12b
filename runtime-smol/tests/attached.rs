//! Hooks, custom auth, resolver and unix sockets: what the caller attaches or replaces.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::io::ErrorKind as IoErrorKind;
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::time::Duration;

use common::{block_on, counting, field, serve, session};
use sessio_core::connection::Target;
use sessio_core::shared::ConnectTo;
use sessio_smol::{
    AsyncAuthFlow, Auth, AuthFlow, AuthVerdict, BoxError, BoxFuture, ErrorKind, Hook,
    PreparedRequest, Request, Timeouts, Verdict,
};

#[test]
fn hooks_that_wait_and_hooks_that_do_not_run_in_order() {
    let address = counting();
    let session = session();
    let other = session.clone();
    // It asks for something else with the same session meanwhile, over a connection of its own.
    let waits = Hook::awaiting(move |response, _| {
        let other = other.clone();
        Box::pin(async move {
            let url = response.url().clone();
            let text = other.get(&url).await?.text().await?;
            response.headers_mut().try_set("X-First", &text).unwrap();
            Ok(Verdict::Continue)
        })
    });
    let looks = Hook::look(|response| {
        let first = response.header_str("x-first").unwrap().to_owned();
        response.headers_mut().try_set("X-Second", format!("{first}!")).unwrap();
    });
    let request = Request::get(format!("http://{address}/")).hook(waits).hook(looks);
    let response = block_on(session.request(request)).unwrap();
    assert_eq!(response.header_str("x-second"), Some("0!"));
}

#[test]
fn a_hook_that_waits_too_long_is_given_up_with_its_call() {
    let hook = Hook::awaiting(|_, _| Box::pin(std::future::pending()));
    let timeouts = Timeouts { total: Some(Duration::from_millis(50)), ..Timeouts::NONE };
    let request = Request::get(format!("http://{}/", counting())).hook(hook).timeout(timeouts);
    let error = block_on(session().request(request)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TotalTimeout);
}

#[test]
fn the_error_of_a_hook_reaches_the_caller_whole() {
    #[derive(Debug, PartialEq)]
    struct Mine(u8);
    impl std::fmt::Display for Mine {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "mine {}", self.0)
        }
    }
    impl std::error::Error for Mine {}
    let hook = Hook::awaiting(|_, _| Box::pin(async { Err(Mine(7).into()) }));
    let request = Request::get(format!("http://{}/", counting())).hook(hook);
    let error = block_on(session().request(request)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Hook);
    assert_eq!(error.into_user().unwrap().downcast_ref(), Some(&Mine(7)));
}

/// Answers one challenge with a token, which it waits for or not.
struct Token;

impl AsyncAuthFlow for Token {
    fn sign<'a>(&'a self, request: &'a mut PreparedRequest) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async move {
            futures_lite::future::yield_now().await;
            request.headers.try_set("Authorization", "none yet")?;
            Ok(())
        })
    }

    fn respond<'a>(
        &'a self,
        response: &'a sessio_core::Response,
        round: u32,
    ) -> BoxFuture<'a, Result<AuthVerdict, BoxError>> {
        Box::pin(async move {
            futures_lite::future::yield_now().await;
            if response.status != 401 || round > 0 {
                return Ok(AuthVerdict::Accept);
            }
            let mut request = PreparedRequest::clone(&response.request);
            request.headers.try_set("Authorization", "token")?;
            Ok(AuthVerdict::Resend(Box::new(request)))
        })
    }
}

struct Plain;

impl AuthFlow for Plain {
    fn sign(&self, request: &mut PreparedRequest) -> Result<(), BoxError> {
        request.headers.try_set("Authorization", "token")?;
        Ok(())
    }
}

#[test]
fn auth_may_wait_and_answer_challenges_or_answer_at_once() {
    let (address, _) = serve(|mut peer| {
        while let Some(head) = peer.head() {
            let is_known = field(&head, "authorization") == Some("token");
            peer.answer(if is_known { "200 OK" } else { "401 Unauthorized" }, "", "");
        }
    });
    let auths: [(Auth, usize); 2] =
        [(Auth::Custom(Arc::new(Token)), 1), (Auth::Custom(Arc::new(Plain)), 0)];
    for (auth, rounds) in auths {
        let request = Request::get(format!("http://{address}/")).auth(auth);
        let response = block_on(session().request(request)).unwrap();
        assert_eq!((response.status.as_u16(), response.history.len()), (200, rounds));
    }
}

#[test]
fn the_callers_resolver_may_wait_refuse_and_panic() {
    let address = counting();
    let session = session();
    session.set_resolver(move |host, _| match host {
        "a.test" => Ok(vec![address]),
        "slow.test" => {
            std::thread::sleep(Duration::from_millis(300));
            Ok(vec![address])
        }
        "secret.test" => Err(IoErrorKind::PermissionDenied.into()),
        "panics.test" => panic!("on purpose"),
        _ => Err(IoErrorKind::NotFound.into()),
    });
    let ask = |host: &'static str, timeouts| {
        let request = Request::get(format!("http://{host}/")).timeout(timeouts);
        block_on(session.request(request)).map(|r| r.status.as_u16()).map_err(|e| e.kind())
    };
    let soon = Timeouts { total: Some(Duration::from_millis(50)), ..Timeouts::NONE };
    assert_eq!(ask("a.test", Timeouts::NONE), Ok(200));
    assert_eq!(ask("slow.test", soon), Err(ErrorKind::TotalTimeout));
    assert_eq!(ask("slow.test", Timeouts::NONE), Ok(200));
    for host in ["secret.test", "panics.test", "none.test"] {
        assert_eq!(ask(host, Timeouts::NONE), Err(ErrorKind::Connection), "{host}");
    }
}

#[test]
fn a_unix_socket_carries_calls_even_when_its_backlog_is_full() {
    let path = std::env::temp_dir().join(format!("sessio-smol-{}.sock", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).unwrap();
    // As many callers as are let in before anybody is accepted.
    let socket = || socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None);
    let mut held = Vec::new();
    loop {
        let caller = socket().unwrap();
        caller.set_nonblocking(true).unwrap();
        match caller.connect(&socket2::SockAddr::unix(&path).unwrap()) {
            Ok(()) => held.push(caller),
            Err(error) => {
                assert_eq!(error.kind(), IoErrorKind::WouldBlock);
                break;
            }
        }
    }
    let server = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        drop(held);
        for stream in listener.incoming() {
            use std::io::{Read, Write};
            let mut stream = stream.unwrap();
            let mut room = [0; 4096];
            if matches!(stream.read(&mut room), Ok(count) if count > 0) {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").unwrap();
                return;
            }
        }
    });
    let session = session();
    let target = Target::Unix(path.to_str().unwrap().into());
    session.lock().connect_to("a.test", 80, ConnectTo::Target(target));
    let mut response = block_on(session.get("http://a.test/")).unwrap();
    assert_eq!(block_on(response.text()).unwrap(), "ok");
    server.join().unwrap();
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_sweep_closes_what_has_idled_long_enough_and_ends_with_its_session() {
    let address = counting();
    let session = session();
    session.lock().set_idle_max(Some(Duration::from_millis(100)));
    let executor = async_executor::Executor::new();
    let sweep = executor.spawn(session.sweep());
    block_on(executor.run(async {
        session.get(format!("http://{address}/")).await.unwrap();
        assert_eq!(session.lock().idle_connections(), 1);
        async_io::Timer::after(Duration::from_millis(300)).await;
        assert_eq!(session.lock().idle_connections(), 0, "nobody made a call meanwhile");
        drop(session);
        sweep.await;
    }));
}
