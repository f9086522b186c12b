//! The layers of a connection above its socket: TLS, tunnels through HTTP proxies, SOCKS.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};

use crate::connection::Connection;
use crate::connection::route::Layer;
use crate::connection::stack::Stack;
use crate::environment::proxy::{ProxyUrl, Scheme};
use crate::error::{Cause, Error, ErrorKind};
use crate::http1::ReceiveError;
use crate::http1::receive::{HeadStep, Heads};
use crate::io::IoError;
use crate::message::Response;
use crate::planted::Plant;
use crate::policy::retry::Failure;
use crate::secret::Secret;
use crate::tls::{Role, Stage, TlsError, TlsPeer, TlsSession};
use crate::trace::What;
use crate::wire::head::ResponseHead;
use crate::wire::socks::{
    Handshake, Progress, SocksError, SocksHost, SocksTarget, SocksUser, SocksVersion,
};
use crate::wire::tunnel::write_connect;

use super::Exchange;
use super::io::{Input, Name, Output, Received, Transfer};
use super::retrying::class;
use super::state::{Choice, Lookup, Opening, Parting, Raising, State, Work};

impl<S> Exchange<S> {
    /// A socket is through: raises the layers above it.
    pub(super) fn raise(&mut self, opening: Box<Opening>, socket: S) -> State<S> {
        if opening.route.layers.len() <= 1 {
            return self.begin_talking(Connection {
                socket,
                stack: None,
                route: opening.route,
                permit: opening.permit,
                requests: 0,
                idle_since: self.now,
            });
        }
        self.buffers.forget();
        let stack = Box::new(Stack::new(core::mem::take(&mut self.buffers.stack)));
        self.raise_next(opening, socket, stack, 1)
    }

    /// Begins with layer `done`, or with the request if that was the last one.
    fn raise_next(
        &mut self,
        opening: Box<Opening>,
        socket: S,
        mut stack: Box<Stack>,
        done: usize,
    ) -> State<S> {
        let work = match opening.route.layers.get(done) {
            None => return self.raised(*opening, socket, stack),
            Some(Layer::Tls { role, host, port }) => {
                let peer = TlsPeer { role: *role, host, port: *port };
                let begun = self.begin_tls(&opening, peer).and_then(|session| stack.add(session));
                begun.map(|()| Work::Tls(*role)).map_err(|error| tls_error(*role, error))
            }
            Some(Layer::Connect { host, port }) => {
                self.begin_tunnel(&opening, host, *port, &mut stack)
            }
            Some(Layer::Socks { host, port }) => begin_socks(&opening, host, *port, &mut stack),
            Some(Layer::Tcp { .. }) => {
                return self.raise_next(opening, socket, stack, done.saturating_add(1));
            }
        };
        match work {
            Ok(work) => State::Raising(Box::new(Raising { opening, socket, stack, done, work })),
            Err(error) => match (opening.route.layers.get(done), error.kind()) {
                (_, ErrorKind::InvalidProxyUrl) => self.failed(error),
                (Some(Layer::Socks { .. }), _) => self.broken_off(error, Failure::Connect),
                (_, _) => self.broken_off(error, Failure::Other),
            },
        }
    }

    /// A session of TLS with a peer, by the configuration for it.
    fn begin_tls(
        &self,
        opening: &Opening,
        peer: TlsPeer<'_>,
    ) -> Result<Box<dyn TlsSession>, TlsError> {
        let secured = opening.tls.as_ref().map_err(TlsError::clone)?;
        let config = match peer.role {
            Role::Origin => &secured.origin,
            Role::Proxy => &secured.proxy,
        };
        config.connect(peer, self.wall)
    }

    /// Asks the proxy for a tunnel.
    fn begin_tunnel(
        &mut self,
        opening: &Opening,
        host: &str,
        port: u16,
        stack: &mut Stack,
    ) -> Result<Work, Error> {
        let mut out = Vec::new();
        let own = self.call.request.headers.get(http::header::AUTHORIZATION);
        let own = own.filter(|_| Plant::AuthorizationInConnect.is_on());
        write_connect(host, port, own.or(self.call.to_proxy.value.as_ref()), &mut out);
        let out = Secret::new(out);
        stack.write(out.reveal()).map_err(|error| tls_error(Role::Proxy, error))?;
        self.trace.note(self.now, || What::Tunnel(opening.route.shown.clone()));
        let mut head = self.buffers.head_in.take().unwrap_or_default();
        head.clear();
        Ok(Work::Tunnel { heads: Heads::default(), head })
    }

