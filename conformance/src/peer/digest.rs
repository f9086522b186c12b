//! A server's own check of a Digest answer, independent of the client's code.
//!
//! Source: RFC 7616, section 3.4.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512, Sha512_256};

use super::request::Request;
use crate::value::from_latin1;

/// Whether `answer`, an Authorization value that begins with `Digest `, fits request and account.
pub(super) fn is_valid(answer: &str, request: &Request, account: &(String, String)) -> bool {
    check(answer, request, account).unwrap_or(false)
}

fn check(answer: &str, request: &Request, (user, password): &(String, String)) -> Option<bool> {
    let fields = fields(answer.strip_prefix("Digest ")?);
    let field = |name: &str| fields.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    let algorithm = field("algorithm").unwrap_or("MD5").to_uppercase();
    let (hash, session) = match algorithm.strip_suffix("-SESS") {
        Some(plain) => (hasher(plain)?, true),
        None => (hasher(&algorithm)?, false),
    };
    let line = from_latin1(&request.line);
    let mut words = line.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    if field("username") != Some(user) || field("uri") != Some(target) {
        return Some(false);
    }
    let text = |text: &str| hash(text.as_bytes());
    let (realm, nonce) = (field("realm")?, field("nonce")?);
    let mut account = text(&format!("{user}:{realm}:{password}"));
    if session {
        account = text(&format!("{account}:{nonce}:{}", field("cnonce")?));
    }
    let message = match field("qop") {
        Some("auth-int") => text(&format!("{method}:{target}:{}", hash(&request.body))),
        _ => text(&format!("{method}:{target}")),
    };
    let wanted = match field("qop") {
        Some(qop) => {
            let (count, cnonce) = (field("nc")?, field("cnonce")?);
            text(&format!("{account}:{nonce}:{count}:{cnonce}:{qop}:{message}"))
        }
        None => text(&format!("{account}:{nonce}:{message}")),
    };
    Some(field("response") == Some(wanted.as_str()))
}

type Hash = fn(&[u8]) -> String;

fn hasher(algorithm: &str) -> Option<Hash> {
    match algorithm {
        "MD5" => Some(hex::<Md5>),
        "SHA" => Some(hex::<Sha1>),
        "SHA-256" => Some(hex::<Sha256>),
        "SHA-512" => Some(hex::<Sha512>),
        "SHA-512-256" => Some(hex::<Sha512_256>),
        _ => None,
    }
}

fn hex<D: Digest>(bytes: &[u8]) -> String {
    D::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `name=value` and `name="value"` fields; a backslash stays where it is.
fn fields(mut text: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    while let Some((name, rest)) = text.split_once('=') {
        let name = name.trim_matches([' ', ',', '\t']).to_lowercase();
        let (value, rest) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let end = end_of_quoted(quoted);
                (&quoted[..end], quoted.get(end + 1..).unwrap_or_default())
            }
            None => rest.split_at(rest.find([',', ' ']).unwrap_or(rest.len())),
        };
        fields.push((name, value.to_owned()));
        text = rest;
    }
    fields
}

fn end_of_quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' if !escaped => return at,
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}
