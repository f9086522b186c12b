//! Connections by host, as a list of lists.

use std::collections::BTreeMap;

/// What a request gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// This idle connection.
    Idle(usize),
    /// A new connection.
    New,
    /// Nothing: it has to wait.
    None,
}

/// How long a connection may idle, in milliseconds.
const IDLE_MAX: u64 = 90_000;

/// The hosts that are known, and the connections.
#[derive(Debug)]
pub struct Model {
    total: Option<usize>,
    per_host: Option<usize>,
    hosts_max: usize,
    idle_max: usize,
    /// The hosts that are known, the last used at the end: their idle connections, the last
    /// released at the end, and since when each idles.
    known: Vec<(usize, Vec<(usize, u64)>)>,
    /// The host of each connection, idle or not.
    living: BTreeMap<usize, usize>,
}

impl Model {
    /// Without connections.
    #[must_use]
    pub fn new(
        total: Option<usize>,
        per_host: Option<usize>,
        hosts_max: usize,
        idle_max: usize,
    ) -> Self {
        let (known, living) = (Vec::new(), BTreeMap::new());
        Self { total, per_host, hosts_max, idle_max, known, living }
    }

    /// What a request to a host gets.
    pub fn checkout(&mut self, host: usize, now: u64) -> Place {
        let old: Vec<usize> = self
            .known
            .iter()
            .flat_map(|(_, idle)| idle)
            .filter(|(_, since)| since + IDLE_MAX <= now)
            .map(|(id, _)| *id)
            .collect();
        old.into_iter().for_each(|id| self.drop(id));
        match self.known.iter().position(|(known, _)| *known == host) {
            Some(place) => {
                let known = self.known.remove(place);
                self.known.push(known);
            }
            None => {
                while self.known.len() >= self.hosts_max.max(1) {
                    let (_, idle) = self.known.remove(0);
                    idle.into_iter().for_each(|(id, _)| self.drop(id));
                }
                self.known.push((host, Vec::new()));
            }
        }
        let (_, idle) = self.known.last_mut().expect("it was pushed");
        if let Some((id, _)) = idle.pop() {
            return Place::Idle(id);
        }
        let of_host = self.living.values().filter(|of| **of == host).count();
        if self.per_host.is_some_and(|max| of_host >= max) {
            return Place::None;
        }
        if self.total.is_some_and(|max| self.living.len() >= max) {
            let first = self.known.iter().find_map(|(_, idle)| idle.first());
            match first.copied() {
                Some((id, _)) => self.drop(id),
                None => return Place::None,
            }
        }
        Place::New
    }

    /// A connection was opened.
    pub fn opened(&mut self, host: usize, id: usize) {
        self.living.insert(id, host);
    }

    /// A connection may serve another request.
    pub fn release(&mut self, host: usize, id: usize, now: u64) {
        let known = self.known.iter_mut().find(|(known, _)| *known == host);
        match known {
            Some((_, idle))
                if (self.idle_max == 0 || idle.len() < self.idle_max) && self.hosts_max > 0 =>
            {
                idle.push((id, now));
            }
            _ => self.drop(id),
        }
    }

    /// A connection is closed.
    pub fn drop(&mut self, id: usize) {
        self.living.remove(&id);
        self.known.iter_mut().for_each(|(_, idle)| idle.retain(|(of, _)| *of != id));
    }

    /// All that idle are closed, and no host is known.
    pub fn close(&mut self) {
        let idle: Vec<usize> =
            self.known.iter().flat_map(|(_, idle)| idle).map(|(id, _)| *id).collect();
        idle.into_iter().for_each(|id| self.drop(id));
        self.known.clear();
    }

    /// All connections.
    #[must_use]
    pub fn living(&self) -> Vec<usize> {
        self.living.keys().copied().collect()
    }

    /// How many idle.
    #[must_use]
    pub fn idle(&self) -> usize {
        self.known.iter().map(|(_, idle)| idle.len()).sum()
    }
}