    /// All layers stand.
    fn raised(&mut self, opening: Opening, socket: S, mut stack: Box<Stack>) -> State<S> {
        if !self.buffers.unread().is_empty() {
            return self.broken_off(Error::from(ReceiveError::Unasked), Failure::Read);
        }
        let stack = if stack.is_empty() {
            self.buffers.stack = stack.strip();
            None
        } else {
            self.trace.note(self.now, || What::Secured(opening.route.shown.clone()));
            Some(stack)
        };
        self.begin_talking(Connection {
            socket,
            stack,
            route: opening.route,
            permit: opening.permit,
            requests: 0,
            idle_since: self.now,
        })
    }

    /// What a layer at work asks for.
    pub(super) fn poll_raising(raising: &mut Raising<S>) -> Output<'_, S> {
        match &raising.work {
            Work::Lookup { host, port, lookup: Lookup::Wanted } => {
                return Output::Resolve(Name { host, port: *port });
            }
            Work::Lookup { lookup: Lookup::UnderWay, .. } => return Output::Wait,
            Work::Tls(_) | Work::Tunnel { .. } | Work::Socks(_) => {}
        }
        let (unsent, receive) = raising.stack.lend();
        let socket = &mut raising.socket;
        Output::Transfer(Transfer { socket, send: [unsent, &[]], receive, upload: None })
    }

    /// Something was told while a layer is at work.
    pub(super) fn raising_told(
        &mut self,
        raising: Box<Raising<S>>,
        input: Input<'_, S>,
    ) -> State<S> {
        match input {
            Input::Moved { sent, received } => self.raising_moved(raising, sent, received),
            Input::Lost(why) => self.raising_lost(&raising, why),
            Input::Resolved(addresses) => self.target_resolved(raising, Ok(addresses)),
            Input::Unresolved(why) => self.target_resolved(raising, Err(why)),
            Input::Pending => Self::target_pending(raising),
            _ => State::Raising(raising),
        }
    }

    /// What an alert asks for.
    pub(super) fn poll_parting(parting: &mut Parting<S>) -> Output<'_, S> {
        let (unsent, receive) = parting.stack.lend();
        let socket = &mut parting.socket;
        Output::Transfer(Transfer { socket, send: [unsent, &[]], receive, upload: None })
    }

    /// Bytes moved while a layer is at work.
    fn raising_moved(
        &mut self,
        mut raising: Box<Raising<S>>,
        sent: usize,
        received: Received,
    ) -> State<S> {
        raising.stack.sent(sent);
        let is_closed = match received {
            Received::Nothing => return State::Raising(raising),
            Received::Bytes(0) => true,
            // A proxy that answers before it was asked answers something else. TLS says so itself.
            Received::Bytes(_)
                if !raising.stack.has_begun() && !matches!(raising.work, Work::Tls(_)) =>
            {
                return self.broken_off(ReceiveError::Unasked.into(), Failure::Read);
            }
            Received::Bytes(count) => {
                raising.stack.filled(count);
                false
            }
        };
        let max = self.call.limits.receive_bytes_max;
        let read = self.buffers.gather(|plain| raising.stack.read(plain, max));
        if let Err(error) = read {
            return self.raising_failed(*raising, error);
        }
        match self.advance_layer(&mut raising) {
            Err(error) => self.part(*raising, error),
            Ok(Layered::Stands) => {
                let Raising { opening, socket, stack, done, .. } = *raising;
                let state = self.raise_next(opening, socket, stack, done.saturating_add(1));
                if is_closed { self.closed_while_raised(state) } else { state }
            }
            Ok(Layered::Again) => State::Planning { choice: Choice::Any },
            Ok(Layered::Pending) if is_closed => self.closed_while_raised(State::Raising(raising)),
            Ok(Layered::Pending) => State::Raising(raising),
        }
    }

    /// The peer has closed the connection while its layers are raised.
    fn closed_while_raised(&mut self, state: State<S>) -> State<S> {
        let State::Raising(raising) = state else { return state };
        let error = match &raising.work {
            Work::Tls(role) => tls_error(
                *role,
                TlsError::Broken("it closed the connection within the handshake".into()),
            ),
            Work::Tunnel { .. } => ReceiveError::NoResponse.into(),
            Work::Socks(_) | Work::Lookup { .. } => Error::from(SocksError::Closed),
        };
        let failure = class(&raising.work, &error);
        self.broken_off(error, failure)
    }

    /// The connection broke while its layers are raised.
    fn raising_lost(&mut self, raising: &Raising<S>, why: IoError) -> State<S> {
        let kind = match &raising.work {
            Work::Tls(Role::Proxy) => ErrorKind::Proxy,
            Work::Tls(Role::Origin)
            | Work::Tunnel { .. }
            | Work::Socks(_)
            | Work::Lookup { .. } => ErrorKind::Connection,
        };
        let error = Error::new(kind, why);
        let failure = class(&raising.work, &error);
        self.broken_off(error, failure)
    }

    /// Goes on with the layer at work.
    fn advance_layer(&mut self, raising: &mut Raising<S>) -> Result<Layered, Error> {
        match &mut raising.work {
            Work::Tls(_) => Ok(match raising.stack.stage() {
                Stage::Handshake => Layered::Pending,
                Stage::Open | Stage::Ended => Layered::Stands,
            }),
            Work::Socks(handshake) => {
                let (used, progress) = handshake.receive(self.buffers.unread())?;
                self.buffers.consume(used);
                let unsent = Secret::new(handshake.unsent().to_vec());
                handshake.sent(unsent.reveal().len());
                raising
                    .stack
                    .write(unsent.reveal())
                    .map_err(|error| tls_error(Role::Proxy, error))?;
                match progress {
                    Progress::Pending => Ok(Layered::Pending),
                    Progress::Done if !self.buffers.unread().is_empty() => {
                        Err(SocksError::Surplus.into())
                    }
                    Progress::Done => Ok(Layered::Stands),
                }
            }
            Work::Tunnel { heads, head } => loop {
                match heads.step(head, self.buffers.unread(), &self.call.limits)? {
                    HeadStep::NeedMore => return Ok(Layered::Pending),
                    HeadStep::Interim { used, .. } => self.buffers.consume(used),
                    HeadStep::Final { used } => {
                        self.buffers.consume(used);
                        let head = core::mem::take(head);
                        return self.tunnel_answered(head);
                    }
                }
            },
            Work::Lookup { .. } => Ok(Layered::Pending),
        }
    }

    /// The proxy has answered the request for a tunnel.
    fn tunnel_answered(&mut self, head: Box<ResponseHead>) -> Result<Layered, Error> {
        let status = head.status();
        if !status.is_success() && !Plant::ProxyAnswersForOrigin.is_on() {
            let text = alloc::format!("the proxy refused the tunnel: {status}");
            let response = Response::of_head(alloc::sync::Arc::clone(&self.call.request), head);
            if self.is_tunnel_answered(&response) {
                return Ok(Layered::Again);
            }
            return Err(Error::new(ErrorKind::Proxy, text.as_str()).with_response(response));
        }
        self.buffers.head_in = Some(head);
        if Plant::TunnelSurplusTaken.is_on() {
            self.buffers.forget();
        }
        if self.buffers.unread().is_empty() {
            Ok(Layered::Stands)
        } else {
            // Within a tunnel it is this side that speaks first.
            Err(Error::new(ErrorKind::Proxy, "the proxy sent bytes behind its answer for a tunnel"))
        }
    }

    /// TLS failed.
    fn raising_failed(&mut self, raising: Raising<S>, error: TlsError) -> State<S> {
        let role = match raising.work {
            Work::Tls(role) => role,
            Work::Tunnel { .. } | Work::Socks(_) | Work::Lookup { .. } => Role::Proxy,
        };
        self.part(raising, tls_error(role, error))
    }

    /// Gives the connection up; an alert that is left is sent before.
    fn part(&mut self, raising: Raising<S>, error: Error) -> State<S> {
        let Raising { socket, stack, work, .. } = raising;
        let failure = class(&work, &error);
        match stack.has_unsent() && !stack.is_empty() {
            true => State::Parting(Box::new(Parting { socket, stack, error, failure })),
            false => self.broken_off(error, failure),
        }
    }

    /// The name of the target was looked up for a SOCKS proxy.
    fn target_resolved(
        &mut self,
        mut raising: Box<Raising<S>>,
        found: Result<&[SocketAddr], IoError>,
    ) -> State<S> {
        let Work::Lookup { port, .. } = &raising.work else { return State::Raising(raising) };
        let port = *port;
        let version = socks_version(raising.opening.route.proxy.as_ref());
        let addresses = found.unwrap_or_default();
        let fits = |address: &&SocketAddr| version == SocksVersion::V5 || address.is_ipv4();
        let ipv4_first = addresses.iter().filter(|address| address.is_ipv4()).chain(addresses);
        let Some(address) = ipv4_first.clone().find(fits).map(SocketAddr::ip) else {
            let why = found.err().unwrap_or(IoError::Unresolved);
            return self.not_connected(ErrorKind::Connection, why);
        };
        if let Err(refused) = raising.opening.guard.check(address) {
            return self.failed(Error::new(ErrorKind::Connection, refused));
        }
        let target = SocksTarget { host: SocksHost::Address(address), port };
        match greet(&raising.opening, &target, &mut raising.stack) {
            Ok(work) => {
                raising.work = work;
                State::Raising(raising)
            }
            Err(error) => self.broken_off(error, Failure::Connect),
        }
    }

    /// The look-up for a SOCKS proxy has begun.
    fn target_pending(mut raising: Box<Raising<S>>) -> State<S> {
        if let Work::Lookup { lookup, .. } = &mut raising.work {
            *lookup = Lookup::UnderWay;
        }
        State::Raising(raising)
    }
}

