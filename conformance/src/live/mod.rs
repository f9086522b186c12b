//! Cases against real servers: nginx, httpbin, tinyproxy, squid, microsocks, openssl.
//!
//! `conformance/peers/run` starts them and says where they are. A case knows a [`Client`] and
//! nothing of its runtime, so that every runtime has the same cases by the same names.

mod httpbin;
mod nginx;
mod proxies;
mod secure;

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;
use sessio_core::message::CallOptions;
use sessio_core::policy::settings::Verify;
use sessio_core::{Kit, Request, Response, Timeouts};

use crate::client::{self, Client, Failure, HookLog, Live};

/// No call of a case takes longer: the servers are on this machine.
const CALL_MAX: Duration = Duration::from_secs(15);

/// Where the servers are.
#[derive(Clone, Debug)]
pub struct Peers(Value);

/// What a case came to: nothing, or why it failed.
pub type Outcome = Result<(), String>;

/// A case: its name, and what it does with a fresh session.
pub struct Case<C> {
    /// Its name.
    pub name: &'static str,
    run: fn(&mut C, &Peers) -> Outcome,
}

impl<C> std::fmt::Debug for Case<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl<C> Case<C> {
    const fn new(name: &'static str, run: fn(&mut C, &Peers) -> Outcome) -> Self {
        Self { name, run }
    }
}

/// All cases, for one client.
#[must_use]
pub fn cases<C: Client>() -> Vec<Case<C>> {
    [nginx::cases(), secure::cases(), httpbin::cases(), proxies::cases()]
        .into_iter()
        .flatten()
        .collect()
}

/// Runs all cases whose name contains `filter`, each with a client of its own, and tells of each;
/// how many passed and failed.
pub fn run<C: Client>(
    peers: &Peers,
    filter: &str,
    client: impl Fn() -> C,
    mut tell: impl FnMut(&str, &Outcome, Duration),
) -> (usize, usize) {
    let (mut passed, mut failed) = (0, 0);
    for case in cases::<C>().into_iter().filter(|case| case.name.contains(filter)) {
        let began = Instant::now();
        let mut client = client();
        let bundle = peers.certificate("ca.pem");
        client.session(|session| {
            session.timeouts = Timeouts::both(CALL_MAX);
            session.verify = Verify::Bundle(bundle);
        });
        let ended = catch_unwind(AssertUnwindSafe(|| (case.run)(&mut client, peers)));
        let outcome = ended.unwrap_or_else(|_| Err("it panicked".to_owned()));
        match outcome {
            Ok(()) => passed += 1,
            Err(_) => failed += 1,
        }
        tell(case.name, &outcome, began.elapsed());
    }
    (passed, failed)
}

impl Peers {
    /// Reads what `conformance/peers/run` wrote.
    ///
    /// # Errors
    /// If the file cannot be read, or is none of these.
    pub fn load(file: &Path) -> io::Result<Self> {
        let peers: Value = serde_json::from_slice(&std::fs::read(file)?)?;
        let is_whole = peers["ports"].is_object() && peers["certs"].is_string();
        is_whole.then_some(Self(peers)).ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    fn port(&self, name: &str) -> u64 {
        self.0["ports"][name].as_u64().expect("a server of that name")
    }

    fn http(&self, name: &str, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port(name))
    }

    fn https(&self, name: &str, path: &str) -> String {
        format!("https://127.0.0.1:{}{path}", self.port(name))
    }

    fn certificate(&self, file: &str) -> String {
        format!("{}/{file}", self.0["certs"].as_str().unwrap_or_default())
    }

    /// How long the large file is.
    fn large(&self) -> usize {
        self.0["large"].as_u64().and_then(|large| usize::try_from(large).ok()).expect("a length")
    }
}

/// A response that was read whole.
struct Got {
    response: Response,
    body: Vec<u8>,
}

impl Got {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| Value::String(self.text()))
    }

    fn status(&self) -> u16 {
        self.response.status.as_u16()
    }
}

/// Sends a request; what is streamed is left to be read.
fn send<C: Client>(client: &mut C, request: Request<C::Kit>) -> Result<C::Live, Failure> {
    let mut prepared = client.prepare(request)?;
    let options: CallOptions = std::mem::take(&mut prepared.options);
    client.send(prepared, options, &HookLog::default())
}

/// Sends a request and reads the whole response.
fn call<C: Client>(client: &mut C, request: Request<C::Kit>) -> Result<Got, String> {
    let mut live = send(client, request).map_err(|failure| told(&failure))?;
    let body = live.content().map_err(|failure| told(&failure))?;
    Ok(Got { response: live.response().clone(), body })
}

/// What a call ends in that must fail: kind and message.
fn refused<C: Client>(
    client: &mut C,
    request: Request<C::Kit>,
) -> Result<(String, String), String> {
    let ended = send(client, request).and_then(|mut live| live.content());
    match ended {
        Ok(body) => Err(format!("it went through: {}", String::from_utf8_lossy(&body))),
        Err(Failure::Client(error)) => {
            Ok((client::error::kind(error.kind()).to_owned(), error.cause().to_string()))
        }
        Err(other) => Err(told(&other)),
    }
}

fn told(failure: &Failure) -> String {
    match failure {
        Failure::Client(error) => format!("{}: {error}", client::error::kind(error.kind())),
        other => format!("{other:?}"),
    }
}

/// Compares; `what` says what it is that differs.
fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, wanted: &T) -> Outcome {
    if found == wanted { Ok(()) } else { Err(format!("{what}: {found:?}, not {wanted:?}")) }
}

fn holds(what: &str, text: &str, part: &str) -> Outcome {
    if text.contains(part) { Ok(()) } else { Err(format!("{what}: no {part:?} in {text:?}")) }
}

fn get<K: Kit>(url: String) -> Request<K> {
    Request::get(url)
}

fn post<K: Kit>(url: String) -> Request<K> {
    Request::post(url)
}
