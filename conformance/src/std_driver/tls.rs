//! Servers that speak TLS break off: this version has no TLS.

use crate::peer::{Plaintext, TlsBroken, TlsLayer, TlsProvider, TlsScript, TlsSeen};

/// Makes layers that are broken from the start.
#[derive(Debug)]
pub(super) struct NoTls;

/// Answers nothing.
#[derive(Debug)]
struct Broken;

impl TlsProvider for NoTls {
    fn accept(&self, _: &TlsScript) -> Box<dyn TlsLayer> {
        Box::new(Broken)
    }
}

impl TlsLayer for Broken {
    fn receive(&mut self, _: &[u8]) -> Result<Plaintext, TlsBroken> {
        Err(TlsBroken)
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
