//! The tickets that resume sessions, apart by role, host and port.
//!
//! rustls asks for tickets by host alone, and its store is kept apart by configuration (so by roots
//! and identity). A host may be proxy and origin at once, and have different servers on its ports.

use alloc::sync::Arc;
use core::fmt;

use rustls::NamedGroup;
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Resumption, Tls12ClientSessionValue,
    Tls13ClientSessionValue,
};
use rustls::pki_types::{IpAddr, ServerName};
use sha2::{Digest, Sha256};

use crate::tls::{Role, TlsPeer};

/// The part of the store that is a peer's.
pub(super) fn of(peer: TlsPeer<'_>, all: &Arc<ClientSessionMemoryCache>) -> Resumption {
    Resumption::store(Arc::new(Tickets { all: Arc::clone(all), key: key(peer) }))
}

/// The name that stands for a peer: half of a digest of all that it is, in the form of an address.
///
/// Names themselves would not do, since they may be too long to take a port in.
fn key(peer: TlsPeer<'_>) -> ServerName<'static> {
    let role = match peer.role {
        Role::Origin => [0],
        Role::Proxy => [1],
    };
    let digest = Sha256::new()
        .chain_update(role)
        .chain_update(peer.port.to_be_bytes())
        .chain_update(peer.host)
        .finalize();
    let mut half = [0; 16];
    for (to, from) in half.iter_mut().zip(digest) {
        *to = from;
    }
    ServerName::IpAddress(IpAddr::from(core::net::IpAddr::from(half)))
}

struct Tickets {
    all: Arc<ClientSessionMemoryCache>,
    key: ServerName<'static>,
}

impl ClientSessionStore for Tickets {
    fn set_kx_hint(&self, _: ServerName<'static>, group: NamedGroup) {
        self.all.set_kx_hint(self.key.clone(), group);
    }

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        self.all.kx_hint(&self.key)
    }

    fn set_tls12_session(&self, _: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.all.set_tls12_session(self.key.clone(), value);
    }

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.all.tls12_session(&self.key)
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {
        self.all.remove_tls12_session(&self.key);
    }

    fn insert_tls13_ticket(&self, _: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.all.insert_tls13_ticket(self.key.clone(), value);
    }

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.all.take_tls13_ticket(&self.key)
    }
}

impl fmt::Debug for Tickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tickets")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn role_host_and_port_are_in_the_key() {
        let peer = |role, host, port| key(TlsPeer { role, host, port });
        let keys = [
            peer(Role::Origin, "a.test", 443),
            peer(Role::Proxy, "a.test", 443),
            peer(Role::Origin, "b.test", 443),
            peer(Role::Origin, "a.test", 8443),
        ];
        for (place, one) in keys.iter().enumerate() {
            assert_eq!(keys.iter().filter(|other| *other == one).count(), 1, "{place}");
        }
        assert_eq!(keys[0], peer(Role::Origin, "a.test", 443));
    }
}
