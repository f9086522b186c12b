//! The simulation finds nothing: some thousand calls, and every seed that once found something.

use sessio_conformance::simulate::{FaultSet, Options, Tls, replay, simulate};

/// Calls of a debug build that take a few seconds.
const EXCHANGES: u64 = 4000;

#[test]
fn no_invariant_is_broken() {
    let faults = FaultSet::all();
    let options = Options { seed: 1, exchanges: EXCHANGES, time: None, faults, tls: Tls::Some };
    let summary = simulate(&options).unwrap_or_else(|found| panic!("{found}"));
    assert!(summary.exchanges >= EXCHANGES && summary.again > 0);
}

#[test]
fn seeds_that_once_failed_pass() {
    let lines = include_str!("../seeds.txt").lines();
    let rows = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut count = 0;
    for row in rows {
        let mut words = row.splitn(3, ' ');
        let seed = words.next().and_then(|word| word.parse().ok()).expect("a seed");
        let faults = FaultSet::parse(words.next().expect("faults")).expect("names of faults");
        assert!(words.next().is_some_and(|reason| !reason.is_empty()), "{row}: no reason");
        replay(seed, faults).unwrap_or_else(|found| panic!("{row}\n{found}"));
        count += 1;
    }
    assert!(count > 0, "seeds.txt has no seeds");
}
