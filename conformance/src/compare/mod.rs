//! What was observed against what is expected, and the first difference in words.
//!
//! The rules are those of `oracle/FORMAT.md`, sections 3.7 and 4.

mod wire;

use std::fmt;

use serde_json::{Map, Value};

use crate::integers;
use crate::peer::{boundary, normal_body};

/// The first thing that is not as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where, as a JSON pointer into `expect` (or into a pure result).
    pub field: String,
    /// What is expected, in short.
    pub wanted: String,
    /// What was observed, in short.
    pub got: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: wanted {}, got {}", self.field, self.wanted, self.got)
    }
}

/// The longest text that a difference shows of a value, in characters.
const SHOWN_MAX: usize = 240;

/// Values that stand for any value of the header.
const PRESENCE_ONLY: [&str; 2] = ["USER-AGENT", "TRANSPORT-USER-AGENT"];

/// In changed expectations: any error kind of the client under test.
pub const ANY_ERROR: &str = "*";

/// Compares `observed`, of the form of `expect`, with `expect`.
///
/// # Errors
/// The first difference; one that explains others comes first.
pub fn exchange(expect: &Value, observed: &Value) -> Result<(), Difference> {
    surprises(&expect["calls"], &observed["calls"])?;
    wire::requests(&expect["wire"], &observed["wire"])?;
    calls(&expect["calls"], &observed["calls"])?;
    for name in ["dials", "connections", "sleeps", "unused_replies", "session_cookies"] {
        let field = format!("/{name}");
        same(&field, member(expect, name), member(observed, name))?;
    }
    Ok(())
}

/// Compares the outcome of a pure case; `expect` has `out` or `error`.
///
/// # Errors
/// The difference.
pub fn pure(expect: &Value, got: &crate::pure::Outcome) -> Result<(), Difference> {
    use crate::pure::Outcome;
    let wanted_error = member(expect, "error").filter(|error| !error.is_null());
    match (wanted_error, got) {
        (Some(kind), Outcome::Error(_)) if kind == ANY_ERROR => Ok(()),
        (Some(kind), Outcome::Error(got)) => {
            same("error", Some(kind), Some(&Value::String(got.clone())))
        }
        (Some(kind), Outcome::Out(out)) => {
            Err(differ("", format!("the error {kind}"), shown(Some(out))))
        }
        (None, Outcome::Error(kind)) => {
            Err(differ("", shown(member(expect, "out")), format!("the error {kind}")))
        }
        (None, Outcome::Out(out)) => same("out", member(expect, "out"), Some(out)),
    }
}

