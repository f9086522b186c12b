//! A call over TLS, with rustls at both ends: records cut, a byte changed, the end without
//! `close_notify`. What comes out is what the server said, or an error; never half of it unnoticed.
//!
//! Input: how the response is framed (0 length, 1 chunks, 2 the end of the connection), what happens
//! (0 a clean end, 1 the end without `close_notify`, 2 the end after so many bytes, 3 a byte
//! changed), where (two bytes), a seed for cuts, the body.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};
use sessio_core::exchange::{Probe, Received, Rewound};
use sessio_core::io::IoError;
use sessio_core::policy::settings::Verify;
use sessio_core::{Error, Input, Output, Request, Response, Session};

use crate::drive::{begin, moment};
use crate::input::{cut, show};

/// Bytes of a body.
const BODY_MAX: usize = 4096;

/// Steps of a call.
const STEPS_MAX: usize = 200_000;

/// Runs one input.
pub fn run(data: &[u8]) {
    let [framing, event, high, low, seed, body @ ..] = data else { return };
    let body = &body[..body.len().min(BODY_MAX)];
    let event = match event % 4 {
        0 => Event::None,
        1 => Event::NoNotice,
        2 => Event::EndAt(usize::from(*high) << 8 | usize::from(*low)),
        _ => Event::Change(usize::from(*high) << 8 | usize::from(*low)),
    };
    let framing = framing % 3;
    let mut server = Server::new(framing, body, event);
    let (result, idle) = call(&mut server, *seed);
    let words = format!("{event:?} {framing} {}", show(body));
    match (&result, event) {
        (Ok(response), _) => {
            assert_eq!(show(response.bytes()), show(body), "{words}");
            // Without the notice a body that ends with the connection may be cut off.
            let is_told = framing != 2 || server.noticed;
            assert!(is_told, "a body without an end is taken for whole: {words}");
        }
        (Err(error), Event::None) => panic!("{error}: {words}"),
        (Err(error), Event::NoNotice) => assert_eq!(framing, 2, "{error}: {words}"),
        (Err(error), _) => {
            assert!(!format!("{error} {error:?}").contains("SECRET-"), "{error}");
            let partial = error.response().map(Response::bytes).unwrap_or_default();
            assert!(body.starts_with(partial), "{error}: {words}");
        }
    }
    assert!(idle == 0 || (framing != 2 && result.is_ok()), "{words}");
    assert!(!server.wire.windows(7).any(|bytes| bytes == b"SECRET-"), "a secret in the clear");
}

#[derive(Clone, Copy, Debug)]
enum Event {
    None,
    NoNotice,
    EndAt(usize),
    Change(usize),
}

/// The server's end of the wire.
struct Server {
    tls: ServerConnection,
    answer: Vec<u8>,
    event: Event,
    heard: Vec<u8>,
    /// What the client sent, as it went over the wire.
    wire: Vec<u8>,
    /// Bytes of ours that have gone out.
    sent: usize,
    answered: bool,
    /// Whether the notice of the end has gone out whole.
    noticed: bool,
    ended: bool,
}

impl Server {
    fn new(framing: u8, body: &[u8], event: Event) -> Self {
        let mut answer = b"HTTP/1.1 200 OK\r\n".to_vec();
        match framing {
            0 => {
                answer.extend(format!("Content-Length: {}\r\n\r\n", body.len()).bytes());
                answer.extend_from_slice(body);
            }
            1 => {
                answer.extend_from_slice(b"Transfer-Encoding: chunked\r\n\r\n");
                for piece in cut(body, 9) {
                    answer.extend(format!("{:x}\r\n", piece.len()).bytes());
                    answer.extend([piece, b"\r\n"].concat());
                }
                answer.extend_from_slice(b"0\r\n\r\n");
            }
            _ => answer.extend([b"\r\n", body].concat()),
        }
        let tls = ServerConnection::new(config()).expect("a configuration");
        let (heard, wire) = (Vec::new(), Vec::new());
        let (answered, noticed, ended) = (false, false, false);
        Self { tls, answer, event, heard, wire, sent: 0, answered, noticed, ended }
    }

    fn hear(&mut self, mut bytes: &[u8]) {
        self.wire.extend_from_slice(bytes);
        while !bytes.is_empty() {
            if self.tls.read_tls(&mut bytes).is_err() || self.tls.process_new_packets().is_err() {
                self.ended = true;
                return;
            }
        }
        // It ends with an error when there is no more for now.
        let _ = self.tls.reader().read_to_end(&mut self.heard);
        if self.heard.ends_with(b"\r\n\r\n") && !self.answered {
            self.answered = true;
            self.tls.writer().write_all(&self.answer).expect("a buffer without limit");
        }
    }

