//! netrc: what was written down is read, for each host and user; of any text, what is found is of
//! one entry.
//!
//! Input: flags (1 any text: the rest is it), else choices of how a file is written.

use arbitrary::Unstructured;
use sessio_core::environment::netrc::{lookup, parse};

use crate::input::flags;
use crate::model::netrc::{self, HOSTS};

/// Runs one input.
pub fn run(data: &[u8]) {
    let (flags, rest) = flags(data);
    if flags & 1 != 0 {
        return any_text(&String::from_utf8_lossy(rest));
    }
    let Ok((entries, text)) = netrc::make(&mut Unstructured::new(rest)) else { return };
    let read = parse(&text).unwrap_or_else(|error| panic!("{error} in {text:?}"));
    assert_eq!(read.len(), entries.len(), "{text:?}");
    for host in HOSTS.into_iter().chain(["A.TEST", "c.test", ""]) {
        let want = netrc::lookup(&entries, host, None);
        let got = lookup(&read, host, None);
        let got = got.map(|login| (&**login.user.reveal(), &**login.password.reveal()));
        assert_eq!(got, want, "{host} in {text:?}");
        let written = entries.iter().filter_map(|entry| entry.words[0].as_deref());
        for user in written.chain(["", "nobody"]) {
            let want = netrc::lookup(&entries, host, Some(user));
            let got = lookup(&read, host, Some(user));
            let got = got.map(|login| (&**login.user.reveal(), &**login.password.reveal()));
            assert_eq!(got, want, "{user} at {host} in {text:?}");
            assert!(got.is_none_or(|(of, _)| of == user), "another user's: {text:?}");
        }
    }
    assert!(!format!("{read:?}").contains("P0"), "a password is shown");
}

fn any_text(text: &str) {
    let entries = match parse(text) {
        Ok(entries) => entries,
        Err(error) => {
            assert!(error.line <= text.split(['\n', '\r']).count() + 1, "{error} in {text:?}");
            return;
        }
    };
    let hosts = entries.iter().map(|entry| entry.machine.as_str()).chain(["x.test"]);
    for host in hosts {
        let Some(login) = lookup(&entries, host, None) else { continue };
        let is_one = entries.iter().any(|entry| {
            (entry.machine == host || entry.machine == "default")
                && entry.password == *login.password
                && (entry.login == *login.user || entry.account == *login.user)
        });
        assert!(is_one, "login and password are of two entries, or of another host: {text:?}");
    }
}