/// An error where there should be none, or none where there should be one, explains the rest.
fn surprises(expect: &Value, observed: &Value) -> Result<(), Difference> {
    for (index, (wanted, got)) in list(expect).iter().zip(list(observed)).enumerate() {
        let field = format!("/calls/{index}");
        match (member(wanted, "error"), member(got, "error")) {
            (None, Some(error)) => {
                return Err(differ(&field, format!("success{}", status(wanted)), describe(error)));
            }
            (Some(error), None) => {
                return Err(differ(&field, describe(error), format!("success{}", status(got))));
            }
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
    Ok(())
}

fn status(call: &Value) -> String {
    member(call, "status").map(|status| format!(" ({status})")).unwrap_or_default()
}

fn describe(error: &Value) -> String {
    let kind = error["kind"].as_str().unwrap_or("nameless");
    let message = error["message"].as_str().map(|text| format!(": {text}")).unwrap_or_default();
    format!("the error {kind}{message}")
}

fn calls(expect: &Value, observed: &Value) -> Result<(), Difference> {
    let (wanted, got) = (list(expect), list(observed));
    for (index, (wanted, got)) in wanted.iter().zip(got).enumerate() {
        call(&format!("/calls/{index}"), wanted, got)?;
    }
    if wanted.len() == got.len() {
        return Ok(());
    }
    Err(differ("/calls", format!("{} results", wanted.len()), got.len().to_string()))
}

fn call(field: &str, wanted: &Value, got: &Value) -> Result<(), Difference> {
    for name in names(wanted, got) {
        let field = format!("{field}/{name}");
        match (name, member(wanted, name), member(got, name)) {
            // Recorded only where the encoding is known or the body is ASCII.
            ("text", None, Some(_)) => {}
            ("error", Some(wanted), Some(got)) => error(&field, wanted, got)?,
            ("reads", Some(wanted), Some(got)) => reads(&field, wanted, got)?,
            ("next", Some(wanted @ Value::Object(_)), Some(got @ Value::Object(_))) => {
                next(&field, wanted, got)?;
            }
            (_, wanted, got) => same(&field, wanted, got)?,
        }
    }
    Ok(())
}

fn reads(field: &str, wanted: &Value, got: &Value) -> Result<(), Difference> {
    if list(wanted).len() != list(got).len() {
        return same(field, Some(wanted), Some(got));
    }
    for (index, (wanted, got)) in list(wanted).iter().zip(list(got)).enumerate() {
        for name in names(wanted, got) {
            let field = format!("{field}/{index}/{name}");
            match (name, member(wanted, name), member(got, name)) {
                ("error", Some(wanted), Some(got)) => error(&field, wanted, got)?,
                (_, wanted, got) => same(&field, wanted, got)?,
            }
        }
    }
    Ok(())
}

/// `kind`, and where recorded `response`; the message only of a status error, whose words people
/// search their logs for. Other messages are each client's own; `cause` and `request_attached`
/// inform only.
fn error(field: &str, wanted: &Value, got: &Value) -> Result<(), Difference> {
    if wanted["kind"] != ANY_ERROR && wanted["kind"] != got["kind"] {
        return Err(differ(field, describe(wanted), describe(got)));
    }
    for name in ["message", "response"] {
        if name == "message" && wanted["kind"] != "HTTPError" {
            continue;
        }
        if let Some(wanted) = member(wanted, name) {
            same(&format!("{field}/{name}"), Some(wanted), member(got, name))?;
        }
    }
    Ok(())
}

fn next(field: &str, wanted: &Value, got: &Value) -> Result<(), Difference> {
    for name in names(wanted, got) {
        let field = format!("{field}/{name}");
        match (name, member(wanted, name), member(got, name)) {
            ("headers", Some(wanted), Some(got)) => wire::headers(&field, wanted, got)?,
            (_, wanted, got) => same(&field, wanted, got)?,
        }
    }
    Ok(())
}

/// Equality where numbers count by value and members in any order; says where it ends.
fn same(field: &str, wanted: Option<&Value>, got: Option<&Value>) -> Result<(), Difference> {
    match (wanted, got) {
        (Some(Value::Array(wanted)), Some(Value::Array(got))) if wanted.len() == got.len() => {
            let mut pairs = wanted.iter().zip(got).enumerate();
            pairs.try_for_each(|(index, (wanted, got))| {
                same(&format!("{field}/{index}"), Some(wanted), Some(got))
            })
        }
        (Some(wanted @ Value::Object(_)), Some(got @ Value::Object(_))) => {
            names(wanted, got).into_iter().try_for_each(|name| {
                let field = format!("{field}/{}", name.replace('~', "~0").replace('/', "~1"));
                same(&field, member(wanted, name), member(got, name))
            })
        }
        // What a client reads into 64 bits is rounded.
        (Some(Value::Object(long)), Some(Value::Number(got)))
            if long.get(integers::TAG).and_then(rounded) == got.as_f64() =>
        {
            Ok(())
        }
        (Some(Value::Number(one)), Some(Value::Number(other)))
            if one.as_f64() == other.as_f64() =>
        {
            Ok(())
        }
        (wanted, got) if wanted == got => Ok(()),
        (wanted, got) => Err(differ(field, shown(wanted), shown(got))),
    }
}

fn rounded(digits: &Value) -> Option<f64> {
    digits.as_str()?.parse().ok()
}

/// A recorded multipart body has a placeholder; so gets an observed one.
///
/// For drivers: the body of a prepared request as results have it.
#[must_use]
pub fn body_out(content_type: &str, body: &[u8]) -> Value {
    crate::value::out_bytes(&normal_body(body, boundary(content_type, body).as_deref()))
}

fn names<'a>(wanted: &'a Value, got: &'a Value) -> Vec<&'a str> {
    let of = |value: &'a Value| value.as_object().into_iter().flat_map(Map::keys);
    let extra = of(got).filter(|name| member(wanted, name).is_none());
    of(wanted).chain(extra).map(String::as_str).collect()
}

fn member<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object.as_object().and_then(|members| members.get(name))
}

fn list(array: &Value) -> &[Value] {
    array.as_array().map_or(&[], Vec::as_slice)
}

fn differ(field: &str, wanted: String, got: String) -> Difference {
    Difference { field: field.to_owned(), wanted, got }
}

fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else { return "nothing".to_owned() };
    let text = value.to_string();
    if text.chars().count() <= SHOWN_MAX {
        return text;
    }
    let short: String = text.chars().take(SHOWN_MAX).collect();
    format!("{short}... ({} characters)", text.chars().count())
}

#[cfg(test)]
mod tests;
