//! The server's side of Digest: whether an answer proves that the client knows the password.
//!
//! Source: RFC 7616, sections 3.4 and 3.4.6.

use std::collections::BTreeMap;

use md5::Md5;
use sha2::{Digest, Sha256, Sha512, Sha512_256};

/// What the server knows.
pub struct Server<'a> {
    /// The user and the password.
    pub login: (&'a str, &'a str),
    /// What it said.
    pub realm: &'a str,
    /// What it said.
    pub nonce: &'a str,
    /// The algorithm's name, in small letters.
    pub algorithm: &'a str,
    /// The request line's method and target.
    pub request: (&'a str, &'a str),
    /// The body.
    pub body: &'a [u8],
}

/// The parameters of an answer: names, and values without quotes.
#[must_use]
pub fn parameters(answer: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut rest = answer.strip_prefix(b"Digest ").expect("a Digest answer");
    let mut found = BTreeMap::new();
    loop {
        let equals = rest.iter().position(|b| *b == b'=').expect("an equals sign");
        let name = String::from_utf8(rest[..equals].to_vec()).expect("a name");
        let mut value = Vec::new();
        let mut bytes = rest[equals + 1..].iter().copied();
        let mut used = equals + 1;
        let mut quoted = false;
        while let Some(byte) = bytes.next() {
            used += 1;
            match byte {
                b'"' => quoted = !quoted,
                b'\\' if quoted => {
                    value.extend(bytes.next());
                    used += 1;
                }
                b',' if !quoted => {
                    used -= 1;
                    break;
                }
                byte => value.push(byte),
            }
        }
        assert!(!quoted, "a quote is not closed");
        assert!(found.insert(name, value).is_none(), "a parameter is there twice");
        match &rest[used..] {
            [] => return found,
            [b',', b' ', more @ ..] => rest = more,
            more => panic!("not a list: {}", more.escape_ascii()),
        }
    }
}

impl Server<'_> {
    /// Checks an answer; the count of the nonce that it has.
    pub fn check(&self, answer: &[u8]) -> u32 {
        let given = parameters(answer);
        let get = |name: &str| given.get(name).map(|value| latin1(value)).unwrap_or_default();
        let (user, password) = self.login;
        assert_eq!((get("realm"), get("nonce")), (self.realm.into(), self.nonce.into()));
        assert_eq!(get("uri"), self.request.1);
        assert_eq!(get("username"), user);
        let hash = |text: String| self.hash(text.as_bytes());
        let mut secret = hash(format!("{user}:{}:{password}", self.realm));
        if self.algorithm.ends_with("-sess") {
            secret = hash(format!("{secret}:{}:{}", self.nonce, get("cnonce")));
        }
        let (method, target) = self.request;
        let quality = get("qop");
        let request = match quality.as_str() {
            "auth-int" => hash(format!("{method}:{target}:{}", self.hash(self.body))),
            _ => hash(format!("{method}:{target}")),
        };
        let (count, cnonce) = (get("nc"), get("cnonce"));
        let proof = match quality.as_str() {
            "" => hash(format!("{secret}:{}:{request}", self.nonce)),
            _ => hash(format!("{secret}:{}:{count}:{cnonce}:{quality}:{request}", self.nonce)),
        };
        assert_eq!(get("response"), proof, "{}", answer.escape_ascii());
        if quality.is_empty() {
            return 0;
        }
        assert_eq!(count.len(), 8);
        u32::from_str_radix(&count, 16).expect("a count")
    }

    fn hash(&self, bytes: &[u8]) -> String {
        let digest = match self.algorithm.strip_suffix("-sess").unwrap_or(self.algorithm) {
            "sha-256" => Sha256::digest(bytes).to_vec(),
            "sha-512" => Sha512::digest(bytes).to_vec(),
            "sha-512-256" => Sha512_256::digest(bytes).to_vec(),
            _ => Md5::digest(bytes).to_vec(),
        };
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}
