//! What one call has to do, hop by hop: the reference that its requests are compared with.
//!
//! Source: the tables of DESIGN "Decided divergences" and RFC 9110, 15.4, as plain comparisons;
//! nothing is shared with the core.

use super::fault::FaultSet;
use super::served::{Leads, Served, User};
use super::trust::Trust;
use super::via::Said;
use super::world::Origin;

/// Where the `Authorization` of a call comes from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Credential {
    /// Nowhere: not given, and netrc is not asked.
    None,
    /// The caller: this value, until the chain leaves where it may go.
    Explicit(String),
    /// By Digest, when somebody asks.
    Digest { user: String, password: String },
    /// netrc, host by host.
    Netrc,
}

/// A header field of the caller's that stays with the first origin.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) value: String,
}

/// One call, as it has to go.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    /// Number of the call.
    pub(crate) call: usize,
    pub(crate) home: Origin,
    /// Where the present request has to go.
    pub(crate) at: Origin,
    pub(crate) method: String,
    /// The target of the present request; `None` if the model does not know how it is written.
    pub(crate) target: Option<String>,
    /// Whether its URL names a user.
    pub(crate) user: User,
    /// The body of the present request; `None` if the model does not know it.
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) has_body_type: bool,
    pub(crate) credential: Credential,
    /// Fields marked sensitive, while they go along.
    pub(crate) sensitive: Vec<Field>,
    /// A `Host` field of the caller's own, while it goes along.
    pub(crate) host_override: Option<String>,
    /// A `Cookie` field of the caller's own, on the first hop.
    pub(crate) own_cookie: Option<String>,
    /// Cookies of this call: `name=value`.
    pub(crate) call_cookies: Vec<String>,
    /// The cookies that the present request has to carry.
    pub(crate) cookies: Vec<String>,
    pub(crate) follows: bool,
    pub(crate) hops_max: usize,
    pub(crate) hops: usize,
    /// What befell it.
    pub(crate) befell: FaultSet,
    /// What befell its connection before.
    pub(crate) inherits: FaultSet,
    /// The connection on which the present request was begun, and how often it was.
    pub(crate) sent_on: Option<usize>,
    pub(crate) sends: usize,
    /// Which response had been given when the present request was sent last.
    pub(crate) served_before: Option<usize>,
    /// How many more tries there may be on this hop.
    pub(crate) tries_left: usize,
    /// When the last response was given.
    pub(crate) answered_at: u64,
    /// Responses that peers gave to it so far.
    pub(crate) visits: usize,
    /// The one that a peer is about to give.
    pub(crate) answering: Option<usize>,
    /// The last of them.
    pub(crate) served: Option<usize>,
    /// Whose cookies count already.
    pub(crate) counted: Option<usize>,
    /// Whether not one byte of it may be sent.
    pub(crate) must_not_go: bool,
    /// Whether it has answered a challenge by Digest on this hop, and to which nonce.
    pub(crate) has_proved: bool,
    pub(crate) must_prove: Option<String>,
    /// What the call says about proxies.
    pub(crate) said: Said,
    /// The proxy of the present request.
    pub(crate) via: Option<usize>,
    /// A `Proxy-Authorization` of the caller's own, on the first hop.
    pub(crate) own_proxy: Option<String>,
    /// Whose certificates it takes.
    pub(crate) trust: Trust,
    /// The certificate of the call or the session, and the one for the present request.
    pub(crate) call_identity: Option<usize>,
    pub(crate) identity: Option<usize>,
    /// The adapter of the present request.
    pub(crate) adapter: usize,
    /// Whether there is TLS on the way of the present request.
    pub(crate) is_secured: bool,
    /// Whether an HTTP proxy was told where it goes.
    pub(crate) has_told_proxy: bool,
    /// Whether something stands in its way by itself: it may fail.
    pub(crate) is_excused: bool,
}

/// Whether a request of this method may be sent twice.
pub(super) fn is_idempotent(method: &str) -> bool {
    ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY"].contains(&method)
}

/// What the core has to do with a response.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Then {
    /// It is the answer.
    Answer,
    /// The call goes on there.
    Go,
    /// The same request goes out again, with the answer to the challenge.
    Prove,
    /// The call ends with an error.
    Fail,
}

impl Chain {
    /// The expected `Authorization` of the present request.
    pub(super) fn authorization(&self, netrc: &[Option<String>]) -> Option<String> {
        match &self.credential {
            Credential::None | Credential::Digest { .. } => None,
            Credential::Explicit(value) => Some(value.clone()),
            Credential::Netrc if self.user == User::Somebody => None,
            Credential::Netrc => netrc.get(self.at.host).cloned().flatten(),
        }
    }

    /// What has to follow `served`.
    pub(super) fn then(&self, served: &Served) -> Then {
        if served.status == 401
            && served.challenge.is_some()
            && !self.has_proved
            && matches!(self.credential, Credential::Digest { .. })
        {
            return Then::Prove;
        }
        if !self.follows || !matches!(served.status, 301 | 302 | 303 | 307 | 308) {
            return Then::Answer;
        }
        match &served.leads {
            Leads::Nowhere => Then::Answer,
            Leads::To { .. } if self.hops >= self.hops_max => Then::Fail,
            Leads::To { .. } => Then::Go,
            Leads::Astray => Then::Fail,
        }
    }

    /// Goes on where `served` leads.
    pub(super) fn go_on(&mut self, served: &Served) {
        let Leads::To { origin, target, user } = &served.leads else { return };
        let (status, method) = (served.status, self.method.clone());
        let becomes_get =
            matches!(status, 302 | 303) && method != "HEAD" || status == 301 && method == "POST";
        let keeps_body = matches!(status, 307 | 308)
            || status == 301 && ["PUT", "PATCH", "DELETE", "QUERY"].contains(&method.as_str());
        if becomes_get {
            self.method = "GET".into();
        }
        if !keeps_body {
            self.body = Some(Vec::new());
            self.has_body_type = false;
        }
        let is_own = matches!(self.credential, Credential::Explicit(_) | Credential::Digest { .. });
        if is_own && !self.at.carries_to(*origin) {
            self.credential = Credential::None;
        }
        if self.at != *origin {
            self.sensitive.clear();
            self.host_override = None;
        }
        self.own_cookie = None;
        self.own_proxy = None;
        (self.has_proved, self.must_prove) = (false, None);
        self.at = *origin;
        self.target.clone_from(target);
        if *user != User::AsBefore {
            self.user = *user;
        }
        self.hops += 1;
        (self.sent_on, self.sends) = (None, 0);
    }

    /// Answers the challenge of `served`.
    pub(super) fn prove(&mut self, served: &Served) {
        self.has_proved = true;
        self.must_prove = served.challenge.as_ref().map(|challenge| challenge.nonce.clone());
        (self.sent_on, self.sends) = (None, 0);
    }

    /// The cookies that the present request has to carry, given those of the jar.
    pub(super) fn put_cookies(&mut self, of_jar: Vec<String>) {
        if let Some(own) = &self.own_cookie {
            self.cookies = vec![own.clone()];
            return;
        }
        self.cookies = of_jar;
        if self.at.host == self.home.host {
            self.cookies.extend(self.call_cookies.iter().cloned());
        }
    }
}
