//! What the simulation passes, `sessio-std` passes over real sockets.

use std::collections::BTreeSet;
use std::path::Path;

use sessio_conformance::divergence::Table;
use sessio_conformance::driver::Name;
use sessio_conformance::report::{self, Totals};
use sessio_conformance::run::{self, Record, Verdict};
use sessio_conformance::vectors::{Selection, Suite};

fn records(name: Name, suite: &Suite, table: &Table) -> Vec<Record> {
    let mut driver = name.driver().expect("a driver of this runner");
    run::exchanges(name.text(), driver.as_mut(), (suite, &Selection::default(), table), |_| {})
}

#[test]
#[expect(clippy::print_stderr, reason = "counts, for `-- --nocapture`")]
fn real_sockets_pass_what_the_simulation_passes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let suite = Suite::load(&[root.join("vectors")]).unwrap();
    let table = Table::load(root).unwrap();
    let simulated = records(Name::Sim, &suite, &table);
    let real = records(Name::Std, &suite, &table);
    let failed = |record: &&Record| matches!(record.verdict, Verdict::Failed { .. });
    let excused: BTreeSet<&str> = simulated.iter().filter(failed).map(|r| r.id.as_str()).collect();
    let lines: Vec<String> = real
        .iter()
        .filter(|record| !excused.contains(record.id.as_str()))
        .filter_map(report::line)
        .collect();
    let all: Vec<Record> = [simulated.clone(), real].concat();
    let matrix = report::matrix(&all, &[Name::Sim.text(), Name::Std.text()]);
    let totals = Totals::of(&simulated);
    assert!(totals.passed > totals.failed, "the simulation itself is broken: {totals}");
    assert!(lines.is_empty(), "{}\n{matrix}", lines.join("\n"));
    eprintln!("{matrix}");
}
