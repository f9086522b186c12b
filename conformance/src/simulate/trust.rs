//! What TLS is set up with in a run: whom calls trust, what they show, and what the reference makes
//! of a certificate.

use std::fmt;

use bytes::Bytes;
use sessio_core::message::Certificate;
use sessio_core::policy::settings::Verify;

use super::random::Random;

/// Whose certificates a call takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Those of the built-in roots, among which the first authority is.
    BuiltIn,
    Anybody,
    /// Those of the first authority, from text.
    First,
    /// The same from a file.
    FirstFile,
    /// Those of the second authority, who has signed for nobody.
    Second,
    /// Those of a file that is not there.
    NoFile,
}

/// The file with the certificate of the first authority.
pub(super) const FIRST_FILE: &str = "/ca/first.pem";
/// A file that is not there.
pub(super) const NO_FILE: &str = "/ca/none.pem";
/// The file with certificate and key of the first client.
pub(super) const CLIENT_FILE: &str = "/client/0.pem";

/// How many certificates of this side there are.
pub(super) const IDENTITIES: usize = 2;

/// Who has signed a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Issuer {
    First,
    Nobody,
}

/// The certificate that a peer shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) is_for_host: bool,
    pub(crate) is_expired: bool,
    pub(crate) issuer: Issuer,
}

impl Shown {
    /// As it has to be.
    pub(super) const GOOD: Self =
        Self { is_for_host: true, is_expired: false, issuer: Issuer::First };

    /// Whether a call that trusts these may take it.
    pub(super) fn is_fine_for(&self, trust: Trust) -> bool {
        match trust {
            Trust::Anybody => true,
            Trust::BuiltIn | Trust::First | Trust::FirstFile => *self == Self::GOOD,
            Trust::Second | Trust::NoFile => false,
        }
    }
}

/// Texts in PEM: the same in a run over the null layer and over rustls, but for what is in them.
#[derive(Clone)]
pub(crate) struct Texts {
    pub(crate) first: Bytes,
    pub(crate) second: Bytes,
    /// Certificate and key in one text each.
    pub(crate) identities: [Bytes; IDENTITIES],
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Texts")
    }
}

impl Trust {
    /// What a session or call draws; over rustls the built-in roots are real ones, which have signed
    /// for nobody here.
    pub(super) fn draw(random: &mut Random, is_real: bool) -> Self {
        let drawn = match random.below(20) {
            0..=3 => Self::Anybody,
            4..=8 => Self::First,
            9..=11 => Self::FirstFile,
            12 => Self::Second,
            13 => Self::NoFile,
            _ => Self::BuiltIn,
        };
        if is_real && drawn == Self::BuiltIn { Self::First } else { drawn }
    }

    /// As a setting.
    pub(super) fn verify(self, texts: &Texts) -> Verify {
        match self {
            Self::BuiltIn => Verify::On,
            Self::Anybody => Verify::Off,
            Self::First => Verify::Pem(texts.first.clone()),
            Self::FirstFile => Verify::bundle(FIRST_FILE),
            Self::Second => Verify::Pem(texts.second.clone()),
            Self::NoFile => Verify::bundle(NO_FILE),
        }
    }
}

/// A certificate of this side as a setting: the first one from its file.
pub(super) fn certificate(identity: usize, texts: &Texts) -> Certificate {
    match identity {
        0 => Certificate::file(CLIENT_FILE),
        other => Certificate::pem(texts.identities[other].clone()),
    }
}

/// The text of a file.
pub(super) fn load<'a>(path: &str, texts: &'a Texts) -> Option<&'a [u8]> {
    match path {
        FIRST_FILE => Some(&texts.first),
        CLIENT_FILE => Some(&texts.identities[0]),
        _ => None,
    }
}
