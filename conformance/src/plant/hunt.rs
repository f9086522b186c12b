//! Which seed finds a plant, by which invariant, after how many exchanges.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use sessio_core::planted::{Plant, plant};

use crate::simulate::{self, FaultSet, Options, Tls};

/// One plant at a time: it is on in the whole process.
static TURN: Mutex<()> = Mutex::new(());

/// What came of looking for a plant.
#[derive(Clone, Debug)]
pub struct Hunt {
    /// What was planted; `None` is a hunt for nothing.
    pub plant: Option<Plant>,
    /// What was found.
    pub seen: Option<Sighting>,
}

/// How a plant was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The seed of the simulation.
    pub seed: u64,
    /// The invariant that it breaks; `panic` is one of them here.
    pub invariant: &'static str,
    /// Exchanges before it, over all seeds.
    pub after: u64,
    /// What the violation says.
    pub text: String,
}

/// Takes the plant out again, however the hunt ends.
struct Planted;

impl Drop for Planted {
    fn drop(&mut self) {
        plant(None);
    }
}

/// Plants a bug and simulates until it is found, for so many exchanges at most.
///
/// # Panics
/// If a hunt for nothing panics: then that is a bug.
#[must_use]
pub fn hunt(wanted: Option<Plant>, exchanges: u64) -> Hunt {
    let _turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let _planted = Planted;
    plant(wanted);
    let (faults, tls) = (FaultSet::all(), Tls::Some);
    let options = Options { seed: 1, exchanges, time: None, faults, tls };
    let seen = match catch_unwind(AssertUnwindSafe(|| simulate::first(&options))) {
        Ok(Ok(_)) => None,
        Ok(Err(first)) => Some(Sighting {
            seed: first.seed,
            invariant: first.violation.invariant,
            after: first.after,
            text: first.violation.text,
        }),
        Err(_) if wanted.is_some() => {
            let text = "the core or its reference panics".into();
            Some(Sighting { seed: 0, invariant: "panic", after: 0, text })
        }
        Err(panic) => std::panic::resume_unwind(panic),
    };
    Hunt { plant: wanted, seen }
}

/// The plants with these names; none means all.
///
/// # Errors
/// The name that there is no plant of.
pub fn named(names: &[String]) -> Result<Vec<Plant>, String> {
    if names.is_empty() {
        return Ok(Plant::ALL.to_vec());
    }
    let find = |name: &String| {
        let found = Plant::ALL.iter().find(|plant| plant.name() == name).copied();
        found.ok_or_else(|| name.clone())
    };
    names.iter().map(find).collect()
}
