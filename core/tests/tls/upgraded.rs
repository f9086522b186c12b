//! A connection handed over below TLS: what is read and written is plaintext, from the first byte.

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::task::Poll;

use rustls::ServerConnection;
use sessio_core::exchange::{Ask, Received, Upgraded};
use sessio_core::policy::settings::Verify;
use sessio_core::{ErrorKind, Input, Instant, Now, Output, Request, Session};

use crate::peer::{VERSIONS, Wants, pem, server};

const HELLO: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n\r\nleft-over ";

/// A server that switches to sending everything back.
struct Peer {
    tls: ServerConnection,
    /// The request, until its head is there.
    head: Option<Vec<u8>>,
    /// What it has said and nobody has received.
    said: Vec<u8>,
}

impl Peer {
    fn hear(&mut self, mut bytes: &[u8]) {
        let mut content = Vec::new();
        while !bytes.is_empty() {
            self.tls.read_tls(&mut bytes).unwrap();
            self.tls.process_new_packets().unwrap();
            // Without an end there is nothing more for now.
            let _ = self.tls.reader().read_to_end(&mut content);
        }
        if let Some(head) = &mut self.head {
            head.append(&mut content);
            if head.ends_with(b"\r\n\r\n") {
                self.head = None;
                self.tls.writer().write_all(HELLO).unwrap();
            }
        }
        self.tls.writer().write_all(&content).unwrap();
        self.speak();
    }

    fn speak(&mut self) {
        while self.tls.wants_write() {
            self.tls.write_tls(&mut self.said).unwrap();
        }
    }

    /// Puts some of what it has said there.
    fn give(&mut self, room: &mut [u8], cut: usize) -> usize {
        let count = cut.min(room.len()).min(self.said.len());
        room[..count].copy_from_slice(&self.said[..count]);
        self.said.drain(..count);
        count
    }
}

/// The connection behind a 101, received in pieces of at most `cut` bytes.
fn switch(peer: &mut Peer, cut: usize) -> Upgraded<()> {
    let now = Now { mono: Instant::from_nanos(0), wall: crate::peer::NOW };
    let mut session: Session<()> = Session::new(1);
    session.verify = Verify::Pem(pem("ca.pem").into());
    let request = Request::get("https://a.test/");
    let request = request.header("Connection", "upgrade").header("Upgrade", "echo");
    let prepared = session.prepare_request(request, now).unwrap();
    let plan = session.plan(&prepared.options, Ask::Nobody, Ask::Nobody);
    let mut exchange = session.start(Arc::new(prepared.request), plan, now).unwrap();
    loop {
        let address = ([192, 0, 2, 1], 443).into();
        let input = match exchange.poll() {
            Output::Consult => {
                exchange.consult(&mut session, now);
                continue;
            }
            Output::Resolve(_) => Input::Resolved(std::slice::from_ref(&address)),
            Output::Connect { id, .. } => Input::Connecting(id, ()),
            Output::Await(attempts) => Input::Connected(attempts[0].id),
            Output::Transfer(transfer) => {
                let bytes = transfer.send.concat();
                if bytes.is_empty() {
                    let count = peer.give(transfer.receive, cut);
                    Input::Moved { sent: 0, received: Received::Bytes(count) }
                } else {
                    peer.hear(&bytes);
                    Input::Moved { sent: bytes.len(), received: Received::Nothing }
                }
            }
            Output::Done => {
                let upgraded = exchange.take_upgraded();
                assert_eq!(exchange.finish().unwrap().status, 101);
                return upgraded.unwrap();
            }
            other => panic!("{other:?}"),
        };
        exchange.handle(input, now);
    }
}

/// Moves and reads until there are so many bytes.
fn read(upgraded: &mut Upgraded<()>, peer: &mut Peer, cut: usize, count: usize) -> Vec<u8> {
    let (mut all, mut room) = (Vec::new(), [0; 777]);
    while all.len() < count {
        if let Poll::Ready(read) = upgraded.read(&mut room) {
            all.extend_from_slice(&room[..read.unwrap()]);
            continue;
        }
        let moving = upgraded.transfer();
        let sent = moving.send.len();
        peer.hear(moving.send);
        let received = peer.give(moving.receive, cut);
        upgraded
            .moved(sent, if received > 0 { Received::Bytes(received) } else { Received::Nothing });
    }
    all
}

#[test]
fn what_is_read_and_written_is_plaintext_whatever_the_cuts() {
    for version in VERSIONS {
        for cut in [1, 5, 100, usize::MAX] {
            let mut tls = ServerConnection::new(server("good", version, Wants::Nothing)).unwrap();
            tls.set_buffer_limit(None);
            let mut peer = Peer { tls, head: Some(Vec::new()), said: Vec::new() };
            let mut upgraded = switch(&mut peer, cut);
            assert!(upgraded.is_encrypted());
            assert_eq!(read(&mut upgraded, &mut peer, cut, 10), b"left-over ", "{cut}");

            let much = vec![b'x'; 200_000];
            let (mut written, mut came) = (0, 0);
            while written < much.len() {
                let count = upgraded.write(&much[written..]).unwrap();
                written += count;
                came += read(&mut upgraded, &mut peer, cut, count).len();
            }
            assert_eq!(came, much.len());

            // Plaintext does not go out, and what is cut off is not taken for an end.
            upgraded.write(b"plaintext").unwrap();
            assert!(!upgraded.transfer().send.windows(9).any(|bytes| bytes == b"plaintext"));
            assert_eq!(read(&mut upgraded, &mut peer, cut, 9), b"plaintext");
            let is_clean = cut != 5;
            if is_clean {
                peer.tls.send_close_notify();
                peer.speak();
                let moving = upgraded.transfer();
                let count = peer.give(moving.receive, usize::MAX);
                upgraded.moved(0, Received::Bytes(count));
                assert!(matches!(upgraded.read(&mut [0]), Poll::Ready(Ok(0))), "{cut}");
                upgraded.close().unwrap();
                assert!(upgraded.has_unsent() && upgraded.write(b"x").is_err());
            } else {
                upgraded.moved(0, Received::Bytes(0));
                let Poll::Ready(Err(error)) = upgraded.read(&mut [0]) else { panic!("an end") };
                assert_eq!(error.kind(), ErrorKind::Ssl);
            }
            assert!(upgraded.into_socket().is_err());
        }
    }
}
