//! Both ends of a connection in memory, and bytes between them in any pieces.

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::time_provider::TimeProvider;
use rustls::{RootCertStore, ServerConfig, ServerConnection, SupportedProtocolVersion};
use sessio_core::WallTime;
use sessio_core::tls::{
    Role, Roots, Stage, TlsConfig, TlsError, TlsPeer, TlsSession, TlsSetup, default_provider,
};

/// 2027-07-01, when the good certificates are valid.
pub(crate) const NOW: WallTime = WallTime::from_unix_seconds(1_814_400_000);

/// Both versions that are spoken.
pub(crate) const VERSIONS: [&SupportedProtocolVersion; 2] =
    [&rustls::version::TLS12, &rustls::version::TLS13];

/// A file of the oracle's certificates, or of those of these tests.
pub(crate) fn pem(name: &str) -> Vec<u8> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/");
    ["../conformance/oracle/certs/", "tests/tls/certs/"]
        .iter()
        .find_map(|folder| std::fs::read(format!("{root}{folder}{name}")).ok())
        .unwrap_or_else(|| panic!("no certificate {name}"))
}

/// What a client is set up with if nothing else is said: the test CA.
pub(crate) fn trusting(roots: Roots<'_>) -> TlsSetup<'_> {
    TlsSetup { roots, identity: None, key_log: None }
}

pub(crate) fn configure(setup: &TlsSetup<'_>) -> Arc<dyn TlsConfig> {
    default_provider().configure(setup).expect("a setup")
}

/// The origin at the port of https.
pub(crate) fn origin(host: &str) -> TlsPeer<'_> {
    TlsPeer { role: Role::Origin, host, port: 443 }
}

fn crypto() -> Arc<CryptoProvider> {
    #[cfg(feature = "tls-aws-lc-rs")]
    return Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    #[cfg(not(feature = "tls-aws-lc-rs"))]
    return Arc::new(rustls::crypto::ring::default_provider());
}

#[derive(Debug)]
struct Clock;

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(NOW.unix_seconds()).expect("after the epoch");
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

/// Which certificates a server wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wants {
    Nothing,
    Optional,
    Required,
}

/// A server with the certificate `name`.
pub(crate) fn server(
    name: &str,
    version: &'static SupportedProtocolVersion,
    wants: Wants,
) -> Arc<ServerConfig> {
    let chain: Vec<CertificateDer<'_>> =
        CertificateDer::pem_slice_iter(&pem(&format!("{name}.pem")))
            .collect::<Result<_, _>>()
            .expect("a chain");
    let key = PrivateKeyDer::from_pem_slice(&pem(&format!("{name}.key"))).expect("a key");
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&pem("ca.pem")).unwrap()).unwrap();
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), crypto());
    let verifier: Arc<dyn ClientCertVerifier> = match wants {
        Wants::Nothing => WebPkiClientVerifier::no_client_auth(),
        Wants::Optional => builder.allow_unauthenticated().build().expect("a verifier"),
        Wants::Required => builder.build().expect("a verifier"),
    };
    let mut config = ServerConfig::builder_with_details(crypto(), Arc::new(Clock))
        .with_protocol_versions(&[version])
        .expect("a version")
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .expect("a certificate");
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

/// A client, with what came in for it and what it has to send.
pub(crate) struct Client {
    pub(crate) session: Box<dyn TlsSession>,
    pub(crate) records: Vec<u8>,
    pub(crate) plain: Vec<u8>,
    pub(crate) plain_max: usize,
    pub(crate) out: Vec<u8>,
    pub(crate) stage: Result<Stage, TlsError>,
}

impl Client {
    /// A client that has said hello.
    pub(crate) fn new(config: &Arc<dyn TlsConfig>, peer: TlsPeer<'_>) -> Self {
        Self::at(config, peer, NOW)
    }

    pub(crate) fn at(config: &Arc<dyn TlsConfig>, peer: TlsPeer<'_>, now: WallTime) -> Self {
        let session = config.connect(peer, now).expect("a session");
        let mut client = Self {
            session,
            records: Vec::new(),
            plain: Vec::new(),
            plain_max: usize::MAX,
            out: Vec::new(),
            stage: Ok(Stage::Handshake),
        };
        client.read();
        client
    }

    pub(crate) fn read(&mut self) {
        let Self { session, records, plain, plain_max, out, stage } = self;
        *stage = session.read(records, plain, *plain_max, out).map(|read| {
            records.drain(..read.used);
            read.stage
        });
    }

    /// Takes bytes in.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.records.extend_from_slice(bytes);
        self.read();
    }

    pub(crate) fn write(&mut self, plain: &[u8]) {
        self.session.write(plain, &mut self.out).expect("the time to write");
    }
}

/// A server that sends everything back.
pub(crate) struct Echo {
    pub(crate) tls: ServerConnection,
    /// How many bytes it has taken in and sent back.
    pub(crate) echoed: usize,
    pub(crate) failed: Option<rustls::Error>,
}

impl Echo {
    pub(crate) fn new(config: &Arc<ServerConfig>) -> Self {
        let mut tls = ServerConnection::new(Arc::clone(config)).expect("a server");
        tls.set_buffer_limit(None);
        Self { tls, echoed: 0, failed: None }
    }

    /// Takes bytes in and says what it answers.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) -> Vec<u8> {
        while !bytes.is_empty() && self.failed.is_none() {
            self.tls.read_tls(&mut bytes).expect("room");
            match self.tls.process_new_packets() {
                Ok(_) => {
                    let mut content = Vec::new();
                    // Without an end there is nothing more for now.
                    let _ = self.tls.reader().read_to_end(&mut content);
                    self.echoed += content.len();
                    self.tls.writer().write_all(&content).expect("room");
                }
                Err(error) => self.failed = Some(error),
            }
        }
        self.sends()
    }

    pub(crate) fn sends(&mut self) -> Vec<u8> {
        let mut answer = Vec::new();
        while self.tls.wants_write() {
            self.tls.write_tls(&mut answer).expect("room");
        }
        answer
    }
}

/// Moves bytes both ways until neither side has any more to say.
pub(crate) fn settle(client: &mut Client, server: &mut Echo) {
    loop {
        let sent = std::mem::take(&mut client.out);
        let answer = server.feed(&sent);
        if sent.is_empty() && answer.is_empty() {
            return;
        }
        if client.stage.is_ok() {
            client.feed(&answer);
        }
    }
}

/// A connection as far as it gets by itself.
pub(crate) fn connect(
    config: &Arc<dyn TlsConfig>,
    peer: TlsPeer<'_>,
    server: &Arc<ServerConfig>,
) -> (Client, Echo) {
    let (mut client, mut server) = (Client::new(config, peer), Echo::new(server));
    settle(&mut client, &mut server);
    (client, server)
}
