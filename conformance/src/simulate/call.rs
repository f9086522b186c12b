//! The grammar of calls: method, URL, fields, credentials, body, options, and what the caller does.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sessio_core::message::{Rewind, Upload};
use sessio_core::{Cookie, Request, Timeouts};

use super::chain::{Chain, Credential, Field};
use super::fault::{Fault, FaultSet};
use super::marker::{Markers, Owner};
use super::random::Random;
use super::served::User;
use super::setup::{Puppet, Setup};
use super::trigger;
use super::trust::{IDENTITIES, Trust, certificate};
use super::via::Said;
use super::world::{HOSTS, Origin};

/// Where the bytes of an upload come from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Feed {
    pub(crate) bytes: Vec<u8>,
    pub(crate) at: usize,
    pub(crate) fails_at: Option<usize>,
    pub(crate) may_rewind: bool,
}

/// How the caller takes the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// As a whole.
    Whole,
    /// In pieces, so many bytes at a time.
    Pieces(usize),
    /// In pieces, and after so many bytes no more.
    Until(usize),
}

/// A call that is to be made.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) request: Request<Puppet>,
    pub(crate) chain: Chain,
    pub(crate) reading: Reading,
    /// After how many outputs the caller drops it.
    pub(crate) cancel_at: Option<usize>,
    pub(crate) timeouts: Timeouts,
    /// Whether its body comes from a source.
    pub(crate) is_fed: bool,
    /// Whether the runtime is asked before and after.
    pub(crate) asks: bool,
}

/// Paths as they are written and as they have to go out.
const PATHS: [(&str, &str); 8] = [
    ("", ""),
    ("", ""),
    ("?a=1&b=2", "?a=1&b=2"),
    ("/%7Euser", "/~user"),
    ("/a b", "/a%20b"),
    ("/x/../y", "/y"),
    ("?q=a%20b", "?q=a%20b"),
    ("/%c3%a9;p=1", "/%C3%A9;p=1"),
];

const METHODS: [&str; 10] =
    ["GET", "GET", "GET", "GET", "HEAD", "POST", "POST", "PUT", "DELETE", "PATCH"];

/// The value of an `Authorization` with these.
pub(super) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// An origin, of a call or a redirect.
pub(super) fn origin(setup: &Setup, random: &mut Random) -> Origin {
    // Some hosts more often, so that connections are used again.
    let host = if random.chance(500) { random.below(2) } else { random.below(HOSTS.len()) };
    let is_tls = random.chance(setup.tls_share);
    let ports = if is_tls { [443, 8443, 8080] } else { [80, 8080, 8443] };
    let port = match random.below(100) {
        0..80 => ports[0],
        80..95 => ports[1],
        // The port of the other scheme.
        _ => ports[2],
    };
    Origin { is_tls, host, port }
}

/// Text that nobody else has.
pub(super) fn filler(name: &str, count: usize) -> Vec<u8> {
    name.bytes().cycle().take(count).collect()
}

impl Call {
    /// The call of this number.
    pub(super) fn make(setup: &Setup, markers: &mut Markers, number: usize) -> Self {
        let mut random = Random::of(&[setup.seed, 2, number as u64]);
        let home = origin(setup, &mut random);
        let method = *random.pick(&METHODS);
        let (written, target) = path(&mut random, number);
        let chain = Self::chain(setup, number, home, (method, target));
        let login = Login::draw(number, markers, &mut random);
        // A URL with a user begins otherwise than the prefix that an adapter is mounted under.
        let is_odd = matches!(login, Login::Userinfo(..)) && !setup.mounts.is_empty();
        let login = if is_odd { Login::Nothing } else { login };
        let userinfo = login.userinfo();
        let url = format!("{}://{userinfo}{}{written}", home.scheme(), spelled(home, &mut random));
        let mut call = Self {
            request: Request::new(method, url).header("X-Tag", format!("t{number}")),
            chain,
            reading: Reading::Whole,
            cancel_at: None,
            timeouts: Timeouts { total: Some(Duration::from_secs(60)), ..Timeouts::NONE },
            is_fed: false,
            asks: random.chance(120),
        };
        call.credentials(login);
        call.fields(setup, markers, &mut random);
        call.body(setup, &mut random);
        call.options(setup, &mut random);
        call.way(setup, &mut random);
        if setup.faults.has(Fault::Trigger) && random.chance(300) {
            trigger::plant(&mut call, setup, markers, &mut random);
            call.chain.befell = call.chain.befell.with(Fault::Trigger);
        }
        call
    }

