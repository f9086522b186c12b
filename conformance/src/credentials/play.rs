//! Runs a trail on the simulated driver with a marker as the credential, and looks for the marker
//! in every byte that anybody was sent.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use serde_json::{Value, json};
use sessio_core::message::{CallOptions, Certificate};
use sessio_core::policy::merge::Given;
use sessio_core::policy::settings::Verify;
use sessio_core::{Auth, Cookie, Environment, Request, Secret};

use super::rules::{self, Sight};
use super::{Kind, Place, Scheme, Trail};
use crate::client::Client;
use crate::peer::{CERTIFICATES, World};
use crate::sim::client::{SimClient, SimKit};
use crate::sim::files::Files;
use crate::sim::net::Net;
use crate::sim::{Cuts, Faults, defaults};

/// What is looked for. It is a cookie's value, a token, and part of user name and password.
const MARKER: &str = "m4rk3r";

/// The common name of the client certificate.
const CERTIFICATE: &str = "client-one";

/// The wall clock, in Unix seconds.
const CLOCK: f64 = 1_700_000_000.0;

/// What asks for Digest credentials.
const CHALLENGE: &str = "HTTP/1.1 401 Who\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", \
                         qop=\"auth\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// The path under which the host sets its cookies.
const LOGIN: &str = "/login";

/// What was seen on each hop of a trail.
///
/// # Errors
/// If the requests went another way than they should, or the marker went where no request did.
pub fn sights(trail: &Trail) -> Result<Vec<Sight>, String> {
    let plan = Plan::new(trail);
    let vector = json!({"servers": plan.servers});
    let world = World::new(&vector, defaults()).map_err(|error| error.to_string())?;
    let files = Files::new("/home", &[]);
    let mut client =
        SimClient::new(Net::new(world, Cuts::Nowhere), CLOCK, Faults::default(), files);
    set_up(&mut client, trail);
    if trail.logs_in() {
        let login = Request::get(trail.places[0].url(LOGIN));
        send(&mut client, login).map_err(|why| format!("login: {why}"))?;
    }
    let outcome = send(&mut client, call(trail));
    let net = client.net();
    drop(client);
    let net = net.borrow();
    let found = seen(&plan, net.world.wire());
    for (server, peer) in net.world.peers().iter().enumerate() {
        let logged = net.world.wire().iter().any(|e| e["server"] == server && has_marker(e));
        if holds_marker(&String::from_utf8_lossy(peer.heard())) != logged {
            return Err(format!("server {server} heard the marker outside of a request"));
        }
    }
    match (found, outcome) {
        (Err(why), Err(failure)) => Err(format!("{why}; the call ended in {failure}")),
        (_, Err(failure)) => Err(failure),
        (found, Ok(())) => found,
    }
}

/// The messages that a trail should cause, and the servers that answer them.
struct Plan {
    servers: Vec<Value>,
    /// The server and the beginning of the request line of each message.
    messages: Vec<(usize, String)>,
    /// Whether the message is the request of a hop or its CONNECT, and of which hop; `None` for
    /// the login and for the request that is asked for credentials.
    meant: Vec<Option<(usize, Part)>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Connect,
    Request,
}

impl Trail {
    fn logs_in(&self) -> bool {
        matches!(self.kind, Kind::JarHost | Kind::JarDomain | Kind::JarSecure)
    }
}

impl Plan {
    fn new(trail: &Trail) -> Self {
        let proxy =
            json!({"host": "proxy.test", "port": 3128, "kind": "http-proxy", "replies": []});
        let mut plan = Self { servers: vec![proxy], messages: Vec::new(), meant: Vec::new() };
        if trail.logs_in() {
            plan.hop(trail, &trail.places[0], LOGIN, &login_reply(trail.kind), None);
        }
        let may_answer = rules::expected(trail);
        for (hop, place) in trail.places.iter().enumerate() {
            // An answer is for one URL: each hop that may get one has to ask for it.
            if trail.kind == Kind::Digest && may_answer[hop].request {
                plan.hop(trail, place, place.path, CHALLENGE, None);
            }
            let reply = match trail.places.get(hop + 1) {
                // Whoever may not get an answer asks for one: the call ends with the question.
                None if trail.kind == Kind::Digest && !may_answer[hop].request => CHALLENGE.into(),
                None => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".into(),
                Some(next) => format!(
                    "HTTP/1.1 {} Moved\r\nLocation: {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                    trail.code,
                    next.url(next.path)
                ),
            };
            plan.hop(trail, place, place.path, &reply, Some(hop));
        }
        plan
    }

