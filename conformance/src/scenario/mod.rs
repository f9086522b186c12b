//! What a vector asks of a client, as plain values: session, calls, environment.
//!
//! Nothing here knows the client under test; a driver turns these values into its calls.
//!
//! The format is described in `oracle/FORMAT.md`, sections 2 and 3.

mod auth;
mod body;
mod call;
mod fields;
mod hooks;
mod operation;
mod places;
mod read;
mod session;

use std::collections::BTreeMap;

use serde_json::Value;

pub use auth::{AuthKind, AuthSpec};
pub use body::{Ability, BodySpec, FileContent, FileName, FileSource, FileSpec, Filelike, Item};
pub use call::{Call, CertSpec, Changes, Options, RequestSpec, TimeoutSpec, VerifySpec, Via};
pub use fields::{Field, Fields, FieldsSpec, Headers, Proxies, Scalar};
pub use hooks::{HookKind, HookSpec, Hooks};
pub use operation::{Operation, Setting};
pub use places::Places;
pub use read::{PieceSize, ReadSpec};
pub use session::{
    AdapterSpec, CookieSpec, CookiesSpec, Count, Methods, MountSpec, ProxyAuthSpec, RetrySpec,
    SessionSpec,
};

use crate::peer::{Malformed, malformed as wrong, parse_bytes as bytes};
use crate::value::Text;

/// Wall clock of a vector that names none, in Unix seconds.
pub const CLOCK: f64 = 1_700_000_000.0;

/// An argument of the reference client.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Given<T> {
    /// Left out.
    #[default]
    Absent,
    /// Passed as None, which is not the same.
    Null,
    /// Passed.
    Value(T),
}

/// Everything that a vector asks.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Wall clock at the start, in Unix seconds.
    pub clock: f64,
    /// Environment variables, apart from `HOME`; values may name places.
    pub environment: Vec<(String, String)>,
    /// Files below the vector's directory, which is `HOME`.
    pub files: Vec<(String, Vec<u8>)>,
    /// The session before the first call.
    pub session: SessionSpec,
    /// In order.
    pub steps: Vec<Step>,
}

/// One entry of `calls`.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A request with its helpers.
    Call(Box<Call>),
    /// The `next` request of the response to an earlier call.
    SendNext {
        /// Index of that call.
        of: usize,
        /// How it is sent.
        options: Options,
        /// What is read of the response.
        reads: Vec<ReadSpec>,
    },
    /// Something else done to the session.
    Operation(Operation),
}

impl Scenario {
    /// Reads a vector.
    ///
    /// # Errors
    /// If something in it is not of the form that the format gives it.
    pub fn parse(vector: &Value) -> Result<Self, Malformed> {
        let environment =
            members(vector, "env").map(|(name, value)| Ok((name.clone(), text(value)?)));
        let files =
            members(vector, "files").map(|(name, content)| Ok((name.clone(), bytes(content)?)));
        let steps = vector["calls"].as_array().ok_or_else(|| wrong("calls", vector))?;
        let mut scenario = Self {
            clock: optional(vector, "clock", number)?.unwrap_or(CLOCK),
            environment: environment.collect::<Result<_, _>>()?,
            files: files.collect::<Result<_, _>>()?,
            session: SessionSpec::parse(&vector["session"])?,
            steps: steps.iter().map(Step::parse).collect::<Result<_, _>>()?,
        };
        AuthSpec::share(scenario.auths());
        Ok(scenario)
    }

    /// Everything that is given for `auth`.
    fn auths(&mut self) -> impl Iterator<Item = &mut AuthSpec> {
        fn given(given: &mut Given<AuthSpec>) -> Option<&mut AuthSpec> {
            match given {
                Given::Value(auth) => Some(auth),
                Given::Absent | Given::Null => None,
            }
        }
        let steps = self.steps.iter_mut().filter_map(|step| match step {
            Step::Call(call) => given(&mut call.request.auth),
            Step::Operation(Operation::Set(Setting::Auth(auth))) => auth.as_mut(),
            Step::SendNext { .. } | Step::Operation(_) => None,
        });
        given(&mut self.session.auth).into_iter().chain(steps)
    }

    /// The environment with places put in and `HOME` set.
    #[must_use]
    pub fn environment(&self, places: &Places) -> BTreeMap<String, String> {
        let home = ("HOME".to_owned(), places.files.display().to_string());
        let own = self.environment.iter().map(|(n, v)| (n.clone(), places.resolve(v)));
        [home].into_iter().chain(own).collect()
    }
}

impl Step {
    fn parse(step: &Value) -> Result<Self, Malformed> {
        match step["op"].as_str() {
            None if step["op"].is_null() => Ok(Self::Call(Box::new(Call::parse(step)?))),
            None => Err(wrong("op", step)),
            Some("send_next") => {
                let of = step["of"].as_u64().and_then(|of| usize::try_from(of).ok());
                Ok(Self::SendNext {
                    of: of.ok_or_else(|| wrong("of", step))?,
                    options: Options::parse(step)?,
                    reads: read::all(&step["read"])?,
                })
            }
            Some(name) => Operation::parse(name, step).map(Self::Operation),
        }
    }
}

fn members<'a>(
    object: &'a Value,
    name: &str,
) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
    object[name].as_object().into_iter().flatten()
}

/// An array, or nothing where there is none.
fn items(array: &Value) -> Result<&[Value], Malformed> {
    match array {
        Value::Null => Ok(&[]),
        Value::Array(items) => Ok(items),
        other => Err(wrong("array", other)),
    }
}

/// A member by `parse`; absent and null are told apart.
fn given<T>(
    object: &Value,
    name: &str,
    parse: impl FnOnce(&Value) -> Result<T, Malformed>,
) -> Result<Given<T>, Malformed> {
    match object.get(name) {
        None => Ok(Given::Absent),
        Some(Value::Null) => Ok(Given::Null),
        Some(value) => parse(value).map(Given::Value),
    }
}

/// A member by `parse`; absent and null are alike.
fn optional<T>(
    object: &Value,
    name: &str,
    parse: impl FnOnce(&Value) -> Result<T, Malformed>,
) -> Result<Option<T>, Malformed> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => parse(value).map(Some),
    }
}

fn text(value: &Value) -> Result<String, Malformed> {
    value.as_str().map(str::to_owned).ok_or_else(|| wrong("text", value))
}

fn number(value: &Value) -> Result<f64, Malformed> {
    value.as_f64().ok_or_else(|| wrong("number", value))
}

fn integer(value: &Value) -> Result<i64, Malformed> {
    value.as_i64().ok_or_else(|| wrong("integer", value))
}

fn count(value: &Value) -> Result<usize, Malformed> {
    let count = value.as_u64().and_then(|count| usize::try_from(count).ok());
    count.ok_or_else(|| wrong("count", value))
}

fn flag(value: &Value) -> Result<bool, Malformed> {
    value.as_bool().ok_or_else(|| wrong("boolean", value))
}

fn text_or_bytes(value: &Value) -> Result<Text, Malformed> {
    match value {
        Value::String(text) => Ok(Text::Str(text.clone())),
        other => bytes(other).map(Text::Bytes),
    }
}

#[cfg(test)]
mod tests;
