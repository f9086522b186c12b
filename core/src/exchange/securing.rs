//! What TLS on a new connection is made with: files that have to be read, and configurations.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use bytes::Bytes;

use crate::connection::Security;
use crate::error::{Error, ErrorKind};
use crate::io::IoError;
use crate::message::Certificate;
use crate::policy::settings::Verify;
use crate::secret::Secret;
use crate::shared::Shared;
use crate::tls::TlsError;
use crate::tls::configs::{Material, Trusted};

use super::Exchange;
use super::io::Output;
use super::state::{Files, Lookup, Opening, Secured, State};

/// The files that security needs, the last one first.
fn files(security: &Security) -> Vec<String> {
    let mut paths = Vec::new();
    match &security.cert {
        Some(Certificate::Both(path)) => paths.push(path.clone()),
        Some(Certificate::Pair { certificate, key }) => {
            paths.push(key.clone());
            paths.push(certificate.clone());
        }
        Some(Certificate::PemBoth(_) | Certificate::PemPair { .. }) | None => {}
    }
    if let Verify::Bundle(path) = &security.verify {
        paths.push(path.clone());
    }
    paths
}

/// What security is made of, with the files that were read for it.
fn material(security: &Security, read: Vec<Secret<Vec<u8>>>) -> Material {
    let mut read = read.into_iter();
    let mut next = || Bytes::from(read.next().unwrap_or_default().into_inner());
    let roots = match &security.verify {
        Verify::On => Trusted::BuiltIn,
        Verify::Off => Trusted::Anybody,
        Verify::Bundle(_) => Trusted::Pem(next()),
        Verify::Pem(text) => Trusted::Pem(text.clone()),
    };
    let identity = match &security.cert {
        None => None,
        Some(Certificate::Both(_)) => {
            let both = next();
            Some((both.clone(), Secret::new(both)))
        }
        Some(Certificate::Pair { .. }) => {
            let certificates = next();
            Some((certificates, Secret::new(next())))
        }
        Some(Certificate::PemBoth(both)) => Some((both.reveal().clone(), both.clone())),
        Some(Certificate::PemPair { certificate, key }) => Some((certificate.clone(), key.clone())),
    };
    Material { roots, identity }
}

impl<S> Exchange<S> {
    /// Gets what TLS on the way needs, then opens the connection.
    pub(super) fn secure(&mut self, shared: &mut Shared<S>, opening: Box<Opening>) -> State<S> {
        let Some(security) = &opening.route.security else { return self.open(shared, opening) };
        let files = files(security);
        if files.is_empty() {
            return self.configure(shared, opening, Vec::new());
        }
        let files = Files { read: Vec::new(), unread: files, lookup: Lookup::Wanted };
        State::Loading { opening, files }
    }

    /// What the reading of files asks for.
    pub(super) fn poll_files(files: &Files) -> Output<'_, S> {
        match (files.lookup, files.unread.last()) {
            (Lookup::Wanted, Some(path)) => Output::Load(path),
            (Lookup::UnderWay, Some(_)) => Output::Wait,
            (_, None) => Output::Consult,
        }
    }

    /// A file was read.
    pub(super) fn loaded(opening: Box<Opening>, mut files: Files, text: &[u8]) -> State<S> {
        if files.unread.pop().is_some() {
            files.read.push(Secret::new(text.to_vec()));
        }
        files.lookup = Lookup::Wanted;
        State::Loading { opening, files }
    }

    /// A file cannot be read.
    pub(super) fn not_loaded(&mut self, files: &Files, why: IoError) -> State<S> {
        let path = files.unread.last().map(String::as_str).unwrap_or_default();
        let error = TlsError::BadFile { path: path.into(), why };
        self.failed(Error::new(ErrorKind::Ssl, error))
    }

    /// All files are read: makes the configurations, and opens the connection.
    pub(super) fn all_loaded(
        &mut self,
        shared: &mut Shared<S>,
        opening: Box<Opening>,
        files: Files,
    ) -> State<S> {
        match files.unread.is_empty() {
            true => self.configure(shared, opening, files.read),
            false => State::Loading { opening, files },
        }
    }

    fn configure(
        &mut self,
        shared: &mut Shared<S>,
        mut opening: Box<Opening>,
        read: Vec<Secret<Vec<u8>>>,
    ) -> State<S> {
        let Some(security) = &opening.route.security else { return self.open(shared, opening) };
        // What is wrong with it is said when TLS begins, as in urllib3.
        opening.tls = secured(shared, material(security, read));
        self.open(shared, opening)
    }
}

fn secured<S>(shared: &mut Shared<S>, mut material: Material) -> Result<Secured, TlsError> {
    let Shared { configs, tls, key_log, .. } = shared;
    let origin = configs.get(&material, tls, key_log.as_ref())?;
    let proxy = match material.identity.take() {
        None => Arc::clone(&origin),
        Some(_) => configs.get(&material, tls, key_log.as_ref())?,
    };
    Ok(Secured { origin, proxy })
}
