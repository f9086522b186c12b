//! What holds for one run: which faults may befall it, how many calls, how the session is set up.

use std::sync::Arc;

use sessio_core::adapters::Adapter;
use sessio_core::environment::Trust;
use sessio_core::policy::merge::Given;
use sessio_core::policy::retry::Retry;
use sessio_core::pool::PoolCaps;
use sessio_core::trace::Recording;
use sessio_core::{Auth, Environment, Kit, Secret, Session};

use super::call::{Feed, basic};
use super::chain::Credential;
use super::fault::{Fault, FaultSet};
use super::later::Retrying;
use super::marker::{Markers, Owner};
use super::null_tls::{self, NullTls};
use super::random::Random;
use super::real_tls;
use super::route::Mount;
use super::trust::{FIRST_FILE, IDENTITIES, Texts, Trust as Trusts, certificate};
use super::via::Ways;
use super::wire::{Cutting, Socket};
use super::world::HOSTS;

/// What the simulation attaches to requests: sources of uploads.
#[derive(Debug)]
pub(crate) struct Puppet;

impl Kit for Puppet {
    type Hook = ();
    type Auth = ();
    type Source = Feed;
}

/// Which ready exchange is served next, and how far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turns {
    /// Any of them, for one output.
    Any,
    /// One after the other, each until it has to wait: then cuts cannot change who comes first.
    InOrder,
}

/// What is asked of a run from outside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) seed: u64,
    /// Faults that may be drawn at all.
    pub(crate) faults: FaultSet,
    /// Which calls are made, by number; those left out leave the others as they are.
    pub(crate) calls: u128,
    pub(crate) view: View,
    pub(crate) tls: Tls,
}

/// Which TLS there is at both ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// The null layer, in every run.
    Null,
    /// rustls in one run of eight.
    Some,
    /// rustls in every run.
    Real,
}

impl Tls {
    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Some => "some",
            Self::Real => "real",
        }
    }
}

/// How a run is looked at: the same calls and faults, cut in another way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// Any order of turns, cuts as faults say.
    Free,
    /// In order, and all streams cut like this.
    Cut(Cutting),
}

/// The most calls of a run, which [`Wanted::calls`] can name.
pub(super) const CALLS_MAX: usize = 96;

/// How much a body may become by decoding, in bytes.
pub(super) const DECODED_MAX: usize = 256 << 10;

/// What holds for one run.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) seed: u64,
    pub(crate) faults: FaultSet,
    /// In how many of a thousand chances a fault happens.
    pub(crate) rate: usize,
    pub(crate) calls: usize,
    pub(crate) concurrent: usize,
    pub(crate) places: (Option<usize>, Option<usize>),
    pub(crate) caps: PoolCaps,
    /// What befalls every call.
    pub(crate) befalls_all: FaultSet,
    pub(crate) redirects_max: usize,
    pub(crate) retrying: Option<Retrying>,
    /// The session's own credential.
    pub(crate) credential: Credential,
    /// What netrc says for each host, as a field value.
    pub(crate) netrc: Vec<Option<String>>,
    netrc_text: Option<String>,
    auth: Option<(String, String)>,
    pub(crate) sensitive: Option<String>,
    pub(crate) records: bool,
    pub(crate) view: View,
    /// Proxies.
    pub(crate) ways: Ways,
    pub(crate) is_real: bool,
    pub(crate) texts: Texts,
    /// What certificates of this side look like to peers.
    pub(crate) identities: [String; IDENTITIES],
    pub(crate) trust: Trusts,
    pub(crate) identity: Option<usize>,
    /// Whether the environment names the first authority.
    has_bundle: bool,
    pub(crate) mounts: Vec<Mount>,
    /// In how many of a thousand cases an origin is one of https.
    pub(crate) tls_share: usize,
}