    /// What the reference knows before anything was added.
    fn chain(setup: &Setup, call: usize, home: Origin, line: (&str, String)) -> Chain {
        Chain {
            call,
            home,
            at: home,
            method: line.0.to_owned(),
            target: Some(line.1),
            user: User::Nobody,
            body: Some(Vec::new()),
            has_body_type: false,
            credential: setup.credential.clone(),
            sensitive: Vec::new(),
            host_override: None,
            own_cookie: None,
            call_cookies: Vec::new(),
            cookies: Vec::new(),
            follows: true,
            hops_max: setup.redirects_max,
            hops: 0,
            befell: setup.befalls_all,
            inherits: FaultSet::NONE,
            sent_on: None,
            sends: 0,
            served_before: None,
            tries_left: setup.retrying.as_ref().map_or(0, |retrying| retrying.total),
            answered_at: 0,
            visits: 0,
            answering: None,
            served: None,
            counted: None,
            must_not_go: false,
            has_proved: false,
            must_prove: None,
            said: Said::Nothing,
            via: None,
            own_proxy: None,
            trust: setup.trusts(None),
            call_identity: setup.identity,
            identity: None,
            adapter: 0,
            is_secured: false,
            has_told_proxy: false,
            is_excused: false,
        }
    }

    /// Says which proxy it goes through, and what TLS is to be like.
    pub(super) fn way(&mut self, setup: &Setup, random: &mut Random) {
        self.chain.said = setup.ways.said(random);
        match &self.chain.said {
            Said::Nothing => {}
            Said::Direct => self.edit(Request::no_proxy),
            Said::These(list) => {
                let proxies = setup.ways.proxies(list);
                self.edit(|request| request.proxies(proxies));
            }
        }
        if setup.tls_share > 0 && random.chance(300) {
            let trust = Trust::draw(random, setup.is_real);
            self.edit(|request| request.verify(trust.verify(&setup.texts)));
            self.chain.trust = setup.trusts(Some(trust));
        }
        if setup.tls_share > 0 && random.chance(150) {
            let identity = random.below(IDENTITIES);
            self.edit(|request| request.cert(certificate(identity, &setup.texts)));
            self.chain.call_identity = Some(identity);
        }
    }

    pub(super) fn edit(&mut self, edit: impl FnOnce(Request<Puppet>) -> Request<Puppet>) {
        let request = std::mem::replace(&mut self.request, Request::get(""));
        self.request = edit(request);
    }

    /// Gives it a credential. The call goes before the session, that before the URL, that before
    /// a field, that before netrc.
    fn credentials(&mut self, login: Login) {
        let by_digest = matches!(self.chain.credential, Credential::Digest { .. });
        let of_session = by_digest || matches!(self.chain.credential, Credential::Explicit(_));
        let value = match login {
            Login::Nothing => return,
            Login::Off => {
                self.edit(Request::no_auth);
                self.chain.credential = Credential::None;
                return;
            }
            Login::Basic(user, password) => {
                let value = basic(&user, &password);
                self.edit(|request| request.basic_auth(user, password));
                value
            }
            Login::Bearer(token) => {
                let value = format!("Bearer {token}");
                self.edit(|request| request.bearer_auth(token));
                value
            }
            Login::Digest(user, password) => {
                self.edit(|request| request.digest_auth(user.clone(), password.clone()));
                self.chain.credential = Credential::Digest { user, password };
                return;
            }
            Login::Userinfo(..) if of_session => return,
            // It would go out first, and be replaced by the answer.
            Login::Field(_) if by_digest => return,
            Login::Userinfo(user, password) => basic(&user, &password),
            Login::Field(text) => {
                self.edit(|request| request.header("authorization", &text));
                if of_session {
                    return;
                }
                text
            }
        };
        self.chain.credential = Credential::Explicit(value);
    }

    /// Gives it header fields and cookies.
    fn fields(&mut self, setup: &Setup, markers: &mut Markers, random: &mut Random) {
        let number = self.chain.call;
        if let Some(secret) = &setup.sensitive {
            if random.chance(500) {
                let (name, value) = ("x-session-key", secret.clone());
                self.chain.sensitive.push(Field { name, value });
            } else {
                self.edit(|request| request.without_header("X-Session-Key"));
            }
        }
        if random.chance(150) {
            let secret = markers.make(Owner::Sensitive(number));
            let mut value = http::HeaderValue::try_from(secret.as_str()).expect("letters");
            value.set_sensitive(true);
            self.edit(|request| request.header_value("X-Api-Key", value));
            self.chain.sensitive.push(Field { name: "x-api-key", value: secret });
        }
        if random.chance(150) {
            let (name, value) = (format!("call{number}"), markers.make(Owner::CallCookie(number)));
            self.chain.call_cookies.push(format!("{name}={value}"));
            self.edit(|request| request.cookie(Cookie::new(name, value)));
        }
        if random.chance(50) {
            let line = format!("own={}", markers.make(Owner::CallCookie(number)));
            self.edit(|request| request.header("Cookie", &line));
            self.chain.own_cookie = Some(line);
        }
    }

