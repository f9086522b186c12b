//! A client's connection as a server of a soak has it: with or without TLS.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::peer::CERTIFICATES;

/// A connection.
pub(super) enum Line {
    /// Without TLS.
    Plain(TcpStream),
    /// With it.
    Secure(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Line {
    pub(super) fn secure(
        stream: TcpStream,
        config: &Arc<ServerConfig>,
    ) -> Result<Self, rustls::Error> {
        let connection = ServerConnection::new(Arc::clone(config))?;
        Ok(Self::Secure(Box::new(StreamOwned::new(connection, stream))))
    }

    const fn stream(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Secure(line) => &line.sock,
        }
    }

    /// Has the closing of the connection be a reset.
    pub(super) fn reset(&self) -> io::Result<()> {
        socket2::SockRef::from(self.stream()).set_linger(Some(Duration::ZERO))
    }

    /// Ends the stream, and waits until the client has done so.
    pub(super) fn end(&mut self) -> io::Result<()> {
        if let Self::Secure(line) = self {
            line.conn.send_close_notify();
            line.flush()?;
        }
        self.stream().shutdown(std::net::Shutdown::Write)?;
        self.await_end();
        Ok(())
    }

    /// Waits until the client has gone, a minute at most.
    pub(super) fn await_end(&self) {
        let mut stream = self.stream();
        let _ = stream.set_read_timeout(Some(Duration::from_secs(60)));
        let mut room = [0; 1024];
        while stream.read(&mut room).is_ok_and(|count| count > 0) {}
    }
}

impl Read for Line {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(room),
            Self::Secure(line) => line.read(room),
        }
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Secure(line) => line.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Secure(line) => line.flush(),
        }
    }
}

/// A server's side of TLS, with the certificate of the tests that is in order.
///
/// # Errors
/// If the certificate is not there.
pub fn secure_config() -> Result<Arc<ServerConfig>, Box<dyn std::error::Error + Send + Sync>> {
    let directory = Path::new(CERTIFICATES);
    let chain = CertificateDer::pem_file_iter(directory.join("good.pem"))?;
    let chain = chain.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(directory.join("good.key"))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(Arc::new(builder.with_no_client_auth().with_single_cert(chain, key)?))
}
