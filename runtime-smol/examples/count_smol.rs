//! Makes a number of small GETs over one kept connection, for a profiler to count.
//!
//! `count_smol PORT CALLS prepared|url|text` asks the server of `runtime-std`'s example `count` with
//! three cookies in the jar; `count_smol PORT CALLS wide` makes them 64 at a time on one thread.
#![allow(clippy::print_stdout, reason = "its output is the sum of what came")]

use std::error::Error;
use std::sync::Arc;

use sessio_core::message::CallOptions;
use sessio_core::url::Url;
use sessio_smol::{Cookie, PreparedRequest, Request, Session};

/// How many calls are under way at once.
const WIDTH: usize = 64;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [port, calls, how] => async_io::block_on(ask(port.parse()?, calls.parse()?, how)),
        _ => Err("count_smol PORT CALLS prepared|url|text|wide".into()),
    }
}

async fn ask(port: u16, calls: usize, how: &str) -> Result<(), Box<dyn Error>> {
    let session = Session::new();
    for (name, value) in [("sid", "0123456789abcdef"), ("theme", "dark"), ("lang", "en")] {
        session.lock().cookies.set(Cookie::new(name, value).with_domain("127.0.0.1"))?;
    }
    let text = format!("http://127.0.0.1:{port}/small");
    let url = Url::parse(&text)?;
    let message = Arc::new(session.prepare_request(Request::get(text.as_str()))?.request);
    if how == "wide" {
        println!("{}", wide(&session, &message, calls).await?);
        return Ok(());
    }
    let mut bytes = 0;
    for _ in 0..calls {
        let mut response = match how {
            "prepared" => session.send_message(&message, CallOptions::default()).await?,
            "url" => session.request(Request::get(&url)).await?,
            _ => session.get(text.as_str()).await?,
        };
        bytes += response.content().await?.len();
    }
    println!("{bytes}");
    Ok(())
}

/// The same by several tasks on this thread.
async fn wide(
    session: &Session,
    message: &Arc<PreparedRequest>,
    calls: usize,
) -> sessio_smol::Result<usize> {
    session.lock().mount("http://", sessio_smol::Adapter::default());
    let executor = async_executor::LocalExecutor::new();
    let tasks: Vec<_> = (0..WIDTH)
        .map(|_| {
            let (session, message) = (session.clone(), Arc::clone(message));
            executor.spawn(async move {
                let mut bytes = 0;
                for _ in 0..calls / WIDTH {
                    let mut response =
                        session.send_message(&message, CallOptions::default()).await?;
                    bytes += response.content().await?.len();
                }
                sessio_smol::Result::Ok(bytes)
            })
        })
        .collect();
    executor
        .run(async {
            let mut bytes = 0;
            for task in tasks {
                bytes += task.await?;
            }
            Ok(bytes)
        })
        .await
}
