//! Peers that speak something else, break off, or break TLS.

use std::time::{Duration, UNIX_EPOCH};

use sessio_core::tls::{Roots, Stage, TlsError, UNUSED_MAX};

use crate::peer::{Client, Echo, VERSIONS, Wants, configure, connect, origin, server, trusting};

/// A client that has said hello, and gets these bytes.
fn check(bytes: &[u8]) -> Client {
    let config = configure(&trusting(Roots::Anybody));
    let mut client = Client::new(&config, origin("a.test"));
    client.feed(bytes);
    client
}

#[test]
fn a_peer_without_tls_is_named_as_such_from_its_first_byte() {
    let answer = b"HTTP/1.1 400 Bad Request\r\n\r\n";
    for bytes in [&answer[..], &answer[..1], b"220 smtp\r\n", b"\0\0"] {
        let client = check(bytes);
        let Err(TlsError::Broken(why)) = &client.stage else { panic!("{:?}", client.stage) };
        assert!(why.contains("server without TLS"), "{why}");
    }
}

#[test]
fn an_alert_in_answer_to_the_hello_is_told() {
    let client = check(&[21, 3, 3, 0, 2, 2, 40]);
    assert_eq!(client.stage, Err(TlsError::Alert("HandshakeFailure".into())));
    let client = check(&[21, 3, 3, 0, 2, 2, 70]);
    assert_eq!(client.stage, Err(TlsError::Alert("ProtocolVersion".into())));
}

#[test]
fn a_record_longer_than_tls_allows_is_refused_by_its_header() {
    for (length, want) in [(0x4800_u16, true), (0x47ff, false)] {
        let [high, low] = length.to_be_bytes();
        let client = check(&[22, 3, 3, high, low]);
        assert_eq!(matches!(client.stage, Err(TlsError::Broken(_))), want, "{length:x}");
    }
}

#[test]
fn errors_stay_and_nothing_can_be_written_after_them() {
    let mut client = check(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    let first = client.stage.clone();
    client.read();
    assert_eq!(client.stage, first);
    assert!(client.session.write(b"x", &mut client.out).is_err());
    let sent = client.out.len();
    client.session.close(&mut client.out);
    assert_eq!(client.out.len(), sent);
}

/// Row 112: RUSTSEC-2024-0336 of rustls, which went round for ever.
#[test]
fn s112_a_close_notify_in_the_handshake_ends_nothing_and_does_not_spin() {
    let mut client = check(&[21, 3, 3, 0, 2, 1, 0]);
    for _ in 0..100 {
        client.read();
    }
    assert_eq!(client.stage, Ok(Stage::Handshake));
    assert!(client.records.is_empty());
}

#[test]
fn a_handshake_message_in_too_many_records_is_refused_in_time() {
    // The beginning of a ServerHello of 60,000 bytes, a byte in each record.
    let start = [2, 0, 0xea, 0x60];
    let bytes = start.into_iter().chain(std::iter::repeat(0));
    let records: Vec<u8> = bytes.take(60_000).flat_map(|byte| [22, 3, 3, 0, 1, byte]).collect();
    let config = configure(&trusting(Roots::Anybody));
    let mut client = Client::new(&config, origin("a.test"));
    for piece in records.chunks(1000) {
        client.feed(piece);
        if client.stage.is_err() {
            let held = client.records.len();
            assert!((UNUSED_MAX..UNUSED_MAX + 1001).contains(&held), "{held}");
            return;
        }
        assert!(client.records.len() <= UNUSED_MAX);
    }
    panic!("{:?} with {} bytes", client.stage, client.records.len());
}

fn clock() -> Duration {
    UNIX_EPOCH.elapsed().expect("a clock")
}

/// How long content takes that comes in so many records of one byte, for each record.
fn time_for_each(count: usize) -> Duration {
    let config = configure(&trusting(Roots::Anybody));
    let server = server("good", VERSIONS[1], Wants::Nothing);
    let (mut client, mut server) = connect(&config, origin("a.test"), &server);
    let mut records = Vec::new();
    for _ in 0..count {
        client.write(b"x");
        records.extend(server.feed(&std::mem::take(&mut client.out)));
    }
    let (mut used, mut plain, mut out, begun) = (0, Vec::new(), Vec::new(), clock());
    for _ in 0..count {
        plain.clear();
        let read = client.session.read(&mut records[used..], &mut plain, 1, &mut out);
        used += read.expect("content").used;
        assert_eq!(plain, b"x");
    }
    assert_eq!(used, records.len());
    clock().saturating_sub(begun) / u32::try_from(count).expect("a small number")
}

#[test]
fn many_small_records_cost_no_more_each_than_few() {
    let best = |count| (0..4).map(|_| time_for_each(count)).min().expect("some");
    let (few, many) = (best(1_000), best(32_000));
    assert!(many < few * 8, "{few:?} each, and {many:?} if there are many");
}

#[test]
fn half_a_message_after_the_handshake_does_not_keep_content_from_being_sent() {
    let config = configure(&trusting(Roots::Anybody));
    let server = server("good", VERSIONS[1], Wants::Nothing);
    let (mut client, mut server) = (Client::new(&config, origin("a.test")), Echo::new(&server));
    let flight = server.feed(&std::mem::take(&mut client.out));
    client.feed(&flight);
    let tickets = server.feed(&std::mem::take(&mut client.out));
    assert!(tickets.len() > 100, "tickets come after the handshake");
    for cut in 0..tickets.len() {
        client.feed(&tickets[cut..=cut]);
        client.write(b"x");
        assert_eq!(client.stage, Ok(Stage::Open));
    }
    server.feed(&std::mem::take(&mut client.out));
    assert_eq!(server.echoed, tickets.len());
}

#[test]
fn a_change_in_any_byte_is_an_error_or_harmless_and_never_a_panic() {
    let config = configure(&trusting(Roots::Anybody));
    for version in VERSIONS {
        let server = server("good", version, Wants::Nothing);
        let (mut changed, mut noticed) = (0, 0);
        for place in (0_usize..1400).step_by(3) {
            let (mut client, mut server) =
                (Client::new(&config, origin("a.test")), Echo::new(&server));
            let (mut passed, mut rounds) = (0, 0);
            while client.stage.is_ok() && rounds < 8 {
                let mut answer = server.feed(&std::mem::take(&mut client.out));
                if let Some(byte) = place.checked_sub(passed).and_then(|at| answer.get_mut(at)) {
                    *byte ^= 0x41;
                }
                passed += answer.len();
                client.feed(&answer);
                rounds += 1;
            }
            let mut out = Vec::new();
            let _ = client.session.write(b"x", &mut out);
            client.session.close(&mut out);
            changed += usize::from(place < passed);
            noticed += usize::from(client.stage.is_err() || server.failed.is_some());
        }
        assert!(changed > 200 && noticed + 10 > changed, "{noticed} of {changed} were noticed");
    }
}
