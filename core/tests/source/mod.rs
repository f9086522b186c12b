//! Rust sources of the workspace, read as words: for tests about the code itself.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the workspace.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the core lies in the workspace")
}

/// All Rust files below a folder, sorted, but for what a build has put there.
pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder that can be read") {
            let path = entry.expect("an entry that can be read").path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() && !name.starts_with(['.', '_']) && name != "target" {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// A file as text.
pub(crate) fn text(path: &Path) -> String {
    fs::read_to_string(path).expect("a file of text")
}

/// What the compiler sees of a word or a sign, with its line, from 1 on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// An identifier, `::`, or any other character.
    pub(crate) text: String,
    /// Its line.
    pub(crate) line: usize,
}

/// The words and signs of a source, without comments, literals and what only tests see.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    without_tests(words(source))
}

/// The words and signs of a source, without comments and literals.
pub(crate) fn words(source: &str) -> Vec<Token> {
    let signs: Vec<char> = source.chars().collect();
    let (mut tokens, mut at, mut line) = (Vec::new(), 0, 1);
    while let Some(&sign) = signs.get(at) {
        let start = at;
        at = match sign {
            '/' if signs.get(at + 1) == Some(&'/') => end_of_line(&signs, at),
            '"' => end_of_text(&signs, at),
            '\'' => end_of_quote(&signs, at),
            ':' if signs.get(at + 1) == Some(&':') => at + 2,
            sign if is_word(sign) => {
                end_of_raw(&signs, at).unwrap_or_else(|| end_of_word(&signs, at))
            }
            _ => at + 1,
        };
        if (is_word(sign) && is_word(signs[at - 1])) || "{}(),;:*#[]!=<>&.".contains(sign) {
            tokens.push(Token { text: signs[start..at].iter().collect(), line });
        }
        line += signs[start..at].iter().filter(|sign| **sign == '\n').count();
    }
    tokens
}

fn is_word(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_'
}

fn end_of_word(signs: &[char], at: usize) -> usize {
    at + signs[at..].iter().take_while(|sign| is_word(**sign)).count()
}

fn end_of_line(signs: &[char], at: usize) -> usize {
    at + signs[at..].iter().take_while(|sign| **sign != '\n').count()
}

/// The end of a text in quotes that begins at `at`.
fn end_of_text(signs: &[char], at: usize) -> usize {
    let mut at = at + 1;
    while let Some(sign) = signs.get(at) {
        match sign {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    signs.len()
}

/// The end of a raw or byte text, if one begins at `at`: `r"`, `r#"`, `b"`, `br##"`.
fn end_of_raw(signs: &[char], at: usize) -> Option<usize> {
    let bytes = usize::from(signs.get(at) == Some(&'b'));
    if bytes == 1 && signs.get(at + 1) == Some(&'"') {
        return Some(end_of_text(signs, at + 1));
    }
    if signs.get(at + bytes) != Some(&'r') {
        return None;
    }
    let open = at + bytes + 1;
    let hashes = signs[open..].iter().take_while(|sign| **sign == '#').count();
    if signs.get(open + hashes) != Some(&'"') {
        return None;
    }
    let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let inner = open + hashes + 1;
    let length = signs[inner..].windows(close.len()).position(|window| window == close)?;
    Some(inner + length + close.len())
}

/// The end of a character, or of the quote alone where it begins a lifetime.
fn end_of_quote(signs: &[char], at: usize) -> usize {
    if signs.get(at + 1) == Some(&'\\') {
        let close = signs[at + 3..].iter().position(|sign| *sign == '\'');
        return close.map_or(signs.len(), |length| at + 3 + length + 1);
    }
    if signs.get(at + 2) == Some(&'\'') { at + 3 } else { at + 1 }
}

/// Leaves out the items behind `#[cfg(test)]`.
fn without_tests(tokens: Vec<Token>) -> Vec<Token> {
    let marks = ["#", "[", "cfg", "(", "test", ")", "]"];
    let (mut kept, mut rest) = (Vec::new(), tokens.as_slice());
    while let Some((first, behind)) = rest.split_first() {
        if rest.len() >= marks.len() && rest.iter().zip(marks).all(|(t, mark)| t.text == mark) {
            rest = &rest[item_end(rest)..];
        } else {
            kept.push(first.clone());
            rest = behind;
        }
    }
    kept
}

/// Where an item ends: behind its `;` or its braces.
fn item_end(tokens: &[Token]) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" if depth == 1 => return at + 1,
            "}" => depth -= 1,
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

/// The modules that only tests see: `#[cfg(test)] mod NAME;`.
pub(crate) fn test_modules(source: &str) -> Vec<String> {
    let marks = ["#", "[", "cfg", "(", "test", ")", "]", "mod"];
    let words = words(source);
    let places = words.windows(marks.len() + 2);
    places
        .filter(|place| place.iter().zip(marks).all(|(token, mark)| token.text == mark))
        .filter(|place| place[marks.len() + 1].text == ";")
        .map(|place| place[marks.len()].text.clone())
        .collect()
}

/// A path in a source, as its segments, with the line of its first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourcePath {
    /// `crate`, `super`, names.
    pub(crate) segments: Vec<String>,
    /// Its line.
    pub(crate) line: usize,
}

/// The paths that begin with one of these words, groups in braces taken apart.
pub(crate) fn paths(tokens: &[Token], heads: &[&str]) -> Vec<SourcePath> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let is_head = heads.contains(&token.text.as_str());
        let goes_on = tokens.get(at + 1).is_some_and(|next| next.text == "::");
        if is_head && goes_on && (at == 0 || tokens[at - 1].text != "::") {
            at = take_path(tokens, at, &[], &mut found);
        } else {
            at += 1;
        }
    }
    found
}

/// Takes one path that begins at `at` under `prefix`; where it ends.
fn take_path(
    tokens: &[Token],
    mut at: usize,
    prefix: &[String],
    found: &mut Vec<SourcePath>,
) -> usize {
    let line = tokens[at].line;
    let mut segments = prefix.to_vec();
    loop {
        match tokens.get(at).map(|token| token.text.as_str()) {
            Some("{") => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token.text != "}") {
                    let is_comma = tokens[at].text == ",";
                    at = if is_comma { at + 1 } else { take_path(tokens, at, &segments, found) };
                }
                return at + 1;
            }
            Some(name) if name.starts_with(is_word) => segments.push(name.to_owned()),
            _ => {}
        }
        at += 1;
        if tokens.get(at).is_none_or(|token| token.text != "::") {
            break;
        }
        at += 1;
    }
    if tokens.get(at).is_some_and(|token| token.text == "as") {
        at += 2;
    }
    found.push(SourcePath { segments, line });
    at
}
