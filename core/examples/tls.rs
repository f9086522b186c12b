//! What TLS costs: handshakes and a download through a session, beside rustls as it is.
//!
//! `cargo run --release -p sessio-core --example tls -- WHAT COUNT`, where WHAT is `full`, `resumed`
//! or `download` (in MiB), or one of them with `bare-` before it. Both ends run in this process, and
//! the time is that of the client's calls alone; instructions are best counted by `perf stat`, as
//! the difference between two counts or between both kinds.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::panic, reason = "an example")]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "an example")]

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use rustls::client::UnbufferedClientConnection;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::unbuffered::{ConnectionState, EncodeError};
use rustls::{ClientConfig, RootCertStore, ServerConfig, ServerConnection};
use sessio_core::WallTime;
use sessio_core::tls::{
    Role, Roots, Stage, TlsConfig, TlsPeer, TlsSession, TlsSetup, default_provider,
};

const CERTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../conformance/oracle/certs/");
const NOW: i64 = 1_814_400_000;

/// How much of the peer's bytes is taken in at once.
const RECEIVE: usize = 64 * 1024;

#[derive(Debug)]
struct Clock;

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(NOW.unsigned_abs())))
    }
}

/// A client that is given records.
trait Client {
    /// Takes records, says how many bytes it used, and whether content may go.
    fn read(&mut self, records: &mut [u8], plain: &mut Vec<u8>, out: &mut Vec<u8>)
    -> (usize, bool);
}

impl Client for Box<dyn TlsSession> {
    fn read(
        &mut self,
        records: &mut [u8],
        plain: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> (usize, bool) {
        let read = TlsSession::read(&mut **self, records, plain, usize::MAX, out).unwrap();
        (read.used, read.stage != Stage::Handshake)
    }
}

/// rustls with the loop of its own example.
impl Client for UnbufferedClientConnection {
    fn read(
        &mut self,
        records: &mut [u8],
        plain: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> (usize, bool) {
        let mut used = 0;
        loop {
            let status = self.process_tls_records(&mut records[used..]);
            let mut discard = status.discard;
            let ready = match status.state.unwrap() {
                ConnectionState::ReadTraffic(mut content) => {
                    while let Some(record) = content.next_record() {
                        let record = record.unwrap();
                        plain.extend_from_slice(record.payload);
                        discard += record.discard;
                    }
                    None
                }
                ConnectionState::EncodeTlsData(mut data) => {
                    let Err(EncodeError::InsufficientSize(needs)) = data.encode(&mut []) else {
                        panic!("room in nothing")
                    };
                    let start = out.len();
                    out.resize(start + needs.required_size, 0);
                    data.encode(&mut out[start..]).unwrap();
                    None
                }
                ConnectionState::TransmitTlsData(data) => {
                    data.done();
                    None
                }
                ConnectionState::BlockedHandshake => Some(false),
                _ => Some(true),
            };
            used += discard;
            if let Some(ready) = ready {
                return (used, ready);
            }
        }
    }
}

fn server_config() -> Arc<ServerConfig> {
    let chain = CertificateDer::pem_file_iter(format!("{CERTS}good.pem")).unwrap();
    let chain = chain.collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(format!("{CERTS}good.key")).unwrap();
    let crypto = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_details(crypto, Arc::new(Clock))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    Arc::new(config)
}

fn bare_config() -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(format!("{CERTS}ca.pem")).unwrap()).unwrap();
    let crypto = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_details(crypto, Arc::new(Clock))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

fn session_config() -> Arc<dyn TlsConfig> {
    let ca = std::fs::read(format!("{CERTS}ca.pem")).unwrap();
    let setup = TlsSetup { roots: Roots::Pem(&ca), identity: None, key_log: None };
    default_provider().configure(&setup).unwrap()
}

/// Adds the time of a step of the client.
fn timed<T>(spent: &mut Duration, step: impl FnOnce() -> T) -> T {
    let begun = UNIX_EPOCH.elapsed().unwrap();
    let done = step();
    *spent += UNIX_EPOCH.elapsed().unwrap().saturating_sub(begun);
    done
}

/// Shakes hands, until the server has nothing more to say.
fn shake(client: &mut impl Client, server: &mut ServerConnection, spent: &mut Duration) {
    let (mut records, mut plain, mut out) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        let (used, _) = timed(spent, || client.read(&mut records, &mut plain, &mut out));
        records.drain(..used);
        let mut sent = &out[..];
        while !sent.is_empty() {
            server.read_tls(&mut sent).unwrap();
            server.process_new_packets().unwrap();
        }
        out.clear();
        while server.wants_write() {
            server.write_tls(&mut records).unwrap();
        }
        if records.is_empty() {
            return;
        }
    }
}

