//! Answering a challenge: the same request goes out once more, with what the server asked for.
//!
//! Source: `HTTPDigestAuth.handle_401` in requests 2.34.2, `auth.py`; RFC 9110, 11.6.

use alloc::vec::Vec;

use http::StatusCode;
use http::header::AUTHORIZATION;

use crate::connection::TargetForm;
use crate::cookies::Jar;
use crate::message::{PreparedRequest, Response, Rewind};
use crate::planted::Plant;
use crate::policy::authorization::{Carry, should_strip_auth};
use crate::policy::digest::{self, DigestAuth, DigestChallenge, Server, Unusable};
use crate::prepare;
use crate::shared::Shared;
use crate::time::Now;
use crate::trace::What;
use crate::url::{Origin, Url};
use crate::wire::challenge;

use super::Exchange;
use super::call::{After, Ask, UploadState};
use super::state::{Choice, State};

/// The Digest credentials that a redirect takes along: once they stayed behind they do not come
/// back, whatever the next hops are.
pub(super) fn carried(request: &PreparedRequest, to: &Url) -> Option<DigestAuth> {
    let digest = request.digest.as_ref()?;
    match should_strip_auth(&request.url, to) {
        _ if Plant::DigestAcrossOrigins.is_on() => Some(digest.clone()),
        Carry::Keep(_) => Some(digest.clone()),
        Carry::Strip(_) => None,
    }
}

/// Who asks for what.
enum Asked {
    ByOrigin(DigestAuth, DigestChallenge),
    /// The proxy that makes the request on our behalf.
    ByProxy(DigestChallenge),
}

impl<S> Exchange<S> {
    /// Whether the response is a challenge that is answered: any 4xx with one, once a hop.
    pub(super) fn is_answered(&mut self, response: &Response) -> bool {
        if !response.status.is_client_error() {
            return false;
        }
        match self.asked(response) {
            None => false,
            Some(Ok(_)) => true,
            Some(Err(why)) => {
                self.trace.note(self.now, || What::Unanswered(why));
                false
            }
        }
    }

    /// What the response asks for, if it asks and there is something to answer with.
    fn asked(&self, response: &Response) -> Option<Result<Asked, Unusable>> {
        prepare::proved(&response.request, "", |message| {
            let by_proxy = self.call.to_proxy.asked(response, message.body);
            if let (Some(asked), TargetForm::Absolute) = (by_proxy, self.call.form) {
                return Some(asked.map(Asked::ByProxy));
            }
            let auth = response.request.digest.as_ref()?;
            let of_proxy = StatusCode::PROXY_AUTHENTICATION_REQUIRED;
            let mut rounds = self.call.rounds.iter();
            let is_first = match response.status == of_proxy {
                true => rounds.len() == 0,
                // A proxy may have asked before.
                false => rounds.all(|round| round.status == of_proxy),
            };
            let is_first = is_first || Plant::DigestForever.is_on();
            if !response.status.is_client_error() || !is_first {
                return None;
            }
            let fields = response.header_joined("www-authenticate")?;
            let chosen = digest::choose(&challenge::parse([&*fields]), message.body);
            Some(chosen.map(|chosen| Asked::ByOrigin(auth.clone(), chosen)))
        })
    }

    /// Sends the request again with the answer to the present response; its body has come.
    ///
    /// The cookies of the response go along, if the request had none.
    pub(super) fn answer(&mut self, shared: &mut Shared<S>, now: Now) -> State<S> {
        let Some(response) = self.response.take() else { return self.finished(shared) };
        let mut request = (*response.request).clone();
        let value = match (self.asked(&response), Origin::of(&request.url)) {
            (Some(Ok(Asked::ByProxy(challenge))), _) => {
                self.trace.note(self.now, || What::Answered(challenge.realm.as_str().into()));
                self.call.to_proxy.answers(challenge);
                Ok(None)
            }
            (Some(Ok(Asked::ByOrigin(auth, challenge))), Some(origin)) => {
                self.trace.note(self.now, || What::Answered(challenge.realm.as_str().into()));
                let (server, cnonce) = (Server::Origin(origin), shared.random.cnonce());
                let (url, digests) = (&request.url, &mut shared.digests);
                prepare::proved(&request, &prepare::origin_form(&request), |message| {
                    digests.challenged(&auth, server, url, challenge, message, cnonce).map(Some)
                })
            }
            // It was one when its head came, and nobody has touched it since.
            (_, _) => Err(Unusable::NoDigest),
        };
        let value = match value {
            Ok(value) => value,
            Err(why) => {
                self.trace.note(self.now, || What::Unanswered(why));
                self.response = Some(response);
                let after = match self.call.plan.respond {
                    Ask::Runtime => After::Ask,
                    Ask::Nobody => After::Accept,
                };
                return self.settle(shared, None, after, now);
            }
        };
        let mut jar = Jar::new();
        let lines = response.set_cookies.iter().map(Vec::as_slice);
        jar.extract(lines, &request.url, now.wall);
        prepare::cookie_field(&mut request, &mut jar, now.wall);
        if let Some(value) = value {
            request.headers.set(AUTHORIZATION, value);
        }
        self.call.rounds.push(response);
        let is_begun = self.call.upload == UploadState::Begun;
        if is_begun && request.body.rewind() == Rewind::Impossible {
            return self.cannot_rewind();
        }
        self.go_on(request);
        self.plan(shared, Choice::Any, now)
    }
}
