//! Whether a server's certificate is taken.
//!
//! Source: what OpenSSL does as urllib3 2.x sets it up: names count by `subjectAltName` alone, and a
//! self-signed certificate is taken if it is itself in the bundle.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::refusal::refused;
use crate::planted::Plant;
use crate::tls::{Roots, pem};

/// What checks the certificates of servers.
///
/// # Errors
/// If a bundle has no certificate in it, or none that can be read.
pub(super) fn verifier(
    roots: Roots<'_>,
    crypto: &CryptoProvider,
) -> Result<Arc<dyn ServerCertVerifier>, Box<str>> {
    let algorithms = crypto.signature_verification_algorithms;
    Ok(match roots {
        Roots::Anybody => Arc::new(Verifier { trust: Trust::Anybody, algorithms }),
        Roots::BuiltIn => {
            let anchors = webpki_roots::TLS_SERVER_ROOTS.to_vec();
            let trust = Trust::Roots { anchors, own: Vec::new() };
            Arc::new(Verifier { trust, algorithms })
        }
        Roots::Pem(text) => {
            Arc::new(Verifier { trust: bundle(pem::certificates(text)?, &algorithms)?, algorithms })
        }
    })
}

struct Verifier {
    trust: Trust,
    algorithms: WebPkiSupportedAlgorithms,
}

/// Whose certificates are taken.
enum Trust {
    Anybody,
    Roots {
        /// Those who may sign for others.
        anchors: Vec<TrustAnchor<'static>>,
        /// Self-signed certificates of the bundle: they are taken from the server that shows them.
        own: Vec<CertificateDer<'static>>,
    },
}

/// The roots that a bundle makes. What cannot be read as a certificate is left out, since old
/// bundles have some, unless nothing is left.
fn bundle(
    certificates: Vec<CertificateDer<'static>>,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<Trust, Box<str>> {
    let (mut anchors, mut own, mut read) = (Vec::new(), Vec::new(), false);
    for certificate in certificates {
        let Ok(anchor) = anchor_from_trusted_cert(&certificate).map(|anchor| anchor.to_owned())
        else {
            continue;
        };
        read = true;
        match EndEntityCert::try_from(&certificate) {
            Ok(parsed) => {
                if is_authority(&parsed, algorithms) {
                    anchors.push(anchor);
                }
                if parsed.issuer() == parsed.subject() {
                    own.push(certificate);
                }
            }
            // The first version of certificates does not say who is an authority.
            Err(_) => anchors.push(anchor),
        }
    }
    if read {
        Ok(Trust::Roots { anchors, own })
    } else {
        Err("no certificate in it is whole".into())
    }
}

/// Whether a certificate says that it may sign others.
///
/// It is checked as that of a server on its own first day: validity goes before this question, and
/// this question before all others.
fn is_authority(certificate: &EndEntityCert<'_>, algorithms: &WebPkiSupportedAlgorithms) -> bool {
    let check = |time| {
        let usage = KeyUsage::server_auth();
        certificate.verify_for_usage(algorithms.all, &[], &[], time, usage, None, None).err()
    };
    let epoch = UnixTime::since_unix_epoch(Duration::ZERO);
    let first_day = match check(epoch) {
        Some(webpki::Error::CertNotValidYet { not_before, .. }) => not_before,
        Some(webpki::Error::CertExpired { not_after, .. }) => not_after,
        _ => epoch,
    };
    check(first_day) == Some(webpki::Error::CaUsedAsEndEntity)
}

impl Verifier {
    fn check(
        &self,
        shown: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), webpki::Error> {
        let Trust::Roots { anchors, own } = &self.trust else { return Ok(()) };
        let certificate = EndEntityCert::try_from(shown)?;
        let check = |anchors: &[TrustAnchor<'_>]| {
            let (all, usage) = (self.algorithms.all, KeyUsage::server_auth());
            certificate.verify_for_usage(all, anchors, between, now, usage, None, None).map(drop)
        };
        let is_own = own.iter().any(|own| own.as_ref() == shown.as_ref());
        match if is_own { check(&[anchor_from_trusted_cert(shown)?]) } else { check(anchors) } {
            // It is valid today, and trusted as it is: `openssl req -x509` makes such ones.
            Err(webpki::Error::CertExpired { .. }) if Plant::ExpiredTrusted.is_on() => {}
            Err(webpki::Error::UnknownIssuer) if Plant::IssuerUnchecked.is_on() => {}
            Err(webpki::Error::CaUsedAsEndEntity) if is_own => {}
            Err(webpki::Error::CaUsedAsEndEntity)
                if certificate.issuer() == certificate.subject() =>
            {
                return Err(webpki::Error::UnknownIssuer);
            }
            other => other?,
        }
        if Plant::NameUnchecked.is_on() {
            return Ok(());
        }
        certificate.verify_is_valid_for_subject_name(name)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.check(end_entity, intermediates, server_name, now).map_err(refused)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier")
    }
}