/// Takes content in, of so many MiB, and checks that all of it came.
fn download(client: &mut impl Client, server: &mut ServerConnection, mib: usize) -> Duration {
    let (mut spent, mut got) = (Duration::ZERO, 0);
    let content = vec![7; 1 << 20];
    server.set_buffer_limit(None);
    let (mut records, mut plain, mut out) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..mib {
        server.writer().write_all(&content).unwrap();
        let mut wire = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut wire).unwrap();
        }
        let mut wire = &wire[..];
        while !wire.is_empty() {
            let room = RECEIVE - records.len();
            let count = (&mut wire).take(room as u64).read_to_end(&mut records).unwrap();
            assert!(count > 0, "a record is longer than the buffer");
            let (used, _) = timed(&mut spent, || client.read(&mut records, &mut plain, &mut out));
            records.drain(..used);
            got += plain.len();
            plain.clear();
        }
    }
    assert_eq!(got, mib << 20);
    spent
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [what, count] = &words[..] else { panic!("WHAT COUNT") };
    let count: usize = count.parse().unwrap();
    let (bare, sessions, servers) = (bare_config(), session_config(), server_config());
    let name = rustls::pki_types::ServerName::try_from("a.test").unwrap();
    let peer = |port| TlsPeer { role: Role::Origin, host: "a.test", port };
    let now = WallTime::from_unix_seconds(NOW);
    let mut spent = Duration::ZERO;
    let server = || ServerConnection::new(Arc::clone(&servers)).unwrap();
    let raw = |fresh: bool| {
        let mut config = Arc::clone(&bare);
        if fresh {
            let mut own = (*bare).clone();
            own.resumption = rustls::client::Resumption::disabled();
            config = Arc::new(own);
        }
        UnbufferedClientConnection::new(config, name.clone()).unwrap()
    };
    let mut best = Duration::MAX;
    let mut record = |one: Duration| best = best.min(one);
    match what.as_str() {
        "full" | "resumed" => {
            for number in 0..count {
                let mut one = Duration::ZERO;
                let port = if what == "full" { number as u16 } else { 443 };
                let mut client = timed(&mut one, || sessions.connect(peer(port), now).unwrap());
                shake(&mut client, &mut server(), &mut one);
                record(one);
                spent += one;
            }
        }
        "bare-full" | "bare-resumed" => {
            for _ in 0..count {
                let mut one = Duration::ZERO;
                let mut client = timed(&mut one, || raw(what == "bare-full"));
                shake(&mut client, &mut server(), &mut one);
                record(one);
                spent += one;
            }
        }
        "download" | "bare-download" => {
            let mut server = server();
            if what == "download" {
                let mut client = sessions.connect(peer(443), now).unwrap();
                shake(&mut client, &mut server, &mut spent);
                spent = download(&mut client, &mut server, count);
            } else {
                let mut client = raw(true);
                shake(&mut client, &mut server, &mut spent);
                spent = download(&mut client, &mut server, count);
            }
            record(spent / u32::try_from(count).unwrap());
        }
        _ => panic!("no such thing: {what}"),
    }
    println!("{what}: {:?} each, the best {best:?}", spent / u32::try_from(count).unwrap());
}
