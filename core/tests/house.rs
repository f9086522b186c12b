//! The house rules that no lint checks, over every Rust source of the workspace.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a broken tree fails the test")]

mod source;

use std::path::PathBuf;

use source::{rust_files, text, tokens, words, workspace};

/// How long a file may be; about 150 lines is the aim.
const FILE_LINES_MAX: usize = 500;

/// A source: its name for people, its text.
fn sources() -> Vec<(String, String)> {
    let named = |path: PathBuf| {
        let name = path.strip_prefix(workspace()).expect("a file below").display().to_string();
        (name, text(&path))
    };
    let sources: Vec<_> = rust_files(workspace()).into_iter().map(named).collect();
    assert!(sources.len() > 100, "only {} sources were found", sources.len());
    sources
}

/// The places where these words and signs follow each other in a source.
fn places(file: &str, tokens: &[source::Token], sought: &[&str]) -> Vec<String> {
    let places = tokens.windows(sought.len());
    places
        .filter(|place| place.iter().zip(sought).all(|(token, sought)| token.text == *sought))
        .map(|place| format!("{file}:{}: {}", place[0].line, sought.concat()))
        .collect()
}

/// What a source has that no source of the workspace may have.
fn forbidden(file: &str, text: &str) -> Vec<String> {
    let words = words(text);
    let sought: [&[&str]; 5] = [
        &["unsafe"],
        &["todo", "!"],
        &["unimplemented", "!"],
        &["dbg", "!"],
        &["#", "[", "ignore"],
    ];
    sought.iter().flat_map(|sought| places(file, &words, sought)).collect()
}

#[test]
fn every_file_opens_with_what_it_is_for() {
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(file, _)| file)
        .collect();
    assert_eq!(silent, [""; 0]);
}

#[test]
fn no_file_is_longer_than_can_be_read_at_once() {
    let long: Vec<String> = sources()
        .into_iter()
        .map(|(file, text)| (file, text.lines().count()))
        .filter(|(_, lines)| *lines > FILE_LINES_MAX)
        .map(|(file, lines)| format!("{file}: {lines} lines"))
        .collect();
    assert_eq!(long, [""; 0]);
}

#[test]
fn nothing_is_unsafe_unfinished_or_ignored() {
    let found: Vec<String> =
        sources().iter().flat_map(|(file, text)| forbidden(file, text)).collect();
    assert_eq!(found, [""; 0]);
}

/// With it the core could name sockets, files, clocks, threads and the environment.
#[test]
fn the_core_does_without_std() {
    let sources = sources();
    let core = sources.iter().filter(|(file, _)| file.starts_with("core/src"));
    let found: Vec<String> = core
        .flat_map(|(file, text)| places(file, &tokens(text), &["extern", "crate", "std"]))
        .collect();
    assert_eq!(found, [""; 0]);
    let lib = sources.iter().find(|(file, _)| file == "core/src/lib.rs").expect("lib.rs");
    assert_eq!(places(&lib.0, &tokens(&lib.1), &["#", "!", "[", "no_std", "]"]).len(), 1);
}

#[test]
fn what_is_forbidden_is_found_in_code_only() {
    let rows = [
        ("fn f() { unsafe { g() } }", 1),
        ("#![forbid(unsafe_code)]", 0),
        ("// unsafe\n/// todo!()\nlet a = \"dbg!\";", 0),
        ("todo!()\n;\ndbg!(1)", 2),
        ("#[ignore = \"slow\"]\n#[test]", 1),
        ("fn ignore() {}", 0),
    ];
    for (text, want) in rows {
        assert_eq!(forbidden("a.rs", text).len(), want, "{text}");
    }
    assert_eq!(forbidden("a.rs", "\n\ntodo!()"), ["a.rs:3: todo!"]);
}

#[test]
fn std_for_tests_alone_does_not_count() {
    let seen = "#[cfg(test)]\nextern crate std;\nextern crate alloc;";
    assert!(places("a.rs", &tokens(seen), &["extern", "crate", "std"]).is_empty());
    assert_eq!(places("a.rs", &words(seen), &["extern", "crate", "std"]).len(), 1);
}
