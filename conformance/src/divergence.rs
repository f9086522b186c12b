//! The table of differences from requests: rows, changed expectations, and the page made of them.
//!
//! A row names a decision and the vectors that show it. A vector that diverges passes only with
//! what its row expects instead.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::vectors::{LoadError, documents, read_json};

/// One decision to behave otherwise.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name in the design.
    pub decision: String,
    /// The ids of the vectors that show it.
    pub vectors: Vec<String>,
    /// What requests does.
    pub requests: String,
    /// What sessio does.
    pub sessio: String,
    /// Why.
    pub why: String,
    /// By id: for pure cases the new `out` or `error`, for exchanges new values by JSON pointer
    /// into `expect`.
    pub changes: BTreeMap<String, Value>,
}

/// All rows.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// In order of the file.
    pub rows: Vec<Row>,
}

/// What a vector is expected to give.
#[derive(Clone, Debug, PartialEq)]
pub enum Expected {
    /// What was recorded.
    Recorded(Value),
    /// What the row of this decision says instead.
    Changed {
        /// Its name.
        decision: String,
        /// What was recorded.
        recorded: Value,
        /// What counts.
        changed: Value,
    },
}

/// Why rows cannot be used.
#[derive(Debug)]
pub enum TableError {
    /// The file or folder cannot be read.
    Load(LoadError),
    /// A row lacks a member, or two rows change one vector.
    Row(String),
}

impl std::fmt::Display for TableError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Load(error) => write!(f, "{error}"),
            Self::Row(problem) => write!(f, "divergence table: {problem}"),
        }
    }
}

impl std::error::Error for TableError {}

impl From<LoadError> for TableError {
    fn from(error: LoadError) -> Self {
        Self::Load(error)
    }
}

impl Table {
    /// Reads `divergences.json` below `root` if there is one, else all of `divergences/*.json`.
    ///
    /// # Errors
    /// If a file cannot be read, a row lacks a member, or two rows change the same vector.
    pub fn load(root: &Path) -> Result<Self, TableError> {
        let (file, folder) = (root.join("divergences.json"), root.join("divergences"));
        let files = match (file.is_file(), folder.is_dir()) {
            (true, _) => vec![file],
            (false, true) => documents(&folder)?,
            (false, false) => Vec::new(),
        };
        let mut table = Self::default();
        for file in files {
            table.add(&read_json(&file)?)?;
        }
        Ok(table)
    }

    /// Adds the rows of one document.
    ///
    /// # Errors
    /// If a row lacks a member, or changes a vector that another row changes.
    pub fn add(&mut self, document: &Value) -> Result<(), TableError> {
        let rows = document["rows"].as_array();
        for row in rows.ok_or_else(|| TableError::Row("no array \"rows\"".to_owned()))? {
            let row = Row::parse(row).map_err(TableError::Row)?;
            let twice = row.changes.keys().find(|id| self.change(id).is_some());
            if let Some(id) = twice {
                return Err(TableError::Row(format!("two rows change {id}")));
            }
            self.rows.push(row);
        }
        Ok(())
    }

    /// What a pure case is expected to give: the case, with `out` or `error` changed.
    #[must_use]
    pub fn pure(&self, id: &str, case: &Value) -> Expected {
        let replaced = |_: &Value, change: &Value| Ok::<_, Infallible>(change.clone());
        match self.expected(id, case, replaced) {
            Ok(expected) => expected,
        }
    }

    /// What an exchange is expected to give: `expect`, with the row's pointers applied.
    ///
    /// # Errors
    /// If a pointer leads nowhere.
    pub fn exchange(&self, id: &str, expect: &Value) -> Result<Expected, String> {
        self.expected(id, expect, |recorded, change| {
            let mut changed = recorded.clone();
            for (pointer, value) in change.as_object().into_iter().flatten() {
                apply(&mut changed, pointer, value)?;
            }
            Ok(changed)
        })
    }

