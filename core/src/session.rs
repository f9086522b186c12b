//! The front door: a session, which prepares requests and begins calls.
//!
//! Source: `Session` in requests 2.34.2, `sessions.py`.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::ops::{Deref, DerefMut};

use crate::connection::Security;
use crate::error::Error;
use crate::exchange::{Ask, Exchange, Plan, Reader, Redirects};
use crate::headers::Headers;
use crate::message::{Auth, CallOptions, Hooks, Kit, PreparedRequest, Request};
use crate::planted::Plant;
use crate::policy::digest::Digests;
use crate::policy::merge::Given;
use crate::policy::settings::Verify;
use crate::prepare::{self, Defaults, Prepared};
use crate::shared::Shared;
use crate::time::Now;
use crate::trace::Recording;

/// Settings, cookies and connections that calls share.
///
/// `S` is the runtime's socket, `K` what it attaches to requests. All settings of requests'
/// `Session` are fields: `session.headers`, `session.cookies`, `session.proxies`, ... (through
/// [`Shared`]). It has no lock: a runtime lends it to an exchange for a short step at a time.
pub struct Session<S, K: Kit = ()> {
    shared: Shared<S>,
    /// Credentials for every request.
    pub auth: Given<Auth<K::Auth>>,
    /// Hooks for every request that has none of its own.
    pub hooks: Hooks<K::Hook>,
}

/// A new session, as `requests.session()`.
#[must_use]
pub fn session<S>(seed: u128) -> Session<S> {
    Session::new(seed)
}

impl<S, K: Kit> Session<S, K> {
    /// A session with the defaults of requests.
    ///
    /// `seed` is for multipart boundaries and nonces: 128 bits from the operating system in life, a
    /// fixed number in a simulation.
    #[must_use]
    pub fn new(seed: u128) -> Self {
        Self { shared: Shared::new(seed), auth: Given::Absent, hooks: Hooks::new() }
    }

    /// Merges the session's settings into a request, checks it and writes it out.
    ///
    /// # Errors
    /// What is wrong with the request, before anything is sent: its URL, its method, a header
    /// field, a cookie, a JSON value, or parts of a body that do not go together.
    ///
    /// Source: `Session.prepare_request` in requests.
    pub fn prepare_request(&mut self, request: Request<K>, now: Now) -> Result<Prepared<K>, Error> {
        let shared = &mut self.shared;
        let defaults = Defaults {
            headers: &shared.headers,
            params: &shared.params,
            auth: self.auth.as_ref(),
            cookies: &mut shared.cookies,
            digests: &mut shared.digests,
            hooks: &self.hooks,
            environment: &shared.environment,
            trust: shared.trust_env,
        };
        prepare::prepare(request, defaults, &mut shared.random, now.wall)
    }

    /// Begins a call: the request is sent as it stands.
    ///
    /// The runtime keeps `prepared`'s hooks, auth and sources and may send the message again: it is
    /// shared, not copied.
    ///
    /// # Errors
    /// If a timeout is none.
    ///
    /// Source: `Session.send` in requests.
    pub fn start(
        &mut self,
        request: Arc<PreparedRequest>,
        plan: Plan,
        now: Now,
    ) -> Result<Exchange<S>, Error> {
        plan.timeouts.check()?;
        let mut exchange = Exchange::new(&mut self.shared, request, plan, now);
        exchange.begin(&mut self.shared, now);
        Ok(exchange)
    }

