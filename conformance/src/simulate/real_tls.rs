//! The peers' side of TLS over rustls, with certificates that are fixed.
//!
//! Keys and nonces of rustls come from the operating system, so the bytes on the wire differ from
//! run to run; what is signed is of one length (Ed25519), and so are all records: sizes, and with
//! them times and cuts, are those of the seed. The bytes themselves are never noted or hashed.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::{ServerSessionMemoryCache, WebPkiClientVerifier};
use rustls::time_provider::TimeProvider;
use rustls::{RootCertStore, ServerConfig, ServerConnection};

use super::layer::{Asking, Hello, Plan, Stage};
use super::trust::{Issuer, Shown, Texts};

const FIRST: &[u8] = include_bytes!("certs/first.pem");
const SECOND: &[u8] = include_bytes!("certs/second.pem");
const CLIENTS: [&[u8]; 2] =
    [include_bytes!("certs/client0.pem"), include_bytes!("certs/client1.pem")];

/// Certificate and key of servers: as they should be, expired, for others, of nobody.
const SERVERS: [&[u8]; 4] = [
    include_bytes!("certs/good.pem"),
    include_bytes!("certs/expired.pem"),
    include_bytes!("certs/elsewhere.pem"),
    include_bytes!("certs/nobody.pem"),
];

/// Texts in PEM of a run over rustls.
pub(super) fn texts() -> Texts {
    Texts {
        first: FIRST.into(),
        second: SECOND.into(),
        identities: CLIENTS.map(bytes::Bytes::from_static),
    }
}

/// The time that servers look at: of tickets, which have to be as old as the clients' clock says.
#[derive(Debug)]
struct Clock(u64);

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(std::time::Duration::from_secs(self.0)))
    }
}

/// The configurations of a run's servers: with tickets of their own, so that a run does not depend
/// on those before it.
#[derive(Debug, Default)]
pub(crate) struct Servers {
    made: HashMap<(usize, Asking, bool), Arc<ServerConfig>>,
}

fn which(shown: &Shown) -> usize {
    match (shown.issuer, shown.is_expired, shown.is_for_host) {
        (Issuer::Nobody, ..) => 3,
        (_, true, _) => 1,
        (_, _, false) => 2,
        _ => 0,
    }
}

impl Servers {
    /// A server that does as planned.
    pub(super) fn begin(&mut self, plan: Plan, wall: i64) -> Server {
        let key = (which(&plan.shown), plan.asking, plan.is_old);
        let config = self.made.entry(key).or_insert_with(|| config(key, wall));
        let connection = ServerConnection::new(Arc::clone(config)).expect("a sound configuration");
        Server { connection, plan, stage: Stage::Handshake, hello: None, identity: None }
    }
}

fn config((shown, asking, is_old): (usize, Asking, bool), wall: i64) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(FIRST).expect("PEM")).expect("a root");
    let builder = WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(&provider));
    let builder = if asking == Asking::May { builder.allow_unauthenticated() } else { builder };
    let verifier = match asking {
        Asking::No => WebPkiClientVerifier::no_client_auth(),
        Asking::May | Asking::Must => builder.build().expect("roots"),
    };
    let version = if is_old { &rustls::version::TLS12 } else { &rustls::version::TLS13 };
    let clock = Arc::new(Clock(u64::try_from(wall).unwrap_or_default()));
    let certificate = CertificateDer::from_pem_slice(SERVERS[shown]).expect("PEM");
    let key = PrivateKeyDer::from_pem_slice(SERVERS[shown]).expect("PEM");
    let mut config = ServerConfig::builder_with_details(provider, clock)
        .with_protocol_versions(&[version])
        .expect("versions")
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate], key)
        .expect("a certificate");
    config.session_storage = ServerSessionMemoryCache::new(64);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Server {
    connection: ServerConnection,
    pub(super) plan: Plan,
    pub(super) stage: Stage,
    pub(super) hello: Option<Hello>,
    pub(super) identity: Option<String>,
}

impl Server {
    pub(super) fn take(
        &mut self,
        mut bytes: &[u8],
        plain: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<(), String> {
        if self.plan.refuses && self.stage == Stage::Handshake {
            // An alert before there are keys: handshake_failure.
            out.extend_from_slice(&[21, 3, 3, 0, 2, 2, 40]);
            self.stage = Stage::Over;
            return Ok(());
        }
        while !bytes.is_empty() && self.stage != Stage::Over {
            self.connection.read_tls(&mut bytes).map_err(|error| error.to_string())?;
            let state = self.connection.process_new_packets();
            while self.connection.wants_write() {
                self.connection.write_tls(out).expect("memory takes all");
            }
            let Ok(state) = state else {
                // It has said so; who has broken off is the client's business.
                self.stage = Stage::Over;
                return Ok(());
            };
            let count = state.plaintext_bytes_to_read();
            let start = plain.len();
            plain.resize(start + count, 0);
            self.connection.reader().read_exact(&mut plain[start..]).map_err(|e| e.to_string())?;
            if !self.connection.is_handshaking() && self.stage == Stage::Handshake {
                self.opened();
            }
            if state.peer_has_closed() {
                self.stage = Stage::Over;
            }
        }
        Ok(())
    }

    fn opened(&mut self) {
        self.stage = Stage::Open;
        let host = self.connection.server_name().map(str::to_owned);
        self.hello = Some(Hello { is_proxy: None, host, trusted: None });
        let shown = self.connection.peer_certificates().and_then(|all| all.first().cloned());
        self.identity = shown.and_then(|shown| {
            let is =
                |text: &&&[u8]| CertificateDer::from_pem_slice(text).ok().as_ref() == Some(&shown);
            let place = CLIENTS.iter().position(|text| is(&text));
            place.map(|place| format!("-----CERT {place}"))
        });
    }

    pub(super) fn wrap(&mut self, plain: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(plain.len() + 100);
        if self.stage == Stage::Open {
            for piece in plain.chunks(16 << 10) {
                let _ = self.connection.writer().write_all(piece);
                while self.connection.wants_write() {
                    self.connection.write_tls(&mut out).expect("memory takes all");
                }
            }
        }
        out
    }

    pub(super) fn close(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        if self.stage == Stage::Open {
            self.connection.send_close_notify();
            while self.connection.wants_write() {
                self.connection.write_tls(&mut out).expect("memory takes all");
            }
        }
        out
    }
}
