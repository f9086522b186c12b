//! A connection that is switched to another protocol inside TLS, on every runtime over real sockets:
//! what is read and written is plaintext, from the first byte behind the response to the end.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use sessio_conformance::peer::CERTIFICATES;
use sessio_conformance::soak::secure_config;
use sessio_core::policy::settings::Verify;
use sessio_core::{Kit, Session};

const SWITCH: &str = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n\
    left-over ";

/// More than any buffer on the way holds.
const MUCH: usize = 300_000;

/// Switches, sends back so much, and ends its stream when the client has ended its own.
fn echo(stream: TcpStream, config: Arc<ServerConfig>) -> std::io::Result<()> {
    let tls = ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut line = BufReader::new(StreamOwned::new(tls, stream));
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if line.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    line.get_mut().write_all(SWITCH.as_bytes())?;
    let mut room = [0; 10_000];
    loop {
        let count = line.read(&mut room)?;
        if count == 0 {
            line.get_mut().conn.send_close_notify();
            return line.get_mut().flush();
        }
        line.get_mut().write_all(&room[..count])?;
        line.get_mut().flush()?;
    }
}

fn serve() -> SocketAddr {
    let config = secure_config().expect("the certificates of the tests");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let config = Arc::clone(&config);
            // Who drops the connection breaks it off, which is for the test to find.
            thread::spawn(move || drop(echo(stream, config)));
        }
    });
    address
}

fn settle<S, K: Kit>(session: &mut Session<S, K>) {
    session.trust_env = sessio_std::Trust::NONE;
    session.verify = Verify::bundle(format!("{CERTIFICATES}/ca.pem"));
}

fn much() -> Vec<u8> {
    (0..MUCH).map(|index| index.to_le_bytes()[0]).collect()
}

macro_rules! blocking {
    ($runtime:ident, $address:expr) => {{
        let session = $runtime::Session::new();
        settle(&mut session.lock());
        let request = $runtime::Request::get(format!("https://{}/", $address));
        let request = request.header("Connection", "upgrade").header("Upgrade", "echo");
        let mut response = session.request(request).expect("a switch");
        let mut upgraded = response.upgrade().expect("a switch");
        let mut room = [0; 10];
        upgraded.read_exact(&mut room).expect("what came behind the response");
        assert_eq!(&room, b"left-over ");
        for piece in much().chunks(50_000) {
            let mut back = vec![0; piece.len()];
            upgraded.write_all(piece).expect("an echo");
            upgraded.read_exact(&mut back).expect("an echo");
            assert!(back == piece, "an echo");
        }
        upgraded.shutdown().expect("an end");
        assert_eq!(upgraded.read(&mut room).expect("an end"), 0);
        assert!(upgraded.into_stream().is_err(), "only this can speak its TLS");
    }};
}

#[test]
fn what_is_spoken_inside_tls_is_read_and_written_over_std() {
    blocking!(sessio_std, serve());
}

#[test]
fn what_is_spoken_inside_tls_is_read_and_written_over_mio() {
    blocking!(sessio_mio, serve());
}

#[test]
fn what_is_spoken_inside_tls_is_read_and_written_over_smol() {
    use smol::io::{AsyncReadExt, AsyncWriteExt};
    let address = serve();
    smol::block_on(async {
        let session = sessio_smol::Session::new();
        settle(&mut session.lock());
        let request = sessio_smol::Request::get(format!("https://{address}/"));
        let request = request.header("Connection", "upgrade").header("Upgrade", "echo");
        let mut response = session.request(request).await.expect("a switch");
        let mut upgraded = response.upgrade().expect("a switch");
        let mut room = [0; 10];
        upgraded.read_exact(&mut room).await.expect("what came behind the response");
        assert_eq!(&room, b"left-over ");
        for piece in much().chunks(50_000) {
            let mut back = vec![0; piece.len()];
            upgraded.write_all(piece).await.expect("an echo");
            upgraded.flush().await.expect("an echo");
            upgraded.read_exact(&mut back).await.expect("an echo");
            assert!(back == piece, "an echo");
        }
        upgraded.close().await.expect("an end");
        assert_eq!(upgraded.read(&mut room).await.expect("an end"), 0);
    });
}

#[test]
fn what_is_spoken_inside_tls_goes_on_in_a_loop_of_the_callers_own() {
    use sessio_mio::{Completion, Driver, Request};
    let address = serve();
    let mut poll = mio::Poll::new().expect("mio");
    let mut events = mio::Events::with_capacity(8);
    let mut driver = Driver::new(poll.registry(), 7..20).expect("mio");
    settle(&mut driver.session().lock());
    let request = Request::get(format!("https://{address}/"));
    let request = request.header("Connection", "upgrade").header("Upgrade", "echo");
    driver.start(request).expect("a request");
    let (sent, mut left, mut back) = (much(), MUCH, Vec::new());
    let (mut upgraded, began, mut room) = (None, Instant::now(), [0; 4096]);
    'echoes: loop {
        assert!(began.elapsed() < Duration::from_secs(20), "{} came back", back.len());
        driver.turn();
        while let Some(completion) = driver.next() {
            match completion {
                Completion::Upgraded(_, socket) => upgraded = Some(socket),
                Completion::Done(_, outcome) => assert_eq!(outcome.expect("a switch").status, 101),
                other => panic!("{other:?}"),
            }
        }
        // As far as it goes, in both directions.
        while let Some(socket) = &mut upgraded {
            let written = match left {
                0 => socket.flush().map(|()| 0),
                _ => socket.write(&sent[MUCH - left..]).inspect(|count| left -= count),
            };
            match socket.read(&mut room) {
                Ok(0) => panic!("the server has ended"),
                Ok(count) => back.extend_from_slice(&room[..count]),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}");
                    if back.len() == b"left-over ".len() + MUCH {
                        break 'echoes;
                    }
                    if left == 0 || written.is_err() {
                        break;
                    }
                }
            }
        }
        poll.poll(&mut events, driver.next_timeout()).expect("mio");
        for event in &events {
            driver.handle(event);
        }
    }
    assert!(back.starts_with(b"left-over ") && back.ends_with(&sent));
    assert!(upgraded.expect("it was there").into_stream().is_err(), "only this speaks its TLS");
}
