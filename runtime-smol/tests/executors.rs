//! The same calls on every executor, many at once on one thread.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use common::{block_on, counting, serve, session};
use futures_lite::StreamExt;
use sessio_smol::{Request, Session};

/// Two calls over one connection.
async fn two_calls(session: Session, address: SocketAddr) {
    for _ in 0..2 {
        let mut response = session.get(format!("http://{address}/")).await.unwrap();
        assert_eq!(response.text().await.unwrap(), "0");
    }
    assert_eq!(session.lock().idle_connections(), 1);
}

#[test]
fn calls_run_in_a_plain_block_on() {
    block_on(two_calls(session(), counting()));
}

#[test]
fn calls_run_on_smol() {
    smol::block_on(async {
        smol::spawn(two_calls(session(), counting())).await;
    });
}

#[test]
fn calls_run_on_an_executor_of_the_callers() {
    let executor = async_executor::Executor::new();
    let task = executor.spawn(two_calls(session(), counting()));
    block_on(executor.run(task));
    let local = async_executor::LocalExecutor::new();
    let task = local.spawn(two_calls(session(), counting()));
    block_on(local.run(task));
}

#[test]
fn calls_run_inside_tokio() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        tokio::spawn(two_calls(session(), counting())).await.unwrap();
    });
}

#[test]
fn many_calls_run_at_once_on_one_thread() {
    // Each waits for 100 ms before it is answered.
    let (address, _) = serve(|mut peer| {
        while let Some(head) = peer.head() {
            std::thread::sleep(Duration::from_millis(100));
            let path = head.split(' ').nth(1).unwrap().to_owned();
            peer.answer("200 OK", "", &path);
        }
    });
    let session = session();
    let executor = async_executor::LocalExecutor::new();
    let began = Instant::now();
    let tasks: Vec<_> = (0..200)
        .map(|number| {
            let session = session.clone();
            executor.spawn(async move {
                let mut response = session.get(format!("http://{address}/{number}")).await?;
                assert_eq!(response.text().await?, format!("/{number}"));
                sessio_smol::Result::Ok(())
            })
        })
        .collect();
    block_on(executor.run(async {
        for task in tasks {
            task.await.unwrap();
        }
    }));
    let took = began.elapsed();
    assert!(took < Duration::from_secs(5), "200 calls of 100 ms one after the other: {took:?}");
    assert_eq!(session.lock().idle_connections(), 10, "so many are kept for a route");
}

#[test]
fn a_fast_download_leaves_the_thread_to_others() {
    let (address, _) = serve(|mut peer| {
        peer.head();
        peer.say("HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n");
        for _ in 0..2000 {
            peer.say([b'x'; 100_000]);
        }
    });
    let small = counting();
    let (session, executor) = (session(), async_executor::LocalExecutor::new());
    let large = executor.spawn({
        let session = session.clone();
        async move {
            let request = Request::get(format!("http://{address}/")).stream(true);
            let mut response = session.request(request).await.unwrap();
            let mut chunks = response.iter_chunks();
            let mut count = 0;
            while let Some(chunk) = StreamExt::next(&mut chunks).await {
                count += chunk.unwrap().len();
            }
            count
        }
    });
    let others = executor.spawn(async move {
        for _ in 0..20 {
            let mut response = session.get(format!("http://{small}/")).await.unwrap();
            assert_eq!(response.text().await.unwrap(), "0");
        }
    });
    block_on(executor.run(async {
        others.await;
        assert!(!large.is_finished(), "20 small calls took as long as 200 MB");
        assert_eq!(large.await, 200_000_000);
    }));
}

#[test]
fn futures_and_handles_may_move_between_threads() {
    fn is_shared<T: Send + Sync + Clone>(_: &T) {}
    fn is_sent<T: Send>(_: &T) {}
    let session = session();
    is_shared(&session);
    let future = async {
        let request = Request::get("http://a.test/").stream(true);
        let mut response = session.request(request).await?;
        response.text().await?;
        response.iter_lines().next().await.transpose()?;
        session.resolve_redirects(response).next().await.transpose()
    };
    is_sent(&future);
    is_sent(&session.get("http://a.test/"));
}
