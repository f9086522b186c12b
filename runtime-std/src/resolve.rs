//! Name look-ups with the resolver of the operating system.

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::time::Duration;

use sessio_core::exchange::Name;
use sessio_core::io::IoError;

/// What came of a look-up.
pub(crate) enum Found {
    Addresses(Vec<SocketAddr>),
    Failed(IoError),
    /// The time is over; the look-up goes on in its thread, and nobody hears of it.
    Late,
}

/// Looks a name up, for at most `patience`.
///
/// The resolver cannot be interrupted: with a limit it works in a thread of its own.
pub(crate) fn look_up(name: Name<'_>, patience: Option<Duration>) -> Found {
    let Some(patience) = patience else { return of((name.host, name.port).to_socket_addrs()) };
    let (host, port) = (name.host.to_owned(), name.port);
    let (tell, hear) = mpsc::sync_channel(1);
    let work = move || drop(tell.send(of((host.as_str(), port).to_socket_addrs())));
    match std::thread::Builder::new().name("sessio-resolver".into()).spawn(work) {
        Ok(_) => hear.recv_timeout(patience).unwrap_or(Found::Late),
        Err(_) => Found::Failed(IoError::OutOfResources),
    }
}

fn of(result: std::io::Result<impl Iterator<Item = SocketAddr>>) -> Found {
    match result {
        Ok(addresses) => Found::Addresses(addresses.collect()),
        Err(_) => Found::Failed(IoError::Unresolved),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_up_in_a_thread_finds_the_same() {
        let name = Name { host: "localhost", port: 7 };
        for patience in [None, Some(Duration::from_secs(5))] {
            let Found::Addresses(found) = look_up(name, patience) else { panic!("{patience:?}") };
            assert!(found.iter().all(|a| a.ip().is_loopback() && a.port() == 7), "{found:?}");
            assert!(!found.is_empty());
        }
    }

    #[test]
    fn nobody_waits_longer_than_allowed() {
        let name = Name { host: "localhost", port: 7 };
        assert!(matches!(look_up(name, Some(Duration::ZERO)), Found::Late | Found::Addresses(_)));
    }
}
