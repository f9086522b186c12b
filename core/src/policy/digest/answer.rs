//! The answer to a challenge: the value of an `Authorization` or `Proxy-Authorization` field.
//!
//! Source: RFC 7616, 3.4; `build_digest_header` in requests 2.34.2, `auth.py`, for the order of the
//! parameters and for what is quoted.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use http::HeaderValue;

use super::algorithm::{Hash, Session};
use super::challenge::{DigestChallenge, Quality, Unusable};
use super::login::{DigestAuth, UserName};
use super::message::{Body, Message};
use super::quoted::{Charset, push, push_extended};

use crate::planted::Plant;

/// How often the server's nonce was answered, this time too, and the client's nonce.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// The count: 1 for the first answer.
    pub count: u32,
    /// The client's nonce. With a `-sess` algorithm it has to stay the same as long as the server's
    /// nonce does, for servers that compute the session's key once.
    pub cnonce: &'a str,
}

/// The field value that proves a request, marked sensitive.
///
/// The same inputs give the same value. Nothing in it lets the password be read, but whoever sees
/// it can try passwords.
///
/// # Errors
/// If the body is to be protected and is not at hand, or the user name cannot be written.
pub fn answer(
    auth: &DigestAuth,
    challenge: &DigestChallenge,
    message: &Message<'_>,
    answered: Answered<'_>,
) -> Result<HeaderValue, Unusable> {
    let DigestChallenge { realm, nonce, algorithm, charset, .. } = challenge;
    let path = message.target.split('?').next().unwrap_or_default();
    let cut = Message { target: path, ..*message };
    let message = if Plant::DigestUriCut.is_on() { &cut } else { message };
    let (hash, user) = (algorithm.hash, auth.user().reveal());
    let count = format!("{:08x}", answered.count);
    let proof = proof(auth, challenge, message, answered.cnonce, &count)?;
    let is_hashed = challenge.knows_hashed_users && auth.user_name() == UserName::Hashed;
    let mut out = Vec::from(b"Digest ");
    if is_hashed {
        push(&mut out, "username", &hash.of(&[user, realm]), *charset);
    } else if *charset == Charset::Utf8 && !user.is_ascii() {
        push_extended(&mut out, "username", user);
    } else {
        push(&mut out, "username", user, *charset);
    }
    let mut add = |name: &str, text: &str| {
        out.extend_from_slice(b", ");
        push(&mut out, name, text, *charset);
    };
    add("realm", realm);
    add("nonce", nonce);
    add("uri", message.target);
    add("response", &proof);
    if let Some(opaque) = &challenge.opaque {
        add("opaque", opaque);
    }
    if let Some(name) = &challenge.algorithm_name {
        add("algorithm", name);
    }
    let quality = match challenge.quality {
        Quality::Unsaid => None,
        Quality::Auth => Some("auth"),
        Quality::AuthInt => Some("auth-int"),
    };
    if let Some(quality) = quality {
        add("qop", quality);
        out.extend_from_slice(format!(", nc={count}").as_bytes());
        out.extend_from_slice(b", ");
        push(&mut out, "cnonce", answered.cnonce, *charset);
    }
    if is_hashed {
        out.extend_from_slice(b", userhash=true");
    }
    let mut value =
        HeaderValue::from_maybe_shared(bytes::Bytes::from(out)).map_err(|_| Unusable::UserName)?;
    value.set_sensitive(true);
    Ok(value)
}

/// What only who knows the password can compute.
///
/// Source: RFC 7616, 3.4.1 to 3.4.3.
fn proof(
    auth: &DigestAuth,
    challenge: &DigestChallenge,
    message: &Message<'_>,
    cnonce: &str,
    count: &str,
) -> Result<String, Unusable> {
    let DigestChallenge { realm, nonce, algorithm, quality, .. } = challenge;
    let hash: Hash = algorithm.hash;
    let mut secret = hash.of(&[auth.user().reveal(), realm, auth.password().reveal()]);
    if algorithm.session == Session::Bound {
        secret = hash.of(&[&secret, nonce, cnonce]);
    }
    let (method, target) = (message.method, message.target);
    let request = match (quality, message.body) {
        (Quality::Unsaid | Quality::Auth, _) => hash.of(&[method, target]),
        (Quality::AuthInt, Body::Whole(parts)) => hash.of(&[method, target, &hash.hex(parts)]),
        (Quality::AuthInt, Body::Streamed) => return Err(Unusable::StreamedBody),
    };
    Ok(match quality {
        Quality::Unsaid => hash.of(&[&secret, nonce, &request]),
        Quality::Auth => hash.of(&[&secret, nonce, count, cnonce, "auth", &request]),
        Quality::AuthInt => hash.of(&[&secret, nonce, count, cnonce, "auth-int", &request]),
    })
}

