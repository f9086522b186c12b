//! Every pure vector of this project gives what requests gives, or what its row of the
//! divergence table says; and every row of the table is needed.

use std::collections::BTreeSet;
use std::path::Path;

use sessio_conformance::divergence::Table;
use sessio_conformance::report::{self, Totals};
use sessio_conformance::run::{self, Verdict};
use sessio_conformance::vectors::{Selection, Suite};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `ONLY=name,name` leaves the other functions out.
#[test]
#[expect(clippy::print_stderr, reason = "counts, for `-- --nocapture`")]
fn pure_vectors_hold() {
    let mut suite = Suite::load(&[root().join("vectors")]).unwrap();
    let only = std::env::var("ONLY").unwrap_or_default();
    let only: BTreeSet<&str> = only.split(',').filter(|name| !name.is_empty()).collect();
    suite.pure.retain(|case| only.is_empty() || only.contains(case.function.as_str()));
    let table = Table::load(root()).unwrap();
    let records = run::pure_cases(&suite, &Selection::default(), &table);
    let lines: Vec<String> = records.iter().filter_map(report::line).collect();
    let totals = Totals::of(&records);
    let skips = report::skips(&records);
    assert!(lines.is_empty(), "{}\n{skips}{totals}", lines.join("\n"));
    eprintln!("{skips}{totals}");
}

#[test]
fn no_function_is_left_out() {
    let suite = Suite::load(&[root().join("vectors")]).unwrap();
    let records = run::pure_cases(&suite, &Selection::default(), &Table::load(root()).unwrap());
    let skipped = records.iter().filter(|r| matches!(r.verdict, Verdict::Skipped { .. }));
    let skipped: BTreeSet<&str> = skipped.map(|record| record.group.as_str()).collect();
    assert_eq!(skipped, BTreeSet::new());
}

#[test]
fn rows_name_vectors_that_exist() {
    let suite = Suite::load(&[root().join("vectors")]).unwrap();
    let table = Table::load(root()).unwrap();
    assert_eq!(table.unknown(&suite.ids()), [""; 0]);
}

#[test]
fn the_page_of_differences_is_the_tables() {
    let page = std::fs::read_to_string(root().join("DIVERGENCES.md")).unwrap();
    let made = Table::load(root()).unwrap().markdown();
    assert!(
        page == made,
        "make it: cargo run -p sessio-conformance -- divergences --markdown > \
         conformance/DIVERGENCES.md"
    );
}
