//! Every recorded exchange on the simulated driver: as it was recorded or as its row says, however
//! the bytes are cut, and with every output failing or the exchange dropped there once.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use sessio_conformance::compare;
use sessio_conformance::divergence::{Expected, Table};
use sessio_conformance::sim::{self, Cuts, Fault, Faults, Ran, Seeded};
use sessio_conformance::vectors::{Exchange, Suite};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn suite() -> Suite {
    Suite::load(&[root().join("vectors")]).expect("the project's vectors load")
}

/// Runs `check` on every vector, on two threads; the failures by id.
fn failures(check: impl Fn(&Exchange) -> Vec<String> + Sync) -> Vec<String> {
    let suite = suite();
    let all = &suite.exchanges;
    assert!(all.len() > 800, "the project has {} vectors", all.len());
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(vector) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found =
                        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(vector)));
                    let found = found.unwrap_or_else(|_| vec!["it panicked".to_owned()]);
                    let found = found.iter().map(|what| format!("{}: {what}", vector.id));
                    failures.lock().expect("no panic here").extend(found);
                }
            });
        }
    });
    failures.into_inner().expect("no panic here")
}

fn run(vector: &Exchange, cuts: Cuts, faults: Faults) -> Ran {
    sim::run(&vector.vector, cuts, faults).expect("a vector of the format")
}

fn report(failures: &[String]) {
    let shown = failures.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
    assert!(failures.is_empty(), "{} failures\n{shown}", failures.len());
}

#[test]
fn vectors_give_what_was_recorded_or_what_their_row_says() {
    let table = Table::load(root()).expect("the divergence table loads");
    report(&failures(|vector| {
        let observed = run(vector, Cuts::Nowhere, Faults::default()).observed;
        let recorded = &vector.vector["expect"];
        let difference = match table.exchange(&vector.id, recorded) {
            Err(problem) => Some(problem),
            Ok(Expected::Recorded(recorded)) => {
                compare::exchange(&recorded, &observed).err().map(|d| d.to_string())
            }
            Ok(Expected::Changed { decision, recorded, changed }) => {
                match (
                    compare::exchange(&changed, &observed),
                    compare::exchange(&recorded, &observed),
                ) {
                    (Err(difference), _) => Some(difference.to_string()),
                    (Ok(()), Ok(())) => Some(format!("its row ({decision}) is not needed")),
                    (Ok(()), Err(_)) => None,
                }
            }
        };
        difference.into_iter().collect()
    }));
}

#[test]
fn the_table_names_vectors_that_exist() {
    let table = Table::load(root()).expect("the divergence table loads");
    let suite = suite();
    let unknown = table.unknown(&suite.ids());
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// Where the bytes of a run are cut: everywhere in small ones, at 200 places in large ones, and at
/// 60 where there is TLS, whose records are cut everywhere in tests of the core.
fn places(vector: &Exchange, delivered: usize) -> Vec<usize> {
    let servers = vector.vector["servers"].as_array();
    let has_tls = servers.is_some_and(|servers| servers.iter().any(|s| !s["tls"].is_null()));
    let count = match (has_tls, delivered) {
        (true, _) => 60,
        (false, ..=4096) => return (1..delivered).collect(),
        (false, _) => 200,
    };
    let mut seeded = Seeded::new(delivered as u64);
    (0..count).map(|_| 1 + seeded.below(delivered.max(2) - 1)).collect()
}

fn differs(vector: &Exchange, whole: &Value, cuts: &Cuts) -> Option<String> {
    let cut = run(vector, cuts.clone(), Faults::default());
    (seen(&cut.observed) != seen(whole)).then(|| format!("cut {cuts:?}: {}", cut.observed))
}

/// Everything but the trace: it says whether surplus bytes were there at once or spoiled the idle
/// connection later, and how much of a broken coding was undone before that was found.
fn seen(observed: &Value) -> Vec<(&String, &Value)> {
    let all = observed.as_object().into_iter().flatten();
    all.filter(|(name, _)| *name != "trace").collect()
}

#[test]
fn cutting_the_bytes_in_two_changes_nothing() {
    report(&failures(|vector| {
        let whole = run(vector, Cuts::Nowhere, Faults::default());
        let cuts = places(vector, whole.delivered).into_iter().map(Cuts::At);
        cuts.filter_map(|cuts| differs(vector, &whole.observed, &cuts)).collect()
    }));
}

#[test]
fn cutting_the_bytes_anywhere_changes_nothing() {
    report(&failures(|vector| {
        let whole = run(vector, Cuts::Nowhere, Faults::default());
        let seeded = (0..20).map(|seed| Cuts::Seeded(Seeded::new(seed)));
        let cuts = seeded.chain([Cuts::Everywhere]);
        cuts.filter_map(|cuts| differs(vector, &whole.observed, &cuts)).collect()
    }));
}

#[test]
fn every_output_may_fail_and_every_exchange_may_be_dropped() {
    report(&failures(|vector| {
        let clean = run(vector, Cuts::Nowhere, Faults::default());
        let mut found = Vec::new();
        for output in 0..clean.outputs {
            for fault in [Fault::Fail, Fault::Drop] {
                let ran = run(vector, Cuts::Nowhere, Faults::at(output, fault));
                if ran.idle > ran.open {
                    found.push(format!("{fault:?} at {output}: a closed connection idles"));
                }
                if ran.outputs > clean.outputs * 4 + 64 {
                    found.push(format!("{fault:?} at {output}: {} outputs", ran.outputs));
                }
            }
        }
        found
    }));
}