#[cfg(test)]
mod tests {
    use super::super::challenge::choose;
    use super::*;
    use crate::wire::challenge::parse;

    const RFC_7616_NONCE: &str = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
    const RFC_7616_CNONCE: &str = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

    fn answered(
        auth: &DigestAuth,
        field: &str,
        message: &Message<'_>,
        cnonce: &str,
    ) -> Result<String, Unusable> {
        let challenge = choose(&parse([field.as_bytes()]), message.body)?;
        let value = answer(auth, &challenge, message, Answered { count: 1, cnonce })?;
        assert!(value.is_sensitive());
        Ok(value.as_bytes().iter().copied().map(char::from).collect())
    }

    fn parameter<'a>(answer: &'a str, name: &str) -> &'a str {
        let (_, rest) = answer.split_once(&format!(" {name}=\"")).expect(name);
        rest.split_once('"').unwrap().0
    }

    #[test]
    fn the_examples_of_the_rfcs_come_out() {
        // RFC 2617, 3.5; RFC 7616, 3.9.1 and its successors' form of 3.9.2 below.
        let rfc_2617 = "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", \
                        nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", \
                        opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
        let rfc_7616 = |algorithm| {
            format!(
                "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", \
                 algorithm={algorithm}, nonce=\"{RFC_7616_NONCE}\", \
                 opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
            )
        };
        let rows = [
            (rfc_2617.into(), "Circle Of Life", "0a4f113b", "6629fae49393a05397450978507c4ef1"),
            (
                rfc_7616("MD5"),
                "Circle of Life",
                RFC_7616_CNONCE,
                "8ca523f5e9506fed4657c9700eebdbec",
            ),
            (
                rfc_7616("SHA-256"),
                "Circle of Life",
                RFC_7616_CNONCE,
                "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
            ),
        ];
        for (field, password, cnonce, want) in rows {
            let auth = DigestAuth::new("Mufasa", password);
            let message =
                Message { method: "GET", target: "/dir/index.html", body: Body::Streamed };
            let answer = answered(&auth, &field, &message, cnonce).unwrap();
            assert_eq!(parameter(&answer, "response"), want, "{field}");
        }
    }

    #[test]
    fn a_hashed_user_is_that_of_the_rfc() {
        // RFC 7616, 3.9.2, where the algorithm is SHA-512-256; the user name by erratum 4897.
        let field = "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, \
                     nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", \
                     opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", \
                     charset=UTF-8, userhash=true";
        let auth = DigestAuth::new("J\u{e4}s\u{f8}n Doe", "Secret, or not?");
        let message = Message { method: "GET", target: "/doe.json", body: Body::Streamed };
        let cnonce = "NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm";
        let plain = answered(&auth, field, &message, cnonce).unwrap();
        assert!(plain.starts_with("Digest username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, "), "{plain}");
        let hashed = auth.with_user_name(UserName::Hashed);
        let hashed = answered(&hashed, field, &message, cnonce).unwrap();
        assert_eq!(
            parameter(&format!(" {hashed}"), "username"),
            "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"
        );
        assert!(hashed.ends_with(", userhash=true"), "{hashed}");
        assert_eq!(parameter(&plain, "response"), parameter(&hashed, "response"));
    }

    #[test]
    fn the_body_is_protected_where_only_that_is_offered() {
        let auth = DigestAuth::new("u", "p");
        let field = "Digest realm=r, nonce=n, qop=auth-int";
        let answer = |parts: &[&[u8]]| {
            let message = Message { method: "POST", target: "/", body: Body::Whole(parts) };
            answered(&auth, field, &message, "c").unwrap()
        };
        let one = answer(&[b"k=v"]);
        assert!(one.contains("qop=\"auth-int\", nc=00000001, cnonce=\"c\""), "{one}");
        assert_eq!(one, answer(&[b"k", b"", b"=v"]));
        assert_ne!(parameter(&one, "response"), parameter(&answer(&[]), "response"));
    }

    #[test]
    fn a_user_name_cannot_break_out_of_its_quotes() {
        let message = Message { method: "GET", target: "/", body: Body::Whole(&[]) };
        let field = "Digest realm=\"a \\\"q\\\"\", nonce=n";
        let auth = DigestAuth::new("u\", realm=\"x\\", "p");
        let answer = answered(&auth, field, &message, "c").unwrap();
        let want = "Digest username=\"u\\\", realm=\\\"x\\\\\", realm=\"a \\\"q\\\"\", ";
        assert!(answer.starts_with(want), "{answer}");
        let auth = DigestAuth::new("u\r\nX: y", "p");
        assert_eq!(answered(&auth, field, &message, "c"), Err(Unusable::UserName));
    }

    #[test]
    fn nothing_secret_is_shown() {
        let auth = DigestAuth::new("s3cret", "s3cret");
        assert!(!format!("{auth:?}").contains("s3cret"), "{auth:?}");
    }
}
