//! Every pure vector of this project gives what requests gives, or what its row of the
//! divergence table says.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use sessio_conformance::pure::{self, Outcome};

fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Changed expectations by case id.
fn changes(root: &Path) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(root.join("divergences")).unwrap().flatten() {
        for row in json(&entry.path())["rows"].as_array().unwrap() {
            for (id, change) in row["changes"].as_object().unwrap() {
                found.insert(id.clone(), change.clone());
            }
        }
    }
    found
}

#[test]
fn pure_vectors_hold() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let changes = changes(root);
    let only = std::env::var("ONLY").unwrap_or_default();
    let (mut failures, mut passed, mut unknown) = (Vec::new(), 0, Vec::new());
    let mut files: Vec<_> = std::fs::read_dir(root.join("vectors")).unwrap().flatten().collect();
    files.sort_by_key(std::fs::DirEntry::file_name);
    for file in files {
        let doc = json(&file.path());
        let Some(function) = doc["fn"].as_str() else { continue };
        if !only.is_empty() && !only.split(',').any(|name| name == function) {
            continue;
        }
        for case in doc["cases"].as_array().unwrap() {
            let id = case["id"].as_str().unwrap();
            let Some(got) = pure::run(function, &case["in"]) else {
                unknown.push(function.to_owned());
                break;
            };
            let want = changes.get(id).unwrap_or(case);
            let fits = match &got {
                Outcome::Out(out) => want.get("error").is_none() && want.get("out") == Some(out),
                Outcome::Error(kind) => want["error"] == kind.as_str(),
            };
            if fits {
                passed += 1;
            } else {
                failures.push(format!("{id}: in {} want {want} got {got:?}", case["in"]));
            }
        }
    }
    let failed = failures.len();
    assert!(
        failures.is_empty(),
        "{}\n{failed} failed, {passed} passed; unknown {unknown:?}",
        failures.join("\n")
    );
    eprintln!("{passed} passed, 0 failed; unknown {unknown:?}");
}
