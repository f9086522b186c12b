//! Directories of vectors: which documents, which vectors, which of them are wanted.
//!
//! The format is described in `oracle/FORMAT.md`, sections 1, 3 and 5.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::integers;

/// One recorded exchange of the reference client.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Unique over all documents of a suite.
    pub id: String,
    /// The area of its document.
    pub area: String,
    /// Whether the behaviour is accidental, unsafe, or peculiar to Python.
    pub nature: Nature,
    /// The whole vector, `expect` included.
    pub vector: Value,
}

/// One recorded call of a function without I/O.
#[derive(Clone, Debug)]
pub struct Pure {
    /// Unique over all documents of a suite.
    pub id: String,
    /// The function of its document.
    pub function: String,
    /// Whether the behaviour is accidental, unsafe, or peculiar to Python.
    pub nature: Nature,
    /// The whole case: `in`, and `out` or `error`.
    pub case: Value,
}

/// Whether a client may behave otherwise if it documents so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// Behaviour to be matched.
    Regular,
    /// Tagged `quirk`.
    Quirk,
}

/// Everything that was loaded.
#[derive(Clone, Debug, Default)]
pub struct Suite {
    /// In order of file name and line.
    pub exchanges: Vec<Exchange>,
    /// In order of file name and line.
    pub pure: Vec<Pure>,
}

/// Which vectors of a suite are run.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Part of the id, or the whole area or function; empty selects everything.
    pub filter: String,
    /// What becomes of vectors tagged `quirk`.
    pub quirks: Quirks,
}

/// What becomes of vectors tagged `quirk`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quirks {
    /// They are run like the others.
    #[default]
    Run,
    /// They are left out.
    Skip,
}

/// What becomes of a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// It is run.
    Run,
    /// It is counted as skipped.
    Skip,
    /// It is not asked for.
    Leave,
}

/// Why a directory could not be loaded.
#[derive(Debug)]
pub struct LoadError {
    /// The file or directory.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.problem)
    }
}

impl std::error::Error for LoadError {}

impl Suite {
    /// Loads every `*.json` of the directories, in order of name.
    ///
    /// # Errors
    /// If a directory cannot be read or holds no document, a document is not of this format, or an
    /// id appears twice.
    pub fn load<P: AsRef<Path>>(directories: &[P]) -> Result<Self, LoadError> {
        let mut suite = Self::default();
        let mut ids = BTreeSet::new();
        for directory in directories {
            let files = documents(directory.as_ref())?;
            if files.is_empty() {
                return Err(wrong(directory.as_ref(), "no *.json file in it"));
            }
            for file in files {
                let document = read_json(&file)?;
                suite.add(&document, &mut ids).map_err(|problem| wrong(&file, problem))?;
            }
        }
        Ok(suite)
    }

    /// The ids of all vectors.
    #[must_use]
    pub fn ids(&self) -> BTreeSet<&str> {
        let exchanges = self.exchanges.iter().map(|vector| vector.id.as_str());
        exchanges.chain(self.pure.iter().map(|case| case.id.as_str())).collect()
    }

    fn add(&mut self, document: &Value, ids: &mut BTreeSet<String>) -> Result<(), String> {
        if document["format"] != 1 {
            return Err(format!("format {} instead of 1", document["format"]));
        }
        match document["kind"].as_str() {
            Some("exchange") => {
                let area = text(document, "area")?;
                for vector in list(document, "vectors")? {
                    let id = fresh_id(vector, ids)?;
                    let nature = nature(vector);
                    let (area, vector) = (area.clone(), vector.clone());
                    self.exchanges.push(Exchange { id, area, nature, vector });
                }
            }
            Some("pure") => {
                let function = text(document, "fn")?;
                for case in list(document, "cases")? {
                    let id = fresh_id(case, ids)?;
                    let nature = nature(case);
                    let (function, case) = (function.clone(), case.clone());
                    self.pure.push(Pure { id, function, nature, case });
                }
            }
            _ => return Err(format!("unknown kind {}", document["kind"])),
        }
        Ok(())
    }
}

impl Selection {
    /// What becomes of a vector of this id, in this area or of this function.
    #[must_use]
    pub fn choose(&self, id: &str, group: &str, nature: Nature) -> Choice {
        match (id.contains(&self.filter) || group == self.filter, nature, self.quirks) {
            (false, _, _) => Choice::Leave,
            (true, Nature::Quirk, Quirks::Skip) => Choice::Skip,
            (true, _, _) => Choice::Run,
        }
    }
}

