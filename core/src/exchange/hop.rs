//! From one hop to the next: the request that a redirect leads to, and the way that a request goes.

use alloc::sync::Arc;

use crate::environment::Facet;
use crate::error::Error;
use crate::headers::Headers;
use crate::message::{Body, PreparedRequest};
use crate::planted::Plant;
use crate::policy::authorization::{self, Netrc};
use crate::policy::redirect::{self, Location, NextBody, Seen, Verdict};
use crate::prepare;
use crate::shared::Shared;
use crate::time::Now;
use crate::trace::What;
use crate::url::resolve_location;

use super::Exchange;

impl<S> Exchange<S> {
    /// The request that the present response leads to, if it does.
    pub(super) fn next_request(
        &mut self,
        shared: &mut Shared<S>,
        now: Now,
    ) -> Result<Option<PreparedRequest>, Error> {
        let Some(response) = &self.response else { return Ok(None) };
        // An answer to a challenge is for one request: the next one is made of what it answered.
        let asked = self.call.rounds.first().unwrap_or(response);
        let request = Arc::clone(&asked.request);
        let location = response.header_joined("location");
        let resolved = match location.as_deref() {
            None => None,
            Some(b"") => Some(Ok(None)),
            Some(location) => Some(resolve_location(response.url(), location).map(Some)),
        };
        let location = match &resolved {
            None => Location::Missing,
            Some(Ok(None)) => Location::Empty,
            Some(Ok(Some(url))) => Location::To(url),
            Some(Err(_)) => Location::Invalid,
        };
        let verdict = redirect::decide(Seen {
            status: response.status,
            location,
            method: &request.method,
            url: &request.url,
            headers: self.fields(&request),
            authorization: request.credentials,
            netrc: match shared.trust_env.netrc {
                Facet::Trusted => Netrc::Consult,
                Facet::Ignored => Netrc::Leave,
            },
            followed: self.call.hops.len(),
            redirects_max: self.call.redirects_max,
        });
        let next = match verdict {
            Verdict::Stop(why) => {
                self.trace.note(self.now, || What::Answer(why));
                return Ok(None);
            }
            Verdict::Refuse(refusal) => {
                self.call.rounds.clear();
                let error = match resolved {
                    Some(Err(url)) if refusal == redirect::Refusal::InvalidLocation => url.into(),
                    _ => Error::from(refusal),
                };
                let response = self.response.take().map(|response| self.with_history(response));
                let error = error.with_request(request);
                return Err(response.into_iter().fold(error, Error::with_response));
            }
            Verdict::Follow(next) => next,
        };
        self.call.rounds.clear();
        self.call.to_proxy.begin_hop();
        self.note_redirect(response_status(self.response.as_ref()), &next);
        let mut prepared = PreparedRequest {
            headers: next.headers,
            body: carried_body(&request, next.body),
            call_cookies: request.call_cookies.clone(),
            credentials: request.credentials,
            digest: super::challenge::carried(&request, &next.url),
            ..PreparedRequest::new(next.method, next.url)
        };
        answer_ahead(&mut prepared, shared)?;
        if next.body == NextBody::Keep {
            prepared.frame_body();
        }
        prepare::cookie_field(&mut prepared, &mut shared.cookies, now.wall);
        if next.authorization == authorization::Next::LookUp {
            let environment = shared.environment.trusted(shared.trust_env);
            if let Some(host) = prepare::netrc_field(&mut prepared, environment) {
                self.trace.note(self.now, || What::Netrc(host));
            }
        }
        Ok(Some(prepared))
    }

    /// The fields that a redirect chooses from.
    fn fields<'a>(&'a self, request: &'a PreparedRequest) -> &'a Headers {
        let home = Plant::DroppedComesBack.is_on();
        if home { &self.call.home.headers } else { &request.headers }
    }
}

fn carried_body(request: &PreparedRequest, next: NextBody) -> Body {
    match next {
        NextBody::Keep => request.body.clone(),
        NextBody::Drop => Body::Empty,
    }
}

/// An answer to a challenge that was given ahead is for one request, with its target and count: it is
/// made anew for the next one.
fn answer_ahead<S>(prepared: &mut PreparedRequest, shared: &mut Shared<S>) -> Result<(), Error> {
    let Some(digest) = prepared.digest.clone() else { return Ok(()) };
    if prepare::forget_answer(prepared) {
        prepare::digest_field(prepared, digest, &mut shared.digests, &mut shared.random)?;
    }
    Ok(())
}

fn response_status(response: Option<&crate::message::Response>) -> u16 {
    response.map_or(0, |response| response.status.as_u16())
}
