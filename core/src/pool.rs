//! Idle connections, by route: which one a request gets, which are kept, which are forgotten.
//!
//! Source: `PoolManager` and `HTTPConnectionPool` in urllib3 2.8: a pool per route, the least
//! recently used one forgotten first, and within a pool the connection last released goes out
//! first.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

use crate::connection::{Connection, Permit, Route};
use crate::planted::Plant;
use crate::time::Instant;

/// How long a connection may idle before it is dropped instead of used.
///
/// Servers close idle connections after 60 to 120 s; a shorter time loses fewer races with them.
pub const IDLE_MAX: Duration = Duration::from_secs(90);

/// The caps on the connections that one adapter keeps.
///
/// Source: `HTTPAdapter` in requests, `adapters.py`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolCaps {
    /// Routes that are remembered; with one more the least recently used is forgotten, and its
    /// idle connections are closed. 0: none is kept.
    pub pool_connections: usize,
    /// Idle connections that are kept for a route; 0 is no limit, as in urllib3.
    pub pool_maxsize: usize,
}

impl Default for PoolCaps {
    /// 10 and 10, as in requests.
    fn default() -> Self {
        Self { pool_connections: 10, pool_maxsize: 10 }
    }
}

/// Whether a route is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It is: its connections are kept.
    Known,
    /// It is not, but for the places of its connections in use, which count until they are closed.
    Forgotten,
}

/// The idle connections of one route.
#[derive(Debug)]
struct Shelf<S> {
    /// Shared with the connections that may come back: those that have an equal one came out
    /// before it was forgotten.
    route: Arc<Route>,
    standing: Standing,
    /// The one that was released last is at the back.
    idle: VecDeque<Connection<S>>,
    /// Held by each connection of the route, in use or idle.
    place: Arc<()>,
}

/// All idle connections of a session.
#[derive(Debug)]
pub(crate) struct Pool<S> {
    /// The most recently used route is the last.
    shelves: Vec<Shelf<S>>,
    /// Held by each connection, in use or idle.
    place: Arc<()>,
    /// Connections in use and idle together that may exist; `None` is no limit.
    pub(crate) connections_max: Option<usize>,
    /// The same for each route.
    pub(crate) connections_per_route_max: Option<usize>,
    /// How long a connection may idle; `None` is for ever.
    pub(crate) idle_max: Option<Duration>,
}

/// What a request gets.
#[derive(Debug)]
pub(crate) enum Checkout<S> {
    /// An idle connection, to be probed before it is used.
    Reuse(Connection<S>),
    /// A place for a new connection.
    Open {
        /// The route, shared with others of its kind.
        route: Arc<Route>,
        /// The place of the connection under the limits.
        permit: Permit,
    },
    /// Neither: every connection that is allowed is in use.
    Full,
}

impl<S> Default for Pool<S> {
    fn default() -> Self {
        Self {
            shelves: Vec::new(),
            place: Arc::new(()),
            connections_max: None,
            connections_per_route_max: None,
            idle_max: Some(IDLE_MAX),
        }
    }
}

/// How many connections hold a place.
fn holders(place: &Arc<()>) -> usize {
    Arc::strong_count(place).saturating_sub(1)
}

impl<S> Shelf<S> {
    /// Closes what idles; what is in use is closed when it comes back, even if the route is asked
    /// for again before that.
    fn leave(&mut self) {
        self.standing = Standing::Forgotten;
        self.idle.clear();
        if Arc::strong_count(&self.route) > 1 {
            self.route = Arc::new(Route::clone(&self.route));
        }
    }
}

