//! What peers do before there is HTTP on a connection: TLS, tunnels, SOCKS.
//!
//! Source: RFC 1928, RFC 1929 and the notes on SOCKS 4 and 4A, read anew; RFC 9110, 9.3.6.

use std::net::IpAddr;

use super::answer::MS;
use super::fault::Fault;
use super::layer::{Asking, Layer, NullServer, Plan, Stage};
use super::random::Random;
use super::run::{Run, Violation};
use super::served::End;
use super::trust::{Issuer, Shown};
use super::via::Via;
use super::wire::{Line, Listening};
use super::world::{PROXIES, Place, place_at, place_named};

/// What a SOCKS proxy waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Socks {
    Hello,
    Login,
    Request,
}

/// What can befall the request for a tunnel.
const OF_TUNNELS: [Fault; 4] =
    [Fault::ProxyRefuses, Fault::ProxyAuth, Fault::ProxyGarbage, Fault::ProxyCloses];

/// What can befall a handshake of TLS.
const OF_TLS: [Fault; 5] = [
    Fault::TlsAlert,
    Fault::WrongName,
    Fault::Expired,
    Fault::UnknownIssuer,
    Fault::AsksCertificate,
];

/// Whether more can be read at once.
type Progress = Result<bool, Violation>;

impl Line {
    /// The proxy at its other end, as long as it has not led on.
    pub(super) fn proxy(&self) -> Option<usize> {
        match (self.at.0, self.reached) {
            (Place::Proxy(proxy), None) => Some(proxy),
            _ => None,
        }
    }

    /// The peer hears and says no more.
    fn breaks_off(&mut self, at: u64, end: End) {
        self.finish(at, end);
        self.listening = Listening::Deaf;
        self.spoil(at, "broken off by the peer");
    }
}

impl Run {
    /// Takes what came through the layers of TLS.
    pub(super) fn decode(&mut self, number: usize) -> Result<(), Violation> {
        let line = &mut self.wire.lines[number];
        if line.raw.is_empty() {
            return Ok(());
        }
        let (mut bytes, at) = (std::mem::take(&mut line.raw), self.now + MS);
        for place in 0..line.layers.len() {
            let (mut plain, mut out) = (Vec::new(), Vec::new());
            let layer = &mut line.layers[place];
            let taken = layer.take(&bytes, &mut plain, &mut out);
            let is_over = layer.stage() == Stage::Over;
            taken.map_err(|text| Violation { invariant: "I7", text, call: line.opener })?;
            line.say_below(at, out, place);
            if is_over {
                line.breaks_off(at, End::Truncated);
            }
            bytes = plain;
        }
        line.inbox.extend_from_slice(&bytes);
        Ok(())
    }

    /// The first byte tells what follows.
    pub(super) fn greeted(&mut self, number: usize) -> Progress {
        let line = &mut self.wire.lines[number];
        let Some(first) = line.inbox.first().copied() else { return Ok(false) };
        let is_socks = line.proxy().is_some_and(|proxy| PROXIES[proxy].scheme.starts_with("socks"));
        if is_socks {
            line.listening = Listening::Socks(Socks::Hello);
        } else if first == 22 && line.layers.len() < 2 {
            let bytes = std::mem::take(&mut line.inbox);
            line.raw = bytes;
            let layer = self.secure(number);
            self.wire.lines[number].layers.push(layer);
            let line = &mut self.wire.lines[number];
            let place = line.layers.len() - 1;
            let (mut plain, mut out) = (Vec::new(), Vec::new());
            let bytes = std::mem::take(&mut line.raw);
            let taken = line.layers[place].take(&bytes, &mut plain, &mut out);
            taken.map_err(|text| Violation { invariant: "I7", text, call: line.opener })?;
            line.inbox = plain;
            line.say_below(self.now + MS, out, place);
            if line.layers[place].stage() == Stage::Over {
                line.breaks_off(self.now + MS, End::Truncated);
            }
        } else {
            line.listening = Listening::Head;
        }
        Ok(true)
    }

