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
use crate::planted::Plant;
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
    /// Whether this was said to `auth` by `server`. What a proxy said counts for whoever has the
    /// same user and password for it: they come from its URL, and not from an object.
    fn is_for(&self, auth: &DigestAuth, server: &Server) -> bool {
        let is_auth = match server {
            Server::Origin(_) => self.auth.is_same(auth),
            Server::Proxy(_) => self.auth.is_equal(auth),
        };
        is_auth && (self.server == *server || Plant::DigestOfOtherServer.is_on())
    }

    fn answer(&mut self, message: &Message<'_>, cnonce: String) -> Result<HeaderValue, Unusable> {
        // After four thousand million answers the server has to give another nonce.
        let count = self.count.saturating_add(1);
        let cnonce = match self.challenge.algorithm.session {
            Session::Bound => &self.cnonce,
            Session::Unbound => &cnonce,
        };
        let value = answer(&self.auth, &self.challenge, message, Answered { count, cnonce })?;
        if !Plant::NonceCountLost.is_on() {
            self.count = count;
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::super::challenge::choose;
    use super::super::message::Body;
    use super::*;
    use crate::wire::challenge::parse;
    use alloc::format;

    const MESSAGE: Message<'_> = Message { method: "GET", target: "/", body: Body::Streamed };

    fn origin(text: &str) -> (Url, Origin) {
        let url = Url::parse(text).unwrap();
        let origin = Origin::of(&url).unwrap();
        (url, origin)
    }

    /// The count and the client's nonce of an answer.
    fn count(value: Option<HeaderValue>) -> String {
        let Some(value) = value else { return String::new() };
        let text = value.to_str().unwrap();
        let (_, rest) = text.split_once("nc=").unwrap();
        rest.replace("cnonce=", "").replace('"', "").trim_start_matches('0').into()
    }

    fn asked(digests: &mut Digests, auth: &DigestAuth, by: Server, words: &str) -> String {
        let field = format!("Digest {words}, qop=auth");
        let challenge = choose(&parse([field.as_bytes()]), MESSAGE.body).unwrap();
        let (url, _) = origin("http://a.test/");
        let value = digests.challenged(auth, by, &url, challenge, &MESSAGE, "c".into());
        count(value.ok())
    }

    fn ahead(digests: &mut Digests, auth: &DigestAuth, to: &Server, cnonce: &str) -> String {
        let (url, _) = origin("http://a.test/");
        count(digests.ahead(auth, to, &url, &MESSAGE, cnonce.into()))
    }

    /// Row 47: CVE-2026-7168 and CVE-2026-8927 curl. Row 48: CVE-2026-11856 curl.
    #[test]
    fn s047_what_one_server_or_proxy_said_is_not_told_to_another() {
        let (a, b) = (origin("http://a.test/").1, origin("http://b.test/").1);
        let servers = [
            Server::Proxy(a.clone()),
            Server::Proxy(b.clone()),
            Server::Origin(a),
            Server::Origin(b),
        ];
        let auth = DigestAuth::new("u", "p");
        for server in &servers {
            let mut digests = Digests::default();
            assert_eq!(asked(&mut digests, &auth, server.clone(), "realm=r, nonce=n"), "1, c");
            for other in &servers {
                let want = if other == server { "2, d" } else { "" };
                assert_eq!(ahead(&mut digests, &auth, other, "d"), want, "{server:?} {other:?}");
            }
        }
    }

    #[test]
    fn objects_count_for_origins_and_values_for_proxies() {
        let (one, other) = (DigestAuth::new("u", "p"), DigestAuth::new("u", "p"));
        let (_, a) = origin("http://a.test/");
        for (server, want) in [(Server::Origin(a.clone()), ""), (Server::Proxy(a), "2, d")] {
            let mut digests = Digests::default();
            asked(&mut digests, &one, server.clone(), "realm=r, nonce=n");
            assert_eq!(ahead(&mut digests, &other, &server, "d"), want, "{server:?}");
            assert_eq!(ahead(&mut digests, &DigestAuth::new("u", "x"), &server, "d"), "");
        }
    }

    #[test]
    fn a_nonce_is_counted_on_and_another_begins_at_one() {
        let auth = DigestAuth::new("u", "p");
        let server = Server::Origin(origin("http://a.test/").1);
        let mut digests = Digests::default();
        let rows = [
            ("realm=r, nonce=n", "1, c"),
            ("realm=r, nonce=n", "2, c"),
            ("realm=s, nonce=n", "3, c"),
            ("realm=s, nonce=m", "1, c"),
            ("realm=r, nonce=n", "3, c"),
        ];
        for (words, want) in rows {
            assert_eq!(asked(&mut digests, &auth, server.clone(), words), want, "{words}");
        }
        assert_eq!(digests.len(), 2);
        // The realm that was asked for last.
        assert_eq!(ahead(&mut digests, &auth, &server, "d"), "4, d");
    }

    #[test]
    fn a_session_algorithm_keeps_the_nonce_of_the_client() {
        let auth = DigestAuth::new("u", "p");
        let server = Server::Origin(origin("http://a.test/").1);
        for (algorithm, want) in [("MD5", "2, d"), ("MD5-sess", "2, c")] {
            let mut digests = Digests::default();
            let words = format!("realm=r, nonce=n, algorithm={algorithm}");
            assert_eq!(asked(&mut digests, &auth, server.clone(), &words), "1, c");
            assert_eq!(ahead(&mut digests, &auth, &server, "d"), want, "{algorithm}");
        }
    }

    #[test]
    fn of_too_many_challenges_the_one_unused_longest_is_forgotten() {
        let auth = DigestAuth::new("u", "p");
        let mut digests = Digests::default();
        let server = |number: usize| Server::Origin(origin(&format!("http://h{number}.test/")).1);
        for number in 0..DIGESTS_MAX {
            asked(&mut digests, &auth, server(number), "realm=r, nonce=n");
        }
        assert_eq!(ahead(&mut digests, &auth, &server(0), "d"), "2, d");
        asked(&mut digests, &auth, server(DIGESTS_MAX), "realm=r, nonce=n");
        assert_eq!(digests.len(), DIGESTS_MAX);
        assert_eq!(ahead(&mut digests, &auth, &server(1), "d"), "");
        assert_eq!(ahead(&mut digests, &auth, &server(0), "d"), "3, d");
    }
}
