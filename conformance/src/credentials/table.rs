//! The table of who sees what, as the rules have it and the run confirmed it.

use std::fmt::Write;

use super::rules::{self, Sight};
use super::{Change, Kind, Route, Scheme, play, single};

/// What a run of all trails of one redirect gave.
#[derive(Clone, Debug, Default)]
pub struct Ran {
    /// How many cells there are.
    pub cells: usize,
    /// Those that are not as the rules have them, and how.
    pub wrong: Vec<String>,
}

/// Runs every trail of one redirect.
#[must_use]
pub fn run() -> Ran {
    let mut ran = Ran::default();
    for (change, trail) in single() {
        ran.cells += 1;
        let (wanted, found) = (rules::expected(&trail), play::sights(&trail));
        if found.as_ref() != Ok(&wanted) {
            let (kind, start) = (trail.kind.text(), trail.places[0].url("/"));
            let cell =
                format!("{kind}, {}, {:?}, {start}, {}", change.text(), trail.route, trail.code);
            ran.wrong.push(format!("{cell}: may be seen {wanted:?}, is {found:?}"));
        }
    }
    ran
}

/// The rules as a table: a row for each kind and way, a column for each change.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::from(
        "Who is sent a credential after a redirect. Way: how the first request travels. `yes`: it \
         goes along; `-`: it stays behind; `proxy`: the CONNECT of the tunnel has it, the origin \
         has not. The status of the redirect (301, 302, 303, 307, 308) makes no difference.\n\n",
    );
    let names: Vec<&str> = Change::ALL.iter().map(|change| change.text()).collect();
    // Writing to a text cannot fail.
    let _ = writeln!(text, "| credential | way | first | {} |", names.join(" | "));
    let _ = writeln!(text, "|---|---|---|{}", "---|".repeat(names.len()));
    for kind in Kind::ALL {
        for route in Route::ALL {
            for scheme in [Scheme::Http, Scheme::Https] {
                let cells: Vec<&str> =
                    Change::ALL.iter().map(|&change| cell(kind, route, scheme, change)).collect();
                let first = first(kind, route, scheme);
                let way = way(route, scheme);
                let _ =
                    writeln!(text, "| {} | {way} | {first} | {} |", kind.text(), cells.join(" | "));
            }
        }
    }
    text
}

const fn way(route: Route, scheme: Scheme) -> &'static str {
    match (route, scheme) {
        (Route::Direct, Scheme::Http) => "http",
        (Route::Direct, Scheme::Https) => "https",
        (Route::Proxied, Scheme::Http) => "http by proxy",
        (Route::Proxied, Scheme::Https) => "https by tunnel",
        (Route::HttpProxied, Scheme::Http) => "http by proxy, https direct",
        (Route::HttpProxied, Scheme::Https) => "https direct, http by proxy",
    }
}

fn sights(kind: Kind, route: Route, scheme: Scheme, change: Change) -> Option<Vec<Sight>> {
    let mut all = single().filter(|(changed, trail)| {
        *changed == change
            && trail.kind == kind
            && trail.route == route
            && trail.places[0].scheme == scheme
    });
    all.next().map(|(_, trail)| rules::expected(&trail))
}

fn cell(kind: Kind, route: Route, scheme: Scheme, change: Change) -> &'static str {
    sights(kind, route, scheme, change).map_or("", |sights| text(sights[1]))
}

fn first(kind: Kind, route: Route, scheme: Scheme) -> &'static str {
    sights(kind, route, scheme, Change::Same).map_or("", |sights| text(sights[0]))
}

const fn text(sight: Sight) -> &'static str {
    match sight {
        Sight { request: true, .. } => "yes",
        Sight { connect: true, request: false } => "proxy",
        Sight { connect: false, request: false } => "-",
    }
}