impl<S> Pool<S> {
    /// A connection for a request, or a place for one. `is_route` says whether a route is that of
    /// the request, `make` makes it.
    pub(crate) fn checkout(
        &mut self,
        caps: PoolCaps,
        now: Instant,
        is_route: impl Fn(&Route) -> bool,
        make: impl FnOnce() -> Route,
    ) -> Checkout<S> {
        if !Plant::IdleForever.is_on() {
            self.expire(now);
        }
        self.shelves.retain(|s| s.standing == Standing::Known || holders(&s.place) > 0);
        let place = self.shelves.iter().position(|shelf| is_route(&shelf.route));
        let old = place.map(|place| self.shelves.get_mut(place..).unwrap_or_default());
        match old {
            Some(from_it) => from_it.rotate_left(1),
            None => {
                let (route, idle) = (Arc::new(make()), VecDeque::new());
                let (standing, place) = (Standing::Forgotten, Arc::new(()));
                self.shelves.push(Shelf { route, standing, idle, place });
            }
        }
        let last = self.shelves.last();
        if let Some(adapter) =
            last.filter(|s| s.standing == Standing::Forgotten).map(|s| s.route.adapter)
        {
            self.forget(adapter, caps.pool_connections.max(1).saturating_sub(1));
        }
        let shelf = self.shelves.last_mut();
        let Some(shelf) = shelf else { return Checkout::Full };
        shelf.standing = Standing::Known;
        if Plant::PoolByChance.takes_turns() {
            shelf.idle.rotate_left(usize::from(shelf.idle.len() > 1));
        }
        if let Some(connection) = shelf.idle.pop_back() {
            return Checkout::Reuse(connection);
        }
        let more = usize::from(Plant::PlacesOfRouteOneMore.is_on());
        let of_route = self.connections_per_route_max.map(|max| max.saturating_add(more));
        if of_route.is_some_and(|max| holders(&shelf.place) >= max) {
            return Checkout::Full;
        }
        let (route, of_route) = (Arc::clone(&shelf.route), Arc::clone(&shelf.place));
        let more = usize::from(Plant::PlacesOneMore.is_on());
        let of_all = self.connections_max.map(|max| max.saturating_add(more));
        if of_all.is_some_and(|max| holders(&self.place) >= max) && !self.evict() {
            return Checkout::Full;
        }
        if Plant::PlaceLeaked.is_on() {
            core::mem::forget((Arc::clone(&self.place), Arc::clone(&of_route)));
        }
        Checkout::Open { route, permit: Permit::new(Arc::clone(&self.place), of_route) }
    }

    /// Takes a connection back that both sides have finished with.
    ///
    /// It is dropped, which closes it, if its route was forgotten or has enough idle ones.
    pub(crate) fn release(&mut self, mut connection: Connection<S>, caps: PoolCaps, now: Instant) {
        connection.idle_since = now;
        let shelf = self.shelves.iter_mut().find(|s| Arc::ptr_eq(&s.route, &connection.route));
        if let Some(shelf) = shelf.filter(|shelf| shelf.standing == Standing::Known) {
            let more = usize::from(Plant::PoolSizeOneMore.is_on());
            let room = caps.pool_maxsize.saturating_add(more);
            let has_room = caps.pool_maxsize == 0 || shelf.idle.len() < room;
            if has_room && caps.pool_connections > 0 {
                shelf.idle.push_back(connection);
            }
        }
    }

    /// Drops the idle connections of a route.
    pub(crate) fn drop_route(&mut self, is_route: impl Fn(&Route) -> bool) {
        for shelf in self.shelves.iter_mut().filter(|shelf| is_route(&shelf.route)) {
            shelf.idle.clear();
        }
    }

    /// Drops every idle connection, and forgets all routes.
    pub(crate) fn clear(&mut self) {
        for shelf in &mut self.shelves {
            shelf.leave();
        }
    }

    /// How many connections idle.
    pub(crate) fn idle_count(&self) -> usize {
        self.shelves.iter().map(|shelf| shelf.idle.len()).sum()
    }

    /// Forgets the least recently used routes of an adapter until `keep` are left.
    fn forget(&mut self, adapter: usize, keep: usize) {
        let is =
            |shelf: &Shelf<S>| shelf.standing == Standing::Known && shelf.route.adapter == adapter;
        let excess = self.shelves.iter().filter(|shelf| is(shelf)).count().saturating_sub(keep);
        for shelf in self.shelves.iter_mut().filter(|shelf| is(shelf)).take(excess) {
            shelf.leave();
        }
    }

