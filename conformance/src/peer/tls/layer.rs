//! One connection of TLS on the servers' side: ciphertext in and out, by rustls' buffers.

use std::io::{Read, Write};

use rustls::ServerConnection;

use super::certificate::common_name;
use crate::peer::line::{Plaintext, TlsBroken, TlsEnd, TlsLayer, TlsSeen};

/// A connection.
#[derive(Debug)]
pub(super) struct RustlsLayer {
    connection: ServerConnection,
    begun: Begun,
}

/// Whether the client has shown that it speaks TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begun {
    No,
    Yes,
}

/// The type of the first record of a client.
const HANDSHAKE: u8 = 0x16;

impl RustlsLayer {
    pub(super) fn new(mut connection: ServerConnection) -> Self {
        // A reply is handed over whole, however long.
        connection.set_buffer_limit(None);
        Self { connection, begun: Begun::No }
    }

    /// What has been decrypted so far.
    fn plaintext(&mut self, into: &mut Vec<u8>) -> TlsEnd {
        match self.connection.reader().read_to_end(into) {
            Ok(_) => TlsEnd::Noticed,
            // There is no more at the moment.
            Err(_) => TlsEnd::Open,
        }
    }
}

impl TlsLayer for RustlsLayer {
    fn receive(&mut self, mut ciphertext: &[u8]) -> Result<Plaintext, TlsBroken> {
        if self.begun == Begun::No && ciphertext.first().is_some_and(|&first| first != HANDSHAKE) {
            return Err(TlsBroken::NoTls);
        }
        self.begun = Begun::Yes;
        let mut plain = Plaintext::default();
        while !ciphertext.is_empty() {
            self.connection.read_tls(&mut ciphertext).map_err(|_| TlsBroken::Failed)?;
            self.connection.process_new_packets().map_err(|_| TlsBroken::Failed)?;
            plain.end = self.plaintext(&mut plain.bytes);
            if plain.end == TlsEnd::Noticed {
                break;
            }
        }
        Ok(plain)
    }

    fn send(&mut self, plaintext: &[u8]) {
        // Without a limit its buffer takes everything.
        let _ = self.connection.writer().write_all(plaintext);
    }

    fn close(&mut self) {
        self.connection.send_close_notify();
    }

    fn take_ciphertext(&mut self) -> Vec<u8> {
        let mut ciphertext = Vec::new();
        while self.connection.wants_write() {
            // A vector takes everything.
            if !matches!(self.connection.write_tls(&mut ciphertext), Ok(count) if count > 0) {
                break;
            }
        }
        ciphertext
    }

    fn seen(&self) -> Option<TlsSeen> {
        if self.connection.is_handshaking() {
            return None;
        }
        let own = self.connection.peer_certificates().and_then(<[_]>::first);
        Some(TlsSeen {
            server_name: self.connection.server_name().map(str::to_owned),
            client: own.and_then(|certificate| common_name(certificate)),
        })
    }
}

/// A connection to a server whose certificate cannot be used: why not.
#[derive(Debug)]
pub(super) struct Unusable(pub(super) String);

impl TlsLayer for Unusable {
    fn receive(&mut self, _: &[u8]) -> Result<Plaintext, TlsBroken> {
        panic!("no server can be set up: {}", self.0)
    }

    fn send(&mut self, _: &[u8]) {}

    fn close(&mut self) {}

    fn take_ciphertext(&mut self) -> Vec<u8> {
        Vec::new()
    }

    fn seen(&self) -> Option<TlsSeen> {
        None
    }
}
