//! Challenges: all that were written down are read, in whatever way they are written; the answer to
//! Digest convinces a server; of any bytes, no more is read than the limits say.
//!
//! Input: flags (1 any bytes: the rest are fields), else choices.

use arbitrary::{Result, Unstructured};
use sessio_core::policy::digest::{Answered, Body, DigestAuth, Message, Quality, answer, choose};
use sessio_core::wire::challenge::{CHALLENGES_MAX, Challenge, PARAMETERS_MAX, parse};

use crate::input::{Fields, flags, show};
use crate::model::digest::Server;

/// Runs one input.
pub fn run(data: &[u8]) {
    let (flags, rest) = flags(data);
    if flags & 1 != 0 {
        return any_bytes(rest);
    }
    let mut input = Unstructured::new(rest);
    let _ = round_trip(&mut input);
    let _ = digest(&mut input);
}

fn any_bytes(bytes: &[u8]) {
    let fields: Vec<&[u8]> = Fields::of(bytes).rest().collect();
    let found = parse(fields.iter().copied());
    assert!(found.len() <= CHALLENGES_MAX);
    let mut size = 0;
    for challenge in &found {
        assert!(challenge.parameters.len() <= PARAMETERS_MAX && !challenge.scheme.is_empty());
        size += challenge.scheme.len() + challenge.token68.as_ref().map_or(0, Vec::len);
        size += challenge.parameters.iter().map(|(n, v)| n.len() + v.len()).sum::<usize>();
    }
    // A word may be a scheme and its own token, but nothing is read a third time.
    assert!(size <= 2 * bytes.len(), "{}", show(bytes));
    answered(&found, "GET", "/", b"");
}

/// Answers a challenge if it can be answered, and has the answer checked.
fn answered(challenges: &[Challenge], method: &str, target: &str, body: &[u8]) {
    let auth = DigestAuth::new("user", "s3cret");
    let parts = [body];
    let message = Message { method, target, body: Body::Whole(&parts) };
    let chosen = match choose(challenges, message.body) {
        Ok(chosen) => chosen,
        Err(why) => {
            let _ = why.to_string();
            return;
        }
    };
    let answered = Answered { count: 7, cnonce: "0a4f113b" };
    let value = match answer(&auth, &chosen, &message, answered) {
        Ok(value) => value,
        // Control characters of the challenge cannot go back.
        Err(_) => return,
    };
    assert!(value.is_sensitive() && !show(value.as_bytes()).contains("s3cret"));
    let of = |c: &&Challenge| {
        c.scheme == "digest" && c.get("nonce").is_some_and(|n| is_text(n, &chosen.nonce))
    };
    let Some(asked) = challenges.iter().find(of) else { panic!("a challenge that nobody sent") };
    let algorithm = asked.get("algorithm").unwrap_or(b"md5").to_ascii_lowercase();
    let algorithm = String::from_utf8_lossy(&algorithm).into_owned();
    let is_known = ["md5", "sha-256", "sha-512", "sha-512-256"]
        .contains(&algorithm.strip_suffix("-sess").unwrap_or(&algorithm));
    // Two challenges may share a nonce, and UTF-8 goes back as UTF-8: a model of a field would have
    // to be the core's.
    // Without qop the client's nonce is not sent, which a `-sess` algorithm needs: no server could
    // check that, and none sends such a challenge (RFC 7616, 3.4.2). It is answered as requests does.
    let is_checkable = chosen.quality != Quality::Unsaid || !algorithm.ends_with("-sess");
    let is_plain = challenges.len() == 1
        && is_checkable
        && is_known
        && asked.get("charset").is_none()
        && [&chosen.realm, &chosen.nonce].iter().all(|text| text.is_ascii());
    if is_plain {
        let server = Server {
            login: ("user", "s3cret"),
            realm: &chosen.realm,
            nonce: &chosen.nonce,
            algorithm: &algorithm,
            request: (method, target),
            body,
        };
        let count = server.check(value.as_bytes());
        assert_eq!(count, if chosen.quality == Quality::Unsaid { 0 } else { 7 });
    }
}

