//! The inputs that are kept: one a line in `seeds/TARGET.txt`, with escapes.
//!
//! A line has `\r`, `\n`, `\t`, `\\` and `\xNN` for bytes that are not printable; lines that begin
//! with `#` say what follows, and a last `\` before the end of a line is of no meaning. What the
//! fuzzer found once stands there for good: the test `replay` runs every line.

use std::path::{Path, PathBuf};

use crate::{Run, TARGETS};

/// The inputs in a text.
///
/// # Panics
/// If an escape is none.
#[must_use]
pub fn parse(text: &str) -> Vec<Vec<u8>> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(unescape).collect()
}

fn unescape(line: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        match chars.next() {
            Some('r') => out.push(b'\r'),
            Some('n') => out.push(b'\n'),
            Some('t') => out.push(b'\t'),
            Some('x') => {
                let digits: String = chars.by_ref().take(2).collect();
                out.push(u8::from_str_radix(&digits, 16).expect("two digits"));
            }
            Some(c @ ('\\' | '"' | '\'')) => out.push(c as u8),
            None => {}
            Some(c) => panic!("\\{c} is no escape"),
        }
    }
    out
}

/// The line for an input.
#[must_use]
pub fn line(input: &[u8]) -> String {
    let line = input.escape_ascii().to_string();
    // A line that begins with a number sign would be a comment, an empty one nothing.
    match line.strip_prefix('#') {
        Some(rest) => format!("\\x23{rest}"),
        None if line.is_empty() => "\\".into(),
        None => line,
    }
}

/// The inputs of a target that are kept.
///
/// # Panics
/// If they cannot be read.
#[must_use]
pub fn of(target: &str) -> Vec<Vec<u8>> {
    let path = folder().join(format!("{target}.txt"));
    let text = std::fs::read_to_string(&path);
    parse(&text.unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// Where they are.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds")
}

/// Runs a target over the files that the command line names, and prints their lines.
///
/// # Panics
/// If a file cannot be read, or the target finds something in it.
pub fn run_files(run: Run) {
    for path in std::env::args_os().skip(1) {
        let input = std::fs::read(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        println!("{}", line(&input));
        run(&input);
    }
}

/// The body of a target by its name.
#[must_use]
pub fn target(name: &str) -> Option<Run> {
    TARGETS.iter().find(|(known, _)| *known == name).map(|(_, run)| *run)
}
