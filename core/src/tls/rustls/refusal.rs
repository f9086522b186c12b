//! What rustls and webpki object to, in the words of [`TlsError`].

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::IpAddr;

use rustls::{AlertDescription, CertificateError, Error, OtherError};
use webpki::InvalidNameContext;

use crate::tls::TlsError;

/// How many names of a certificate an error holds.
const NAMES_MAX: usize = 100;

/// What is wrong with a certificate, as rustls has to know it for the alert that it sends.
pub(super) fn refused(error: webpki::Error) -> Error {
    use webpki::Error as Webpki;
    Error::InvalidCertificate(match error {
        Webpki::BadDer | Webpki::BadDerTime | Webpki::TrailingData(_) => {
            CertificateError::BadEncoding
        }
        Webpki::CertNotValidYet { time, not_before } => {
            CertificateError::NotValidYetContext { time, not_before }
        }
        Webpki::CertExpired { time, not_after } => {
            CertificateError::ExpiredContext { time, not_after }
        }
        Webpki::UnknownIssuer => CertificateError::UnknownIssuer,
        Webpki::CertNotValidForName(InvalidNameContext { expected, presented }) => {
            CertificateError::NotValidForNameContext { expected, presented }
        }
        Webpki::InvalidSignatureForPublicKey => CertificateError::BadSignature,
        other => CertificateError::Other(OtherError(Arc::new(other))),
    })
}

/// What the errors of a session are told with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Circumstances<'a> {
    /// The host that was asked for.
    pub(super) host: &'a str,
    /// Whether the peer has asked for a certificate of this side.
    pub(super) asked: Asked,
}

/// Whether the peer has asked for a certificate of this side, and what it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// It has not.
    No,
    /// It has, and there was none.
    GotNone,
    /// It has got one.
    Shown,
}

/// What went wrong.
pub(super) fn told(error: &Error, seen: Circumstances<'_>) -> TlsError {
    match error {
        Error::InvalidCertificate(error) => certificate(error, seen.host),
        Error::AlertReceived(alert) => received(*alert, seen.asked),
        Error::NoCertificatesPresented => {
            TlsError::BadCertificate("the server has shown none".into())
        }
        Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType) => TlsError::Broken(
            "this is no record of TLS (does the port belong to a server without TLS?)".into(),
        ),
        other => TlsError::Broken(format!("{other}").into()),
    }
}

fn certificate(error: &CertificateError, host: &str) -> TlsError {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsError::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            TlsError::NotYetValid
        }
        CertificateError::UnknownIssuer => TlsError::UnknownIssuer,
        CertificateError::NotValidForNameContext { presented, .. } => {
            TlsError::WrongHost { host: host.into(), names: names(presented) }
        }
        CertificateError::BadEncoding => TlsError::BadCertificate("it cannot be read".into()),
        CertificateError::BadSignature => {
            TlsError::BadCertificate("a signature in its chain is wrong".into())
        }
        CertificateError::Other(OtherError(error)) => {
            TlsError::BadCertificate(match error.downcast_ref::<webpki::Error>() {
                Some(error) => chain(error),
                None => format!("{error}").into(),
            })
        }
        other => TlsError::BadCertificate(format!("{other}").into()),
    }
}

/// What is wrong with a chain of certificates beside the usual.
fn chain(error: &webpki::Error) -> Box<str> {
    use webpki::Error as Webpki;
    match error {
        Webpki::CaUsedAsEndEntity => "it is that of an authority, not of a server".into(),
        Webpki::EndEntityUsedAsCa => "it is signed by somebody who is no authority".into(),
        Webpki::RequiredEkuNotFoundContext(_) => "it is not meant for servers".into(),
        Webpki::NameConstraintViolation => "its authority may not sign for its names".into(),
        Webpki::UnsupportedCertVersion => "it is of a version other than 3".into(),
        other => format!("{other}").into(),
    }
}

/// The names that a certificate is for; webpki has them as it shows them to developers.
fn names(presented: &[String]) -> Vec<Box<str>> {
    let name = |shown: &String| {
        let of = |before, after| shown.strip_prefix(before)?.strip_suffix(after);
        if let Some(address) = of("IpAddress(", ")") {
            return Some(format!("{}", address.parse::<IpAddr>().ok()?).into());
        }
        // A certificate may have anything for a name.
        Some(format!("{}", of("DnsName(\"", "\")")?.escape_debug()).into())
    };
    presented.iter().filter_map(name).take(NAMES_MAX).collect()
}

/// What an alert of the peer means.
///
/// Those about certificates are about the one of this side: a server checks no other.
fn received(alert: AlertDescription, asked: Asked) -> TlsError {
    use AlertDescription as Alert;
    let text: Box<str> = format!("{alert:?}").into();
    let about_certificate = matches!(
        alert,
        Alert::CertificateRequired
            | Alert::NoCertificate
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::AccessDenied
    );
    match asked {
        Asked::GotNone if about_certificate || alert == Alert::HandshakeFailure => {
            TlsError::ClientCertificate(format!("none was given, and it refused ({text})").into())
        }
        Asked::Shown if about_certificate || alert == Alert::HandshakeFailure => {
            TlsError::ClientCertificate(format!("it refused the one it got ({text})").into())
        }
        Asked::No if alert == Alert::CertificateRequired => TlsError::ClientCertificate(text),
        Asked::No | Asked::GotNone | Asked::Shown => TlsError::Alert(text),
    }
}
