//! What holds for one run: which faults may befall it, how many calls, how the session is set up.

use sessio_core::adapters::Adapter;
use sessio_core::environment::Trust;
use sessio_core::policy::merge::Given;
use sessio_core::pool::PoolCaps;
use sessio_core::trace::Recording;
use sessio_core::{Auth, Environment, Kit, Secret, Session};

use super::call::{Feed, basic};
use super::chain::Credential;
use super::fault::{Fault, FaultSet};
use super::marker::{Markers, Owner};
use super::random::Random;
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
    pub(crate) redirects_max: usize,
    /// The session's own credential.
    pub(crate) credential: Credential,
    /// What netrc says for each host, as a field value.
    pub(crate) netrc: Vec<Option<String>>,
    netrc_text: Option<String>,
    auth: Option<(String, String)>,
    pub(crate) sensitive: Option<String>,
    pub(crate) records: bool,
    pub(crate) view: View,
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
        let caps = if faults.has(Fault::SmallPool) {
            PoolCaps { pool_connections: random.between(1, 3), pool_maxsize: random.between(1, 2) }
        } else {
            PoolCaps::default()
        };
        let mut setup = Self {
            seed: wanted.seed,
            faults,
            rate,
            calls: random.between(8, CALLS_MAX),
            concurrent: *random.pick(&[1, 2, 4, 8, 16, 32]),
            places,
            caps,
            redirects_max: *random.pick(&[30, 30, 3]),
            credential: Credential::None,
            netrc: vec![None; HOSTS.len()],
            netrc_text: None,
            auth: None,
            sensitive: None,
            records: random.chance(60),
            view: wanted.view,
        };
        setup.secrets(&mut random, markers);
        setup
    }

    /// What the session knows of credentials.
    fn secrets(&mut self, random: &mut Random, markers: &mut Markers) {
        match random.below(4) {
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

    /// A session set up like that.
    pub(super) fn session(&self) -> Session<Socket, Puppet> {
        let mut session = Session::new(u128::from(self.seed));
        session.limit_connections(self.places.0, self.places.1);
        session.max_redirects = self.redirects_max;
        // Small, so that a bomb need not be large.
        session.limits.decode.decoded_bytes_max = Some(DECODED_MAX as u64);
        if self.caps != PoolCaps::default() {
            session.mount("http://", Adapter { pool: self.caps, ..Adapter::default() });
            session.mount("https://", Adapter { pool: self.caps, ..Adapter::default() });
        }
        if let Some((user, password)) = &self.auth {
            session.auth = Given::Use(Auth::basic(user.clone(), password.clone()));
        }
        if let Some(text) = &self.netrc_text {
            let none: [(&str, &str); 0] = [];
            session.environment = Environment::new(none, Some(Secret::new(text.clone())));
            session.trust_env = Trust::ALL;
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