    /// The peer's side of TLS on a connection.
    fn secure(&mut self, number: usize) -> Layer {
        let line = &self.wire.lines[number];
        let mut random = Random::of(&[line.seed, 21, line.layers.len() as u64]);
        let fault = self.setup.draw(&OF_TLS, &mut random);
        let is = |kind| fault == Some(kind);
        let may_ask = random.chance(250);
        let plan = Plan {
            shown: Shown {
                is_for_host: !is(Fault::WrongName),
                is_expired: is(Fault::Expired),
                issuer: if is(Fault::UnknownIssuer) { Issuer::Nobody } else { Issuer::First },
            },
            asking: match fault {
                Some(Fault::AsksCertificate) => Asking::Must,
                _ if may_ask => Asking::May,
                _ => Asking::No,
            },
            refuses: is(Fault::TlsAlert),
            is_old: random.chance(300),
        };
        let opener = line.opener;
        if let (Some(fault), Some(opener)) = (fault, opener) {
            self.befall(opener, fault);
            if let Some(chain) = &mut self.chains[opener] {
                chain.is_excused |= !plan.shown.is_fine_for(chain.trust);
            }
        }
        self.log(|| format!("call {opener:?}: TLS on line {number}, {plan:?}"));
        match &mut self.servers {
            None => Layer::Null(NullServer::new(plan)),
            Some(servers) => Layer::Real(Box::new(servers.begin(plan, self.wall))),
        }
    }

    /// The proxy of the call that opened a connection.
    fn via_of(&self, number: usize) -> Option<&Via> {
        let chain = self.chains[self.wire.lines[number].opener?].as_ref()?;
        Some(&self.setup.ways.vias[chain.via?])
    }