    /// Gives it a body.
    fn body(&mut self, setup: &Setup, random: &mut Random) {
        if !matches!(self.chain.method.as_str(), "POST" | "PUT" | "PATCH") {
            return;
        }
        let count = *random.pick(&[0, 1, 40, 300, 300, 2000, 40_000]);
        let bytes = filler(&format!("body-of-{}.", self.chain.call), count);
        if count == 0 {
            return;
        }
        self.edit(|request| request.header("Content-Type", "text/x-sim"));
        self.chain.has_body_type = true;
        self.chain.body = Some(bytes.clone());
        if random.chance(600) {
            self.edit(|request| request.body(bytes));
            return;
        }
        let kinds = [Fault::SourceFails, Fault::UploadShort, Fault::UploadLong, Fault::NoRewind];
        let fault = setup.draw(&kinds, random);
        if let Some(fault) = fault {
            self.chain.befell = self.chain.befell.with(fault);
        }
        if matches!(fault, Some(Fault::UploadShort | Fault::UploadLong)) {
            self.chain.body = None;
        }
        let may_rewind = fault != Some(Fault::NoRewind);
        let length = (random.chance(500)
            || matches!(fault, Some(Fault::UploadShort | Fault::UploadLong)))
        .then_some(match fault {
            Some(Fault::UploadShort) => count as u64 + 1,
            Some(Fault::UploadLong) => count as u64 - 1,
            _ => count as u64,
        });
        let fails_at = (fault == Some(Fault::SourceFails)).then(|| random.below(count));
        self.is_fed = true;
        let source = Feed { bytes, at: 0, fails_at, may_rewind };
        let rewind = if may_rewind { Rewind::Possible } else { Rewind::Impossible };
        self.edit(|request| request.upload(Upload { source, length, rewind }));
    }

    /// Gives it options, and says what the caller does.
    fn options(&mut self, setup: &Setup, random: &mut Random) {
        let head = self.chain.method == "HEAD";
        self.chain.follows = random.chance(if head { 300 } else { 900 });
        let (follows, streams) = (self.chain.follows, random.chance(300));
        self.edit(|request| request.allow_redirects(follows).stream(streams));
        if streams {
            self.reading = match setup.draw(&[Fault::ReadsByOne, Fault::NeverReads], random) {
                Some(Fault::ReadsByOne) => {
                    self.chain.befell = self.chain.befell.with(Fault::ReadsByOne);
                    Reading::Pieces(1)
                }
                Some(_) => {
                    self.chain.befell = self.chain.befell.with(Fault::NeverReads);
                    Reading::Until(random.below(100))
                }
                None => Reading::Pieces(usize::MAX),
            };
        }
        if setup.draws(Fault::Cancel, random) {
            self.chain.befell = self.chain.befell.with(Fault::Cancel);
            let most = *random.pick(&[10, 40]);
            self.cancel_at = Some(random.between(1, most));
        }
        if setup.draws(Fault::TightDeadline, random) {
            self.chain.befell = self.chain.befell.with(Fault::TightDeadline);
            // Waits of peers are whole milliseconds: one tick before, at, and after.
            let tick = |random: &mut Random| {
                let at = random.between(1, 80) * 1_000_000 + random.below(3);
                Some(Duration::from_nanos(at as u64 - 1))
            };
            match random.below(4) {
                0 => self.timeouts.connect = tick(random),
                1 => self.timeouts.read = tick(random),
                2 => self.timeouts.total = tick(random),
                _ => self.timeouts.pool = tick(random),
            }
        }
        let timeouts = self.timeouts;
        self.edit(|request| request.timeout(timeouts));
    }
}

/// How a call says who the caller is.
#[derive(Debug)]
enum Login {
    Nothing,
    Off,
    Basic(String, String),
    Bearer(String),
    Userinfo(String, String),
    Field(String),
    Digest(String, String),
}

impl Login {
    fn draw(number: usize, markers: &mut Markers, random: &mut Random) -> Self {
        let mut secret = || markers.make(Owner::Authorization(number));
        match random.below(10) {
            0 => Self::Basic(secret(), secret()),
            1 => Self::Bearer(secret()),
            2 => Self::Userinfo(secret(), secret()),
            3 => Self::Field(format!("Custom {}", secret())),
            4 => Self::Off,
            5 => {
                let user = secret();
                Self::Digest(user, markers.make(Owner::Nobody))
            }
            _ => Self::Nothing,
        }
    }

    /// What stands before the host.
    fn userinfo(&self) -> String {
        match self {
            Self::Userinfo(user, password) => format!("{user}:{password}@"),
            _ => String::new(),
        }
    }
}

/// Host and port as somebody may write them.
fn spelled(origin: Origin, random: &mut Random) -> String {
    let host = &HOSTS[origin.host];
    let name = match host.spellings {
        [] => host.name,
        spellings if random.chance(200) => random.pick(spellings),
        _ => host.name,
    };
    match (origin.has_default_port(), random.chance(100)) {
        (true, false) => name.to_owned(),
        _ => format!("{name}:{}", origin.port),
    }
}

/// Path and query as they are written and as they have to go out.
fn path(random: &mut Random, number: usize) -> (String, String) {
    let (written, sent) = random.pick(&PATHS);
    let (directory, dots) = (random.below(3), written.starts_with("/x/../"));
    let base = format!("/d{directory}/t{number}");
    match dots {
        true => (format!("{base}{written}"), format!("{base}{sent}")),
        false => (format!("{base}/h0{written}"), format!("{base}/h0{sent}")),
    }
}
