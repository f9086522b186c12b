//! Handshakes with scripted proxies, at every cut.

use super::*;
use alloc::vec;

const NAME: SocksTarget<'static> = SocksTarget { host: SocksHost::Name("a.test"), port: 80 };
const USER: SocksUser<'static> = SocksUser { user: "us", password: "pw" };

/// What the client says in turn when the proxy says these, and how it ends: what is left over, or
/// the error.
fn talk(
    mut handshake: Handshake,
    answers: &[&[u8]],
    cut: usize,
) -> (Vec<Vec<u8>>, Result<usize, SocksError>) {
    let mut said = vec![];
    for answer in answers {
        said.push(handshake.unsent().to_vec());
        handshake.sent(handshake.unsent().len());
        let (one, two) = answer.split_at(cut.min(answer.len()));
        for bytes in [one, two] {
            match handshake.receive(bytes) {
                Err(error) => return (said, Err(error)),
                Ok((used, Progress::Done)) => return (said, Ok(bytes.len() - used)),
                Ok((used, Progress::Pending)) => assert_eq!(used, bytes.len()),
            }
        }
    }
    (said, Ok(usize::MAX))
}

#[test]
fn a_handshake_says_the_same_however_the_answers_are_cut() {
    let v6 = SocksHost::Address("2001:db8::1".parse().unwrap());
    let v4 = SocksHost::Address("192.0.2.7".parse().unwrap());
    let open: &[u8] = &[5, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    let named: &[u8] = &[5, 0, 0, 3, 2, b'x', b'y', 0, 80];
    let six: &[u8] = &[5, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 80];
    let ok4: &[u8] = &[0, 90, 0, 0, 0, 0, 0, 0];
    use SocksVersion::{V4, V5};
    type Row<'a> =
        (SocksVersion, SocksTarget<'a>, Option<SocksUser<'a>>, Vec<&'a [u8]>, Vec<&'a [u8]>);
    let rows: Vec<Row<'_>> = vec![
        (
            V5,
            NAME,
            None,
            vec![&[5, 0], open],
            vec![&[5, 1, 0], b"\x05\x01\x00\x03\x06a.test\x00\x50"],
        ),
        (
            V5,
            NAME,
            Some(USER),
            vec![&[5, 2], &[1, 0], named],
            vec![&[5, 2, 0, 2], b"\x01\x02us\x02pw", b"\x05\x01\x00\x03\x06a.test\x00\x50"],
        ),
        (
            V5,
            SocksTarget { host: v4.clone(), port: 443 },
            Some(USER),
            vec![&[5, 0], six],
            vec![&[5, 2, 0, 2], &[5, 1, 0, 1, 192, 0, 2, 7, 1, 187]],
        ),
        (
            V5,
            SocksTarget { host: v6, port: 80 },
            None,
            vec![&[5, 0], open],
            vec![
                &[5, 1, 0],
                &[5, 1, 0, 4, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 80],
            ],
        ),
        (
            V4,
            SocksTarget { host: v4, port: 80 },
            Some(USER),
            vec![ok4],
            vec![b"\x04\x01\x00\x50\xc0\x00\x02\x07us\x00"],
        ),
        (V4, NAME, None, vec![ok4], vec![b"\x04\x01\x00\x50\x00\x00\x00\x01\x00a.test\x00"]),
    ];
    for (version, target, user, answers, want) in rows {
        for cut in 0..24 {
            let handshake = Handshake::new(version, &target, user.as_ref()).unwrap();
            assert_eq!(
                talk(handshake, &answers, cut),
                (want.iter().map(|bytes| bytes.to_vec()).collect(), Ok(0)),
                "{version:?} {target:?} cut at {cut}"
            );
        }
    }
}

