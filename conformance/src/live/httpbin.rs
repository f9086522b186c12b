//! What httpbin is asked: cookies, redirects, auth, codings, streams.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sessio_core::{Kit, Request, Timeouts};

use super::{Case, Outcome, Peers, call, get, holds, post, refused, same, send, told};
use crate::client::{Client, Item, Live, observe};

/// The cases of this file.
pub(super) fn cases<C: Client>() -> Vec<Case<C>> {
    vec![
        Case::new("httpbin-get", arguments),
        Case::new("httpbin-post", bodies),
        Case::new("httpbin-cookies", cookies),
        Case::new("httpbin-redirects", redirects),
        Case::new("httpbin-redirect-methods", redirect_methods),
        Case::new("httpbin-too-many-redirects", too_many_redirects),
        Case::new("httpbin-basic", basic),
        Case::new("httpbin-bearer", bearer),
        Case::new("httpbin-digest", digest),
        Case::new("httpbin-digest-wrong", digest_wrong),
        Case::new("httpbin-codings", codings),
        Case::new("httpbin-stream", stream),
        Case::new("httpbin-drip", drip),
        Case::new("httpbin-read-timeout", read_timeout),
        Case::new("httpbin-statuses", statuses),
        Case::new("httpbin-utf8", utf8),
    ]
}

fn bin<K: Kit>(peers: &Peers, path: &str) -> Request<K> {
    get(peers.http("httpbin", path))
}

fn arguments<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let request = bin(peers, "/get?a=1").param("b", "ä &").header("X-Own", "v");
    let seen = call(client, request)?.json();
    same("args", &seen["args"], &json!({"a": "1", "b": "ä &"}))?;
    same("header", &seen["headers"]["X-Own"], &json!("v"))
}

fn bodies<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let to = || post(peers.http("httpbin", "/post"));
    let seen = call(client, to().json(&json!({"k": [1, null]})))?.json();
    same("json", &seen["json"], &json!({"k": [1, null]}))?;
    let seen = call(client, to().form([("a", "1"), ("b", "x y")]))?.json();
    same("form", &seen["form"], &json!({"a": "1", "b": "x y"}))?;
    let part = sessio_core::wire::multipart::Part::bytes("f", "content").filename("n.txt");
    let seen = call(client, to().form([("a", "1")]).file(part))?.json();
    same("files", &seen["files"], &json!({"f": "content"}))?;
    same("fields", &seen["form"], &json!({"a": "1"}))
}

fn cookies<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let kept = |got: super::Got| got.json()["cookies"].clone();
    let got = call(client, bin(peers, "/cookies/set?a=1&b=2"))?;
    same("after setting", &kept(got), &json!({"a": "1", "b": "2"}))?;
    let got = call(client, bin(peers, "/cookies/delete?a"))?;
    same("after deleting", &kept(got), &json!({"b": "2"}))?;
    let got = call(client, bin(peers, "/cookies").cookie(sessio_core::Cookie::new("c", "3")))?;
    same("with one of the call", &kept(got), &json!({"b": "2", "c": "3"}))?;
    same("afterwards", &kept(call(client, bin(peers, "/cookies"))?), &json!({"b": "2"}))
}

fn redirects<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    for path in ["/redirect/4", "/relative-redirect/4", "/absolute-redirect/4"] {
        let got = call(client, bin(peers, path))?;
        same(path, &(got.status(), got.response.history.len()), &(200, 4))?;
    }
    let got = call(client, bin(peers, "/redirect/4").allow_redirects(false))?;
    same("not followed", &(got.status(), got.response.next.is_some()), &(302, true))
}

fn redirect_methods<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let rows = [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")];
    for (status, method) in rows {
        let path = format!("/redirect-to?url=/anything&status_code={status}");
        let seen = call(client, post(peers.http("httpbin", &path)).body("b"))?.json();
        let body = if method == "POST" { "b" } else { "" };
        let found = (&seen["method"], &seen["data"]);
        same(&status.to_string(), &found, &(&json!(method), &json!(body)))?;
    }
    Ok(())
}

