//! From one hop to the next: the request that a redirect leads to, and the way that a request goes.

use alloc::boxed::Box;
use alloc::format;
use alloc::sync::Arc;
use alloc::vec;

use crate::connection::Target;
use crate::connection::route::{Layer, Route, TargetForm};
use crate::environment::Facet;
use crate::error::{Error, ErrorKind};
use crate::message::{Body, PreparedRequest};
use crate::policy::authorization::{self, Netrc};
use crate::policy::merge::Given;
use crate::policy::proxy::{self, Choice as Way};
use crate::policy::redirect::{self, Location, NextBody, Seen, Verdict};
use crate::pool::Checkout;
use crate::prepare;
use crate::shared::{ConnectTo, Lookups, Shared};
use crate::time::Now;
use crate::trace::What;
use crate::url::resolve_location;

use super::Exchange;
use super::state::{Choice, Lookup, Opening, State};

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
            headers: &request.headers,
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
        self.note_redirect(response_status(self.response.as_ref()), &next);
        let body = match next.body {
            NextBody::Keep => request.body.clone(),
            NextBody::Drop => Body::Empty,
        };
        let mut prepared = PreparedRequest {
            headers: next.headers,
            body,
            call_cookies: request.call_cookies.clone(),
            credentials: request.credentials,
            digest: super::challenge::carried(&request, &next.url),
            ..PreparedRequest::new(next.method, next.url)
        };
        prepared.frame_body();
        prepare::cookie_field(&mut prepared, &mut shared.cookies, now.wall);
        if next.authorization == authorization::Next::LookUp {
            let environment = shared.environment.trusted(shared.trust_env);
            if let Some(host) = prepare::netrc_field(&mut prepared, environment) {
                self.trace.note(self.now, || What::Netrc(host));
            }
        }
        Ok(Some(prepared))
    }

    /// Chooses the way of the present request and takes a connection for it.
    pub(super) fn plan(&mut self, shared: &mut Shared<S>, choice: Choice, now: Now) -> State<S> {
        let request = Arc::clone(&self.call.request);
        let url = &request.url;
        let (prefix, adapter, id) = match shared.adapters.get(url.as_str()) {
            Ok(found) => found,
            Err(error) => return self.failed(error.into()),
        };
        self.call.caps = adapter.pool;
        if self.trace.is_on() {
            let prefix = Box::from(prefix);
            let shown = super::shown::url(url, self.trace.secrets());
            let method = request.method.clone();
            self.trace.note(self.now, || What::Request { method, url: shown });
            self.trace.note(self.now, || What::Adapter(prefix));
            if let Some(names) = prepare::cookie_names(&request) {
                self.trace.note(self.now, || What::CookiesSent(names));
            }
        }
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            let text = format!("no way is known to reach a URL of scheme {:?}", url.scheme());
            return self.failed(Error::new(ErrorKind::InvalidSchema, text.as_str()));
        };
        if let Err(error) = self.check_route(shared) {
            return self.failed(error);
        }
        if choice == Choice::Fresh {
            // What idles on that route is of the age of the one that was just found dead.
            shared.pool.drop_route(|route| is_route(route, id, url.scheme(), host, port));
        }
        let checkout = shared.pool.checkout(
            self.call.caps,
            now.mono,
            |route| is_route(route, id, url.scheme(), host, port),
            || make_route(id, url.scheme(), host, port),
        );
        match checkout {
            Checkout::Full => State::Full { choice, since: self.now },
            Checkout::Reuse(connection) => {
                self.trace.note(self.now, || What::Reused(connection.route.origin.clone()));
                State::Probing { connection }
            }
            Checkout::Open { route, permit } => {
                self.trace.note(self.now, || What::Open(route.origin.clone()));
                let (since, host) = (self.now, bare_host(host).into());
                let options = shared.socket.clone();
                self.open(shared, Opening { route, permit, since, host, port, options })
            }
        }
    }

    /// Whether this build can go where the request leads.
    fn check_route(&self, shared: &Shared<S>) -> Result<(), Error> {
        let url = &self.call.request.url;
        if url.scheme() != "http" {
            let text = "https needs the TLS layer, which this version does not have yet";
            return Err(Error::new(ErrorKind::Ssl, text));
        }
        let seen = proxy::Seen {
            call: match &self.call.plan.proxies {
                Given::Absent => proxy::Call::Inherit,
                Given::Off => proxy::Call::Direct,
                Given::Use(proxies) => proxy::Call::Use(proxies),
            },
            session: &shared.proxies,
            environment: shared.environment.trusted(shared.trust_env),
        };
        match proxy::choose(url, &seen)? {
            Way::Direct(_) => Ok(()),
            Way::Via { source, .. } => {
                // Never around a proxy that somebody asked for.
                let text = format!(
                    "{source} names a proxy, and proxies are not built into this version yet; \
                     say that none is to be used, or unset it"
                );
                Err(Error::new(ErrorKind::Proxy, text.as_str()))
            }
        }
    }

    /// Opens a connection: to where the session says, to an address, or to a name.
    fn open(&mut self, shared: &Shared<S>, mut opening: Opening) -> State<S> {
        match shared.detour(&opening.host, opening.port) {
            Some(ConnectTo::Target(target)) => return self.dial_one(opening, target.clone()),
            Some(ConnectTo::Host(host, port)) => {
                opening.host = host.as_str().into();
                opening.port = *port;
            }
            None => {}
        }
        if shared.lookups == Lookups::Names
            && let Ok(address) = opening.host.parse()
        {
            let target = Target::Address(core::net::SocketAddr::new(address, opening.port));
            return self.dial_one(opening, target);
        }
        State::Resolving { opening, lookup: Lookup::Wanted }
    }
}

fn response_status(response: Option<&crate::message::Response>) -> u16 {
    response.map_or(0, |response| response.status.as_u16())
}

/// A host without the brackets of an IPv6 literal.
fn bare_host(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

/// Whether `route` is the direct way to an origin by this adapter.
fn is_route(route: &Route, adapter: usize, scheme: &str, host: &str, port: u16) -> bool {
    let Route { adapter: of, scheme: s, layers, form, origin: _ } = route;
    let [Layer::Tcp { host: h, port: p }] = layers.as_slice() else { return false };
    let parts = (*of, &**s, *form, &**h, *p);
    parts == (adapter, scheme, TargetForm::Origin, bare_host(host), port)
}

fn make_route(adapter: usize, scheme: &str, host: &str, port: u16) -> Route {
    let tcp = Layer::Tcp { host: bare_host(host).into(), port };
    Route {
        adapter,
        scheme: scheme.into(),
        origin: format!("{scheme}://{host}:{port}").into(),
        layers: vec![tcp],
        form: TargetForm::Origin,
    }
}
