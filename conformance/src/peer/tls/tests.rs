//! A client of rustls sees the scripted servers as the format has them, in every split.

use std::io::{Read, Write};
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};
use serde_json::{Value, json};

use super::*;
use crate::peer::{Action, Defaults, Line, World};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const GET: &[u8] = b"GET / HTTP/1.1\r\n\r\n";

/// How many bytes of either side go over at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pieces {
    Whole,
    Single,
}

/// How a connection ended for the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// It is still open.
    Open,
    /// With `close_notify`.
    Noticed,
    /// Without.
    CutOff,
    /// With a reset.
    Reset,
}

/// A client with TLS on top of what carries it: the socket, or another one.
enum Wire {
    Socket(Box<Socket>),
    Tls(Box<Tls>),
}

struct Socket {
    world: World,
    line: Line,
    inbox: Vec<u8>,
    pieces: Pieces,
    ended: Ended,
}

struct Tls {
    client: ClientConnection,
    below: Wire,
    inbox: Vec<u8>,
    ended: Ended,
    failure: Option<rustls::Error>,
}

impl Socket {
    fn write(&mut self, bytes: &[u8]) {
        let size = if self.pieces == Pieces::Whole { bytes.len().max(1) } else { 1 };
        for piece in bytes.chunks(size) {
            self.line.receive(&mut self.world, piece, Duration::ZERO);
        }
        while let Some(action) = self.line.poll(&mut self.world, Duration::from_secs(1)) {
            match action {
                Action::Send(bytes) => self.inbox.extend(bytes),
                Action::Close => self.ended = Ended::CutOff,
                Action::Reset => self.ended = Ended::Reset,
            }
        }
    }
}

impl Wire {
    fn write(&mut self, bytes: &[u8]) {
        match self {
            Self::Socket(socket) => socket.write(bytes),
            Self::Tls(tls) => {
                tls.client.writer().write_all(bytes).unwrap();
                tls.run();
            }
        }
    }

    fn read(&mut self) -> Vec<u8> {
        match self {
            Self::Socket(socket) => std::mem::take(&mut socket.inbox),
            Self::Tls(tls) => tls.read(),
        }
    }

    fn ended(&self) -> Ended {
        match self {
            Self::Socket(socket) => socket.ended,
            Self::Tls(tls) if tls.ended == Ended::Open => tls.below.ended(),
            Self::Tls(tls) => tls.ended,
        }
    }

    fn socket(self) -> Socket {
        match self {
            Self::Socket(socket) => *socket,
            Self::Tls(tls) => tls.below.socket(),
        }
    }

    fn observed(self) -> Value {
        let Socket { mut world, mut line, .. } = self.socket();
        line.closed(&mut world);
        world.observed()
    }

    /// TLS towards `host` on top, after its handshake.
    fn secured(self, host: &str, own: Option<&str>) -> Result<Self, rustls::Error> {
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let client = ClientConnection::new(client(own), name).unwrap();
        let mut tls =
            Tls { client, below: self, inbox: Vec::new(), ended: Ended::Open, failure: None };
        tls.run();
        match tls.failure {
            Some(failure) => Err(failure),
            None => Ok(Self::Tls(Box::new(tls))),
        }
    }
}

impl Tls {
    /// Moves bytes until both sides have said what they have to say.
    fn run(&mut self) {
        loop {
            let mut out = Vec::new();
            while self.client.wants_write() {
                self.client.write_tls(&mut out).unwrap();
            }
            if !out.is_empty() {
                self.below.write(&out);
            }
            let bytes = self.below.read();
            if (out.is_empty() && bytes.is_empty()) || self.failure.is_some() {
                return;
            }
            let mut bytes = &bytes[..];
            while !bytes.is_empty() && self.failure.is_none() {
                self.client.read_tls(&mut bytes).unwrap();
                self.failure = self.client.process_new_packets().err();
                if self.client.reader().read_to_end(&mut self.inbox).is_ok() {
                    self.ended = Ended::Noticed;
                }
            }
        }
    }

    fn read(&mut self) -> Vec<u8> {
        self.run();
        std::mem::take(&mut self.inbox)
    }
}

