//! Functions of requests about forms and multipart bodies.

use serde_json::{Value, json};
use sessio_core::wire::form::{self, Params};
use sessio_core::wire::multipart::guess_filename;

use super::Outcome;
use crate::value::{self, pairs};

/// Runs one case; `None` if `function` is not of this subject.
#[must_use]
pub fn run(function: &str, input: &Value) -> Option<Outcome> {
    Some(Outcome::Out(match function {
        "encode_params" => match &input["params"] {
            // What is text or bytes already is not the core's to encode.
            given @ (Value::Null | Value::String(_)) => given.clone(),
            given if given.get("bytes").is_some() => given.clone(),
            given => params(given).encode().into(),
        },
        // A name that is no text is none in the types of the core.
        "guess_filename" => json!(input["name"].as_str().and_then(guess_filename)),
        _ => return None,
    }))
}

/// Params from a mapping or a list of pairs.
pub(super) fn params(given: &Value) -> Params {
    let name = |name: &Value| match name {
        Value::Number(number) => number.to_string().into_bytes(),
        name => value::text(name).utf8().to_vec(),
    };
    pairs(given).iter().map(|(n, v)| (name(n), param(v))).collect()
}

fn param(given: &Value) -> form::Value {
    match given {
        Value::Null => form::Value::None,
        Value::Bool(truth) => (*truth).into(),
        Value::Number(number) => match number.as_i128() {
            Some(number) => number.into(),
            None => number.as_f64().into(),
        },
        Value::Array(values) => values.iter().map(param).collect(),
        given => match value::text(given) {
            value::Text::Str(text) => text.into(),
            value::Text::Bytes(bytes) => bytes.into(),
        },
    }
}
