//! The way of a request: adapter, proxy, route, and a connection for it.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use alloc::sync::Arc;
use core::net::{IpAddr, SocketAddr};

use crate::adapters::Adapter;
use crate::connection::route::{Layer, TargetForm, Wanted};
use crate::connection::{Permit, Route, Target};
use crate::environment::proxy::ProxyUrl;
use crate::error::{Error, ErrorKind};
use crate::io::IoError;
use crate::message::{Certificate, PreparedRequest};
use crate::planted::Plant;
use crate::policy::addresses::Addresses;
use crate::policy::authorization::{Carry, should_strip_auth};
use crate::policy::merge::Given;
use crate::policy::proxy::{self, Choice as Way, Direct};
use crate::policy::settings::{self, Verify};
use crate::pool::Checkout;
use crate::prepare;
use crate::shared::{ConnectTo, Lookups, Shared};
use crate::time::Now;
use crate::tls::TlsError;
use crate::trace::What;

use super::Exchange;
use super::state::{Choice, Detour, Lookup, Opening, State};

impl<S> Exchange<S> {
    /// Chooses the way of the present request and takes a connection for it.
    pub(super) fn plan(&mut self, shared: &mut Shared<S>, choice: Choice, now: Now) -> State<S> {
        let request = Arc::clone(&self.call.request);
        let url = &request.url;
        let (prefix, adapter, id) = match shared.adapters.get(url.as_str()) {
            Ok(found) => found,
            Err(error) => return self.failed(error.into()),
        };
        self.call.caps = adapter.pool;
        self.call.retries.allow(adapter, &mut shared.random);
        self.note_request(&request, prefix);
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            let text = format!("no way is known to reach a URL of scheme {:?}", url.scheme());
            return self.failed(Error::new(ErrorKind::InvalidSchema, text.as_str()));
        };
        let host = bare_host(host);
        let cert = self.certificate(adapter).cloned();
        let proxy = match self.choose_proxy(shared) {
            Ok(proxy) => proxy.cloned(),
            Err(error) => return self.failed(error),
        };
        if shared.addresses != Addresses::Any
            && let Some(Err(refused)) = literal(host).map(|ip| shared.addresses.check(ip))
        {
            return self.failed(Error::new(ErrorKind::Connection, refused));
        }
        let verify = match url.scheme() == "https" || proxy.is_some() {
            false => Verify::On,
            true => self.verify(shared),
        };
        let wanted = Wanted {
            adapter: id,
            scheme: url.scheme(),
            host,
            port,
            proxy: proxy.as_ref(),
            verify: &verify,
            cert: cert.as_ref(),
        };
        self.call.form = wanted.form();
        if choice == Choice::Fresh {
            // What idles on that route is of the age of the one that was just found dead.
            shared.pool.drop_route(|route| wanted.is(route));
        }
        let ticket = *self.call.ticket.get_or_insert_with(|| shared.pool.ticket());
        let checkout = shared.pool.checkout(
            (self.call.caps, ticket),
            now.mono,
            |route| wanted.is(route),
            || wanted.route(),
        );
        if speaks_to_proxy(&checkout, wanted.form())
            && let Err(error) = self.show_proxy(shared, proxy.as_ref(), wanted.form())
        {
            return self.failed(error);
        }
        match checkout {
            Checkout::Full(in_line) => State::Full { choice, since: self.now, in_line },
            Checkout::Reuse(connection) if Plant::NoProbe.is_on() => {
                self.probed(connection, super::io::Probe::Quiet)
            }
            Checkout::Reuse(connection) => {
                self.trace.note(self.now, || What::Reused(connection.route.shown.clone()));
                State::Probing { connection }
            }
            Checkout::Open { route, permit } => self.begin_opening(shared, route, permit),
        }
    }

    /// A new connection is to be opened on this route.
    fn begin_opening(
        &mut self,
        shared: &mut Shared<S>,
        route: Arc<Route>,
        permit: Permit,
    ) -> State<S> {
        self.trace.note(self.now, || What::Open(route.shown.clone()));
        let (host, port) = match route.layers.first() {
            Some(Layer::Tcp { host, port }) => (host.clone(), *port),
            _ => return self.failed(Error::new(ErrorKind::Connection, IoError::Unreachable)),
        };
        let opening = Box::new(Opening {
            route,
            permit,
            since: self.now,
            host,
            port,
            options: shared.socket.clone(),
            guard: shared.addresses,
            detour: Detour::None,
            tls: Err(TlsError::NotBuiltIn),
        });
        self.secure(shared, opening)
    }

    /// How certificates are checked: as call, session or environment say.
    fn verify(&self, shared: &Shared<S>) -> Verify {
        let given = self.call.plan.security.as_ref().map(|set| set.verify.clone());
        let given = given.map_or(Given::Absent, Given::Use);
        settings::verify(given, shared.environment.trusted(shared.trust_env))
    }

    fn note_request(&mut self, request: &PreparedRequest, prefix: &str) {
        if !self.trace.is_on() {
            return;
        }
        let prefix = Box::from(prefix);
        let shown = super::shown::url(&request.url, self.trace.secrets());
        let method = request.method.clone();
        self.trace.note(self.now, || What::Request { method, url: shown });
        self.trace.note(self.now, || What::Adapter(prefix));
        if let Some(names) = prepare::cookie_names(request) {
            self.trace.note(self.now, || What::CookiesSent(names));
        }
    }

    /// The proxy of the present request: chosen anew for each hop, never around one that cannot be
    /// used.
    fn choose_proxy<'a>(
        &'a mut self,
        shared: &'a Shared<S>,
    ) -> Result<Option<&'a ProxyUrl>, Error> {
        let seen = proxy::Seen {
            call: match &self.call.plan.proxies {
                Given::Absent => proxy::Call::Inherit,
                Given::Off => proxy::Call::Direct,
                Given::Use(proxies) => proxy::Call::Use(proxies),
            },
            session: &shared.proxies,
            environment: shared.environment.trusted(shared.trust_env),
        };
        let home = Plant::ProxyChosenOnce.is_on();
        let request = if home { &self.call.home } else { &self.call.request };
        let way = proxy::choose(&request.url, &seen)?;
        if way != Way::Direct(Direct::NoneSet) {
            self.trace.note(self.now, || What::Proxy(way.to_string().into()));
        }
        match way {
            Way::Direct(_) => Ok(None),
            Way::Via { proxy, .. } => Ok(Some(proxy)),
        }
    }

    /// What the origin of the present request is shown: the certificate of its adapter, or that of
    /// the call where the call was addressed to.
    fn certificate<'a>(&'a self, adapter: &'a Adapter) -> Option<&'a Certificate> {
        let url = &self.call.request.url;
        let is_home = || matches!(should_strip_auth(&self.call.home.url, url), Carry::Keep(_));
        let of_call = self.call.plan.security.as_ref().and_then(|set| set.cert.as_ref());
        let is_shown = || is_home() || Plant::ClientCertificateEverywhere.is_on();
        adapter.cert.as_ref().or_else(|| of_call.filter(|_| is_shown()))
    }

    /// Opens a connection: to where the session says, to an address, or to a name.
    pub(super) fn open(&mut self, shared: &Shared<S>, mut opening: Box<Opening>) -> State<S> {
        match shared.detour(&opening.host, opening.port) {
            Some(ConnectTo::Target(target)) => return self.dial_one(opening, target.clone()),
            Some(ConnectTo::Host(host, port)) => {
                opening.host = host.as_str().into();
                opening.port = *port;
                opening.detour = Detour::Taken;
            }
            None => {}
        }
        if shared.lookups == Lookups::Names
            && let Some(address) = literal(&opening.host)
        {
            let target = Target::Address(SocketAddr::new(address, opening.port));
            return self.dial_one(opening, target);
        }
        State::Resolving { opening, lookup: Lookup::Wanted }
    }
}

/// Whether a proxy is told something next: it, and not the origin, reads the request, or is asked
/// for a tunnel.
const fn speaks_to_proxy<S>(checkout: &Checkout<S>, form: TargetForm) -> bool {
    match (checkout, form) {
        (Checkout::Full(_), _) | (Checkout::Reuse(_), TargetForm::Origin) => false,
        (Checkout::Reuse(_), TargetForm::Absolute) | (Checkout::Open { .. }, _) => true,
    }
}

/// A host without the brackets of an IPv6 literal.
fn bare_host(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

/// The address that a host is, if it is one.
fn literal(host: &str) -> Option<IpAddr> {
    host.parse().ok()
}
