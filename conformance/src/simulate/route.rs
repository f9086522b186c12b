//! The way of a request as the reference has it, and whether a connection may carry it.

use super::chain::Chain;
use super::layer::{Asking, Stage};
use super::run::{Run, Violation};
use super::setup::Setup;
use super::trust::Trust;
use super::via::{first_place, is_out_of_reach};
use super::wire::Line;
use super::world::{HOSTS, Origin, Place};

/// What two requests have to agree in to use one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// Whom it ends at: an origin, or the proxy itself.
    end: Option<Origin>,
    via: Option<usize>,
    adapter: usize,
    /// What TLS on it trusts and shows.
    tls: Option<(Trust, Option<usize>)>,
}

/// An adapter that a session has mounted.
#[derive(Clone, Debug)]
pub(crate) struct Mount {
    pub(crate) prefix: &'static str,
    /// The certificate that it shows.
    pub(crate) identity: Option<usize>,
}

impl Setup {
    /// Chooses the way of the present request of a chain.
    pub(super) fn route(&self, chain: &mut Chain) {
        let at = chain.at;
        chain.via = self.ways.choose(&chain.said, at);
        let url = at.to_string();
        let fitting = self.mounts.iter().enumerate().filter(|(_, m)| url.starts_with(m.prefix));
        let mount = fitting.max_by_key(|(_, mount)| mount.prefix.len());
        chain.adapter = mount.map_or(usize::from(at.is_tls), |(place, _)| 2 + place);
        let of_call = chain.call_identity.filter(|_| chain.home.carries_to(at));
        chain.identity = mount.and_then(|(_, mount)| mount.identity).or(of_call);
        let via = chain.via.map(|via| &self.ways.vias[via]);
        chain.is_secured = at.is_tls || via.is_some_and(|via| via.is_tls());
        chain.has_told_proxy = via.is_some_and(|via| via.speaks_http());
        let cannot_trust = matches!(chain.trust, Trust::Second | Trust::NoFile);
        chain.is_excused |= chain.is_secured && cannot_trust;
        chain.is_excused |= via.is_some_and(|via| is_out_of_reach(via, at));
    }

    /// Whether the proxy itself is to read the present request.
    pub(super) fn is_forwarded(&self, chain: &Chain) -> bool {
        !chain.at.is_tls && chain.via.is_some_and(|via| self.ways.vias[via].speaks_http())
    }

    fn key(&self, chain: &Chain) -> Key {
        // Two settings may name the same proxy without credentials.
        let same = |via: usize| {
            let vias = &self.ways.vias;
            vias.iter().position(|other| *other == vias[via]).unwrap_or(via)
        };
        let shown = chain.identity.filter(|_| chain.at.is_tls);
        Key {
            end: (!self.is_forwarded(chain)).then_some(chain.at),
            via: chain.via.map(same),
            adapter: chain.adapter,
            tls: chain.is_secured.then_some((chain.trust, shown)),
        }
    }

    /// Whether something has to be said on a new connection before the present request.
    pub(super) fn is_raised(&self, chain: &Chain) -> bool {
        chain.is_secured || chain.via.is_some_and(|_| !self.is_forwarded(chain))
    }
}

type Wrong = Result<(), (&'static str, String)>;

fn wrong(text: String) -> Wrong {
    Err(("I6", text))
}

/// Whether two places are one, but for the dot of the root.
fn is_same(one: (Place, u16), other: (Place, u16)) -> bool {
    let name = |place| match place {
        Place::Host(host) => HOSTS[host].name.trim_end_matches('.'),
        Place::Proxy(_) => "",
    };
    one == other || name(one.0) == name(other.0) && !name(one.0).is_empty() && one.1 == other.1
}

impl Run {
    /// A call has opened a connection: it has to lead where its request has to go.
    pub(super) fn opened(&mut self, call: usize, number: usize) -> Result<(), Violation> {
        let Some(chain) = &self.chains[call] else { return Ok(()) };
        let key = self.setup.key(chain);
        let via = chain.via.map(|via| &self.setup.ways.vias[via]);
        let due = first_place(via, chain.at);
        let line = &mut self.wire.lines[number];
        (line.key, line.opener) = (Some(key), Some(call));
        if is_same(line.at, due) {
            return Ok(());
        }
        let text = format!("{:?} is connected to where {due:?} was due", line.at);
        Err(Violation { invariant: "I6", text, call: Some(call) })
    }

    /// Whether the present request of a call may go over a connection.
    pub(super) fn may_carry(&self, call: usize, number: usize) -> Result<(), Violation> {
        let Some(chain) = &self.chains[call] else { return Ok(()) };
        let line = &self.wire.lines[number];
        let (key, setup) = (self.setup.key(chain), &self.setup);
        let checked = match &line.key {
            Some(other) if *other != key => {
                wrong(format!("line {number} of {other:?} carries a request of {key:?}"))
            }
            _ => reached(chain, line, setup).and_then(|()| secured(chain, line, setup)),
        };
        checked.map_err(|(invariant, text)| Violation { invariant, text, call: Some(call) })
    }
}

/// The proxy has to have led on to the origin, or not at all.
fn reached(chain: &Chain, line: &Line, setup: &Setup) -> Wrong {
    let origin = (Place::Host(chain.at.host), chain.at.port);
    let via = chain.via.map(|via| &setup.ways.vias[via]);
    let due = (via.is_some() && !setup.is_forwarded(chain)).then_some(origin);
    match (line.reached, due) {
        (None, None) => Ok(()),
        (Some(one), Some(other)) if is_same(one, other) => Ok(()),
        (one, other) => wrong(format!("the proxy leads to {one:?} where {other:?} was due")),
    }
}

/// Every layer of TLS has to be there, for whom it is due, and trusted.
fn secured(chain: &Chain, line: &Line, setup: &Setup) -> Wrong {
    let via = chain.via.map(|via| &setup.ways.vias[via]).filter(|via| via.is_tls());
    let mut due: Vec<(bool, &str)> = via.iter().map(|via| (true, via.host().name)).collect();
    if chain.at.is_tls {
        due.push((false, chain.at.bare().trim_end_matches('.')));
    }
    if line.layers.len() != due.len() {
        return wrong(format!("{} layers of TLS where {} were due", line.layers.len(), due.len()));
    }
    for (layer, (is_proxy, name)) in line.layers.iter().zip(due) {
        let (Some(hello), plan) = (layer.hello(), layer.plan()) else {
            return wrong("a request within a handshake".into());
        };
        if layer.stage() == Stage::Handshake {
            return wrong("a request within a handshake".into());
        }
        let trusted = match chain.trust {
            Trust::Anybody => 'a',
            Trust::Second => '2',
            _ => '1',
        };
        let is_right = hello.is_proxy.is_none_or(|is| is == is_proxy)
            && hello.host.as_deref().is_none_or(|host| host == name)
            && hello.trusted.is_none_or(|other| other == trusted);
        if !is_right {
            return wrong(format!("TLS for {hello:?} where {name} was due"));
        }
        if !plan.shown.is_fine_for(chain.trust) {
            return wrong(format!("a call that trusts {:?} takes {:?}", chain.trust, plan.shown));
        }
        let due = chain.identity.filter(|_| !is_proxy && plan.asking != Asking::No);
        let due = due.map(|identity| setup.identities[identity].as_str());
        if layer.identity() != due {
            let shown = layer.identity();
            let text = format!("certificate {shown:?} is shown at {name}, due: {due:?}");
            return Err(("I1", text));
        }
    }
    Ok(())
}