impl Setup {
    pub(super) fn new(wanted: &Wanted, markers: &mut Markers) -> Self {
        let mut random = Random::of(&[wanted.seed, 1]);
        let bits = u128::from(random.next()) << 64 | u128::from(random.next());
        let faults = match random.below(8) {
            0 => FaultSet::NONE,
            1 => wanted.faults,
            2 => wanted.faults.thinned(bits & bits.rotate_left(37) & bits.rotate_left(71)),
            _ => wanted.faults.thinned(bits),
        };
        let rate = *random.pick(&[30, 100, 250, 500]);
        let few = faults.has(Fault::FewPlaces);
        let places = match random.below(3) {
            0 if few => (Some(random.between(1, 4)), None),
            1 if few => (None, Some(random.between(1, 2))),
            _ if few => (Some(random.between(2, 6)), Some(random.between(1, 3))),
            _ => (None, None),
        };
        let small = FaultSet::NONE.with(Fault::SmallPool);
        let caps = if faults.has(Fault::SmallPool) {
            PoolCaps { pool_connections: random.between(1, 3), pool_maxsize: random.between(1, 2) }
        } else {
            PoolCaps::default()
        };
        let is_real = match wanted.tls {
            Tls::Null => false,
            Tls::Some => wanted.seed % 8 == 3,
            Tls::Real => true,
        };
        let (texts, identities) = texts(is_real, markers);
        let mut setup = Self {
            seed: wanted.seed,
            faults,
            rate,
            calls: random.between(8, CALLS_MAX),
            concurrent: *random.pick(&[1, 2, 4, 8, 16, 32]),
            places,
            caps,
            befalls_all: faults.and(small),
            redirects_max: *random.pick(&[30, 30, 3]),
            retrying: None,
            credential: Credential::None,
            netrc: vec![None; HOSTS.len()],
            netrc_text: None,
            auth: None,
            sensitive: None,
            records: random.chance(60),
            view: wanted.view,
            ways: Ways::draw(&mut random, markers),
            is_real,
            texts,
            identities,
            trust: Trusts::BuiltIn,
            identity: None,
            has_bundle: false,
            mounts: Vec::new(),
            tls_share: *random.pick(&[0, 300, 300, 600]),
        };
        setup.secrets(&mut random, markers);
        setup.secure(&mut random);
        if faults.has(Fault::TryLater) && random.chance(600) {
            setup.retrying = Some(Retrying::draw(&mut random));
        }
        setup
    }

    /// What the session knows of credentials.
    fn secrets(&mut self, random: &mut Random, markers: &mut Markers) {
        match random.below(5) {
            4 => {
                let user = markers.make(Owner::SessionAuthorization);
                let password = markers.make(Owner::Nobody);
                self.credential = Credential::Digest { user, password };
            }
            0 => {
                let user = markers.make(Owner::SessionAuthorization);
                let password = markers.make(Owner::SessionAuthorization);
                self.credential = Credential::Explicit(basic(&user, &password));
                self.auth = Some((user, password));
            }
            1 => {
                self.credential = Credential::Netrc;
                let mut text = String::new();
                for (number, host) in HOSTS.iter().enumerate() {
                    let name = host.name.trim_matches(['[', ']']);
                    if name.contains(':') || random.chance(400) {
                        continue;
                    }
                    let user = markers.make(Owner::Netrc(number));
                    let password = markers.make(Owner::Netrc(number));
                    self.netrc[number] = Some(basic(&user, &password));
                    text.push_str(&format!("machine {name} login {user} password {password}\n"));
                }
                self.netrc_text = Some(text);
            }
            _ => {}
        }
        if random.chance(150) {
            self.sensitive = Some(markers.make(Owner::SessionSensitive));
        }
    }

    /// What the session knows of TLS.
    fn secure(&mut self, random: &mut Random) {
        self.trust = match Trusts::draw(random, self.is_real) {
            Trusts::Second | Trusts::NoFile => Trusts::First,
            trust => trust,
        };
        self.identity = random.chance(200).then(|| random.below(IDENTITIES));
        self.has_bundle = random.chance(100);
        if random.chance(300) {
            let identity = random.chance(600).then(|| random.below(IDENTITIES));
            let prefix = *random.pick(&["https://b.test", "http://a.test/", "https://www.a.test"]);
            self.mounts.push(Mount { prefix, identity });
        }
    }

