//! What the calls of a session share: its settings, cookies, adapters, idle connections.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::time::Duration;

use crate::adapters::{Adapter, Adapters};
use crate::connection::{SocketOptions, Target};
use crate::cookies::Jar;
use crate::environment::{Environment, Trust};
use crate::headers::Headers;
use crate::http1::buffers::Buffers;
use crate::message::{Certificate, Response};
use crate::policy::adapter::NoAdapter;
use crate::policy::addresses::Addresses;
use crate::policy::digest::Digests;
use crate::policy::proxies::Proxies;
use crate::policy::proxy::ProxyAuth;
use crate::policy::redirect::REDIRECTS_MAX;
use crate::policy::settings::Verify;
use crate::pool::{Pool, Ticket};
use crate::random::Random;
use crate::settings::{Limits, Timeouts};
use crate::time::Instant;
use crate::tls::configs::Configs;
use crate::tls::{self, KeyLog, TlsProvider};
use crate::trace::Recording;
use crate::wire::form::Params;

/// How many sets of buffers are kept to be lent again.
const SPARE_MAX: usize = 8;

/// The settings of a session and what its calls share; a `Session` is one with hooks and auth.
///
/// `S` is the runtime's socket: it is owned here while a connection idles, and dropping it closes
/// the connection.
///
/// Source: the attributes of `Session` in requests 2.34.2, `sessions.py`.
#[derive(Debug)]
pub struct Shared<S> {
    /// Header fields for every request.
    pub headers: Headers,
    /// Query parameters for every request.
    pub params: Params,
    /// Proxies, by scheme and host.
    pub proxies: Proxies,
    /// How user and password of a proxy's URL are shown to it.
    pub proxy_auth: ProxyAuth,
    /// How certificates are checked.
    pub verify: Verify,
    /// The certificate that this side shows.
    pub cert: Option<Certificate>,
    /// Whether the caller reads bodies itself.
    pub stream: bool,
    /// How many redirects a call follows.
    pub max_redirects: usize,
    /// Which parts of the environment count: proxies, netrc, CA bundles.
    pub trust_env: Trust,
    /// How long calls wait; requests has no such setting.
    pub timeouts: Timeouts,
    /// Bounds on what a peer can cause.
    pub limits: Limits,
    /// The cookies.
    pub cookies: Jar,
    /// What the process environment says.
    pub environment: Environment,
    /// Whether calls record their decisions.
    pub trace: Recording,
    /// What speaks TLS: what this build has, unless another is put here before the first call.
    pub tls: Arc<dyn TlsProvider>,
    /// Which hosts the runtime's resolver is asked about.
    pub lookups: Lookups,
    /// How sockets are set up.
    pub socket: SocketOptions,
    /// Which addresses may be connected to; all by default.
    pub addresses: Addresses,
    /// Who is told the secrets of TLS; nobody by default. What was connected before is not told.
    pub key_log: Option<Arc<dyn KeyLog>>,
    pub(crate) configs: Configs,
    pub(crate) adapters: Adapters,
    pub(crate) pool: Pool<S>,
    pub(crate) random: Random,
    /// How many calls were begun.
    calls: u64,
    /// What servers and proxies asked for by Digest.
    pub(crate) digests: Digests,
    connect_to: BTreeMap<(String, u16), ConnectTo>,
    spare: Vec<Buffers>,
}

/// Which hosts are looked up before they are connected to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lookups {
    /// Names only: an IP address is what it says.
    #[default]
    Names,
    /// IP addresses too, so that a resolver which refuses or replaces addresses sees them all.
    NamesAndAddresses,
}

/// Where connections to a host and port really go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectTo {
    /// To this address, or this unix socket.
    Target(Target),
    /// To this host and port.
    Host(String, u16),
}

impl From<SocketAddr> for ConnectTo {
    fn from(address: SocketAddr) -> Self {
        Self::Target(Target::Address(address))
    }
}

impl<S> Shared<S> {
    /// The defaults of requests; `seed` is for boundaries and nonces: from the operating system in
    /// life, fixed in a simulation.
    #[must_use]
    pub fn new(seed: u128) -> Self {
        Self {
            headers: default_headers(),
            params: Params::new(),
            proxies: Proxies::new(),
            proxy_auth: ProxyAuth::Basic,
            verify: Verify::On,
            cert: None,
            stream: false,
            max_redirects: REDIRECTS_MAX,
            trust_env: Trust::ALL,
            timeouts: Timeouts::NONE,
            limits: Limits::default(),
            cookies: Jar::new(),
            environment: Environment::default(),
            trace: Recording::Off,
            tls: tls::default_provider(),
            lookups: Lookups::Names,
            socket: SocketOptions::default(),
            addresses: Addresses::Any,
            key_log: None,
            configs: Configs::default(),
            adapters: Adapters::default(),
            pool: Pool::default(),
            random: Random::new(seed),
            calls: 0,
            digests: Digests::default(),
            connect_to: BTreeMap::new(),
            spare: Vec::new(),
        }
    }

    /// Mounts an adapter for the URLs that begin with `prefix`.
    ///
    /// Source: `Session.mount` in requests.
    pub fn mount(&mut self, prefix: impl Into<String>, adapter: Adapter) {
        self.adapters.mount(prefix, adapter);
    }

    /// Takes the adapter away that is mounted under exactly this prefix; whether there was one.
    ///
    /// A URL without an adapter is not gone to, by a redirect neither:
    ///
    /// ```
    /// let mut session: sessio_core::Session<()> = sessio_core::Session::new(4);
    /// session.unmount("http://"); // from now on TLS or an error
    /// assert!(session.get_adapter("http://a.test/").is_err());
    /// ```
    ///
    /// Source: `session.adapters.pop(prefix)` in requests.
    pub fn unmount(&mut self, prefix: &str) -> bool {
        self.adapters.unmount(prefix)
    }

