//! What servers said to whom: nonces and how often each was answered.
//!
//! Source: the thread's state of `HTTPDigestAuth` in requests 2.34.2, `auth.py`, which is one for
//! all servers; here it is kept for each of them (RFC 7616, 3.6; CVE-2026-7168, CVE-2026-11856).

use alloc::string::String;
use alloc::vec::Vec;

use http::HeaderValue;
use url::Url;

use super::algorithm::Session;
use super::answer::{Answered, answer};
use super::challenge::{DigestChallenge, Unusable};
use super::login::DigestAuth;
use super::message::Message;
use super::space::Space;
use crate::url::Origin;

/// How many challenges a session remembers: each is one realm of one server for one [`DigestAuth`].
/// The one that was not used for the longest time gives way.
pub const DIGESTS_MAX: usize = 256;

/// Who asks: state of one never goes to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Server {
    /// An origin, with `401` and `WWW-Authenticate`.
    Origin(Origin),
    /// A proxy, by its own origin, with `407` and `Proxy-Authenticate`.
    Proxy(Origin),
}

/// The challenges that a session remembers.
#[derive(Debug, Default)]
pub struct Digests {
    /// The one that was used last stands last.
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    auth: DigestAuth,
    server: Server,
    space: Space,
    challenge: DigestChallenge,
    /// How often the nonce was answered.
    count: u32,
    /// The client's nonce of the first answer, which a `-sess` algorithm keeps.
    cnonce: String,
}

impl Digests {
    /// Answers a challenge that came for `url`, and remembers it.
    ///
    /// A nonce that was answered before is counted on; another one begins at 1.
    ///
    /// # Errors
    /// As [`answer`].
    pub fn challenged(
        &mut self,
        auth: &DigestAuth,
        server: Server,
        url: &Url,
        challenge: DigestChallenge,
        message: &Message<'_>,
        cnonce: String,
    ) -> Result<HeaderValue, Unusable> {
        let space = match server {
            Server::Origin(_) => Space::of(url, &challenge.domain),
            Server::Proxy(_) => Space::Whole,
        };
        let of_server = |entry: &&mut Entry| entry.is_for(auth, &server);
        let known = self.entries.iter_mut().filter(of_server);
        let same_nonce = known.filter(|entry| entry.challenge.nonce == challenge.nonce);
        let (count, cnonce) =
            same_nonce.max_by_key(|entry| entry.count).map_or((0, cnonce.clone()), |entry| {
                let keeps = entry.challenge == challenge;
                (entry.count, if keeps { entry.cnonce.clone() } else { cnonce.clone() })
            });
        let is_replaced =
            |entry: &Entry| entry.is_for(auth, &server) && entry.challenge.realm == challenge.realm;
        self.entries.retain(|entry| !is_replaced(entry));
        if self.entries.len() >= DIGESTS_MAX {
            self.entries.remove(0);
        }
        let auth = auth.clone();
        let mut entry = Entry { auth, server, space, challenge, count, cnonce: cnonce.clone() };
        let value = entry.answer(message, cnonce);
        self.entries.push(entry);
        value
    }

    /// The answer to the challenge that was last answered for the space of `url`, before the server
    /// asks again; `None` if it has not asked `auth` yet.
    pub fn ahead(
        &mut self,
        auth: &DigestAuth,
        server: &Server,
        url: &Url,
        message: &Message<'_>,
        cnonce: String,
    ) -> Option<HeaderValue> {
        let is = |entry: &Entry| entry.is_for(auth, server) && entry.space.covers(url);
        let place = self.entries.iter().rposition(is)?;
        let mut entry = self.entries.remove(place);
        let value = entry.answer(message, cnonce);
        self.entries.push(entry);
        value.ok()
    }

    /// How many challenges are remembered.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none is.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl Entry {
    fn is_for(&self, auth: &DigestAuth, server: &Server) -> bool {
        self.auth.is_same(auth) && self.server == *server
    }

    fn answer(&mut self, message: &Message<'_>, cnonce: String) -> Result<HeaderValue, Unusable> {
        // After four thousand million answers the server has to give another nonce.
        let count = self.count.saturating_add(1);
        let cnonce = match self.challenge.algorithm.session {
            Session::Bound => &self.cnonce,
            Session::Unbound => &cnonce,
        };
        let value = answer(&self.auth, &self.challenge, message, Answered { count, cnonce })?;
        self.count = count;
        Ok(value)
    }
}
