//! Results for people and for machines.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::run::{Record, Verdict};

/// How many vectors passed, failed and were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// With or without a row.
    pub passed: usize,
    /// With a difference.
    pub failed: usize,
    /// Not run.
    pub skipped: usize,
}

impl std::fmt::Display for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

impl Totals {
    /// Counts records. A stale row does not fail its vector: the project's own tests refuse it.
    pub fn of<'a>(records: impl IntoIterator<Item = &'a Record>) -> Self {
        let mut totals = Self::default();
        for record in records {
            match record.verdict {
                Verdict::Passed { .. } | Verdict::Stale { .. } => totals.passed += 1,
                Verdict::Failed { .. } => totals.failed += 1,
                Verdict::Skipped { .. } => totals.skipped += 1,
            }
        }
        totals
    }
}

/// The line of a vector that failed or whose row is stale.
#[must_use]
pub fn line(record: &Record) -> Option<String> {
    let place = format!("{} {}", record.driver, record.id);
    match &record.verdict {
        Verdict::Failed { difference } => Some(format!("FAILED {place}: {difference}")),
        Verdict::Stale { row } => Some(format!("STALE {place}: passes without its row {row:?}")),
        Verdict::Passed { .. } | Verdict::Skipped { .. } => None,
    }
}

/// Why vectors were left out, one line a reason.
#[must_use]
pub fn skips(records: &[Record]) -> String {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for record in records {
        if let Verdict::Skipped { reason } = &record.verdict {
            *reasons.entry(reason).or_default() += 1;
        }
    }
    reasons.iter().fold(String::new(), |mut text, (reason, count)| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "skipped {count}: {reason}");
        text
    })
}

/// Passed of run, by area and driver; the pure cases are one line.
#[must_use]
pub fn matrix(records: &[Record], drivers: &[&str]) -> String {
    let exchanges = || records.iter().filter(|record| record.driver != "pure");
    let areas: BTreeSet<&str> = exchanges().map(|record| record.group.as_str()).collect();
    let mut rows =
        vec![std::iter::once("area").chain(drivers.iter().copied()).map(str::to_owned).collect()];
    for area in areas {
        let cell = |driver: &&str| {
            share(Totals::of(exchanges().filter(|r| r.group == area && r.driver == *driver)))
        };
        rows.push(std::iter::once(area.to_owned()).chain(drivers.iter().map(cell)).collect());
    }
    let pure = Totals::of(records.iter().filter(|record| record.driver == "pure"));
    let same = drivers.iter().map(|_| String::new()).skip(1);
    rows.push(["pure".to_owned(), share(pure)].into_iter().chain(same).collect());
    aligned(&rows)
}

/// Everything for machines.
#[must_use]
pub fn json(records: &[Record]) -> Value {
    let totals = |records: Vec<&Record>| {
        let totals = Totals::of(records);
        json!({"passed": totals.passed, "failed": totals.failed, "skipped": totals.skipped})
    };
    let drivers: BTreeSet<&str> = records.iter().map(|record| record.driver).collect();
    let by_driver: serde_json::Map<String, Value> = drivers
        .into_iter()
        .map(|d| (d.to_owned(), totals(records.iter().filter(|r| r.driver == d).collect())))
        .collect();
    let results: Vec<Value> = records.iter().map(entry).collect();
    json!({"totals": totals(records.iter().collect()), "drivers": by_driver, "results": results})
}

fn entry(record: &Record) -> Value {
    let mut entry = json!({"driver": record.driver, "group": record.group, "id": record.id});
    let (verdict, detail) = match &record.verdict {
        Verdict::Passed { row: None } => ("passed", None),
        Verdict::Passed { row: Some(row) } => ("passed", Some(("row", row))),
        Verdict::Stale { row } => ("stale", Some(("row", row))),
        Verdict::Failed { difference } => ("failed", Some(("difference", difference))),
        Verdict::Skipped { reason } => ("skipped", Some(("reason", reason))),
    };
    entry["verdict"] = verdict.into();
    if let Some((name, text)) = detail {
        entry[name] = text.clone().into();
    }
    entry
}

fn share(totals: Totals) -> String {
    format!("{}/{}", totals.passed, totals.passed + totals.failed + totals.skipped)
}

fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(driver: &'static str, group: &str, verdict: Verdict) -> Record {
        Record { driver, group: group.to_owned(), id: "i".to_owned(), verdict }
    }

    fn records() -> Vec<Record> {
        let passed = || Verdict::Passed { row: None };
        let failed = Verdict::Failed { difference: "/x: wanted 1, got 2".to_owned() };
        vec![
            record("sim", "auth", passed()),
            record("std", "auth", failed),
            record("sim", "tls", Verdict::Stale { row: "r".to_owned() }),
            record("std", "tls", Verdict::Skipped { reason: "why".to_owned() }),
            record("pure", "f", passed()),
        ]
    }

    #[test]
    fn totals_and_matrix_count_by_verdict() {
        assert_eq!(Totals::of(&records()).to_string(), "3 passed, 1 failed, 1 skipped");
        let wanted = "area  sim  std\nauth  1/1  0/1\ntls   1/1  0/1\npure  1/1\n";
        assert_eq!(matrix(&records(), &["sim", "std"]), wanted);
        assert_eq!(skips(&records()), "skipped 1: why\n");
    }

    #[test]
    fn failures_and_stale_rows_have_a_line() {
        let lines: Vec<String> = records().iter().filter_map(line).collect();
        let wanted =
            ["FAILED std i: /x: wanted 1, got 2", "STALE sim i: passes without its row \"r\""];
        assert_eq!(lines, wanted);
    }

    #[test]
    fn machines_get_totals_by_driver_and_every_result() {
        let report = json(&records());
        assert_eq!(report["totals"], json!({"passed": 3, "failed": 1, "skipped": 1}));
        assert_eq!(report["drivers"]["std"], json!({"passed": 0, "failed": 1, "skipped": 1}));
        let failed = json!({"driver": "std", "group": "auth", "id": "i", "verdict": "failed",
            "difference": "/x: wanted 1, got 2"});
        assert_eq!(report["results"][1], failed);
    }
}