    /// What a setting comes to: a bundle that the environment names is the default.
    pub(super) fn trusts(&self, said: Option<Trusts>) -> Trusts {
        match said.unwrap_or(self.trust) {
            Trusts::BuiltIn if self.has_bundle => Trusts::FirstFile,
            other => other,
        }
    }

    /// The environment.
    fn environment(&self) -> Environment {
        let mut variables = self.ways.variables.clone();
        if self.has_bundle {
            variables.push(("REQUESTS_CA_BUNDLE".into(), FIRST_FILE.into()));
        }
        Environment::new(variables, self.netrc_text.clone().map(Secret::new))
    }

    /// A session set up like that.
    pub(super) fn session(&self) -> Session<Socket, Puppet> {
        let mut session = Session::new(u128::from(self.seed));
        session.limit_connections(self.places.0, self.places.1);
        session.max_redirects = self.redirects_max;
        // Small, so that a bomb need not be large.
        session.limits.decode.decoded_bytes_max = Some(DECODED_MAX as u64);
        let max_retries = self.retrying.as_ref().map_or_else(Retry::none, Retrying::retry);
        let adapter = Adapter { pool: self.caps, cert: None, max_retries };
        if adapter != Adapter::default() {
            session.mount("http://", adapter.clone());
            session.mount("https://", adapter.clone());
        }
        if let Credential::Digest { user, password } = &self.credential {
            session.auth = Given::Use(Auth::digest(user.clone(), password.clone()));
        }
        if let Some((user, password)) = &self.auth {
            session.auth = Given::Use(Auth::basic(user.clone(), password.clone()));
        }
        session.environment = self.environment();
        session.trust_env = Trust::ALL;
        session.proxies = self.ways.of_session();
        session.verify = self.trust.verify(&self.texts);
        session.cert = self.identity.map(|identity| certificate(identity, &self.texts));
        for Mount { prefix, identity } in &self.mounts {
            let cert = identity.map(|identity| certificate(identity, &self.texts));
            session.mount(*prefix, Adapter { cert, ..adapter.clone() });
        }
        if !self.is_real {
            session.tls = Arc::new(NullTls);
        }
        if let Some(secret) = &self.sensitive {
            let mut value = http::HeaderValue::try_from(secret.as_str()).expect("letters");
            value.set_sensitive(true);
            session.headers.set(http::HeaderName::from_static("x-session-key"), value);
        }
        if self.records {
            session.trace = Recording::On;
        }
        session
    }

    /// Whether this fault happens at this chance.
    pub(super) fn draws(&self, fault: Fault, random: &mut Random) -> bool {
        random.chance(self.rate) && self.faults.has(fault)
    }

    /// One of these kinds, if a fault happens at this chance and the kind is switched on.
    pub(super) fn draw(&self, kinds: &[Fault], random: &mut Random) -> Option<Fault> {
        let (happens, kind) = (random.chance(self.rate), *random.pick(kinds));
        (happens && self.faults.has(kind)).then_some(kind)
    }
}

/// Texts in PEM, and what certificates of this side look like to peers.
fn texts(is_real: bool, markers: &mut Markers) -> (Texts, [String; IDENTITIES]) {
    let identities = [0, 1].map(|number| match is_real {
        true => format!("-----CERT {number}"),
        false => format!("-----CERT {}", markers.make(Owner::Certificate)),
    });
    if is_real {
        return (real_tls::texts(), identities);
    }
    let both = |line: &String| {
        let key = markers.make(Owner::Nobody);
        format!("{line}\n-----KEY {key}\n").into()
    };
    let texts = Texts {
        first: null_tls::FIRST.into(),
        second: null_tls::SECOND.into(),
        identities: identities.each_ref().map(both),
    };
    (texts, identities)
}