/// Whether a layer stands.
enum Layered {
    Stands,
    Pending,
    /// It has to be begun again, on a new connection: the proxy asked who wants it.
    Again,
}

/// The error of TLS with this side.
fn tls_error(role: Role, error: TlsError) -> Error {
    let kind = match role {
        Role::Origin => ErrorKind::Ssl,
        Role::Proxy => ErrorKind::Proxy,
    };
    Error::new(kind, Cause::from(error))
}

fn socks_version(proxy: Option<&ProxyUrl>) -> SocksVersion {
    match proxy.map(|proxy| proxy.scheme) {
        Some(Scheme::Socks4 | Scheme::Socks4a) => SocksVersion::V4,
        _ => SocksVersion::V5,
    }
}

/// Begins with a SOCKS proxy: at once if it takes names, or with a look-up.
fn begin_socks(opening: &Opening, host: &str, port: u16, stack: &mut Stack) -> Result<Work, Error> {
    let scheme = opening.route.proxy.as_ref().map(|proxy| proxy.scheme);
    let is_remote = matches!(scheme, Some(Scheme::Socks4a | Scheme::Socks5h));
    let target = match host.parse::<IpAddr>() {
        Ok(address) => SocksHost::Address(address),
        // The trailing dot belongs to name resolution here; urllib3 sends none either.
        Err(_) if is_remote => SocksHost::Name(host.strip_suffix('.').unwrap_or(host)),
        Err(_) => return Ok(Work::Lookup { host: host.into(), port, lookup: Lookup::Wanted }),
    };
    greet(opening, &SocksTarget { host: target, port }, stack)
}

