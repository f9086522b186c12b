//! Name look-ups that end in time, although a resolver cannot be interrupted.

use std::net::SocketAddr;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use sessio_core::exchange::Name;
use sessio_core::io::IoError;

use sessio_runtime::resolve::{self, LookUp, Resolver};

/// What came of a look-up.
pub(crate) enum Found {
    Addresses(Vec<SocketAddr>),
    Failed(IoError),
    /// The time is over; the look-up goes on in its thread, and nobody hears of it.
    Late,
}

/// Looks a name up, for at most `patience`.
///
/// A resolver cannot be interrupted: with a limit it works in a thread of its own.
pub(crate) fn look_up(
    name: Name<'_>,
    resolver: Option<&Resolver>,
    patience: Option<Duration>,
) -> Found {
    let Some(patience) = patience else { return resolve::look_up(name, resolver).into() };
    let look_up = LookUp::new(name, resolver);
    let (tell, hear) = mpsc::sync_channel(1);
    let work = move || drop(tell.send(look_up.run().into()));
    match std::thread::Builder::new().name("sessio-resolver".into()).spawn(work) {
        Ok(_) => hear.recv_timeout(patience).unwrap_or_else(|why| match why {
            RecvTimeoutError::Timeout => Found::Late,
            // The caller's resolver panicked.
            RecvTimeoutError::Disconnected => Found::Failed(IoError::Unresolved),
        }),
        Err(_) => Found::Failed(IoError::OutOfResources),
    }
}

impl From<Result<Vec<SocketAddr>, IoError>> for Found {
    fn from(result: Result<Vec<SocketAddr>, IoError>) -> Self {
        result.map_or_else(Self::Failed, Self::Addresses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::sync::Arc;

    #[test]
    fn a_look_up_in_a_thread_finds_the_same() {
        let name = Name { host: "localhost", port: 7 };
        for patience in [None, Some(Duration::from_secs(5))] {
            let Found::Addresses(found) = look_up(name, None, patience) else {
                panic!("{patience:?}")
            };
            assert!(found.iter().all(|a| a.ip().is_loopback() && a.port() == 7), "{found:?}");
            assert!(!found.is_empty());
        }
    }

    #[test]
    fn the_callers_resolver_is_asked_in_place_of_the_systems() {
        let resolver: Resolver = Arc::new(|host, port| match host {
            "a.test" => Ok(vec![(std::net::Ipv4Addr::LOCALHOST, port).into()]),
            "secret.test" => Err(io::ErrorKind::PermissionDenied.into()),
            "panics.test" => panic!("on purpose"),
            _ => Err(io::ErrorKind::NotFound.into()),
        });
        let soon = Some(Duration::from_secs(5));
        let rows = [
            ("a.test", None, Ok(7)),
            ("a.test", soon, Ok(7)),
            ("b.test", None, Err(IoError::Unresolved)),
            ("b.test", soon, Err(IoError::Unresolved)),
            ("secret.test", None, Err(IoError::PermissionDenied)),
            ("panics.test", soon, Err(IoError::Unresolved)),
        ];
        for (host, patience, want) in rows {
            let found = match look_up(Name { host, port: 7 }, Some(&resolver), patience) {
                Found::Addresses(found) => Ok(found[0].port()),
                Found::Failed(why) => Err(why),
                Found::Late => panic!("{host} took too long"),
            };
            assert_eq!(found, want, "{host} {patience:?}");
        }
    }

    #[test]
    fn nobody_waits_longer_than_allowed() {
        let name = Name { host: "localhost", port: 7 };
        let found = look_up(name, None, Some(Duration::ZERO));
        assert!(matches!(found, Found::Late | Found::Addresses(_)));
    }
}
