//! Handshakes, content and ends, with every cut of what comes in.

use std::sync::{Arc, Mutex};

use rustls::ProtocolVersion;
use sessio_core::tls::{KeyLog, Roots, Stage, TlsSetup};

use crate::peer::{
    Client, Echo, VERSIONS, Wants, configure, connect, origin, pem, server, settle, trusting,
};

/// Moves bytes in pieces of the given sizes; the last size counts for all that follow.
fn settle_cut(client: &mut Client, server: &mut Echo, to_client: &[usize], to_server: &[usize]) {
    let (mut up, mut down) = (Vec::new(), server.sends());
    let (mut up_cuts, mut down_cuts) = (to_server.iter(), to_client.iter());
    let (mut up_cut, mut down_cut) = (usize::MAX, usize::MAX);
    loop {
        up.append(&mut client.out);
        if !up.is_empty() {
            up_cut = up_cuts.next().copied().unwrap_or(up_cut);
            let rest = up.split_off(up_cut.min(up.len()));
            down.extend(server.feed(&up));
            up = rest;
        }
        if !down.is_empty() {
            down_cut = down_cuts.next().copied().unwrap_or(down_cut);
            let rest = down.split_off(down_cut.min(down.len()));
            client.feed(&down);
            down = rest;
        }
        if up.is_empty() && down.is_empty() && client.out.is_empty() {
            return;
        }
    }
}

/// A handshake and an echo with these cuts; it says how many bytes went which way.
fn check(version: usize, to_client: &[usize], to_server: &[usize]) {
    let ca = pem("ca.pem");
    let config = configure(&trusting(Roots::Pem(&ca)));
    let server = server("good", VERSIONS[version], Wants::Nothing);
    let (mut client, mut server) = (Client::new(&config, origin("a.test")), Echo::new(&server));
    settle_cut(&mut client, &mut server, to_client, to_server);
    let told = format!("version {version}, cuts {to_client:?} and {to_server:?}");
    assert_eq!(client.stage, Ok(Stage::Open), "{told}");
    client.write(b"GET / HTTP/1.1\r\n\r\n");
    settle_cut(&mut client, &mut server, to_client, to_server);
    assert_eq!(client.plain, b"GET / HTTP/1.1\r\n\r\n", "{told}");
    server.tls.send_close_notify();
    settle_cut(&mut client, &mut server, to_client, to_server);
    assert_eq!(client.stage, Ok(Stage::Ended), "{told}");
    assert!(client.records.is_empty(), "{told}");
}

#[test]
fn a_handshake_comes_through_at_every_cut_of_what_comes_in() {
    for version in 0..2 {
        for cut in 1..1500 {
            check(version, &[cut, usize::MAX], &[usize::MAX]);
        }
    }
}

#[test]
fn a_handshake_comes_through_at_every_cut_of_what_goes_out() {
    for version in 0..2 {
        for cut in (1..400).step_by(3) {
            check(version, &[usize::MAX], &[cut, usize::MAX]);
        }
    }
}

#[test]
fn a_handshake_comes_through_byte_by_byte_and_in_small_pieces() {
    for version in 0..2 {
        for size in [1, 2, 3, 5, 7, 64] {
            check(version, &[size], &[size]);
        }
    }
}

#[test]
fn the_hello_names_the_host_and_the_protocol() {
    let ca = pem("ca.pem");
    let config = configure(&trusting(Roots::Pem(&ca)));
    let rows = [
        ("a.test", Some("a.test")),
        ("A.TEST", Some("a.test")),
        ("a.test.", Some("a.test")),
        ("127.0.0.1", None),
        ("::1", None),
    ];
    for version in VERSIONS {
        for (host, want) in rows {
            let server = server("good", version, Wants::Nothing);
            let (client, server) = connect(&config, origin(host), &server);
            assert_eq!(client.stage, Ok(Stage::Open), "{host}");
            let name = server.tls.server_name().map(str::to_lowercase);
            assert_eq!(name.as_deref(), want, "{host}");
            assert_eq!(server.tls.alpn_protocol(), Some(&b"http/1.1"[..]), "{host}");
            assert_eq!(server.tls.protocol_version(), Some(version.version), "{host}");
        }
    }
}

#[test]
fn large_content_comes_back_as_it_was_and_stops_at_what_is_wanted() {
    const SIZE: usize = 1 << 20;
    let content: Vec<u8> = (0..SIZE).map(|place| (place * 31 % 251) as u8).collect();
    let config = configure(&trusting(Roots::Anybody));
    for version in VERSIONS {
        let server = server("good", version, Wants::Nothing);
        let (mut client, mut server) = connect(&config, origin("a.test"), &server);
        client.write(&content);
        let answer = server.feed(&std::mem::take(&mut client.out));
        assert_eq!(server.echoed, SIZE);
        client.records.extend(answer);
        client.plain_max = 1;
        let mut got = Vec::new();
        while got.len() < SIZE {
            client.read();
            assert_eq!(client.stage, Ok(Stage::Open));
            assert!((1..=1 << 14).contains(&client.plain.len()), "one record at a time");
            got.append(&mut client.plain);
        }
        assert!(got == content);
        assert!(client.records.is_empty());
    }
}

