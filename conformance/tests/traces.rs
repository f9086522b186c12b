//! What a vector decides, and why, is the same on every driver.

use std::path::Path;

use serde_json::Value;
use sessio_conformance::driver::{ALL, Driver, Name};
use sessio_conformance::vectors::{Exchange, Suite};

/// The decisions of a vector in words.
///
/// Only what a driver must differ in is taken out: which port of the loopback interface stands for
/// a server.
fn trace(driver: &mut dyn Driver, vector: &Exchange) -> Vec<String> {
    let observed = driver.run(vector).expect("a vector of the format");
    let decisions = observed["trace"].as_array().expect("a trace");
    decisions.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Where two traces part.
fn parting(one: &[String], other: &[String]) -> Option<String> {
    let at = |trace: &[String], place: usize| trace.get(place).cloned().unwrap_or_default();
    let length = one.len().max(other.len());
    (0..length)
        .map(|place| (at(one, place), at(other, place)))
        .find(|(one, other)| one != other)
        .map(|(one, other)| format!("{one:?} and {other:?}"))
}

#[test]
fn every_driver_decides_the_same_for_the_same_reasons() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let suite = Suite::load(&[root.join("vectors")]).unwrap();
    let mut drivers: Vec<(Name, Box<dyn Driver>)> =
        ALL.into_iter().filter_map(|name| Some((name, name.driver()?))).collect();
    assert!(drivers.len() > 2, "drivers are compared");
    let (mut partings, mut decisions) = (Vec::new(), 0);
    for vector in &suite.exchanges {
        let mut traces: Vec<(Name, Vec<String>)> = drivers
            .iter_mut()
            .map(|(name, driver)| (*name, trace(driver.as_mut(), vector)))
            .collect();
        let (_, first) = traces.remove(0);
        decisions += first.len();
        for (name, other) in traces {
            if let Some(parting) = parting(&first, &other) {
                partings.push(format!("{} on {}: {parting}", vector.id, name.text()));
            }
        }
    }
    assert!(decisions > 5_000, "only {decisions} decisions were noted");
    let shown = partings.iter().take(60).cloned().collect::<Vec<_>>().join("\n");
    assert!(partings.is_empty(), "{} partings\n{shown}", partings.len());
}
