//! The runtimes export the same names, so that going from one to another is a `use` line.
//!
//! Read from their `lib.rs`: every `pub use`, `pub type` and `pub mod`. What one has beyond the
//! others is its own kind of loop, and stands here.

mod source;

use std::collections::BTreeSet;

use source::{text, words, workspace};

/// What a runtime has and the others cannot have.
const OWN: [(&str, &[&str]); 3] = [
    ("std", &[]),
    ("smol", &["AsyncAuthFlow", "BoxFuture"]),
    (
        "mio",
        &[
            "CallId",
            "Completion",
            "Driver",
            "Handled",
            "LOOKUP_THREADS_MAX",
            "Lookup",
            "LookupId",
            "NotPushed",
            "PIECES_BYTES_MAX",
            "UpgradedSocket",
        ],
    ),
];

/// The names that a source exports.
fn exported(source: &str) -> BTreeSet<String> {
    let words: Vec<String> = words(source).into_iter().map(|token| token.text).collect();
    let mut names = BTreeSet::new();
    let mut rest = words.as_slice();
    while let [first, kind, tail @ ..] = rest {
        rest = match (first.as_str(), kind.as_str()) {
            ("pub", "use") => {
                let end = tail.iter().position(|word| word == ";").unwrap_or(tail.len());
                let (path, after) = tail.split_at(end);
                names.extend(leaves(path));
                after
            }
            ("pub", "type" | "mod" | "fn" | "struct" | "enum" | "trait" | "const") => {
                names.extend(tail.first().cloned());
                tail
            }
            _ => rest.get(1..).unwrap_or_default(),
        };
    }
    names
}

/// The names that a `use` brings in: what stands before a comma, a brace or the end; `self` is the
/// module before the braces.
fn leaves(path: &[String]) -> Vec<String> {
    let mut names = Vec::new();
    let mut modules = Vec::new();
    for (place, word) in path.iter().enumerate() {
        match (word.as_str(), path.get(place.saturating_add(1)).map(String::as_str)) {
            ("{" | "}" | "," | "::", _) => {}
            ("self", _) => names.extend(modules.last().cloned()),
            (_, Some("::")) => modules.push(word.clone()),
            _ => names.push(word.clone()),
        }
    }
    names
}

#[test]
fn names_are_read_from_every_form_of_an_export() {
    let source = "mod a; pub mod b; pub use c; /// pub use no;\npub use d::e::{self, F, g::H};\n\
                  pub type I<'a> = J; pub(crate) use K; use L;";
    let want = ["F", "H", "I", "b", "c", "e"].map(String::from);
    assert_eq!(exported(source), BTreeSet::from(want));
}

#[test]
fn the_runtimes_export_the_same_names() {
    let exported = OWN.map(|(runtime, own)| {
        let lib = workspace().join(format!("runtime-{runtime}/src/lib.rs"));
        let mut names = exported(&text(&lib));
        for name in own {
            assert!(names.remove(*name), "sessio-{runtime} has no {name} of its own any more");
        }
        (runtime, names)
    });
    let all: BTreeSet<&String> = exported.iter().flat_map(|(_, names)| names).collect();
    assert!(all.len() > 60, "{all:?}");
    for (runtime, names) in &exported {
        let missing: Vec<&str> =
            all.iter().filter(|name| !names.contains(**name)).map(|name| name.as_str()).collect();
        assert!(missing.is_empty(), "sessio-{runtime} does not export {missing:?}");
    }
}
