//! Certificates and keys from text in PEM (RFC 7468), with a clear word on what is wrong.

use alloc::boxed::Box;
use alloc::vec::Vec;

use rustls::pki_types::pem::{Error, PemObject, SectionKind};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The certificates in a text, in order; sections of other kinds and text between do not count.
///
/// # Errors
/// If a section is damaged, or none is a certificate.
pub(super) fn certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, Box<str>> {
    let mut found = Vec::new();
    for section in CertificateDer::pem_slice_iter(text) {
        found.push(section.map_err(|error| told(&error))?);
    }
    if found.is_empty() {
        return Err(if begins(text, b"-----BEGIN ") {
            "it has no certificate in it".into()
        } else {
            "it is not in PEM: no line begins with -----BEGIN".into()
        });
    }
    Ok(found)
}

/// The first private key in a text.
///
/// # Errors
/// If there is none, if it is encrypted, or if a section is damaged.
pub(super) fn key(text: &[u8]) -> Result<PrivateKeyDer<'static>, Box<str>> {
    if is_encrypted(text) {
        return Err("its key is encrypted: decrypt it, for instance by `openssl pkey`".into());
    }
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(text) {
        let (kind, der) = section.map_err(|error| told(&error))?;
        if let Some(key) = PrivateKeyDer::from_pem(kind, der) {
            return Ok(key);
        }
    }
    Err("it has no private key in it".into())
}

/// Whether a key in the text wants a password: by its label (PKCS #8) or by a header of its own
/// (RFC 1421).
fn is_encrypted(text: &[u8]) -> bool {
    begins(text, b"-----BEGIN ENCRYPTED PRIVATE KEY") || begins(text, b"Proc-Type: 4,ENCRYPTED")
}

/// Whether a line of the text begins like this.
fn begins(text: &[u8], start: &[u8]) -> bool {
    text.split(|byte| matches!(byte, b'\n' | b'\r')).any(|line| line.starts_with(start))
}

/// What is wrong, without anything of the text: it may be a key.
fn told(error: &Error) -> Box<str> {
    match error {
        Error::MissingSectionEnd { .. } => "a section in it has no end".into(),
        Error::IllegalSectionStart { .. } => "a section in it begins with a damaged line".into(),
        Error::Base64Decode(_) => "a section in it is not in Base64".into(),
        Error::SectionTooLarge => "a section in it is too long".into(),
        _ => "it cannot be read as PEM".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    const KEY: &str = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";

    #[test]
    fn what_is_wrong_with_a_bundle_is_said() {
        let cut = CERTIFICATE.replace("-----END", "----END");
        let damaged = CERTIFICATE.replace("AAAA", "A*AA");
        let begun = CERTIFICATE.replace("CERTIFICATE-----\nA", "CERTIFICATE---\nA");
        let rows = [
            (CERTIFICATE, Ok(1)),
            (&["text\n", CERTIFICATE, KEY, "more\n", CERTIFICATE].concat(), Ok(2)),
            (&CERTIFICATE.replace('\n', "\r\n"), Ok(1)),
            ("", Err("no line begins")),
            ("nothing here\n", Err("no line begins")),
            (KEY, Err("no certificate")),
            (&cut, Err("no end")),
            (&damaged, Err("not in Base64")),
            (&begun, Err("damaged line")),
        ];
        for (text, want) in rows {
            match (certificates(text.as_bytes()), want) {
                (Ok(found), Ok(count)) => assert_eq!(found.len(), count, "{text}"),
                (Err(why), Err(part)) => assert!(why.contains(part), "{text}: {why}"),
                (got, want) => panic!("{text}: {got:?} and not {want:?}"),
            }
        }
    }

    #[test]
    fn the_first_key_counts_and_encrypted_ones_are_refused() {
        let pkcs8 = KEY.replace("PRIVATE", "ENCRYPTED PRIVATE");
        let pkcs1 = KEY.replace("AAAA", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES\n\nAAAA");
        let rows = [
            (KEY, Ok(())),
            (&[CERTIFICATE, KEY].concat(), Ok(())),
            (&KEY.replace("PRIVATE", "RSA PRIVATE"), Ok(())),
            (&KEY.replace("PRIVATE", "EC PRIVATE"), Ok(())),
            (CERTIFICATE, Err("no private key")),
            ("", Err("no private key")),
            (&pkcs8, Err("encrypted")),
            (&pkcs1, Err("encrypted")),
        ];
        for (text, want) in rows {
            match (key(text.as_bytes()), want) {
                (Ok(_), Ok(())) => {}
                (Err(why), Err(part)) => assert!(why.contains(part), "{text}: {why}"),
                (got, want) => panic!("{text}: {got:?} and not {want:?}"),
            }
        }
    }
}
