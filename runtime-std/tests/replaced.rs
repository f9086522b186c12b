//! The resolver and the wall clock can be replaced.

mod common;

use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use common::{counting, serve, session};
use sessio_std::{ErrorKind, Request, Timeouts};

#[test]
fn the_resolver_decides_where_every_host_is() {
    let address = counting();
    let session = session();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    session.set_resolver(move |host, port| {
        log.lock().unwrap().push(format!("{host}:{port}"));
        match host {
            "no.test" => Err(io::ErrorKind::NotFound.into()),
            "10.0.0.1" => Err(io::ErrorKind::PermissionDenied.into()),
            "empty.test" => Ok(Vec::new()),
            _ => Ok(vec![address]),
        }
    });
    let denied = "permission denied";
    let rows = [
        ("http://a.test/", Ok(())),
        ("http://a.test:80/again", Ok(())),
        ("http://192.0.2.1:8080/", Ok(())),
        ("http://[2001:db8::1]/", Ok(())),
        ("http://no.test/", Err("")),
        ("http://empty.test/", Err("")),
        ("http://10.0.0.1/", Err(denied)),
    ];
    for limit in [None, Some(Duration::from_secs(5))] {
        session.close();
        for (url, want) in rows {
            let request = Request::get(url).timeout(Timeouts { total: limit, ..Timeouts::NONE });
            match (session.request(request), want) {
                (Ok(_), Ok(())) => {}
                (Err(error), Err(why)) => {
                    assert_eq!(error.kind(), ErrorKind::Connection, "{url}");
                    assert!(error.core().cause().to_string().contains(why), "{error}");
                }
                (got, _) => panic!("{url}: {got:?}"),
            }
        }
        let hosts = [
            "a.test:80",
            "192.0.2.1:8080",
            "2001:db8::1:80",
            "no.test:80",
            "empty.test:80",
            "10.0.0.1:80",
        ];
        assert_eq!(std::mem::take(&mut *asked.lock().unwrap()), hosts, "{limit:?}");
    }
    session.without_resolver();
    assert!(session.get(format!("http://{address}/")).is_ok());
    assert_eq!(asked.lock().unwrap().len(), 0);
}

#[test]
fn cookies_expire_by_the_wall_clock_that_was_set() {
    let (address, _) = serve(|mut peer| {
        while let Some(head) = peer.head() {
            let cookie = common::field(&head, "cookie").unwrap_or("none").to_owned();
            peer.answer("200 OK", "Set-Cookie: a=1; Max-Age=60\r\n", &cookie);
        }
    });
    let session = session();
    let clock = Arc::new(Mutex::new(1_700_000_000));
    let seconds = Arc::clone(&clock);
    session.set_wall_clock(move || UNIX_EPOCH + Duration::from_secs(*seconds.lock().unwrap()));
    let rows = [(1_700_000_000, "none"), (1_700_000_059, "a=1"), (1_700_000_120, "none")];
    for (now, want) in rows {
        *clock.lock().unwrap() = now;
        let text = session.get(format!("http://{address}/")).unwrap().text().unwrap();
        assert_eq!(text, want, "{now}");
    }
    session.without_wall_clock();
    let text = session.get(format!("http://{address}/")).unwrap().text().unwrap();
    assert_eq!(text, "none");
}