    /// What goes out next; nothing is the end once it has answered.
    fn say(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        while self.tls.wants_write() && self.tls.write_tls(&mut out).is_ok_and(|count| count > 0) {}
        if out.is_empty() && self.answered && !self.ended {
            self.ended = true;
            if !matches!(self.event, Event::NoNotice) {
                self.tls.send_close_notify();
                while self.tls.wants_write() && self.tls.write_tls(&mut out).is_ok() {}
                self.noticed = true;
            }
        }
        let before = self.sent;
        self.sent += out.len();
        match self.event {
            Event::EndAt(place) if place < self.sent => {
                out.truncate(place.saturating_sub(before));
                self.ended = true;
                self.noticed = false;
            }
            Event::Change(place) if (before..self.sent).contains(&place) => {
                out[place - before] ^= 0x20;
            }
            _ => {}
        }
        out
    }
}

fn file(name: &str) -> std::path::PathBuf {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("../conformance/oracle/certs").join(name)
}

fn config() -> Arc<ServerConfig> {
    static CONFIG: OnceLock<Arc<ServerConfig>> = OnceLock::new();
    let make = || {
        let chain = CertificateDer::pem_file_iter(file("good.pem")).expect("a certificate");
        let chain = chain.collect::<Result<_, _>>().expect("a certificate");
        let key = PrivateKeyDer::from_pem_file(file("good.key")).expect("a key");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider);
        let builder = builder.with_safe_default_protocol_versions().expect("versions");
        let mut config =
            builder.with_no_client_auth().with_single_cert(chain, key).expect("a server");
        config.send_tls13_tickets = 1;
        Arc::new(config)
    };
    Arc::clone(CONFIG.get_or_init(make))
}

fn call(server: &mut Server, seed: u8) -> (Result<Response, Error>, usize) {
    static ROOTS: OnceLock<Vec<u8>> = OnceLock::new();
    let roots = ROOTS.get_or_init(|| std::fs::read(file("ca.pem")).expect("the roots"));
    let (mut session, now): (Session<()>, _) = (Session::new(5), moment(0));
    session.verify = Verify::pem(roots.clone());
    let request = Request::get("https://a.test/x").header("Authorization", "Bearer SECRET-");
    let mut exchange = begin(&mut session, request, now).expect("a request");
    let mut pieces: Vec<Vec<u8>> = Vec::new();
    for _ in 0..STEPS_MAX {
        let input = match exchange.poll() {
            Output::Consult => {
                exchange.consult(&mut session, now);
                continue;
            }
            Output::Resolve(name) => {
                let address = SocketAddr::from((Ipv4Addr::LOCALHOST, name.port));
                exchange.handle(Input::Resolved(&[address]), now);
                continue;
            }
            Output::Connect { id, .. } => Input::Connecting(id, ()),
            Output::Await(attempts) => Input::Connected(attempts[0].id),
            Output::Transfer(transfer) => {
                let send = transfer.send.concat();
                if send.is_empty() {
                    if pieces.is_empty() && !server.ended {
                        pieces
                            .extend(cut(&server.say(), seed).into_iter().rev().map(<[u8]>::to_vec));
                    }
                    let piece = pieces.pop().unwrap_or_default();
                    if piece.is_empty() && !server.ended {
                        // The client waits for the rest of a record that was never that long.
                        assert!(matches!(server.event, Event::Change(_)), "both sides wait");
                        server.ended = true;
                    }
                    let count = piece.len().min(transfer.receive.len());
                    transfer.receive[..count].copy_from_slice(&piece[..count]);
                    if count < piece.len() {
                        pieces.push(piece[count..].to_vec());
                    }
                    Input::Moved { sent: 0, received: Received::Bytes(count) }
                } else {
                    server.hear(&send);
                    Input::Moved { sent: send.len(), received: Received::Nothing }
                }
            }
            Output::Data(data) => Input::Consumed(data.bytes.len()),
            Output::Probe(()) => Input::Probed(Probe::Quiet),
            Output::Rewind(_) => Input::Rewound(Rewound::Done),
            Output::Load(_) => Input::NotLoaded(IoError::NotFound),
            Output::Prepared(_) | Output::Head(_) | Output::Respond(_) => Input::Continue,
            Output::Wait | Output::Full => panic!("there is nothing to wait for"),
            Output::Done => return (exchange.finish(), session.idle_connections()),
        };
        exchange.handle(input, now);
    }
    panic!("the call does not end")
}