/// One JSON document.
///
/// # Errors
/// If the file cannot be read or is not JSON.
pub fn read_json(path: &Path) -> Result<Value, LoadError> {
    let text = std::fs::read_to_string(path).map_err(|error| wrong(path, error))?;
    serde_json::from_str(&integers::kept(&text)).map_err(|error| wrong(path, error))
}

/// The `*.json` files of a directory, in order of name.
///
/// # Errors
/// If the directory cannot be read.
pub fn documents(directory: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let entries = std::fs::read_dir(directory).map_err(|error| wrong(directory, error))?;
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    Ok(files)
}

fn wrong(path: &Path, problem: impl fmt::Display) -> LoadError {
    LoadError { path: path.to_owned(), problem: problem.to_string() }
}

fn text(object: &Value, name: &str) -> Result<String, String> {
    let found = object[name].as_str().ok_or_else(|| format!("no text member {name:?}"))?;
    Ok(found.to_owned())
}

fn list<'a>(object: &'a Value, name: &str) -> Result<&'a Vec<Value>, String> {
    object[name].as_array().ok_or_else(|| format!("no array member {name:?}"))
}

fn fresh_id(vector: &Value, ids: &mut BTreeSet<String>) -> Result<String, String> {
    let id = text(vector, "id")?;
    if ids.insert(id.clone()) { Ok(id) } else { Err(format!("the id {id:?} appears twice")) }
}

fn nature(vector: &Value) -> Nature {
    let tagged =
        vector.as_object().is_some_and(|members: &Map<_, _>| members.contains_key("quirk"));
    if tagged { Nature::Quirk } else { Nature::Regular }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn added(document: &Value) -> Result<Suite, String> {
        let mut suite = Suite::default();
        suite.add(document, &mut BTreeSet::new()).map(|()| suite)
    }

    #[test]
    fn documents_of_both_kinds_are_read() {
        let exchange = json!({"format": 1, "kind": "exchange", "area": "x",
            "vectors": [{"id": "a", "quirk": "why"}, {"id": "b"}]});
        let suite = added(&exchange).unwrap();
        let read: Vec<_> = suite.exchanges.iter().map(|v| (v.id.as_str(), v.nature)).collect();
        assert_eq!(read, [("a", Nature::Quirk), ("b", Nature::Regular)]);
        let pure = json!({"format": 1, "kind": "pure", "fn": "f", "cases": [{"id": "f-1"}]});
        assert_eq!(added(&pure).unwrap().pure[0].function, "f");
    }

    #[test]
    fn other_documents_are_refused_by_name() {
        let rows = [
            (json!({"format": 2, "kind": "pure", "fn": "f", "cases": []}), "format 2"),
            (json!({"format": 1, "kind": "prose"}), "kind"),
            (json!({"format": 1, "kind": "pure", "cases": []}), "\"fn\""),
            (json!({"format": 1, "kind": "pure", "fn": "f"}), "\"cases\""),
            (json!({"format": 1, "kind": "pure", "fn": "f", "cases": [{}]}), "\"id\""),
            (
                json!({"format": 1, "kind": "pure", "fn": "f", "cases": [{"id": "a"}, {"id": "a"}]}),
                "twice",
            ),
        ];
        for (document, why) in rows {
            let refused = added(&document).unwrap_err();
            assert!(refused.contains(why), "{document}: {refused}");
        }
    }

    #[test]
    fn a_filter_names_part_of_an_id_or_a_whole_group() {
        let rows = [
            ("", Quirks::Run, Nature::Quirk, Choice::Run),
            ("", Quirks::Skip, Nature::Quirk, Choice::Skip),
            ("other", Quirks::Skip, Nature::Quirk, Choice::Leave),
            ("edir-", Quirks::Skip, Nature::Regular, Choice::Run),
            ("redirects", Quirks::Run, Nature::Regular, Choice::Run),
            ("redirect", Quirks::Run, Nature::Regular, Choice::Leave),
        ];
        for (filter, quirks, nature, wanted) in rows {
            let selection = Selection { filter: filter.to_owned(), quirks };
            assert_eq!(selection.choose("redir-1", "redirects", nature), wanted, "{filter}");
        }
    }
}
