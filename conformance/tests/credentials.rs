//! Every cell of the matrix of credentials, and chains of redirects: what was once left behind
//! never comes back.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use sessio_conformance::credentials::rules::{self, Sight};
use sessio_conformance::credentials::{Kind, Place, Route, Scheme, Trail, chains, play, single};

/// What is wrong with trails, run on two threads.
fn wrong(trails: &[Trail]) -> Vec<String> {
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(trail) = trails.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (wanted, found) = (rules::expected(trail), play::sights(trail));
                    if found.as_ref() != Ok(&wanted) {
                        let urls: Vec<_> = trail.places.iter().map(|p| p.url(p.path)).collect();
                        let what = (trail.kind.text(), trail.route, trail.code, urls);
                        let what = format!("{what:?}: may be {wanted:?}, is {found:?}");
                        wrong.lock().expect("no panic here").push(what);
                    }
                }
            });
        }
    });
    wrong.into_inner().expect("no panic here")
}

fn check(trails: &[Trail]) {
    let wrong = wrong(trails);
    let shown = wrong.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {} are wrong\n{shown}", wrong.len(), trails.len());
}

/// Row 37: node-fetch #1880, and the catalogue's goal G12.
#[test]
fn s037_every_cell_of_the_matrix_is_as_the_rules_say() {
    let trails: Vec<Trail> = single().map(|(_, trail)| trail).collect();
    assert_eq!(trails.len(), Kind::ALL.len() * 22 * Route::ALL.len() * 5);
    check(&trails);
}

#[test]
fn what_was_once_left_behind_never_comes_back() {
    for kind in Kind::ALL {
        check(&chains(kind, Route::Direct, Scheme::Http, 2));
    }
    let is_header = |kind: &Kind| {
        let sent = |places| {
            rules::expected(&Trail { kind: *kind, route: Route::Direct, code: 302, places })
        };
        let (here, there) = (Place::start(Scheme::Http), Place::all().nth(5).expect("it has 24"));
        sent(vec![here.clone(), there, here])[2] == Sight::default()
    };
    let headers: Vec<Kind> = Kind::ALL.into_iter().filter(is_header).collect();
    assert!(headers.contains(&Kind::Header) && headers.contains(&Kind::Sensitive));
    for kind in headers {
        let all = chains(kind, Route::Proxied, Scheme::Https, 3);
        // Every eleventh is as many as every kind of chain, and each place is in each position.
        let some: Vec<Trail> = all.into_iter().step_by(11).collect();
        check(&some);
    }
}
