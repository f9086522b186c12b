//! The account of a soak: each call has one line in it, and says whether it ended as it had to.

use std::collections::BTreeMap;

use sessio_core::ErrorKind;

use super::plan::{Case, Fate, Kind, Sum};

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With a response whose body came to its end.
    Body {
        /// Of the last response.
        status: u16,
        /// Of the decoded body.
        sum: Sum,
    },
    /// With an error.
    Failed(ErrorKind),
    /// The caller gave it up.
    GivenUp,
}

/// How often calls of a kind ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// With the body that they had to have.
    pub bodies: u64,
    /// With the error that they had to have.
    pub faults: u64,
    /// Given up, as they had to be.
    pub given_up: u64,
    /// In another way.
    pub wrong: u64,
}

/// How many wrong calls are kept to be shown.
const SHOWN_MAX: usize = 20;

/// All calls so far.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    rows: BTreeMap<Kind, Row>,
    wrong: Vec<String>,
}

impl Ledger {
    /// Enters how a call ended.
    pub fn enter(&mut self, case: Case, outcome: Outcome) {
        let row = self.rows.entry(case.kind).or_default();
        match (outcome, case.fate()) {
            (Outcome::Body { status, sum }, fate)
                if matches!(fate, Fate::Body | Fate::BodyOrFault | Fate::GivenUp)
                    && status == case.status()
                    && sum == case.answer() =>
            {
                row.bodies += 1;
            }
            (Outcome::Failed(kind), Fate::Fault | Fate::BodyOrFault) if !kind.is_timeout() => {
                row.faults += 1;
            }
            (Outcome::Failed(ErrorKind::ReadTimeout), Fate::Timeout) => row.faults += 1,
            (Outcome::GivenUp, Fate::GivenUp) => row.given_up += 1,
            (outcome, fate) => {
                row.wrong += 1;
                if self.wrong.len() < SHOWN_MAX {
                    self.wrong.push(format!("{case:?} had to end in {fate:?}: {outcome:?}"));
                }
            }
        }
    }

    /// How many calls there were.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.rows.values().map(|row| row.bodies + row.faults + row.given_up + row.wrong).sum()
    }

    /// How many of them did not end as they had to.
    #[must_use]
    pub fn wrong(&self) -> u64 {
        self.rows.values().map(|row| row.wrong).sum()
    }

    /// The first wrong ones, a line each.
    #[must_use]
    pub fn complaints(&self) -> &[String] {
        &self.wrong
    }

    /// What is counted, by kind.
    pub fn rows(&self) -> impl Iterator<Item = (Kind, Row)> {
        self.rows.iter().map(|(kind, row)| (*kind, *row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(kind: Kind) -> Case {
        (0..).map(Case::of).find(|case| case.kind == kind && case.size() > 0).unwrap()
    }

    #[test]
    fn a_call_is_right_only_if_it_ends_as_its_number_says() {
        let right = |case: Case| Outcome::Body { status: case.status(), sum: case.answer() };
        let reset = Outcome::Failed(ErrorKind::Connection);
        let late = Outcome::Failed(ErrorKind::ReadTimeout);
        let foreign = |case: Case| right(Case { number: case.number + 1, ..case });
        let kept = case(Kind::Kept);
        let rows = [
            (kept, right(kept), 0),
            (kept, foreign(kept), 1),
            (kept, reset, 1),
            (kept, Outcome::GivenUp, 1),
            (kept, Outcome::Body { status: 500, sum: kept.answer() }, 1),
            (case(Kind::Short), reset, 0),
            (case(Kind::Short), right(case(Kind::Short)), 1),
            (case(Kind::Short), late, 1),
            (case(Kind::Silent), late, 0),
            (case(Kind::Silent), reset, 1),
            (case(Kind::Cancel), Outcome::GivenUp, 0),
            (case(Kind::Cancel), late, 1),
            (case(Kind::Put), right(case(Kind::Put)), 0),
        ];
        for (case, outcome, wrong) in rows {
            let mut ledger = Ledger::default();
            ledger.enter(case, outcome);
            assert_eq!((ledger.calls(), ledger.wrong()), (1, wrong), "{case:?} {outcome:?}");
            assert_eq!(ledger.complaints().len(), usize::try_from(wrong).unwrap());
        }
    }
}