#[test]
fn an_empty_write_sends_nothing() {
    let config = configure(&trusting(Roots::Anybody));
    let server = server("good", VERSIONS[1], Wants::Nothing);
    let (mut client, _) = connect(&config, origin("a.test"), &server);
    client.write(b"");
    assert!(client.out.is_empty());
}

#[test]
fn each_side_ends_its_own_stream() {
    let config = configure(&trusting(Roots::Anybody));
    for version in VERSIONS {
        let server = server("good", version, Wants::Nothing);
        let (mut client, mut server) = connect(&config, origin("a.test"), &server);
        server.tls.send_close_notify();
        let mut last = server.sends();
        last.extend(b"garbage behind the end");
        client.feed(&last);
        assert_eq!(client.stage, Ok(Stage::Ended));
        assert_eq!(client.records, b"garbage behind the end");
        client.write(b"still heard");
        client.session.close(&mut client.out);
        let sent = client.out.len();
        client.session.close(&mut client.out);
        assert_eq!(client.out.len(), sent, "once is enough");
        server.feed(&client.out);
        assert_eq!(server.echoed, b"still heard".len());
        assert!(server.tls.process_new_packets().expect("an end").peer_has_closed());
    }
}

/// Row 115: what https clients took for the end of a body was the end of the socket.
#[test]
fn s115_without_close_notify_a_stream_has_not_ended() {
    let config = configure(&trusting(Roots::Anybody));
    for version in VERSIONS {
        let server = server("good", version, Wants::Nothing);
        let (mut client, mut server) = connect(&config, origin("a.test"), &server);
        client.write(b"half of a body");
        settle(&mut client, &mut server);
        // The socket ends here. The session says that the stream has not.
        client.read();
        assert_eq!(client.stage, Ok(Stage::Open));
        server.tls.send_close_notify();
        let end = server.sends();
        client.feed(&end[..end.len() - 1]);
        assert_eq!(client.stage, Ok(Stage::Open), "the last byte is missing");
        client.feed(&end[end.len() - 1..]);
        assert_eq!(client.stage, Ok(Stage::Ended));
    }
}

#[test]
fn writing_before_the_handshake_is_an_error_and_closing_does_nothing() {
    let config = configure(&trusting(Roots::Anybody));
    let mut client = Client::new(&config, origin("a.test"));
    let hello = client.out.len();
    assert!(client.session.write(b"early", &mut client.out).is_err());
    client.session.close(&mut client.out);
    assert_eq!(client.out.len(), hello);
}

#[derive(Debug, Default)]
struct Lines(Mutex<Vec<String>>);

impl KeyLog for Lines {
    fn log(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }
}

#[test]
fn the_key_log_has_the_lines_that_tools_read() {
    let want = [
        vec!["CLIENT_RANDOM"],
        vec![
            "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
            "SERVER_HANDSHAKE_TRAFFIC_SECRET",
            "CLIENT_TRAFFIC_SECRET_0",
            "SERVER_TRAFFIC_SECRET_0",
            "EXPORTER_SECRET",
        ],
    ];
    for (version, want) in VERSIONS.into_iter().zip(want) {
        let lines = Arc::new(Lines::default());
        let log: Arc<dyn KeyLog> = Arc::clone(&lines) as Arc<dyn KeyLog>;
        let setup = TlsSetup { key_log: Some(&log), ..trusting(Roots::Anybody) };
        let server = server("good", version, Wants::Nothing);
        connect(&configure(&setup), origin("a.test"), &server);
        let lines = lines.0.lock().unwrap();
        let labels: Vec<&str> = lines.iter().map(|line| line.split(' ').next().unwrap()).collect();
        assert_eq!(labels, want);
        for line in lines.iter() {
            let parts: Vec<&str> = line.split(' ').collect();
            assert_eq!(parts.len(), 3, "{line}");
            assert_eq!(parts[1].len(), 64, "{line}");
            let secret =
                if version.version == ProtocolVersion::TLSv1_2 { 96..=96 } else { 64..=96 };
            assert!(secret.contains(&parts[2].len()), "{line}");
        }
    }
}

#[test]
fn debug_shows_no_key() {
    let (ca, bundle) = (pem("ca.pem"), pem("client-bundle.pem"));
    let identity = sessio_core::tls::Identity { certificates: &bundle, key: &bundle };
    let setup = TlsSetup { identity: Some(identity), ..trusting(Roots::Pem(&ca)) };
    let config = configure(&setup);
    let (client, _) =
        connect(&config, origin("a.test"), &server("good", VERSIONS[1], Wants::Required));
    assert_eq!(format!("{setup:?}").matches("Identity").count(), 1);
    let shown = format!("{setup:?} {config:?} {:?}", client.session);
    assert!(shown.len() < 300 && !shown.contains('['), "{shown}");
}
