//! Which crates a runtime brings along: its own loop, and no other's.

#![expect(clippy::unwrap_used, reason = "a tree that cannot be read fails the test")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The names of all crates that cargo's tree has.
fn tree(arguments: &[&str]) -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root).args(["tree", "--locked", "--offline", "--prefix", "none"]);
    let output = cargo.args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| Some(line.split_once(' ')?.0.to_owned())).collect()
}

#[test]
fn no_runtime_pulls_another_in() {
    // Each runtime with what only it may bring.
    let runtimes = [
        ("sessio-std", [].as_slice()),
        ("sessio-smol", ["async-io", "blocking", "event-listener", "futures-lite"].as_slice()),
        ("sessio-mio", ["mio", "slab"].as_slice()),
    ];
    for (name, _) in runtimes {
        let crates = tree(&["--package", name, "--edges", "normal,build"]);
        assert!(crates.contains("sessio-core") && crates.contains("sessio-runtime"), "{crates:?}");
        for (other, foreign) in runtimes.iter().filter(|(other, _)| *other != name) {
            assert!(!crates.contains(*other), "{name} brings {other}");
            // async-io keeps its sources in a slab of its own.
            let foreign = foreign.iter().filter(|foreign| **foreign != "slab");
            for foreign in foreign {
                assert!(!crates.contains(*foreign), "{name} brings {foreign} of {other}");
            }
        }
    }
}

#[test]
fn the_core_and_what_runtimes_share_bring_no_loop() {
    for name in ["sessio-core", "sessio-runtime"] {
        let crates = tree(&["--package", name, "--edges", "normal,build"]);
        for foreign in ["async-io", "mio", "smol", "polling", "sessio-std"] {
            assert!(!crates.contains(foreign), "{name} brings {foreign}");
        }
    }
}

#[test]
fn tokio_is_used_by_tests_alone() {
    let all = ["sessio-core", "sessio-runtime", "sessio-std", "sessio-smol", "sessio-mio"];
    for name in all.into_iter().chain(["sessio-conformance"]) {
        let crates = tree(&["--package", name, "--edges", "normal,build"]);
        assert!(!crates.contains("tokio"), "{name} brings tokio");
    }
    let tested = tree(&["--package", "sessio-smol", "--edges", "normal,build,dev"]);
    assert!(tested.contains("tokio"), "it is tested inside a tokio program");
}