fn is_text(bytes: &[u8], text: &str) -> bool {
    let latin1: String = bytes.iter().copied().map(char::from).collect();
    latin1 == text || bytes == text.as_bytes()
}

/// Challenges that are written down, with what the grammar allows between them.
fn round_trip(input: &mut Unstructured<'_>) -> Result<()> {
    let (mut want, mut field) = (Vec::new(), Vec::new());
    for _ in 0..input.int_in_range(1..=4)? {
        let scheme = *input.choose(&["Basic", "Digest", "DIGEST", "NTLM", "x-new"])?;
        let mut challenge =
            Challenge { scheme: scheme.to_lowercase(), token68: None, parameters: Vec::new() };
        field.extend_from_slice(scheme.as_bytes());
        if input.ratio(1, 5)? {
            let token = *input.choose(&["dG9rZW4=", "abc", "a-._~+/b=="])?;
            field.extend_from_slice(format!(" {token}").as_bytes());
            challenge.token68 = Some(token.into());
        } else {
            for number in 0..input.int_in_range(0..=4)? {
                field.extend_from_slice(if number == 0 {
                    b" "
                } else {
                    *input.choose(&[b", ", b" ,"])?
                });
                let parameter = parameter(input, &mut field)?;
                challenge.parameters.push(parameter);
            }
        }
        let is_bare = challenge.token68.is_none() && challenge.parameters.is_empty();
        want.push(challenge);
        field.extend_from_slice(input.choose(&[&b", "[..], b",", b" ,, "])?);
        if is_bare {
            // What follows a lone word on the same line may belong to the one before it.
            break;
        }
    }
    let found = parse([&field[..]]);
    assert_eq!(found, want, "{}", show(&field));
    Ok(())
}

fn parameter(input: &mut Unstructured<'_>, field: &mut Vec<u8>) -> Result<(String, Vec<u8>)> {
    let name = *input.choose(&["realm", "Nonce", "QOP", "opaque", "stale", "title*"])?;
    field.extend_from_slice(name.as_bytes());
    field.extend_from_slice(input.choose(&[&b"="[..], b" = ", b"= ", b"\t="])?);
    let value: Vec<u8> = if input.arbitrary()? {
        let mut value = input.bytes(input.len().min(8))?.to_vec();
        value.retain(|b| *b >= b' ' && *b != 0x7f);
        field.push(b'"');
        for byte in &value {
            if matches!(byte, b'"' | b'\\') || input.ratio(1, 8)? {
                field.push(b'\\');
            }
            field.push(*byte);
        }
        field.push(b'"');
        value
    } else {
        let token = *input.choose(&[&b"auth"[..], b"x", b"true", b"a.b"])?;
        field.extend_from_slice(token);
        token.to_vec()
    };
    Ok((name.to_lowercase(), value))
}

/// One Digest challenge that can be answered.
fn digest(input: &mut Unstructured<'_>) -> Result<()> {
    let names = ["MD5", "sha-256", "SHA-512", "SHA-512-256", "MD5-sess", "SHA-256-sess"];
    let (algorithm, qop) = (*input.choose(&names)?, *input.choose(&["", "auth", "auth-int"])?);
    let mut text = |most| -> Result<String> {
        let bytes = input.bytes(input.len().min(most))?;
        Ok(bytes.iter().map(|b| char::from(b' ' + b % 95)).collect())
    };
    let (realm, nonce) = (text(6)?, text(6)?);
    let escape = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let mut field = format!(
        "Digest realm=\"{}\", nonce=\"{}\", algorithm={algorithm}",
        escape(&realm),
        escape(&nonce),
    );
    if !qop.is_empty() {
        field.push_str(&format!(", qop=\"{qop}\""));
    }
    let found = parse([field.as_bytes()]);
    assert_eq!(found.len(), 1, "{field}");
    let parts = [&b"body"[..]];
    let chosen = choose(&found, Body::Whole(&parts)).unwrap_or_else(|why| panic!("{why}: {field}"));
    assert_eq!((&chosen.realm, &chosen.nonce), (&realm, &nonce));
    answered(&found, "POST", "/x?y", b"body");
    Ok(())
}
