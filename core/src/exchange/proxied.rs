//! What a proxy is shown to prove who asks: Basic at once, or Digest when it has asked.
//!
//! Source: RFC 9110, 11.7; `proxy_headers` in requests 2.34.2, `adapters.py`, for Basic.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::mem;

use http::{HeaderValue, StatusCode};

use crate::connection::route::TargetForm;
use crate::environment::proxy::ProxyUrl;
use crate::error::{Error, ErrorKind};
use crate::message::Response;
use crate::policy::digest::{self, DigestAuth, DigestChallenge, Message, Server, Unusable};
use crate::policy::proxy::{ProxyAuth, proxy_authorization};
use crate::prepare;
use crate::shared::Shared;
use crate::trace::What;
use crate::url::{Origin, write_absolute_form};
use crate::wire::challenge;

use super::Exchange;

/// What the proxy of the present hop is shown.
#[derive(Debug, Default)]
pub(crate) struct ToProxy {
    /// The value of the `Proxy-Authorization` field, marked sensitive.
    pub(crate) value: Option<HeaderValue>,
    /// What answers its challenge.
    login: Option<Box<DigestAuth>>,
    round: Round,
}

/// Whether the proxy has asked: it is answered once a hop.
#[derive(Debug, Default)]
enum Round {
    #[default]
    Open,
    Asked(Box<DigestChallenge>),
    Answered,
}

impl ToProxy {
    /// What the proxy asks for with this response, if it may be answered.
    pub(super) fn asked(
        &self,
        response: &Response,
        body: digest::Body<'_>,
    ) -> Option<Result<DigestChallenge, Unusable>> {
        let is_open = matches!(self.round, Round::Open) && self.login.is_some();
        if !is_open || response.status != StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            return None;
        }
        let fields = response.header_joined("proxy-authenticate")?;
        Some(digest::choose(&challenge::parse([&*fields]), body))
    }

    /// The challenge is answered with the next request.
    pub(super) fn answers(&mut self, challenge: DigestChallenge) {
        self.round = Round::Asked(Box::new(challenge));
    }

    /// Another hop begins.
    pub(super) fn begin_hop(&mut self) {
        *self = Self::default();
    }
}

impl<S> Exchange<S> {
    /// Whether the proxy's answer to the request for a tunnel is a challenge that is answered; if
    /// it is, the next tunnel is asked for with the answer.
    pub(super) fn is_tunnel_answered(&mut self, response: &Response) -> bool {
        match self.call.to_proxy.asked(response, digest::Body::Whole(&[])) {
            None => false,
            Some(Ok(challenge)) => {
                let realm = challenge.realm.as_str().into();
                self.trace.note(self.now, || What::Answered(realm));
                self.call.to_proxy.answers(challenge);
                true
            }
            Some(Err(why)) => {
                self.trace.note(self.now, || What::Unanswered(why));
                false
            }
        }
    }

    /// Says what the proxy is shown: with the present request, or with the request for a tunnel to
    /// its host and port.
    pub(super) fn show_proxy(
        &mut self,
        shared: &mut Shared<S>,
        proxy: Option<&ProxyUrl>,
        form: TargetForm,
    ) -> Result<(), Error> {
        let login = proxy.filter(|_| shared.proxy_auth == ProxyAuth::Digest).and_then(login);
        let value = match (proxy, &login) {
            (None, _) => None,
            (Some(proxy), None) => proxy_authorization(proxy)
                .map_err(|error| Error::new(ErrorKind::InvalidProxyUrl, error))?,
            (Some(proxy), Some(login)) => self.prove(shared, proxy, login, form),
        };
        self.call.to_proxy.value = value;
        self.call.to_proxy.login = login.map(Box::new);
        Ok(())
    }

    /// The answer to what the proxy asks, or has asked before.
    fn prove(
        &mut self,
        shared: &mut Shared<S>,
        proxy: &ProxyUrl,
        login: &DigestAuth,
        form: TargetForm,
    ) -> Option<HeaderValue> {
        let request = &self.call.request;
        let (url, cnonce) = (&request.url, shared.random.cnonce());
        let server = Server::Proxy(Origin::of_proxy(
            proxy.scheme.as_str(),
            proxy.host.to_string(),
            proxy.port,
        ));
        let asked = match mem::replace(&mut self.call.to_proxy.round, Round::Answered) {
            Round::Asked(challenge) => Some(challenge),
            round => {
                self.call.to_proxy.round = round;
                None
            }
        };
        let digests = &mut shared.digests;
        let prove = |message: &Message<'_>| match asked {
            Some(asked) => digests.challenged(login, server, url, *asked, message, cnonce).ok(),
            None => digests.ahead(login, &server, url, message, cnonce),
        };
        match form {
            TargetForm::Absolute => {
                let mut target = Vec::new();
                write_absolute_form(url, &mut target);
                prepare::proved(request, &String::from_utf8_lossy(&target), prove)
            }
            TargetForm::Origin => {
                let host = url.host_str().unwrap_or_default();
                let target = format!("{host}:{}", url.port_or_known_default().unwrap_or_default());
                let body = digest::Body::Whole(&[]);
                prove(&Message { method: "CONNECT", target: &target, body })
            }
        }
    }
}

/// User and password of an HTTP proxy, for Digest.
fn login(proxy: &ProxyUrl) -> Option<DigestAuth> {
    let user = proxy.user.as_ref().filter(|_| proxy.scheme.is_http())?;
    let password = proxy.password.as_ref().map(|password| password.reveal().as_str());
    Some(DigestAuth::new(user.reveal().as_str(), password.unwrap_or_default()))
}