    /// A request for a tunnel: it has to be the one that is due, byte by byte.
    pub(super) fn tunnel(&mut self, number: usize) -> Progress {
        let line = &self.wire.lines[number];
        let Some(call) = line.opener else { return Ok(false) };
        let Some(end) = line.inbox.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(false);
        };
        let (Some(chain), Some(via)) = (&self.chains[call], self.via_of(number)) else {
            return Ok(false);
        };
        let mut due = format!("CONNECT {}:{} HTTP/1.0\r\n", chain.at.name(), chain.at.port);
        if let Some(value) = via.authorization() {
            due.push_str(&format!("Proxy-Authorization: {value}\r\n"));
        }
        due.push_str("\r\n");
        let head = &line.inbox[..end + 4];
        if head != due.as_bytes() {
            let text = format!("{:?} where {due:?} was due", String::from_utf8_lossy(head));
            return Err(Violation { invariant: "I1", text, call: Some(call) });
        }
        let to = (Place::Host(chain.at.host), chain.at.port);
        let mut random = Random::of(&[line.seed, 31]);
        let fault = self.setup.draw(&OF_TUNNELS, &mut random);
        if let Some(fault) = fault {
            self.befall(call, fault);
        }
        let at = self.now + random.between(1, 20) as u64 * MS;
        let line = &mut self.wire.lines[number];
        line.inbox.drain(..end + 4);
        match fault {
            Some(fault) => Self::spoil_tunnel(line, fault, at, &mut random),
            None => {
                let answers: [&[u8]; 4] = [
                    b"HTTP/1.1 200 Connection established\r\n\r\n",
                    b"HTTP/1.0 200 OK\r\nProxy-Agent: p\r\n\r\n",
                    b"HTTP/1.1 204 x\r\nContent-Length: 5\r\n\r\n",
                    b"HTTP/1.1 200 OK\r\nSet-Cookie: p=1\r\nTransfer-Encoding: chunked\r\n\r\n",
                ];
                line.say(at, random.pick(&answers).to_vec());
                line.reached = Some(to);
                line.listening = Listening::Greeting;
            }
        }
        self.log(|| format!("call {call}: a tunnel on line {number}, {fault:?}"));
        Ok(true)
    }

    /// A tunnel that does not come about.
    fn spoil_tunnel(line: &mut Line, fault: Fault, at: u64, random: &mut Random) {
        let answers: &[&[u8]] = match fault {
            Fault::ProxyRefuses => &[
                b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno",
                b"HTTP/1.1 302 Found\r\nLocation: http://evila.test/\r\nContent-Length: 0\r\n\r\n",
                b"HTTP/1.1 502 Bad Gateway\r\n\r\nX-Serve: 1",
                b"HTTP/1.1 401 x\r\nWWW-Authenticate: Basic realm=x\r\n\r\n",
                b"HTTP/1.1 503 x\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
            ],
            Fault::ProxyAuth => &[
                b"HTTP/1.1 407 x\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n",
                b"HTTP/1.1 407 x\r\nProxy-Authenticate: Digest realm=x, nonce=n\r\n\r\n",
            ],
            Fault::ProxyGarbage => &[
                b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL",
                b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL",
                b"\x16\x03\x01\x00\x02\x02\x28",
                b"SSH-2.0-x\r\n\r\n",
                b"HTTP/1.1 200 OK\nX\0: y\n\n",
            ],
            _ => &[b"", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\nX: "],
        };
        line.say(at, random.pick(answers).to_vec());
        let end = if random.chance(300) { End::Reset } else { End::Closed };
        line.breaks_off(at + random.between(0, 3) as u64 * MS, end);
    }

    /// The words with a SOCKS proxy.
    pub(super) fn socks(&mut self, number: usize, step: Socks) -> Progress {
        let line = &self.wire.lines[number];
        let Some(via) = self.via_of(number) else { return Ok(false) };
        let is_four = via.host().scheme.starts_with("socks4");
        let read = match (is_four, step) {
            (true, _) => four(&line.inbox, via),
            (false, Socks::Hello) => hello(&line.inbox, via),
            (false, Socks::Login) => login(&line.inbox, via),
            (false, Socks::Request) => five(&line.inbox, via),
        };
        let opener = line.opener;
        let read = read.map_err(|text| Violation { invariant: "I1", text, call: opener })?;
        let Some((used, target)) = read else { return Ok(false) };
        let mut random = Random::of(&[line.seed, 41, step as u64]);
        let has_login = via.login.is_some();
        let is_last = target.is_some();
        let fault = (is_last || random.chance(100))
            .then(|| self.setup.draw(&[Fault::SocksRefuses, Fault::ProxyCloses], &mut random))
            .flatten();
        if let (Some(fault), Some(call)) = (fault, opener) {
            self.befall(call, fault);
        }
        let at = self.now + random.between(1, 9) as u64 * MS;
        let line = &mut self.wire.lines[number];
        line.inbox.drain(..used);
        if let Some(fault) = fault {
            if fault == Fault::SocksRefuses {
                line.say(at, refusal(is_four, is_last, &mut random));
            }
            line.breaks_off(at + MS, End::Closed);
            return Ok(true);
        }
        let (says, next): (&[u8], _) = match (is_four, step) {
            (true, _) => (&[0, 90, 1, 2, 3, 4, 5, 6], Listening::Greeting),
            (false, Socks::Hello) if has_login && random.chance(800) => {
                (&[5, 2], Listening::Socks(Socks::Login))
            }
            (false, Socks::Hello) => (&[5, 0], Listening::Socks(Socks::Request)),
            (false, Socks::Login) => (&[1, 0], Listening::Socks(Socks::Request)),
            (false, Socks::Request) if random.chance(500) => {
                (&[5, 0, 0, 3, 2, b'x', b'y', 0, 80], Listening::Greeting)
            }
            (false, Socks::Request) => (&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0], Listening::Greeting),
        };
        line.say(at, says.to_vec());
        line.listening = next;
        line.reached = target;
        self.log(|| format!("call {opener:?}: SOCKS on line {number}, {step:?}, {target:?}"));
        Ok(true)
    }
}

/// How a SOCKS proxy says no, or nonsense. A yes with bytes behind it is not among it: where it comes
/// byte by byte, nobody can tell those from what the origin says to a request that went out between.
fn refusal(is_four: bool, is_last: bool, random: &mut Random) -> Vec<u8> {
    let code = random.between(1, 9) as u8;
    let answers: Vec<Vec<u8>> = match (is_four, is_last) {
        (true, _) => vec![vec![0, 90 + code, 0, 0, 0, 0, 0, 0], b"HTTP/1.1 400 x\r\n\r\n".to_vec()],
        (false, true) => {
            vec![vec![5, code, 0, 1, 0, 0, 0, 0, 0, 0], vec![5, 0, 0, code + 4, 0, 0], vec![4, 0]]
        }
        (false, false) => vec![vec![5, 255], vec![1, 1], vec![9, 9]],
    };
    random.pick(&answers).clone()
}