    /// Ids that rows name and `known` does not have.
    #[must_use]
    pub fn unknown<'a>(&'a self, known: &BTreeSet<&str>) -> Vec<&'a str> {
        let named = self.rows.iter().flat_map(|row| row.vectors.iter().chain(row.changes.keys()));
        let unknown: BTreeSet<&str> =
            named.map(String::as_str).filter(|id| !known.contains(id)).collect();
        unknown.into_iter().collect()
    }

    /// The page for people: a table with one line per decision.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut page = String::from(
            "# Differences from requests\n\n\
             Each row is a decision. The vectors named in it pass only with the changed \
             expectation of `divergences.json`.\nThis page is made by \
             `cargo run -p sessio-conformance -- divergences --markdown`.\n\n\
             | decision | requests | sessio | why | vectors |\n|---|---|---|---|---|\n",
        );
        for row in self.merged() {
            let ids: Vec<String> = row.vectors.iter().map(|id| format!("`{id}`")).collect();
            let cells = [&row.decision, &row.requests, &row.sessio, &row.why, &ids.join(" ")];
            let cells = cells.map(|text| text.replace('|', "\\|").replace('\n', " "));
            // Writing to a String cannot fail.
            let _ = writeln!(page, "| {} |", cells.join(" | "));
        }
        page
    }

    /// Rows of the same decision and wording as one.
    fn merged(&self) -> Vec<Row> {
        let mut merged: Vec<Row> = Vec::new();
        for row in &self.rows {
            let same = |other: &&mut Row| {
                (&other.decision, &other.requests, &other.sessio, &other.why)
                    == (&row.decision, &row.requests, &row.sessio, &row.why)
            };
            match merged.iter_mut().find(same) {
                Some(known) => known.vectors.extend(row.vectors.iter().cloned()),
                None => merged.push(row.clone()),
            }
        }
        merged
    }

    fn change(&self, id: &str) -> Option<(&Row, &Value)> {
        self.rows.iter().find_map(|row| row.changes.get(id).map(|change| (row, change)))
    }

    fn expected<E>(
        &self,
        id: &str,
        recorded: &Value,
        change: impl FnOnce(&Value, &Value) -> Result<Value, E>,
    ) -> Result<Expected, E> {
        let recorded = recorded.clone();
        let Some((row, new)) = self.change(id) else { return Ok(Expected::Recorded(recorded)) };
        let changed = change(&recorded, new)?;
        Ok(Expected::Changed { decision: row.decision.clone(), recorded, changed })
    }
}

impl Row {
    fn parse(row: &Value) -> Result<Self, String> {
        let text = |name: &str| match row[name].as_str() {
            Some(text) => Ok(text.to_owned()),
            None => Err(format!("no text {name:?} in {row}")),
        };
        let ids = row["vectors"].as_array().into_iter().flatten();
        let changes = row["changes"].as_object().into_iter().flatten();
        let row = Self {
            decision: text("decision")?,
            requests: text("requests")?,
            sessio: text("sessio")?,
            why: text("why")?,
            vectors: ids.filter_map(|id| id.as_str().map(str::to_owned)).collect(),
            changes: changes.map(|(id, change)| (id.clone(), change.clone())).collect(),
        };
        match row.changes.keys().find(|id| !row.vectors.contains(id)) {
            Some(id) => Err(format!("{id} is changed, but not among the vectors of its row")),
            None => Ok(row),
        }
    }
}