#[test]
fn each_refusal_has_an_error_of_its_own() {
    use SocksVersion::{V4, V5};
    let refused = |code| SocksError::Refused5(code);
    let rows: Vec<(SocksVersion, bool, Vec<&[u8]>, SocksError)> = vec![
        (V5, false, vec![&[4]], SocksError::Version(4)),
        (V5, false, vec![b"HTTP/1.1"], SocksError::Version(b'H')),
        (V5, false, vec![&[5, 2]], SocksError::PasswordWanted),
        (V5, false, vec![&[5, 0xff]], SocksError::PasswordWanted),
        (V5, true, vec![&[5, 0xff]], SocksError::NoMethod),
        (V5, true, vec![&[5, 1]], SocksError::Method(1)),
        (V5, true, vec![&[5, 2], &[1, 1]], SocksError::BadPassword),
        (V5, false, vec![&[5, 0], &[5, 1]], refused(Reply5::General)),
        (V5, false, vec![&[5, 0], &[5, 2]], refused(Reply5::NotAllowed)),
        (V5, false, vec![&[5, 0], &[5, 3]], refused(Reply5::NetworkUnreachable)),
        (V5, false, vec![&[5, 0], &[5, 4]], refused(Reply5::HostUnreachable)),
        (V5, false, vec![&[5, 0], &[5, 5]], refused(Reply5::Refused)),
        (V5, false, vec![&[5, 0], &[5, 6]], refused(Reply5::Expired)),
        (V5, false, vec![&[5, 0], &[5, 7]], refused(Reply5::Command)),
        (V5, false, vec![&[5, 0], &[5, 8]], refused(Reply5::Address)),
        (V5, false, vec![&[5, 0], &[5, 9]], refused(Reply5::Other(9))),
        (V5, false, vec![&[5, 0], &[5, 0, 0, 2]], SocksError::AddressType(2)),
        (V4, false, vec![&[5]], SocksError::Version(5)),
        (V4, false, vec![&[0, 91]], SocksError::Refused4(Reply4::Rejected)),
        (V4, false, vec![&[0, 92]], SocksError::Refused4(Reply4::NoIdentd)),
        (V4, false, vec![&[0, 93]], SocksError::Refused4(Reply4::OtherUser)),
        (V4, false, vec![&[0, 94]], SocksError::Refused4(Reply4::Other(94))),
    ];
    for (version, has_user, answers, want) in rows {
        let handshake = Handshake::new(version, &NAME, has_user.then_some(&USER)).unwrap();
        assert_eq!(talk(handshake, &answers, 1).1, Err(want), "{want}");
    }
}

#[test]
fn what_the_protocol_cannot_say_is_refused() {
    let long = "x".repeat(256);
    let check = |version, host, user: &str, want| {
        let user = SocksUser { user, password: "" };
        let target = SocksTarget { host, port: 1 };
        let got = Handshake::new(version, &target, Some(&user)).map(|_| ());
        assert_eq!(got, want, "{version:?} {target:?}");
    };
    use SocksVersion::{V4, V5};
    for version in [V4, V5] {
        check(version, SocksHost::Name(&long), "", Err(SocksError::Name));
        check(version, SocksHost::Name(&long[1..]), "", Ok(()));
        check(version, SocksHost::Name(""), "", Err(SocksError::Name));
        check(version, SocksHost::Name("a"), &long, Err(SocksError::User));
        check(version, SocksHost::Name("a"), &long[1..], Ok(()));
    }
    let v6 = SocksHost::Address("::1".parse().unwrap());
    check(V4, v6, "", Err(SocksError::Ipv6));
    check(V4, SocksHost::Name("a"), "a\0b", Err(SocksError::User));
}

#[test]
fn no_debug_shows_the_password() {
    let user = SocksUser { user: "us", password: "hunter2" };
    let handshake = Handshake::new(SocksVersion::V5, &NAME, Some(&user)).unwrap();
    let shown = alloc::format!("{handshake:?}");
    assert!(!shown.contains("hunter2") && !shown.contains("104, 117"), "{shown}");
}