/// Where a request to a SOCKS proxy leads, and how many bytes it has; `None` if it is not whole.
type Asked = Result<Option<(usize, Option<(Place, u16)>)>, String>;

/// The methods: the password only where there is one.
fn hello(bytes: &[u8], via: &Via) -> Asked {
    let due: &[u8] = if via.login.is_some() { &[5, 2, 0, 2] } else { &[5, 1, 0] };
    match bytes {
        bytes if bytes == due => Ok(Some((due.len(), None))),
        bytes if due.starts_with(bytes) => Ok(None),
        _ => Err(format!("{bytes:?} to a SOCKS proxy where {due:?} was due")),
    }
}

/// User and password: those of this proxy, byte by byte.
fn login(bytes: &[u8], via: &Via) -> Asked {
    let Some((user, password)) = &via.login else { return Err("a login out of turn".into()) };
    let length = |text: &str| [u8::try_from(text.len()).unwrap_or(255)];
    let parts: [&[u8]; 5] =
        [&[1], &length(user), user.as_bytes(), &length(password), password.as_bytes()];
    let due = parts.concat();
    match bytes {
        bytes if bytes == due => Ok(Some((due.len(), None))),
        bytes if due.starts_with(bytes) => Ok(None),
        _ => Err("another login for a SOCKS proxy".into()),
    }
}

fn port(bytes: &[u8]) -> u16 {
    u16::from_be_bytes([bytes[0], bytes[1]])
}

fn target(place: Option<Place>, port: u16, used: usize) -> Asked {
    let place = place.ok_or("a SOCKS proxy is asked for somebody unknown")?;
    Ok(Some((used, Some((place, port)))))
}

fn five(bytes: &[u8], via: &Via) -> Asked {
    let is_remote = via.host().scheme == "socks5h";
    match bytes {
        [5, 1, 0, 1, rest @ ..] if rest.len() >= 6 => {
            let address = IpAddr::from([rest[0], rest[1], rest[2], rest[3]]);
            target(place_at(address).map(|(place, _)| place), port(&rest[4..]), 10)
        }
        [5, 1, 0, 4, rest @ ..] if rest.len() >= 18 => {
            let octets: [u8; 16] = rest[..16].try_into().unwrap_or_default();
            target(place_at(octets.into()).map(|(place, _)| place), port(&rest[16..]), 22)
        }
        [5, 1, 0, 3, length, rest @ ..] if rest.len() >= usize::from(*length) + 2 => {
            let (name, rest) = rest.split_at(usize::from(*length));
            let name = String::from_utf8_lossy(name).into_owned();
            if !is_remote {
                return Err(format!("the name {name} for a proxy that takes addresses"));
            }
            target(place_named(&name), port(rest), 7 + name.len())
        }
        [5, 1, 0, 1 | 3 | 4, ..] | [] | [5] | [5, 1] | [5, 1, 0] => Ok(None),
        _ => Err(format!("{:?} to a SOCKS proxy", &bytes[..bytes.len().min(8)])),
    }
}

fn four(bytes: &[u8], via: &Via) -> Asked {
    let is_remote = via.host().scheme == "socks4a";
    if !bytes.starts_with(&[4, 1][..bytes.len().min(2)]) {
        return Err("not SOCKS 4".into());
    }
    let Some(rest) = bytes.get(8..) else { return Ok(None) };
    let Some(end) = rest.iter().position(|byte| *byte == 0) else { return Ok(None) };
    let user = via.login.as_ref().map_or("", |(user, _)| user);
    if &rest[..end] != user.as_bytes() {
        return Err("another user for a SOCKS proxy".into());
    }
    let used = 8 + end + 1;
    if bytes[4..7] != [0, 0, 0] {
        let address = IpAddr::from([bytes[4], bytes[5], bytes[6], bytes[7]]);
        return target(place_at(address).map(|(place, _)| place), port(&bytes[2..]), used);
    }
    let rest = &rest[end + 1..];
    let Some(end) = rest.iter().position(|byte| *byte == 0) else { return Ok(None) };
    let name = String::from_utf8_lossy(&rest[..end]).into_owned();
    if !is_remote {
        return Err(format!("the name {name} for a proxy that takes addresses"));
    }
    target(place_named(&name), port(&bytes[2..]), used + end + 1)
}