/// Puts one value where a JSON pointer leads.
///
/// `{"absent": true}` takes the member or item away; a last step `-` appends to an array; a last
/// step that names a new member adds it.
///
/// # Errors
/// If the pointer leads nowhere.
pub fn apply(expect: &mut Value, pointer: &str, value: &Value) -> Result<(), String> {
    let nowhere = || format!("the pointer {pointer:?} leads nowhere");
    let (parent, last) = pointer.rsplit_once('/').ok_or_else(nowhere)?;
    let last = last.replace("~1", "/").replace("~0", "~");
    let absent =
        value.as_object().is_some_and(|v| v.len() == 1 && v.get("absent") == Some(&true.into()));
    match expect.pointer_mut(parent).ok_or_else(nowhere)? {
        Value::Object(members) if absent => {
            members.shift_remove(&last).map(|_| ()).ok_or_else(nowhere)
        }
        Value::Object(members) => {
            members.insert(last, value.clone());
            Ok(())
        }
        Value::Array(items) if last == "-" && !absent => {
            items.push(value.clone());
            Ok(())
        }
        Value::Array(items) => {
            let at: usize = last.parse().map_err(|_| nowhere())?;
            let item = items.get_mut(at).ok_or_else(nowhere)?;
            if absent {
                items.remove(at);
            } else {
                *item = value.clone();
            }
            Ok(())
        }
        _ => Err(nowhere()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pointers_replace_add_append_and_remove() {
        let rows = [
            ("/calls/0/status", json!(201), Ok(json!({"calls": [{"status": 201}]}))),
            ("/calls/0/a~1b", json!(1), Ok(json!({"calls": [{"status": 200, "a/b": 1}]}))),
            ("/calls/-", json!(1), Ok(json!({"calls": [{"status": 200}, 1]}))),
            ("/calls/0", json!({"absent": true}), Ok(json!({"calls": []}))),
            ("/calls/0/status", json!({"absent": true}), Ok(json!({"calls": [{}]}))),
            ("/wire", json!([]), Ok(json!({"calls": [{"status": 200}], "wire": []}))),
            ("/calls/1", json!(1), Err(())),
            ("/calls/x", json!(1), Err(())),
            ("/calls/0/none", json!({"absent": true}), Err(())),
            ("/none/0", json!(1), Err(())),
            ("calls", json!(1), Err(())),
        ];
        for (pointer, value, wanted) in rows {
            let mut expect = json!({"calls": [{"status": 200}]});
            let applied = apply(&mut expect, pointer, &value);
            assert_eq!(applied.map(|()| expect).map_err(|_| ()), wanted, "{pointer} {value}");
        }
    }

    fn row(id: &str, change: &Value) -> Value {
        json!({"decision": "d", "vectors": [id], "requests": "r", "sessio": "s", "why": "w",
            "changes": {id: change}})
    }

    #[test]
    fn a_change_counts_for_its_vector_only() {
        let mut table = Table::default();
        table
            .add(&json!({"rows": [row("a", &json!({"/status": 2})), row("p", &json!({"out": 3}))]}))
            .unwrap();
        let expect = json!({"status": 1});
        let Ok(Expected::Changed { changed, recorded, .. }) = table.exchange("a", &expect) else {
            panic!("a row for it exists");
        };
        assert_eq!((changed, recorded), (json!({"status": 2}), expect.clone()));
        assert_eq!(table.exchange("b", &expect), Ok(Expected::Recorded(expect.clone())));
        let Expected::Changed { changed, .. } = table.pure("p", &expect) else {
            panic!("likewise")
        };
        assert_eq!(changed, json!({"out": 3}));
        assert_eq!(table.unknown(&BTreeSet::from(["a", "b"])), ["p"]);
    }

    #[test]
    fn rows_that_contradict_themselves_or_each_other_are_refused() {
        let rows = [
            json!({"rows": [row("a", &json!({})), row("a", &json!({}))]}),
            json!({"rows": [{"decision": "d"}]}),
            json!({}),
            json!({"rows": [{"decision": "d", "requests": "", "sessio": "", "why": "",
                "vectors": [], "changes": {"a": {}}}]}),
        ];
        for document in rows {
            assert!(Table::default().add(&document).is_err(), "{document}");
        }
    }

    #[test]
    fn the_page_has_a_line_per_decision() {
        let mut table = Table::default();
        table.add(&json!({"rows": [row("a", &json!({})), row("b", &json!({}))]})).unwrap();
        let page = table.markdown();
        assert!(page.ends_with("|---|\n| d | r | s | w | `a` `b` |\n"), "{page}");
    }
}