    fn hop(&mut self, trail: &Trail, place: &Place, path: &str, reply: &str, hop: Option<usize>) {
        let origin = self.origin(place);
        let reply = json!({"send": reply, "then": "close"});
        let is_proxied = trail.route.is_proxied(place.scheme);
        let mut expect = |server, line: String, part| {
            self.messages.push((server, line));
            self.meant.push(hop.map(|hop| (hop, part)));
        };
        let server = match (is_proxied, place.scheme) {
            (true, Scheme::Http) => {
                expect(0, "GET http://".to_owned(), Part::Request);
                0
            }
            (true, Scheme::Https) => {
                expect(0, "CONNECT ".to_owned(), Part::Connect);
                expect(origin, format!("GET {path} "), Part::Request);
                self.reply(0, json!({"tunnel": true}));
                origin
            }
            (false, _) => {
                expect(origin, format!("GET {path} "), Part::Request);
                origin
            }
        };
        self.reply(server, reply);
    }

    fn reply(&mut self, server: usize, reply: Value) {
        let replies = self.servers[server]["replies"].as_array_mut();
        replies.expect("each has a list").push(reply);
    }

    /// The number of the server there.
    fn origin(&mut self, place: &Place) -> usize {
        let (host, port) = (place.host.to_lowercase(), place.port());
        let fits = |server: &Value| server["host"] == host && server["port"] == port;
        if let Some(known) = self.servers.iter().position(fits) {
            return known;
        }
        let tls = match place.scheme {
            Scheme::Http => Value::Null,
            Scheme::Https => json!({"cert": "good", "client_auth": "optional"}),
        };
        self.servers.push(json!({"host": host, "port": port, "tls": tls, "replies": []}));
        self.servers.len() - 1
    }
}

fn login_reply(kind: Kind) -> String {
    let attributes = match kind {
        Kind::JarDomain => "; Domain=site.test",
        Kind::JarSecure => "; Secure",
        _ => "",
    };
    format!(
        "HTTP/1.1 200 OK\r\nSet-Cookie: k={MARKER}; Path=/{attributes}\r\nContent-Length: 0\r\n\
         Connection: close\r\n\r\n"
    )
}

fn set_up(client: &mut SimClient, trail: &Trail) {
    let proxy = match trail.kind {
        Kind::ProxyUrl => format!("http://{MARKER}-u:{MARKER}-p@proxy.test:3128"),
        _ => "http://proxy.test:3128".to_owned(),
    };
    let netrc = format!("machine a.site.test login {MARKER}-u password {MARKER}-p");
    client.session(|session| {
        session.verify = Verify::Off;
        session.proxies = [("http", Scheme::Http), ("https", Scheme::Https)]
            .into_iter()
            .filter(|(_, scheme)| trail.route.is_proxied(*scheme))
            .map(|(key, _)| (key, Some(proxy.clone())))
            .collect();
        let value = format!("Bearer {MARKER}");
        match trail.kind {
            Kind::SessionHeader => {
                session.headers.try_set("Authorization", value).expect("a header");
            }
            Kind::SessionBasic => {
                session.auth =
                    Given::Use(Auth::basic(format!("{MARKER}-u"), format!("{MARKER}-p")));
            }
            Kind::Netrc => {
                let none: [(&str, &str); 0] = [];
                session.environment = Environment::new(none, Some(Secret::new(netrc)));
            }
            Kind::CookieSession => {
                session.cookies.set(Cookie::new("k", MARKER)).expect("a cookie");
            }
            _ => {}
        }
    });
}

