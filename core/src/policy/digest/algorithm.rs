//! The hashes that Digest authentication knows.
//!
//! Source: RFC 7616, 6.1; `build_digest_header` in requests 2.34.2, `auth.py`, for `SHA`.

use alloc::string::String;

use md5::Md5;
use sha1::Sha1;
use sha2::{Sha256, Sha512, Sha512_256};

/// A hash, the weakest first: of several challenges the one with the greatest is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hash {
    /// MD5.
    Md5,
    /// SHA-1: in no RFC, but requests answers it under the name `SHA`.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512/256: SHA-512 cut to 256 bits, with a start of its own.
    Sha512_256,
    /// SHA-512: in no RFC, but requests answers it.
    Sha512,
}

/// Whether the hash of user, realm and password is bound to a nonce of each side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Session {
    /// It is not.
    Unbound,
    /// It is: `-sess`.
    Bound,
}

/// An algorithm: a hash, and what it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Algorithm {
    /// The hash.
    pub hash: Hash,
    /// Whether it is a `-sess` one.
    pub session: Session,
}

impl Algorithm {
    /// What a challenge means that names none.
    pub const DEFAULT: Self = Self { hash: Hash::Md5, session: Session::Unbound };

    /// The algorithm of this name, in any case; `None` if it is not known.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.to_ascii_uppercase();
        let (name, session) = match name.strip_suffix("-SESS") {
            Some(name) => (name, Session::Bound),
            None => (name.as_str(), Session::Unbound),
        };
        let hash = match name {
            "MD5" => Hash::Md5,
            "SHA" => Hash::Sha1,
            "SHA-256" => Hash::Sha256,
            "SHA-512-256" => Hash::Sha512_256,
            "SHA-512" => Hash::Sha512,
            _ => return None,
        };
        Some(Self { hash, session })
    }
}

impl Hash {
    /// The hash of all parts in a row, in small hexadecimal digits.
    #[must_use]
    pub fn hex(self, parts: &[&[u8]]) -> String {
        match self {
            Self::Md5 => hex::<Md5>(parts),
            Self::Sha1 => hex::<Sha1>(parts),
            Self::Sha256 => hex::<Sha256>(parts),
            Self::Sha512_256 => hex::<Sha512_256>(parts),
            Self::Sha512 => hex::<Sha512>(parts),
        }
    }

    /// The hash of texts with a colon between each two.
    pub(super) fn of(self, texts: &[&str]) -> String {
        self.hex(&[texts.join(":").as_bytes()])
    }
}

fn hex<D: sha2::Digest>(parts: &[&[u8]]) -> String {
    let mut hash = D::new();
    for part in parts {
        hash.update(part);
    }
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0');
    hash.finalize().iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_in_any_case() {
        let rows = [
            ("MD5", Some((Hash::Md5, Session::Unbound))),
            ("md5-sess", Some((Hash::Md5, Session::Bound))),
            ("sha", Some((Hash::Sha1, Session::Unbound))),
            ("SHA-256-SESS", Some((Hash::Sha256, Session::Bound))),
            ("SHA-512-256", Some((Hash::Sha512_256, Session::Unbound))),
            ("Sha-512-sess", Some((Hash::Sha512, Session::Bound))),
            ("SHA-1", None),
            ("MD5-sess-sess", None),
            ("-sess", None),
            ("", None),
        ];
        for (name, want) in rows {
            let want = want.map(|(hash, session)| Algorithm { hash, session });
            assert_eq!(Algorithm::parse(name), want, "{name}");
        }
    }

    #[test]
    fn each_hash_is_the_one_of_its_name() {
        // "abc": RFC 1321 A.5; FIPS 180 examples.
        let rows = [
            (Hash::Md5, "900150983cd24fb0d6963f7d28e17f72"),
            (Hash::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (Hash::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (Hash::Sha512_256, "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"),
        ];
        for (hash, want) in rows {
            assert_eq!(hash.hex(&[b"a", b"", b"bc"]), want, "{hash:?}");
        }
        assert!(Hash::Sha512.hex(&[b"abc"]).starts_with("ddaf35a193617abacc417349ae204131"));
    }
}
