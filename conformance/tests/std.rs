//! What the simulation passes, every runtime passes over real sockets.

use std::collections::BTreeSet;
use std::path::Path;

use sessio_conformance::divergence::Table;
use sessio_conformance::driver::{ALL, Name};
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
    let failed = |record: &&Record| matches!(record.verdict, Verdict::Failed { .. });
    let excused: BTreeSet<&str> = simulated.iter().filter(failed).map(|r| r.id.as_str()).collect();
    let (mut all, mut names, mut lines) = (simulated.clone(), vec![Name::Sim.text()], Vec::new());
    let runtimes = ALL.into_iter().filter(|name| *name != Name::Sim && name.driver().is_some());
    for name in runtimes {
        let real = records(name, &suite, &table);
        let unexcused = real.iter().filter(|record| !excused.contains(record.id.as_str()));
        lines.extend(unexcused.filter_map(report::line));
        all.extend(real);
        names.push(name.text());
    }
    let matrix = report::matrix(&all, &names);
    let totals = Totals::of(&simulated);
    assert!(totals.passed > totals.failed, "the simulation itself is broken: {totals}");
    assert!(lines.is_empty(), "{}\n{matrix}", lines.join("\n"));
    eprintln!("{matrix}");
}