fn call(trail: &Trail) -> Request<SimKit> {
    let start = &trail.places[0];
    let url = start.url(start.path);
    let request = match trail.kind {
        Kind::Url => Request::get(url.replacen("://", &format!("://{MARKER}-u:{MARKER}-p@"), 1)),
        _ => Request::get(url),
    };
    match trail.kind {
        Kind::Header => request.header("Authorization", format!("Bearer {MARKER}")),
        Kind::Basic => request.basic_auth(format!("{MARKER}-u"), format!("{MARKER}-p")),
        Kind::Bearer => request.bearer_auth(MARKER),
        Kind::Digest => request.digest_auth(format!("{MARKER}-u"), format!("{MARKER}-p")),
        Kind::ProxyHeader => request.header("Proxy-Authorization", format!("Bearer {MARKER}")),
        Kind::CookieHeader => request.header("Cookie", format!("k={MARKER}")),
        Kind::CookieCall => request.cookie(Cookie::new("k", MARKER)),
        Kind::Sensitive => {
            let mut value = HeaderValue::from_static(MARKER);
            value.set_sensitive(true);
            request.header_value("X-Api-Key", value)
        }
        Kind::Certificate => {
            request.cert(Certificate::Both(format!("{CERTIFICATES}/client-bundle.pem")))
        }
        Kind::SessionHeader
        | Kind::SessionBasic
        | Kind::Url
        | Kind::Netrc
        | Kind::ProxyUrl
        | Kind::CookieSession
        | Kind::JarHost
        | Kind::JarDomain
        | Kind::JarSecure => request,
    }
}

fn send(client: &mut SimClient, request: Request<SimKit>) -> Result<(), String> {
    let mut prepared = client.prepare(request).map_err(|failure| format!("{failure:?}"))?;
    let options: CallOptions = std::mem::take(&mut prepared.options);
    let sent = client.send(prepared, options, &crate::client::HookLog::default());
    sent.map(drop).map_err(|failure| format!("{failure:?}"))
}

/// What the log shows of each hop, if it is the log of the plan.
fn seen(plan: &Plan, wire: &[Value]) -> Result<Vec<Sight>, String> {
    let lines = |entry: &Value| entry["request_line"].as_str().unwrap_or_default().to_owned();
    let is_meant = wire.len() == plan.messages.len()
        && wire.iter().zip(&plan.messages).all(|(entry, (server, line))| {
            entry["server"] == *server && lines(entry).starts_with(line.as_str())
        });
    if !is_meant {
        let wire: Vec<_> = wire.iter().map(|e| (e["server"].to_string(), lines(e))).collect();
        return Err(format!("meant {:?}, went {wire:?}", plan.messages));
    }
    let mut sights = Vec::new();
    for (entry, meant) in wire.iter().zip(&plan.meant) {
        let Some((hop, part)) = *meant else { continue };
        sights.resize(sights.len().max(hop + 1), Sight::default());
        let has = has_marker(entry) || entry["tls"]["client_cert"] == CERTIFICATE;
        match part {
            Part::Connect => sights[hop].connect = has,
            Part::Request => sights[hop].request = has,
        }
    }
    Ok(sights)
}

fn has_marker(entry: &Value) -> bool {
    let text = |value: &Value| value.as_str().is_some_and(holds_marker);
    let fields = entry["headers"].as_array().into_iter().flatten();
    text(&entry["request_line"]) || text(&entry["body"]) || fields.map(|f| &f[1]).any(text)
}

/// Whether the marker is in a text, as it is or in something encoded in base64.
fn holds_marker(text: &str) -> bool {
    let is_between = |c: char| !c.is_ascii_alphanumeric() && !"+/=".contains(c);
    let decoded = |word: &str| STANDARD.decode(word).ok();
    text.contains(MARKER)
        || text
            .split(is_between)
            .filter_map(decoded)
            .any(|bytes| String::from_utf8_lossy(&bytes).contains(MARKER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marker_is_found_plain_and_encoded() {
        let encoded = STANDARD.encode(format!("{MARKER}-u:{MARKER}-p"));
        for text in [format!("a={MARKER};"), format!("Basic {encoded}\r\n"), encoded] {
            assert!(holds_marker(&text), "{text}");
        }
        assert!(!holds_marker("Basic dTpw"));
    }
}
