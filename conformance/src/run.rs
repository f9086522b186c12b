//! Running vectors and judging what they gave.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;

use crate::compare::{self, Difference};
use crate::divergence::{Expected, Table};
use crate::driver::Driver;
use crate::pure;
use crate::vectors::{Choice, Exchange, Pure, Selection, Suite};

/// What became of one vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It gave what was recorded, or what its row says.
    Passed {
        /// The decision of its row, if it has one.
        row: Option<String>,
    },
    /// It gave what was recorded though a row says otherwise.
    Stale {
        /// The decision of the row.
        row: String,
    },
    /// It gave something else.
    Failed {
        /// The first difference, or why there is no result.
        difference: String,
    },
    /// It was not run.
    Skipped {
        /// Why.
        reason: String,
    },
}

/// One vector on one driver.
#[derive(Clone, Debug)]
pub struct Record {
    /// Name of the driver, or `pure`.
    pub driver: &'static str,
    /// Area or function.
    pub group: String,
    /// Of the vector.
    pub id: String,
    /// What became of it.
    pub verdict: Verdict,
}

/// Runs the selected pure cases.
#[must_use]
pub fn pure_cases(suite: &Suite, selection: &Selection, table: &Table) -> Vec<Record> {
    let mut records = Vec::new();
    for case in &suite.pure {
        let choice = selection.choose(&case.id, &case.function, case.nature);
        if let Some(verdict) = carry_out(choice, || pure_case(case, table)) {
            let (group, id) = (case.function.clone(), case.id.clone());
            records.push(Record { driver: "pure", group, id, verdict });
        }
    }
    records
}

/// Runs the selected exchanges on one driver and tells `seen` each result as it comes.
pub fn exchanges(
    name: &'static str,
    driver: &mut dyn Driver,
    (suite, selection, table): (&Suite, &Selection, &Table),
    mut seen: impl FnMut(&Record),
) -> Vec<Record> {
    let mut records = Vec::new();
    for vector in &suite.exchanges {
        let choice = selection.choose(&vector.id, &vector.area, vector.nature);
        if let Some(verdict) = carry_out(choice, || exchange(vector, driver, table)) {
            let (group, id) = (vector.area.clone(), vector.id.clone());
            let record = Record { driver: name, group, id, verdict };
            seen(&record);
            records.push(record);
        }
    }
    records
}

fn carry_out(choice: Choice, work: impl FnOnce() -> Verdict) -> Option<Verdict> {
    match choice {
        Choice::Run => Some(work()),
        Choice::Skip => Some(Verdict::Skipped { reason: "quirk".to_owned() }),
        Choice::Leave => None,
    }
}

fn pure_case(case: &Pure, table: &Table) -> Verdict {
    let got = match caught(|| pure::run(&case.function, &case.case["in"])) {
        Ok(Some(got)) => got,
        Ok(None) => return Verdict::Skipped { reason: format!("no function {}", case.function) },
        Err(difference) => return Verdict::Failed { difference },
    };
    let expected = table.pure(&case.id, &case.case);
    match judge(expected, |wanted| compare::pure(wanted, &got)) {
        Verdict::Failed { difference } => {
            Verdict::Failed { difference: format!("{difference}; in {}", case.case["in"]) }
        }
        verdict => verdict,
    }
}

fn exchange(vector: &Exchange, driver: &mut dyn Driver, table: &Table) -> Verdict {
    let failed = |difference: String| Verdict::Failed { difference };
    let expected = match table.exchange(&vector.id, &vector.vector["expect"]) {
        Ok(expected) => expected,
        Err(problem) => return failed(problem),
    };
    match caught(|| driver.run(vector)) {
        Ok(Ok(observed)) => judge(expected, |wanted| compare::exchange(wanted, &observed)),
        Ok(Err(malformed)) => failed(malformed.to_string()),
        Err(panicked) => failed(panicked),
    }
}

fn judge(expected: Expected, compared: impl Fn(&Value) -> Result<(), Difference>) -> Verdict {
    let failed = |difference: Difference| Verdict::Failed { difference: difference.to_string() };
    match expected {
        Expected::Recorded(recorded) => match compared(&recorded) {
            Ok(()) => Verdict::Passed { row: None },
            Err(difference) => failed(difference),
        },
        Expected::Changed { decision, recorded, changed } => {
            match (compared(&changed), compared(&recorded)) {
                (Ok(()), Ok(())) => Verdict::Stale { row: decision },
                (Ok(()), Err(_)) => Verdict::Passed { row: Some(decision) },
                (Err(difference), _) => {
                    let difference = format!("{difference} (row {decision:?})");
                    Verdict::Failed { difference }
                }
            }
        }
    }
}

fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        format!("panicked: {}", text.unwrap_or("without a message"))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::peer::Malformed;
    use crate::vectors::Nature;

    /// Says for every vector what it is made with.
    struct Says(fn() -> Result<Value, Malformed>);

    impl Driver for Says {
        fn run(&mut self, _: &Exchange) -> Result<Value, Malformed> {
            (self.0)()
        }
    }

    #[test]
    fn a_row_counts_only_if_its_vector_diverges() {
        let vector = |id: &str| Exchange {
            id: id.to_owned(),
            area: "x".to_owned(),
            nature: Nature::Regular,
            vector: json!({"expect": {"calls": [{"status": 200, "ok": true}]}}),
        };
        let row = |id: &str, status: u16| {
            json!({"decision": "d", "vectors": [id], "requests": "", "sessio": "", "why": "",
                "changes": {id: {"/calls/0/status": status}}})
        };
        let mut table = Table::default();
        table.add(&json!({"rows": [row("same", 200), row("other", 201)]})).unwrap();
        let row = || Some("d".to_owned());
        type Case = (&'static str, u16, Option<Verdict>);
        let rows: [Case; 5] = [
            ("plain", 200, Some(Verdict::Passed { row: None })),
            ("plain", 201, None),
            ("same", 200, Some(Verdict::Stale { row: "d".to_owned() })),
            ("other", 201, Some(Verdict::Passed { row: row() })),
            ("other", 200, None),
        ];
        for (id, status, wanted) in rows {
            let mut says = match status {
                200 => Says(|| Ok(json!({"calls": [{"status": 200, "ok": true}]}))),
                _ => Says(|| Ok(json!({"calls": [{"status": 201, "ok": true}]}))),
            };
            let verdict = exchange(&vector(id), &mut says, &table);
            match wanted {
                Some(wanted) => assert_eq!(verdict, wanted, "{id} {status}"),
                None => assert!(matches!(verdict, Verdict::Failed { .. }), "{id} {status}"),
            }
        }
    }

    #[test]
    fn a_panic_fails_its_vector_only() {
        let vector = Exchange {
            id: "a".to_owned(),
            area: "x".to_owned(),
            nature: Nature::Regular,
            vector: json!({"expect": {}}),
        };
        let mut says = Says(|| panic!("on purpose"));
        let verdict = exchange(&vector, &mut says, &Table::default());
        let wanted = Verdict::Failed { difference: "panicked: on purpose".to_owned() };
        assert_eq!(verdict, wanted);
    }
}
