//! All servers of a vector: their addresses, their counters, and the log of what they saw.
//!
//! The format is described in `oracle/FORMAT.md`, sections 3, 3.6 and 3.7.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

use serde_json::{Value, json};

use super::normal::Defaults;
use super::script::{Attempt, Kind, Malformed, Reply, ServerScript, wrong};
use super::socks;

/// One server entry with what has been used of it.
#[derive(Clone, Debug)]
pub struct Peer {
    script: Arc<ServerScript>,
    replies: VecDeque<Arc<Reply>>,
    connects: VecDeque<Attempt>,
    connections: usize,
    heard: Vec<u8>,
}

/// All servers of a vector.
#[derive(Clone, Debug)]
pub struct World {
    peers: Vec<Peer>,
    names: BTreeMap<String, String>,
    unreachable: BTreeMap<String, Attempt>,
    defaults: Defaults,
    wire: Vec<Value>,
    dials: Vec<Value>,
    /// SOCKS handshakes that the client has begun to dial for and that are not over.
    handshakes: usize,
}

/// What the client looks a name up for, and what comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookUp {
    /// To connect to it: that is a dial, which [`World::dial`] answers.
    Dial,
    /// To tell its address to a SOCKS proxy; `None` if the vector's `dns` does not have the name.
    Tell(Option<IpAddr>),
}

impl Peer {
    /// The script it follows.
    #[must_use]
    pub fn script(&self) -> &Arc<ServerScript> {
        &self.script
    }

    /// How many connections it has accepted.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections
    }

    /// Every byte that it was sent, after TLS.
    #[must_use]
    pub fn heard(&self) -> &[u8] {
        &self.heard
    }

    /// Adds to what it was sent.
    pub(super) fn hear(&mut self, bytes: &[u8]) {
        self.heard.extend_from_slice(bytes);
    }

    /// How many replies it has left.
    #[must_use]
    pub fn unused_replies(&self) -> usize {
        self.replies.len()
    }

    /// The number of a connection that is accepted now.
    pub(super) fn accept(&mut self) -> usize {
        self.connections += 1;
        self.connections - 1
    }

    /// The reply to a complete request.
    pub(super) fn take_reply(&mut self, is_connect: bool) -> Option<Arc<Reply>> {
        let accepts = is_connect && self.script.kind == Kind::HttpProxy;
        self.replies.pop_front().or_else(|| accepts.then(|| Arc::new(Reply::tunnel())))
    }
}

impl World {
    /// The servers of an exchange vector, before anything happened.
    ///
    /// # Errors
    /// If `servers`, `dns` or `unreachable` are not of the form that the format gives them.
    pub fn new(vector: &Value, defaults: Defaults) -> Result<Self, Malformed> {
        let servers = vector["servers"].as_array().ok_or_else(|| wrong("servers", vector))?;
        let peers = servers.iter().map(|entry| ServerScript::parse(entry).map(Peer::from));
        let members = |name: &str| vector[name].as_object().into_iter().flatten();
        let names = members("dns").map(|(name, address)| {
            let address = address.as_str().ok_or_else(|| wrong("dns", address))?;
            Ok((name.clone(), address.to_owned()))
        });
        let unreachable = members("unreachable")
            .map(|(place, outcome)| Ok((place.clone(), Attempt::parse(outcome)?)));
        Ok(Self {
            peers: peers.collect::<Result<_, _>>()?,
            names: names.collect::<Result<_, _>>()?,
            unreachable: unreachable.collect::<Result<_, _>>()?,
            defaults,
            wire: Vec::new(),
            dials: Vec::new(),
            handshakes: 0,
        })
    }

    /// The servers in order of the vector.
    #[must_use]
    pub fn peers(&self) -> &[Peer] {
        &self.peers
    }

    /// What a name is looked up for: during a SOCKS handshake, to be told to the proxy.
    #[must_use]
    pub fn look_up(&self, name: &str) -> LookUp {
        if self.handshakes == 0 {
            return LookUp::Dial;
        }
        let name = name.to_lowercase();
        LookUp::Tell(self.names.get(&name).and_then(|address| address.parse().ok()))
    }

    /// The server at an address: in lower case, without brackets, and without a trailing dot if
    /// there is no exact match.
    #[must_use]
    pub fn find(&self, host: &str, port: u16) -> Option<usize> {
        let host = host.trim_matches(['[', ']']).to_lowercase();
        let at = |host: &str| {
            let fits = |peer: &Peer| peer.script.host == host && peer.script.port == port;
            self.peers.iter().position(fits)
        };
        at(&host).or_else(|| at(host.trim_end_matches('.')))
    }

