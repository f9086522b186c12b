//! What the pool keeps, closes and gives out, and to whom first.

use super::*;
use crate::connection::Wanted;
use crate::policy::settings::Verify;
use alloc::string::{String, ToString};

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
        let ticket = self.pool.ticket();
        self.ask(host, now, ticket).ok()
    }

    /// The same for one that may have asked before; or its place in the line.
    fn ask(
        &mut self,
        host: &str,
        now: u64,
        ticket: Ticket,
    ) -> Result<(Connection<u32>, bool), InLine> {
        let now = Instant::from_nanos(now);
        let want = route(0, host);
        let ask = (self.caps, ticket);
        match self.pool.checkout(ask, now, |r| *r == want, || want.clone()) {
            Checkout::Reuse(connection) => Ok((connection, true)),
            Checkout::Open { route, permit } => {
                self.opened += 1;
                let socket = self.opened;
                let idle_since = now;
                Ok((
                    Connection { socket, stack: None, route, permit, requests: 1, idle_since },
                    false,
                ))
            }
            Checkout::Full(in_line) => Err(in_line),
        }
    }

    fn put(&mut self, connection: Connection<u32>) {
        self.pool.release(connection, self.caps, Instant::default());
    }

    /// Asks for these hosts one after the other and gives each back; which were reused.
    fn walk(&mut self, hosts: &str) -> String {
        let mut reused = String::new();
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

/// What a call has.
enum Has {
    Connection(Connection<u32>),
    Place(#[expect(dead_code, reason = "held for as long as it waits")] InLine),
    Nothing,
}

/// Calls that want connections, by number.
struct Calls {
    checker: Checker,
    calls: Vec<(Ticket, String, Has)>,
}

impl Calls {
    fn ask(&mut self, number: usize) {
        let (ticket, host, has) = &mut self.calls[number];
        *has = Has::Nothing;
        *has = match self.checker.ask(host, 0, *ticket) {
            Ok((connection, _)) => Has::Connection(connection),
            Err(in_line) => Has::Place(in_line),
        };
    }

    /// `+a` is another call, to host `a`; `-0` is the end of call 0, whether it has a connection or
    /// waits; `*` has all ask whose turn it is.
    fn step(&mut self, step: &str) {
        match (step, step.split_at(1)) {
            ("*", _) => {
                while let Some(ticket) = self.checker.pool.next_in_line() {
                    let whose = self.calls.iter().position(|(other, ..)| *other == ticket);
                    self.ask(whose.unwrap());
                }
            }
            (_, ("+", host)) => {
                let ticket = self.checker.pool.ticket();
                self.calls.push((ticket, host.to_string(), Has::Nothing));
                self.ask(self.calls.len() - 1);
            }
            (_, (_, number)) => {
                let call = &mut self.calls[number.parse::<usize>().unwrap()];
                if let Has::Connection(connection) = core::mem::replace(&mut call.2, Has::Nothing) {
                    self.checker.put(connection);
                }
            }
        }
    }

    /// Those that have a connection.
    fn served(&self) -> Vec<usize> {
        let has =
            |(n, call): (usize, &(_, _, Has))| matches!(call.2, Has::Connection(_)).then_some(n);
        self.calls.iter().enumerate().filter_map(has).collect()
    }
}

/// The limits in total and for a route, what happens, and who has a connection then.
type Row = (Option<usize>, Option<usize>, &'static str, &'static [usize]);

#[test]
fn whoever_asked_first_is_served_first_and_nobody_overtakes() {
    let rows: [Row; 13] = [
        (None, None, "+a +a +a", &[0, 1, 2]),
        (None, Some(1), "+a +a +a -0 *", &[1]),
        (None, Some(1), "+a +a +a -0 * -1 *", &[2]),
        (None, Some(1), "+a +a +a -1 -0 *", &[2]),
        // A newcomer finds a free place that is somebody else's turn.
        (None, Some(1), "+a +a -0 +a *", &[1]),
        (None, Some(2), "+a +a +a -0 -1 +a", &[3]),
        (None, Some(2), "+a +a +a -0 -1 +a *", &[2, 3]),
        (Some(1), None, "+a +b +a -0 *", &[1]),
        // What idles is not used again while another waits for its place.
        (Some(1), None, "+a +b -0 +a", &[]),
        (Some(1), None, "+a +b -0 +a * -1 *", &[2]),
        // Nobody waits for one that waits for the limit of another route.
        (Some(3), Some(1), "+a +a +b", &[0, 2]),
        (Some(2), Some(1), "+a +a +b +c -2 *", &[0, 3]),
        (Some(2), Some(1), "+a +b +b +c -0 *", &[1, 3]),
    ];
    for (total, of_route, steps, want) in rows {
        let mut calls = Calls { checker: Checker::new(PoolCaps::default()), calls: Vec::new() };
        calls.checker.pool.connections_max = total;
        calls.checker.pool.connections_per_route_max = of_route;
        steps.split(' ').for_each(|step| calls.step(step));
        assert_eq!(calls.served(), want, "{total:?} {of_route:?} {steps}");
    }
}