    /// The adapter that serves a URL.
    ///
    /// # Errors
    /// If nothing is mounted for it.
    ///
    /// Source: `Session.get_adapter` in requests.
    pub fn get_adapter(&self, url: &str) -> Result<&Adapter, NoAdapter> {
        self.adapters.get(url).map(|(_, adapter, _)| &**adapter)
    }

    /// All adapters.
    #[must_use]
    pub const fn adapters(&self) -> &Adapters {
        &self.adapters
    }

    /// Takes all adapters away, the two default ones too.
    pub fn unmount_all(&mut self) {
        self.adapters = Adapters::empty();
    }

    /// Makes connections to `host` and `port` go elsewhere; names, cookies and credentials stay
    /// those of `host`. Idle connections are closed, since they were made before.
    pub fn connect_to(&mut self, host: impl Into<String>, port: u16, to: impl Into<ConnectTo>) {
        self.connect_to.insert((host.into(), port), to.into());
        self.pool.clear();
    }

    /// Where connections to `host` and `port` go, if elsewhere.
    pub(crate) fn detour(&self, host: &str, port: u16) -> Option<&ConnectTo> {
        if self.connect_to.is_empty() {
            return None;
        }
        self.connect_to.get(&(String::from(host), port))
    }

    /// Sets how many connections may exist, in use and idle: in total, and for each route. A call
    /// that finds none free waits, and whoever asked first is served first: a call whose turn it is
    /// keeps those behind it waiting until it has asked, was given up, or has run out of time
    /// (`Timeouts::pool`).
    pub const fn limit_connections(&mut self, total: Option<usize>, per_route: Option<usize>) {
        self.pool.connections_max = total;
        self.pool.connections_per_route_max = per_route;
    }

    /// How many connections idle.
    #[must_use]
    pub fn idle_connections(&self) -> usize {
        self.pool.idle_count()
    }

    /// Closes the connections that have idled for too long, and says when the next one will have.
    ///
    /// A call does the same when it looks for a connection; this is for sessions that nobody uses.
    pub fn close_idle(&mut self, now: Instant) -> Option<Instant> {
        self.pool.expire(now)
    }

    /// Sets how long a connection may idle before it is closed: [`IDLE_MAX`](crate::pool::IDLE_MAX)
    /// unless this says otherwise, `None` for as long as its peer likes.
    pub const fn set_idle_max(&mut self, idle_max: Option<Duration>) {
        self.pool.idle_max = idle_max;
    }

    /// How long a connection may idle before it is closed.
    #[must_use]
    pub const fn idle_max(&self) -> Option<Duration> {
        self.pool.idle_max
    }

    /// How many calls wait for a connection under the limits.
    #[must_use]
    pub fn waiting_calls(&self) -> usize {
        self.pool.waiting_count()
    }

    /// The turn of the call that is to ask again now, of those that are
    /// [`Output::Full`](crate::Output::Full): the first of those who would get a connection. When it
    /// has asked, or was given up, it may be the next one's turn.
    ///
    /// A loop with few calls may as well have all of them ask again; each gets what its turn gives
    /// it. [`Exchange::ticket`](crate::Exchange::ticket) says whose turn is whose.
    pub fn next_in_line(&mut self) -> Option<Ticket> {
        self.pool.next_in_line()
    }

    /// Closes every idle connection, and those in use as soon as their calls are done with them. The
    /// session may be used again afterwards.
    ///
    /// Source: `Session.close` in requests.
    pub fn close(&mut self) {
        self.pool.clear();
    }

    /// The number of a call that begins.
    pub(crate) const fn next_call(&mut self) -> u64 {
        self.calls = self.calls.saturating_add(1);
        self.calls
    }

    /// Buffers for an exchange.
    pub(crate) fn lend(&mut self) -> Buffers {
        self.spare.pop().unwrap_or_default()
    }

    /// Takes the buffers of a response that is no longer needed, to lend them again.
    ///
    /// Not needed for correctness: it saves the next call two allocations.
    pub fn recycle(&mut self, response: Response) {
        if let (Some(buffers), Some(head)) = (self.spare.last_mut(), response.into_head()) {
            buffers.head_in.get_or_insert(head);
        }
    }

    /// Takes buffers back.
    pub(crate) fn take_back(&mut self, mut buffers: Buffers) {
        buffers.forget();
        if self.spare.len() < SPARE_MAX {
            self.spare.push(buffers);
        }
    }
}

/// The fields of every request unless the caller says otherwise.
///
/// Source: `default_headers` in requests, `utils.py`.
#[must_use]
pub fn default_headers() -> Headers {
    use http::HeaderValue;
    use http::header::{ACCEPT, ACCEPT_ENCODING, CONNECTION, USER_AGENT};
    let mut headers = Headers::with_capacity(8);
    headers.append(USER_AGENT, HeaderValue::from_static(DEFAULT_USER_AGENT));
    let codings = crate::wire::decode::accept_encoding();
    headers.append(ACCEPT_ENCODING, HeaderValue::from_static(codings));
    headers.append(ACCEPT, HeaderValue::from_static("*/*"));
    headers.append(CONNECTION, HeaderValue::from_static("keep-alive"));
    headers
}

/// The `User-Agent` of every request unless the caller says otherwise.
pub const DEFAULT_USER_AGENT: &str = concat!("sessio/", env!("CARGO_PKG_VERSION"));