/// A client that trusts the test CA, with a certificate of its own.
fn client(own: Option<&str>) -> Arc<ClientConfig> {
    let certificates = Certificates::default();
    let mut roots = RootCertStore::empty();
    certificates.chain("ca").unwrap().into_iter().for_each(|root| roots.add(root).unwrap());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let builder = builder.with_root_certificates(roots);
    let config = match own {
        None => builder.with_no_client_auth(),
        Some(name) => {
            let key = certificates.directory.join(format!("{name}.key"));
            let key = PrivateKeyDer::from_pem_file(key).unwrap();
            builder.with_client_auth_cert(certificates.chain(name).unwrap(), key).unwrap()
        }
    };
    Arc::new(config)
}

/// A connection to the first of these servers.
fn connected(servers: Value, pieces: Pieces) -> Wire {
    let vector = json!({"servers": servers});
    let mut world = World::new(&vector, Defaults::default()).unwrap();
    let provider = Arc::new(Certificates::default());
    let line = Line::accept(&mut world, 0, provider, Duration::ZERO);
    let (inbox, ended) = (Vec::new(), Ended::Open);
    Wire::Socket(Box::new(Socket { world, line, inbox, pieces, ended }))
}

fn secure(tls: Value, reply: Value) -> Value {
    json!([{"host": "secure.test", "port": 443, "tls": tls, "replies": [reply]}])
}

#[test]
fn a_request_is_answered_and_logged_with_name_and_certificate() {
    let asks = |wish: &str| json!({"cert": "good", "client_auth": wish});
    let rows = [
        (json!("good"), "secure.test", None, json!({"sni": "secure.test", "client_cert": null})),
        (json!("good"), "127.0.0.1", None, json!({"sni": null, "client_cert": null})),
        (asks("optional"), "a.test", None, json!({"sni": "a.test", "client_cert": null})),
        (
            asks("optional"),
            "a.test",
            Some("client"),
            json!({"sni": "a.test", "client_cert": "client-one"}),
        ),
        (
            asks("required"),
            "secure.test",
            Some("client"),
            json!({"sni": "secure.test", "client_cert": "client-one"}),
        ),
    ];
    for (tls, host, own, seen) in rows {
        for pieces in [Pieces::Whole, Pieces::Single] {
            let wire = connected(secure(tls.clone(), json!({"send": OK})), pieces);
            let mut wire = wire.secured(host, own).unwrap();
            wire.write(GET);
            assert_eq!(wire.read(), OK.as_bytes(), "{tls} {host} {pieces:?}");
            assert_eq!(wire.ended(), Ended::Open);
            let observed = wire.observed();
            assert_eq!(observed["wire"][0]["tls"], seen, "{tls} {host} {pieces:?}");
            assert_eq!(observed["wire"].as_array().unwrap().len(), 1);
        }
    }
}

#[test]
fn handshakes_fail_without_a_certificate_that_is_required() {
    let tls = json!({"cert": "good", "client_auth": "required"});
    for (own, pieces) in [
        (None, Pieces::Whole),
        (None, Pieces::Single),
        (Some("client-other"), Pieces::Whole),
        (Some("client-other"), Pieces::Single),
    ] {
        let wire = connected(secure(tls.clone(), json!({"send": OK})), pieces);
        let failure = wire.secured("secure.test", own).err();
        assert!(matches!(failure, Some(rustls::Error::AlertReceived(_))), "{own:?} {failure:?}");
    }
}

#[test]
fn what_follows_a_reply_is_seen_through_tls() {
    let rows = [
        ("close", Ended::Noticed),
        ("abort", Ended::CutOff),
        ("reset", Ended::Reset),
        ("keep", Ended::Open),
        ("hang", Ended::Open),
    ];
    for (then, ended) in rows {
        let wire =
            connected(secure(json!("good"), json!({"send": OK, "then": then})), Pieces::Whole);
        let mut wire = wire.secured("secure.test", None).unwrap();
        wire.write(GET);
        assert_eq!((wire.read(), wire.ended()), (OK.as_bytes().to_vec(), ended), "{then}");
    }
}

#[test]
fn long_replies_arrive_whole() {
    let body = json!({"repeat": ["0123456789abcdef", 20_000]});
    let wire = connected(secure(json!("good"), json!({"send": body})), Pieces::Whole);
    let mut wire = wire.secured("secure.test", None).unwrap();
    wire.write(GET);
    assert_eq!(wire.read().len(), 320_000);
}

#[test]
fn plain_text_towards_tls_is_no_request() {
    let mut wire = connected(secure(json!("good"), json!({"send": OK})), Pieces::Whole);
    wire.write(GET);
    assert_eq!((wire.read().len(), wire.ended()), (0, Ended::Reset));
    assert_eq!(wire.observed()["wire"], json!([]));
}

