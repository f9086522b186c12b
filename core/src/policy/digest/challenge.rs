//! Which of a server's challenges is answered, and why none is.
//!
//! Source: RFC 7616, 3.3 and 3.7; `handle_401` in requests 2.34.2, `auth.py`.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::algorithm::Algorithm;
use super::message::Body;
use super::quoted::{Charset, text};
use crate::wire::challenge::Challenge;

/// How many bytes a challenge's values may have in all: it is remembered, and sent with each
/// request. Far above what servers send (some hundreds).
pub const CHALLENGE_BYTES_MAX: usize = 8 * 1024;

/// A challenge that can be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestChallenge {
    /// Whose user and password are asked for.
    pub realm: String,
    /// The server's nonce.
    pub nonce: String,
    /// What the server wants back as it is.
    pub opaque: Option<String>,
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The quality of protection that the answer has.
    pub quality: Quality,
    /// Whether the nonce alone was wrong: user and password were not refused.
    pub is_stale: bool,
    /// The URIs that belong together, separated by blanks; if there are none, the whole server.
    pub domain: String,
    pub(super) algorithm_name: Option<String>,
    pub(super) knows_hashed_users: bool,
    pub(super) charset: Charset,
}

/// The quality of protection of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// None is offered: as in RFC 2069, without count and nonce of the client.
    Unsaid,
    /// `auth`: method and target are protected. It is taken where both are offered, as in requests.
    Auth,
    /// `auth-int`: so is the body.
    AuthInt,
}

/// Why no challenge is answered. The response then stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// None is a Digest challenge.
    NoDigest,
    /// There is no realm.
    NoRealm,
    /// There is no nonce.
    NoNonce,
    /// The algorithm, which is this, is not known.
    Algorithm(String),
    /// No quality of protection is known of those that are offered, which are these.
    Quality(String),
    /// The body is to be protected, and is streamed: it cannot be hashed before it is sent.
    StreamedBody,
    /// It is longer than [`CHALLENGE_BYTES_MAX`].
    TooLong,
    /// The user name has a control character, which no field may have.
    UserName,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDigest => f.write_str("there is no Digest challenge"),
            Self::NoRealm => f.write_str("the challenge has no realm"),
            Self::NoNonce => f.write_str("the challenge has no nonce"),
            Self::Algorithm(name) => write!(f, "the algorithm {name:?} is not known"),
            Self::Quality(offer) => write!(f, "no quality of protection is known of {offer:?}"),
            Self::StreamedBody => f.write_str("auth-int needs the body's hash before it is sent"),
            Self::TooLong => f.write_str("the challenge is too long"),
            Self::UserName => f.write_str("the user name has a control character"),
        }
    }
}

/// The challenge that is answered: of those that can be, one of the strongest hash; of equals the
/// first, which the server likes best.
///
/// # Errors
/// Why none can be answered: for the first Digest challenge that there is.
pub fn choose(challenges: &[Challenge], body: Body<'_>) -> Result<DigestChallenge, Unusable> {
    let mut best: Result<DigestChallenge, Unusable> = Err(Unusable::NoDigest);
    for challenge in challenges.iter().filter(|challenge| challenge.scheme == "digest") {
        let read = read(challenge, body);
        let is_better = match (&best, &read) {
            (Ok(best), Ok(read)) => read.algorithm.hash > best.algorithm.hash,
            (Err(Unusable::NoDigest), Err(_)) | (Err(_), Ok(_)) => true,
            (Ok(_) | Err(_), Err(_)) => false,
        };
        if is_better {
            best = read;
        }
    }
    best
}

fn read(challenge: &Challenge, body: Body<'_>) -> Result<DigestChallenge, Unusable> {
    let size =
        challenge.parameters.iter().map(|(_, value)| value.len()).fold(0, usize::saturating_add);
    if size > CHALLENGE_BYTES_MAX {
        return Err(Unusable::TooLong);
    }
    let is = |name, word: &str| {
        challenge.get(name).is_some_and(|value| value.eq_ignore_ascii_case(word.as_bytes()))
    };
    let charset = if is("charset", "UTF-8") { Charset::Utf8 } else { Charset::Latin1 };
    let get = |name| challenge.get(name).map(|value| text(value, charset));
    let realm = get("realm").ok_or(Unusable::NoRealm)?;
    let nonce = get("nonce").ok_or(Unusable::NoNonce)?;
    let algorithm_name = get("algorithm");
    let algorithm = match algorithm_name.as_deref() {
        None => Algorithm::DEFAULT,
        Some(name) => {
            Algorithm::parse(name).ok_or_else(|| Unusable::Algorithm(String::from(name)))?
        }
    };
    Ok(DigestChallenge {
        realm,
        nonce,
        opaque: get("opaque").filter(|opaque| !opaque.is_empty()),
        algorithm,
        quality: quality(get("qop").unwrap_or_default(), body)?,
        is_stale: is("stale", "true"),
        domain: get("domain").unwrap_or_default(),
        // An empty name is none, and was refused above.
        algorithm_name,
        knows_hashed_users: is("userhash", "true"),
        charset,
    })
}

