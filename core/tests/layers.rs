//! The layers of `ARCHITECTURE.md` hold: a module imports from lines below its own only.
//!
//! The list is read from the file, the imports from the code of `src`: every path that begins with
//! `crate` or `super`, wherever it stands, but for what only tests see. Names that `lib.rs` exports
//! again count for the module that they come from.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a broken list fails the test")]

mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use source::{paths, rust_files, test_modules, text, tokens, workspace};

/// Files that need each other for a reason, by folder; all others form no cycle.
const RECURSIVE: [(&str, &str); 1] =
    [("wire/json_out", "a value holds values: the writers of both call each other")];

/// A source of the core: its module's path, its name for people, its text.
struct Source {
    module: Vec<String>,
    file: String,
    text: String,
}

/// An import: who needs what, and where it says so.
struct Import {
    from: Vec<String>,
    to: Vec<String>,
    place: String,
}

/// The modules on each line of the list, the highest first.
fn layers(architecture: &str) -> Vec<Vec<String>> {
    let (_, section) = architecture.split_once("\n## Layers").expect("a section on layers");
    let (_, list) = section.split_once("```text\n").expect("a list in the section");
    let (list, _) = list.split_once("```").expect("the end of the list");
    let names = |line: &str| -> Vec<String> {
        let (names, _) = line.split_once("  ").unwrap_or((line, ""));
        names.split(", ").map(str::to_owned).collect()
    };
    list.lines().filter(|line| !line.is_empty() && !line.starts_with(' ')).map(names).collect()
}

/// The sources of the core that its users' builds see.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources: Vec<Source> = Vec::new();
    let mut for_tests: BTreeSet<Vec<String>> = BTreeSet::new();
    for path in rust_files(&root) {
        let file = path.strip_prefix(&root).expect("a file below").with_extension("");
        let mut module: Vec<String> =
            file.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        module.pop_if(|last| *last == "mod" || *last == "lib");
        let text = text(&path);
        for name in test_modules(&text) {
            for_tests.insert(module.iter().cloned().chain([name]).collect());
        }
        let file = path.strip_prefix(workspace()).expect("a file below").display().to_string();
        sources.push(Source { module, file, text });
    }
    sources.retain(|source| !for_tests.contains(&source.module));
    sources
}

/// What `lib.rs` exports again, by name, with the path that it comes from.
fn exports(lib: &str, modules: &BTreeSet<String>) -> BTreeMap<String, Vec<String>> {
    let heads: Vec<&str> = modules.iter().map(String::as_str).collect();
    let named = paths(&tokens(lib), &heads).into_iter().map(|path| path.segments);
    named.filter_map(|path| Some((path.last()?.clone(), path))).collect()
}

/// The imports of a source.
fn imports(source: &Source, exports: &BTreeMap<String, Vec<String>>) -> Vec<Import> {
    let mut imports = Vec::new();
    for path in paths(&tokens(&source.text), &["crate", "super"]) {
        let ups = path.segments.iter().take_while(|segment| *segment == "super").count();
        let mut to = match ups {
            0 => Vec::new(),
            ups => source.module[..source.module.len().saturating_sub(ups)].to_vec(),
        };
        to.extend_from_slice(&path.segments[ups.max(1)..]);
        if let Some(origin) = to.first().and_then(|name| exports.get(name)) {
            to.splice(..1, origin.iter().cloned());
        }
        let place = format!("{}:{}", source.file, path.line);
        imports.push(Import { from: source.module.clone(), to, place });
    }
    imports
}

/// What is wrong with an import, if something is.
fn fault(import: &Import, layers: &[Vec<String>]) -> Option<String> {
    let (from, to) = (import.from.first()?, import.to.first()?);
    let line = |name: &String| layers.iter().position(|layer| layer.contains(name));
    let place = &import.place;
    match (line(from), line(to)) {
        _ if from == to => None,
        (Some(own), Some(other)) if own < other => None,
        (Some(own), Some(other)) if own == other => {
            Some(format!("{place}: {from} and {to} are on one line of the layers"))
        }
        (Some(_), Some(_)) => Some(format!("{place}: {to} is above {from} in the layers")),
        (_, None) => Some(format!("{place}: {to} is not in the list of layers")),
        (None, _) => Some(format!("{place}: {from} is not in the list of layers")),
    }
}

/// Which files of a folder need which others of it, by folder.
type Needs = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

fn needs(imports: &[Import], modules: &BTreeSet<Vec<String>>) -> Needs {
    let mut needs = Needs::new();
    for Import { from, to, .. } in imports {
        let shared = from.iter().zip(to).take_while(|(a, b)| a == b).count();
        let (Some(own), Some(other)) = (from.get(shared), to.get(shared)) else { continue };
        if shared > 0 && modules.contains(&to[..=shared]) {
            let folder = needs.entry(from[..shared].join("/")).or_default();
            folder.entry(own.clone()).or_default().insert(other.clone());
        }
    }
    needs
}