fn too_many_redirects<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    client.session(|session| session.max_redirects = 3);
    same("three", &call(client, bin(peers, "/redirect/3"))?.status(), &200)?;
    let (kind, _) = refused(client, bin(peers, "/redirect/4"))?;
    same("four", &kind.as_str(), &"TooManyRedirects")
}

fn basic<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let with = |password: &'static str| bin(peers, "/basic-auth/u/p").basic_auth("u", password);
    same("right", &call(client, with("p"))?.json()["authenticated"], &Value::Bool(true))?;
    same("wrong", &call(client, with("q"))?.status(), &401)
}

fn bearer<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let got = call(client, bin(peers, "/bearer").bearer_auth("t0ken"))?;
    same("token", &got.json()["token"], &json!("t0ken"))
}

fn digest<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    for qop in ["auth", "auth-int"] {
        for algorithm in ["MD5", "SHA-256", "SHA-512"] {
            let path = format!("/digest-auth/{qop}/u/p/{algorithm}/never");
            // The second one needs no question any more.
            for request in [bin(peers, &path), bin(peers, &path)] {
                let got = call(client, request.digest_auth("u", "p"))?;
                same(&path, &got.json()["authenticated"], &Value::Bool(true))?;
            }
        }
    }
    Ok(())
}

fn digest_wrong<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let got = call(client, bin(peers, "/digest-auth/auth/u/p").digest_auth("u", "q"))?;
    same("status", &got.status(), &401)
}

fn codings<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let rows = [("/gzip", "gzipped"), ("/deflate", "deflated"), ("/brotli", "brotli")];
    for (path, flag) in rows {
        let got = call(client, bin(peers, path))?;
        same(path, &got.json()[flag], &Value::Bool(true))?;
    }
    Ok(())
}

fn stream<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let request = bin(peers, "/stream/20").stream(true);
    let mut live = send(client, request).map_err(|failure| told(&failure))?;
    let lines = live.iter_lines(None, usize::MAX, false);
    if let Some(failure) = lines.error {
        return Err(told(&failure));
    }
    let ids = lines.items.iter().map(|line| match line {
        Item::Bytes(line) => serde_json::from_slice::<Value>(line).map(|line| line["id"].clone()),
        Item::Text(line) => serde_json::from_str::<Value>(line).map(|line| line["id"].clone()),
    });
    let ids: Vec<Value> = ids.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    same("lines", &ids, &(0..20).map(Value::from).collect())?;
    let got = call(client, bin(peers, "/stream-bytes/100000?seed=1&chunk_size=777"))?;
    same("bytes", &got.body.len(), &100_000)
}

fn drip<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let began = Instant::now();
    let got = call(client, bin(peers, "/drip?numbytes=8&duration=1&delay=0"))?;
    same("bytes", &got.body.len(), &8)?;
    same("it took its time", &(began.elapsed() > Duration::from_millis(500)), &true)
}

fn read_timeout<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let began = Instant::now();
    let limit = Timeouts::both(Duration::from_millis(300));
    let (kind, _) = refused(client, bin(peers, "/delay/5").timeout(limit))?;
    same("kind", &kind.as_str(), &"ReadTimeout")?;
    same("in time", &(began.elapsed() < Duration::from_secs(2)), &true)?;
    same("the next one", &call(client, bin(peers, "/get"))?.status(), &200)
}

fn statuses<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    for status in [200, 201, 204, 304, 400, 404, 418, 429, 500, 503] {
        let got = call(client, bin(peers, &format!("/status/{status}")))?;
        same("status", &got.status(), &status)?;
        let raised = got.response.raise_for_status().is_err();
        same(&status.to_string(), &raised, &(status >= 400))?;
    }
    Ok(())
}

fn utf8<C: Client>(client: &mut C, peers: &Peers) -> Outcome {
    let got = call(client, bin(peers, "/encoding/utf8"))?;
    same("encoding", &observe::encoding(&got.response).as_deref(), &Some("utf-8"))?;
    holds("text", &got.text(), "∮ E⋅da = Q")
}
