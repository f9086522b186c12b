//! A connection that no longer speaks HTTP is handed over as a reader and writer.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::io::Read;

use common::{block_on, serve, session};
use futures_lite::{AsyncReadExt, AsyncWriteExt};
use sessio_smol::{Protocol, Request};

#[test]
fn what_was_switched_to_is_read_and_written_and_has_a_place_until_it_is_dropped() {
    let (address, _hear) = serve(|mut peer| {
        peer.head();
        peer.say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n\r\nleft-over ");
        let mut room = [0; 1000];
        while let Ok(count @ 1..) = peer.stream.read(&mut room) {
            peer.say(&room[..count]);
        }
    });
    let session = session();
    session.lock().limit_connections(Some(1), None);
    block_on(async {
        for streamed in [false, true] {
            let request = Request::get(format!("http://{address}/")).stream(streamed);
            let request = request.header("Connection", "upgrade").header("Upgrade", "echo");
            let mut response = session.request(request).await.unwrap();
            let mut upgraded = response.upgrade().unwrap();
            assert_eq!(*upgraded.protocol(), Protocol::Named("echo".into()));
            let mut room = [0; 15];
            upgraded.write_all(b"hello").await.unwrap();
            upgraded.flush().await.unwrap();
            upgraded.read_exact(&mut room).await.unwrap();
            assert_eq!(&room, b"left-over hello");
            upgraded.close().await.unwrap();
            assert_eq!(upgraded.read(&mut room).await.unwrap(), 0);
        }
    });
}
