//! curl's own cases on the drivers: each passes, or diverges by a reason that is listed.
//!
//! They are read in place, from `shared/data/curl` beside the workspace, since they carry curl's
//! licence. Where the folder is missing the test says so and checks nothing, but fails in CI.

mod check;
mod translate;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sessio_conformance::driver::Name;
use sessio_conformance::vectors::{Exchange, Nature};

/// Needs of a case that are no part of a session over HTTP/1.1, by the README of the cases.
const OUT_OF_SCOPE: [&str; 4] = ["auth-any", "proxy-auth-any", "http10-request", "reply-not-http1"];

/// How many of the cases that are run may diverge, in percent.
const DIVERGING_MAX_PERCENT: usize = 10;

fn cases() -> Option<Vec<Value>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/curl/cases.json");
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            let document: Value = serde_json::from_str(&text).expect("a document");
            Some(document["cases"].as_array().expect("cases").clone())
        }
        Err(error) => {
            let what = format!("not checked: {}: {error}", path.display());
            assert!(std::env::var_os("CI").is_none(), "{what}");
            #[expect(clippy::print_stderr, reason = "says that nothing was checked")]
            {
                eprintln!("{what}");
            }
            None
        }
    }
}

/// One list of the project's file: the reason of each case by its id.
fn listed(list: &str) -> BTreeMap<u64, String> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("curl-divergences.json");
    let text = std::fs::read_to_string(path).expect("the file of divergences");
    let document: Value = serde_json::from_str(&text).expect("a document");
    let mut all = BTreeMap::new();
    for row in document[list].as_array().expect("rows") {
        let reason = row["reason"].as_str().expect("a reason");
        for id in row["cases"].as_array().expect("ids") {
            let before = all.insert(id.as_u64().expect("an id"), reason.to_owned());
            assert_eq!(before, None, "{id} stands twice");
        }
    }
    all
}

fn is_in_scope(case: &Value) -> bool {
    let needs = case["needs"].as_array().expect("needs");
    !needs.iter().any(|need| OUT_OF_SCOPE.iter().any(|out| need == out))
}

/// What is wrong with a case on a driver, if anything.
fn fault(case: &Value, driver: Name) -> Option<String> {
    let case = &translate::renamed(case);
    let vector = translate::vector(case);
    let exchange = Exchange {
        id: vector["id"].as_str().expect("an id").to_owned(),
        area: "curl".to_owned(),
        nature: Nature::Regular,
        vector,
    };
    let mut driver = driver.driver()?;
    let run = std::panic::AssertUnwindSafe(|| driver.run(&exchange));
    match std::panic::catch_unwind(run) {
        Ok(Ok(observed)) => check::difference(case, &observed),
        Ok(Err(malformed)) => Some(malformed.to_string()),
        Err(_) => Some("it panicked".to_owned()),
    }
}

fn check(driver: Name) {
    let Some(cases) = cases() else { return };
    let (no_like, listed) = (listed("no_like"), listed("diverging"));
    let id = |case: &&Value| case["id"].as_u64().expect("an id");
    let scope: Vec<&Value> = cases.iter().filter(|case| is_in_scope(case)).collect();
    assert!(scope.len() > 250, "only {} cases are in scope", scope.len());
    let (mut faults, mut passed) = (Vec::new(), 0);
    for case in scope.iter().filter(|case| !no_like.contains_key(&id(case))) {
        match (listed.get(&id(case)), fault(case, driver)) {
            (None, None) => passed += 1,
            (Some(_), Some(_)) => {}
            (None, Some(fault)) => faults.push(format!("{} ({}): {fault}", id(case), case["name"])),
            (Some(reason), None) => faults.push(format!("{} passes; listed: {reason}", id(case))),
        }
    }
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), scope.len(), faults.join("\n"));
    let (diverging, run) = (listed.len(), scope.len() - no_like.len());
    assert!(diverging * 100 <= run * DIVERGING_MAX_PERCENT, "{diverging} of {run} diverge");
    assert_eq!(passed + listed.len() + no_like.len(), scope.len(), "a listed case is none");
}

#[test]
fn cases_of_curl_pass_in_the_simulation_or_are_listed() {
    check(Name::Sim);
}

#[test]
fn cases_of_curl_pass_over_sockets_or_are_listed() {
    check(Name::Std);
}