    /// Drops what has idled for too long; when the next one will have, if there is one.
    ///
    /// Only those that go are looked at, and the next one of each route.
    pub(crate) fn expire(&mut self, now: Instant) -> Option<Instant> {
        let idle_max = self.idle_max?;
        let mut next: Option<Instant> = None;
        for shelf in &mut self.shelves {
            while let Some(first) = shelf.idle.front() {
                let at = first.idle_since.after(idle_max);
                if at > now {
                    next = Some(next.map_or(at, |next| next.min(at)));
                    break;
                }
                shelf.idle.pop_front();
            }
        }
        next
    }

    /// Drops the idle connection whose route was used least recently; whether there was one.
    fn evict(&mut self) -> bool {
        let shelf = self.shelves.iter_mut().find(|shelf| !shelf.idle.is_empty());
        shelf.is_some_and(|shelf| shelf.idle.pop_front().is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Wanted;
    use crate::policy::settings::Verify;
    use alloc::string::ToString;

    fn route(adapter: usize, host: &str) -> Route {
        let (scheme, port, verify) = ("http", 80, &Verify::On);
        Wanted { adapter, scheme, host, port, proxy: None, verify, cert: None }.route()
    }

    struct Checker {
        pool: Pool<u32>,
        caps: PoolCaps,
        opened: u32,
    }

    impl Checker {
        fn new(caps: PoolCaps) -> Self {
            Self { pool: Pool::default(), caps, opened: 0 }
        }

        /// A connection to `host`, and whether it is one of before.
        fn get(&mut self, host: &str, now: u64) -> Option<(Connection<u32>, bool)> {
            let now = Instant::from_nanos(now);
            let want = route(0, host);
            match self.pool.checkout(self.caps, now, |r| *r == want, || want.clone()) {
                Checkout::Reuse(connection) => Some((connection, true)),
                Checkout::Open { route, permit } => {
                    self.opened += 1;
                    let socket = self.opened;
                    let idle_since = now;
                    Some((
                        Connection { socket, stack: None, route, permit, requests: 1, idle_since },
                        false,
                    ))
                }
                Checkout::Full => None,
            }
        }

        fn put(&mut self, connection: Connection<u32>) {
            self.pool.release(connection, self.caps, Instant::default());
        }

        /// Asks for these hosts one after the other and gives each back; which were reused.
        fn walk(&mut self, hosts: &str) -> std::string::String {
            let mut reused = std::string::String::new();
            for host in hosts.chars() {
                let (connection, old) = self.get(&host.to_string(), 0).unwrap();
                self.put(connection);
                reused.push(if old { 'r' } else { 'o' });
            }
            reused
        }
    }

    #[test]
    fn the_least_recently_used_route_is_forgotten() {
        let rows = [
            (10, "abab", "oorr"),
            (1, "aba", "ooo"),
            (2, "abacb", "ooroo"),
            (2, "abaca", "ooror"),
            (0, "aa", "oo"),
        ];
        for (pool_connections, hosts, want) in rows {
            let mut checker = Checker::new(PoolCaps { pool_connections, pool_maxsize: 10 });
            assert_eq!(checker.walk(hosts), want, "{pool_connections} {hosts}");
        }
    }

    #[test]
    fn so_many_idle_connections_are_kept_for_a_route() {
        for (pool_maxsize, want) in [(1, 1), (2, 2), (3, 3), (0, 3)] {
            let mut checker = Checker::new(PoolCaps { pool_connections: 10, pool_maxsize });
            let all: Vec<_> = (0..3).map(|_| checker.get("a", 0).unwrap().0).collect();
            all.into_iter().for_each(|connection| checker.put(connection));
            assert_eq!(checker.pool.idle_count(), want, "{pool_maxsize}");
        }
    }

    #[test]
    fn a_dropped_connection_gives_its_place_back() {
        let mut checker = Checker::new(PoolCaps::default());
        checker.pool.connections_per_route_max = Some(1);
        let first = checker.get("a", 0).unwrap();
        assert!(checker.get("a", 0).is_none());
        assert!(checker.get("b", 0).is_some(), "another route has places of its own");
        drop(first);
        assert!(checker.get("a", 0).is_some());
    }

    #[test]
    fn a_route_that_is_forgotten_keeps_its_places_until_its_connections_are_closed() {
        let caps = PoolCaps { pool_connections: 1, pool_maxsize: 10 };
        let mut checker = Checker::new(caps);
        checker.pool.connections_per_route_max = Some(1);
        let first = checker.get("a", 0).unwrap().0;
        drop(checker.get("b", 0).unwrap());
        assert!(checker.get("a", 0).is_none(), "there is one already");
        checker.pool.clear();
        assert!(checker.get("a", 0).is_none(), "there is one still");
        drop(first);
        assert!(checker.get("a", 0).is_some());
        assert_eq!(checker.pool.shelves.len(), 1, "what is forgotten goes in the end");
    }

    #[test]
    fn a_connection_of_a_forgotten_route_is_not_kept() {
        let mut checker = Checker::new(PoolCaps { pool_connections: 1, pool_maxsize: 10 });
        let first = checker.get("a", 0).unwrap().0;
        let second = checker.get("b", 0).unwrap().0;
        checker.put(first);
        checker.put(second);
        assert_eq!(checker.pool.idle_count(), 1);
        assert!(checker.get("b", 0).unwrap().1);
    }

    #[test]
    fn a_connection_that_was_in_use_when_its_route_was_forgotten_is_not_kept() {
        let forget: [fn(&mut Checker); 2] = [
            |checker| checker.pool.clear(),
            // There is room for one route.
            |checker| drop(checker.get("b", 0).unwrap()),
        ];
        for forget in forget {
            let caps = PoolCaps { pool_connections: 1, pool_maxsize: 10 };
            let mut checker = Checker::new(caps);
            let old = checker.get("a", 0).unwrap().0;
            forget(&mut checker);
            // The route is known again before the connection comes back.
            let new = checker.get("a", 0).unwrap().0;
            checker.put(old);
            assert_eq!(checker.pool.idle_count(), 0);
            checker.put(new);
            assert_eq!(checker.pool.idle_count(), 1);
        }
    }

    #[test]
    fn an_idle_connection_makes_way_under_the_total_limit() {
        let mut checker = Checker::new(PoolCaps::default());
        checker.pool.connections_max = Some(1);
        assert_eq!(checker.walk("ab"), "oo");
        let held = checker.get("b", 0).unwrap();
        assert!(held.1 && checker.get("a", 0).is_none());
    }

    #[test]
    fn what_idled_too_long_is_closed_and_the_next_one_is_named() {
        let mut checker = Checker::new(PoolCaps::default());
        let mut take = |host, now| checker.get(host, now).unwrap().0;
        let held = [take("a", 0), take("b", 0), take("a", 0)];
        for (connection, at) in held.into_iter().zip([10, 20, 30]) {
            checker.pool.release(connection, checker.caps, Instant::from_nanos(at));
        }
        checker.pool.idle_max = Some(Duration::from_nanos(100));
        let rows = [(109, Some(110), 3), (110, Some(120), 2), (120, Some(130), 1), (130, None, 0)];
        for (now, next, left) in rows {
            assert_eq!(checker.pool.expire(Instant::from_nanos(now)).map(Instant::as_nanos), next);
            assert_eq!(checker.pool.idle_count(), left, "{now}");
        }
    }

    #[test]
    fn what_idled_too_long_is_not_used() {
        let mut checker = Checker::new(PoolCaps::default());
        let (connection, _) = checker.get("a", 0).unwrap();
        checker.put(connection);
        let limit = u64::try_from(IDLE_MAX.as_nanos()).unwrap();
        assert!(checker.get("a", limit - 1).unwrap().1);
        let (connection, _) = checker.get("a", 0).unwrap();
        checker.put(connection);
        assert!(!checker.get("a", limit).unwrap().1);
    }
}
