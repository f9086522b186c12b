//! What nginx is asked: plain HTTP, its codings, locks and limits.

use std::thread::sleep;
use std::time::Duration;

use super::{Case, Outcome, Peers, call, get, holds, post, same, send, told};
use crate::client::{Client, Item, Live};

/// The cases of this file.
pub(super) fn cases<C: Client>() -> Vec<Case<C>> {
    vec![
        Case::new("nginx-text", text),
        Case::new("nginx-gzip", gzip),
        Case::new("nginx-basic-auth", basic_auth),
        Case::new("nginx-keep-alive-limit", keep_alive_limit),
        Case::new("nginx-keep-alive-timeout", keep_alive_timeout),
        Case::new("nginx-large-download", large_download),
        Case::new("nginx-large-stream-given-up", stream_given_up),
        Case::new("nginx-large-upload", large_upload),
        Case::new("nginx-refused-upload", refused_upload),
        Case::new("nginx-redirect", redirect),
        Case::new("nginx-not-modified", not_modified),
        Case::new("nginx-range", range),
        Case::new("nginx-head", head),
    ]
}

fn text<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let got = call(client, get(peers.http("http", "/text")))?;
    same("status", &got.status(), &200)?;
    same("length", &got.body.len(), &45_000)
}

fn gzip<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let plain = call(client, get(peers.http("http", "/text")))?;
    let zipped = call(client, get(peers.http("http", "/zipped")))?;
    same("coding", &zipped.response.header_str("content-encoding"), &Some("gzip"))?;
    same("content", &(zipped.body == plain.body), &true)
}

fn basic_auth<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let locked = || get(peers.http("http", "/locked"));
    same("without", &call(client, locked())?.status(), &401)?;
    same("wrong", &call(client, locked().basic_auth("user", "no"))?.status(), &401)?;
    same("right", &call(client, locked().basic_auth("user", "pass word"))?.status(), &200)?;
    let url = peers.http("http", "/locked").replace("://", "://user:pass%20word@");
    same("in the URL", &call(client, get(url))?.status(), &200)
}

/// The number of the connection and of the request on it, as nginx counts them.
fn connection<C: Client>(client: &mut C, peers: &Peers) -> Result<(u64, u64), String> {
    let got = call(client, get(peers.http("http", "/connection")))?;
    let text = got.text();
    let mut numbers = text.split_whitespace().filter_map(|word| word.parse().ok());
    numbers.next().zip(numbers.next()).ok_or_else(|| format!("no numbers: {text:?}"))
}

fn keep_alive_limit<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let mut seen = Vec::new();
    for _ in 0..7 {
        seen.push(connection(client, peers)?);
    }
    let requests: Vec<u64> = seen.iter().map(|(_, request)| *request).collect();
    same("requests on a connection", &requests, &vec![1, 2, 3, 1, 2, 3, 1])?;
    same("first and last", &(seen[0].0 == seen[2].0, seen[2].0 == seen[3].0), &(true, false))
}

fn keep_alive_timeout<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let first = connection(client, peers)?;
    // nginx closes after one second: the client has to see that, and to open another one.
    sleep(Duration::from_millis(1_600));
    let second = connection(client, peers)?;
    same("another connection", &(second.0 != first.0, second.1), &(true, 1))
}

fn large_download<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let whole = call(client, get(peers.http("http", "/large")))?;
    same("length", &whole.body.len(), &peers.large())?;
    let mut live = send(client, get(peers.http("http", "/large")).stream(true))
        .map_err(|failure| told(&failure))?;
    let items = live.iter_content(Some(100_000), usize::MAX, false);
    if let Some(failure) = items.error {
        return Err(told(&failure));
    }
    let pieces = items.items.iter().map(|item| match item {
        Item::Bytes(bytes) => bytes.as_slice(),
        Item::Text(text) => text.as_bytes(),
    });
    same("streamed", &(pieces.collect::<Vec<_>>().concat() == whole.body), &true)
}

fn stream_given_up<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    for _ in 0..3 {
        let mut live = send(client, get(peers.http("http", "/large")).stream(true))
            .map_err(|failure| told(&failure))?;
        same("a piece", &live.iter_content(Some(10), 1, false).items.len(), &1)?;
        live.close();
        drop(live);
        same("the next one", &call(client, get(peers.http("http", "/text")))?.status(), &200)?;
    }
    Ok(())
}

fn large_upload<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let length = 5 * 1024 * 1024;
    let got = call(client, post(peers.http("http", "/upload")).body(vec![b'x'; length]))?;
    same("status", &got.status(), &200)?;
    same("what nginx got", &got.response.header_str("x-got"), &Some(length.to_string().as_str()))
}

fn refused_upload<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    // nginx answers before it has read the body, and closes.
    let body = vec![b'x'; 5 * 1024 * 1024];
    let got = call(client, post(peers.http("http", "/small-only")).body(body))?;
    same("status", &got.status(), &413)?;
    same("the next one", &call(client, get(peers.http("http", "/text")))?.status(), &200)
}

fn redirect<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let got = call(client, get(peers.http("http", "/moved")))?;
    same("history", &got.response.history.len(), &1)?;
    same("url", &got.response.url().path(), &"/connection")
}

fn not_modified<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let got = call(client, get(peers.http("http", "/text")))?;
    let tag = got.response.header_str("etag").ok_or("no etag")?.to_owned();
    let again = call(client, get(peers.http("http", "/text")).header("If-None-Match", tag))?;
    same("status and length", &(again.status(), again.body.len()), &(304, 0))
}

fn range<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let got = call(client, get(peers.http("http", "/text")).header("Range", "bytes=4-8"))?;
    same("part", &(got.status(), got.text().as_str()), &(206, "quick"))
}

fn head<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let got = call(client, sessio_core::Request::head(peers.http("http", "/large")))?;
    let length = got.response.header_str("content-length").unwrap_or_default().to_owned();
    same("length", &length, &peers.large().to_string())?;
    same("body", &got.body.len(), &0)?;
    let (_, request) = connection(client, peers)?;
    same("the connection is kept", &request, &2)?;
    holds("server", got.response.header_str("server").unwrap_or_default(), "nginx")
}