/// The files of a folder that need themselves by way of others.
fn cycle(needs: &BTreeMap<String, BTreeSet<String>>) -> Vec<&str> {
    let reaches = |start: &String| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![start]);
        while let Some(name) = next.pop() {
            next.extend(needs.get(name).into_iter().flatten().filter(|name| seen.insert(*name)));
        }
        seen.contains(start)
    };
    needs.keys().filter(|name| reaches(name)).map(String::as_str).collect()
}

/// All imports of the core.
fn all_imports(sources: &[Source]) -> Vec<Import> {
    let lib = sources.iter().find(|source| source.module.is_empty()).expect("lib.rs");
    let exports = exports(&lib.text, &top_modules(sources));
    sources.iter().flat_map(|source| imports(source, &exports)).collect()
}

fn top_modules(sources: &[Source]) -> BTreeSet<String> {
    sources.iter().filter_map(|source| source.module.first().cloned()).collect()
}

#[test]
fn every_module_is_on_one_line() {
    let layers = layers(&text(&workspace().join("ARCHITECTURE.md")));
    let mut listed: Vec<String> = layers.into_iter().flatten().collect();
    listed.sort();
    assert_eq!(listed, top_modules(&sources()).into_iter().collect::<Vec<_>>());
}

#[test]
fn imports_go_downwards() {
    let layers = layers(&text(&workspace().join("ARCHITECTURE.md")));
    let imports = all_imports(&sources());
    assert!(imports.len() > 100, "only {} imports were found", imports.len());
    let faults: Vec<String> = imports.iter().filter_map(|import| fault(import, &layers)).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn files_of_a_folder_form_no_cycle() {
    let sources = sources();
    let modules = sources.iter().map(|source| source.module.clone()).collect();
    let needs = needs(&all_imports(&sources), &modules);
    let found: BTreeMap<&str, Vec<&str>> = needs
        .iter()
        .map(|(folder, needs)| (folder.as_str(), cycle(needs)))
        .filter(|(_, cycle)| !cycle.is_empty())
        .collect();
    let allowed: Vec<&str> = RECURSIVE.iter().map(|(folder, _)| *folder).collect();
    assert_eq!(found.keys().copied().collect::<Vec<_>>(), allowed, "cycles: {found:?}");
}

#[test]
fn the_list_is_read_with_its_remarks() {
    let page = "# A\n\n## Layers\n\nwords\n\n```text\na, b        what\n            more\nc\n```\n";
    assert_eq!(layers(page), [vec!["a", "b"], vec!["c"]]);
}

#[test]
fn an_import_is_found_in_any_form() {
    let lib = "pub mod low; pub mod high;\npub use low::{Low, inner::Deep};";
    let modules = BTreeSet::from(["low", "high"].map(str::to_owned));
    let exports = exports(lib, &modules);
    let rows = [
        ("use crate::low::Low;", "low::Low"),
        ("use crate::{low::{self, Low}};", "low::self low::Low"),
        ("fn f() -> crate::Deep { 1 }", "low::inner::Deep"),
        ("use super::super::low as l;", "low"),
        ("pub use super::sibling::*;", "high::sibling"),
        ("let _ = r#\"crate::low\"#; // crate::low", ""),
        ("let _: &'a str = \"crate::low\"; let c = '\"'; crate::low();", "low"),
        ("#[cfg(test)]\nmod tests { use crate::low; }", ""),
        ("#[cfg(test)]\nuse crate::low;\nuse crate::high;", "high"),
    ];
    for (text, want) in rows {
        let module = vec!["high".to_owned(), "file".to_owned()];
        let source = Source { module, file: "high/file.rs".to_owned(), text: text.to_owned() };
        let found: Vec<String> =
            imports(&source, &exports).iter().map(|import| import.to.join("::")).collect();
        assert_eq!(found.join(" "), want, "{text}");
    }
}

#[test]
fn an_import_upwards_or_sideways_is_a_fault() {
    let layers = [vec!["top".to_owned()], vec!["a".to_owned(), "b".to_owned()]];
    let rows = [
        ("top", "a", None),
        ("a", "a", None),
        ("a", "top", Some("src/a.rs:7: top is above a in the layers")),
        ("a", "b", Some("src/a.rs:7: a and b are on one line of the layers")),
        ("a", "new", Some("src/a.rs:7: new is not in the list of layers")),
    ];
    for (from, to, want) in rows {
        let (from, to) = (vec![from.to_owned()], vec![to.to_owned(), "Thing".to_owned()]);
        let import = Import { from, to, place: "src/a.rs:7".to_owned() };
        assert_eq!(fault(&import, &layers).as_deref(), want);
    }
}

#[test]
fn a_cycle_over_three_files_is_seen() {
    let edge = |name: &str, to: &str| (name.to_owned(), BTreeSet::from([to.to_owned()]));
    let ring = BTreeMap::from([edge("a", "b"), edge("b", "c"), edge("c", "a"), edge("d", "a")]);
    assert_eq!(cycle(&ring), ["a", "b", "c"]);
    assert!(cycle(&BTreeMap::from([edge("a", "b"), edge("b", "c")])).is_empty());
}
