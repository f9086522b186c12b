//! What connections have in common: roots, identity, tickets.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use core::fmt::{self, Write as _};
use core::time::Duration;

use rustls::ClientConfig;
use rustls::client::{ClientSessionMemoryCache, ResolvesClientCert, UnbufferedClientConnection};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{ServerName, UnixTime};
use rustls::time_provider::TimeProvider;

use super::identity::{Shown, certified};
use super::session::Session;
use super::tickets;
use super::verify::verifier;
use crate::time::WallTime;
use crate::tls::{ALPN, KeyLog, TlsConfig, TlsError, TlsPeer, TlsSession, TlsSetup};

/// How many peers' tickets are kept; eight for each with TLS 1.3. The oldest peer goes first.
const PEERS_MAX: usize = 256;

/// What connections have in common.
pub(super) struct Config {
    /// Copied for each connection, which sets its clock and its place among the tickets.
    template: ClientConfig,
    tickets: Arc<ClientSessionMemoryCache>,
    shown: Arc<Shown>,
}

impl Config {
    pub(super) fn new(
        crypto: &Arc<CryptoProvider>,
        setup: &TlsSetup<'_>,
    ) -> Result<Self, TlsError> {
        let key = setup.identity.map(|identity| certified(identity, crypto)).transpose()?;
        let shown = Arc::new(Shown::new(key));
        let verifier = verifier(setup.roots, crypto).map_err(TlsError::BadRoots)?;
        let clock = Arc::new(Reading(UnixTime::since_unix_epoch(Duration::ZERO)));
        let mut template = ClientConfig::builder_with_details(Arc::clone(crypto), clock)
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Broken(format!("{error}").into()))?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_client_cert_resolver(Arc::clone(&shown) as Arc<dyn ResolvesClientCert>);
        template.alpn_protocols = vec![ALPN.into()];
        if let Some(log) = setup.key_log {
            template.key_log = Arc::new(Lines(Arc::clone(log)));
        }
        // rustls counts tickets here and keeps eight for each peer.
        let tickets = ClientSessionMemoryCache::new(PEERS_MAX.saturating_mul(8));
        Ok(Self { template, tickets: Arc::new(tickets), shown })
    }
}

impl TlsConfig for Config {
    fn connect(&self, peer: TlsPeer<'_>, now: WallTime) -> Result<Box<dyn TlsSession>, TlsError> {
        let name = server_name(peer.host)?;
        let since = Duration::from_millis(u64::try_from(now.unix_millis()).unwrap_or(0));
        let mut config = self.template.clone();
        config.time_provider = Arc::new(Reading(UnixTime::since_unix_epoch(since)));
        config.resumption = tickets::of(peer, &self.tickets);
        let connection = UnbufferedClientConnection::new(Arc::new(config), name)
            .map_err(|error| TlsError::Broken(format!("{error}").into()))?;
        Ok(Box::new(Session::new(connection, peer.host, Arc::clone(&self.shown))))
    }
}

/// What the certificate has to be for. A dot at the end of a name and the zone of an address are
/// for looking up and no part of it.
///
/// Source: `HTTPSConnection.connect` in urllib3 2.x, `connection.py`.
fn server_name(host: &str) -> Result<ServerName<'static>, TlsError> {
    let bare = host.trim_end_matches('.');
    let bare = bare.split_once('%').map_or(bare, |(address, _)| address);
    ServerName::try_from(String::from(bare)).map_err(|_| TlsError::BadHost(host.into()))
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Config")
    }
}

/// The clock of one connection: what it said when the connection was made.
#[derive(Debug)]
struct Reading(UnixTime);

impl TimeProvider for Reading {
    fn current_time(&self) -> Option<UnixTime> {
        Some(self.0)
    }
}

/// Writes secrets down as lines of the format of NSS.
#[derive(Debug)]
struct Lines(Arc<dyn KeyLog>);

impl rustls::KeyLog for Lines {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let mut line = String::from(label);
        for part in [client_random, secret] {
            line.push(' ');
            for byte in part {
                // Writing to a `String` does not fail.
                let _ = write!(line, "{byte:02x}");
            }
        }
        self.0.log(&line);
    }
}