#[test]
fn tls_towards_plain_text_is_logged_as_such() {
    let servers = json!([{"host": "secure.test", "port": 443, "replies": []}]);
    let name = ServerName::try_from("secure.test").unwrap();
    let mut tls = ClientConnection::new(client(None), name).unwrap();
    let mut hello = Vec::new();
    tls.write_tls(&mut hello).unwrap();
    let mut wire = connected(servers, Pieces::Whole);
    wire.write(&hello);
    let logged = json!([{"server": 0, "conn": 0, "incomplete": true,
        "raw": {"tls_client_hello": true}}]);
    assert_eq!(wire.observed()["wire"], logged);
}

#[test]
fn tls_goes_through_tunnels_of_plain_and_of_secure_proxies() {
    let origin = json!({"host": "secure.test", "port": 443, "tls": "good",
        "replies": [{"send": OK, "then": "close"}]});
    for (proxy_tls, pieces) in [
        (Value::Null, Pieces::Whole),
        (Value::Null, Pieces::Single),
        (json!("good"), Pieces::Whole),
        (json!("good"), Pieces::Single),
    ] {
        let proxy = json!({"host": "proxy.test", "port": 3128, "kind": "http-proxy",
            "tls": proxy_tls, "replies": []});
        let mut wire = connected(json!([proxy, origin]), pieces);
        if !proxy_tls.is_null() {
            wire = wire.secured("proxy.test", None).unwrap();
        }
        wire.write(b"CONNECT secure.test:443 HTTP/1.1\r\n\r\n");
        assert!(wire.read().starts_with(b"HTTP/1.1 200 "));
        let mut wire = wire.secured("secure.test", None).unwrap();
        wire.write(GET);
        assert_eq!((wire.read(), wire.ended()), (OK.as_bytes().to_vec(), Ended::Noticed));
        let seen = wire.observed();
        let proxy_seen = if proxy_tls.is_null() {
            Value::Null
        } else {
            json!({"sni": "proxy.test", "client_cert": null})
        };
        assert_eq!(seen["wire"][0]["tls"], proxy_seen, "{pieces:?}");
        assert_eq!(seen["wire"][1]["tls"]["sni"], "secure.test", "{pieces:?}");
        assert_eq!(seen["connections"], json!([1, 1]));
    }
}

#[test]
fn tls_goes_through_socks() {
    let servers = json!([
        {"host": "s.test", "port": 1080, "kind": "socks5-proxy", "replies": []},
        {"host": "secure.test", "port": 443, "tls": "good", "replies": [{"send": OK}]},
    ]);
    for pieces in [Pieces::Whole, Pieces::Single] {
        let mut wire = connected(servers.clone(), pieces);
        wire.write(b"\x05\x01\x00");
        assert_eq!(wire.read(), b"\x05\x00");
        wire.write(b"\x05\x01\x00\x03\x0bsecure.test\x01\xbb");
        assert_eq!(wire.read(), b"\x05\x00\x00\x01\0\0\0\0\0\0");
        let mut wire = wire.secured("secure.test", None).unwrap();
        wire.write(GET);
        assert_eq!(wire.read(), OK.as_bytes());
        let seen = wire.observed();
        assert_eq!(seen["wire"][1]["tls"]["sni"], "secure.test");
    }
}

#[test]
fn every_certificate_makes_a_server() {
    let names = ["good", "wildcard", "wronghost", "expired", "notyet", "cnonly", "otherca"];
    for name in names.into_iter().chain(["selfsigned", "client"]) {
        for clients in [TlsClients::Unasked, TlsClients::Optional, TlsClients::Required] {
            let script = TlsScript { certificate: name.to_owned(), clients };
            assert!(Certificates::default().config(&script).is_ok(), "{script:?}");
        }
    }
}

#[test]
fn common_names_are_those_of_subjects() {
    let certificates = Certificates::default();
    let rows = [("good", "secure.test"), ("client", "client-one"), ("client-other", "client-two")];
    for (name, wanted) in rows {
        let certificate = certificates.chain(name).unwrap().remove(0);
        assert_eq!(certificate::common_name(&certificate).as_deref(), Some(wanted));
        for end in 0..certificate.len() {
            assert_eq!(certificate::common_name(&certificate[..end]), None, "{name} {end}");
        }
    }
}
