//! Digest credentials of a request: given along, and shown at once where the server has asked.
//!
//! Source: `HTTPDigestAuth.__call__` in requests 2.34.2, `auth.py`.

use alloc::string::String;
use alloc::vec::Vec;

use http::HeaderValue;
use http::header::AUTHORIZATION;

use crate::error::Error;
use crate::headers::HeaderError;
use crate::message::{Body, Part, PreparedRequest};
use crate::policy::digest::{self, DigestAuth, Digests, Message, Server};
use crate::random::Random;
use crate::url::{Origin, write_origin_form};

/// Gives the request its Digest credentials. If a challenge for its URL is known, its answer goes
/// along, so that the server need not ask again.
pub(crate) fn digest_field(
    request: &mut PreparedRequest,
    auth: DigestAuth,
    digests: &mut Digests,
    random: &mut Random,
) -> Result<(), Error> {
    if auth.user().reveal().contains(|c: char| c.is_control()) {
        return Err(HeaderError::Value(AUTHORIZATION.as_str().into()).into());
    }
    if let (Some(origin), false) = (Origin::of(&request.url), digests.is_empty()) {
        let (server, cnonce) = (Server::Origin(origin), random.cnonce());
        let value = proved(request, &origin_form(request), |message| {
            digests.ahead(&auth, &server, &request.url, message, cnonce)
        });
        if let Some(value) = value {
            request.headers.set(AUTHORIZATION, value);
        }
    }
    request.digest = Some(auth);
    Ok(())
}

/// Takes an answer to a challenge out of a request, and says whether there was one; an Authorization
/// of another kind stays.
pub(crate) fn forget_answer(request: &mut PreparedRequest) -> bool {
    let is_answer = |value: &HeaderValue| value.as_bytes().starts_with(b"Digest ");
    let has_answer = request.headers.get(&AUTHORIZATION).is_some_and(is_answer);
    if has_answer {
        request.headers.remove(&AUTHORIZATION);
    }
    has_answer
}

/// The target of a request to its origin, as it stands in the request line.
pub(crate) fn origin_form(request: &PreparedRequest) -> String {
    let mut target = Vec::new();
    write_origin_form(&request.url, &mut target);
    // It is ASCII: what is not was escaped.
    String::from_utf8_lossy(&target).into_owned()
}

/// What of a request an answer proves, for as long as `prove` takes.
pub(crate) fn proved<T>(
    request: &PreparedRequest,
    target: &str,
    prove: impl FnOnce(&Message<'_>) -> T,
) -> T {
    let parts: Option<Vec<&[u8]>> = match &request.body {
        Body::Empty => Some(Vec::new()),
        Body::Bytes(bytes) => Some(alloc::vec![bytes]),
        Body::Parts(parts) => parts
            .iter()
            .map(|part| match part {
                Part::Bytes(bytes) => Some(bytes.as_ref()),
                Part::Source { .. } => None,
            })
            .collect(),
    };
    let body = parts.as_deref().map_or(digest::Body::Streamed, digest::Body::Whole);
    prove(&Message { method: request.method.as_str(), target, body })
}
