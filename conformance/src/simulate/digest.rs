//! Peers that ask by Digest, and check every answer with an implementation of their own.
//!
//! Source: RFC 7616, 3.3 and 3.4, as string scans; nothing is shared with the core.

use md5::{Digest as _, Md5};
use sha2::Sha256;

use super::answer::{Asked, Draft};
use super::chain::{Chain, Credential};
use super::heard::Heard;
use super::random::Random;
use super::served::{Leads, Verdict};
use super::world::Origin;

/// Realms: one that most know, and another now and then.
const REALMS: [&str; 3] = ["r", "r", "another"];

/// A challenge that a peer has made.
#[derive(Clone, Debug)]
pub(crate) struct Challenge {
    origin: Origin,
    realm: &'static str,
    pub(super) nonce: String,
    algorithm: Option<&'static str>,
    has_quality: bool,
    opaque: Option<String>,
    /// Counts that were seen, and whose.
    seen: Vec<(u32, usize)>,
}

impl Challenge {
    fn hash(&self, parts: &[&str]) -> String {
        let text = parts.join(":");
        let digest: Vec<u8> = match self.algorithm {
            Some(name) if name.starts_with("SHA-256") => Sha256::digest(&text).to_vec(),
            _ => Md5::digest(&text).to_vec(),
        };
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn field(&self, is_stale: bool, random: &mut Random) -> String {
        let mut text = format!("Digest realm=\"{}\", nonce=\"{}\"", self.realm, self.nonce);
        if let Some(name) = self.algorithm {
            text.push_str(&format!(", algorithm={name}"));
        }
        if self.has_quality {
            let offers = ["auth", "\"auth\"", "\"auth,auth-int\""];
            text.push_str(&format!(", qop={}", random.pick(&offers)));
        }
        if let Some(opaque) = &self.opaque {
            text.push_str(&format!(", opaque=\"{opaque}\""));
        }
        if is_stale {
            text.push_str(", stale=true");
        }
        text
    }
}

/// Makes the draft ask by Digest.
pub(super) fn ask(draft: &mut Draft, asked: &Asked<'_>, random: &mut Random) {
    let is_plain = draft.leads == Leads::Nowhere && draft.verdict == Verdict::Sound;
    let is_answered = asked.heard.one("authorization").is_some();
    let often = if is_answered { 150 } else { 700 };
    if !is_plain || matches!(draft.status, 204 | 304) || !random.chance(often) {
        return;
    }
    let algorithm = *random.pick(&[None, Some("MD5"), Some("SHA-256"), Some("MD5-sess")]);
    let challenge = Challenge {
        origin: asked.at,
        realm: REALMS[random.below(REALMS.len())],
        nonce: format!("n{}x{}", asked.number, random.below(1000)),
        algorithm,
        // Without it the client's nonce is not told, and nobody could check a `-sess` answer.
        has_quality: random.chance(850) || algorithm == Some("MD5-sess"),
        opaque: random.chance(300).then(|| format!("o{}", asked.number)),
        seen: Vec::new(),
    };
    draft.status = 401;
    let field = challenge.field(is_answered && random.chance(700), random);
    draft.fields.push(("WWW-Authenticate".into(), field.into_bytes()));
    draft.challenge = Some(challenge);
}

/// The value of a parameter.
fn parameter<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let begin = text.find(&format!(" {name}="))? + name.len() + 2;
    let rest = &text[begin..];
    match rest.strip_prefix('"') {
        Some(rest) => rest.split('"').next(),
        None => rest.split([',', ' ']).next(),
    }
}

/// Whether what a request shows by Digest is right: an answer to a challenge of this origin, for this
/// very request, with a count that nobody else has used.
pub(super) fn check(
    chain: &Chain,
    heard: &Heard,
    challenges: &mut [Challenge],
) -> Result<(), (&'static str, String)> {
    let Credential::Digest { user, password } = &chain.credential else { return Ok(()) };
    let wrong = |text: &str| Err(("I1", format!("Digest: {text}")));
    let Some(value) = heard.one("authorization") else {
        return match chain.must_prove {
            Some(_) => Err(("I10", "no answer to a challenge by Digest".into())),
            None => Ok(()),
        };
    };
    let get = |name| parameter(value, name).unwrap_or_default();
    let nonce = get("nonce");
    let found = challenges.iter_mut().find(|c| c.nonce == nonce && c.origin == chain.at);
    let Some(challenge) = found.filter(|_| value.starts_with("Digest ")) else {
        return wrong("an answer to somebody else's challenge");
    };
    if let Some(due) = &chain.must_prove
        && due != nonce
    {
        return wrong("an answer to another challenge");
    }
    let is_right = get("username") == user
        && get("realm") == challenge.realm
        && chain.target.as_deref().is_none_or(|target| get("uri") == target)
        && parameter(value, "opaque") == challenge.opaque.as_deref();
    if !is_right {
        return wrong("who, where or what it is for is wrong");
    }
    let mut secret = challenge.hash(&[user, challenge.realm, password]);
    let (count, cnonce) = (get("nc"), get("cnonce"));
    if challenge.algorithm.is_some_and(|name| name.ends_with("-sess")) {
        secret = challenge.hash(&[&secret, nonce, cnonce]);
    }
    let request = challenge.hash(&[&heard.method, get("uri")]);
    let proof = match challenge.has_quality {
        false => challenge.hash(&[&secret, nonce, &request]),
        true => challenge.hash(&[&secret, nonce, count, cnonce, "auth", &request]),
    };
    if proof != get("response") {
        return wrong("the proof is wrong");
    }
    if challenge.has_quality {
        let count = u32::from_str_radix(count, 16).map_err(|_| ("I1", "a count".to_owned()))?;
        if challenge.seen.iter().any(|(other, call)| *other == count && *call != chain.call) {
            return wrong("a count is used twice");
        }
        challenge.seen.push((count, chain.call));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_quoted_or_not() {
        let text = "Digest username=\"u\", nc=00000001, qop=\"auth\", cnonce=\"c\"";
        assert_eq!(parameter(text, "nc"), Some("00000001"));
        assert_eq!(parameter(text, "cnonce"), Some("c"));
        assert_eq!(parameter(text, "opaque"), None);
    }
}