    /// The server at an address, or of the name that has this address.
    #[must_use]
    pub fn find_address(&self, host: &str, port: u16) -> Option<usize> {
        let by_name = || {
            let names = self.names.iter().filter(|(_, address)| address.as_str() == host);
            names.map(|(name, _)| name).find_map(|name| self.find(name, port))
        };
        self.find(host, port).or_else(by_name)
    }

    /// What happens to a connection attempt of the client, and where it leads if it succeeds.
    ///
    /// Each one uses up an entry of `connects` and is noted in `dials`.
    pub fn dial(&mut self, host: &str, port: u16) -> Result<usize, Attempt> {
        let host = host.trim_matches(['[', ']']);
        let found = self.find(host, port);
        let outcome = match found {
            Some(server) => self.peers[server].connects.pop_front().unwrap_or(Attempt::Ok),
            None => self.unreachable(&host.to_lowercase(), port),
        };
        self.dials.push(json!([host, port, outcome.name()]));
        match (found, outcome) {
            (Some(server), Attempt::Ok) => {
                if socks::is_socks(self.peers[server].script.kind) {
                    self.handshakes += 1;
                }
                Ok(server)
            }
            (None, Attempt::Ok) => Err(Attempt::Refused),
            (_, failed) => Err(failed),
        }
    }

    /// The requests in order of arrival, as `expect.wire` has them.
    #[must_use]
    pub fn wire(&self) -> &[Value] {
        &self.wire
    }

    /// What the servers contribute to `expect`: `wire`, `dials`, `connections`, `unused_replies`.
    #[must_use]
    pub fn observed(&self) -> Value {
        let connections: Vec<usize> = self.peers.iter().map(Peer::connections).collect();
        let unused: Vec<usize> = self.peers.iter().map(Peer::unused_replies).collect();
        let mut observed =
            json!({"wire": self.wire, "dials": self.dials, "connections": connections});
        if unused.iter().any(|&left| left > 0) {
            observed["unused_replies"] = unused.into();
        }
        observed
    }

    /// The script of one server.
    pub(super) fn script(&self, server: usize) -> Arc<ServerScript> {
        Arc::clone(&self.peers[server].script)
    }

    /// One server.
    pub(super) fn peer_mut(&mut self, server: usize) -> &mut Peer {
        &mut self.peers[server]
    }

    /// The values that become placeholders.
    pub(super) fn defaults(&self) -> &Defaults {
        &self.defaults
    }

    /// A SOCKS handshake is over, or will not be any more.
    pub(super) fn handshake_over(&mut self) {
        self.handshakes = self.handshakes.saturating_sub(1);
    }

    /// Notes what arrived.
    pub(super) fn note(&mut self, entry: Value) {
        self.wire.push(entry);
    }

    fn unreachable(&self, host: &str, port: u16) -> Attempt {
        let place = self.unreachable.get(&format!("{host}:{port}"));
        place.or_else(|| self.unreachable.get(host)).copied().unwrap_or(Attempt::Refused)
    }
}

impl From<ServerScript> for Peer {
    fn from(script: ServerScript) -> Self {
        let replies = script.replies.iter().map(Arc::clone).collect();
        let connects = script.connects.iter().copied().collect();
        Self { script: Arc::new(script), replies, connects, connections: 0, heard: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::peer::{Certificates, Line};

    #[test]
    fn names_are_looked_up_for_the_proxy_while_a_handshake_is_under_way() {
        let vector = json!({"dns": {"a.test": "192.0.2.7"}, "servers": [
            {"host": "s.test", "port": 1080, "kind": "socks5-proxy", "replies": []},
            {"host": "b.test", "port": 80, "replies": []},
        ]});
        let asked = b"\x05\x01\x00\x05\x01\x00\x03\x06b.test\x00\x50";
        let ended: [fn(&mut Line, &mut World, &[u8]); 2] = [
            |line, world, _| line.closed(world),
            |line, world, asked| line.receive(world, asked, Duration::ZERO),
        ];
        for end in ended {
            let mut world = World::new(&vector, Defaults::default()).unwrap();
            assert_eq!(world.look_up("a.test"), LookUp::Dial);
            world.dial("b.test", 80).unwrap();
            assert_eq!(world.look_up("a.test"), LookUp::Dial);
            let proxy = world.dial("s.test", 1080).unwrap();
            let mut line = Line::accept(&mut world, proxy, Certificates::shared(), Duration::ZERO);
            let address = "192.0.2.7".parse().unwrap();
            assert_eq!(world.look_up("A.test"), LookUp::Tell(Some(address)));
            assert_eq!(world.look_up("b.test"), LookUp::Tell(None));
            end(&mut line, &mut world, asked);
            while line.poll(&mut world, Duration::ZERO).is_some() {}
            assert_eq!(world.look_up("a.test"), LookUp::Dial);
        }
    }
}