/// Who the client is to a SOCKS proxy: nobody, unless its URL has a user and a password. Version 5
/// wants neither of them empty.
///
/// Source: `get_auth_from_url` in requests 2.34.2, `utils.py`, and PySocks 1.7.1.
fn socks_user(proxy: &ProxyUrl, version: SocksVersion) -> Option<SocksUser<'_>> {
    let user = proxy.user.as_ref()?.reveal().as_str();
    let password = proxy.password.as_ref()?.reveal().as_str();
    let is_whole = match version {
        SocksVersion::V4 => true,
        SocksVersion::V5 => !user.is_empty() && !password.is_empty(),
    };
    is_whole.then_some(SocksUser { user, password })
}

/// Says the first words to a SOCKS proxy.
fn greet(opening: &Opening, target: &SocksTarget<'_>, stack: &mut Stack) -> Result<Work, Error> {
    let proxy = opening.route.proxy.as_ref();
    let version = socks_version(proxy);
    let user = proxy.and_then(|proxy| socks_user(proxy, version));
    let mut handshake = Handshake::new(version, target, user.as_ref())?;
    let first = handshake.unsent().len();
    stack.write(handshake.unsent()).map_err(|error| tls_error(Role::Proxy, error))?;
    handshake.sent(first);
    Ok(Work::Socks(handshake))
}