    /// [`start`](Self::start), in a box from the beginning: an exchange has some thousand bytes, and
    /// a runtime that moves it about need not copy them first.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_boxed(
        &mut self,
        request: Arc<PreparedRequest>,
        plan: Plan,
        now: Now,
    ) -> Result<Box<Exchange<S>>, Error> {
        plan.timeouts.check()?;
        let mut exchange = Box::new(Exchange::new(&mut self.shared, request, plan, now));
        exchange.begin(&mut self.shared, now);
        Ok(exchange)
    }

    /// How a call is to be made: its options, with the session's where it says nothing.
    ///
    /// `respond` and `sign` say whether the runtime has hooks or custom auth for the call.
    #[must_use]
    pub fn plan(&self, options: &CallOptions, respond: Ask, sign: Ask) -> Plan {
        Plan {
            timeouts: options.timeout.unwrap_or(self.shared.timeouts),
            redirects: match options.allow_redirects {
                Some(false) if !Plant::RedirectsDespiteOff.is_on() => Redirects::Stop,
                _ => Redirects::Follow,
            },
            reader: match options.stream.unwrap_or(self.shared.stream) {
                true => Reader::Caller,
                false => Reader::Core,
            },
            respond,
            sign,
            proxies: options.proxies.clone(),
            security: self.security(options),
        }
    }

    /// The settings of TLS for a call, unless they are the default.
    fn security(&self, options: &CallOptions) -> Option<Box<Security>> {
        let verify = options.verify.as_ref().unwrap_or(&self.shared.verify);
        let cert = options.cert.as_ref().or(self.shared.cert.as_ref());
        if *verify == Verify::On && cert.is_none() {
            return None;
        }
        Some(Box::new(Security { verify: verify.clone(), cert: cert.cloned() }))
    }
}

impl<K: Kit> Prepared<K> {
    /// A request prepared without a session: none of its settings, cookies or hooks.
    ///
    /// # Errors
    /// As [`Session::prepare_request`].
    ///
    /// Source: `Request.prepare` in requests, `models.py`.
    pub fn bare(request: Request<K>, seed: u128, now: Now) -> Result<Self, Error> {
        let (headers, mut jar) = (Headers::new(), crate::cookies::Jar::new());
        let (params, hooks) = (crate::wire::form::Params::new(), Hooks::new());
        let environment = crate::environment::Environment::default();
        let defaults = Defaults {
            headers: &headers,
            params: &params,
            auth: Given::Absent,
            cookies: &mut jar,
            digests: &mut Digests::default(),
            hooks: &hooks,
            environment: &environment,
            trust: crate::environment::Trust::NONE,
        };
        prepare::prepare(request, defaults, &mut crate::random::Random::new(seed), now.wall)
    }
}

impl<S, K: Kit> Deref for Session<S, K> {
    type Target = Shared<S>;

    fn deref(&self) -> &Shared<S> {
        &self.shared
    }
}

impl<S, K: Kit> DerefMut for Session<S, K> {
    fn deref_mut(&mut self) -> &mut Shared<S> {
        &mut self.shared
    }
}

impl<S, K: Kit> fmt::Debug for Session<S, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("headers", &self.headers)
            .field("cookies", &self.cookies)
            .field("max_redirects", &self.max_redirects)
            .field("idle_connections", &self.idle_connections())
            .field("trace", &(self.trace != Recording::Off))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Request;
    use crate::time::{Instant, WallTime};
    use crate::trace::What;
    use crate::wire::multipart::Part;

    #[test]
    fn a_header_that_a_form_part_does_not_send_is_in_the_trace() {
        let now = Now { mono: Instant::from_nanos(0), wall: WallTime::from_unix_millis(0) };
        let rows = [("X-A", None), ("content-disposition", Some("content-disposition"))];
        for (name, dropped) in rows {
            let mut session: Session<()> = session(1);
            session.trace = Recording::On;
            let request = Request::post("http://a.test/");
            let request = request.file(Part::bytes("f", "content").header(name, "1"));
            let prepared = session.prepare_request(request, now).unwrap();
            let plan = session.plan(&prepared.options, Ask::Nobody, Ask::Nobody);
            let mut exchange = session.start(prepared.request.into(), plan, now).unwrap();
            let told = exchange.take_events().into_iter().find_map(|event| match event.what {
                What::PartHeaderDropped(name) => Some(name),
                _ => None,
            });
            assert_eq!(told.as_deref(), dropped, "{name}");
        }
    }
}
