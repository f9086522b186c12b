//! Idle connections, by route: which one a request gets, which are kept, which are forgotten.
//!
//! Source: `PoolManager` and `HTTPConnectionPool` in urllib3 2.8: a pool per route, the least
//! recently used one forgotten first, and within a pool the connection last released goes out
//! first.

mod line;

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

use crate::connection::{Connection, Permit, Route};
use crate::planted::Plant;
use crate::time::Instant;
pub(crate) use line::InLine;
use line::Line;
pub use line::Ticket;

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

/// Whether there are lines to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waits {
    Nobody,
    /// Somebody did when it was looked for last, or came since then.
    Somebody,
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
    /// Who waits for a connection of the route.
    line: Line,
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
    /// The turn that was given out last.
    ticket: Ticket,
    waits: Waits,
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
    /// Neither: every connection that is allowed is in use, or others have asked before.
    Full(InLine),
}

impl<S> Default for Pool<S> {
    fn default() -> Self {
        Self {
            shelves: Vec::new(),
            place: Arc::new(()),
            connections_max: None,
            connections_per_route_max: None,
            idle_max: Some(IDLE_MAX),
            ticket: Ticket::default(),
            waits: Waits::Nobody,
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

    /// How many can be served, of those that want a connection of this route alone.
    fn free(&self, per_route_max: Option<usize>) -> usize {
        let to_open = per_route_max.map_or(usize::MAX, |max| {
            // What idles may be used, and has its place.
            max.saturating_sub(holders(&self.place))
        });
        to_open.saturating_add(self.idle.len())
    }

    /// Whether anything would be lost with it.
    fn is_needed(&mut self) -> bool {
        self.standing == Standing::Known || holders(&self.place) > 0 || self.line.first().is_some()
    }
}

impl<S> Pool<S> {
    /// The turn of a call that asks for the first time.
    pub(crate) const fn ticket(&mut self) -> Ticket {
        self.ticket = self.ticket.next();
        self.ticket
    }

    /// A connection for a request, or a place for one, if it is the turn of `ticket`. `is_route`
    /// says whether a route is that of the request, `make` makes it.
    pub(crate) fn checkout(
        &mut self,
        (caps, ticket): (PoolCaps, Ticket),
        now: Instant,
        is_route: impl Fn(&Route) -> bool,
        make: impl FnOnce() -> Route,
    ) -> Checkout<S> {
        if !Plant::IdleForever.is_on() {
            self.expire(now);
        }
        self.shelves.retain_mut(Shelf::is_needed);
        let place = self.shelves.iter().position(|shelf| is_route(&shelf.route));
        let old = place.map(|place| self.shelves.get_mut(place..).unwrap_or_default());
        match old {
            Some(from_it) => from_it.rotate_left(1),
            None => {
                let (route, idle) = (Arc::new(make()), VecDeque::new());
                let (standing, place) = (Standing::Forgotten, Arc::new(()));
                self.shelves.push(Shelf { route, standing, idle, place, line: Line::default() });
            }
        }
        let last = self.shelves.last();
        if let Some(adapter) =
            last.filter(|s| s.standing == Standing::Forgotten).map(|s| s.route.adapter)
        {
            self.forget(adapter, caps.pool_connections.max(1).saturating_sub(1));
        }
        let is_full = self.limits().0.is_some_and(|max| holders(&self.place) >= max);
        let is_served = self.is_turn_of(ticket);
        let shelf = self.shelves.last_mut();
        let Some(shelf) = shelf else { return Checkout::Full(Line::default().join(ticket)) };
        shelf.standing = Standing::Known;
        if !is_served {
            self.waits = Waits::Somebody;
            return Checkout::Full(shelf.line.join(ticket));
        }
        if Plant::PoolByChance.takes_turns() {
            shelf.idle.rotate_left(usize::from(shelf.idle.len() > 1));
        }
        if let Some(connection) = shelf.idle.pop_back() {
            return Checkout::Reuse(connection);
        }
        let (route, of_route) = (Arc::clone(&shelf.route), Arc::clone(&shelf.place));
        if is_full {
            self.evict();
        }
        if Plant::PlaceLeaked.is_on() {
            core::mem::forget((Arc::clone(&self.place), Arc::clone(&of_route)));
        }
        Checkout::Open { route, permit: Permit::new(Arc::clone(&self.place), of_route) }
    }

    /// How many connections may exist: in total, and for each route.
    fn limits(&self) -> (Option<usize>, Option<usize>) {
        let more = |plant: Plant| usize::from(plant.is_on());
        let of_all = self.connections_max.map(|max| max.saturating_add(more(Plant::PlacesOneMore)));
        let more = more(Plant::PlacesOfRouteOneMore);
        (of_all, self.connections_per_route_max.map(|max| max.saturating_add(more)))
    }

    /// Whether enough is left for a request of the last route, when all that asked before it, and
    /// could be served, have had theirs.
    fn is_turn_of(&self, ticket: Ticket) -> bool {
        let (of_all, of_route) = self.limits();
        if of_all.is_none() && of_route.is_none() {
            return true;
        }
        let Some((own, others)) = self.shelves.split_last() else { return true };
        let free = own.free(of_route);
        let mut ahead = own.line.ahead_of(ticket, free);
        if ahead >= free {
            return false;
        }
        let Some(max) = of_all else { return true };
        // What idles on another route makes way.
        let free = max.saturating_sub(holders(&self.place)).saturating_add(self.idle_count());
        for shelf in others {
            let servable = shelf.free(of_route).min(free);
            ahead = ahead.saturating_add(shelf.line.ahead_of(ticket, servable));
        }
        ahead < free
    }

    /// The turn of the first of those who wait and would get a connection if they asked now.
    #[inline]
    pub(crate) fn next_in_line(&mut self) -> Option<Ticket> {
        match self.waits {
            Waits::Nobody => None,
            Waits::Somebody => self.first_of_lines(),
        }
    }

    #[cold]
    fn first_of_lines(&mut self) -> Option<Ticket> {
        if self.shelves.iter_mut().all(|shelf| shelf.line.first().is_none()) {
            self.waits = Waits::Nobody;
            return None;
        }
        let (of_all, of_route) = self.limits();
        if of_all.is_some_and(|max| holders(&self.place) >= max) && self.idle_count() == 0 {
            return None;
        }
        let servable = self.shelves.iter_mut().filter(|shelf| shelf.free(of_route) > 0);
        servable.filter_map(|shelf| shelf.line.first()).min()
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

    /// How many wait for a connection.
    pub(crate) fn waiting_count(&self) -> usize {
        self.shelves.iter().map(|shelf| shelf.line.count()).sum()
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

    /// Drops the idle connection whose route was used least recently.
    fn evict(&mut self) {
        let shelf = self.shelves.iter_mut().find(|shelf| !shelf.idle.is_empty());
        drop(shelf.and_then(|shelf| shelf.idle.pop_front()));
    }
}

#[cfg(test)]
mod tests;