fn quality(offer: String, body: Body<'_>) -> Result<Quality, Unusable> {
    if offer.is_empty() {
        return Ok(Quality::Unsaid);
    }
    let offered: Vec<&str> = offer.split(',').map(str::trim).collect();
    let has = |word: &str| offered.iter().any(|offered| offered.eq_ignore_ascii_case(word));
    match (has("auth"), has("auth-int"), body) {
        (true, _, _) => Ok(Quality::Auth),
        (false, true, Body::Whole(_)) => Ok(Quality::AuthInt),
        (false, true, Body::Streamed) => Err(Unusable::StreamedBody),
        (false, false, _) => Err(Unusable::Quality(offer)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::challenge::parse;
    use alloc::format;

    fn chosen(field: &str, body: Body<'_>) -> String {
        match choose(&parse([field.as_bytes()]), body) {
            Err(why) => format!("{why:?}"),
            Ok(DigestChallenge { realm, nonce, algorithm, quality, .. }) => {
                format!("{realm} {nonce} {:?} {quality:?}", algorithm.hash)
            }
        }
    }

    #[test]
    fn the_strongest_challenge_that_can_be_answered_is_chosen() {
        let rows = [
            ("", "NoDigest"),
            ("Basic realm=r", "NoDigest"),
            ("Digest realm=r, nonce=n", "r n Md5 Unsaid"),
            ("digest REALM=r, NONCE=n, qop=\"\"", "r n Md5 Unsaid"),
            ("Digest nonce=n", "NoRealm"),
            ("Digest realm=r", "NoNonce"),
            ("Digest", "NoRealm"),
            ("Digest realm=r, nonce=n, algorithm=ROT13", "Algorithm(\"ROT13\")"),
            ("Digest realm=r, nonce=n, algorithm=\"\"", "Algorithm(\"\")"),
            ("Digest realm=r, nonce=n, qop=\"auth-int, auth\"", "r n Md5 Auth"),
            ("Digest realm=r, nonce=n, qop=AUTH", "r n Md5 Auth"),
            ("Digest realm=r, nonce=n, qop=auth-int", "r n Md5 AuthInt"),
            ("Digest realm=r, nonce=n, qop=other", "Quality(\"other\")"),
            ("Basic realm=b, Digest realm=r, nonce=n", "r n Md5 Unsaid"),
            (
                "Digest realm=r, nonce=1, algorithm=SHA-256, Digest realm=r, nonce=2, algorithm=MD5",
                "r 1 Sha256 Unsaid",
            ),
            (
                "Digest realm=r, nonce=1, Digest realm=r, nonce=2, algorithm=SHA-512-256",
                "r 2 Sha512_256 Unsaid",
            ),
            ("Digest realm=r, nonce=1, Digest realm=r, nonce=2", "r 1 Md5 Unsaid"),
            ("Digest realm=r, Digest realm=r, nonce=2", "r 2 Md5 Unsaid"),
            ("Digest realm=r, nonce=1, algorithm=X, Digest realm=r", "Algorithm(\"X\")"),
        ];
        for (field, want) in rows {
            assert_eq!(chosen(field, Body::Whole(&[])), want, "{field}");
        }
    }

    #[test]
    fn a_streamed_body_cannot_be_protected() {
        let rows = [("auth-int", "StreamedBody"), ("\"auth,auth-int\"", "r n Md5 Auth")];
        for (qop, want) in rows {
            let field = format!("Digest realm=r, nonce=n, qop={qop}");
            assert_eq!(chosen(&field, Body::Streamed), want, "{qop}");
        }
    }

    #[test]
    fn a_challenge_has_a_bounded_length() {
        for (length, is_taken) in [(CHALLENGE_BYTES_MAX - 1, true), (CHALLENGE_BYTES_MAX, false)] {
            let field = format!("Digest realm=r, nonce={}", "n".repeat(length));
            let chosen = choose(&parse([field.as_bytes()]), Body::Whole(&[]));
            assert_eq!(chosen.is_ok(), is_taken, "{length}");
        }
    }
}
